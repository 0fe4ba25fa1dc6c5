//! What the templates of a chart read: files, fields of Chart.yaml, other templates by path, definitions.
//!
//! Purpose: a README is content once a template reads it, a comment is content once the text it stands in is hashed.
//! Rules ask the survey before they call a difference cosmetic.
//!
//! Invariants: the survey errs towards "read". Every action of every template of the whole tree counts (a parent and
//! its subcharts share definitions and contexts), and so do actions in values and in files that are read, because
//! `tpl` may run them. A name that is computed is a [`Pattern`] that excludes only what it cannot be. A template that
//! cannot be read at all is kept in [`Survey::unreadable`], and nothing is proven while that is not empty.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::actions::{PieceKind, Token, pieces, tokens};
use super::flow::{self, Body};
use super::pattern::Pattern;
use super::reads::{glob_variables, reads};
use crate::compare::yaml;
use crate::limits::Limits;
use crate::tree::Tree;
use crate::verdict::file_class::{FileClass, Place};

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The tree's path, shown as text.
    pub path: Arc<str>,
    /// From 1.
    pub line: u64,
}

impl std::fmt::Display for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

/// Something that an action reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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
    pub definition: Option<Arc<str>>,
}

/// All that the templates of one side read.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// In path order, then line order.
    pub uses: Vec<Use>,
    /// Templates that could not be read, each with the reason.
    pub unreadable: Vec<(String, String)>,
    root_name: String,
    index: Index,
    limits: Limits,
}

/// Where what is read is read first, so that a question costs no walk over all uses.
#[derive(Debug, Clone, Default)]
struct Index {
    /// Files by their whole name.
    files: HashMap<Arc<str>, usize>,
    /// Files by patterns, each once.
    patterns: Vec<(Pattern, usize)>,
    /// Fields of `.Chart`; `None` stands for all of it.
    fields: HashMap<Option<String>, usize>,
    /// One use for each way of including templates by path.
    includes: Vec<usize>,
    /// The first use that no longer fitted in: it may read anything.
    beyond: Option<usize>,
    /// What is in `patterns` and `includes`, the latter with the chart they are bound to.
    known: BTreeSet<(Read, Option<String>)>,
}

impl Index {
    /// Takes the use at this place of the list.
    fn take(&mut self, reading: &Use, at: usize, limits: &Limits) {
        match &reading.read {
            Read::File(pattern) => match pattern.exactly() {
                Some(name) => {
                    self.files.entry(name.clone()).or_insert(at);
                }
                None if self.known.insert((reading.read.clone(), None)) => {
                    if self.patterns.len() < limits.read_patterns {
                        self.patterns.push((pattern.clone(), at));
                    } else {
                        self.beyond.get_or_insert(at);
                    }
                }
                None => {}
            },
            Read::Chart(field) => {
                self.fields.entry(field.clone()).or_insert(at);
            }
            Read::Template(_) | Read::Sibling(_) => {
                let own = reading.only_chart().map(str::to_owned);
                if self.known.insert((reading.read.clone(), own)) {
                    if self.includes.len() < limits.read_patterns {
                        self.includes.push(at);
                    } else {
                        self.beyond.get_or_insert(at);
                    }
                }
            }
            Read::Definition(_) | Read::Varying(_) => {}
        }
    }
}

impl Use {
    /// The chart whose templates alone it can mean as siblings; `None` when it may run anywhere. A definition runs wherever
    /// it is included; a template's own body only in its own chart.
    fn only_chart(&self) -> Option<&str> {
        let own = Place::of(self.spot.path.as_bytes());
        let anywhere =
            self.definition.is_some() || !own.class.is_template() || own.class == FileClass::Partial;
        (!anywhere).then(|| std::str::from_utf8(own.chart).unwrap_or_default())
    }
}

impl Survey {
    /// Reads every template of the tree.
    pub fn of(tree: &Tree, limits: &Limits) -> Self {
        let mut survey = Self {
            limits: limits.clone(),
            ..Self::default()
        };
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
                    if place.class == FileClass::Values && text.contains('\\') {
                        survey.escaped(&shown, text, &mut bodies);
                    }
                    bodies.push((shown, Cow::Borrowed(text)));
                }
                (Err(_), true) => survey.unreadable.push((shown, "it is no UTF-8 text".to_owned())),
                (Ok(text), false) if text.contains("{{") => {
                    readable_files.push((place.inner.to_vec(), shown, text))
                }
                _ => {}
            }
        }
        // `tpl (.Files.Get "x")` runs what x holds, which may read the next.
        for round in 0.. {
            let (read, rest): (Vec<_>, Vec<_>) =
                readable_files
                    .into_iter()
                    .partition(|(inner, _, _): &(Vec<u8>, String, &str)| {
                        round >= limits.template_rounds || survey.reads_file(inner).is_some()
                    });
            readable_files = rest;
            if read.is_empty() {
                break;
            }
            for (_, shown, text) in read {
                survey.scan(&shown, text, false);
                bodies.push((shown, Cow::Borrowed(text)));
            }
        }
        survey.follow(&bodies);
        survey
    }

    /// Where a file (its path within its chart) may be read, if anywhere.
    pub fn reads_file(&self, inner: &[u8]) -> Option<&Spot> {
        let index = &self.index;
        let named = std::str::from_utf8(inner)
            .ok()
            .and_then(|name| index.files.get(name));
        let like = index.patterns.iter().find(|(pattern, _)| pattern.may_be(inner));
        self.first([named, like.map(|(_, at)| at), index.beyond.as_ref()])
    }

    /// Where a field of `.Chart` may be read, by its name in templates (`Description`), if anywhere.
    pub fn reads_chart(&self, field: &str) -> Option<&Spot> {
        let fields = &self.index.fields;
        self.first([fields.get(&None), fields.get(&Some(field.to_owned())), None])
    }

    /// Where a template may be included by path, if anywhere.
    pub fn includes_template(&self, place: &Place<'_>) -> Option<&Spot> {
        let mut uses = self.index.includes.iter();
        let found = uses.find(|at| self.uses.get(**at).is_some_and(|u| self.may_include(u, place)));
        self.first([found, self.index.beyond.as_ref(), None])
    }

    /// True when this reading may include that template.
    pub(crate) fn may_include(&self, reading: &Use, place: &Place<'_>) -> bool {
        match &reading.read {
            Read::Template(pattern) => self.may_name(pattern, place.inner),
            Read::Sibling(pattern) => {
                pattern.may_end(place.inner)
                    && reading
                        .only_chart()
                        .is_none_or(|own| own.as_bytes() == place.chart)
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

    /// The place of the use that comes first.
    fn first(&self, found: [Option<&usize>; 3]) -> Option<&Spot> {
        let at = found.into_iter().flatten().min()?;
        self.uses.get(*at).map(|u| &u.spot)
    }

    /// Where the whole context is printed, every field and file is.
    fn follow(&mut self, texts: &[(String, Cow<'_, str>)]) {
        let mut bodies = Vec::new();
        for (path, text) in texts {
            let Some(body) = Body::of(path, text) else {
                continue;
            };
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
        for (path, line) in flow::dumps(&bodies, &self.limits) {
            self.everything(&path, line);
        }
    }

    fn everything(&mut self, path: &str, line: u64) {
        let path: Arc<str> = path.into();
        for read in [
            Read::File(Pattern::any()),
            Read::Chart(None),
            Read::Template(Pattern::any()),
        ] {
            self.note(read, &path, line, None);
        }
    }

    /// Actions in values may be written with escapes (`"\x7b\x7b .Chart.Icon }}"`): then they are looked at as they are read.
    fn escaped(&mut self, path: &str, text: &str, bodies: &mut Vec<(String, Cow<'_, str>)>) {
        let Ok(documents) = yaml::read(text, &self.limits) else {
            return self.everything(path, 1);
        };
        let mut waiting: Vec<&Value> = documents.iter().map(|d| &d.value).collect();
        while let Some(value) = waiting.pop() {
            match value {
                Value::Object(fields) => waiting.extend(fields.values()),
                Value::Array(items) => waiting.extend(items),
                Value::String(leaf) if leaf.contains("{{") && !text.contains(leaf.as_str()) => {
                    self.scan(path, leaf, false);
                    bodies.push((path.to_owned(), Cow::Owned(leaf.clone())));
                }
                _ => {}
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
                let path: Arc<str> = path.into();
                self.note(Read::File(Pattern::any()), &path, 1, None);
                self.note(Read::Chart(None), &path, 1, None);
            }
            return;
        };
        let path: Arc<str> = path.into();
        // The innermost definition at each open block.
        let mut open: Vec<Option<Arc<str>>> = Vec::new();
        let globs = glob_variables(
            &pieces
                .iter()
                .filter(|p| p.kind == PieceKind::Action)
                .map(|p| tokens(p.body))
                .collect::<Vec<_>>(),
            &self.limits,
        );
        for piece in pieces.iter().filter(|p| p.kind == PieceKind::Action) {
            let tokens = tokens(piece.body);
            let keyword = match tokens.first() {
                Some(Token::Word(word)) => *word,
                _ => "",
            };
            let outer = open.last().cloned().flatten();
            match (keyword, tokens.get(1)) {
                ("define" | "block", Some(Token::Text(name))) => open.push(Some((*name).into())),
                ("define" | "block", _) => open.push(Some("".into())),
                ("range" | "with" | "if", _) => open.push(outer),
                ("end", _) => {
                    open.pop();
                }
                _ => {}
            }
            let definition = open.last().cloned().flatten();
            for read in reads(&tokens, &globs) {
                self.note(read, &path, piece.line, definition.clone());
            }
        }
    }

    fn note(&mut self, read: Read, path: &Arc<str>, line: u64, definition: Option<Arc<str>>) {
        let reading = Use {
            read,
            spot: Spot {
                path: path.clone(),
                line,
            },
            definition,
        };
        self.index.take(&reading, self.uses.len(), &self.limits);
        self.uses.push(reading);
    }
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

#[cfg(test)]
#[path = "survey_tests.rs"]
mod tests;
