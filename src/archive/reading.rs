//! What one blob turned out to be: plain values, made by the blob reader, used by everything after it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::parcel;
use crate::fault::Fault;
use crate::oci::Digest;

/// What the reader of a blob is for; decides what is looked into and what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// A small document (config, provenance, an in-toto statement): all bytes are kept, nothing is unpacked.
    Document,
    /// A file archive (a chart, a Flux artifact, anything): file bytes are kept up to the limits.
    Files,
    /// A layer of an image: files are hashed, not kept (short ones excepted, see the limits).
    Layer,
}

/// Files by what is in them: size and sha256. A size alone tells which files cannot be meant.
pub type Wanted = BTreeSet<(u64, [u8; 32])>;

/// Which files of an archive are kept with their bytes, as far as the limits allow.
#[derive(Debug, Clone)]
pub(super) enum Keep {
    /// None: they are hashed.
    Nothing,
    /// Each.
    Everything,
    /// Those that hold one of these contents.
    Only(Arc<Wanted>),
}

impl Keep {
    /// Whether a file of this size may be one to keep.
    pub(super) fn may(&self, size: u64) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Only(wanted) => {
                let any = wanted.range((size, [0; 32])..=(size, [0xff; 32])).next();
                any.is_some()
            }
        }
    }

    /// Whether a file that was kept so far is one to keep.
    pub(super) fn does(&self, entry: &Entry) -> bool {
        match self {
            Self::Nothing | Self::Everything => true,
            Self::Only(wanted) => wanted.contains(&(entry.size, entry.sha256)),
        }
    }
}

/// One blob, read to its end or as far as it could be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reading {
    /// The digest it was asked for, verified unless `fault` says otherwise.
    pub digest: Digest,
    /// Bytes on the wire.
    pub size: u64,
    /// How it was packed.
    pub packing: Packing,
    /// What was inside.
    pub content: Content,
    /// Why reading stopped before the end. With a fault, what is here is what was read until then and
    /// proves no equality.
    pub fault: Option<Fault>,
}

/// Compression facts, outermost only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packing {
    /// By magic bytes, not by media type.
    pub compression: Compression,
    /// sha256 of the decompressed bytes (of the blob itself when there is no compression).
    pub uncompressed: Digest,
    /// Decompressed size in bytes.
    pub uncompressed_size: u64,
    /// gzip members or zstd frames.
    pub members: u32,
    /// The first gzip member's header.
    pub gzip: Option<GzipFacts>,
    /// Skippable zstd frames, in bytes.
    pub skippable_bytes: u64,
    /// Bytes after the compressed stream that belong to no member, and their sha256 if there are any.
    pub trailing: Option<(u64, Digest)>,
}

/// What the magic bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Compression {
    /// Not compressed.
    None,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

/// The header of a gzip member (RFC 1952, 2.3).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GzipFacts {
    /// FLG as it stands.
    pub flags: u8,
    /// MTIME, seconds since 1970, 0 = none.
    pub mtime: u32,
    /// XFL: 2 = slowest, 4 = fastest.
    pub extra_flags: u8,
    /// OS: 255 = unknown, 3 = Unix.
    pub os: u8,
    /// FEXTRA's bytes.
    pub extra: Option<Vec<u8>>,
    /// FNAME.
    pub name: Option<Vec<u8>>,
    /// FCOMMENT.
    pub comment: Option<Vec<u8>>,
}

/// What is inside a blob.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Content {
    /// A tar archive.
    Tar(TarListing),
    /// A zip archive: members as entries, in central directory order.
    Zip(TarListing),
    /// Anything else; the bytes are kept when the purpose and the limits allow.
    Bytes(#[serde(with = "parcel::kept")] Option<Arc<[u8]>>),
}

/// Members of an archive in their order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct TarListing {
    /// Entries as they stand, duplicates included.
    pub entries: Vec<Entry>,
    /// Facts about the archive as a whole.
    pub facts: TarFacts,
}

/// Facts about a tar archive as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TarFacts {
    /// Dialects seen, in the order of [`TarFormat`], without repeats.
    pub formats: Vec<TarFormat>,
    /// Global PAX records, last value of each key.
    pub globals: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Zero blocks at the end.
    pub end_blocks: u64,
    /// True when two zero blocks ended it; false when the stream just stopped at a header boundary.
    pub ended: bool,
    /// When anything but zeros follows the end: how many bytes stand after the two end blocks, and their sha256.
    pub trailing: Option<(u64, Digest)>,
    /// Things that readers disagree on, each told as one sentence with its offset.
    pub oddities: Vec<String>,
}

/// tar dialects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TarFormat {
    /// Seventh edition: no magic.
    V7,
    /// POSIX.1-1988.
    Ustar,
    /// POSIX.1-2001 extended headers.
    Pax,
    /// GNU, with `L` and `K` members.
    Gnu,
    /// Schily's star.
    Star,
}

/// One member of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The path as it stands, raw bytes.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: EntryKind,
    /// Permission bits, setuid and sticky included (`mode & 0o7777`).
    pub mode: u32,
    /// Owner by number.
    pub uid: u64,
    /// Group by number.
    pub gid: u64,
    /// Owner by name; entries of one archive share the bytes.
    #[serde(with = "parcel::shared")]
    pub uname: Arc<[u8]>,
    /// Group by name; entries of one archive share the bytes.
    #[serde(with = "parcel::shared")]
    pub gname: Arc<[u8]>,
    /// Modification time.
    pub mtime: Time,
    /// Link target, raw bytes.
    pub link: Vec<u8>,
    /// Real size in bytes (sparse files: the expanded size).
    pub size: u64,
    /// sha256 of the (expanded) content; of nothing for what has none.
    pub sha256: [u8; 32],
    /// The bytes, when kept.
    #[serde(with = "parcel::kept")]
    pub bytes: Option<Arc<[u8]>>,
    /// Extended attributes (`SCHILY.xattr.*`, `LIBARCHIVE.xattr.*` decoded), by name.
    pub xattrs: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Other PAX records (atime, ctime, comment, unknown keys).
    pub records: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Device numbers.
    pub device: (u32, u32),
    /// The dialect of its header.
    pub format: TarFormat,
    /// Where its (first) header starts in the uncompressed archive.
    pub offset: u64,
}

/// Kinds of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EntryKind {
    /// A regular file (types `0`, NUL, `7`, and GNU sparse).
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A hard link to an earlier member.
    Hardlink,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
    /// Any other type flag.
    Other(u8),
}

impl EntryKind {
    /// One word for people and for the content digest.
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Directory => "dir",
            Self::Symlink => "symlink",
            Self::Hardlink => "hardlink",
            Self::CharDevice => "char",
            Self::BlockDevice => "block",
            Self::Fifo => "fifo",
            Self::Other(_) => "other",
        }
    }
}

/// An instant with nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Time {
    /// Seconds since 1970.
    pub seconds: i64,
    /// Nanoseconds, 0 to 999 999 999.
    pub nanos: u32,
}
