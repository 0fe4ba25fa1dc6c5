//! The bar on top: the name, the input (but on the start page, which has it large), the theme.

use yew::prelude::*;

use super::goto::Goto;
use super::icons::{Icon, icon};
use super::input_bar::InputBar;
use super::settings::Settings;
use crate::input::link::Link;
use crate::oci::Reference;
use crate::page::device;
use crate::page::memory::{self, Theme};
use crate::page::words::words;

/// Properties of [`TopBar`].
#[derive(Properties, PartialEq)]
pub struct TopBarProps {
    /// What is looked at; nothing on the start page.
    pub here: Option<Reference>,
}

/// The bar.
#[component]
pub fn TopBar(props: &TopBarProps) -> Html {
    let w = words();
    html! {
        <header class="top">
            <a class="skip" href="#main">{ w.skip }</a>
            <Goto to={Link::default()} class="brand" label={w.home}>
                <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
                    <path class="brand-tag" fill-rule="evenodd" d="M4 5.500A2.500 2.500 0 0 1 6.500 3h9.200a3 3 0 0 1 2.100.9l9.600 9.600a3 3 0 0 1 .3 3.900q-2.400-1.600-4.800 0-2.900 1.900-5.800 0-2.900-1.900-5.800 0-2.900 1.900-5.800 0-.8-.5-1.500-.8zM10.500 7.200a2.300 2.300 0 1 0 0 4.600 2.300 2.300 0 0 0 0-4.600z" />
                    <path class="brand-tide" d="M4 22.300q2.900-1.900 5.800 0t5.800 0 5.800 0 5.800 0M7 27.600q2.600-1.700 5.200 0t5.200 0 5.200 0" />
                </svg>
                <span>{ "Tagdrift" }</span>
            </Goto>
            if let Some(here) = &props.here {
                <InputBar key={here.to_string()} start={here.to_string()} small={true} />
            }
            <div class="top-tools"><Settings /><ThemeSwitch /></div>
        </header>
    }
}

/// Light or dark; the system's until someone chooses.
#[component]
fn ThemeSwitch() -> Html {
    let w = words();
    let theme = use_state_eq(|| memory::load().theme);
    let dark = match *theme {
        Some(theme) => theme == Theme::Dark,
        None => device::prefers_dark(),
    };
    let onclick = {
        let theme = theme.setter();
        Callback::from(move |_: MouseEvent| {
            let next = Some(if dark { Theme::Light } else { Theme::Dark });
            memory::change(|m| m.theme = next);
            device::wear(next);
            theme.set(next);
        })
    };
    let label = if dark { w.to_light } else { w.to_dark };
    html! {
        <button type="button" class="quiet theme" title={label} aria-label={label} {onclick}>
            { icon(if dark { Icon::Sun } else { Icon::Moon }) }
        </button>
    }
}
