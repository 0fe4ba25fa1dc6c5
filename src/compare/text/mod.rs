//! Texts by lines: a histogram diff with git's indent heuristic, as a reader likes it.
//!
//! Lines end with `\n` and keep it, so a missing final newline is a difference of the last line. A
//! [`TextDiff`] holds only ranges of lines; context, rows and patches are computed from it and the texts.
//!
//! Invariant: replacing each hunk's left lines by its right lines turns the left text into the right one.
//!
//! ```
//! use tagdrift::{compare::text, limits::Limits};
//! let (left, right) = ("a\nb\nc\n", "a\nx\nc\n");
//! let diff = text::diff(left, right, &Limits::default())?;
//! assert_eq!(text::unified(left, right, &diff, 1), "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
//! # Ok::<(), tagdrift::fault::Fault>(())
//! ```

mod patch;
mod rows;

use std::ops::Range;

use imara_diff::{InternedInput, sources::byte_lines};
pub use patch::unified;
pub use rows::{Row, RowKind, rows};
use serde::{Deserialize, Serialize};

use super::alignment;
use crate::{fault::Fault, limits::Limits};

/// One place where two texts differ: these lines of the left text became those of the right one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hunk {
    /// Lines of the left text, from 0, without the end.
    pub left: Range<u32>,
    /// Lines of the right text.
    pub right: Range<u32>,
}

/// The line differences of two texts, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextDiff {
    /// The places that differ; none overlap or touch.
    pub hunks: Vec<Hunk>,
}

impl TextDiff {
    /// Lines that only the right text has.
    pub fn added(&self) -> u64 {
        self.hunks
            .iter()
            .map(|hunk| u64::from(hunk.right.end - hunk.right.start))
            .sum()
    }

    /// Lines that only the left text has.
    pub fn removed(&self) -> u64 {
        self.hunks
            .iter()
            .map(|hunk| u64::from(hunk.left.end - hunk.left.start))
            .sum()
    }
}

/// The line differences of two texts.
///
/// # Errors
/// `TooLarge` when a side has more lines than the limits allow.
pub fn diff(left: impl AsRef<[u8]>, right: impl AsRef<[u8]>, limits: &Limits) -> Result<TextDiff, Fault> {
    let (left, right) = (left.as_ref(), right.as_ref());
    for side in [left, right] {
        // The last line may lack its line feed.
        if side.iter().filter(|byte| **byte == b'\n').count() >= limits.diff_lines {
            return Err(Fault::too_large(
                "the text",
                format!("{} lines", limits.diff_lines),
            ));
        }
    }
    let input = InternedInput::new(byte_lines(left), byte_lines(right));
    let hunks = alignment::hunks(&input, limits, |diff, input| diff.postprocess_lines(input));
    let hunks = hunks
        .into_iter()
        .map(|hunk| Hunk {
            left: hunk.before,
            right: hunk.after,
        })
        .collect();
    Ok(TextDiff { hunks })
}

/// The lines of a text, each with its line feed.
pub(crate) fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

#[cfg(test)]
mod tests;
