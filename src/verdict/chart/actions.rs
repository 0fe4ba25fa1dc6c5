//! The actions of a template and the tokens in them, as Go's `text/template` lexes them.
//!
//! Purpose: rules ask *what a template reads* (`.Files`, `.Chart.Description`, another template by path), and
//! that can only be asked of actions, never of the text around them. Only lexing happens here, no parsing: an
//! action is a list of tokens with a line.
//!
//! Cutting is [`template::lex`]'s work; this adds lines and tokens.
//!
//! Invariants: pieces joined give the source again; a template that Go's lexer would refuse (an action or a
//! comment without an end) yields `None`, so that nobody concludes anything from half a template.

use crate::compare::template::{self, SegmentKind};

/// A run of text, or one action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The source of the piece, braces included.
    pub source: &'a str,
    /// What is between the braces, trim markers taken off; empty for text and comments.
    pub body: &'a str,
    /// Line of its first byte, from 1.
    pub line: u64,
    /// What it is.
    pub kind: PieceKind,
}

/// Kinds of pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceKind {
    /// Printed as it stands.
    Text,
    /// `{{ … }}`.
    Action,
    /// `{{/* … */}}`.
    Comment,
}

/// One token of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// Names, fields, variables and numbers with their dots: `include`, `.Files.Get`, `$root.Chart`, `.`.
    Word(&'a str),
    /// A string or raw string, without its quotes; escapes are left as they stand.
    Text(&'a str),
    /// `(`, `)`, `|`, `,`, `=` and `:=` (told as `=`), any other sign.
    Sign(char),
}

/// Splits a template into text, actions and comments.
pub fn pieces(source: &str) -> Option<Vec<Piece<'_>>> {
    let mut line = 1;
    let mut found = Vec::new();
    for segment in template::lex(source).ok()? {
        let (text, inner) = (source.get(segment.span)?, source.get(segment.inner)?);
        let (kind, body) = match segment.kind {
            SegmentKind::Text => (PieceKind::Text, ""),
            SegmentKind::Comment => (PieceKind::Comment, ""),
            SegmentKind::Action => (PieceKind::Action, inner),
        };
        found.push(Piece {
            source: text,
            body,
            line,
            kind,
        });
        line += text.bytes().filter(|&b| b == b'\n').count() as u64;
    }
    Some(found)
}

/// Length of the quoted run at the start of `bytes`, both quotes included. Raw strings have no escapes and may
/// span lines; the others may not.
fn quoted(bytes: &[u8], quote: u8) -> Option<usize> {
    let mut at = 1;
    loop {
        match *bytes.get(at)? {
            b'\\' if quote != b'`' => at += 2,
            b'\n' if quote != b'`' => return None,
            b if b == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// The tokens of an action's body.
pub fn tokens(body: &str) -> Vec<Token<'_>> {
    let bytes = body.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        let length = match byte {
            b'"' | b'`' | b'\'' => {
                let length = quoted(rest, byte).unwrap_or(rest.len());
                found.push(Token::Text(
                    body.get(at + 1..at + length.saturating_sub(1))
                        .unwrap_or_default(),
                ));
                length
            }
            _ if is_word(byte) => {
                let length = rest.iter().take_while(|&&b| is_word(b)).count();
                found.push(Token::Word(body.get(at..at + length).unwrap_or_default()));
                length
            }
            b':' if rest.get(1) == Some(&b'=') => {
                found.push(Token::Sign('='));
                2
            }
            b' ' | b'\t' | b'\r' | b'\n' => 1,
            _ => {
                found.push(Token::Sign(char::from(byte)));
                1
            }
        };
        at += length.max(1);
    }
    found
}

/// Bytes beyond ASCII are letters to us: an identifier may hold any Unicode letter.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$' | b'-' | b'+') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(source: &str) -> Vec<(&str, u64, PieceKind)> {
        let found = pieces(source).expect("lexes");
        assert_eq!(found.iter().map(|p| p.source).collect::<String>(), source);
        found
            .into_iter()
            .filter(|p| p.kind != PieceKind::Text)
            .map(|p| (p.body, p.line, p.kind))
            .collect()
    }

    #[test]
    fn strings_hide_the_end_of_an_action() {
        assert_eq!(bodies(r#"a {{ "}}" }} b"#), [(r#" "}}" "#, 1, PieceKind::Action)]);
        assert_eq!(
            bodies("{{ `}}\n` }}\n{{ x }}"),
            [(" `}}\n` ", 1, PieceKind::Action), (" x ", 3, PieceKind::Action)]
        );
        assert_eq!(bodies(r#"{{ "\"}}" }}"#), [(r#" "\"}}" "#, 1, PieceKind::Action)]);
    }

    #[test]
    fn trim_markers_are_taken_off_and_numbers_are_not() {
        assert_eq!(bodies("{{- x -}}"), [("x", 1, PieceKind::Action)]);
        assert_eq!(bodies("{{-3}}"), [("-3", 1, PieceKind::Action)]);
    }

    #[test]
    fn comments_are_told_apart() {
        assert_eq!(
            bodies("{{/* }} */}}{{- /* x */ -}}"),
            [("", 1, PieceKind::Comment), ("", 1, PieceKind::Comment)]
        );
    }

    #[test]
    fn what_has_no_end_is_no_template() {
        for broken in ["{{", "{{ x", "{{/* x }}", "{{ \"x }}", "{{ 'a\n' }}", "a{{ x }"] {
            assert_eq!(pieces(broken), None, "{broken}");
        }
    }

    #[test]
    fn tokens_keep_fields_together() {
        use Token::{Sign, Text, Word};
        assert_eq!(
            tokens(r#" $x := (.Files.Glob "a/*").AsConfig | indent 2 "#),
            [
                Word("$x"),
                Sign('='),
                Sign('('),
                Word(".Files.Glob"),
                Text("a/*"),
                Sign(')'),
                Word(".AsConfig"),
                Sign('|'),
                Word("indent"),
                Word("2")
            ]
        );
    }
}
