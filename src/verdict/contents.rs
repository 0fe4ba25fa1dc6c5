//! The bytes behind a comparison's files: opens a [`FileRow`] on either side.
//!
//! Invariant: bytes that are handed out hash to the file's sha256 in the comparison. What was only hashed
//! (large files, most of an image) is not there, and is told apart from a side that has no such file.

use std::cell::OnceCell;
use std::ops::Deref;
use std::sync::Arc;

use super::artifact::layers;
use super::judge::flavour;
use super::trees::{self, Trees};
use super::{FileRow, index};
use crate::compare::evidence::{ArtifactPair, Evidence, Pair};
use crate::compare::packing::show_path;
use crate::limits::Limits;
use crate::oci::Digest;
use crate::tree::{Node, Tree};

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

/// The files of a comparison, opened by the rows that list them. Trees are built when first needed, and kept as
/// long as this is; the evidence is borrowed, or owned in a box.
pub struct Contents<E> {
    evidence: E,
    /// Of each pair, in their order.
    trees: Vec<OnceCell<Option<Trees>>>,
    limits: Limits,
}

impl<E: Deref<Target = Evidence>> Contents<E> {
    /// Of this evidence, within the limits it was gathered and judged with.
    pub fn new(evidence: E, limits: &Limits) -> Self {
        Self {
            trees: pairs(&evidence).iter().map(|_| OnceCell::new()).collect(),
            evidence,
            limits: limits.clone(),
        }
    }

    /// What was gathered.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The pairs of artifacts that a file may belong to: more than one only where two children of an index are
    /// of one platform.
    pub fn pairs_of(&self, row: &FileRow) -> impl Iterator<Item = &ArtifactPair> {
        let all = pairs(&self.evidence).into_iter();
        all.filter(|(platform, _)| *platform == row.platform)
            .map(|(_, pair)| pair)
    }

    /// Both sides of a file, left and right.
    pub fn open(&self, row: &FileRow) -> [Opened; 2] {
        let all = pairs(&self.evidence).into_iter().zip(&self.trees);
        let mut trees = all
            .filter(|((platform, _), _)| *platform == row.platform)
            .filter_map(|((_, pair), trees)| {
                let made = || {
                    let layer_pairs = layers::pair(&pair.left, &pair.right);
                    trees::of(pair, &layer_pairs, flavour(pair), &self.limits)
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

/// Every pair of artifacts with its platform, empty without one.
fn pairs(evidence: &Evidence) -> Vec<(String, &ArtifactPair)> {
    match &evidence.pair {
        Pair::Unreadable { .. } => Vec::new(),
        Pair::Artifacts(pair) => vec![(String::new(), &**pair)],
        Pair::Indexes(indexes) => indexes
            .children
            .iter()
            .filter_map(|child| match &child.pair {
                Some(Pair::Artifacts(pair)) => Some((index::platform_name(child), &**pair)),
                _ => None,
            })
            .collect(),
    }
}

/// What a path of the file list names in a tree.
pub fn node_at<'t>(tree: &'t Tree, path: &str) -> Option<&'t Node> {
    tree.nodes.get(path.as_bytes()).or_else(|| {
        // A path with escapes stands for bytes that are no text.
        let mut all = tree.nodes.iter();
        all.find(|(raw, _)| show_path(raw) == path).map(|(_, node)| node)
    })
}

/// `None` when the tree has another file there than the row says.
fn side(tree: &Tree, path: &str, sha256: Option<&str>) -> Option<Opened> {
    let Some(sha256) = sha256 else {
        return Some(Opened::Absent);
    };
    let node = node_at(tree, path)?;
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
