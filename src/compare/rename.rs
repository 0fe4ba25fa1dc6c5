//! Which removed file became which added one.
//!
//! Equal content first, then the smallest changed fraction of lines, down to 60 % alike. A pairing is a courtesy to the
//! reader: both paths are still a removal and an addition, and nothing is called equal for it.

use std::{
    collections::{HashMap, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

use serde::{Deserialize, Serialize};

use crate::{compare::lines, limits::Limits};

/// Pairs below this many percent are two different files.
const ALIKE_PERCENT: u8 = 60;

/// A file that only one side has.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Its path.
    pub path: &'a str,
    /// The sha256 of its content, in hexadecimal.
    pub sha256: &'a str,
    /// Its content, where it was kept.
    pub content: Option<&'a [u8]>,
}

/// A removed file and the added one it became, as indices into the lists given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rename {
    /// Index of the removed file.
    pub removed: usize,
    /// Index of the added file.
    pub added: usize,
    /// How much of the content stayed, in percent; 100 only for equal content.
    pub alike_percent: u8,
}

/// Pairs removed and added files, each at most once, in the order of the removed ones.
///
/// Contents are held against each other only while the product of both counts is within `limits.diff_lines`, and the lines
/// looked at for it within `limits.rename_lines`.
pub fn pair(removed: &[Candidate<'_>], added: &[Candidate<'_>], limits: &Limits) -> Vec<Rename> {
    let mut scored = Vec::new();
    let mut by_content: HashMap<&str, Vec<usize>> = HashMap::new();
    for (j, new) in added.iter().enumerate() {
        by_content.entry(new.sha256).or_default().push(j);
    }
    for (i, old) in removed.iter().enumerate() {
        let twins = by_content.get(old.sha256).map(Vec::as_slice).unwrap_or_default();
        // Thousands of equal files: past the bound, each is offered one partner instead of all.
        let offered = if scored.len() > limits.diff_lines {
            twins.get(i % twins.len().max(1)..)
        } else {
            Some(twins)
        };
        let few = if scored.len() > limits.diff_lines {
            1
        } else {
            usize::MAX
        };
        for j in offered.unwrap_or_default().iter().take(few) {
            let named = added.get(*j).is_some_and(|new| same_name(old, new));
            scored.push((100, named, i, *j));
        }
    }
    if removed.len().saturating_mul(added.len()) <= limits.diff_lines {
        let old: Vec<_> = removed.iter().map(fingerprint).collect();
        let new: Vec<_> = added.iter().map(fingerprint).collect();
        let mut left = limits.rename_lines;
        for (i, (a, old)) in old.iter().zip(removed).enumerate() {
            for (j, (b, new)) in new.iter().zip(added).enumerate() {
                let (Some(a), Some(b)) = (a, b) else { continue };
                if new.sha256 == old.sha256 || !a.may_be_alike(b) {
                    continue;
                }
                let Some(rest) = left.checked_sub(a.lines.len() + b.lines.len()) else {
                    continue;
                };
                left = rest;
                if let percent @ ALIKE_PERCENT.. = a.alike_percent(b) {
                    scored.push((percent, same_name(old, new), i, j));
                }
            }
        }
    }
    // The most alike first; among those, equal file names; then the order given, so that the answer is always the same.
    scored.sort_by_key(|(percent, named, i, j)| (std::cmp::Reverse((*percent, *named)), *i, *j));
    let (mut gone, mut come) = (vec![false; removed.len()], vec![false; added.len()]);
    let mut pairs = Vec::new();
    for (alike_percent, _, i, j) in scored {
        if let (Some(taken @ false), Some(other @ false)) = (gone.get_mut(i), come.get_mut(j)) {
            (*taken, *other) = (true, true);
            pairs.push(Rename {
                removed: i,
                added: j,
                alike_percent,
            });
        }
    }
    pairs.sort_by_key(|pair| pair.removed);
    pairs
}

fn same_name(old: &Candidate<'_>, new: &Candidate<'_>) -> bool {
    let name = |path: &str| path.rsplit('/').next().map(str::to_owned);
    name(old.path) == name(new.path)
}

/// The lines of a text with their bytes, as a multiset: by their hash, ascending.
struct Fingerprint {
    lines: Vec<(u64, u64)>,
    bytes: u64,
}

fn fingerprint(file: &Candidate<'_>) -> Option<Fingerprint> {
    let content = file
        .content
        .filter(|content| !content.is_empty() && !lines::is_binary(content))?;
    let hashed = content.split_inclusive(|byte| *byte == b'\n').map(|line| {
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        (hasher.finish(), line.len() as u64)
    });
    let mut lines: Vec<(u64, u64)> = hashed.collect();
    lines.sort_unstable();
    lines.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        kept.1 += if same { next.1 } else { 0 };
        same
    });
    Some(Fingerprint {
        lines,
        bytes: content.len() as u64,
    })
}

impl Fingerprint {
    /// False when the sizes alone are too far apart.
    fn may_be_alike(&self, other: &Self) -> bool {
        let (less, more) = (self.bytes.min(other.bytes), self.bytes.max(other.bytes));
        less.saturating_mul(100) >= more.saturating_mul(u64::from(ALIKE_PERCENT))
    }

    /// Bytes in lines that both have, of the larger text; at most 99, for the contents differ.
    fn alike_percent(&self, other: &Self) -> u8 {
        let mut shared = 0u64;
        let mut others = other.lines.iter().copied().peekable();
        for (line, bytes) in &self.lines {
            while others.next_if(|(other, _)| other < line).is_some() {}
            if let Some((_, more)) = others.next_if(|(other, _)| other == line) {
                shared += more.min(*bytes);
            }
        }
        let whole = self.bytes.max(other.bytes).max(1);
        u8::try_from(shared.saturating_mul(100) / whole)
            .unwrap_or(99)
            .min(99)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file<'a>(path: &'a str, sha256: &'a str, content: &'a str) -> Candidate<'a> {
        Candidate {
            path,
            sha256,
            content: Some(content.as_bytes()),
        }
    }

    fn pairs(removed: &[Candidate<'_>], added: &[Candidate<'_>]) -> Vec<(usize, usize, u8)> {
        pair(removed, added, &Limits::default())
            .iter()
            .map(|p| (p.removed, p.added, p.alike_percent))
            .collect()
    }

    #[test]
    fn equal_content_goes_first_then_the_most_alike() {
        let ten = "line one\nline two\nline three\nline four\n";
        let nearly = "line one\nline two\nline three\nline 4\n";
        let removed = [file("a/x.yaml", "1", ten), file("a/y.yaml", "2", nearly)];
        let added = [
            file("b/z.yaml", "2", nearly),
            file("b/w.yaml", "3", "line one\nline two\nline three\n"),
        ];
        assert_eq!(pairs(&removed, &added), [(0, 1, 74), (1, 0, 100)]);
    }

    #[test]
    fn unlike_and_binary_files_stay_apart() {
        assert_eq!(
            pairs(&[file("a", "1", "x\ny\n")], &[file("b", "2", "x\nz\nw\n")]),
            []
        );
        assert_eq!(
            pairs(&[file("a", "1", "\0same\n")], &[file("b", "2", "\0same\n")]),
            []
        );
    }

    #[test]
    fn among_equals_the_name_decides() {
        let removed = [file("old/a.txt", "1", ""), file("old/b.txt", "1", "")];
        let added = [file("new/b.txt", "1", ""), file("new/a.txt", "1", "")];
        assert_eq!(pairs(&removed, &added), [(0, 1, 100), (1, 0, 100)]);
    }

    #[test]
    fn beyond_the_bound_only_hashes_count() {
        let limits = Limits {
            diff_lines: 0,
            ..Limits::default()
        };
        let text = "one\ntwo\nthree\n";
        let near = "one\ntwo\nthree\n4\n";
        assert_eq!(
            pair(&[file("a", "1", text)], &[file("b", "2", near)], &limits),
            []
        );
    }
}
