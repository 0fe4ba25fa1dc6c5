//! The data of the OCI specifications, as values: digests, references, descriptors, manifests.
//!
//! Parsing only; nothing here fetches, compares or judges. Raw bytes stay beside what was parsed from
//! them, because the digest is a hash of the raw bytes and of nothing else.

mod descriptor;
mod digest;
mod manifest;
pub mod media_type;
mod reference;
pub mod spans;

pub use descriptor::{Descriptor, Platform};
pub use digest::{Algorithm, Digest, DigestError, Hasher};
pub use manifest::{ArtifactKind, Document, Index, Manifest, Shape};
pub use reference::{DEFAULT_REGISTRY, Reference, ReferenceError, is_loopback_host};
