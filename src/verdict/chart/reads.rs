//! What the tokens of one action read.
//!
//! Invariants: errs towards "read", as the [`survey`](super::survey) that asks; time grows with the number of tokens, not
//! with its square, because an action may be a megabyte long.

use std::collections::BTreeMap;

use super::actions::{Token, pieces, tokens};
use super::pattern::Pattern;
use super::survey::Read;
use crate::limits::Limits;

/// Everything the tokens of one action read.
pub(super) fn reads(tokens: &[Token<'_>], globs: &BTreeMap<&str, Vec<Pattern>>) -> Vec<Read> {
    let mut found = Vec::new();
    let groups = Groups::of(tokens);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Word(word) => {
                let around = Around {
                    before: tokens.get(..at).unwrap_or_default(),
                    after: tokens.get(at + 1..).unwrap_or_default(),
                    groups: &groups,
                    at: at + 1,
                };
                read_by_word(word, &around, globs, &mut |read| found.push(read));
            }
            Token::Text(text) => read_by_text(text, &mut |read| found.push(read)),
            Token::Sign(_) => {}
        }
    }
    found
}

/// What is asked of the tokens after a word, found for all words in one pass: actions can be a megabyte long.
struct Groups {
    /// For each token, the next sign at or after it, else the end.
    stops: Vec<usize>,
    /// For each `(`, its `)`, else the end.
    closes: Vec<usize>,
    /// How many words with `BasePath` stand before each token.
    base_paths: Vec<usize>,
}

impl Groups {
    fn of(tokens: &[Token<'_>]) -> Self {
        let end = tokens.len();
        let (mut stops, mut closes) = (vec![end; end + 1], vec![end; end + 1]);
        let mut base_paths = Vec::with_capacity(end + 1);
        let (mut open, mut count) = (Vec::new(), 0);
        for (at, token) in tokens.iter().enumerate() {
            base_paths.push(count);
            count += usize::from(matches!(token, Token::Word(w) if w.contains("BasePath")));
            match token {
                Token::Sign('(') => open.push(at),
                Token::Sign(')') => {
                    if let Some(slot) = open.pop().and_then(|from| closes.get_mut(from)) {
                        *slot = at;
                    }
                }
                _ => {}
            }
        }
        base_paths.push(count);
        let mut next = end;
        for (at, token) in tokens.iter().enumerate().rev() {
            if matches!(token, Token::Sign(_)) {
                next = at;
            }
            if let Some(slot) = stops.get_mut(at) {
                *slot = next;
            }
        }
        Self {
            stops,
            closes,
            base_paths,
        }
    }
}

/// The tokens around a word.
struct Around<'t, 'a> {
    before: &'t [Token<'a>],
    after: &'t [Token<'a>],
    groups: &'t Groups,
    /// Where those after it begin in the action.
    at: usize,
}

impl Around<'_, '_> {
    /// The end of `(print $.Template.BasePath "/x.yaml")`. Nothing is known of what `printf` formats, of a text that is put
    /// together in parentheses of its own, and of what is piped on.
    fn base_path_end(&self) -> Pattern {
        let stop = self.groups.stops.get(self.at).copied().unwrap_or(self.at) - self.at;
        let printed = matches!(self.before, [.., Token::Sign('('), Token::Word("print")]);
        let last = stop.checked_sub(1).and_then(|last| self.after.get(last));
        match (self.after.get(stop), last) {
            (Some(Token::Sign(')')), Some(Token::Text(end))) if printed => Pattern::ending(end),
            _ => Pattern::any(),
        }
    }

    /// Whether the parenthesis that opens first mentions `BasePath`.
    fn group_has_base_path(&self) -> bool {
        let before = |at: usize| self.groups.base_paths.get(at).copied().unwrap_or_default();
        let end = self.groups.closes.get(self.at).copied().unwrap_or(self.at);
        self.after.first() == Some(&Token::Sign('(')) && before(end) > before(self.at)
    }
}

fn read_by_word(
    word: &str,
    around: &Around<'_, '_>,
    globs: &BTreeMap<&str, Vec<Pattern>>,
    note: &mut dyn FnMut(Read),
) {
    let after = around.after;
    let mut based = false;
    let mut fields = word.split('.').skip(1).peekable();
    while let Some(field) = fields.next() {
        match field {
            "Files" => match fields.peek().copied() {
                Some("Get" | "GetBytes" | "Lines") => {
                    argument(after, false, globs, &mut |p| note(Read::File(p)))
                }
                Some("Glob") => argument(after, true, globs, &mut |p| note(Read::File(p))),
                _ => note(Read::File(Pattern::any())),
            },
            "Chart" => note(Read::Chart(
                fields.peek().filter(|f| !f.is_empty()).map(|f| (*f).to_owned()),
            )),
            "Template" if fields.peek() != Some(&"BasePath") => note(Read::Template(Pattern::any())),
            "BasePath" if !based => {
                based = true;
                note(Read::Sibling(around.base_path_end()));
            }
            _ => {}
        }
    }
    match word {
        "include" | "template" => match after.first() {
            Some(Token::Text(name)) if name.contains("/templates/") => {
                let file = name.rsplit("/templates/").next().unwrap_or_default();
                note(Read::Template(Pattern::ending(&format!("templates/{file}"))));
            }
            Some(Token::Text(name)) if name.contains('\\') => note(Read::Template(Pattern::any())),
            Some(Token::Text(name)) => note(Read::Definition((*name).to_owned())),
            // `include (print $.Template.BasePath …)` was told by the word BasePath.
            _ if around.group_has_base_path() => {}
            _ => argument(after, false, &BTreeMap::new(), &mut |p| note(Read::Template(p))),
        },
        "now" | "randAlphaNum" | "randAlpha" | "randNumeric" | "randAscii" | "randBytes" | "randInt"
        | "uuidv4" | "genCA" | "genSelfSignedCert" | "genSignedCert" | "genPrivateKey" | "htpasswd"
        | "bcrypt" | "shuffle" => {
            note(Read::Varying(word.to_owned()));
        }
        _ if word.ends_with(".Release.Revision") => note(Read::Varying(".Release.Revision".to_owned())),
        _ => {}
    }
}

/// A text may be a template for `tpl`, or the key of an `index` or `get`.
fn read_by_text(text: &str, note: &mut dyn FnMut(Read)) {
    if text.contains("{{") {
        let inner = pieces(text);
        let plain = inner.is_some_and(|inner| {
            for piece in inner {
                for read in reads(&tokens(piece.body), &BTreeMap::new()) {
                    note(read);
                }
            }
            true
        });
        if plain {
            return;
        }
    }
    if text == "Files" || text.contains(".Files") {
        note(Read::File(Pattern::any()));
    }
    if text == "Chart" || text.contains(".Chart") {
        note(Read::Chart(None));
    }
    if text == "Template" || text.contains(".Template") {
        note(Read::Template(Pattern::any()));
    }
}

/// What the argument that follows can be: a text, a `printf`, or a variable that ranges over a glob.
fn argument(
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

/// Variables of a template that only ever stand for a path out of `.Files.Glob`: `range $path, $_ := .Files.Glob "x/*"`.
/// One that stands for more than [`Limits::computed_names`] may be any name.
pub(super) fn glob_variables<'a>(
    actions: &[Vec<Token<'a>>],
    limits: &Limits,
) -> BTreeMap<&'a str, Vec<Pattern>> {
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
            let patterns = bound.entry(name).or_default();
            if patterns.len() >= limits.computed_names {
                *patterns = vec![Pattern::any()];
            } else if !patterns.contains(&pattern) && !patterns.iter().any(Pattern::is_open) {
                patterns.push(pattern);
            }
        }
    }
    bound
}
