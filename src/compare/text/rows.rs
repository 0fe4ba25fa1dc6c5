//! A diff as rows for a viewer: both sides beside each other, or one below the other.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Hunk, TextDiff, lines};
use crate::{compare::words, limits::Limits};

/// What a row shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowKind {
    /// A line that both texts have.
    Context,
    /// A line that only the left text has.
    Removed,
    /// A line that only the right text has.
    Added,
    /// A line of the left text beside the one it became.
    Changed,
    /// Lines that both texts have and that are not shown.
    Gap,
}

/// One row of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// What it shows.
    pub kind: RowKind,
    /// Line number in the left text, from 1; of a gap, its first line.
    pub left_no: Option<u32>,
    /// Line number in the right text.
    pub right_no: Option<u32>,
    /// Lines hidden by a gap, else 0.
    #[serde(default)]
    pub hidden: u32,
    /// The left line without its line feed. Absent where there is none, and in a gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// The right line; absent in context rows, where it is the left one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<String>,
    /// Of a changed row: which bytes of `left` changed. Empty: all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_words: Vec<Range<u32>>,
    /// Of a changed row: which bytes of `right` changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub right_words: Vec<Range<u32>>,
}

impl Row {
    fn new(kind: RowKind, left_no: Option<u32>, right_no: Option<u32>) -> Self {
        Self {
            kind,
            left_no: left_no.map(|n| n + 1),
            right_no: right_no.map(|n| n + 1),
            hidden: 0,
            left: None,
            right: None,
            left_words: Vec::new(),
            right_words: Vec::new(),
        }
    }
}

/// The rows of a diff with so many lines of context around each hunk; the rest is told as gaps.
pub fn rows(
    left: impl AsRef<[u8]>,
    right: impl AsRef<[u8]>,
    diff: &TextDiff,
    context: u32,
    limits: &Limits,
) -> Vec<Row> {
    let (left, right) = (lines(left.as_ref()), lines(right.as_ref()));
    let mut rows = Vec::new();
    let (mut at, mut other) = (0u32, 0u32);
    let end = |lines: &[&[u8]]| u32::try_from(lines.len()).unwrap_or(u32::MAX);
    for (index, hunk) in diff.hunks.iter().enumerate() {
        let lead = if index == 0 { 0 } else { context };
        equal(&mut rows, &left, at..hunk.left.start, other, lead, context);
        changed(&mut rows, &left, &right, hunk, limits);
        (at, other) = (hunk.left.end, hunk.right.end);
    }
    let lead = if diff.hunks.is_empty() { 0 } else { context };
    equal(&mut rows, &left, at..end(&left), other, lead, 0);
    rows
}

/// Lines that both have: `lead` shown at the start, `trail` at the end, the rest hidden.
fn equal(rows: &mut Vec<Row>, left: &[&[u8]], range: Range<u32>, other: u32, lead: u32, trail: u32) {
    let count = range.end.saturating_sub(range.start);
    let hidden = count.saturating_sub(lead.saturating_add(trail));
    let shown = |i: u32| {
        let mut row = Row::new(RowKind::Context, Some(range.start + i), Some(other + i));
        row.left = text(left, range.start + i);
        row
    };
    let gap_at = lead.min(count);
    rows.extend((0..gap_at).map(shown));
    if hidden > 0 {
        let mut gap = Row::new(RowKind::Gap, Some(range.start + gap_at), Some(other + gap_at));
        gap.hidden = hidden;
        rows.push(gap);
    }
    rows.extend((gap_at + hidden..count).map(shown));
}

fn changed(rows: &mut Vec<Row>, left: &[&[u8]], right: &[&[u8]], hunk: &Hunk, limits: &Limits) {
    let (gone, come) = (hunk.left.end - hunk.left.start, hunk.right.end - hunk.right.start);
    for i in 0..gone.max(come) {
        let old = (i < gone).then_some(hunk.left.start + i);
        let new = (i < come).then_some(hunk.right.start + i);
        let kind = match (old, new) {
            (Some(_), Some(_)) => RowKind::Changed,
            (Some(_), None) => RowKind::Removed,
            _ => RowKind::Added,
        };
        let mut row = Row::new(kind, old, new);
        row.left = old.and_then(|i| text(left, i));
        row.right = new.and_then(|i| text(right, i));
        if let (Some(a), Some(b)) = (&row.left, &row.right)
            && let Some(changed) = words::compare(a, b, limits)
        {
            (row.left_words, row.right_words) = changed;
        }
        rows.push(row);
    }
}

fn text(lines: &[&[u8]], index: u32) -> Option<String> {
    let line = lines.get(index as usize)?;
    Some(String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(line)).into_owned())
}
