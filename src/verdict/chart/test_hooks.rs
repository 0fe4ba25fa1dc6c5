//! `templates/tests/**`: by convention hooks that only `helm test` runs.
//!
//! `file.tests` 1, cosmetic, when that is proven; otherwise the rules for templates speak: Helm itself makes no difference
//! between this folder and any other.
//!
//! Proof of "cosmetic", on each side that has the file: every document has a `kind` and a `helm.sh/hook` annotation that names
//! nothing but tests, both written as text under the same conditions; no action stands at the left margin and prints (it
//! could print another document); the file defines nothing, and no template includes it by path.

use super::actions::{PieceKind, Token, pieces, tokens};
use super::template::defines;
use super::{Cause, Code, Context, Pair, Severity, Weight};

pub(super) fn judge(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let mut sides = [pair.left, pair.right].into_iter().flatten();
    let proven = sides.all(|node| super::text(node).is_some_and(|text| !defines(text) && only_tests(text)))
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
