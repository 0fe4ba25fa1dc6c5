//! Go templates, cut into text, comments and actions as text/template's lexer cuts them.
//!
//! Delimiters are `{{` and `}}`. A trim marker is `{{-` followed by white space, or white space followed by `-}}`; a
//! comment is `{{/*` up to `*/}}`, trim markers allowed, nothing else between. Quoted strings, raw strings and character
//! constants hide a `}}` inside an action; a quoted one ends at a line break, which is an error there.

use std::ops::Range;

use crate::fault::Fault;

/// What a part of a template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentKind {
    /// Text that is rendered as it stands, but for what trim markers take.
    Text,
    /// `{{/* … */}}`: renders nothing.
    Comment,
    /// Anything else between `{{` and `}}`.
    Action,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// What it is.
    pub kind: SegmentKind,
    /// Its bytes, delimiters included.
    pub span: Range<usize>,
    /// The bytes between delimiters and trim markers; of a text all of it.
    pub inner: Range<usize>,
    /// True when it takes the white space before it.
    pub trims_before: bool,
    /// True when it takes the white space after it.
    pub trims_after: bool,
}

/// The white space that trim markers take (text/template, `spaceChars`).
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Cuts a template. The segments cover it without gap, in order.
///
/// # Errors
/// `Malformed` where text/template reports an error as well: an unclosed comment, action or string.
pub fn lex(text: &str) -> Result<Vec<Segment>, Fault> {
    let bytes = text.as_bytes();
    let mut segments = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = text.get(at..).unwrap_or_default();
        let open = rest.find("{{").map_or(bytes.len(), |offset| at + offset);
        if open > at {
            segments.push(Segment {
                kind: SegmentKind::Text,
                span: at..open,
                inner: at..open,
                trims_before: false,
                trims_after: false,
            });
        }
        if open == bytes.len() {
            break;
        }
        let segment = delimited(text, open)?;
        at = segment.span.end;
        segments.push(segment);
    }
    Ok(segments)
}

fn byte(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at).copied()
}

fn delimited(text: &str, open: usize) -> Result<Segment, Fault> {
    let fault = |what: &str| Fault::malformed(format!("not a template at byte {open}: {what}"));
    let mut at = open + 2;
    let trims_before = byte(text, at) == Some(b'-') && byte(text, at + 1).is_some_and(is_space);
    if trims_before {
        at += 2;
    }
    let start = at;
    let rest = text.get(at..).unwrap_or_default();
    if rest.starts_with("/*") {
        let end = at + rest.find("*/").ok_or_else(|| fault("an unclosed comment"))? + 2;
        let (close, trims_after) =
            closing(text, end).ok_or_else(|| fault("a comment that ends before its closing delimiter"))?;
        return Ok(Segment {
            kind: SegmentKind::Comment,
            span: open..close,
            inner: start..end,
            trims_before,
            trims_after,
        });
    }
    loop {
        if let Some((close, trims_after)) = closing(text, at) {
            return Ok(Segment {
                kind: SegmentKind::Action,
                span: open..close,
                inner: start..at,
                trims_before,
                trims_after,
            });
        }
        match byte(text, at) {
            None => return Err(fault("an unclosed action")),
            Some(quote @ (b'"' | b'\'')) => {
                at += 1;
                loop {
                    match byte(text, at) {
                        Some(b'\\') if !matches!(byte(text, at + 1), None | Some(b'\n')) => at += 2,
                        None | Some(b'\n' | b'\\') => return Err(fault("an unterminated string")),
                        Some(c) => {
                            at += 1;
                            if c == quote {
                                break;
                            }
                        }
                    }
                }
            }
            Some(b'`') => {
                let raw = text.get(at + 1..).unwrap_or_default();
                at += raw.find('`').ok_or_else(|| fault("an unterminated raw string"))? + 2;
            }
            Some(_) => at += 1,
        }
    }
}

/// Where the closing delimiter at `at` ends, and whether it trims; `None` when there is none.
fn closing(text: &str, at: usize) -> Option<(usize, bool)> {
    let rest = text.as_bytes().get(at..)?;
    match rest {
        [b'}', b'}', ..] => Some((at + 2, false)),
        [space, b'-', b'}', b'}', ..] if is_space(*space) => Some((at + 4, true)),
        _ => None,
    }
}

/// An action's inside with every run of white space outside strings as one space, and none at the ends or beside a `|`: the same
/// to the parser, for which a space only parts operands.
pub(super) fn squeeze(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut quote = None;
    let mut escaped = false;
    for c in inner.chars() {
        match quote {
            Some(open) => {
                out.push(c);
                if escaped {
                    escaped = false;
                } else if c == '\\' && open != '`' {
                    escaped = true;
                } else if c == open {
                    quote = None;
                }
            }
            None if u8::try_from(c).is_ok_and(is_space) => {
                if !out.is_empty() && !out.ends_with([' ', '|']) {
                    out.push(' ');
                }
            }
            None => {
                if matches!(c, '"' | '\'' | '`') {
                    quote = Some(c);
                }
                if c == '|' && out.ends_with(' ') {
                    out.pop();
                }
                out.push(c);
            }
        }
    }
    if quote.is_none() && out.ends_with(' ') {
        out.pop();
    }
    out
}
