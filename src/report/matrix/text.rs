//! The matrix for people: the headline, each content with its digests, the files that vary.

use std::fmt::Write as _;

use super::super::escape::visible;
use super::super::outline::count;
use super::{Matrix, Variant};

/// Files listed at most, unless everything was asked for.
const FILES: usize = 40;

/// Writes the matrix, ending with a line feed. `all` lists every file.
pub fn write(matrix: &Matrix, all: bool) -> String {
    let mut out = format!("{}\n", matrix.headline());
    for content in &matrix.contents {
        let name = content
            .content_digest
            .as_deref()
            .unwrap_or("no content digest: not all was read");
        let _ = writeln!(out, "\ncontent {}  {name}", content.number);
        if let Some(level) = content.level {
            let _ = writeln!(
                out,
                "  against content 1: {}: {}",
                level.headline(),
                visible(&content.summary)
            );
        }
        for unread in &content.unread {
            let _ = writeln!(
                out,
                "  not read: {}: {}",
                visible(&unread.what),
                visible(&unread.why)
            );
        }
        for row in matrix.digests.iter().filter(|d| d.content == content.number) {
            let _ = write!(out, "  {}", row.digest);
            for (what, value) in [("created", &row.created), ("by", &row.packed_by)] {
                if let Some(value) = value {
                    let _ = write!(out, "  {what} {}", visible(value));
                }
            }
            out.push('\n');
        }
    }
    if matrix.digests_left_off > 0 {
        let _ = writeln!(
            out,
            "\n{} not read: too many for one list",
            count(matrix.digests_left_off, "digest", "digests")
        );
    }
    files(&mut out, matrix, all);
    out
}

fn files(out: &mut String, matrix: &Matrix, all: bool) {
    if matrix.files.is_empty() {
        return;
    }
    let verb = if matrix.files.len() == 1 { "varies" } else { "vary" };
    let _ = writeln!(
        out,
        "\n{} {verb} (first 12 digits of the sha256 in each content)",
        count(matrix.files.len(), "file", "files")
    );
    let listed = if all { usize::MAX } else { FILES };
    let shown = || matrix.files.iter().take(listed);
    let name = |file: &super::FileVariants| match file.platform.as_str() {
        "" => visible(&file.path),
        platform => format!("{platform} {}", visible(&file.path)),
    };
    let width = shown()
        .map(|f| name(f).chars().count())
        .max()
        .unwrap_or_default()
        .min(60);
    let _ = write!(out, "  {:width$}", "");
    for content in &matrix.contents {
        let _ = write!(out, "  {:<12}", content.number);
    }
    trim_line(out);
    for file in shown() {
        let _ = write!(out, "  {:width$}", name(file));
        for variant in &file.variants {
            let said = match variant {
                Variant::File { sha256, .. } => sha256.get(..12).unwrap_or(sha256),
                Variant::Absent => "-",
                Variant::Unread => "?",
            };
            let _ = write!(out, "  {said:<12}");
        }
        trim_line(out);
    }
    if matrix.files.len() > listed {
        let _ = writeln!(
            out,
            "  and {}; --format json lists them all",
            count(matrix.files.len() - listed, "more file", "more files")
        );
    }
}

/// Ends a line without the blanks that padded its last column.
fn trim_line(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}
