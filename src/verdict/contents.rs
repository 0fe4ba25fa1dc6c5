//! The bytes behind a comparison's files: opens a [`FileRow`] on either side.
//!
//! Invariant: bytes that are handed out hash to the file's sha256 in the comparison. What was only hashed
//! (large files, most of an image) is not there, and is told apart from a side that has no such file.

use std::cell::OnceCell;
use std::sync::Arc;

use super::artifact::layers;
use super::judge::flavour;
use super::trees::{self, Trees};
use super::{FileRow, index};
use crate::compare::evidence::{ArtifactPair, Evidence, Pair};
use crate::compare::packing::show_path;
use crate::limits::Limits;
use crate::oci::Digest;
use crate::tree::Tree;

/// A side of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// The side has no such file.
    Absent,
    /// Its bytes.
    Bytes(Arc<[u8]>),
    /// It was compared by its hash; its bytes were not kept.
    NotKept,
}

/// The files of a comparison, opened by the rows that list them. Trees are built when first needed.
pub struct Contents<'e> {
    /// Platform (empty without one), the pair, its trees.
    pairs: Vec<(String, &'e ArtifactPair, OnceCell<Option<Trees>>)>,
    limits: &'e Limits,
}

impl<'e> Contents<'e> {
    /// Of this evidence, within the limits it was gathered and judged with.
    pub fn new(evidence: &'e Evidence, limits: &'e Limits) -> Self {
        let pairs = match &evidence.pair {
            Pair::Unreadable { .. } => Vec::new(),
            Pair::Artifacts(pair) => vec![(String::new(), &**pair, OnceCell::new())],
            Pair::Indexes(indexes) => indexes
                .children
                .iter()
                .filter_map(|child| match &child.pair {
                    Some(Pair::Artifacts(pair)) => {
                        Some((index::platform_name(child), &**pair, OnceCell::new()))
                    }
                    _ => None,
                })
                .collect(),
        };
        Self { pairs, limits }
    }

    /// Both sides of a file, left and right.
    pub fn open(&self, row: &FileRow) -> [Opened; 2] {
        let trees = self
            .pairs
            .iter()
            .filter(|(platform, ..)| *platform == row.platform);
        let mut trees = trees.filter_map(|(_, pair, trees)| {
            let made = || {
                let layer_pairs = layers::pair(&pair.left, &pair.right);
                trees::of(pair, &layer_pairs, flavour(pair), self.limits)
            };
            trees.get_or_init(made).as_ref()
        });
        // Two children may be of one platform: the hashes tell which of them is meant.
        let found = trees.find_map(|trees| {
            let old = row.from_path.as_ref().unwrap_or(&row.path);
            let left = side(&trees.left, old, row.from.as_ref().map(|f| f.sha256.as_str()))?;
            let right = side(
                &trees.right,
                &row.path,
                row.to.as_ref().map(|f| f.sha256.as_str()),
            )?;
            Some([left, right])
        });
        found.unwrap_or([Opened::NotKept, Opened::NotKept])
    }
}

/// `None` when the tree has another file there than the row says.
fn side(tree: &Tree, path: &str, sha256: Option<&str>) -> Option<Opened> {
    let Some(sha256) = sha256 else {
        return Some(Opened::Absent);
    };
    let node = tree.nodes.get(path.as_bytes()).or_else(|| {
        // A path with escapes stands for bytes that are no text.
        let mut all = tree.nodes.iter();
        all.find(|(raw, _)| show_path(raw) == path).map(|(_, node)| node)
    })?;
    if Digest::from_sha256(&node.sha256).hex() != sha256 {
        return None;
    }
    if node.size == 0 {
        return Some(Opened::Bytes(Arc::from([])));
    }
    let kept = node
        .bytes
        .clone()
        .filter(|bytes| Digest::sha256(bytes).hex() == sha256);
    Some(kept.map_or(Opened::NotKept, Opened::Bytes))
}
