//! From the parser's events to documents.

use std::{collections::HashMap, ops::Range};

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle, Tag};
use serde_json::Value;

use super::{Comment, Doubt, YamlDocument, YamlText, doubt, mapping, scalar};
use crate::{
    compare::data::{Inside, Place},
    fault::Fault,
    limits::Limits,
};

/// A finished node.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub value: Value,
    pub place: Place,
    /// Nodes in it, itself included, aliases expanded.
    size: usize,
    /// Levels of collections in it.
    height: usize,
    /// A plain, untagged `<<`: as a key it merges.
    pub merge: bool,
    pub alias: bool,
    /// A scalar that spans lines.
    pub broken: bool,
}

/// A collection whose end has not come yet.
struct Open {
    line: u32,
    tag: Option<Box<str>>,
    anchor: usize,
    mapping: bool,
    flow: bool,
    children: Vec<Node>,
}

struct Builder<'a> {
    text: &'a str,
    limits: &'a Limits,
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    aliased: usize,
    /// Of all documents.
    all_aliased: usize,
    doubts: Vec<Doubt>,
    comments: Vec<Comment>,
    out: YamlText,
}

pub(super) fn read(text: &str, limits: &Limits) -> Result<YamlText, Fault> {
    let mut text_doubts = Vec::new();
    doubt::of_text(text, &mut text_doubts);
    let options = granit_parser::options! {
        // libyaml adds no line feed to a block scalar that the end of the input cuts short.
        block_scalar_eof_without_line_feed: true,
        max_buffered_comment_events: limits.data_nodes,
        // One more than is allowed, so that the bound reached is ours and says so.
        flow_nesting_limit: limits.data_depth.saturating_add(2),
        block_nesting_limit: limits.data_depth.saturating_add(2),
    };
    let mut builder = Builder {
        text,
        limits,
        open: Vec::new(),
        root: None,
        anchors: HashMap::new(),
        nodes: 0,
        aliased: 0,
        all_aliased: 0,
        doubts: Vec::new(),
        comments: Vec::new(),
        out: YamlText {
            documents: Vec::new(),
            comments: Vec::new(),
            doubts: Vec::new(),
        },
    };
    let mut known: Vec<Range<usize>> = Vec::new();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| {
            let at = error.marker();
            Fault::malformed(format!(
                "not YAML at line {}, column {}: {}",
                at.line(),
                at.col() + 1,
                error.info()
            ))
        })?;
        if matches!(event, Event::Scalar(..) | Event::Comment(..))
            && let Some(range) = span.byte_range()
            && !range.is_empty()
        {
            known.push(range);
        }
        builder.take(event, span)?;
    }
    known.sort_unstable_by_key(|range| range.start);
    doubt::of_structure(text, &known, &mut text_doubts);
    Ok(builder.finish(text_doubts))
}

fn line_of(span: &Span) -> u32 {
    u32::try_from(span.start.line()).unwrap_or(u32::MAX)
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        let line = line_of(&span);
        match event {
            Event::Comment(text, _) => {
                let comment = Comment {
                    line,
                    text: text.trim_end_matches('\r').to_owned(),
                    bytes: span.byte_range().unwrap_or_default(),
                };
                self.comments.push(comment.clone());
                self.out.comments.push(comment);
            }
            Event::DocumentStart(_, Some(_)) => self.doubts.push(Doubt::new(line, "a %YAML directive")),
            Event::DocumentEnd => {
                if self.out.documents.len() >= self.limits.data_documents {
                    return Err(Fault::too_large(
                        "the number of YAML documents",
                        self.limits.data_documents,
                    ));
                }
                self.end_document(line);
            }
            Event::Scalar(text, style, anchor, tag) => {
                let mut node = self.scalar(&text, style, tag.as_deref(), line);
                node.broken = span.end.line() != span.start.line();
                if anchor != 0 && self.flow() {
                    self.doubts
                        .push(Doubt::new(line, "an anchored scalar in a flow collection"));
                }
                let source = span.byte_range().and_then(|range| self.text.get(range));
                if style == ScalarStyle::Plain && node.broken && source.is_none_or(|s| s.contains('\t')) {
                    self.doubts
                        .push(Doubt::new(line, "a tab in a plain scalar of several lines"));
                }
                self.count(1)?;
                self.place(node, anchor)?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.begin(line, anchor, tag.as_deref(), false, style)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.begin(line, anchor, tag.as_deref(), true, style)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end()?,
            Event::Alias(id) => {
                let Some(node) = self.anchors.get(&id) else {
                    return Err(Fault::malformed(format!(
                        "an alias inside its own anchor at line {line}"
                    )));
                };
                let (size, height) = (node.size, node.height);
                self.aliased = self.aliased.saturating_add(size);
                self.all_aliased = self.all_aliased.saturating_add(size);
                if self.all_aliased > self.limits.alias_nodes {
                    return Err(Fault::too_large(
                        "what the YAML aliases stand for",
                        format!("{} nodes", self.limits.alias_nodes),
                    ));
                }
                self.count(size)?;
                self.depth(height)?;
                if let Some(mut node) = self.anchors.get(&id).cloned() {
                    node.place.line = line;
                    node.merge = false;
                    node.alias = true;
                    self.place(node, 0)?;
                }
            }
            Event::UnresolvedAlias(name) => {
                return Err(Fault::malformed(format!(
                    "an unknown alias *{name} at line {line}"
                )));
            }
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, more: usize) -> Result<(), Fault> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes > self.limits.data_nodes {
            return Err(Fault::too_large(
                "the YAML data, aliases expanded,",
                format!("{} nodes", self.limits.data_nodes),
            ));
        }
        Ok(())
    }

    fn depth(&self, more: usize) -> Result<(), Fault> {
        if self.open.len().saturating_add(more) > self.limits.data_depth {
            return Err(Fault::too_large(
                "the YAML nesting",
                format!("{} levels", self.limits.data_depth),
            ));
        }
        Ok(())
    }

    fn begin(
        &mut self,
        line: u32,
        anchor: usize,
        tag: Option<&Tag>,
        mapping: bool,
        style: StructureStyle,
    ) -> Result<(), Fault> {
        self.count(1)?;
        self.depth(1)?;
        let plain = if mapping { "map" } else { "seq" };
        if tag.is_some() && self.flow() {
            self.doubts.push(Doubt::new(line, "a tag in a flow collection"));
        }
        // Helm's reader drops the tag of a collection; other readers do not.
        let tag = tag
            .filter(|tag| tag.core_suffix() != Some(plain))
            .map(|tag| tag.original().into());
        let flow = style == StructureStyle::Flow || self.flow();
        self.open.push(Open {
            line,
            tag,
            anchor,
            mapping,
            flow,
            children: Vec::new(),
        });
        Ok(())
    }

    fn flow(&self) -> bool {
        self.open.last().is_some_and(|open| open.flow)
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, line: u32) -> Node {
        let mut place = Place::leaf(line);
        if tag.is_some() && self.flow() {
            self.doubts.push(Doubt::new(line, "a tag in a flow collection"));
        }
        if let Some(what) = doubt::of_scalar(text, style, self.flow(), self.open.is_empty()) {
            self.doubts.push(Doubt::new(line, what));
        }
        let plain = style == ScalarStyle::Plain;
        let value = match tag {
            None if plain => self.resolve(text, line),
            None => Value::from(text),
            Some(tag) => match tag.core_suffix() {
                Some("str") => Value::from(text),
                Some(kind) => self.resolve_as(kind, text, line),
                None => {
                    place.tag = Some(tag.original().into());
                    if tag.original().starts_with("!!") || tag.suffix().is_empty() || tag.suffix() == "!" {
                        self.doubts
                            .push(Doubt::new(line, format!("the tag {}", tag.original())));
                    }
                    Value::from(text)
                }
            },
        };
        let merge = plain && tag.is_none() && text == "<<";
        Node {
            value,
            place,
            size: 1,
            height: 0,
            merge,
            alias: false,
            broken: false,
        }
    }

    fn resolve(&mut self, text: &str, line: u32) -> Value {
        scalar::resolve(text).unwrap_or_else(|| {
            self.doubts
                .push(Doubt::new(line, format!("{text}, which JSON cannot hold")));
            Value::from(text)
        })
    }

    /// A scalar with one of the tags `!!null`, `!!bool`, `!!int`, `!!float`: the text must resolve to it.
    fn resolve_as(&mut self, kind: &str, text: &str, line: u32) -> Value {
        let value = self.resolve(text, line);
        let fits = match kind {
            "null" => value.is_null(),
            "bool" => value.is_boolean(),
            "int" => value.is_i64() || value.is_u64(),
            "float" => value.is_f64(),
            _ => false,
        };
        if !fits {
            self.doubts.push(Doubt::new(line, format!("!!{kind} {text}")));
        }
        value
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, node: Node, anchor: usize) -> Result<(), Fault> {
        if anchor != 0 {
            self.count(node.size)?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            Some(open) => open.children.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Fault> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let size = open
            .children
            .iter()
            .fold(1usize, |sum, child| sum.saturating_add(child.size));
        let height = 1 + open.children.iter().map(|child| child.height).max().unwrap_or(0);
        let (value, inside) = if open.mapping {
            mapping::fields(open.children, &mut self.doubts)
        } else {
            let (values, places) = open
                .children
                .into_iter()
                .map(|node| (node.value, node.place))
                .unzip();
            (Value::Array(values), Inside::Items(places))
        };
        let place = Place {
            line: open.line,
            tag: open.tag,
            inside,
        };
        self.place(
            Node {
                value,
                place,
                size,
                height,
                merge: false,
                alias: false,
                broken: false,
            },
            open.anchor,
        )
    }

    fn end_document(&mut self, line: u32) {
        let root = self.root.take();
        self.anchors.clear();
        self.open.clear();
        // Helm's reader refuses documents that are mostly aliases, the more so the larger they are.
        if self.nodes > 1000
            && self.aliased > 100
            && self.aliased > self.nodes / if self.nodes > 400_000 { 10 } else { 2 }
        {
            self.doubts.push(Doubt::new(line, "mostly aliases"));
        }
        self.aliased = 0;
        let (value, place) = match root {
            Some(node) => (node.value, node.place),
            None => (Value::Null, Place::leaf(line)),
        };
        self.out.documents.push(YamlDocument {
            value,
            place,
            comments: std::mem::take(&mut self.comments),
            doubts: std::mem::take(&mut self.doubts),
        });
    }

    fn finish(mut self, text_doubts: Vec<Doubt>) -> YamlText {
        if let Some(last) = self.out.documents.last_mut() {
            last.comments.append(&mut self.comments);
        }
        for document in &mut self.out.documents {
            self.out.doubts.extend(document.doubts.iter().cloned());
            document.doubts.extend(text_doubts.iter().cloned());
        }
        self.out.doubts.extend(self.doubts);
        self.out.doubts.extend(text_doubts);
        self.out
    }
}
