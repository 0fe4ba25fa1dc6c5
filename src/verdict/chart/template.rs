//! What Helm renders: templates, partials.
//!
//! | what | cause | severity |
//! |---|---|---|
//! | comments, and the same bytes are rendered; or YAML comments, and no template uses the rendered text | `template.comments` | 1, cosmetic |
//! | YAML comments in a template whose rendered text another one uses, usually for a hash | `template.comments` | 2, deployed |
//! | white space that renders the same data | `template.text` | 1, cosmetic |
//! | text outside of the definitions of a file `_*`, which no template includes by path | `template.comments`, `template.text` | 1, cosmetic |
//! | only line ends, nowhere near a block scalar or a hash | `file.line-endings` | 1, cosmetic |
//! | only line ends elsewhere | `file.line-endings` | 2, deployed |
//! | anything else | `template.text` | 3, deployed |
//!
//! Proof of "cosmetic": [`template::compare`](crate::compare::template::compare) proves that the same bytes are rendered, or
//! that the same data is and no template includes this one by path. For line ends: a YAML reader takes CRLF for LF outside of
//! block scalars; every action is equal to the byte; the file defines nothing (a definition's text may land in a block scalar or
//! a hash) and no template includes it by path.

use super::actions::{PieceKind, Token, pieces, tokens};
use super::{Cause, Code, Context, Pair, Severity, Weight};
use crate::compare::lines;
use crate::compare::template::{self, Equality, Renders, TemplateComparison};
use crate::compare::text::Hunk;
use crate::verdict::file_class::FileClass;

pub(super) fn judge(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let Some((left, right)) = pair.texts() else {
        return Vec::new();
    };
    // Helm takes a byte order mark off every file (`LoadArchiveFiles`) before anything sees it.
    let [left, right] = [left, right].map(|text| text.strip_prefix('\u{feff}').unwrap_or(text));
    if left == right {
        return vec![
            pair.cause(Code::FileLineEndings, Severity::Info, Weight::Cosmetic)
                .note("Only a byte order mark differs, which Helm takes off."),
        ];
    }
    if lines::equal_but_endings(left.as_bytes(), right.as_bytes()) {
        return vec![line_ends(pair, context, left, right)];
    }
    let renders = Renders::of(&pair.shown);
    let compared = template::compare(left, right, renders, context.limits);
    match (compared.rendered, context.template_included(pair)) {
        (Equality::NotProven, _) => vec![changed(pair, &compared)],
        (Equality::Text, _) => vec![same(
            pair,
            &compared,
            Weight::Cosmetic,
            "The same bytes are rendered.",
        )],
        (Equality::Data, None) => vec![same(
            pair,
            &compared,
            Weight::Cosmetic,
            "The same objects are rendered.",
        )],
        (Equality::Data, Some(why)) => {
            vec![same(
                pair,
                &compared,
                Weight::Deployed,
                &format!("The same objects are rendered, but {why}."),
            )]
        }
    }
}

/// A cause for what renders the same.
fn same(pair: &Pair<'_>, compared: &TemplateComparison, weight: Weight, note: &str) -> Cause {
    let severity = if weight == Weight::Cosmetic {
        Severity::Info
    } else {
        Severity::Review
    };
    let code = if compared.comments {
        Code::TemplateComments
    } else {
        Code::TemplateText
    };
    placed(pair.cause(code, severity, weight), &compared.text).note(note)
}

/// `template.text`, with where and how many lines.
fn changed(pair: &Pair<'_>, compared: &TemplateComparison) -> Cause {
    let cause = placed(
        pair.cause(Code::TemplateText, Severity::Behaviour, Weight::Deployed),
        &compared.text,
    );
    let lines = |of: fn(&Hunk) -> u32| compared.text.iter().map(|hunk| u64::from(of(hunk))).sum::<u64>();
    let (came, went) = (
        lines(|h| h.right.end - h.right.start),
        lines(|h| h.left.end - h.left.start),
    );
    match compared.reasons.first() {
        Some(why) if compared.text.is_empty() => cause.note(format!("Not compared: {why}.")),
        _ => cause.note(format!("Lines: {came} came, {went} went.")),
    }
}

/// The cause with its first place, and how many lines it stands for.
fn placed(cause: Cause, hunks: &[Hunk]) -> Cause {
    let lines = hunks
        .iter()
        .map(|h| u64::from((h.right.end - h.right.start).max(h.left.end - h.left.start)));
    cause
        .pointer(hunks.first().map(place).unwrap_or_default())
        .count(lines.sum::<u64>().max(1))
}

/// `R3-R9`: lines of the right side; `L3-L9` of the left where lines only went.
fn place(hunk: &Hunk) -> String {
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
        && !holds_block_scalars(left)
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

/// True when the text outside of actions holds a sign that begins a block scalar, wherever it stands.
fn holds_block_scalars(source: &str) -> bool {
    pieces(source).is_none_or(|pieces| {
        pieces
            .iter()
            .any(|p| p.kind == PieceKind::Text && p.source.contains(['|', '>']))
    })
}

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
