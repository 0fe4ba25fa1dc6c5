//! `templates/tests/**`: by convention hooks that only `helm test` runs.
//!
//! `file.tests` 1, cosmetic, when that is proven; otherwise the rules for templates speak: Helm itself makes no difference
//! between this folder and any other.
//!
//! Proof of "cosmetic", on each side that has the file: every document is YAML around its actions, with an `apiVersion`, a
//! `kind`, a name, and a `helm.sh/hook` annotation that names nothing but tests, kind and annotation written as text under the
//! same conditions; no action stands at the left margin and prints (it could print another document), and none trims text away
//! but on a line of its own; the file defines nothing, and no template includes it by path. Since an action can also fail, both
//! sides run the same ones, apart from those that only print what is always there.

use super::actions::{Piece, PieceKind, Token, pieces, tokens};
use super::notes::run;
use super::template::defines;
use super::{Cause, Code, Context, Pair, Severity, Weight};
use crate::verdict::kubernetes::{self, Changed, hook};

pub(super) fn judge(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let sides = [pair.left, pair.right].map(|side| side.map_or(Some(""), super::text));
    let [Some(left), Some(right)] = sides else {
        return Vec::new();
    };
    let proven = [left, right].into_iter().all(|text| {
        !defines(text) && trims_nothing(text) && only_tests(text) && objects_are_tests(pair, context, text)
    }) && run(left).is_some_and(|l| run(right).is_some_and(|r| l == r))
        && context.template_included(pair).is_none();
    if !proven {
        return Vec::new();
    }
    let mut causes = Vec::new();
    if pair.one_sided() {
        causes.push(pair.presence(Severity::Info, Weight::Cosmetic));
    }
    causes.push(
        pair.cause(Code::FileTests, Severity::Info, Weight::Cosmetic)
            .note("Hooks that only `helm test` runs."),
    );
    causes
}

/// True when every document can be read without rendering, and is a named test hook.
fn objects_are_tests(pair: &Pair<'_>, context: &Context<'_>, source: &str) -> bool {
    let file = Changed {
        path: pair.shown.clone(),
        class: pair.place.class,
        left: None,
        right: None,
    };
    kubernetes::object::whole(&file, source, context.limits).is_some_and(|objects| {
        objects.iter().all(|o| {
            !o.name.is_empty()
                && o.at("/apiVersion").is_some_and(serde_json::Value::is_string)
                && hook::is_test(o)
        })
    })
}

/// The text of a piece beside an action; something that is no white space for another action.
fn beside<'a>(piece: Option<&Piece<'a>>) -> Option<&'a str> {
    piece.map(|p| if p.kind == PieceKind::Text { p.source } else { "x" })
}

/// True when trim markers take nothing but line ends and indentation of lines of their own.
fn trims_nothing(source: &str) -> bool {
    let Some(pieces) = pieces(source) else {
        return false;
    };
    pieces
        .iter()
        .enumerate()
        .filter(|(_, p)| p.kind != PieceKind::Text)
        .all(|(at, piece)| {
            let before = beside(at.checked_sub(1).and_then(|at| pieces.get(at)));
            let after = beside(pieces.get(at + 1));
            let first = before.is_none_or(|t| t.trim().is_empty() && at == 1);
            let last = after.is_none_or(|t| t.trim().is_empty() && at + 2 == pieces.len());
            let alone = before.is_none_or(|t| {
                t.rsplit('\n').next().is_some_and(|l| l.trim().is_empty()) && t.contains('\n')
            }) && after.is_none_or(|t| t.split('\n').next().is_some_and(|l| l.trim().is_empty()));
            let trims_before = piece.source.starts_with("{{-");
            let trims_after = piece.source.ends_with("-}}");
            (!trims_before || alone || first) && (!trims_after || first || last)
        })
}

/// One document: under which conditions its kind and its hook annotation stand.
#[derive(Default)]
struct Document {
    kind: Option<Vec<usize>>,
    hook: Option<Vec<usize>>,
    other: bool,
    text: bool,
}

fn only_tests(source: &str) -> bool {
    let Some(pieces) = pieces(source) else {
        return false;
    };
    let mut documents = vec![Document::default()];
    let mut open: Vec<usize> = Vec::new();
    let mut margin = true;
    for (at, piece) in pieces.iter().enumerate() {
        let found = tokens(piece.body);
        let (silent, change) = match (piece.kind, found.as_slice()) {
            (PieceKind::Text, _) => (true, None),
            (PieceKind::Comment, _) | (_, []) => (true, None),
            (_, [Token::Word("if" | "with" | "range"), ..]) => (true, Some(true)),
            (_, [Token::Word("end"), ..]) => (true, Some(false)),
            // Another branch is another condition.
            (_, [Token::Word("else"), ..]) => {
                open.pop();
                (true, Some(true))
            }
            (_, [Token::Word(word), Token::Sign('='), ..]) if word.starts_with('$') => (true, None),
            _ => (false, None),
        };
        match change {
            Some(true) => open.push(at),
            Some(false) => {
                open.pop();
            }
            None => {}
        }
        if !silent && margin {
            return false;
        }
        if piece.kind == PieceKind::Text {
            for line in piece.source.split_inclusive('\n') {
                if margin && line.starts_with("---") {
                    documents.push(Document::default());
                } else if let Some(document) = documents.last_mut() {
                    document.take(line, margin, &open);
                }
                margin = line.ends_with('\n') || (margin && line.is_empty());
            }
        } else if !silent {
            margin = false;
        }
    }
    documents.retain(|d| d.text);
    documents
        .iter()
        .all(|d| !d.other && d.kind.is_some() && d.kind == d.hook)
}

impl Document {
    fn take(&mut self, line: &str, margin: bool, open: &[usize]) {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with('#') {
            return;
        }
        self.text = true;
        if margin && line.starts_with("kind:") {
            self.other |= self.kind.replace(open.to_vec()).is_some();
        }
        let unquoted = bare.replace(['"', '\''], "");
        if let Some(events) = unquoted.strip_prefix("helm.sh/hook:") {
            let events = events.split('#').next().unwrap_or_default();
            let test = |event: &str| matches!(event.trim(), "test" | "test-success" | "test-failure");
            self.other |= !events.split(',').all(test);
            self.other |= self.hook.replace(open.to_vec()).is_some();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_test_hooks_are_proven() {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}-t\n  annotations:\n    \"helm.sh/hook\": test\nspec: {}\n";
        for (source, proven) in [
            (pod.to_owned(), true),
            (
                format!("{{{{- if .Values.tests }}}}\n{pod}{{{{- end }}}}\n"),
                true,
            ),
            (format!("# a\n{pod}---\n{pod}"), true),
            (
                pod.replace("\"helm.sh/hook\": test", "helm.sh/hook: test-success"),
                true,
            ),
            (pod.replace(": test", ": test,pre-install"), false),
            (pod.replace(": test", ": {{ .Values.hook }}"), false),
            (
                format!("{pod}---\nkind: ConfigMap\nmetadata: {{name: x}}\n"),
                false,
            ),
            (
                pod.replace("    \"helm", "    {{ if .x }}\n    \"helm")
                    .replace("test\n", "test\n    {{ end }}\n"),
                false,
            ),
            (format!("{pod}{{{{ include \"more\" . }}}}\n"), false),
            (
                format!("{pod}{{{{ if x }}}}{{{{ include \"more\" . }}}}{{{{ end }}}}\n"),
                false,
            ),
            (format!("{pod}kind: Secret\n"), false),
            ("{{ x".to_owned(), false),
        ] {
            assert_eq!(only_tests(&source), proven, "{source}");
        }
    }
}
