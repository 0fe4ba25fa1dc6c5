//! Archives inside archives: a subchart's `.tgz` in `charts/`, any `.tar`, `.zip`, `.gz`, `.zst`.
//!
//! What is an archive is told by its first bytes. A member's path joins the archive's own with `!/`; the
//! archive stays in the tree as the file it is. Invariants: depth, members and kept bytes are bounded for the
//! whole tree together; an archive that cannot be read to its end adds nothing and is told in
//! [`Tree::unread`], since half of it would prove nothing.

use std::collections::BTreeMap;

use super::{Oddity, OddityKind, Tree, archive, chart};
use crate::archive::{BlobReader, Content, Entry, EntryKind, Packing, Purpose, TarFormat, TarListing, Time};
use crate::archive::{Reading, looks_packed};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest};

/// How each expanded archive was packed, by its path: what differs when "only repacked" is true.
pub type Packings = BTreeMap<Vec<u8>, Packing>;

/// Adds the members of all archives among the tree's files whose bytes were kept, and theirs.
pub fn expand(tree: &mut Tree, limits: &Limits) -> Packings {
    let mut packings = Packings::new();
    let mut budget = Budget {
        kept_bytes: limits.kept_bytes.saturating_sub(
            tree.nodes
                .values()
                .filter_map(|n| n.bytes.as_ref())
                .map(|b| b.len() as u64)
                .sum(),
        ),
        entries: limits.entries.saturating_sub(tree.nodes.len()),
        unpacked_bytes: limits.unpacked_bytes,
    };
    let mut waiting = packed(tree.nodes.keys(), tree);
    for depth in 0..=limits.nesting {
        let mut next = Vec::new();
        for path in std::mem::take(&mut waiting) {
            if depth == limits.nesting {
                let fault = Fault::too_large("the depth of archives inside archives", limits.nesting);
                tree.unread.push((path, fault));
                continue;
            }
            let Some(bytes) = tree.nodes.get(&path).and_then(|node| node.bytes.clone()) else {
                continue;
            };
            let prefix = [path.as_slice(), b"!/"].concat();
            if tree
                .nodes
                .range(prefix.clone()..)
                .next()
                .is_some_and(|(key, _)| key.starts_with(&prefix))
            {
                // A folder that is named so would be covered by the members.
                let fault = Fault::unsupported("its members would have the paths of other files");
                tree.unread.push((path, fault));
                continue;
            }
            let reading = read(&bytes, limits, &budget);
            budget.unpacked_bytes = budget
                .unpacked_bytes
                .saturating_sub(reading.packing.uncompressed_size);
            if let Some(fault) = reading.fault {
                tree.unread.push((path, fault));
                continue;
            }
            let Some(inner) = members(tree, &path, &reading, limits) else {
                continue;
            };
            budget.spend(&inner);
            packings.insert(path.clone(), reading.packing);
            next.extend(add(tree, &path, inner));
        }
        waiting = next;
    }
    packings
}

/// What is left for all nested archives of the tree together.
struct Budget {
    kept_bytes: u64,
    entries: usize,
    unpacked_bytes: u64,
}

impl Budget {
    fn spend(&mut self, inner: &Tree) {
        let kept = inner
            .nodes
            .values()
            .filter_map(|n| n.bytes.as_ref())
            .map(|b| b.len() as u64)
            .sum();
        self.kept_bytes = self.kept_bytes.saturating_sub(kept);
        self.entries = self.entries.saturating_sub(inner.nodes.len());
    }
}

fn packed<'k>(paths: impl Iterator<Item = &'k Vec<u8>>, tree: &Tree) -> Vec<Vec<u8>> {
    paths
        .filter(|path| {
            tree.nodes.get(*path).is_some_and(|node| {
                node.kind == EntryKind::File && node.bytes.as_deref().is_some_and(looks_packed)
            })
        })
        .cloned()
        .collect()
}

fn read(bytes: &[u8], limits: &Limits, budget: &Budget) -> Reading {
    let wanted = Descriptor::of(bytes);
    let limits = Limits {
        entries: budget.entries,
        kept_bytes: budget.kept_bytes,
        kept_file_bytes: limits.kept_file_bytes.min(budget.kept_bytes),
        unpacked_bytes: budget.unpacked_bytes,
        ..limits.clone()
    };
    let mut blob = BlobReader::new(&wanted, Purpose::Files, &limits);
    // A fault is in the reading too.
    let _ = blob.push(bytes);
    blob.finish()
}

/// The members as a tree of their own; `None` for what is no archive after all.
fn members(tree: &Tree, path: &[u8], reading: &Reading, limits: &Limits) -> Option<Tree> {
    let mut inner = match &reading.content {
        Content::Tar(listing) if is_subchart(tree, path) => chart::tree(listing, limits),
        Content::Tar(listing) | Content::Zip(listing) => archive::tree(listing),
        Content::Bytes(kept) => {
            if reading.packing.members == 0 {
                return None;
            }
            let entry = Entry {
                path: single_name(path),
                kind: EntryKind::File,
                mode: 0o644,
                uid: 0,
                gid: 0,
                uname: Default::default(),
                gname: Default::default(),
                mtime: Time::default(),
                link: Vec::new(),
                size: reading.packing.uncompressed_size,
                sha256: hash(&reading.packing.uncompressed)?,
                bytes: kept.clone(),
                xattrs: BTreeMap::new(),
                records: BTreeMap::new(),
                device: (0, 0),
                format: TarFormat::V7,
                offset: 0,
            };
            archive::tree(&TarListing {
                entries: vec![entry],
                ..TarListing::default()
            })
        }
    };
    if let Some((count, digest)) = &reading.packing.trailing {
        inner.oddities.push(Oddity {
            kind: OddityKind::TrailingBytes,
            path: Vec::new(),
            note: format!("{count} bytes stand after the compressed data ({digest})"),
        });
    }
    Some(inner)
}

/// Helm unpacks a `.tgz` that lies directly in `charts/` of a chart.
fn is_subchart(tree: &Tree, path: &[u8]) -> bool {
    let Some(slash) = path.iter().rposition(|b| *b == b'/') else {
        return false;
    };
    let (folder, name) = path.split_at(slash);
    let Some(chart) = folder.strip_suffix(b"charts") else {
        return false;
    };
    let at_root = chart.is_empty() || chart.ends_with(b"/");
    at_root
        && name.ends_with(b".tgz")
        && tree
            .nodes
            .contains_key([chart, b"Chart.yaml"].concat().as_slice())
}

/// The name of the one file in a `.gz` or `.zst`.
fn single_name(path: &[u8]) -> Vec<u8> {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
    [&b".gz"[..], b".zst"]
        .into_iter()
        .find_map(|ending| name.strip_suffix(ending))
        .filter(|stem| !stem.is_empty())
        .unwrap_or(b"content")
        .to_vec()
}

fn hash(digest: &Digest) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digest.hex().as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// Puts the members below their archive; the paths of those that are archives themselves come back.
fn add(tree: &mut Tree, path: &[u8], inner: Tree) -> Vec<Vec<u8>> {
    let joined = |member: &[u8]| [path, b"!/", member].concat();
    let mut added = Vec::with_capacity(inner.nodes.len());
    for (member, node) in inner.nodes {
        let key = joined(&member);
        added.push(key.clone());
        tree.nodes.insert(key, node);
    }
    if let Some(outer) = tree.nodes.get_mut(path) {
        outer.expanded = true;
    }
    tree.oddities
        .extend(inner.oddities.into_iter().map(|oddity| Oddity {
            path: if oddity.path.is_empty() {
                path.to_vec()
            } else {
                joined(&oddity.path)
            },
            ..oddity
        }));
    packed(added.iter(), tree)
}
