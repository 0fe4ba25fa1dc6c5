//! What follows a header: a file's bytes, hashed where they are, or an extension's, collected.

use std::sync::Arc;

use super::sparse::{LeadingMap, Map};
use crate::archive::reading::Entry;
use crate::archive::sha256::{Lanes, Running};
use crate::fault::Fault;

/// Holes are hashed from this.
static ZEROS: [u8; 4096] = [0; 4096];

/// A file in the making.
pub(super) struct FileContent {
    pub(super) entry: Entry,
    hasher: Running,
    kept: Option<Vec<u8>>,
    holes: Holes,
}

enum Holes {
    /// Not sparse.
    None,
    /// The map is still to come from the payload.
    Leading {
        map: LeadingMap,
        real_size: u64,
        stored: u64,
    },
    /// Filling: which fragment, how far in it, and how far in the whole.
    Filling {
        map: Map,
        fragment: usize,
        inside: u64,
        position: u64,
    },
}

impl FileContent {
    pub(super) fn new(entry: Entry, keep: bool, lanes: &Lanes) -> Self {
        Self {
            entry,
            hasher: Running::new(lanes),
            kept: keep.then(Vec::new),
            holes: Holes::None,
        }
    }

    /// A sparse file whose map is known.
    pub(super) fn with_map(mut self, map: Map) -> Self {
        self.entry.size = map.real_size;
        self.holes = Holes::Filling {
            map,
            fragment: 0,
            inside: 0,
            position: 0,
        };
        self
    }

    /// A sparse file whose map leads its payload of `stored` bytes.
    pub(super) fn with_leading_map(mut self, real_size: u64, stored: u64) -> Self {
        self.entry.size = real_size;
        self.holes = Holes::Leading {
            map: LeadingMap::default(),
            real_size,
            stored,
        };
        self
    }

    /// Takes the next stored bytes, which belong to `whole` too if it is there.
    pub(super) fn take(&mut self, mut bytes: &[u8], whole: Option<&mut Running>) -> Result<(), Fault> {
        match (whole, &self.holes) {
            (Some(whole), Holes::None) => {
                Running::update_both(&mut self.hasher, whole, bytes);
                self.keep(bytes);
                return Ok(());
            }
            (None, Holes::None) => {
                self.hold(bytes);
                return Ok(());
            }
            (Some(whole), _) => whole.update(bytes),
            (None, _) => {}
        }
        if let Holes::Leading {
            map,
            real_size,
            stored,
        } = &mut self.holes
        {
            while let Some((&byte, rest)) = bytes.split_first() {
                bytes = rest;
                if map.take(byte, self.entry.offset)? {
                    break;
                }
            }
            if !map.done {
                return Ok(());
            }
            let stored = stored.saturating_sub(map.taken());
            let map = Map {
                fragments: map.fragments(),
                real_size: *real_size,
            };
            map.check(stored, self.entry.offset)?;
            self.holes = Holes::Filling {
                map,
                fragment: 0,
                inside: 0,
                position: 0,
            };
        }
        while !bytes.is_empty() {
            let Holes::Filling {
                map,
                fragment,
                inside,
                position,
            } = &mut self.holes
            else {
                break;
            };
            let Some(&(at, length)) = map.fragments.get(*fragment) else {
                break;
            };
            if *inside == length {
                *fragment += 1;
                *inside = 0;
                continue;
            }
            let hole = at.saturating_sub(*position);
            let n = usize::try_from(length - *inside)
                .unwrap_or(usize::MAX)
                .min(bytes.len());
            let (head, rest) = bytes.split_at_checked(n).unwrap_or((bytes, &[]));
            *inside += n as u64;
            *position = at + *inside;
            bytes = rest;
            self.hold_zeros(hole);
            self.hold(head);
        }
        Ok(())
    }

    /// The entry with its bytes if they were to be kept, and its hash in the making.
    pub(super) fn finish(mut self) -> Result<(Entry, Running), Fault> {
        match &self.holes {
            Holes::None => {}
            Holes::Leading { .. } => {
                return Err(Fault::malformed(format!(
                    "the sparse map at offset {} is longer than its member",
                    self.entry.offset
                )));
            }
            Holes::Filling { map, position, .. } => {
                let hole = map.real_size.saturating_sub(*position);
                self.hold_zeros(hole);
            }
        }
        self.entry.bytes = self.kept.map(Arc::from);
        Ok((self.entry, self.hasher))
    }

    fn hold(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.keep(bytes);
    }

    fn keep(&mut self, bytes: &[u8]) {
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(bytes);
        }
    }

    fn hold_zeros(&mut self, mut count: u64) {
        while count > 0 {
            let n = usize::try_from(count).unwrap_or(usize::MAX).min(ZEROS.len());
            self.hold(ZEROS.get(..n).unwrap_or_default());
            count -= n as u64;
        }
    }
}
