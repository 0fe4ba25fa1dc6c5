//! Files that are part of the program: the page (`dist/`, built by trunk) and the sample artifacts.
//!
//! Both folders may be missing when the program is compiled, so that tests need no built page; the server
//! says so then ([`super::page`]). Paths are relative, with `/` between their parts on every system.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

#[derive(RustEmbed)]
#[folder = "dist/"]
#[allow_missing = true]
struct PageFolder;

#[derive(RustEmbed)]
#[folder = "static/demo/"]
#[allow_missing = true]
struct SampleFolder;

/// One file: its bytes and their sha256.
#[derive(Debug, Clone)]
pub struct File {
    /// The bytes.
    pub bytes: Bytes,
    /// Their sha256, from which the ETag is made.
    pub sha256: [u8; 32],
}

/// Files by path, cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Assets(Arc<BTreeMap<String, File>>);

impl Assets {
    /// The page that was embedded when the program was compiled.
    pub fn page() -> Self {
        Self::embedded::<PageFolder>()
    }

    /// The sample artifacts that were embedded: one OCI image layout per repository.
    pub fn samples() -> Self {
        Self::embedded::<SampleFolder>()
    }

    fn embedded<Folder: RustEmbed>() -> Self {
        let file = |path: std::borrow::Cow<'static, str>| {
            let embedded = Folder::get(&path)?;
            let bytes = match embedded.data {
                std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
            };
            let sha256 = embedded.metadata.sha256_hash();
            Some((path.into_owned(), File { bytes, sha256 }))
        };
        Self(Arc::new(Folder::iter().filter_map(file).collect()))
    }

    /// The file at this path.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.0.get(path)
    }

    /// Every file, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.0.iter().map(|(path, file)| (path.as_str(), file))
    }
}

/// Files made at run time, as tests do.
impl<P: Into<String>, B: Into<Bytes>> FromIterator<(P, B)> for Assets {
    fn from_iter<I: IntoIterator<Item = (P, B)>>(files: I) -> Self {
        let file = |(path, bytes): (P, B)| {
            let bytes = bytes.into();
            let sha256 = Sha256::digest(&bytes).into();
            (path.into(), File { bytes, sha256 })
        };
        Self(Arc::new(files.into_iter().map(file).collect()))
    }
}
