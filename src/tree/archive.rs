//! The tree of an archive that is no chart: what `tar` would unpack.

use std::collections::BTreeMap;

use super::place::{case_collisions, cleaned, shown};
use super::root::{Below, Root};
use super::{OddityKind, Tree};
use crate::archive::{EntryKind, TarListing};

/// The files of an archive by path, without `./` before it; folders that no entry names are there too.
///
/// Hard links carry the content of what they link to. Names with `..` keep a key of their own that starts
/// with `//`, so that nothing is lost.
pub fn tree(listing: &TarListing) -> Tree {
    let mut root = Root::new(Below::Nothing);
    let mut seen: BTreeMap<Vec<u8>, EntryKind> = BTreeMap::new();
    for entry in &listing.entries {
        if entry.path.starts_with(b"/") {
            root.note(
                OddityKind::OutsideRoot,
                &entry.path,
                "is absolute: some unpackers drop the slash, some obey it",
            );
        } else if has_drive(&entry.path) || entry.path.contains(&b'\\') {
            root.note(
                OddityKind::OutsideRoot,
                &entry.path,
                "has a backslash or a drive letter: it means another path on Windows",
            );
        }
        if let Some(path) = cleaned(&entry.path) {
            let earlier = seen.insert(path.clone(), entry.kind);
            // A folder told twice is how tar appends; any other repetition replaces content.
            if earlier.is_some_and(|kind| kind != EntryKind::Directory || entry.kind != EntryKind::Directory)
            {
                root.note(
                    OddityKind::Duplicate,
                    &entry.path,
                    format!("{} stands more than once: the last one wins", shown(&path)),
                );
            }
        }
        root.apply(entry, 0);
    }
    let (mut tree, _) = root.finish();
    tree.oddities.extend(case_collisions(&tree.nodes));
    super::tell_facts(&mut tree, listing);
    tree
}

/// `c:/` or `c:\` at the start.
pub(super) fn has_drive(path: &[u8]) -> bool {
    matches!(path, [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic())
}
