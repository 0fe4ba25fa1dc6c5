//! A root file system in the making: entries applied one after another, as a runtime unpacks them.
//!
//! Invariants: the last entry of a path wins; what takes a folder's place removes what was in it; entries
//! go through symbolic links among their parents, inside the root (containerd resolves them so); links to
//! one inode are told the same way whichever of them came first in the archive: the path that sorts first
//! is the file, the others are hard links to it.

use std::collections::{BTreeMap, BTreeSet};

use super::place::{cleaned, deceptive, is_outside, outside, shown};
use super::{Node, Oddity, OddityKind, Tree};
use crate::archive::{Entry, EntryKind};

/// Symbolic links followed in one path, as in Linux (`MAXSYMLINKS`).
const HOPS: u32 = 40;

/// What stands below the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Below {
    /// Nothing: folders that no entry names are made, as 0755 of root.
    Nothing,
    /// Something that was not read: only what entries name is told.
    Unknown,
}

pub(super) struct Root {
    below: Below,
    pub(super) nodes: BTreeMap<Vec<u8>, Node>,
    /// Paths of inodes with several names, and what those inodes' attributes are.
    linked: BTreeMap<Vec<u8>, usize>,
    inodes: Vec<(u32, u64, u64)>,
    /// How many symbolic links there are: without any, no path needs to be followed.
    symlinks: usize,
    pub(super) oddities: Vec<Oddity>,
    /// Paths whose meaning depends on what was not read.
    needs_lower: BTreeSet<Vec<u8>>,
}

impl Root {
    pub(super) fn new(below: Below) -> Self {
        Self {
            below,
            nodes: BTreeMap::new(),
            linked: BTreeMap::new(),
            inodes: Vec::new(),
            symlinks: 0,
            oddities: Vec::new(),
            needs_lower: BTreeSet::new(),
        }
    }

    pub(super) fn note(&mut self, kind: OddityKind, path: &[u8], note: impl Into<String>) {
        self.oddities.push(Oddity {
            kind,
            path: path.to_vec(),
            note: note.into(),
        });
    }

    /// The place of a raw path, symbolic links among its parents followed; `None` when it leaves the root.
    pub(super) fn locate(&self, raw: &[u8]) -> Option<Vec<u8>> {
        let path = cleaned(raw)?;
        if self.symlinks == 0 {
            return Some(path);
        }
        self.followed(path)
    }

    fn followed(&self, path: Vec<u8>) -> Option<Vec<u8>> {
        let mut done: Vec<u8> = Vec::with_capacity(path.len());
        let mut todo: Vec<Vec<u8>> = path.split(|b| *b == b'/').rev().map(<[u8]>::to_vec).collect();
        let mut hops = 0;
        while let Some(part) = todo.pop() {
            match part.as_slice() {
                b"" | b"." => continue,
                // Inside a link's target; the root is its own parent.
                b".." => {
                    done.truncate(done.iter().rposition(|b| *b == b'/').unwrap_or(0));
                    continue;
                }
                _ => {}
            }
            let parent = done.len();
            if !done.is_empty() {
                done.push(b'/');
            }
            done.extend_from_slice(&part);
            // The last component is the entry itself, and is not followed.
            if todo.is_empty() {
                break;
            }
            if let Some(node) = self.nodes.get(&done)
                && node.kind == EntryKind::Symlink
            {
                hops += 1;
                if hops > HOPS {
                    return None;
                }
                done.truncate(if node.link.starts_with(b"/") { 0 } else { parent });
                todo.extend(node.link.split(|b| *b == b'/').rev().map(<[u8]>::to_vec));
            }
        }
        if done.is_empty() {
            done.push(b'.');
        }
        Some(done)
    }

    /// Applies one entry.
    pub(super) fn apply(&mut self, entry: &Entry, layer: u32) {
        self.oddities.extend(deceptive(&entry.path));
        let Some(path) = self.locate(&entry.path) else {
            self.note(
                OddityKind::OutsideRoot,
                &entry.path,
                "leads outside the root: unpackers refuse it or put it elsewhere",
            );
            self.nodes.insert(outside(&entry.path), node(entry, layer));
            return;
        };
        self.make_parents(&path, layer);
        if entry.kind == EntryKind::Hardlink {
            self.link(entry, path, layer);
            return;
        }
        let mut new = node(entry, layer);
        if new.kind == EntryKind::Symlink {
            // Linux has no other (symlink(7)); what the header says is lost in unpacking.
            new.mode = 0o777;
        }
        let is_folder = new.kind == EntryKind::Directory;
        let was_folder = self
            .nodes
            .get(&path)
            .is_some_and(|old| old.kind == EntryKind::Directory);
        if !(is_folder && was_folder) {
            self.remove(&path);
        }
        self.symlinks += usize::from(new.kind == EntryKind::Symlink);
        self.nodes.insert(path, new);
    }

    /// Over something unknown, a folder that no entry named may be a symbolic link there, and then what is
    /// in it lands somewhere else.
    pub(super) fn need_folders(&mut self, path: &[u8]) {
        if self.below == Below::Nothing {
            return;
        }
        let ends = path
            .iter()
            .enumerate()
            .filter(|(_, b)| **b == b'/')
            .map(|(i, _)| i);
        for parent in ends.filter_map(|end| path.get(..end)) {
            if !self.nodes.contains_key(parent) && !self.needs_lower.contains(parent) {
                self.needs_lower.insert(parent.to_vec());
            }
        }
    }

    fn make_parents(&mut self, path: &[u8], layer: u32) {
        self.need_folders(path);
        // From the deepest up: a folder's own parents were seen to when it came, and go together with it. Deep paths beside
        // each other would else be gone through whole, each of them.
        let ends = path
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, b)| **b == b'/')
            .map(|(i, _)| i);
        let mut odd = Vec::new();
        for parent in ends.filter_map(|end| path.get(..end)) {
            match self.nodes.get(parent).map(|node| node.kind) {
                Some(EntryKind::Directory) => break,
                None if self.below == Below::Unknown => {}
                None => {
                    self.nodes.insert(parent.to_vec(), implied_folder(layer));
                }
                Some(kind) => odd.push((parent.to_vec(), kind)),
            }
        }
        for (parent, kind) in odd.into_iter().rev() {
            self.note(
                OddityKind::Other,
                path,
                format!(
                    "lies below {}, which is no folder but a {}",
                    shown(&parent),
                    kind.word()
                ),
            );
        }
    }

    fn link(&mut self, entry: &Entry, path: Vec<u8>, layer: u32) {
        let target = self.locate(&entry.link);
        if target.as_ref() == Some(&path) {
            // A link to itself changes nothing.
            return;
        }
        let found = target.as_ref().and_then(|target| self.nodes.get(target)).cloned();
        let (Some(target), Some(found)) = (target, found) else {
            if self.below == Below::Unknown {
                self.needs_lower.insert(path.clone());
            } else {
                self.note(
                    OddityKind::Other,
                    &entry.path,
                    format!("is a hard link to {}, which is not there", shown(&entry.link)),
                );
            }
            self.remove(&path);
            self.nodes.insert(path, node(entry, layer));
            return;
        };
        if found.kind == EntryKind::Directory {
            self.note(OddityKind::Other, &entry.path, "is a hard link to a folder");
            self.remove(&path);
            self.nodes.insert(path, node(entry, layer));
            return;
        }
        // Unpackers set owner and mode through every name, and they belong to the inode.
        let attributes = (entry.mode, entry.uid, entry.gid);
        let inode = match self.linked.get(&target) {
            Some(&inode) => inode,
            None => {
                self.inodes.push(attributes);
                let inode = self.inodes.len() - 1;
                self.linked.insert(target, inode);
                inode
            }
        };
        if let Some(known) = self.inodes.get_mut(inode) {
            *known = attributes;
        }
        self.remove(&path);
        self.symlinks += usize::from(found.kind == EntryKind::Symlink);
        self.linked.insert(path.clone(), inode);
        self.nodes.insert(path, Node { layer, ..found });
    }

    /// Removes a path and all below it.
    pub(super) fn remove(&mut self, path: &[u8]) {
        self.remove_one(path);
        self.remove_below(path);
    }

    fn remove_below(&mut self, path: &[u8]) {
        for key in self.inside(path) {
            self.remove_one(&key);
        }
    }

    fn remove_one(&mut self, key: &[u8]) {
        if let Some(old) = self.nodes.remove(key) {
            self.forget(key, &old);
        }
    }

    /// The keys below a folder.
    fn inside(&self, path: &[u8]) -> Vec<Vec<u8>> {
        if path == b"." {
            return self
                .nodes
                .keys()
                .filter(|key| *key != b"." && !is_outside(key))
                .cloned()
                .collect();
        }
        // `0` is the byte after the slash: everything between starts with `path/`.
        let (first, last) = ([path, b"/"].concat(), [path, b"0"].concat());
        self.nodes
            .range(first..last)
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// Removes what other layers than this one brought to a path (itself included, if asked) and below;
    /// folders on the way to what stays, stay. True when anything stays.
    pub(super) fn remove_lower(&mut self, path: &[u8], layer: u32, itself: bool) -> bool {
        let mut keys = self.inside(path);
        if itself && self.nodes.contains_key(path) {
            keys.insert(0, path.to_vec());
        }
        let mut on_the_way: BTreeSet<Vec<u8>> = BTreeSet::new();
        let mut stays = false;
        for key in keys.iter().rev() {
            let own = self.nodes.get(key).is_some_and(|node| node.layer == layer);
            if !own && !on_the_way.contains(key) {
                self.remove_one(key);
                continue;
            }
            if !own
                && self
                    .nodes
                    .get(key)
                    .is_some_and(|node| node.kind != EntryKind::Directory)
            {
                // A lower layer's file is hidden, and what this layer has below it stands in a folder of its own.
                self.remove_one(key);
                self.nodes.insert(key.clone(), implied_folder(layer));
            }
            stays = true;
            let mut end = key.len();
            while let Some(slash) = key
                .get(..end)
                .and_then(|part| part.iter().rposition(|b| *b == b'/'))
            {
                // Where one ancestor is known, so are those above it.
                if !on_the_way.insert(key.get(..slash).unwrap_or_default().to_vec()) {
                    break;
                }
                end = slash;
            }
        }
        stays
    }

    fn forget(&mut self, path: &[u8], old: &Node) {
        self.linked.remove(path);
        self.symlinks -= usize::from(old.kind == EntryKind::Symlink);
    }

    /// The tree, with the names of each inode told in one way.
    pub(super) fn finish(mut self) -> (Tree, Vec<Vec<u8>>) {
        let mut first: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
        for (path, inode) in &self.linked {
            let Some(node) = self.nodes.get_mut(path) else {
                continue;
            };
            if let Some(&(mode, uid, gid)) = self.inodes.get(*inode) {
                (node.mode, node.uid, node.gid) = (mode, uid, gid);
            }
            match first.get(inode) {
                // The map is sorted: the first path of an inode that comes by is the least.
                None => {
                    first.insert(*inode, path.clone());
                }
                Some(_) if node.kind == EntryKind::Symlink => {}
                Some(file) => {
                    node.kind = EntryKind::Hardlink;
                    node.link.clone_from(file);
                }
            }
        }
        (
            Tree {
                nodes: self.nodes,
                oddities: self.oddities,
                unread: Vec::new(),
            },
            self.needs_lower.into_iter().collect(),
        )
    }
}

fn implied_folder(layer: u32) -> Node {
    Node {
        kind: EntryKind::Directory,
        mode: 0o755,
        uid: 0,
        gid: 0,
        size: 0,
        sha256: super::NOTHING,
        bytes: None,
        link: Vec::new(),
        xattrs: BTreeMap::new(),
        layer,
        expanded: false,
    }
}

/// An entry as a node.
pub(super) fn node(entry: &Entry, layer: u32) -> Node {
    let link = match entry.kind {
        EntryKind::CharDevice | EntryKind::BlockDevice => {
            format!("{}:{}", entry.device.0, entry.device.1).into_bytes()
        }
        EntryKind::Symlink | EntryKind::Hardlink => entry.link.clone(),
        _ => Vec::new(),
    };
    Node {
        kind: entry.kind,
        mode: entry.mode,
        uid: entry.uid,
        gid: entry.gid,
        size: entry.size,
        sha256: entry.sha256,
        bytes: entry.bytes.clone(),
        link,
        xattrs: attributes(entry),
        layer,
        expanded: false,
    }
}

/// Extended attributes, and what Windows layers have in their place: security descriptors, file attributes,
/// mount points (Go's backuptar writes them as records of these names).
fn attributes(entry: &Entry) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut all = entry.xattrs.clone();
    let windows = entry
        .records
        .iter()
        .filter(|(name, _)| name.starts_with(b"MSWINDOWS."));
    all.extend(windows.map(|(name, value)| (name.clone(), value.clone())));
    all
}
