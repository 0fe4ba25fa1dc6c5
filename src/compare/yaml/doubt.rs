//! What readers of YAML 1.1 and YAML 1.2 could read differently.
//!
//! The events come from a YAML 1.2 parser, while Helm reads with a YAML 1.1 one. Where the two could part,
//! equality of the parsed data proves nothing, so each such place is a doubt. Everything between
//! the scalars and the comments is looked at: only the plain punctuation of YAML passes.
//!
//! Doubts of a scalar: in flow collections a plain one with `?` or a leading `:`; a block scalar that
//! begins with a tab, or is the whole document. Doubts of a key: more than one line.
//! Doubts of the text: control characters, a byte order mark inside, the line breaks that only YAML 1.1
//! knows (U+0085, U+2028, U+2029) and lone carriage returns. Doubts of the structure: tabs that
//! indent, `?` keys, directives, anchor names beyond letters, digits, `-` and `_`.

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::Doubt;

/// Doubts that the characters alone give, wherever they stand.
pub(super) fn of_text(text: &str, doubts: &mut Vec<Doubt>) {
    let first = text.lines().position(|l| {
        !l.trim_start_matches('\u{feff}').trim_start().is_empty() && !l.trim_start().starts_with('#')
    });
    if let Some(at) = first
        && text
            .lines()
            .nth(at)
            .is_some_and(|l| l.trim_start_matches('\u{feff}').starts_with("..."))
    {
        doubts.push(Doubt::new(
            u32::try_from(at + 1).unwrap_or(u32::MAX),
            "an end before any document",
        ));
    }
    let mut line = 1;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\n' => line += 1,
            '\r' if chars.peek().is_some_and(|(_, next)| *next == '\n') => {}
            '\r' => doubts.push(Doubt::new(line, "a carriage return without a line feed")),
            '\u{85}' | '\u{2028}' | '\u{2029}' => {
                doubts.push(Doubt::new(
                    line,
                    "a line break of YAML 1.1 that YAML 1.2 takes as text",
                ));
            }
            '\u{feff}' if at == 0 => {}
            '\u{feff}' => doubts.push(Doubt::new(line, "a byte order mark inside the text")),
            '\t' | ' '..='~' => {}
            '\0'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => doubts.push(Doubt::new(line, "a control character")),
            _ => {}
        }
    }
}

/// What is doubtful about an untagged or tagged scalar by its style alone.
pub(super) fn of_scalar(text: &str, style: ScalarStyle, flow: bool, root: bool) -> Option<&'static str> {
    match style {
        ScalarStyle::Plain if flow && (text.contains('?') || text.starts_with(':')) => {
            Some("a plain scalar in a flow collection that YAML 1.1 splits elsewhere")
        }
        ScalarStyle::Literal | ScalarStyle::Folded if root => Some("a block scalar as a document"),
        ScalarStyle::Literal | ScalarStyle::Folded if text.trim_start_matches('\n').starts_with('\t') => {
            Some("a block scalar that begins with a tab")
        }
        _ => None,
    }
}

/// Doubts of what stands between the scalars and comments at `known` (byte ranges, in order).
pub(super) fn of_structure(text: &str, known: &[Range<usize>], doubts: &mut Vec<Doubt>) {
    let mut at = 0;
    let mut line = 1;
    for range in known.iter().chain([&(text.len()..text.len())]) {
        if let Some(gap) = text.get(at..range.start) {
            of_gap(text, at..range.start, line, doubts);
            line += breaks(gap);
        } else if range.start < at {
            doubts.push(Doubt::new(line, "scalars that overlap"));
        }
        line += text.get(range.clone()).map_or(0, breaks);
        at = at.max(range.end);
    }
}

fn breaks(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|b| *b == b'\n').count()).unwrap_or(u32::MAX)
}

/// True when nothing but indentation and indicators stands before this byte on its line.
fn indents(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let line = before
        .rfind('\n')
        .and_then(|end| before.get(end + 1..))
        .unwrap_or(before);
    line.chars()
        .all(|c| matches!(c, ' ' | '\t' | '-' | ':' | '[' | '{' | ',' | ']' | '}'))
}

fn of_gap(text: &str, bytes: Range<usize>, first_line: u32, doubts: &mut Vec<Doubt>) {
    let start = bytes.start;
    let gap = text.get(bytes).unwrap_or_default();
    let mut line = first_line;
    let mut chars = gap.char_indices().peekable();
    // True after a line break, as long as only spaces follow.
    let mut broken = false;
    while let Some((at, c)) = chars.next() {
        let was_broken = broken;
        broken = c == '\n' || (broken && c == ' ');
        match c {
            '\n' => line += 1,
            ':' if was_broken => doubts.push(Doubt::new(line, "a key and its colon on two lines")),
            ':' if matches!(chars.peek(), Some((_, ',' | ']' | '}'))) => {
                doubts.push(Doubt::new(line, "a colon before flow punctuation"));
            }
            ' ' | '\r' | '\u{feff}' | ':' | '-' | ',' | '[' | ']' | '{' | '}' | '.' => {}
            // The header of a block scalar.
            '|' | '>' | '+' | '1'..='9' => {}
            '\t' if indents(text, start + at) => {
                doubts.push(Doubt::new(line, "a tab that indents"));
            }
            '\t' => {}
            '&' | '*' | '!' => {
                let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
                let tag = |c: &char| plain(c) || matches!(c, '!' | '.' | ':' | '/' | '<' | '>');
                while chars
                    .next_if(|(_, next)| if c == '!' { tag(next) } else { plain(next) })
                    .is_some()
                {}
                if chars
                    .peek()
                    .is_some_and(|(_, next)| !matches!(next, ' ' | '\n' | '\r' | ',' | ']' | '}'))
                {
                    doubts.push(Doubt::new(
                        line,
                        format!("a name after {c} that YAML 1.1 does not take"),
                    ));
                }
            }
            '?' => doubts.push(Doubt::new(line, "an explicit key (?)")),
            '%' => doubts.push(Doubt::new(line, "a directive (%)")),
            _ => doubts.push(Doubt::new(line, format!("an unexpected {c:?}"))),
        }
    }
}
