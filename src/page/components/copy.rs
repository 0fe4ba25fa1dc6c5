//! A button that copies a text and says so.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::icons::{Icon, icon};
use crate::page::app::Page;
use crate::page::device;
use crate::page::words::words;

/// Properties of [`Copy`].
#[derive(Properties, PartialEq)]
pub struct CopyProps {
    /// What is copied.
    pub text: AttrValue,
    /// The button's words; without them it is an icon with `label` for those who cannot see it.
    #[prop_or_default]
    pub words: Option<AttrValue>,
    /// What the button does.
    pub label: AttrValue,
    /// Classes of the button.
    #[prop_or_default]
    pub class: Classes,
}

#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    None,
    Copied,
    Refused,
}

/// How long the outcome stands.
const STANDS_MS: u32 = 2_000;

/// The button. Where the browser refuses the clipboard, the text is shown for copying by hand.
#[component]
pub fn Copy(props: &CopyProps) -> Html {
    let w = words();
    let page = use_context::<Page>();
    let outcome = use_state_eq(|| Outcome::None);
    {
        let set = outcome.setter();
        use_effect_with(*outcome, move |outcome| {
            let timer = (*outcome == Outcome::Copied)
                .then(|| Timeout::new(STANDS_MS, move || set.set(Outcome::None)));
            move || drop(timer)
        });
    }
    let onclick = {
        let (text, outcome) = (props.text.clone(), outcome.setter());
        Callback::from(move |_: MouseEvent| {
            let (text, outcome, page) = (text.clone(), outcome.clone(), page.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let copied = device::copy(&text).await;
                outcome.set(if copied { Outcome::Copied } else { Outcome::Refused });
                if let (true, Some(page)) = (copied, page) {
                    page.say.emit(words().copied.to_owned());
                }
            });
        })
    };
    let shown = if *outcome == Outcome::Copied {
        Icon::Check
    } else {
        Icon::Copy
    };
    let quiet = props.words.is_none();
    html! {
        <>
            <button type="button" class={classes!(if quiet { "quiet" } else { "button" }, props.class.clone())}
                    title={props.label.clone()} aria-label={quiet.then(|| props.label.clone())} {onclick}>
                { icon(shown) }
                if let Some(text) = &props.words {
                    <span>{ if *outcome == Outcome::Copied { AttrValue::from(w.copied) } else { text.clone() } }</span>
                }
            </button>
            if *outcome == Outcome::Refused {
                <textarea class="by-hand" readonly={true} rows="2" aria-label={w.copy_by_hand}
                          value={props.text.to_string()} />
            }
        </>
    }
}
