//! What the argument of a call can be, as far as its tokens tell: the names that `.Files.Get`, `.Files.Glob` and `include`
//! are given.
//!
//! Invariant: a [`Pattern`] excludes only what the argument cannot be.

use std::collections::BTreeMap;

use super::actions::Token;
use super::pattern::Pattern;

/// What the argument that follows can be: a text, a `printf`, or a variable that ranges over a glob.
pub(super) fn argument(
    after: &[Token<'_>],
    globbed: bool,
    globs: &BTreeMap<&str, Vec<Pattern>>,
    note: &mut dyn FnMut(Pattern),
) {
    match after {
        [Token::Text(name), ..] => note(if globbed {
            Pattern::glob(name)
        } else {
            Pattern::exact(name)
        }),
        [Token::Sign('('), Token::Word("printf"), Token::Text(format), ..] => {
            // A verb's value may hold signs of its own, which only a glob would read.
            note(if globbed {
                Pattern::glob(&format.replace('%', "*"))
            } else {
                Pattern::printf(format)
            });
        }
        [Token::Word(variable), ..] if globs.contains_key(variable) => {
            globs
                .get(variable)
                .into_iter()
                .flatten()
                .for_each(|p| note(p.clone()));
        }
        _ => note(Pattern::any()),
    }
}

/// The end of `(print $.Template.BasePath "/x.yaml")`. Nothing is known of what `printf` formats, of a text that is put
/// together in parentheses of its own, and of what is piped on.
pub(super) fn base_path_end(before: &[Token<'_>], after: &[Token<'_>]) -> Pattern {
    let end = after.iter().position(|t| matches!(t, Token::Sign(_)));
    let printed = matches!(before, [.., Token::Sign('('), Token::Word("print")]);
    match end.and_then(|at| Some((after.get(at)?, after.get(..at)?.last()?))) {
        Some((Token::Sign(')'), Token::Text(end))) if printed => Pattern::ending(end),
        _ => Pattern::any(),
    }
}

/// The tokens of the parenthesis that opens first.
pub(super) fn first_group<'t, 'a>(after: &'t [Token<'a>]) -> &'t [Token<'a>] {
    if after.first() != Some(&Token::Sign('(')) {
        return &[];
    }
    let mut depth = 0_i64;
    let end = after.iter().position(|t| {
        depth += match t {
            Token::Sign('(') => 1,
            Token::Sign(')') => -1,
            _ => 0,
        };
        depth == 0
    });
    after.get(..end.unwrap_or(after.len())).unwrap_or_default()
}

/// Variables of a template that only ever stand for a path out of `.Files.Glob`: `range $path, $_ := .Files.Glob "x/*"`.
pub(super) fn glob_variables<'a>(actions: &[Vec<Token<'a>>]) -> BTreeMap<&'a str, Vec<Pattern>> {
    let mut bound: BTreeMap<&str, Vec<Pattern>> = BTreeMap::new();
    for tokens in actions {
        let targets = tokens.iter().position(|t| *t == Token::Sign('='));
        let Some(equals) = targets else { continue };
        let (names, value) = (
            tokens.get(..equals).unwrap_or_default(),
            tokens.get(equals + 1..).unwrap_or_default(),
        );
        let names = names.iter().filter_map(|t| match t {
            Token::Word(word) if word.starts_with('$') => Some(*word),
            _ => None,
        });
        let names = names.collect::<Vec<_>>();
        let ranged = tokens.first() == Some(&Token::Word("range"));
        for (at, name) in names.iter().enumerate() {
            let pattern = match value {
                [Token::Word(word), Token::Text(glob)]
                    if word.ends_with(".Files.Glob") && ranged && at == 0 && names.len() == 2 =>
                {
                    Pattern::glob(glob)
                }
                _ => Pattern::any(),
            };
            bound.entry(name).or_default().push(pattern);
        }
    }
    bound
}
