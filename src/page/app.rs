//! The page's frame: where one is, the top bar, the view that belongs to the address.

use std::rc::Rc;

use yew::prelude::*;

use super::client::Client;
use super::components::drop_anywhere::DropAnywhere;
use super::components::top_bar::TopBar;
use super::protocol::{Known, Request, Settings};
use super::views::{compare::Compare, repository::Repository, start::Start, tag::Tag};
use super::{device, memory, route, sign_ins};
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
    /// What the reader's files hold, the last dropped first. The worker has the files.
    pub shelf: Rc<Vec<Known>>,
    /// Puts more on the shelf.
    pub shelve: Callback<Vec<Known>>,
    /// What the reader set.
    pub settings: Settings,
    /// Changes it, here, in the worker and on the device.
    pub settle: Callback<Settings>,
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
    let settings = use_state(|| memory::load().settings);
    let shelf = use_state(|| Rc::new(Vec::<Known>::new()));
    let client = use_memo((), |()| {
        let client = Client::start();
        client.tell(Request::Settle((*settings).clone()));
        sign_ins::hand_over(&client);
        client
    });
    let settle = {
        let (client, settings) = ((*client).clone(), settings.setter());
        use_callback((), move |now: Settings, ()| {
            memory::change(|m| m.settings = now.clone());
            client.tell(Request::Settle(now.clone()));
            settings.set(now);
        })
    };
    let shelve = {
        let (shelf, all) = (shelf.setter(), use_mut_ref(Vec::<Known>::new));
        use_callback((), move |mut more: Vec<Known>, ()| {
            let mut all = all.borrow_mut();
            all.retain(|k| !more.iter().any(|m| m.digest == k.digest));
            more.append(&mut all);
            *all = more;
            shelf.set(Rc::new(all.clone()));
        })
    };
    {
        let link = link.clone();
        use_effect_with((), move |()| {
            route::listen(Callback::from(move |to| link.set(to)))
        });
    }
    let go = {
        let link = link.setter();
        use_callback((), move |to: Link, ()| {
            // A file that opens in the same page comes into view by itself.
            if !route::current().is_same_page(&to) {
                device::scroll_to_top();
            }
            route::push(&to);
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
        shelf: (*shelf).clone(),
        shelve,
        settings: (*settings).clone(),
        settle,
    };
    let link = (*link).clone();
    let here = link.clone();
    let view = match &link.reference {
        None => html! { <Start {link} /> },
        Some(_) if link.from.is_some() || link.against.is_some() => html! { <Compare link={link.clone()} /> },
        Some(r) if r.tag.is_some() || r.digest.is_some() => {
            html! { <Tag key={r.to_string()} reference={r.clone()} /> }
        }
        Some(r) => html! { <Repository key={r.to_string()} reference={r.clone()} /> },
    };
    html! {
        <ContextProvider<Page> context={page}>
            <TopBar here={route::current().reference} />
            <main id="main" tabindex="-1">
                <DropAnywhere link={here} />
                { view }
            </main>
            <p class="unseen" role="status" aria-live="polite">{ (*said).clone() }</p>
        </ContextProvider<Page>>
    }
}
