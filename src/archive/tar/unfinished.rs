//! Hashes of files that were read to their end and not computed yet: where digests are computed several at a time, the
//! longer one waits, the more of it goes along with others.
//!
//! Invariant: at most [`MOST`] wait, and none where digests do not wait for one another.

use std::collections::VecDeque;

use crate::archive::reading::Entry;
use crate::archive::sha256::{Lanes, Running};

/// Hashes that wait at most: with those of the archive and the blob they fill eight lanes.
const MOST: usize = 6;

/// They, each with the place of its entry.
#[derive(Default)]
pub(super) struct Unfinished(VecDeque<(usize, Running)>);

impl Unfinished {
    /// Takes the hash of the entry at this place; the one that waited longest may get its own now.
    pub(super) fn take(&mut self, at: usize, hash: Running, entries: &mut [Entry]) {
        self.0.push_back((at, hash));
        self.finish(if Lanes::pay() { MOST } else { 0 }, entries);
    }

    /// Computes those that waited longest, but for so many.
    pub(super) fn finish(&mut self, but: usize, entries: &mut [Entry]) {
        while self.0.len() > but
            && let Some((at, hash)) = self.0.pop_front()
        {
            if let Some(entry) = entries.get_mut(at) {
                entry.sha256 = hash.finish();
            }
        }
    }
}
