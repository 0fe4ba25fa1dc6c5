//! Tagdrift's core: same tag, new digest: did anything real change?
//!
//! Everything in this library works on bytes and values that were handed in. It opens no socket,
//! reads no clock, draws no random number and writes no log, so that the page (WebAssembly in a web
//! worker) and the native program drive the very same code and reach the very same verdict.
//!
//! Data flows one way, and a module knows only those before it:
//!
//! ```text
//! input → oci → registry → archive → tree → compare → verdict → report
//! ```
//!
//! The first law: **what was not proven equal is never called equal**, and what could not be read
//! is "cannot tell".

pub mod archive;
pub mod compare;
pub mod fault;
pub mod input;
pub mod limits;
pub mod oci;
pub mod registry;
pub mod report;
pub mod signer;
pub mod tree;
pub mod verdict;

#[cfg(not(target_arch = "wasm32"))]
pub mod native;
#[cfg(target_arch = "wasm32")]
pub mod page;
