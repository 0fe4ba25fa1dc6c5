//! What one archive may take: memory for names, records and kept files, time for holes.
//!
//! Invariant: nothing counted here exceeds its bound in [`Limits`]; what would is a fault, or a file that is hashed and not
//! kept.

use super::BLOCK;
use crate::archive::reading::Entry;
use crate::fault::Fault;
use crate::limits::Limits;

/// What was taken so far.
pub(super) struct Budget {
    limits: Limits,
    kept: u64,
    metadata: u64,
    holes: u64,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            kept: 0,
            metadata: 0,
            holes: 0,
        }
    }

    /// Room for the bytes of a file, if there is any.
    pub(super) fn keep(&mut self, size: u64) -> bool {
        let kept = self.kept.saturating_add(size);
        let fits = size <= self.limits.kept_file_bytes && kept <= self.limits.kept_bytes;
        if fits {
            self.kept = kept;
        }
        fits
    }

    /// A file is not kept after all.
    pub(super) fn give_back(&mut self, size: u64) {
        self.kept = self.kept.saturating_sub(size);
    }

    pub(super) fn take_names(&mut self, entry: &Entry) -> Result<(), Fault> {
        let pairs = entry.xattrs.iter().chain(&entry.records);
        let grown =
            entry.path.len() + entry.link.len() + pairs.map(|(k, v)| k.len() + v.len()).sum::<usize>();
        self.take_metadata(grown as u64, entry.offset)
    }

    pub(super) fn take_metadata(&mut self, bytes: u64, offset: u64) -> Result<(), Fault> {
        self.metadata = self.metadata.saturating_add(bytes);
        if self.metadata > self.limits.metadata_bytes {
            return Err(Fault::too_large(
                &format!("names and records of the members up to offset {offset}"),
                format_args!("{} bytes", self.limits.metadata_bytes),
            ));
        }
        Ok(())
    }

    /// Holes cost time and no input: they are held against the input like any decompression.
    pub(super) fn take_holes(&mut self, bytes: u64, offset: u64) -> Result<(), Fault> {
        self.holes = self.holes.saturating_add(bytes);
        let by_ratio = offset
            .saturating_add(BLOCK as u64)
            .saturating_mul(self.limits.ratio)
            .saturating_add(self.limits.ratio_grace_bytes);
        let limit = by_ratio.min(self.limits.unpacked_bytes);
        if self.holes > limit {
            return Err(Fault::too_large(
                &format!("the holes of sparse files up to offset {offset}"),
                format_args!("{limit} bytes"),
            ));
        }
        Ok(())
    }
}
