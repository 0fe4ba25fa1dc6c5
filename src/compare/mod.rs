//! What differs between two artifacts, as facts without judgement. What a difference means is the
//! verdict's business.
//!
//! Every comparison here answers "proven equal" only when it has a proof; anything that could not be
//! read, or that two readers could read differently, comes back as "not proven".

mod alignment;
mod children;
pub mod data;
pub mod drive;
pub mod evidence;
pub mod files;
pub mod instant;
pub mod job;
pub mod json;
pub mod layers;
pub mod lines;
pub mod manifest;
pub mod matrix;
pub mod packing;
pub mod rename;
pub mod signed;
mod survey;
pub mod template;
pub mod text;
pub mod words;
pub mod yaml;
