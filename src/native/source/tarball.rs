//! An uncompressed tar archive as a file: its members are found by seeking from header to header.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::part::unreadable;
use crate::fault::Fault;
use crate::limits::Limits;
use crate::registry::tarball::{Listing, Members};

/// An archive and where its members are.
#[derive(Debug)]
pub struct Tarball {
    path: PathBuf,
    members: Members,
}

impl Tarball {
    /// Lists an archive; `None` when the file does not start with a tar header.
    ///
    /// # Errors
    /// As [`Listing::take`], and what reading gives.
    pub fn read(path: &Path, limits: &Limits) -> Result<Option<Self>, Fault> {
        let mut file = File::open(path).map_err(|error| unreadable(&error))?;
        let length = file.metadata().map_err(|error| unreadable(&error))?.len();
        let mut listing = Listing::new(length, limits.clone());
        let mut bytes = Vec::new();
        while let Some((offset, size)) = listing.wants() {
            bytes.clear();
            file.seek(SeekFrom::Start(offset))
                .map_err(|error| unreadable(&error))?;
            (&mut file)
                .take(size)
                .read_to_end(&mut bytes)
                .map_err(|error| unreadable(&error))?;
            listing.take(&bytes)?;
        }
        Ok(listing.finish().map(|members| Self {
            path: path.to_owned(),
            members,
        }))
    }

    /// The archive itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Offset and size of a member's content.
    pub fn find(&self, name: &str) -> Option<(u64, u64)> {
        self.members.find(name)
    }
}
