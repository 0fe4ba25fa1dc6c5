//! File trees: a chart's, an image's (layers flattened), nested archives. Raw byte paths are the keys.
//!
//! A tree is what a reader of the archive would see: Helm for charts (first folder dropped, paths cleaned,
//! the last of two equal names wins), a container runtime for images (layers applied in order, whiteouts
//! honoured).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::archive::{EntryKind, TarListing};

pub mod archive;
pub mod chart;
pub mod content_digest;
pub mod image;
pub mod nested;
mod place;
mod root;

/// sha256 of nothing: what folders, links and devices carry.
const NOTHING: [u8; 32] = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// Path → node, sorted by path bytes. Paths are relative to the root, without `./`; a path inside a nested
/// archive is joined to the archive's own with `!/`.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// The nodes.
    pub nodes: BTreeMap<Vec<u8>, Node>,
    /// What a reader should know before believing the tree: duplicates, paths outside the root, case
    /// collisions, entries that only some readers see.
    pub oddities: Vec<Oddity>,
    /// What could not be unpacked, as (path, why): nested archives that are broken or beyond a limit.
    pub unread: Vec<(Vec<u8>, crate::fault::Fault)>,
}

/// One node of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: EntryKind,
    /// Permission bits, `0o7777`.
    pub mode: u32,
    /// Owner by number.
    pub uid: u64,
    /// Group by number.
    pub gid: u64,
    /// Size in bytes.
    pub size: u64,
    /// sha256 of the content.
    pub sha256: [u8; 32],
    /// The bytes, when kept.
    pub bytes: Option<Arc<[u8]>>,
    /// Link target, or device numbers as `major:minor`.
    pub link: Vec<u8>,
    /// Extended attributes.
    pub xattrs: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Which layer brought it, from 0.
    pub layer: u32,
    /// True when this is an archive whose members are in the tree too (`path!/member`).
    pub expanded: bool,
}

/// Something in an archive that readers disagree on, or that hides content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// What kind.
    pub kind: OddityKind,
    /// The raw path.
    pub path: Vec<u8>,
    /// One sentence.
    pub note: String,
}

/// Kinds of oddities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OddityKind {
    /// The name stands more than once; the last wins.
    Duplicate,
    /// The name stands more than once with other bytes, and more than the last counts. The note tells those apart.
    EarlierCounts,
    /// Names that differ only in letter case.
    CaseCollision,
    /// Absolute, with `..`, with a backslash or a drive letter: outside the root for some readers.
    OutsideRoot,
    /// Outside the chart's own folder, where Helm does not look the same way as `tar`.
    OutsideChart,
    /// A link or device where only files are expected.
    LinkInChart,
    /// Control, invisible or bidirectional characters, or look-alike letters in a path.
    DeceptivePath,
    /// Within the chart, but Helm does not load such a chart.
    Refused,
    /// Bytes after the end of the archive.
    TrailingBytes,
    /// Anything else, told by the note.
    Other,
}

/// What readers of the archive disagree on, and what hides behind its end, as oddities of the tree.
fn tell_facts(tree: &mut Tree, listing: &TarListing) {
    if let Some((count, digest)) = &listing.facts.trailing {
        tree.oddities.push(Oddity {
            kind: OddityKind::TrailingBytes,
            path: Vec::new(),
            note: format!("{count} bytes stand after the end of the archive ({digest})"),
        });
    }
    for sentence in &listing.facts.oddities {
        tree.oddities.push(Oddity {
            kind: OddityKind::Other,
            path: Vec::new(),
            note: sentence.clone(),
        });
    }
}
