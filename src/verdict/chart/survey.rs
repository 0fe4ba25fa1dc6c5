//! What the templates of a chart read: files, fields of Chart.yaml, other templates by path, definitions.
//!
//! Purpose: a README is content once a template reads it, a comment is content once the text it stands in is hashed.
//! Rules ask the survey before they call a difference cosmetic.
//!
//! Invariants: the survey errs towards "read". Every action of every template of the whole tree counts (a parent and
//! its subcharts share definitions and contexts), and so do actions in values and in files that are read, because
//! `tpl` may run them. A name that is computed is a [`Pattern`] that excludes only what it cannot be. A template that
//! cannot be read at all is kept in [`Survey::unreadable`], and nothing is proven while that is not empty.

use std::collections::BTreeMap;

use super::actions::{PieceKind, Token, pieces, tokens};
use super::flow::{self, Body};
use super::pattern::Pattern;
use crate::tree::Tree;
use crate::verdict::file_class::{FileClass, Place};

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The tree's path, shown as text.
    pub path: String,
    /// From 1.
    pub line: u64,
}

impl std::fmt::Display for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

/// Something that an action reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// Files of the chart, through `.Files`.
    File(Pattern),
    /// A field of `.Chart`, or all of it.
    Chart(Option<String>),
    /// A template's whole text, included by its path: usually to hash it.
    Template(Pattern),
    /// The same, by a path that begins with the folder of the template that runs (`.Template.BasePath`).
    Sibling(Pattern),
    /// A definition by name.
    Definition(String),
    /// A function that gives another result at each run.
    Varying(String),
}

/// One reading, where it stands, and in which `define`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// What is read.
    pub read: Read,
    /// Where.
    pub spot: Spot,
    /// The definition it stands in, if any.
    pub definition: Option<String>,
}

/// All that the templates of one side read.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// In path order, then line order.
    pub uses: Vec<Use>,
    /// Templates that could not be read, each with the reason.
    pub unreadable: Vec<(String, String)>,
    root_name: String,
}

impl Survey {
    /// Reads every template of the tree.
    pub fn of(tree: &Tree) -> Self {
        let mut survey = Self::default();
        let mut readable_files = Vec::new();
        let mut bodies = Vec::new();
        for (path, node) in &tree.nodes {
            let place = Place::of(path);
            let scanned = place.class.is_template() || place.class == FileClass::Values;
            if !scanned && !place.in_files() && place.inner != b"Chart.yaml" {
                continue;
            }
            let shown = super::shown(path);
            let Some(bytes) = node.bytes.as_deref() else {
                if scanned && node.size > 0 {
                    survey
                        .unreadable
                        .push((shown, "its bytes were not kept".to_owned()));
                }
                continue;
            };
            let text = std::str::from_utf8(bytes);
            match (text, scanned) {
                (Ok(text), _) if path == b"Chart.yaml" => plain_name(text)
                    .unwrap_or_default()
                    .clone_into(&mut survey.root_name),
                (Ok(text), true) => {
                    survey.scan(&shown, text, place.class.is_template());
                    bodies.push((shown, text));
                }
                (Err(_), true) => survey.unreadable.push((shown, "it is no UTF-8 text".to_owned())),
                (Ok(text), false) if text.contains("{{") => {
                    readable_files.push((place.inner.to_vec(), shown, text))
                }
                _ => {}
            }
        }
        // `tpl (.Files.Get "x")` runs what x holds, which may read the next.
        loop {
            let (read, rest): (Vec<_>, Vec<_>) = readable_files
                .into_iter()
                .partition(|(inner, _, _): &(Vec<u8>, String, &str)| survey.reads_file(inner).is_some());
            readable_files = rest;
            if read.is_empty() {
                break;
            }
            for (_, shown, text) in read {
                survey.scan(&shown, text, false);
                bodies.push((shown, text));
            }
        }
        survey.follow(&bodies);
        survey
    }

    /// Where a file (its path within its chart) may be read, if anywhere.
    pub fn reads_file(&self, inner: &[u8]) -> Option<&Spot> {
        self.find(|read| matches!(read, Read::File(pattern) if pattern.may_be(inner)))
    }

    /// Where a field of `.Chart` may be read, by its name in templates (`Description`), if anywhere.
    pub fn reads_chart(&self, field: &str) -> Option<&Spot> {
        self.find(|read| match read {
            Read::Chart(None) => true,
            Read::Chart(Some(name)) => name == field,
            _ => false,
        })
    }

    /// Where a template may be included by path, if anywhere.
    pub fn includes_template(&self, place: &Place<'_>) -> Option<&Spot> {
        self.uses
            .iter()
            .find(|u| self.may_include(u, place))
            .map(|u| &u.spot)
    }

    /// True when this reading may include that template.
    pub(crate) fn may_include(&self, reading: &Use, place: &Place<'_>) -> bool {
        match &reading.read {
            Read::Template(pattern) => self.may_name(pattern, place.inner),
            Read::Sibling(pattern) => {
                // A definition runs wherever it is included; a template's own body only in its own chart.
                let own = Place::of(reading.spot.path.as_bytes());
                let anywhere = reading.definition.is_some()
                    || !own.class.is_template()
                    || own.class == FileClass::Partial;
                (anywhere || own.chart == place.chart) && pattern.may_end(place.inner)
            }
            _ => false,
        }
    }

    /// Full template names begin with the root chart's name and a slash (`engine.recAllTpls`), whichever chart they
    /// belong to; of computed names only those that can begin so can be one.
    fn may_name(&self, pattern: &Pattern, inner: &[u8]) -> bool {
        let (root, begin) = (format!("{}/", self.root_name), pattern.begin());
        // Subcharts put their own folders in between, so the middle of the name is left open.
        let possible = self.root_name.is_empty() || root.starts_with(begin) || begin.starts_with(&root);
        possible && pattern.may_end(inner)
    }

    fn find(&self, wanted: impl Fn(&Read) -> bool) -> Option<&Spot> {
        self.uses.iter().find(|u| wanted(&u.read)).map(|u| &u.spot)
    }

    /// Where the whole context is printed, every field and file is.
    fn follow(&mut self, texts: &[(String, &str)]) {
        let mut bodies = Vec::new();
        for (path, text) in texts {
            let Some(body) = Body::of(path, text) else { continue };
            // Texts in actions may be templates of their own, for `tpl`.
            for (line, tokens) in &body.actions {
                for token in tokens {
                    if let Token::Text(inner) = token
                        && inner.contains("{{")
                        && let Some(mut inner) = Body::of(path, inner)
                    {
                        inner.actions.iter_mut().for_each(|(l, _)| *l = *line);
                        bodies.push(inner);
                    }
                }
            }
            bodies.push(body);
        }
        for (path, line) in flow::dumps(&bodies) {
            for read in [
                Read::File(Pattern::any()),
                Read::Chart(None),
                Read::Template(Pattern::any()),
            ] {
                self.note(read, &path, line, None);
            }
        }
    }

    fn scan(&mut self, path: &str, text: &str, blocks: bool) {
        let Some(pieces) = pieces(text) else {
            if blocks {
                self.unreadable
                    .push((path.to_owned(), "an action or a comment has no end".to_owned()));
            } else if text.contains("Files") || text.contains("Chart") {
                // Text that `tpl` would refuse, unless something is joined to it.
                self.note(Read::File(Pattern::any()), path, 1, None);
                self.note(Read::Chart(None), path, 1, None);
            }
            return;
        };
        let mut open: Vec<Block> = Vec::new();
        let globs = glob_variables(
            &pieces
                .iter()
                .filter(|p| p.kind == PieceKind::Action)
                .map(|p| tokens(p.body))
                .collect::<Vec<_>>(),
        );
        for piece in pieces.iter().filter(|p| p.kind == PieceKind::Action) {
            let tokens = tokens(piece.body);
            let keyword = match tokens.first() {
                Some(Token::Word(word)) => *word,
                _ => "",
            };
            match (keyword, tokens.get(1)) {
                ("define" | "block", Some(Token::Text(name))) => {
                    open.push(Block::Definition((*name).to_owned()))
                }
                ("define" | "block", _) => open.push(Block::Definition(String::new())),
                ("range" | "with" | "if", _) => open.push(Block::Other),
                ("end", _) => {
                    open.pop();
                }
                _ => {}
            }
            let definition = open.iter().rev().find_map(|block| match block {
                Block::Definition(name) => Some(name.clone()),
                _ => None,
            });
            for read in reads(&tokens, &globs) {
                self.note(read, path, piece.line, definition.clone());
            }
        }
    }

    fn note(&mut self, read: Read, path: &str, line: u64, definition: Option<String>) {
        self.uses.push(Use {
            read,
            spot: Spot {
                path: path.to_owned(),
                line,
            },
            definition,
        });
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Block {
    Definition(String),
    Other,
}

/// Chart.yaml's `name`, by its line, where it is written plainly.
pub(crate) fn plain_name(chart_yaml: &str) -> Option<&str> {
    let mut named = chart_yaml.lines().filter_map(|line| line.strip_prefix("name:"));
    let name = named.next()?.trim().trim_matches(['"', '\'']);
    let plain = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    (named.next().is_none() && plain && !name.is_empty()).then_some(name)
}

/// Everything the tokens of one action read.
fn reads(tokens: &[Token<'_>], globs: &BTreeMap<&str, Vec<Pattern>>) -> Vec<Read> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Word(word) => {
                read_by_word(
                    word,
                    (
                        tokens.get(..at).unwrap_or_default(),
                        tokens.get(at + 1..).unwrap_or_default(),
                    ),
                    globs,
                    &mut |read| found.push(read),
                );
            }
            Token::Text(text) => read_by_text(text, &mut |read| found.push(read)),
            Token::Sign(_) => {}
        }
    }
    found
}

fn read_by_word(
    word: &str,
    (before, after): (&[Token<'_>], &[Token<'_>]),
    globs: &BTreeMap<&str, Vec<Pattern>>,
    note: &mut dyn FnMut(Read),
) {
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
            "BasePath" => note(Read::Sibling(base_path_end(before, after))),
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
            _ if first_group(after)
                .iter()
                .any(|t| matches!(t, Token::Word(w) if w.contains("BasePath"))) => {}
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

/// The end of `(print $.Template.BasePath "/x.yaml")`. Nothing is known of what `printf` formats, of a text that is put
/// together in parentheses of its own, and of what is piped on.
fn base_path_end(before: &[Token<'_>], after: &[Token<'_>]) -> Pattern {
    let end = after.iter().position(|t| matches!(t, Token::Sign(_)));
    let printed = matches!(before, [.., Token::Sign('('), Token::Word("print")]);
    match end.and_then(|at| Some((after.get(at)?, after.get(..at)?.last()?))) {
        Some((Token::Sign(')'), Token::Text(end))) if printed => Pattern::ending(end),
        _ => Pattern::any(),
    }
}

/// The tokens of the parenthesis that opens first.
fn first_group<'t, 'a>(after: &'t [Token<'a>]) -> &'t [Token<'a>] {
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
fn glob_variables<'a>(actions: &[Vec<Token<'a>>]) -> BTreeMap<&'a str, Vec<Pattern>> {
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

#[cfg(test)]
#[path = "survey_tests.rs"]
mod tests;
