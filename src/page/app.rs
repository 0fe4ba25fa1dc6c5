//! The page's frame: where one is, the top bar, the view that belongs to the address.

use yew::prelude::*;

use super::client::Client;
use super::components::top_bar::TopBar;
use super::views::{compare::Compare, repository::Repository, start::Start, tag::Tag};
use super::{device, memory, route};
use crate::input::link::Link;

/// What every view may use.
#[derive(Clone, PartialEq)]
pub struct Page {
    /// The worker.
    pub client: Client,
    /// Goes somewhere, with a new entry in the history.
    pub go: Callback<Link>,
    /// Says the same address more exactly, without a new entry.
    pub refine: Callback<Link>,
    /// Says something to a screen reader.
    pub say: Callback<String>,
}

/// Starts Yew.
pub fn mount() {
    let Some(root) = device::document().and_then(|d| d.get_element_by_id("page")) else {
        return;
    };
    root.set_inner_html("");
    device::wear(memory::load().theme);
    yew::Renderer::<App>::with_root(root).render();
}

#[component]
fn App() -> Html {
    let link = use_state(route::current);
    let said = use_state_eq(String::new);
    let client = use_memo((), |()| Client::start());
    {
        let link = link.clone();
        use_effect_with((), move |()| {
            route::listen(Callback::from(move |to| link.set(to)))
        });
    }
    let go = {
        let link = link.setter();
        use_callback((), move |to: Link, ()| {
            route::push(&to);
            device::scroll_to_top();
            link.set(to);
        })
    };
    let refine = {
        let link = link.setter();
        use_callback((), move |to: Link, ()| {
            route::replace(&to);
            link.set(to);
        })
    };
    let say = {
        let said = said.setter();
        use_callback((), move |text: String, ()| said.set(text))
    };
    let page = Page {
        client: (*client).clone(),
        go,
        refine,
        say,
    };
    let link = (*link).clone();
    let view = match &link.reference {
        None => html! { <Start {link} /> },
        Some(_) if link.from.is_some() => html! { <Compare link={link.clone()} /> },
        Some(r) if r.tag.is_some() || r.digest.is_some() => {
            html! { <Tag key={r.to_string()} reference={r.clone()} /> }
        }
        Some(r) => html! { <Repository key={r.to_string()} reference={r.clone()} /> },
    };
    html! {
        <ContextProvider<Page> context={page}>
            <TopBar here={route::current().reference} />
            <main id="main" tabindex="-1">{ view }</main>
            <p class="unseen" role="status" aria-live="polite">{ (*said).clone() }</p>
        </ContextProvider<Page>>
    }
}
