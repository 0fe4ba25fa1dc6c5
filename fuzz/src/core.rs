//! The core of `src/lib.rs` without page and native program, which would bring a hundred crates along.

#[path = "../../src/archive/mod.rs"]
pub mod archive;
#[path = "../../src/compare/mod.rs"]
pub mod compare;
#[path = "../../src/fault.rs"]
pub mod fault;
#[path = "../../src/input/mod.rs"]
pub mod input;
#[path = "../../src/limits.rs"]
pub mod limits;
#[path = "../../src/oci/mod.rs"]
pub mod oci;
#[path = "../../src/registry/mod.rs"]
pub mod registry;
#[path = "../../src/report/mod.rs"]
pub mod report;
#[path = "../../src/signer/mod.rs"]
pub mod signer;
#[path = "../../src/tree/mod.rs"]
pub mod tree;
#[path = "../../src/verdict/mod.rs"]
pub mod verdict;
