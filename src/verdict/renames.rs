//! Files that moved: a removal and an addition told as one.
//!
//! A courtesy to the reader, never a pardon: the renaming weighs as much as the heavier of the two causes it
//! stands for, and where the content changed too, those two stay.

use std::collections::{BTreeMap, BTreeSet};

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
    // Each one goes through the causes. Beyond that bound both stay what they are, a removal and an addition.
    let most = limits.data_nodes.saturating_mul(50) / causes.len().max(1);
    for rename in renames.into_iter().take(most) {
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
        told(causes, &before.path, &row.path, rename.alike_percent);
    }
    let mut at = 0..;
    files.retain(|_| at.next().is_none_or(|row| !gone.contains(&row)));
}

fn told(causes: &mut Vec<Cause>, from: &str, to: &str, alike_percent: u8) {
    let is_one = |c: &Cause| {
        (c.code == Code::FileRemoved && c.path == from) || (c.code == Code::FileAdded && c.path == to)
    };
    let both = causes.iter().filter(|c| c.path == from || c.path == to);
    let (weight, severity) = both.fold((Weight::Cosmetic, Severity::Noise), |(w, s), c| {
        (w.max(c.weight), s.max(c.severity))
    });
    // Unread outranks nothing here: what cannot be read has its own cause.
    let weight = if weight == Weight::Unread {
        Weight::Deployed
    } else {
        weight
    };
    if alike_percent == 100 {
        causes.retain(|c| !is_one(c));
    }
    let note = match alike_percent {
        100 => "the same content under another path".to_owned(),
        n => format!("{n} % of the content is the same"),
    };
    causes.push(
        Cause::new(Code::FileRenamed, severity, Stage::Files, weight)
            .path(to)
            .change(from, to)
            .note(note),
    );
}
