//! Which words of a changed line changed.
//!
//! A word is a run of letters, digits and `_`; a run of white space is one too; every other character stands
//! alone, so that `image: a:1.2` → `image: a:1.3` marks the last digit's run and nothing else.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput, TokenSource};

use crate::limits::Limits;

/// Byte ranges of what differs on each side.
pub type Changed = (Vec<Range<u32>>, Vec<Range<u32>>);

/// The changed ranges of both lines; `None` where marking words helps nobody: a line is longer than the limits
/// allow, or less than a quarter of the longer line stayed.
pub fn compare(left: &str, right: &str, limits: &Limits) -> Option<Changed> {
    if left.len().max(right.len()) > limits.word_diff_bytes {
        return None;
    }
    let input = InternedInput::new(Words(left), Words(right));
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_no_heuristic(&input);
    let (left_ends, right_ends) = (ends(left), ends(right));
    let mut changed = Changed::default();
    for hunk in diff.hunks() {
        push(&mut changed.0, &left_ends, hunk.before);
        push(&mut changed.1, &right_ends, hunk.after);
    }
    let marked = |ranges: &[Range<u32>]| ranges.iter().map(|r| (r.end - r.start) as usize).sum::<usize>();
    let stayed = (left.len() - marked(&changed.0)).min(right.len() - marked(&changed.1));
    (stayed * 4 >= left.len().max(right.len())).then_some(changed)
}

/// Where each word ends, led by 0.
fn ends(line: &str) -> Vec<u32> {
    let mut end = 0u32;
    std::iter::once(0)
        .chain(split(line).map(|word| {
            end = end.saturating_add(u32::try_from(word.len()).unwrap_or(u32::MAX));
            end
        }))
        .collect()
}

fn push(ranges: &mut Vec<Range<u32>>, ends: &[u32], words: Range<u32>) {
    if let (Some(start), Some(end)) = (ends.get(words.start as usize), ends.get(words.end as usize))
        && start < end
    {
        ranges.push(*start..*end);
    }
}

fn split(line: &str) -> Split<'_> {
    Split { rest: line }
}

struct Words<'a>(&'a str);

impl<'a> TokenSource for Words<'a> {
    type Token = &'a str;
    type Tokenizer = Split<'a>;

    fn tokenize(&self) -> Split<'a> {
        split(self.0)
    }

    fn estimate_tokens(&self) -> u32 {
        u32::try_from(self.0.len() / 4).unwrap_or(u32::MAX)
    }
}

struct Split<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let first = self.rest.chars().next()?;
        let class = |c: char| match c {
            '_' => 1,
            c if c.is_alphanumeric() => 1,
            c if c.is_whitespace() => 2,
            _ => 0,
        };
        let end = match class(first) {
            0 => first.len_utf8(),
            kind => self.rest.find(|c| class(c) != kind).unwrap_or(self.rest.len()),
        };
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(left: &str, right: &str) -> Option<(Vec<String>, Vec<String>)> {
        let (a, b) = compare(left, right, &Limits::default())?;
        let cut = |text: &str, ranges: Vec<Range<u32>>| {
            ranges
                .into_iter()
                .map(|r| text[r.start as usize..r.end as usize].to_owned())
                .collect()
        };
        Some((cut(left, a), cut(right, b)))
    }

    #[test]
    fn only_the_changed_words_are_marked() {
        let some = |a: &[&str], b: &[&str]| {
            Some((
                a.iter().map(|s| s.to_string()).collect(),
                b.iter().map(|s| s.to_string()).collect(),
            ))
        };
        assert_eq!(marked("image: a:1.2", "image: a:1.3"), some(&["2"], &["3"]));
        assert_eq!(
            marked("verbs: [get, list]", "verbs: [get, list, watch]"),
            some(&[], &[", watch"])
        );
        assert_eq!(marked("größe: 1", "grösse: 1"), some(&["größe"], &["grösse"]));
        assert_eq!(marked("", ""), some(&[], &[]));
    }

    #[test]
    fn unlike_or_long_lines_are_not_marked() {
        assert_eq!(marked("alpha", "omega"), None);
        let limits = Limits {
            word_diff_bytes: 5,
            ..Limits::default()
        };
        assert_eq!(compare("a b c d", "a b c e", &limits), None);
    }
}
