//! What is known of a name that a template computes: how it begins and how it ends.
//!
//! Purpose: `.Files.Glob "config/*.json"` or `.Files.Get (printf "config/%s" .x)` read *some* file; a rule must
//! know which files they cannot read. Invariant: a pattern never excludes a name that Helm's glob or `printf` could
//! produce; it may well match more.

use std::sync::Arc;

/// A begin and an end; whole names have `exact`. Cheap to copy: one stands at every place that reads a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern {
    begin: Arc<str>,
    end: Arc<str>,
    exact: bool,
}

impl Pattern {
    /// Any name at all.
    pub fn any() -> Self {
        Self {
            begin: Arc::default(),
            end: Arc::default(),
            exact: false,
        }
    }

    /// This name only. A backslash may be an escape, so such a text is not taken at its word.
    pub fn exact(name: &str) -> Self {
        if name.contains('\\') {
            return Self::any();
        }
        Self {
            begin: name.into(),
            end: Arc::default(),
            exact: true,
        }
    }

    /// Anything with this end.
    pub fn ending(end: &str) -> Self {
        if end.contains('\\') {
            return Self::any();
        }
        Self {
            end: end.into(),
            ..Self::any()
        }
    }

    /// A glob as `github.com/gobwas/glob` reads it: `*`, `?`, `[…]`, `{a,b}` and `\` are signs. What stands between the
    /// first and the last sign is not looked at.
    pub fn glob(glob: &str) -> Self {
        let signs = |c: char| matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\' | ',' | '!');
        match (glob.find(signs), glob.rfind(signs)) {
            (Some(first), Some(last)) => Self::around(glob, first, last + 1),
            _ => Self::exact(glob),
        }
    }

    /// The result of `printf` with this format: up to the first verb, and from after the last.
    pub fn printf(format: &str) -> Self {
        let (Some(first), Some(last)) = (format.find('%'), format.rfind('%')) else {
            return Self::exact(format);
        };
        if format.contains('\\') {
            return Self::any();
        }
        let verb = format.get(last + 1..).unwrap_or_default();
        let letter = verb
            .find(|c: char| c.is_alphabetic() || c == '%')
            .map_or(verb.len(), |n| n + 1);
        Self::around(format, first, last + 1 + letter)
    }

    fn around(text: &str, first: usize, last: usize) -> Self {
        if text.get(..first).is_some_and(|begin| begin.contains('\\')) {
            return Self::any();
        }
        Self {
            begin: text.get(..first).unwrap_or_default().into(),
            end: text.get(last..).unwrap_or_default().into(),
            exact: false,
        }
    }

    /// True unless the name certainly is not what the pattern stands for.
    pub fn may_be(&self, name: &[u8]) -> bool {
        if self.exact {
            return self.begin.as_bytes() == name;
        }
        name.starts_with(self.begin.as_bytes()) && name.ends_with(self.end.as_bytes())
    }

    /// How the name begins, as far as it is known.
    pub fn begin(&self) -> &str {
        &self.begin
    }

    /// The whole name, where it is known.
    pub fn exactly(&self) -> Option<&Arc<str>> {
        self.exact.then_some(&self.begin)
    }

    /// True when neither begin nor end is known.
    pub fn is_open(&self) -> bool {
        !self.exact && self.begin.is_empty() && self.end.is_empty()
    }

    /// True unless the name certainly ends in another way.
    pub fn may_end(&self, name: &[u8]) -> bool {
        self.exact || name.ends_with(self.end.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_excludes_only_what_cannot_be() {
        let table: &[(Pattern, &[&str], &[&str])] = &[
            (Pattern::any(), &["", "README.md"], &[]),
            (Pattern::exact("a.txt"), &["a.txt"], &["b.txt", "a.txt2", ""]),
            (Pattern::exact("a\\x2etxt"), &["a.txt"], &[]),
            (
                Pattern::glob("config/*.json"),
                &["config/a.json", "config/b/c.json"],
                &["config/a.yaml", "README.md"],
            ),
            (Pattern::glob("{README,x}.md"), &["README.md"], &["README.txt"]),
            (Pattern::glob("**"), &["README.md"], &[]),
            (Pattern::glob("[A-Z]*"), &["README.md"], &[]),
            (Pattern::glob("READ\\ME.md"), &["README.md"], &["LICENSE"]),
            (
                Pattern::printf("config/%s.yaml"),
                &["config/a.yaml"],
                &["README.md", "config/a.json"],
            ),
            (Pattern::printf("%s"), &["README.md"], &[]),
            (Pattern::printf("%-5.2fmd"), &["x.md"], &["x.txt"]),
            (Pattern::printf("100%%"), &["100%"], &["README.md"]),
            (
                Pattern::ending("/configmap.yaml"),
                &["templates/configmap.yaml"],
                &["templates/a.yaml"],
            ),
        ];
        for (pattern, may, cannot) in table {
            for name in *may {
                assert!(pattern.may_be(name.as_bytes()), "{pattern:?} {name}");
            }
            for name in *cannot {
                assert!(!pattern.may_be(name.as_bytes()), "{pattern:?} {name}");
            }
        }
    }
}
