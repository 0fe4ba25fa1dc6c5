//! A file's difference as rows: what stands beside what, which words differ, where unchanged lines are left
//! out. Page and HTML report show these; a unified view is the same rows read column by column.
//!
//! Invariants: reading all left halves and the gaps' lines in order gives the left text, likewise the right;
//! marks are byte offsets on character boundaries of their own line.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};
use serde::{Deserialize, Serialize};

/// One row of a side-by-side view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Row {
    /// The same line on both sides, with its number on either.
    Same {
        /// The left number, from 1.
        left: u32,
        /// The right number, from 1.
        right: u32,
        /// The line without its end.
        text: String,
    },
    /// A line that differs; a side without one is absent.
    Differs {
        /// The left line.
        left: Option<Half>,
        /// The right line.
        right: Option<Half>,
    },
    /// Unchanged lines that are left out.
    Gap(Gap),
}

/// One side of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Half {
    /// The line's number, from 1.
    pub number: u32,
    /// The line without its end.
    pub text: String,
    /// Byte ranges of the words that differ; empty when the whole line does.
    pub marks: Vec<(u32, u32)>,
}

/// Unchanged lines that are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The first left line, from 1.
    pub left: u32,
    /// The first right line, from 1.
    pub right: u32,
    /// How many lines.
    pub count: u32,
}

/// Two texts as rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The rows.
    pub rows: Vec<Row>,
    /// Lines only on the right.
    pub added: usize,
    /// Lines only on the left.
    pub removed: usize,
}

/// Compares two texts line by line, keeping `context` unchanged lines around each change. Lines longer than
/// `word_bytes` are not looked into.
pub fn rows(left: &str, right: &str, context: u32, word_bytes: usize) -> Rows {
    let input = InternedInput::new(left, right);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let lines = (
        left.split_terminator('\n').collect::<Vec<_>>(),
        right.split_terminator('\n').collect::<Vec<_>>(),
    );
    let mut out = Rows {
        rows: Vec::new(),
        added: 0,
        removed: 0,
    };
    let mut at = (0u32, 0u32);
    for hunk in diff.hunks() {
        out.keep(
            &lines.0,
            at,
            hunk.before.start - at.0,
            context,
            at != (0, 0),
            true,
        );
        out.removed += hunk.before.len();
        out.added += hunk.after.len();
        let (old, new) = (slice(&lines.0, &hunk.before), slice(&lines.1, &hunk.after));
        for i in 0..old.len().max(new.len()) {
            let number = |start: u32| start + u32::try_from(i).unwrap_or(u32::MAX) + 1;
            let (a, b) = (old.get(i), new.get(i));
            let marks = match (a, b) {
                (Some(a), Some(b)) if a.len().max(b.len()) <= word_bytes => words(a, b),
                _ => Default::default(),
            };
            out.rows.push(Row::Differs {
                left: a.map(|text| Half {
                    number: number(hunk.before.start),
                    text: (*text).to_owned(),
                    marks: marks.0,
                }),
                right: b.map(|text| Half {
                    number: number(hunk.after.start),
                    text: (*text).to_owned(),
                    marks: marks.1,
                }),
            });
        }
        at = (hunk.before.end, hunk.after.end);
    }
    let rest = u32::try_from(lines.0.len())
        .unwrap_or(u32::MAX)
        .saturating_sub(at.0);
    out.keep(&lines.0, at, rest, context, at != (0, 0), false);
    out
}

/// The unchanged lines a gap stands for.
pub fn between(left: &str, gap: Gap) -> Vec<Row> {
    left.split_terminator('\n')
        .skip(gap.left.saturating_sub(1) as usize)
        .zip(0..gap.count)
        .map(|(text, i)| Row::Same {
            left: gap.left + i,
            right: gap.right + i,
            text: text.to_owned(),
        })
        .collect()
}

fn slice<'a, T>(lines: &'a [T], range: &Range<u32>) -> &'a [T] {
    lines
        .get(range.start as usize..range.end as usize)
        .unwrap_or_default()
}

impl Rows {
    /// Unchanged lines from `at`: whole when few, else their ends next to a change and a gap between.
    fn keep(&mut self, lines: &[&str], at: (u32, u32), count: u32, context: u32, before: bool, after: bool) {
        let head = if before { context.min(count) } else { 0 };
        let tail = if after { context.min(count - head) } else { 0 };
        let gap = count - head - tail;
        // A gap of one line saves nothing.
        let (head, gap) = if gap == 1 { (head + 1, 0) } else { (head, gap) };
        self.same(lines, at, head);
        if gap > 0 {
            self.rows.push(Row::Gap(Gap {
                left: at.0 + head + 1,
                right: at.1 + head + 1,
                count: gap,
            }));
        }
        self.same(lines, (at.0 + head + gap, at.1 + head + gap), tail);
    }

    fn same(&mut self, lines: &[&str], at: (u32, u32), count: u32) {
        let range = at.0..at.0 + count;
        for (text, i) in slice(lines, &range).iter().zip(0..) {
            self.rows.push(Row::Same {
                left: at.0 + i + 1,
                right: at.1 + i + 1,
                text: (*text).to_owned(),
            });
        }
    }
}

type Marks = Vec<(u32, u32)>;

/// The words that differ between two lines. None when hardly anything is common: then the whole line is
/// the difference, and a confetti of marks would only hide it.
fn words(left: &str, right: &str) -> (Marks, Marks) {
    let (a, b) = (split_words(left), split_words(right));
    let mut input = InternedInput::default();
    input.update_before(a.iter().copied());
    input.update_after(b.iter().copied());
    let diff = Diff::compute(Algorithm::Myers, &input);
    let (mut marks, mut changed) = ((Marks::new(), Marks::new()), (0usize, 0usize));
    for hunk in diff.hunks() {
        changed.0 += mark(&a, &hunk.before, &mut marks.0);
        changed.1 += mark(&b, &hunk.after, &mut marks.1);
    }
    let mostly = |changed: usize, line: &str| changed * 4 > line.trim().len() * 3;
    if mostly(changed.0, left) && mostly(changed.1, right) {
        return Default::default();
    }
    marks
}

/// Adds the bytes of a run of words, joined to the mark before when they touch. Returns how many bytes.
fn mark(words: &[&str], run: &Range<u32>, marks: &mut Marks) -> usize {
    let length = |range: &Range<u32>| slice(words, range).iter().map(|w| w.len()).sum::<usize>();
    let (start, len) = (length(&(0..run.start)), length(run));
    if len > 0 {
        let (start, end) = (start as u32, (start + len) as u32);
        match marks.last_mut() {
            Some(last) if last.1 == start => last.1 = end,
            _ => marks.push((start, end)),
        }
    }
    len
}

/// Runs of letters and digits, runs of blanks, and every other character by itself.
fn split_words(line: &str) -> Vec<&str> {
    let class = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 1,
        c if c.is_whitespace() => 2,
        _ => 3,
    };
    let mut out = Vec::new();
    let mut start = 0;
    let mut before = 0;
    for (at, c) in line.char_indices() {
        let now = class(c);
        if at > 0 && (now != before || now == 3) {
            out.push(line.get(start..at).unwrap_or_default());
            start = at;
        }
        before = now;
    }
    if start < line.len() {
        out.push(line.get(start..).unwrap_or_default());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sides(rows: &[Row], left: &str) -> (Vec<String>, Vec<String>) {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for row in rows {
            match row {
                Row::Same { text, .. } => {
                    a.push(text.clone());
                    b.push(text.clone());
                }
                Row::Differs { left, right } => {
                    a.extend(left.iter().map(|h| h.text.clone()));
                    b.extend(right.iter().map(|h| h.text.clone()));
                }
                Row::Gap(gap) => {
                    let (x, y) = sides(&between(left, *gap), left);
                    a.extend(x);
                    b.extend(y);
                }
            }
        }
        (a, b)
    }

    #[test]
    fn marks_words_and_leaves_out_what_is_far() {
        let left = (1..=20).map(|n| format!("line {n}\n")).collect::<String>();
        let right = left.replace("line 9\n", "line nine\n");
        let got = rows(&left, &right, 2, 4096);
        assert_eq!((got.added, got.removed), (1, 1));
        assert_eq!(
            got.rows[0],
            Row::Gap(Gap {
                left: 1,
                right: 1,
                count: 6
            })
        );
        assert_eq!(
            got.rows[3],
            Row::Differs {
                left: Some(Half {
                    number: 9,
                    text: "line 9".into(),
                    marks: vec![(5, 6)]
                }),
                right: Some(Half {
                    number: 9,
                    text: "line nine".into(),
                    marks: vec![(5, 9)]
                }),
            }
        );
        assert_eq!(
            got.rows[6],
            Row::Gap(Gap {
                left: 12,
                right: 12,
                count: 9
            })
        );
        assert_eq!(got.rows.len(), 7);
    }

    #[test]
    fn equal_texts_are_one_gap() {
        assert_eq!(
            rows("a\nb\nc\n", "a\nb\nc\n", 3, 10).rows,
            [Row::Gap(Gap {
                left: 1,
                right: 1,
                count: 3
            })]
        );
        assert_eq!(rows("", "", 3, 10).rows, []);
    }

    #[test]
    fn lines_with_nothing_in_common_have_no_marks() {
        assert_eq!(words("replicas: 1", "# gone"), (vec![], vec![]));
        assert_eq!(
            words("served: true", "served: false"),
            (vec![(8, 12)], vec![(8, 13)])
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn both_texts_are_in_the_rows(left in "([a-cé ]{0,3}\n){0,12}", right in "([a-cé ]{0,3}\n){0,12}", context in 0u32..4) {
            let got = rows(&left, &right, context, 64);
            let (a, b) = sides(&got.rows, &left);
            prop_assert_eq!(a, left.lines().collect::<Vec<_>>());
            prop_assert_eq!(b, right.lines().collect::<Vec<_>>());
            for row in &got.rows {
                if let Row::Differs { left, right } = row {
                    for half in left.iter().chain(right) {
                        for (from, to) in &half.marks {
                            prop_assert!(half.text.get(*from as usize..*to as usize).is_some());
                        }
                    }
                }
            }
        }
    }
}
