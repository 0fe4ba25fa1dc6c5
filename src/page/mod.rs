//! The page: Yew in the window, the engine in a worker, one WebAssembly module for both.
//!
//! The window shows and remembers; it never reads an artifact. Everything that takes time (requests,
//! hashing, unpacking, comparing) happens in the worker, reached by the messages of [`protocol`]. The page's
//! address is its state ([`route`]), and all its words stand in [`words`].
//!
//! ```text
//! app ─ views ─ components          worker ─ engine ─ (site files | transport)
//!        │                             │
//!        └── client ── protocol ───────┘
//! ```

mod app;
mod client;
mod components;
mod device;
mod engine;
pub mod kept;
mod memory;
mod protocol;
mod route;
mod samples;
pub mod site_files;
pub mod transport;
mod views;
mod words;
mod worker;
mod written;

use wasm_bindgen::JsCast as _;

/// Runs as the page where there is a window, and as the engine where there is none.
pub fn start() {
    if js_sys::global().dyn_ref::<web_sys::Window>().is_some() {
        app::mount();
    } else {
        worker::run();
    }
}
