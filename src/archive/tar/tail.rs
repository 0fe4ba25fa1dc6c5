//! What follows the last member: zero blocks, and whatever hides behind them.
//!
//! The two zero blocks that POSIX wants end an archive for every reader but `tar --ignore-zeros`. A lone
//! zero block ends it too (CPython, libarchive; GNU tar warns; Go fails), so nothing behind one is a member.

use sha2::{Digest as _, Sha256};

use super::header::BLOCK;
use crate::oci::Digest;

/// Bytes from the first zero block on.
pub(super) struct Tail {
    /// Bytes after the first zero block, up to the first that is not zero.
    zeros: u64,
    /// Hash of what stands after the end, once something there is not zero.
    hidden: Option<(u64, Sha256)>,
}

impl Tail {
    /// Starts behind a zero block.
    pub(super) fn new() -> Self {
        Self {
            zeros: 0,
            hidden: None,
        }
    }

    pub(super) fn take(&mut self, bytes: &[u8]) {
        if let Some((count, hasher)) = &mut self.hidden {
            *count += bytes.len() as u64;
            hasher.update(bytes);
            return;
        }
        let zeros = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
        self.zeros += zeros as u64;
        let rest = bytes.get(zeros..).unwrap_or_default();
        if rest.is_empty() {
            return;
        }
        let mut hasher = Sha256::new();
        // All zeros that stand before, but for the second end block, belong to what is hidden.
        let end = if self.zeros >= BLOCK as u64 {
            BLOCK as u64
        } else {
            0
        };
        let mut before = self.zeros - end;
        let mut count = before;
        while before > 0 {
            let n = usize::try_from(before).unwrap_or(BLOCK).min(BLOCK);
            hasher.update([0; BLOCK].get(..n).unwrap_or_default());
            before -= n as u64;
        }
        hasher.update(rest);
        count += rest.len() as u64;
        self.hidden = Some((count, hasher));
    }

    /// Two zero blocks at least.
    pub(super) fn ended(&self) -> bool {
        self.zeros >= BLOCK as u64
    }

    /// Whole zero blocks before anything else.
    pub(super) fn end_blocks(&self) -> u64 {
        1 + self.zeros / BLOCK as u64
    }

    /// How many bytes follow the end, and their sha256, when not all of them are zero.
    pub(super) fn trailing(&self) -> Option<(u64, Digest)> {
        self.hidden
            .as_ref()
            .map(|(count, hasher)| (*count, Digest::from_sha256(&hasher.clone().finalize().into())))
    }
}
