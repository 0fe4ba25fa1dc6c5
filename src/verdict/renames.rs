//! Files that moved: a removal and an addition told as one.
//!
//! A courtesy to the reader, never a pardon: the renaming weighs as much as the heavier of the two causes it
//! stands for, and where the content changed too, those two stay.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{Cause, Code, FileRow, FileStatus, Severity, Stage, Weight};
use crate::compare::files::FilePair;
use crate::compare::rename::{Candidate, Rename, pair};
use crate::limits::Limits;

/// Pairs removed and added files, rewrites their rows, and tells each pair as one cause.
pub(super) fn tell(
    files: &mut Vec<FileRow>,
    causes: &mut Vec<Cause>,
    pairs: &[FilePair<'_>],
    limits: &Limits,
) {
    let content: BTreeMap<String, &[u8]> = pairs
        .iter()
        .filter_map(|p| {
            let bytes = p.left.or(p.right)?.bytes.as_deref()?;
            Some((crate::compare::packing::show_path(p.path), bytes))
        })
        .collect();
    let candidates = |status: FileStatus| -> Vec<(usize, Candidate<'_>)> {
        files
            .iter()
            .enumerate()
            .filter(|(_, f)| f.status == status)
            .filter_map(|(i, f)| {
                let facts = f.from.as_ref().or(f.to.as_ref())?;
                let content = content.get(&f.path).copied();
                // Empty files, and files inside packed archives, say nothing by being alike.
                let tells = facts.size > 0 && !f.path.contains("!/");
                tells.then_some((
                    i,
                    Candidate {
                        path: &f.path,
                        sha256: &facts.sha256,
                        content,
                    },
                ))
            })
            .collect()
    };
    let (removed, added) = (candidates(FileStatus::Removed), candidates(FileStatus::Added));
    if removed.is_empty() || added.is_empty() {
        return;
    }
    let (removed_rows, removed): (Vec<usize>, Vec<Candidate<'_>>) = removed.into_iter().unzip();
    let (added_rows, added): (Vec<usize>, Vec<Candidate<'_>>) = added.into_iter().unzip();
    let renames: Vec<Rename> = pair(&removed, &added, limits);
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    let mut moved = Vec::new();
    for rename in renames {
        let (Some(old), Some(new)) = (removed_rows.get(rename.removed), added_rows.get(rename.added)) else {
            continue;
        };
        let Some(before) = files.get(*old).cloned() else {
            continue;
        };
        let Some(row) = files.get_mut(*new) else { continue };
        row.status = FileStatus::Renamed;
        row.from_path = Some(before.path.clone());
        row.from = before.from;
        gone.insert(*old);
        moved.push((before.path, row.path.clone(), rename.alike_percent));
    }
    let mut at = 0..;
    files.retain(|_| at.next().is_none_or(|row| !gone.contains(&row)));
    told(causes, &moved);
}

/// Tells files that moved, each `(from, to, how much of the content stayed in percent)`. No path is both a removed and an
/// added one, so each has its causes to itself.
fn told(causes: &mut Vec<Cause>, moved: &[(String, String, u8)]) {
    let mut of_path: HashMap<&str, Vec<(usize, &Cause)>> = HashMap::new();
    for (at, cause) in causes.iter().enumerate() {
        of_path.entry(&cause.path).or_default().push((at, cause));
    }
    let (mut gone, mut renamed) = (HashSet::new(), Vec::new());
    for (from, to, alike_percent) in moved {
        let at = |path: &str| of_path.get(path).map(Vec::as_slice).unwrap_or_default();
        let (old, new) = (at(from), at(to));
        let (weight, severity) = old
            .iter()
            .chain(new)
            .fold((Weight::Cosmetic, Severity::Noise), |(w, s), (_, c)| {
                (w.max(c.weight), s.max(c.severity))
            });
        // Unread outranks nothing here: what cannot be read has its own cause.
        let weight = if weight == Weight::Unread {
            Weight::Deployed
        } else {
            weight
        };
        let note = match alike_percent {
            100 => {
                let removals = old.iter().filter(|(_, c)| c.code == Code::FileRemoved);
                let additions = new.iter().filter(|(_, c)| c.code == Code::FileAdded);
                gone.extend(removals.chain(additions).map(|(at, _)| *at));
                "the same content under another path".to_owned()
            }
            n => format!("{n} % of the content is the same"),
        };
        renamed.push(
            Cause::new(Code::FileRenamed, severity, Stage::Files, weight)
                .path(to)
                .change(from, to)
                .note(note),
        );
    }
    let mut at = 0..;
    causes.retain(|_| at.next().is_none_or(|cause| !gone.contains(&cause)));
    causes.append(&mut renamed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Digest;
    use crate::verdict::FileFacts;

    fn row(path: String, status: FileStatus, content: usize) -> (FileRow, Cause) {
        let facts = Some(FileFacts {
            sha256: Digest::sha256(&content.to_be_bytes()).hex().to_owned(),
            size: 8,
            mode: "0644".into(),
            layer: None,
        });
        let (code, from, to) = match status {
            FileStatus::Removed => (Code::FileRemoved, facts, None),
            _ => (Code::FileAdded, None, facts),
        };
        let cause = Cause::new(code, Severity::Behaviour, Stage::Files, Weight::Deployed).path(path.as_str());
        let row = FileRow {
            path,
            platform: String::new(),
            status,
            from_path: None,
            class: "other".into(),
            from,
            to,
        };
        (row, cause)
    }

    #[test]
    fn a_folder_of_many_files_moved_whole_is_told_as_moves_alone() {
        const COUNT: usize = 20_000;
        let removed = (0..COUNT).map(|i| row(format!("lib/{i}"), FileStatus::Removed, i));
        let added = (0..COUNT).map(|i| row(format!("share/{i}"), FileStatus::Added, i));
        let (mut files, mut causes): (Vec<FileRow>, Vec<Cause>) = removed.chain(added).unzip();
        causes.push(
            Cause::new(Code::TarMtime, Severity::Noise, Stage::Archive, Weight::Packaging).path("lib/0"),
        );
        tell(&mut files, &mut causes, &[], &Limits::default());
        assert_eq!(files.len(), COUNT);
        for (i, file) in files.iter().enumerate() {
            assert_eq!(
                (file.status, &file.path, file.from_path.as_deref()),
                (
                    FileStatus::Renamed,
                    &format!("share/{i}"),
                    Some(format!("lib/{i}").as_str())
                )
            );
        }
        // What else was said of a path stays, before what is told now.
        assert_eq!(causes.len(), COUNT + 1);
        assert_eq!(causes[0].code, Code::TarMtime);
        for (i, cause) in causes.iter().skip(1).enumerate() {
            assert_eq!(
                (cause.code, cause.weight, cause.severity, &cause.path),
                (
                    Code::FileRenamed,
                    Weight::Deployed,
                    Severity::Behaviour,
                    &format!("share/{i}")
                )
            );
        }
    }
}
