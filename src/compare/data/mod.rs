//! Data (YAML, JSON) as trees: where each node stands in its text, and how two trees differ.

mod place;

pub use place::{Inside, Place, escape};
