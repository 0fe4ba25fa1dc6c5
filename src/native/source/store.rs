//! Files of a layout: below a folder, or members of a tar archive.

use std::path::{Path, PathBuf};

use super::part::{Part, unreadable};
use super::tarball::Tarball;
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::registry::{Files, SizedFiles};

/// Named files, wherever they are.
#[derive(Debug)]
pub enum Store {
    /// Below this folder, whose path has no links in it.
    Folder(PathBuf),
    /// In this archive.
    Tar(Tarball),
    /// In a file that is no uncompressed tar archive: there are none.
    Nothing(PathBuf),
}

impl Store {
    /// Opens a folder or a file.
    ///
    /// # Errors
    /// `Gone` when there is nothing; `Malformed` when a tar archive is broken.
    pub async fn open(path: &Path, limits: &Limits) -> Result<Self, Fault> {
        let root = tokio::fs::canonicalize(path)
            .await
            .map_err(|error| unreadable(&error))?;
        let facts = tokio::fs::metadata(&root)
            .await
            .map_err(|error| unreadable(&error))?;
        if facts.is_dir() {
            return Ok(Self::Folder(root));
        }
        if !facts.is_file() {
            return Err(Fault::unsupported("neither a file nor a folder"));
        }
        let limits = limits.clone();
        let archive = root.clone();
        // Many small seeks and reads: done in one go on a thread of its own.
        let listed = tokio::task::spawn_blocking(move || Tarball::read(&archive, &limits))
            .await
            .map_err(|error| Fault::new(FaultKind::Cancelled, format!("reading was cut short: {error}")))??;
        Ok(listed.map_or(Self::Nothing(root), Self::Tar))
    }

    /// True for a folder.
    pub fn is_folder(&self) -> bool {
        matches!(self, Self::Folder(_))
    }

    /// True when there is a file of this name.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Folder(root) => root.join(name).is_file(),
            Self::Tar(tarball) => tarball.find(name).is_some(),
            Self::Nothing(_) => false,
        }
    }
}

impl Files for Store {
    type File<'f> = Part;

    async fn open(&self, name: &str) -> Result<Part, Fault> {
        let gone = || Fault::new(FaultKind::Gone, "there is no such file").at(name.to_owned());
        match self {
            Self::Folder(root) => {
                let path = tokio::fs::canonicalize(root.join(name))
                    .await
                    .map_err(|error| unreadable(&error).at(name.to_owned()))?;
                if !path.starts_with(root) {
                    return Err(
                        Fault::malformed("the layout links to a file outside of it: refused")
                            .at(name.to_owned()),
                    );
                }
                let facts = tokio::fs::metadata(&path)
                    .await
                    .map_err(|error| unreadable(&error))?;
                if !facts.is_file() {
                    return Err(gone());
                }
                Part::open(&path, 0, facts.len()).await
            }
            Self::Tar(tarball) => {
                let (offset, size) = tarball.find(name).ok_or_else(gone)?;
                Part::open(tarball.path(), offset, size).await
            }
            Self::Nothing(_) => Err(gone()),
        }
    }

    fn place(&self) -> String {
        match self {
            Self::Folder(path) | Self::Nothing(path) => path.display().to_string(),
            Self::Tar(tarball) => tarball.path().display().to_string(),
        }
    }
}

impl SizedFiles for Store {
    fn size(&self, name: &str) -> Option<u64> {
        match self {
            Self::Folder(root) => std::fs::metadata(root.join(name)).ok().map(|facts| facts.len()),
            Self::Tar(tarball) => tarball.find(name).map(|(_, size)| size),
            Self::Nothing(_) => None,
        }
    }
}
