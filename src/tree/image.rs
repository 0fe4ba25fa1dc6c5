//! The root file system of an image: layers applied in order, whiteouts honoured.
//!
//! OCI image-spec, layer.md, "Whiteouts": `.wh.name` removes `name` of the layers below, `.wh..wh..opq` all
//! that the layers below have in its folder; both leave alone what their own layer brings, wherever in the
//! layer they stand. Other names that start with `.wh..wh.` are left-overs of AUFS, which runtimes skip.

use std::collections::{BTreeMap, BTreeSet};

use super::place::{cleaned, outside, shown};
use super::root::{Below, Root};
use super::{OddityKind, Tree};
use crate::archive::{Entry, EntryKind, TarListing};

const WHITEOUT: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";
const RESERVED: &[u8] = b".wh..wh.";

/// The file system that layers add up to, each with its index among all layers of the image.
pub fn flatten(layers: &[(u32, &TarListing)]) -> Tree {
    let mut stack = Stack::new(Below::Nothing);
    for (index, listing) in layers {
        stack.apply(*index, listing);
    }
    stack.finish().upper
}

/// Layers over others that were not read: what they set, and what they take away.
///
/// Two equal overlays with an empty [`needs_lower`](Self::needs_lower) over the same lower layers make
/// the same file system, whatever those layers hold. With an entry in `needs_lower` only
/// [`flatten`] over all layers can tell.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    /// What the layers set.
    pub upper: Tree,
    /// Paths they remove from below, by a whiteout or by putting something else in a folder's place.
    pub removed: BTreeSet<Vec<u8>>,
    /// Folders of which nothing from below is left.
    pub opaque: BTreeSet<Vec<u8>>,
    /// Paths whose meaning hangs on the lower layers: hard links to something there, and folders that no
    /// entry here names (a symbolic link may stand below, and then what is in them lands elsewhere).
    pub needs_lower: Vec<Vec<u8>>,
}

/// The overlay that the upper layers of an image make, over lower layers that are not read.
pub fn overlay(layers: &[(u32, &TarListing)]) -> Overlay {
    let mut stack = Stack::new(Below::Unknown);
    for (index, listing) in layers {
        stack.apply(*index, listing);
    }
    stack.finish()
}

struct Stack {
    root: Root,
    below: Below,
    removed: BTreeSet<Vec<u8>>,
    opaque: BTreeSet<Vec<u8>>,
}

impl Stack {
    fn new(below: Below) -> Self {
        Self {
            root: Root::new(below),
            below,
            removed: BTreeSet::new(),
            opaque: BTreeSet::new(),
        }
    }

    fn apply(&mut self, index: u32, listing: &TarListing) {
        let mut own: BTreeMap<Vec<u8>, EntryKind> = BTreeMap::new();
        for entry in &listing.entries {
            if let Some((folder, name)) = whiteout(&entry.path) {
                self.too_late(entry, &own, index);
                self.white_out(entry, folder, name, index);
                continue;
            }
            if let Some(path) = self.root.locate(&entry.path) {
                if self.below == Below::Unknown {
                    self.replace(entry, &path);
                }
                let earlier = own.insert(path, entry.kind);
                if earlier
                    .is_some_and(|kind| kind != EntryKind::Directory || entry.kind != EntryKind::Directory)
                {
                    self.root.note(
                        OddityKind::Duplicate,
                        &entry.path,
                        format!(
                            "{} stands more than once in layer {index}: the last one wins",
                            shown(&entry.path)
                        ),
                    );
                }
            }
            self.root.apply(entry, index);
        }
        let plain = listing.entries.iter().filter(|e| whiteout(&e.path).is_some());
        for hidden in plain.filter_map(|e| target(&cleaned(&e.path)?)) {
            if own.contains_key(&hidden) {
                self.root.note(
                    OddityKind::Other,
                    &hidden,
                    format!(
                        "layer {index} both removes and brings it: unpackers differ in which they do last"
                    ),
                );
            }
        }
        for sentence in &listing.facts.oddities {
            self.root
                .note(OddityKind::Other, b"", format!("layer {index}: {sentence}"));
        }
        if let Some((count, digest)) = &listing.facts.trailing {
            self.root.note(
                OddityKind::TrailingBytes,
                b"",
                format!("layer {index} has {count} bytes after its end ({digest})"),
            );
        }
    }

    /// A whiteout that stands behind what its own layer brought to the place. By the specification it only
    /// hides what is below; containerd and Docker remove what they have just unpacked. So the order makes
    /// another file system, and the marker stays in the tree under a key that no file has.
    fn too_late(&mut self, entry: &Entry, own: &BTreeMap<Vec<u8>, EntryKind>, layer: u32) {
        let Some(hidden) = self.root.locate(&entry.path).as_deref().and_then(target) else {
            return;
        };
        let below = [hidden.as_slice(), b"/"].concat();
        let brought = own.contains_key(&hidden)
            || own
                .range(below.clone()..)
                .next()
                .is_some_and(|(path, _)| path.starts_with(&below));
        if brought {
            self.root
                .nodes
                .insert(outside(&entry.path), super::root::node(entry, layer));
        }
    }

    /// Over something unknown, whatever is not a folder also takes away what was there.
    fn replace(&mut self, entry: &Entry, path: &[u8]) {
        if entry.kind == EntryKind::Directory {
            // A folder takes the place of anything but a folder, whose content it leaves. If this stack
            // put something else there before, nothing from below is left under it.
            let replaced = self
                .root
                .nodes
                .get(path)
                .is_some_and(|old| old.kind != EntryKind::Directory);
            if replaced || self.removed.remove(path) {
                self.opaque.insert(path.to_vec());
            }
        } else {
            self.opaque.remove(path);
            self.forget_below(path);
            self.removed.remove(path);
        }
    }

    fn white_out(&mut self, entry: &Entry, folder: &[u8], name: &[u8], layer: u32) {
        let opaque = name == OPAQUE;
        if !opaque && (name.starts_with(RESERVED) || name == WHITEOUT) {
            self.root.note(
                OddityKind::Other,
                &entry.path,
                "is reserved by AUFS: runtimes skip it",
            );
            return;
        }
        // The marker's own place tells which folder it means; its name is never that of a link.
        let marker = self.root.locate(&[folder, b"/", name].concat());
        let Some(path) = marker
            .as_deref()
            .and_then(|at| if opaque { parent(at) } else { target(at) })
        else {
            self.root.note(
                OddityKind::OutsideRoot,
                &entry.path,
                "removes something outside the root",
            );
            return;
        };
        self.root.need_folders(marker.as_deref().unwrap_or_default());
        let stays = self.root.remove_lower(&path, layer, !opaque);
        if self.below == Below::Unknown {
            self.forget_below(&path);
            let was_folder = self
                .root
                .nodes
                .get(&path)
                .is_none_or(|n| n.kind == EntryKind::Directory);
            if opaque || (stays && was_folder) {
                self.opaque.insert(path);
            } else if !stays {
                self.opaque.remove(&path);
                self.removed.insert(path);
            }
        }
    }

    /// Marks below a path say nothing once the whole path is gone.
    fn forget_below(&mut self, path: &[u8]) {
        let (first, last) = ([path, b"/"].concat(), [path, b"0"].concat());
        for marks in [&mut self.removed, &mut self.opaque] {
            let inside: Vec<_> = marks.range(first.clone()..last.clone()).cloned().collect();
            for mark in inside {
                marks.remove(&mark);
            }
        }
    }

    fn finish(self) -> Overlay {
        let (upper, needs_lower) = self.root.finish();
        Overlay {
            upper,
            removed: self.removed,
            opaque: self.opaque,
            needs_lower,
        }
    }
}

/// The folder and name of an entry that is a whiteout.
fn whiteout(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let path = path.strip_suffix(b"/").unwrap_or(path);
    let (folder, name) = match path.iter().rposition(|b| *b == b'/') {
        Some(slash) => (path.get(..slash)?, path.get(slash + 1..)?),
        None => (&b""[..], path),
    };
    name.starts_with(WHITEOUT).then_some((folder, name))
}

/// What a plain whiteout at this place hides.
fn target(marker: &[u8]) -> Option<Vec<u8>> {
    let (folder, name) = whiteout(marker)?;
    if name.starts_with(RESERVED) {
        return None;
    }
    let hidden = name
        .strip_prefix(WHITEOUT)
        .filter(|hidden| !matches!(*hidden, b"" | b"." | b".."))?;
    cleaned(&[folder, b"/", hidden].concat())
}

/// The folder that an opaque marker at this place empties.
fn parent(marker: &[u8]) -> Option<Vec<u8>> {
    let (folder, _) = whiteout(marker)?;
    cleaned(folder)
}
