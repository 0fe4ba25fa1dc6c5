//! Which template files are rendered into others by their path: `include (print $.Template.BasePath "/x.yaml") .`

use serde::{Deserialize, Serialize};

use super::lex::{SegmentKind, lex, squeeze};

/// The template files whose rendered text a template uses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Includes {
    /// Path endings, such as `/configmap.yaml`, in order of appearance.
    pub paths: Vec<String>,
    /// True when there is an include by path, or by a name, that only the values decide.
    pub unknown: bool,
}

/// Finds the includes of whole template files.
///
/// A call with a plain name (`include "kelp.labels" .`) includes a definition; a name with a `/` is a file's own path. A
/// template that cannot be lexed answers `unknown`.
pub fn includes_base_path(text: &str) -> Includes {
    let mut includes = Includes::default();
    let Ok(segments) = lex(text) else {
        includes.unknown = true;
        return includes;
    };
    for segment in segments
        .iter()
        .filter(|segment| segment.kind == SegmentKind::Action)
    {
        let inner = squeeze(text.get(segment.inner.clone()).unwrap_or_default());
        let mut calls = Calls::of(&inner);
        while let Some(after) = calls.next() {
            argument(after, &mut calls, &mut includes);
        }
    }
    includes
}

/// The calls of an action. Each thing that is looked for is found once, however many calls there are: an action can be a
/// megabyte long.
struct Calls<'a> {
    text: &'a str,
    at: usize,
    include: Option<usize>,
    template: Option<usize>,
    close: usize,
}

impl<'a> Calls<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            include: text.find("include"),
            template: text.find("template"),
            close: 0,
        }
    }

    /// The part of this text (an end of the action) before its first `)`.
    fn before_close(&mut self, text: &'a str) -> &'a str {
        let start = self.text.len() - text.len();
        if self.close < start || self.close == 0 {
            self.close = text.find(')').map_or(self.text.len(), |close| start + close);
        }
        self.text.get(start..self.close).unwrap_or(text)
    }
}

/// What follows each `include` and `template` that is a word of its own.
impl<'a> Iterator for Calls<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let (at, word) = match (self.include, self.template) {
                (Some(i), Some(t)) if t < i => (t, "template"),
                (Some(i), _) => (i, "include"),
                (None, Some(t)) => (t, "template"),
                (None, None) => return None,
            };
            let before = self.text.get(self.at..at)?.chars().next_back();
            self.at = at + word.len();
            let after = self.text.get(self.at..)?;
            for (found, word) in [(&mut self.include, "include"), (&mut self.template, "template")] {
                if found.is_some_and(|found| found < self.at) {
                    *found = after.find(word).map(|next| self.at + next);
                }
            }
            let free = before.is_none_or(|c| matches!(c, ' ' | '(' | '|' | '='))
                && after.starts_with([' ', '(', '"', '`']);
            if free {
                return Some(after);
            }
        }
    }
}

fn argument<'a>(text: &'a str, calls: &mut Calls<'a>, includes: &mut Includes) {
    let text = text.trim_start();
    if let Some(literal) = literal(text) {
        if literal.contains('/') {
            includes.paths.push(literal.to_owned());
        }
        return;
    }
    // `(print $.Template.BasePath "/x.yaml")` and `(printf "%s/x.yaml" $.Template.BasePath)`
    let Some(call) = text.strip_prefix('(') else {
        includes.unknown = true;
        return;
    };
    let call = call.trim_start_matches(' ');
    if !(call.starts_with("print ") || call.starts_with("printf ")) {
        includes.unknown = true;
        return;
    }
    let call = calls.before_close(call);
    // One more than any form has.
    let words: Vec<&str> = call.split(' ').filter(|word| !word.is_empty()).take(4).collect();
    let based = words.iter().any(|word| word.contains(".Template.BasePath"));
    match words.as_slice() {
        ["print", base, path] if based && base.ends_with(".Template.BasePath") => match literal(path) {
            Some(path) => includes.paths.push(path.to_owned()),
            None => includes.unknown = true,
        },
        ["printf", path, base] if based && base.ends_with(".Template.BasePath") => {
            match literal(path).and_then(|path| path.strip_prefix("%s")) {
                Some(path) if !path.contains('%') => includes.paths.push(path.to_owned()),
                _ => includes.unknown = true,
            }
        }
        _ => includes.unknown = true,
    }
}

/// A string literal without escapes at the start of this text.
fn literal(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '`'))?;
    let inside = text.get(1..)?.split(quote).next()?;
    (!inside.contains('\\')).then_some(inside)
}
