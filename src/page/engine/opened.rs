//! What was compared, kept open: the bytes of a file on both sides, and its rows.
//!
//! Invariant: bytes shown for a file hash to the file's sha256 in the comparison; anything else is not
//! shown, and the view says why.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::archive::{Content, Reading, TarListing};
use crate::compare::evidence::{Artifact, Evidence, Layer};
use crate::compare::text::{self, Row, RowKind};
use crate::compare::{lines, text::TextDiff};
use crate::limits::Limits;
use crate::oci::{ArtifactKind, Descriptor, Digest, Reference};
use crate::page::protocol::{Body, FileView};
use crate::report::{FileFacts, FileRow};
use crate::tree::image;
use crate::verdict::{Contents, Opened as Side, node_at};

/// Rows sent at once.
const ROWS: usize = 400;

/// Unchanged lines around a change.
const CONTEXT: u32 = 3;

/// A finished comparison's evidence.
pub(super) struct Opened {
    /// Files of charts and the like; an image's are looked up layer by layer.
    contents: Contents<Box<Evidence>>,
    limits: Limits,
    /// Layers that were read again with their files' bytes.
    supplied: RefCell<BTreeMap<Digest, Reading>>,
    /// The file whose rows were made last.
    shown: RefCell<Option<Shown>>,
}

struct Shown {
    path: String,
    rows: Vec<Row>,
    left: Arc<[u8]>,
}

/// What can be had of a file on one side.
enum Bytes {
    /// The side has no such file.
    Absent,
    There(Arc<[u8]>),
    /// Why not.
    Not(String),
}

impl Opened {
    pub fn new(evidence: Evidence, limits: Limits) -> Self {
        Self {
            contents: Contents::new(Box::new(evidence), &limits),
            limits,
            supplied: RefCell::default(),
            shown: RefCell::default(),
        }
    }

    /// What was gathered.
    pub fn evidence(&self) -> &Evidence {
        self.contents.evidence()
    }

    /// The layers that have to be read again before this file can be shown.
    pub fn missing(
        &self,
        row: &FileRow,
        left: &Reference,
        right: &Reference,
    ) -> Vec<(Reference, Descriptor)> {
        let Some(pair) = self.contents.pairs_of(row).next() else {
            return Vec::new();
        };
        let mut out: Vec<(Reference, Descriptor)> = Vec::new();
        let sides = [
            (&pair.left, &row.from, left, row.from_path.as_ref()),
            (&pair.right, &row.to, right, None),
        ];
        for (artifact, facts, reference, other_path) in sides {
            let Some(layer) = facts.as_ref().and_then(|f| layer_of(artifact, f)) else {
                continue;
            };
            let path = other_path.unwrap_or(&row.path);
            let known = self.in_layer(layer, path, facts).is_some();
            if !known && !self.supplied.borrow().contains_key(&layer.descriptor.digest) {
                out.push((reference.clone(), layer.descriptor.clone()));
            }
        }
        out.dedup_by(|a, b| a.1.digest == b.1.digest);
        out
    }

    /// A layer that was read again.
    pub fn supply(&self, digest: &Digest, reading: Reading) {
        self.supplied.borrow_mut().insert(digest.clone(), reading);
    }

    /// What can be shown of a file.
    pub fn view(&self, row: &FileRow) -> FileView {
        let body = match (self.bytes(row, 0), self.bytes(row, 1)) {
            (Bytes::Not(why), _) | (_, Bytes::Not(why)) => Body::Missing(why),
            (left, right) => self.body(row, left.or_empty(), right.or_empty()),
        };
        FileView {
            file: row.clone(),
            body,
        }
    }

    fn body(&self, row: &FileRow, left: Arc<[u8]>, right: Arc<[u8]>) -> Body {
        if lines::is_binary(&left) || lines::is_binary(&right) {
            return Body::Binary(kind_of(if right.is_empty() { &left } else { &right }).to_owned());
        }
        let diff: TextDiff = match text::diff(&left, &right, &self.limits) {
            Ok(diff) => diff,
            Err(fault) => return Body::Missing(fault.to_string()),
        };
        let rows = text::rows(&left, &right, &diff, CONTEXT, &self.limits);
        let body = Body::Text {
            rows: rows.iter().take(ROWS).cloned().collect(),
            total: rows.len(),
            added: diff.added(),
            removed: diff.removed(),
            endings: [&left, &right].map(|side| lines::endings(side)),
        };
        *self.shown.borrow_mut() = Some(Shown {
            path: row.path.clone(),
            rows,
            left,
        });
        body
    }

    /// Further rows of the file that was shown last.
    pub fn more(&self, path: &str, from: usize) -> Vec<Row> {
        let shown = self.shown.borrow();
        shown
            .iter()
            .filter(|s| s.path == path)
            .flat_map(|s| s.rows.iter().skip(from).take(ROWS).cloned())
            .collect()
    }

    /// The unchanged lines that a gap of that file stands for; numbers from 1.
    pub fn between(&self, path: &str, left: u32, right: u32, count: u32) -> Vec<Row> {
        let shown = self.shown.borrow();
        let Some(shown) = shown.as_ref().filter(|s| s.path == path) else {
            return Vec::new();
        };
        shown
            .left
            .split(|b| *b == b'\n')
            .skip(left.saturating_sub(1) as usize)
            .zip(0..count)
            .map(|(line, i)| Row {
                kind: RowKind::Context,
                left_no: Some(left + i),
                right_no: Some(right + i),
                hidden: 0,
                left: Some(String::from_utf8_lossy(line).into_owned()),
                right: None,
                left_words: Vec::new(),
                right_words: Vec::new(),
            })
            .collect()
    }

    /// A file's bytes on the left (0) or right (1), held against the sha256 that the comparison states.
    fn bytes(&self, row: &FileRow, side: usize) -> Bytes {
        let facts = if side == 0 { &row.from } else { &row.to };
        let Some(facts) = facts else {
            return Bytes::Absent;
        };
        let Some(pair) = self.contents.pairs_of(row).next() else {
            return Bytes::Not("this side was not read".to_owned());
        };
        let artifact = if side == 0 { &pair.left } else { &pair.right };
        let found = match layer_of(artifact, facts) {
            Some(layer) => {
                let path = row.from_path.as_ref().filter(|_| side == 0);
                self.in_layer(layer, path.unwrap_or(&row.path), &Some(facts.clone()))
            }
            None => {
                let [left, right] = self.contents.open(row);
                match if side == 0 { left } else { right } {
                    Side::Absent => return Bytes::Absent,
                    Side::Bytes(bytes) => Some(bytes),
                    Side::NotKept => None,
                }
            }
        };
        match found {
            Some(bytes) if Digest::sha256(&bytes).hex() == facts.sha256 => Bytes::There(bytes),
            Some(_) => Bytes::Not("the bytes at hand are not those that were compared".to_owned()),
            None if facts.size > self.limits.kept_file_bytes => Bytes::Not(format!(
                "larger than the {} bytes that this page keeps of a file",
                self.limits.kept_file_bytes
            )),
            None => Bytes::Not("compared by its hash; the bytes were not kept".to_owned()),
        }
    }

    fn in_layer(&self, layer: &Layer, path: &str, facts: &Option<FileFacts>) -> Option<Arc<[u8]>> {
        // An empty file needs no bytes.
        if facts.as_ref().is_some_and(|f| f.size == 0) {
            return Some(Arc::from([]));
        }
        let listing = |reading: &Reading| match &reading.content {
            Content::Tar(listing) | Content::Zip(listing) => in_listing(listing, path),
            Content::Bytes(_) => None,
        };
        let supplied = self.supplied.borrow();
        supplied
            .get(&layer.descriptor.digest)
            .and_then(listing)
            .or_else(|| layer.reading().and_then(|r| listing(r)))
    }
}

impl Bytes {
    fn or_empty(self) -> Arc<[u8]> {
        match self {
            Self::There(bytes) => bytes,
            _ => Arc::from([]),
        }
    }
}

/// The layer of an image that a file comes from. Other artifacts have trees.
fn layer_of<'a>(artifact: &'a Artifact, facts: &FileFacts) -> Option<&'a Layer> {
    let image = artifact
        .document
        .as_ref()
        .is_some_and(|d| d.kind() == ArtifactKind::Image);
    facts
        .layer
        .filter(|_| image)
        .and_then(|n| artifact.layers.get(n as usize))
}

/// A file of one layer of an image.
fn in_listing(listing: &TarListing, path: &str) -> Option<Arc<[u8]>> {
    let tree = image::flatten(&[(0, listing)]);
    node_at(&tree, path).and_then(|node| node.bytes.clone())
}

/// What kind of binary it is, by its first bytes.
fn kind_of(bytes: &[u8]) -> &'static str {
    const KINDS: [(&[u8], &str); 12] = [
        (b"\x7fELF", "an ELF executable"),
        (b"\x1f\x8b", "gzip-compressed"),
        (b"\x28\xb5\x2f\xfd", "zstd-compressed"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\x89PNG", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"%PDF", "a PDF document"),
        (b"\xfd7zXZ", "xz-compressed"),
        (b"BZh", "bzip2-compressed"),
        (b"MZ", "a Windows executable"),
        (b"\0asm", "a WebAssembly module"),
    ];
    KINDS
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
        .map_or("binary data", |(_, name)| name)
}
