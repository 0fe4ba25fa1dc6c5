//! What people type, paste and open: references, log lines, addresses, page links.
//!
//! Pure text in, values out. Nothing here knows whether a repository exists; it only finds out what was
//! meant, and says what is wrong with it where nothing can be meant.
//!
//! - [`understand`]: any pasted text → what to look at.
//! - [`link`]: the page's own address ↔ its state.
//! - [`versions`]: the order in which people expect tags.

pub mod link;
mod understand;
pub mod versions;

pub use understand::{Form, Fragment, Target, Understanding, understand};
