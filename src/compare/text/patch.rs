//! A diff as a patch that other tools read.

use std::fmt::Write;

use super::{Hunk, TextDiff, lines};

/// The diff in unified form with so many lines of context, without the file header. Bytes that are no UTF-8 are
/// replaced.
pub fn unified(left: impl AsRef<[u8]>, right: impl AsRef<[u8]>, diff: &TextDiff, context: u32) -> String {
    let (left, right) = (lines(left.as_ref()), lines(right.as_ref()));
    let mut out = String::new();
    let mut rest = diff.hunks.as_slice();
    while let Some((first, _)) = rest.split_first() {
        // Hunks whose contexts meet share one header.
        let joined = 1 + rest
            .windows(2)
            .take_while(
                |pair| matches!(pair, [a, b] if b.left.start - a.left.end <= context.saturating_mul(2)),
            )
            .count();
        let (group, later) = rest.split_at(joined);
        rest = later;
        let Some(last) = group.last() else { break };
        let before = first.left.start.min(first.right.start).min(context);
        let length = u32::try_from(left.len()).unwrap_or(u32::MAX);
        let after = context.min(length.saturating_sub(last.left.end));
        let header = |range: std::ops::Range<u32>| {
            let count = range.end - range.start;
            // A range without lines names the line before it; a count of one is left out.
            let start = if count == 0 { range.start } else { range.start + 1 };
            if count == 1 {
                start.to_string()
            } else {
                format!("{start},{count}")
            }
        };
        let _ = writeln!(
            out,
            "@@ -{} +{} @@",
            header(first.left.start - before..last.left.end + after),
            header(first.right.start - before..last.right.end + after)
        );
        let mut at = first.left.start - before;
        for Hunk {
            left: gone,
            right: come,
        } in group
        {
            put(&mut out, ' ', &left, at..gone.start);
            put(&mut out, '-', &left, gone.clone());
            put(&mut out, '+', &right, come.clone());
            at = gone.end;
        }
        put(&mut out, ' ', &left, at..last.left.end + after);
    }
    out
}

fn put(out: &mut String, sign: char, lines: &[&[u8]], range: std::ops::Range<u32>) {
    for line in lines
        .get(range.start as usize..range.end as usize)
        .unwrap_or_default()
    {
        out.push(sign);
        out.push_str(&String::from_utf8_lossy(line));
        if !line.ends_with(b"\n") {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}
