//! The tree of a chart, as Helm reads it (`LoadArchiveFiles` in Helm 3 and 4).
//!
//! Folders are skipped; the first component of every name is dropped, whatever it is; the rest is cleaned;
//! what Helm refuses is kept under a key of its own that starts with `//`, so that a difference there is
//! seen. Of equal names the last wins, because later parts of Helm overwrite what earlier ones set. A file
//! mark (BOM) at the start, which Helm trims, is left: the bytes are shown as they are.

use std::collections::BTreeMap;

use super::archive::has_drive;
use super::place::{case_collisions, deceptive, outside, shown};
use super::root::node;
use super::{NOTHING, Oddity, OddityKind, Tree};
use crate::archive::{EntryKind, TarListing};
use crate::limits::Limits;

/// Helm's own bound on one file (`MaxDecompressedFileSize`), told as an oddity: Helm refuses such a chart.
const HELM_FILE_BYTES: u64 = 5 * 1024 * 1024;

/// The files of a chart by their path in it (`Chart.yaml`, `templates/…`).
pub fn tree(listing: &TarListing, limits: &Limits) -> Tree {
    let mut tree = Tree::default();
    let mut raw_names: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    let mut folder: Option<Vec<u8>> = None;
    let mut other_folders: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    for entry in listing.entries.iter().take(limits.entries) {
        if entry.kind == EntryKind::Directory {
            continue;
        }
        tree.oddities.extend(deceptive(&entry.path));
        let mut note = |kind, why: String| {
            tree.oddities.push(Oddity {
                kind,
                path: entry.path.clone(),
                note: why,
            });
        };
        let placed = placed(&entry.path);
        let key = match &placed {
            Ok((first, path)) => {
                let chart = folder.get_or_insert_with(|| first.clone());
                if first != chart && !other_folders.contains_key(first) {
                    other_folders.insert(first.clone(), entry.path.clone());
                }
                path.clone()
            }
            Err(why) => {
                note(OddityKind::OutsideRoot, format!("Helm refuses the chart: {why}"));
                outside(&entry.path)
            }
        };
        if placed.is_ok() && entry.path.contains(&b'\\') {
            note(
                OddityKind::OutsideRoot,
                "has a backslash: Helm separates folders there, tar does not".to_owned(),
            );
        } else if placed.is_ok() && entry.path.split(|b| *b == b'/').any(|part| part == b"..") {
            note(
                OddityKind::OutsideRoot,
                "has a parent folder in its path: Helm resolves it, unpackers refuse it".to_owned(),
            );
        }
        if entry.kind != EntryKind::File {
            note(
                OddityKind::LinkInChart,
                format!("is a {}, which Helm reads as an empty file", entry.kind.word()),
            );
        }
        if entry.size > HELM_FILE_BYTES {
            note(
                OddityKind::Refused,
                format!(
                    "Helm refuses the chart: the file has {} bytes, its limit is {HELM_FILE_BYTES}",
                    entry.size
                ),
            );
        }
        let mut new = node(entry, 0);
        if !matches!(entry.kind, EntryKind::File | EntryKind::Other(_)) {
            new.sha256 = NOTHING;
            new.size = 0;
        }
        if let Some(raw) = raw_names.insert(key.clone(), entry.path.clone()) {
            let why = if raw == entry.path {
                "stands more than once: the last one wins".to_owned()
            } else {
                format!("is the same file to Helm as {}: the last one wins", shown(&raw))
            };
            note(OddityKind::Duplicate, why);
        }
        if let Some(old) = tree.nodes.get(&key)
            && old.sha256 != new.sha256
            && earlier_counts(&key)
        {
            let sha = crate::oci::Digest::from_sha256(&old.sha256);
            tree.oddities.push(Oddity {
                kind: OddityKind::EarlierCounts,
                path: entry.path.clone(),
                note: format!("stands more than once, and Helm also reads the one with {sha}"),
            });
        }
        tree.nodes.insert(key, new);
    }
    for (first, path) in other_folders {
        let chart = folder.as_deref().unwrap_or_default();
        tree.oddities.push(Oddity {
            kind: OddityKind::OutsideChart,
            path,
            note: format!(
                "stands in {} and not in {}: Helm drops the first folder's name and reads it as part of the chart",
                shown(&first),
                shown(chart)
            ),
        });
    }
    tree.oddities.extend(case_collisions(&tree.nodes));
    super::tell_facts(&mut tree, listing);
    tree
}

/// Where Helm does not let the last of two equal names win (`loader.LoadFiles`): the fields of Chart.yaml and
/// requirements.yaml are read into one another, every definition in `crds/` is installed, and the first archive of a
/// subchart is taken.
fn earlier_counts(path: &[u8]) -> bool {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
    let definition = path.starts_with(b"crds/") || path.windows(6).any(|w| w == b"/crds/");
    definition
        || matches!(name, b"Chart.yaml" | b"requirements.yaml")
        || (name.ends_with(b".tgz") && path.windows(7).any(|w| w == b"charts/"))
}

/// The first component and the cleaned rest, or why Helm refuses the name.
fn placed(raw: &[u8]) -> Result<(Vec<u8>, Vec<u8>), &'static str> {
    // Helm takes the backslash as the separator of a name that has one, and then leaves slashes alone in
    // dropping the first component; cleaning then sees both.
    let separator = if raw.contains(&b'\\') { b'\\' } else { b'/' };
    let mut parts = raw.splitn(2, |b| *b == separator);
    let first = parts.next().unwrap_or_default();
    let rest: Vec<u8> = parts
        .next()
        .unwrap_or_default()
        .iter()
        .map(|b| if *b == separator { b'/' } else { *b })
        .collect();
    if rest.starts_with(b"/") {
        return Err("the name is absolute below the first folder");
    }
    let path = clean(&rest);
    if path == b"." {
        return Err("the name lies outside the chart's folder");
    }
    if path.starts_with(b"..") {
        return Err("the name leads to the parent folder");
    }
    if has_drive(&path) {
        return Err("the name starts with a drive letter");
    }
    if first == b"Chart.yaml" {
        return Err("Chart.yaml is not in the chart's folder");
    }
    Ok((first.to_vec(), path))
}

/// Go's `path.Clean` for relative paths: `..` takes back what stands before it.
fn clean(path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        b".".to_vec()
    } else {
        parts.join(&b'/')
    }
}
