//! What differs between two artifacts, as facts without judgement.

pub mod evidence;
pub mod files;
pub mod instant;
pub mod manifest;
pub mod packing;
pub mod spans;
