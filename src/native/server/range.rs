//! `Range: bytes=…` on content of known length (RFC 9110, 14).

use std::ops::Range;

/// What a Range header asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The whole: no range, several ranges, another unit, or one that is not well-formed. A server may
    /// ignore any of them (RFC 9110, 14.2).
    Whole,
    /// These bytes; never empty, never beyond the end.
    Part(Range<usize>),
    /// Nothing that exists.
    Unsatisfiable,
}

/// Reads a Range header against content of `length` bytes.
pub fn read(header: Option<&str>, length: usize) -> Asked {
    let Some((first, last)) = header.and_then(single) else {
        return Asked::Whole;
    };
    let range = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(length),
        (Some(first), None) if last.is_empty() => first..length,
        (None, Some(suffix)) if first.is_empty() => length.saturating_sub(suffix)..length,
        _ => return Asked::Whole,
    };
    if range.start >= range.end {
        Asked::Unsatisfiable
    } else {
        Asked::Part(range)
    }
}

fn single(header: &str) -> Option<(&str, &str)> {
    let (unit, ranges) = header.split_once('=')?;
    let range = ranges.trim();
    (unit.trim().eq_ignore_ascii_case("bytes") && !range.contains(','))
        .then(|| range.split_once('-'))
        .flatten()
}

/// Digits only; what does not fit a number is as good as the largest one.
fn number(text: &str) -> Option<usize> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_as_specified() {
        for (header, asked) in [
            ("bytes=0-3", Asked::Part(0..4)),
            ("bytes=4-", Asked::Part(4..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-99", Asked::Part(0..10)),
            ("bytes=8-99999999999999999999999", Asked::Part(8..10)),
            ("Bytes= 9-9", Asked::Part(9..10)),
            ("bytes=10-", Asked::Unsatisfiable),
            ("bytes=-0", Asked::Unsatisfiable),
            ("bytes=3-2", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("lines=0-3", Asked::Whole),
        ] {
            assert_eq!(read(Some(header), 10), asked, "{header}");
        }
        assert_eq!(read(None, 10), Asked::Whole);
        assert_eq!(read(Some("bytes=0-"), 0), Asked::Unsatisfiable);
    }
}
