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
        let mut rest = inner.as_str();
        while let Some((after, at_word)) = next_call(rest) {
            rest = after;
            if at_word {
                argument(after, &mut includes);
            }
        }
    }
    includes
}

/// What follows the next `include` or `template`, and whether it is a word of its own.
fn next_call(text: &str) -> Option<(&str, bool)> {
    let (at, word) = ["include", "template"]
        .into_iter()
        .filter_map(|word| text.find(word).map(|at| (at, word)))
        .min_by_key(|(at, _)| *at)?;
    let before = text.get(..at)?.chars().next_back();
    let after = text.get(at + word.len()..)?;
    let free =
        before.is_none_or(|c| matches!(c, ' ' | '(' | '|' | '=')) && after.starts_with([' ', '(', '"', '`']);
    Some((after, free))
}

fn argument(text: &str, includes: &mut Includes) {
    let text = text.trim_start();
    if let Some(literal) = literal(text) {
        if literal.contains('/') {
            includes.paths.push(literal.to_owned());
        }
        return;
    }
    // `(print $.Template.BasePath "/x.yaml")` and `(printf "%s/x.yaml" $.Template.BasePath)`
    let Some(call) = text.strip_prefix('(').and_then(|call| call.split(')').next()) else {
        includes.unknown = true;
        return;
    };
    let based = call.contains(".Template.BasePath");
    let words: Vec<&str> = call.split(' ').filter(|word| !word.is_empty()).collect();
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
