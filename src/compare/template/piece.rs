//! A template as what it renders: texts after trimming, and actions. Comments are gone.
//!
//! Two templates with equal pieces render the same bytes for the same values: comments render nothing, trim
//! markers act only on the text beside them, and white space inside an action means nothing outside its strings.

use super::lex::{Segment, SegmentKind, is_space, squeeze};

/// A part of a template that renders something, or decides what is rendered.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// Text after trimming. Never empty, never beside another text.
    Text(String),
    /// An action.
    Action {
        /// Its inside with white space squeezed.
        inner: String,
        /// What it does with the text around it.
        role: Role,
        /// Spaces before it, where nothing else stands before it on its line in the source.
        indent: Option<usize>,
    },
}

impl PartialEq for Piece {
    /// The source's indentation is a hint, not part of what is rendered.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Action { inner: a, .. }, Self::Action { inner: b, .. }) => a == b,
            _ => false,
        }
    }
}

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// `if`, `with`: what follows may be left out.
    Branch,
    /// `range`: what follows may be repeated.
    Loop,
    /// `else`, `else if`, `else with`.
    Else,
    /// `end`.
    End,
    /// `define`, `block`: what follows is rendered elsewhere.
    Define,
    /// A variable's value: renders nothing.
    Silent,
    /// Renders a value.
    Output,
}

pub(super) fn pieces(text: &str, segments: &[Segment]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    // Where the current line begins, where its leading spaces end, and how far line feeds were looked for.
    let (mut line, mut spaces, mut looked) = (0, leading_spaces(text, 0), 0);
    for (index, segment) in segments.iter().enumerate() {
        let inner = text.get(segment.inner.clone()).unwrap_or_default();
        match segment.kind {
            SegmentKind::Comment => {}
            SegmentKind::Text => {
                let after = index
                    .checked_sub(1)
                    .and_then(|i| segments.get(i))
                    .is_some_and(|s| s.trims_after);
                let before = segments.get(index + 1).is_some_and(|s| s.trims_before);
                let space = |c: char| u8::try_from(c).is_ok_and(is_space);
                let kept = if after {
                    inner.trim_start_matches(space)
                } else {
                    inner
                };
                let kept = if before {
                    kept.trim_end_matches(space)
                } else {
                    kept
                };
                match pieces.last_mut() {
                    _ if kept.is_empty() => {}
                    Some(Piece::Text(text)) => text.push_str(kept),
                    _ => pieces.push(Piece::Text(kept.to_owned())),
                }
            }
            SegmentKind::Action => {
                let inner = squeeze(inner);
                if let Some(feed) = text
                    .get(looked..segment.span.start)
                    .and_then(|between| between.rfind('\n'))
                {
                    line = looked + feed + 1;
                    spaces = leading_spaces(text, line);
                }
                looked = segment.span.start;
                let indent = (spaces >= looked).then_some(looked - line);
                pieces.push(Piece::Action {
                    role: role(&inner),
                    inner,
                    indent,
                });
            }
        }
    }
    pieces
}

/// The pieces of a file that renders nothing by itself, without the texts outside of its definitions, and those texts. Helm never
/// renders a file whose name begins with `_`, so they only appear where another template includes the file by its path. `None`
/// where blocks do not match.
pub(super) fn defined(pieces: &[Piece]) -> Option<(Vec<&Piece>, String)> {
    let (mut kept, mut around, mut depth) = (Vec::new(), String::new(), 0_usize);
    for piece in pieces {
        match piece {
            Piece::Text(text) if depth == 0 => {
                around.push_str(text);
                continue;
            }
            Piece::Action {
                role: Role::Branch | Role::Loop | Role::Define,
                ..
            } => depth += 1,
            Piece::Action { role: Role::End, .. } => depth = depth.checked_sub(1)?,
            _ => {}
        }
        kept.push(piece);
    }
    (depth == 0).then_some((kept, around))
}

/// Where the spaces that begin at `start` end.
fn leading_spaces(text: &str, start: usize) -> usize {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    start + rest.iter().take_while(|byte| **byte == b' ').count()
}

fn role(inner: &str) -> Role {
    let word = inner.split([' ', '(']).next().unwrap_or_default();
    match word {
        "if" | "with" => Role::Branch,
        "range" => Role::Loop,
        "else" => Role::Else,
        "end" => Role::End,
        "define" | "block" => Role::Define,
        _ if word.starts_with('$') && assigns(inner, word) => Role::Silent,
        _ => Role::Output,
    }
}

fn assigns(inner: &str, variable: &str) -> bool {
    let rest = inner.get(variable.len()..).unwrap_or_default().trim_start();
    let plain = variable.chars().skip(1).all(|c| c.is_alphanumeric() || c == '_');
    plain && (rest.starts_with(":=") || (rest.starts_with('=') && !rest.starts_with("==")))
}
