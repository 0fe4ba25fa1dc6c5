//! Unified diffs of the text files that differ, for reports that carry them.

use std::collections::BTreeMap;

use super::Comparison;
use crate::compare::evidence::Evidence;
use crate::compare::{lines, text};
use crate::limits::Limits;
use crate::verdict::{Again, Contents, FileFacts, FileRow, FileStatus, Opened, Weight};

/// Unchanged lines around a change, as `git diff` has it.
const CONTEXT: u32 = 3;
/// Bytes of one diff; a longer one ends with a line that says so.
const ONE: usize = 64 * 1024;

/// The diffs by path, those of files with a weighty cause first, until they are `most` bytes together.
/// Binary files, files whose bytes were not kept, and paths that differ from platform to platform have none.
pub fn diffs(
    comparison: &Comparison,
    contents: &Contents<&Evidence>,
    limits: &Limits,
    most: usize,
) -> Vec<(String, String)> {
    let mut left = most;
    worth_a_diff(comparison)
        .into_iter()
        .filter_map(|row| {
            let diff = one(contents, row, limits)?;
            left = left.checked_sub(diff.len())?;
            Some((row.path.clone(), diff))
        })
        .collect()
}

/// The files that differ and have one content each side, whatever the platform; those with a weighty cause first.
pub fn worth_a_diff(comparison: &Comparison) -> Vec<&FileRow> {
    let mut by_path: BTreeMap<&str, Vec<&FileRow>> = BTreeMap::new();
    for row in comparison.files.iter().filter(|f| f.status != FileStatus::Same) {
        by_path.entry(&row.path).or_default().push(row);
    }
    let hashes = |row: &FileRow| {
        let hash = |facts: &Option<FileFacts>| facts.as_ref().map(|f| f.sha256.clone());
        (hash(&row.from), hash(&row.to))
    };
    let weighty = |path: &str| {
        let mut causes = comparison.causes.iter();
        causes.any(|c| c.weight == Weight::Deployed && c.path == path)
    };
    let mut rows: Vec<&FileRow> = by_path
        .into_values()
        .filter_map(|rows| {
            let first = *rows.first()?;
            rows.iter().all(|r| hashes(r) == hashes(first)).then_some(first)
        })
        .collect();
    rows.sort_by_cached_key(|row| !weighty(&row.path));
    rows
}

/// The layers to read again before [`diffs`] can show what became of files that both sides have: what an image's layers
/// hold was hashed, not kept. Without them there are fewer diffs, and the verdict stands all the same.
pub fn missing(comparison: &Comparison, contents: &Contents<&Evidence>) -> Vec<Again> {
    let rows = worth_a_diff(comparison).into_iter();
    contents.missing(rows.filter(|row| row.from.is_some() && row.to.is_some()))
}

fn one(contents: &Contents<&Evidence>, row: &FileRow, limits: &Limits) -> Option<String> {
    let bytes = |side: Opened| match side {
        Opened::Absent => Some(Default::default()),
        Opened::Bytes(bytes) => Some(bytes),
        Opened::NotKept => None,
    };
    let [left, right] = contents.open(row);
    let (left, right) = (bytes(left)?, bytes(right)?);
    if lines::is_binary(&left) || lines::is_binary(&right) {
        return None;
    }
    let diff = text::diff(&left, &right, limits).ok()?;
    let mut unified = text::unified(&left, &right, &diff, CONTEXT);
    if unified.len() > ONE {
        unified.truncate(unified.floor_char_boundary(ONE));
        unified.truncate(unified.rfind('\n').map_or(0, |at| at + 1));
        unified.push_str("\\ The rest of this diff is left off\n");
    }
    (!unified.is_empty()).then_some(unified)
}
