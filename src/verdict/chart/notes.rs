//! `templates/NOTES.txt`: printed for people after an install, and rendered like any template before it.
//!
//! `file.docs` 1, cosmetic, when only printed text differs; otherwise the rules for templates speak, because an action in
//! it can stop the release (`fail`, `required`, a missing value) or change values for other templates (`set`).
//!
//! Proof of "cosmetic": both sides run the same actions in the same order, apart from those that read nothing but the
//! release and the chart's name and version; the file defines nothing, and no template includes it by path.

use super::actions::{PieceKind, Token, pieces, tokens};
use super::template::defines;
use super::{Cause, Code, Context, Pair, Severity, Weight};

pub(super) fn judge(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let sides = [pair.left, pair.right].map(|side| side.map_or(Some(""), super::text));
    let [Some(left), Some(right)] = sides else {
        return Vec::new();
    };
    let proven = !defines(left)
        && !defines(right)
        && run(left).is_some_and(|l| run(right).is_some_and(|r| l == r))
        && context.template_included(pair).is_none();
    if !proven {
        return Vec::new();
    }
    let mut causes = Vec::new();
    if pair.one_sided() {
        causes.push(pair.presence(Severity::Info, Weight::Cosmetic));
    }
    causes.push(
        pair.cause(Code::FileDocs, Severity::Info, Weight::Cosmetic)
            .note("Only text that is printed after an install."),
    );
    causes
}

/// The actions that can do more than print. `.` is the release's context outside of `with` and `range` only; `$` always.
pub(super) fn run(source: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    let mut open: Vec<bool> = Vec::new();
    for piece in pieces(source)? {
        if piece.kind != PieceKind::Action {
            continue;
        }
        let tokens = tokens(piece.body);
        match tokens.first() {
            Some(Token::Word("with" | "range")) => open.push(true),
            Some(Token::Word("if")) => open.push(false),
            Some(Token::Word("end")) => drop(open.pop()),
            _ => {}
        }
        if !only_prints(&tokens, !open.contains(&true)) {
            found.push(piece.source);
        }
    }
    Some(found)
}

/// True for `{{ .Release.Name }}` and its like: they are always there, and printing them does nothing else.
fn only_prints(tokens: &[Token<'_>], same_dot: bool) -> bool {
    const ALWAYS_THERE: [&str; 8] = [
        ".Release.Name",
        ".Release.Namespace",
        ".Release.Revision",
        ".Release.Service",
        ".Chart.Name",
        ".Chart.Version",
        ".Chart.AppVersion",
        ".Chart.Description",
    ];
    match tokens {
        [Token::Word(word)] => match word.strip_prefix('$') {
            Some(field) => ALWAYS_THERE.contains(&field),
            None => same_dot && ALWAYS_THERE.contains(word),
        },
        _ => false,
    }
}
