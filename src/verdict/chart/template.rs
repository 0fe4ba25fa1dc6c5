//! What Helm renders: templates, partials.
//!
//! | what | cause | severity |
//! |---|---|---|
//! | only line ends, nowhere near a block scalar or a hash | `file.line-endings` | 1, cosmetic |
//! | only line ends elsewhere | `file.line-endings` | 2, deployed |
//! | anything else | `template.text` | 3, deployed |
//!
//! Proof of "cosmetic" for line ends: a YAML reader takes CRLF for LF outside of block scalars; every action is equal to the
//! byte; the file defines nothing (a definition's text may land in a block scalar or a hash) and no template includes it by
//! path.

use super::actions::{PieceKind, Token, pieces, tokens};
use super::{Cause, Code, Context, Pair, Severity, Weight};
use crate::compare::{lines, text};
use crate::verdict::file_class::FileClass;

pub(super) fn judge(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let Some((left, right)) = pair.texts() else {
        return Vec::new();
    };
    if lines::equal_but_endings(left.as_bytes(), right.as_bytes()) {
        return vec![line_ends(pair, context, left, right)];
    }
    vec![changed(pair, context, left, right)]
}

/// `template.text`, with where and how many lines.
fn changed(pair: &Pair<'_>, context: &Context<'_>, left: &str, right: &str) -> Cause {
    let cause = pair.cause(Code::TemplateText, Severity::Behaviour, Weight::Deployed);
    let Ok(diff) = text::diff(left, right, context.limits) else {
        return cause.note("Too long to compare by lines.");
    };
    let note = format!("{} lines came, {} went.", diff.added(), diff.removed());
    let pointer = diff.hunks.first().map(|hunk| place(hunk)).unwrap_or_default();
    cause
        .pointer(pointer)
        .count(diff.added().max(diff.removed()).max(1))
        .note(note)
}

/// `R3-R9`: lines of the right side; `L3-L9` of the left where lines only went.
pub(super) fn place(hunk: &text::Hunk) -> String {
    let (side, range) = if hunk.right.is_empty() {
        ('L', &hunk.left)
    } else {
        ('R', &hunk.right)
    };
    let first = range.start.saturating_add(1);
    if range.end <= first {
        format!("{side}{first}")
    } else {
        format!("{side}{first}-{side}{}", range.end)
    }
}

fn line_ends(pair: &Pair<'_>, context: &Context<'_>, left: &str, right: &str) -> Cause {
    let cosmetic = pair.place.class != FileClass::Partial
        && left.starts_with('\u{feff}') == right.starts_with('\u{feff}')
        && !left.contains(BLOCK_SCALARS)
        && !defines(left)
        && same_actions(left, right)
        && context.template_included(pair).is_none();
    let (severity, weight, note) = if cosmetic {
        (
            Severity::Info,
            Weight::Cosmetic,
            "Only line ends differ, and none of them reaches an object.",
        )
    } else {
        (
            Severity::Review,
            Weight::Deployed,
            "Only line ends differ, but they may reach a script, a text or a hash.",
        )
    };
    pair.cause(Code::FileLineEndings, severity, weight).note(note)
}

/// Signs that begin a block scalar. A `|` in an action or a text is taken for one too.
const BLOCK_SCALARS: [char; 2] = ['|', '>'];

/// True when the template defines something that others may include, or when that cannot be told.
pub(super) fn defines(source: &str) -> bool {
    pieces(source).is_none_or(|pieces| {
        pieces
            .iter()
            .filter(|p| p.kind == PieceKind::Action)
            .any(|p| matches!(tokens(p.body).first(), Some(Token::Word("define" | "block"))))
    })
}

/// True when both have the same actions, byte for byte, in the same order.
pub(super) fn same_actions(left: &str, right: &str) -> bool {
    let actions = |source| {
        let pieces = pieces(source)?;
        Some(
            pieces
                .into_iter()
                .filter(|p| p.kind == PieceKind::Action)
                .map(|p| p.source)
                .collect::<Vec<_>>(),
        )
    };
    match (actions(left), actions(right)) {
        (Some(l), Some(r)) => l == r,
        _ => false,
    }
}
