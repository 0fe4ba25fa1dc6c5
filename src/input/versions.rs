//! The order of tags as people read versions: newest first, releases before their own pre-releases, numbers
//! as numbers; what is no version stands behind, by name.
//!
//! Tags are not all semantic versions (`v1.2`, `2024.05.07-ubi9`, `latest`), so this compares runs of digits
//! and runs of other characters in turn, and falls back on nothing: the order is total.

use std::cmp::Ordering;

/// Compares two tags so that sorting puts the newest version first and plain names last.
///
/// ```
/// use tagdrift::input::versions::newest_first;
/// let mut tags = vec!["latest", "0.9.0", "v0.16.2", "0.16.2-rc1", "0.16.10"];
/// tags.sort_by(|a, b| newest_first(a, b));
/// assert_eq!(tags, ["0.16.10", "v0.16.2", "0.16.2-rc1", "0.9.0", "latest"]);
/// ```
pub fn newest_first(a: &str, b: &str) -> Ordering {
    match (release(a), release(b)) {
        (Some(x), Some(y)) => compare_parts(y, x).then_with(|| a.cmp(b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

/// The tag without its `v`, if it starts like a version.
fn release(tag: &str) -> Option<&str> {
    let bare = tag.strip_prefix(['v', 'V']).unwrap_or(tag);
    // A commit hash or a date stamp without dots is a name, not a version: 40 hex digits sort nowhere.
    let head: &str = bare.split(['-', '_', '+']).next().unwrap_or(bare);
    let versioned = head.starts_with(|c: char| c.is_ascii_digit())
        && head.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    versioned.then_some(bare)
}

/// Oldest first: numbers before the first separator, then the rest, where having no rest is newer.
fn compare_parts(a: &str, b: &str) -> Ordering {
    let (head_a, tail_a) = split(a);
    let (head_b, tail_b) = split(b);
    let mut left = head_a.split('.');
    let mut right = head_b.split('.');
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => break,
            (a, b) => number(a.unwrap_or("0"), b.unwrap_or("0")),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    match (tail_a.is_empty(), tail_b.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => natural(tail_a, tail_b),
    }
}

fn split(version: &str) -> (&str, &str) {
    match version.find(['-', '_', '+']) {
        Some(at) => version.split_at(at),
        None => (version, ""),
    }
}

/// Digits as numbers of any length: by length without leading zeros, then by digits.
fn number(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Runs of digits as numbers, other runs as text.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    while !a.is_empty() && !b.is_empty() {
        let digits = |s: &str| s.starts_with(|c: char| c.is_ascii_digit());
        let run = |s: &str, numeric: bool| s.find(|c: char| c.is_ascii_digit() != numeric).unwrap_or(s.len());
        let numeric = digits(a) && digits(b);
        let (x, rest_a) = a.split_at(run(a, digits(a)));
        let (y, rest_b) = b.split_at(run(b, digits(b)));
        let order = if numeric { number(x, y) } else { x.cmp(y) };
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    a.len().cmp(&b.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_people_read_them() {
        let wanted = [
            "2024.05.07-ubi9",
            "10.0.0",
            "v2.0",
            "1.10.0",
            "1.9.0",
            "1.9.0-rc.10",
            "1.9.0-rc.9",
            "1.9.0-alpha",
            "1.8",
            "3b6cdcc",
            "latest",
            "sha-0cc9a84",
        ];
        let mut tags = wanted.to_vec();
        tags.reverse();
        tags.sort_by(|a, b| newest_first(a, b));
        assert_eq!(tags, wanted);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_order_is_total(tags in proptest::collection::vec("v?[0-9]{0,2}(\\.[0-9]{1,2}){0,2}[-_]?[a-z0-9.]{0,4}", 3)) {
            let [a, b, c] = tags.as_slice() else { unreachable!() };
            prop_assert_eq!(newest_first(a, b), newest_first(b, a).reverse());
            if newest_first(a, b) != Ordering::Greater && newest_first(b, c) != Ordering::Greater {
                prop_assert_ne!(newest_first(a, c), Ordering::Greater, "{} {} {}", a, b, c);
            }
        }
    }
}
