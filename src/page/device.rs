//! The few things of the browser that views need: title, focus, scrolling, clipboard, storage, theme.

use gloo_timers::callback::Timeout;
use js_sys::Array;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, Document, Element, HtmlAnchorElement, HtmlElement, Storage, Url};

use super::memory::Theme;

/// A file to keep is at hand for so long.
const READ_MS: u32 = 60_000;

/// The document.
pub fn document() -> Option<Document> {
    web_sys::window().and_then(|w| w.document())
}

/// The local storage, where the browser allows it.
pub fn storage() -> Option<Storage> {
    web_sys::window().and_then(|w| w.local_storage().ok().flatten())
}

/// The storage of this tab, where the browser allows it.
pub fn session_storage() -> Option<Storage> {
    web_sys::window().and_then(|w| w.session_storage().ok().flatten())
}

/// Sets the window's title.
pub fn title(text: &str) {
    if let Some(document) = document() {
        document.set_title(text);
    }
}

/// Moves the keyboard to the first element that fits.
pub fn focus(selector: &str) {
    if let Some(element) = holder(selector) {
        let _ = element.focus();
    }
}

/// The first element that fits and can hold the keyboard.
pub fn holder(selector: &str) -> Option<HtmlElement> {
    find(selector)?.dyn_into().ok()
}

/// Moves the keyboard to what just opened, and brings it into view.
pub fn arrive_at(selector: &str) {
    if let Some(element) = holder(selector) {
        let _ = element.focus();
        show(&element);
    }
}

/// Brings an element into view, unless it begins in the upper half of the window already.
pub fn show(element: &Element) {
    let height = web_sys::window()
        .and_then(|w| w.inner_height().ok())
        .and_then(|height| height.as_f64())
        .unwrap_or_default();
    if !(0.0..height / 2.0).contains(&element.get_bounding_client_rect().top()) {
        element.scroll_into_view();
    }
}

/// Brings the first element that fits into view; false when there is none.
pub fn scroll_to(selector: &str) -> bool {
    let element = find(selector);
    if let Some(element) = &element {
        element.scroll_into_view();
    }
    element.is_some()
}

/// Brings the top of the page into view.
pub fn scroll_to_top() {
    if let Some(window) = web_sys::window() {
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
}

fn find(selector: &str) -> Option<Element> {
    document().and_then(|d| d.query_selector(selector).ok().flatten())
}

/// Puts a text on the clipboard; false where the browser does not let it.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    // Outside a secure context there is no clipboard at all.
    if !window.is_secure_context() {
        return false;
    }
    JsFuture::from(window.navigator().clipboard().write_text(text))
        .await
        .is_ok()
}

/// Keeps a text as a file, wherever the browser puts downloads. False where it cannot.
pub fn keep(name: &str, media_type: &str, text: &str) -> bool {
    let save = || {
        let about = BlobPropertyBag::new();
        about.set_type(&format!("{media_type};charset=utf-8"));
        let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &about).ok()?;
        let address = Url::create_object_url_with_blob(&blob).ok()?;
        let anchor: HtmlAnchorElement = document()?.create_element("a").ok()?.dyn_into().ok()?;
        anchor.set_href(&address);
        anchor.set_download(name);
        anchor.click();
        // Some browsers read it only after the click has returned.
        Timeout::new(READ_MS, move || {
            let _ = Url::revoke_object_url(&address);
        })
        .forget();
        Some(())
    };
    save().is_some()
}

/// Shows the page in a theme; without one, in the system's.
pub fn wear(theme: Option<Theme>) {
    let Some(root) = document().and_then(|d| d.document_element()) else {
        return;
    };
    let _ = match theme {
        Some(Theme::Light) => root.set_attribute("data-theme", "light"),
        Some(Theme::Dark) => root.set_attribute("data-theme", "dark"),
        None => root.remove_attribute("data-theme"),
    };
}

/// True when the device surely has no network. False does not mean that it has one.
pub fn is_offline() -> bool {
    web_sys::window().is_some_and(|w| !w.navigator().on_line())
}

/// True when the system asks for a dark page.
pub fn prefers_dark() -> bool {
    web_sys::window()
        .and_then(|w| w.match_media("(prefers-color-scheme: dark)").ok().flatten())
        .is_some_and(|m| m.matches())
}
