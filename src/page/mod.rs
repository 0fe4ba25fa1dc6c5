//! The page: Yew in the window, the engine in a worker, a WebAssembly module for each: the window's is small
//! and shows something at once, while the worker's arrives beside it.
//!
//! The window shows and remembers; it never reads an artifact. Everything that takes time (requests,
//! hashing, unpacking, comparing) happens in the worker, reached by the messages of [`protocol`]. The page's
//! address is its state ([`route`]), and all its words stand in [`words`].
//!
//! ```text
//! app ─ views ─ components          worker ─ engine ─ (site files | transport)
//!        │                             │
//!        └── client ── protocol ───────┘ └─ crew ─ decoders
//! ```

mod app;
mod chunk;
mod client;
mod components;
mod decoder;
mod device;
pub mod dropped;
mod engine;
pub mod kept;
mod memory;
mod picked;
mod protocol;
mod route;
mod samples;
mod sign_ins;
pub mod site_files;
pub mod transport;
mod views;
mod words;
mod worker;
mod written;

/// Starts the window's part.
pub fn start_window() {
    app::mount();
}

/// Starts the worker's part.
pub fn start_worker() {
    worker::run();
}
