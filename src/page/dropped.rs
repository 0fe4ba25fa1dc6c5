//! Files that the reader dropped or chose, read piece by piece where they lie. Nothing here can send.

use std::collections::BTreeMap;

use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::Digest;
use crate::page::chunk::Chunk;
use crate::registry::tarball::{Listing, Members};
use crate::registry::{Chunks, Files, SizedFiles};

/// Bytes that are enough to know an archive by, and to show where it is none.
const HEAD: u64 = 16;

/// Bytes read at once.
const CHUNK: u64 = 1 << 20;

/// Named files: those of a folder, or members of a tar archive.
#[derive(Debug)]
pub enum Dropped {
    /// A chosen folder, by path below it.
    Folder(BTreeMap<String, File>),
    /// An uncompressed tar archive.
    Tar(File, Members),
    /// Any other file.
    Lone(File),
}

impl Dropped {
    /// Looks whether a file is a tar archive.
    ///
    /// # Errors
    /// As [`Listing::take`], and what reading gives.
    pub async fn look(file: File, limits: &Limits) -> Result<Self, Fault> {
        let mut listing = Listing::new(length(&file), limits.clone());
        while let Some((offset, size)) = listing.wants() {
            listing.take(&read(&file, offset, size).await?.to_vec())?;
        }
        Ok(match listing.finish() {
            Some(members) => Self::Tar(file, members),
            None => Self::Lone(file),
        })
    }

    /// Holds a lone file's first bytes against those of archives: another file is better refused now than
    /// compared later.
    ///
    /// # Errors
    /// `Malformed` when it is empty, `Unsupported` when it is no archive.
    pub async fn check_lone(&self) -> Result<(), Fault> {
        let Self::Lone(file) = self else { return Ok(()) };
        let head = read(file, 0, length(file).min(HEAD)).await?.to_vec();
        // gzip (RFC 1952), zstd and its skippable frames (RFC 8878), zip (APPNOTE, 4.3.7).
        match head.as_slice() {
            [] => Err(Fault::malformed("the file is empty: 0 bytes")),
            [0x1f, 0x8b, ..]
            | [0x28, 0xb5, 0x2f, 0xfd, ..]
            | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]
            | [b'P', b'K', 3 | 5, 4 | 6, ..] => Ok(()),
            head => Err(Fault::unsupported(format!(
                "the file is no archive: it begins with {}",
                shown(head)
            ))),
        }
    }

    /// The file whole, as one blob; `None` for a folder.
    pub fn whole(&self) -> Option<Part> {
        match self {
            Self::Folder(_) => None,
            Self::Tar(file, _) | Self::Lone(file) => Some(Part::of(file, 0, length(file))),
        }
    }
}

impl Files for Dropped {
    type File<'f> = Part;

    async fn open(&self, path: &str) -> Result<Part, Fault> {
        let found = match self {
            Self::Folder(files) => files.get(path).map(|file| Part::of(file, 0, length(file))),
            Self::Tar(file, members) => members
                .find(path)
                .map(|(offset, size)| Part::of(file, offset, size)),
            Self::Lone(_) => None,
        };
        found.ok_or_else(|| Fault::new(FaultKind::Gone, "there is no such file").at(path.to_owned()))
    }

    fn place(&self) -> String {
        match self {
            Self::Folder(_) => String::new(),
            Self::Tar(file, _) | Self::Lone(file) => file.name(),
        }
    }
}

impl SizedFiles for Dropped {
    fn size(&self, path: &str) -> Option<u64> {
        match self {
            Self::Folder(files) => files.get(path).map(length),
            Self::Tar(_, members) => members.find(path).map(|(_, size)| size),
            Self::Lone(_) => None,
        }
    }
}

/// A span of a file, being read.
#[derive(Debug)]
pub struct Part {
    file: File,
    at: u64,
    end: u64,
}

impl Part {
    fn of(file: &File, offset: u64, size: u64) -> Self {
        Self {
            file: file.clone(),
            at: offset,
            end: offset.saturating_add(size),
        }
    }

    /// How many bytes are still to come.
    pub fn left(&self) -> u64 {
        self.end.saturating_sub(self.at)
    }
}

impl Chunks for Part {
    type Piece = Chunk;

    async fn chunk(&mut self) -> Result<Option<Chunk>, Fault> {
        let size = self.left().min(CHUNK);
        if size == 0 {
            return Ok(None);
        }
        let bytes = read(&self.file, self.at, size).await?;
        self.at = self.at.saturating_add(size);
        Ok(Some(bytes.into()))
    }

    async fn verified(self, _: &Digest) {}

    fn is_local(&self) -> bool {
        true
    }
}

/// Text as text, other bytes in hexadecimal.
fn shown(head: &[u8]) -> String {
    match std::str::from_utf8(head) {
        Ok(text) if !text.contains(|c: char| c.is_control() && !c.is_whitespace()) => format!("{text:?}"),
        _ => head
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

/// A file's size. JavaScript's numbers hold every size below 8 PiB.
pub fn length(file: &File) -> u64 {
    file.size() as u64
}

async fn read(file: &Blob, offset: u64, size: u64) -> Result<Uint8Array, Fault> {
    let gone = |_| {
        Fault::new(
            FaultKind::Gone,
            "the file cannot be read any more: it was moved or changed since it was chosen",
        )
    };
    let slice = file
        .slice_with_f64_and_f64(offset as f64, offset.saturating_add(size) as f64)
        .map_err(gone)?;
    let buffer = JsFuture::from(slice.array_buffer()).await.map_err(gone)?;
    let bytes = Uint8Array::new(&buffer);
    if u64::from(bytes.length()) == size {
        Ok(bytes)
    } else {
        Err(gone(wasm_bindgen::JsValue::NULL))
    }
}
