//! Rules about an artifact from the outside in: manifest, layers, packing, config, files of an image.
//!
//! Each file here is one body of rules. They take facts from `compare` and give [`Cause`](super::Cause)s;
//! none but [`claims`] looks at another's causes.

pub mod claims;
pub mod config;
pub mod diff_ids;
pub mod files;
pub mod flux;
pub mod layers;
pub mod manifest;
pub mod oddities;
pub mod packing;
pub mod stargz;
