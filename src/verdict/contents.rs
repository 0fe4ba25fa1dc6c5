//! The bytes behind a comparison's files: opens a [`FileRow`] on either side.
//!
//! Invariant: bytes that are handed out hash to the file's sha256 in the comparison. What was only hashed
//! (large files, most of an image) is not there, and is told apart from a side that has no such file.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use super::artifact::layers;
use super::judge::flavour;
use super::trees::{self, Trees};
use super::{FileFacts, FileRow, index};
use crate::archive::{Content, Reading, Wanted};
use crate::compare::evidence::{ArtifactPair, Evidence, Pair};
use crate::compare::job::SideId;
use crate::compare::packing::show_path;
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest};
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
    /// Bytes that were read later, by their sha256 in hexadecimal.
    supplied: BTreeMap<String, Arc<[u8]>>,
}

/// A layer to read again for files that were compared by their hash.
#[derive(Debug, Clone)]
pub struct Again {
    /// Whose it is.
    pub side: SideId,
    /// The layer.
    pub descriptor: Descriptor,
    /// What is in the files that are wanted.
    pub contents: Wanted,
}

impl<E: Deref<Target = Evidence>> Contents<E> {
    /// Of this evidence, within the limits it was gathered and judged with.
    pub fn new(evidence: E, limits: &Limits) -> Self {
        Self {
            trees: pairs(&evidence).iter().map(|_| OnceCell::new()).collect(),
            evidence,
            limits: limits.clone(),
            supplied: BTreeMap::new(),
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

    /// The layers that hold what was not kept of these files, in the order given as long as the limits on kept bytes
    /// allow. Hand what they hold to [`supply`](Self::supply).
    pub fn missing<'r>(&self, rows: impl Iterator<Item = &'r FileRow>) -> Vec<Again> {
        let mut missing: BTreeMap<(SideId, Digest), Again> = BTreeMap::new();
        let mut room = self.limits.kept_bytes;
        for row in rows {
            let sides = [(SideId::Left, &row.from), (SideId::Right, &row.to)];
            let sizes = sides.map(|(_, facts)| facts.as_ref().map_or(0, |f| f.size));
            let fits = sizes.iter().all(|size| *size <= self.limits.kept_file_bytes);
            let Some(rest) = room.checked_sub(sizes.iter().sum()).filter(|_| fits) else {
                continue;
            };
            let opened = self.open(row);
            if !opened.contains(&Opened::NotKept) {
                continue;
            }
            room = rest;
            for pair in self.pairs_of(row) {
                for ((side, facts), opened) in sides.iter().zip(&opened) {
                    let artifact = match side {
                        SideId::Left => &pair.left,
                        SideId::Right => &pair.right,
                    };
                    let Some(facts) = facts.as_ref().filter(|_| *opened == Opened::NotKept) else {
                        continue;
                    };
                    let layer = facts.layer.and_then(|n| artifact.layers.get(n as usize));
                    let (Some(layer), Some(sha256)) = (layer, bytes_of(&facts.sha256)) else {
                        continue;
                    };
                    let again = missing.entry((*side, layer.descriptor.digest.clone()));
                    let again = again.or_insert_with(|| Again {
                        side: *side,
                        descriptor: layer.descriptor.clone(),
                        contents: Wanted::new(),
                    });
                    again.contents.insert((facts.size, sha256));
                }
            }
        }
        missing.into_values().collect()
    }

    /// A layer that was read again.
    pub fn supply(&mut self, reading: &Reading) {
        let (Content::Tar(listing) | Content::Zip(listing)) = &reading.content else {
            return;
        };
        for entry in &listing.entries {
            if let Some(bytes) = &entry.bytes {
                let sha256 = Digest::from_sha256(&entry.sha256).hex().to_owned();
                self.supplied.entry(sha256).or_insert_with(|| bytes.clone());
            }
        }
    }

    /// Both sides of a file, left and right.
    pub fn open(&self, row: &FileRow) -> [Opened; 2] {
        let later = |opened: Opened, facts: &Option<FileFacts>| {
            let supplied = || self.supplied.get(&facts.as_ref()?.sha256).cloned();
            match opened {
                Opened::NotKept => supplied().map_or(Opened::NotKept, Opened::Bytes),
                there => there,
            }
        };
        let [left, right] = self.first_read(row);
        [later(left, &row.from), later(right, &row.to)]
    }

    fn first_read(&self, row: &FileRow) -> [Opened; 2] {
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

fn bytes_of(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
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
