//! sha256 (FIPS 180-4) of bytes that come in pieces, several digests at a time.
//!
//! Every byte of a blob counts up to three times: for the digest of the blob, for that of the unpacked archive, and for
//! that of the file it belongs to. That is most of what a comparison computes, so what the machine can do with several
//! digests at once is used: processors that compute sha256 in hardware take two by turns ([`Running::update_both`]),
//! where there are no such instructions, several go in the lanes of a vector ([`Lanes`]).
//!
//! The rounds of one block at a time are the `sha2` crate's; buffering and padding are done here.

mod lanes;
mod running;
mod wide;

pub use lanes::Lanes;
pub(super) use running::Running;

/// Bytes of a block (FIPS 180-4, 5.2.1).
const BLOCK: usize = 64;

/// A block.
type Block = [u8; BLOCK];

/// The hash value between two blocks.
type State = [u32; 8];
