//! The page's address as its state: read it, write it, step back and forth.

use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use yew::Callback;

use crate::input::link::Link;

/// What the address says now.
pub fn current() -> Link {
    Link::read(&location().and_then(|l| l.search().ok()).unwrap_or_default())
}

/// A new entry in the browser's history.
pub fn push(link: &Link) {
    if let Some(history) = web_sys::window().and_then(|w| w.history().ok()) {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&relative(link)));
    }
}

/// The same entry, said more exactly.
pub fn replace(link: &Link) {
    if let Some(history) = web_sys::window().and_then(|w| w.history().ok()) {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&relative(link)));
    }
}

/// Calls back whenever the reader steps through the history. Lives as long as the page.
pub fn listen(callback: Callback<Link>) {
    let on_pop = Closure::<dyn Fn(web_sys::Event)>::new(move |_| callback.emit(current()));
    if let Some(window) = web_sys::window() {
        let _ = window.add_event_listener_with_callback("popstate", on_pop.as_ref().unchecked_ref());
    }
    on_pop.forget();
}

/// The page's origin, as others see it.
pub fn origin() -> String {
    location().and_then(|l| l.origin().ok()).unwrap_or_default()
}

/// The whole address, for the clipboard.
pub fn absolute(link: &Link) -> String {
    let base = location()
        .and_then(|l| Some(format!("{}{}", l.origin().ok()?, l.pathname().ok()?)))
        .unwrap_or_default();
    base + &link.write()
}

/// For `href`: the query, or the bare path for the start page.
pub fn relative(link: &Link) -> String {
    let query = link.write();
    if query.is_empty() { "./".to_owned() } else { query }
}

fn location() -> Option<web_sys::Location> {
    web_sys::window().map(|w| w.location())
}
