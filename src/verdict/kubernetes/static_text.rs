//! What a template says without being rendered.
//!
//! Purpose: most of a CRD, of a role, of a webhook is plain text even in `templates/`. Actions that stand in a line
//! become placeholders, lines of nothing but actions go away, and what is left is often YAML.
//!
//! Invariants: this is a reading for *adding* causes only: a placeholder stands for an unknown text, so equality of two
//! static texts proves nothing, and nothing here may be used to call anything equal. Line numbers are those of the
//! template. The same action gives the same placeholder on both sides, so names like `{{ .Release.Name }}-x` match.
//!
//! ```text
//! metadata:                          metadata:
//!   name: {{ .Release.Name }}-x        name: ⟦0⟧-x
//!   labels:                            labels:
//!     {{- include "l" . | nindent 4 }}
//! ```

use std::collections::BTreeMap;

use crate::verdict::chart::actions::{Piece, PieceKind, Token, pieces, tokens};

/// Actions by number, shared by both sides.
#[derive(Debug, Default)]
pub struct Placeholders {
    numbers: BTreeMap<String, usize>,
    actions: Vec<String>,
}

impl Placeholders {
    fn of(&mut self, body: &str) -> String {
        let action = body.split_whitespace().collect::<Vec<_>>().join(" ");
        let next = self.actions.len();
        let number = *self.numbers.entry(action.clone()).or_insert(next);
        if number == next {
            self.actions.push(action);
        }
        format!("⟦{number}⟧")
    }

    /// A text with its placeholders turned into actions again, for the eye.
    pub fn restore(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('⟦') {
            out.push_str(before);
            let action = after
                .split_once('⟧')
                .and_then(|(n, tail)| Some((self.actions.get(n.parse::<usize>().ok()?)?, tail)));
            match action {
                Some((action, tail)) => {
                    out.push_str(&format!("{{{{ {action} }}}}"));
                    rest = tail;
                }
                None => {
                    out.push('⟦');
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }
}

/// Which branch of each `if`, `with` and `range` is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Branches {
    /// What stands before the first `else`.
    First,
    /// What stands after the last `else`; the whole where there is none.
    Last,
}

/// Stands for an action that prints nothing of its own. Never part of the result.
const SILENT: char = '\u{1}';
/// Stands for the begin or end of a definition: a document of its own.
const BORDER: char = '\u{2}';

/// The static text of a template; `None` when it does not lex.
pub fn static_text(source: &str, branches: Branches, placeholders: &mut Placeholders) -> Option<String> {
    let pieces = pieces(source)?;
    let kept = kept(&pieces, branches);
    let mut marked = String::with_capacity(source.len());
    for (piece, kept) in pieces.iter().zip(kept) {
        match piece.kind {
            PieceKind::Text if kept => {
                marked.extend(piece.source.chars().filter(|c| !matches!(*c, SILENT | BORDER)))
            }
            PieceKind::Action if kept => marked.push_str(&stand_in(piece, placeholders)),
            _ => marked.push(SILENT),
        }
        if piece.kind != PieceKind::Text || !kept {
            marked.extend(piece.source.chars().filter(|c| *c == '\n'));
        }
    }
    let mut text = String::with_capacity(marked.len());
    for line in marked.split_inclusive('\n') {
        let left = without_placeholders(line);
        let bare = left.trim();
        if bare.contains(BORDER) && bare.chars().all(|c| matches!(c, SILENT | BORDER)) {
            text.push_str("---\n");
        } else if bare.chars().all(|c| c == SILENT)
            && (bare.contains(SILENT) || left.trim().len() < line.trim().len())
        {
            text.push('\n');
        } else {
            text.extend(line.chars().filter(|c| !matches!(*c, SILENT | BORDER)));
        }
    }
    Some(text)
}

fn without_placeholders(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut inside = false;
    for c in line.chars() {
        match c {
            '⟦' => inside = true,
            '⟧' if inside => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

fn stand_in(piece: &Piece<'_>, placeholders: &mut Placeholders) -> String {
    match tokens(piece.body).as_slice() {
        [Token::Word("define" | "block"), ..] => BORDER.to_string(),
        [
            Token::Word("end" | "else" | "if" | "range" | "with" | "break" | "continue"),
            ..,
        ] => SILENT.to_string(),
        [Token::Word(variable), Token::Sign('='), ..] if variable.starts_with('$') => SILENT.to_string(),
        [] => SILENT.to_string(),
        _ => placeholders.of(piece.body),
    }
}

/// For each piece, whether it stands in a branch that is kept.
fn kept(pieces: &[Piece<'_>], branches: Branches) -> Vec<bool> {
    let keywords = pieces
        .iter()
        .map(|p| match (p.kind, tokens(p.body).first()) {
            (PieceKind::Action, Some(Token::Word(word))) => *word,
            _ => "",
        })
        .collect::<Vec<_>>();
    // How many branches each opening action has, by its position.
    let mut branch_counts: BTreeMap<usize, usize> = BTreeMap::new();
    let mut open = Vec::new();
    for (at, keyword) in keywords.iter().enumerate() {
        match *keyword {
            "if" | "with" | "range" | "define" | "block" => open.push(at),
            "else" => {
                if let Some(opener) = open.last() {
                    *branch_counts.entry(*opener).or_insert(0) += 1;
                }
            }
            "end" => {
                open.pop();
            }
            _ => {}
        }
    }
    let mut result = Vec::with_capacity(pieces.len());
    let mut frames: Vec<(usize, usize)> = Vec::new();
    // How many open blocks are in a branch that is not kept.
    let mut other = 0_usize;
    for (at, keyword) in keywords.iter().enumerate() {
        if matches!(*keyword, "else" | "end") {
            let aside = |frame: Option<&(usize, usize)>| usize::from(frame.is_some_and(|(b, w)| b != w));
            other -= aside(frames.last());
            if *keyword == "end" {
                frames.pop();
            } else {
                frames.last_mut().into_iter().for_each(|(branch, _)| *branch += 1);
                other += aside(frames.last());
            }
        }
        result.push(other == 0);
        if matches!(*keyword, "if" | "with" | "range" | "define" | "block") {
            let wanted = match branches {
                Branches::First => 0,
                Branches::Last => branch_counts.get(&at).copied().unwrap_or(0),
            };
            frames.push((0, wanted));
            other += usize::from(wanted != 0);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str, branches: Branches) -> String {
        static_text(source, branches, &mut Placeholders::default()).expect("lexes")
    }

    #[test]
    fn actions_in_a_line_stay_as_placeholders_and_lines_of_actions_go() {
        let source = "a: {{ .x }}-{{.y}}\n{{- if .z }}\n  {{ include \"l\" . | nindent 2 }}\nb: \"{{ .x }}\"\n{{ end }}\n\nc: 1\n";
        assert_eq!(
            text(source, Branches::First),
            "a: ⟦0⟧-⟦1⟧\n\n\nb: \"⟦0⟧\"\n\n\nc: 1\n"
        );
    }

    #[test]
    fn one_branch_is_kept() {
        let source = "{{ if a }}\nx: 1\n{{ else if b }}\nx: 2\n{{ else }}\nx: 3\n{{ end }}\n";
        assert_eq!(text(source, Branches::First).trim(), "x: 1");
        assert_eq!(text(source, Branches::Last).trim(), "x: 3");
        let inline = "t: {{ if a }}A{{ else }}B{{ end }}!\n";
        assert_eq!(text(inline, Branches::First), "t: A!\n");
        assert_eq!(text(inline, Branches::Last), "t: B!\n");
        let without = "{{ if a }}\nx: 1\n{{ end }}\n";
        assert_eq!(text(without, Branches::Last).trim(), "x: 1");
    }

    #[test]
    fn lines_keep_their_numbers() {
        let source = "{{- /* a\nb */ -}}\n{{ $x := dict\n  \"a\" 1 }}\nx: 1\n";
        let line = text(source, Branches::First).lines().position(|l| l == "x: 1");
        assert_eq!(line, source.lines().position(|l| l == "x: 1"));
    }

    #[test]
    fn definitions_are_documents() {
        let source = "{{- define \"a\" -}}\na: 1\n{{- end -}}\n{{ define \"b\" }}\nb: 1\n{{ end }}\n";
        assert_eq!(text(source, Branches::First), "---\na: 1\n\n---\nb: 1\n\n");
    }

    #[test]
    fn placeholders_are_shared_and_restored() {
        let mut placeholders = Placeholders::default();
        let left = static_text("n: {{ .Release.Name }}-x", Branches::First, &mut placeholders);
        let right = static_text("n: {{.Release.Name}}-x", Branches::First, &mut placeholders);
        assert_eq!(left, right);
        assert_eq!(
            placeholders.restore("a ⟦0⟧-x ⟦7⟧ ⟦"),
            "a {{ .Release.Name }}-x ⟦7⟧ ⟦"
        );
    }
}
