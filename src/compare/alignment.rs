//! Which of two lists' tokens (lines, words, items) stand for each other, within a bound on the work.
//!
//! Purpose: the histogram diff is what a reader likes, and quadratic on lists that were made to be (a thousand unique
//! changes among lines that repeat; two lines in random order). So its cost is told beforehand, from tokens that
//! are unique on both sides: where those already hold the lists together it runs on the whole, else only between them, and
//! what is still too large is told as changed whole.
//!
//! Invariant: replacing each hunk's left tokens by its right ones gives the right list; hunks neither overlap nor touch
//! where the histogram diff would not have let them.

use std::collections::HashMap;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, Hunk, InternedInput, Token};

use crate::limits::Limits;

/// The hunks between both lists. `polish` moves them to where a reader expects them, on inputs where that is affordable.
pub(super) fn hunks<T>(
    input: &InternedInput<T>,
    limits: &Limits,
    polish: impl FnOnce(&mut Diff, &InternedInput<T>),
) -> Vec<Hunk> {
    let (before, after) = (input.before.as_slice(), input.after.as_slice());
    let gaps = gaps(before, after, input.interner.num_tokens() as usize);
    // The diff looks at everything that is left once for each place where it splits, and at the worst holds each token
    // of a gap against each other.
    let splits = (before.len() + after.len()).saturating_mul(gaps.len());
    let within = gaps.iter().map(area).fold(0, usize::saturating_add);
    let mut room = limits.diff_pairs;
    if splits.saturating_add(within) <= room {
        let mut diff = Diff::compute(Algorithm::Histogram, input);
        polish(&mut diff, input);
        return diff.hunks().collect();
    }
    let mut found = Vec::new();
    for gap in gaps {
        match room.checked_sub(area(&gap)) {
            Some(rest) if !gap.before.is_empty() && !gap.after.is_empty() => {
                room = rest;
                inside(&gap, before, after, &mut found);
            }
            _ => found.push(gap),
        }
    }
    found
}

fn area(gap: &Hunk) -> usize {
    gap.before.len().saturating_mul(gap.after.len())
}

/// The diff of one gap alone.
fn inside(gap: &Hunk, before: &[Token], after: &[Token], found: &mut Vec<Hunk>) {
    // Numbered anew: the diff makes room for every number there is.
    let mut numbers: HashMap<u32, u32> = HashMap::new();
    let mut own = |tokens: &[Token], range: &Range<u32>| -> Vec<Token> {
        let tokens = tokens.get(range.start as usize..range.end as usize);
        let number = |token: &Token| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            Token(*numbers.entry(token.0).or_insert(next))
        };
        tokens.unwrap_or_default().iter().map(number).collect()
    };
    let (left, right) = (own(before, &gap.before), own(after, &gap.after));
    let mut diff = Diff::default();
    let count = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    diff.compute_with(Algorithm::Histogram, &left, &right, count);
    let moved = |range: Range<u32>, by: u32| range.start + by..range.end + by;
    found.extend(diff.hunks().map(|hunk| Hunk {
        before: moved(hunk.before, gap.before.start),
        after: moved(hunk.after, gap.after.start),
    }));
}

/// What lies between tokens that are unique on both sides and stand in the same order, less what is equal around it.
fn gaps(before: &[Token], after: &[Token], tokens: usize) -> Vec<Hunk> {
    let mut gaps = Vec::new();
    let (mut left, mut right) = (0, 0);
    let ends = (before.len(), after.len());
    for (l, r) in anchors(before, after, tokens).into_iter().chain([ends]) {
        // An anchor may have been passed already, as a neighbour of the one before.
        if l >= left && r >= right {
            trimmed(before, after, left..l, right..r, &mut gaps);
        }
        (left, right) = (left.max(l), right.max(r));
    }
    gaps
}

fn trimmed(before: &[Token], after: &[Token], left: Range<usize>, right: Range<usize>, gaps: &mut Vec<Hunk>) {
    let (a, b) = (before.get(left.clone()), after.get(right.clone()));
    let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
    let lead = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (
        a.get(lead..).unwrap_or_default(),
        b.get(lead..).unwrap_or_default(),
    );
    let trail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y);
    let trail = trail.count();
    let range = |start: usize, length: usize| {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        number(start)..number(start + length)
    };
    let gap = Hunk {
        before: range(left.start + lead, a.len() - trail),
        after: range(right.start + lead, b.len() - trail),
    };
    if !gap.before.is_empty() || !gap.after.is_empty() {
        gaps.push(gap);
    }
}

/// The longest row of tokens that stand once on each side, in the same order on both.
fn anchors(before: &[Token], after: &[Token], tokens: usize) -> Vec<(usize, usize)> {
    /// Of a token: how often it stands there, and where last.
    type Seen = (u32, usize);
    let count = |side: &[Token]| {
        let mut seen: Vec<Seen> = vec![(0, 0); tokens];
        for (at, token) in side.iter().enumerate() {
            if let Some(slot) = seen.get_mut(token.0 as usize) {
                *slot = (slot.0 + 1, at);
            }
        }
        seen
    };
    let (left, right) = (count(before), count(after));
    let unique = before.iter().enumerate().filter_map(|(at, token)| {
        let token = token.0 as usize;
        match (left.get(token), right.get(token)) {
            (Some((1, _)), Some((1, other))) => Some((at, *other)),
            _ => None,
        }
    });
    // Patience: piles by their last card's place on the right; each card knows the one below it on the pile before.
    let mut cards: Vec<(usize, usize, Option<usize>)> = Vec::new();
    let mut piles: Vec<usize> = Vec::new();
    for (l, r) in unique {
        let place = |card: &usize| cards.get(*card).map_or(0, |card| card.1);
        let pile = piles.partition_point(|card| place(card) < r);
        let below = pile.checked_sub(1).and_then(|pile| piles.get(pile)).copied();
        let card = cards.len();
        cards.push((l, r, below));
        match piles.get_mut(pile) {
            Some(top) => *top = card,
            None => piles.push(card),
        }
    }
    let mut row = Vec::with_capacity(piles.len());
    let mut next = piles.last().copied();
    while let Some((l, r, below)) = next.and_then(|card| cards.get(card)) {
        row.push((*l, *r));
        next = *below;
    }
    row.reverse();
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diffed(left: &[u32], right: &[u32], room: usize) -> Vec<(Range<u32>, Range<u32>)> {
        let mut input: InternedInput<u32> = InternedInput::default();
        input.update_before(left.iter().copied());
        input.update_after(right.iter().copied());
        let limits = Limits {
            diff_pairs: room * 100,
            ..Limits::default()
        };
        let found = hunks(&input, &limits, |_, _| {});
        let mut turned = left.to_vec();
        for hunk in found.iter().rev() {
            let new = &right[hunk.after.start as usize..hunk.after.end as usize];
            turned.splice(
                hunk.before.start as usize..hunk.before.end as usize,
                new.iter().copied(),
            );
        }
        assert_eq!(turned, right, "{left:?} {found:?}");
        found.into_iter().map(|h| (h.before, h.after)).collect()
    }

    #[test]
    fn without_room_only_unique_tokens_hold_the_lists_together() {
        let (left, right) = ([1, 0, 2, 0, 3, 0, 4], [1, 0, 9, 0, 3, 0, 0, 4]);
        assert_eq!(diffed(&left, &right, 0), [(2..3, 2..3), (6..6, 6..7)]);
        assert_eq!(diffed(&left, &right, 1000).len(), 2);
    }

    #[test]
    fn every_pair_of_short_lists_is_turned_into_the_other() {
        let lists: Vec<Vec<u32>> = (0..3u32.pow(5))
            .map(|n| {
                (0..5)
                    .map(|i| n / 3u32.pow(i) % 3)
                    .take((n % 6) as usize)
                    .collect()
            })
            .collect();
        for left in lists.iter().step_by(3) {
            for right in lists.iter().step_by(2) {
                diffed(left, right, 0);
                diffed(left, right, 1);
            }
        }
    }

    #[test]
    fn a_made_up_worst_case_ends_at_once() {
        // Two tokens in no order: nothing is unique, and every pair of places is a candidate.
        let noise = |seed: u64| -> Vec<u32> {
            let mut state = seed;
            let mut next = || {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (state >> 63) as u32
            };
            (0..100_000).map(|_| next()).collect()
        };
        assert_eq!(diffed(&noise(1), &noise(2), 10_000).len(), 1);
    }
}
