//! The lines of a YAML template, in the order of its source, each with the branch it stands in.

use super::{
    line::{HOLE, Held, Shape, indent, shape},
    piece::{Piece, Role},
};

/// A part of a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    /// Text without line feeds.
    Text(String),
    /// The action at this index of the pieces.
    Action(usize),
}

/// A line of the template's source, after trimming.
#[derive(Debug)]
pub(super) struct Line {
    pub parts: Vec<Part>,
    /// The text, with a hole for each value rendered inside.
    pub text: String,
    pub shape: Shape,
    /// Where it begins; unknown for what an action places.
    pub indent: Option<usize>,
    /// The branches it stands in, outermost first. Each `if`, `else`, `range` … has its own number.
    pub path: Vec<usize>,
    /// True when a line feed of the source ends it.
    pub feed: bool,
    /// The line whose block scalar it is content of, as far as the order of the source tells.
    pub block: Option<usize>,
}

impl Line {
    /// True when this line is rendered whenever the other one is.
    pub fn leads(&self, other: &Line) -> bool {
        other.path.starts_with(&self.path)
    }

    /// True when something stands on it that YAML sees.
    pub fn significant(&self) -> bool {
        !matches!(self.shape, Shape::Blank | Shape::Comment)
    }
}

/// All lines, with which branches repeat and which are rendered elsewhere.
#[derive(Debug)]
pub(super) struct Layout {
    pub lines: Vec<Line>,
    /// The numbers of branches that repeat, ascending.
    loops: Vec<usize>,
    /// The numbers of definitions, ascending.
    defines: Vec<usize>,
}

impl Layout {
    /// True for a branch that repeats.
    pub fn is_loop(&self, branch: usize) -> bool {
        self.loops.binary_search(&branch).is_ok()
    }

    /// True for what is rendered elsewhere.
    pub fn is_define(&self, branch: usize) -> bool {
        self.defines.binary_search(&branch).is_ok()
    }
}

/// Where a block's parts stand among the pieces.
struct Block {
    role: Role,
    open: usize,
    elses: Vec<usize>,
    end: usize,
}

/// `None` when `end`s and openings do not match (no template), or blocks nest deeper than `depth`: each line holds the
/// branches it stands in.
pub(super) fn layout(pieces: &[Piece], depth: usize) -> Option<Layout> {
    let blocks = blocks(pieces)?;
    let begins = begins_with_feed(pieces, &blocks);
    let mut builder = Builder {
        pieces,
        begins,
        layout: Layout {
            lines: Vec::new(),
            loops: Vec::new(),
            defines: Vec::new(),
        },
        path: Vec::new(),
        start: Vec::new(),
        parts: Vec::new(),
    };
    let mut next = 0;
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                for (i, part) in text.split('\n').enumerate() {
                    if i > 0 {
                        builder.finish(true);
                    }
                    if !part.is_empty() {
                        builder.parts.push(Part::Text(part.to_owned()));
                    }
                }
            }
            Piece::Action { role, inner, .. } => {
                if *role == Role::Output && nindent(inner).is_some() {
                    builder.finish(false);
                }
                builder.parts.push(Part::Action(index));
                match role {
                    Role::Branch | Role::Loop | Role::Define => {
                        next += 1;
                        if builder.path.len() >= depth {
                            return None;
                        }
                        builder.path.push(next);
                        match role {
                            Role::Loop => builder.layout.loops.push(next),
                            Role::Define => builder.layout.defines.push(next),
                            _ => {}
                        }
                    }
                    Role::Else => {
                        next += 1;
                        let own = builder.path.last_mut()?;
                        if builder.layout.is_define(*own) {
                            return None;
                        }
                        *own = next;
                    }
                    Role::End => {
                        builder.path.pop()?;
                    }
                    Role::Silent | Role::Output => {}
                }
            }
        }
    }
    builder.finish(false);
    let mut layout = builder.layout;
    mark_blocks(&mut layout.lines);
    Some(layout)
}

fn blocks(pieces: &[Piece]) -> Option<Vec<Block>> {
    let (mut open, mut done): (Vec<Block>, Vec<Block>) = (Vec::new(), Vec::new());
    for (index, piece) in pieces.iter().enumerate() {
        let Piece::Action { role, .. } = piece else {
            continue;
        };
        match role {
            Role::Branch | Role::Loop | Role::Define => {
                open.push(Block {
                    role: *role,
                    open: index,
                    elses: Vec::new(),
                    end: index,
                });
            }
            Role::Else => open.last_mut()?.elses.push(index),
            Role::End => {
                let mut block = open.pop()?;
                block.end = index;
                done.push(block);
            }
            Role::Silent | Role::Output => {}
        }
    }
    open.is_empty().then_some(done)
}

/// For each piece: whether what is rendered from it on begins with a line feed, white space aside, whichever branches
/// are taken.
fn begins_with_feed(pieces: &[Piece], blocks: &[Block]) -> Vec<bool> {
    let mut begins = vec![true; pieces.len() + 1];
    let text_feeds = |piece: Option<&Piece>| matches!(piece, Some(Piece::Text(text)) if text.trim_start_matches([' ', '\t', '\r']).starts_with('\n'));
    let mut owner = std::collections::HashMap::new();
    for block in blocks {
        owner.extend(
            block
                .elses
                .iter()
                .chain([&block.open, &block.end])
                .map(|at| (*at, block)),
        );
    }
    for (index, piece) in pieces.iter().enumerate().rev() {
        let at = |i: usize| begins.get(i).copied().unwrap_or(false);
        let answer = match piece {
            Piece::Text(text) if text.trim_matches([' ', '\t', '\r']).is_empty() => at(index + 1),
            Piece::Text(_) => text_feeds(Some(piece)),
            Piece::Action {
                role: Role::Silent, ..
            } => at(index + 1),
            Piece::Action {
                role: Role::Output,
                inner,
                ..
            } => nindent(inner).is_some(),
            Piece::Action { .. } => owner.get(&index).is_some_and(|block| match block.role {
                Role::Define => false,
                _ if index == block.open => {
                    at(index + 1) && block.elses.iter().all(|e| at(e + 1)) && at(block.end + 1)
                }
                // A loop may go round again.
                Role::Loop => at(block.end + 1) && text_feeds(pieces.get(block.open + 1)),
                _ => at(block.end + 1),
            }),
        };
        if let Some(slot) = begins.get_mut(index) {
            *slot = answer;
        }
    }
    begins
}

/// The argument of `nindent` where it is the last of a pipeline: such a value begins with a line feed.
fn nindent(inner: &str) -> Option<usize> {
    inner
        .rsplit_once('|')?
        .1
        .trim()
        .strip_prefix("nindent ")?
        .trim()
        .parse()
        .ok()
}

/// The argument of `indent`, likewise.
fn plain_indent(inner: &str) -> Option<usize> {
    inner
        .rsplit_once('|')?
        .1
        .trim()
        .strip_prefix("indent ")?
        .trim()
        .parse()
        .ok()
}

struct Builder<'a> {
    pieces: &'a [Piece],
    begins: Vec<bool>,
    layout: Layout,
    path: Vec<usize>,
    /// The branches at the start of the line.
    start: Vec<usize>,
    parts: Vec<Part>,
}

impl Builder<'_> {
    fn finish(&mut self, feed: bool) {
        let parts = std::mem::take(&mut self.parts);
        let path = std::mem::replace(&mut self.start, self.path.clone());
        if parts.is_empty() && !feed {
            return;
        }
        let (text, shape, indent) = self.read(&parts);
        self.layout.lines.push(Line {
            parts,
            text,
            shape,
            indent,
            path,
            feed,
            block: None,
        });
    }

    fn read(&self, parts: &[Part]) -> (String, Shape, Option<usize>) {
        let mut text = String::new();
        let (mut controls, mut mixed, mut unsure, mut outputs) = (0usize, false, false, Vec::new());
        let mut depth = 0i64;
        let (mut early, mut bare) = (false, true);
        for part in parts {
            match part {
                Part::Text(part) => {
                    mixed |= controls > 0 && !part.trim().is_empty();
                    bare &= part.trim().is_empty();
                    text.push_str(part);
                }
                Part::Action(index) => match self.pieces.get(*index) {
                    Some(Piece::Action {
                        role: Role::Output, ..
                    }) => {
                        mixed |= controls > 0;
                        outputs.push(*index);
                        text.push(HOLE);
                        bare = false;
                    }
                    Some(Piece::Action { role, .. }) => {
                        controls += 1;
                        early |= bare;
                        unsure |= !text.is_empty() && !self.begins.get(*index + 1).copied().unwrap_or(false);
                        match role {
                            Role::Branch | Role::Loop | Role::Define => depth += 1,
                            // Closing what an earlier line opened.
                            Role::Else | Role::End if depth == 0 => unsure |= mixed,
                            Role::End => depth -= 1,
                            _ => {}
                        }
                        if matches!(role, Role::Branch | Role::Loop) || depth > 0 {
                            // An inline branch: what it renders is a value like any other.
                            outputs.push(*index);
                        }
                    }
                    _ => {}
                },
            }
        }
        let spaces = indent(&text);
        if controls > 0 && (mixed || unsure) {
            // A branch within the line, opened and closed there, is a value; anything else could glue lines together.
            let inline = depth == 0 && !early && self.balanced(parts);
            if !inline {
                let shape = if text.contains(['"', '\'', '[', '{']) {
                    Shape::Open
                } else {
                    Shape::Other
                };
                return (text, shape, None);
            }
            let filled = self.filled(parts);
            let shape = match shape(&filled) {
                // Its value, if any, depends on the branch.
                Shape::Entry { owner, .. } => Shape::Entry {
                    owner,
                    value: Held::Unknown,
                    end: filled.len(),
                },
                Shape::Open => Shape::Open,
                _ => Shape::Other,
            };
            return (filled, shape, Some(spaces));
        }
        let shape = shape(&text);
        let body = text.trim();
        if body.chars().eq([HOLE]) {
            let placed = outputs.first().and_then(|index| match self.pieces.get(*index) {
                Some(Piece::Action { inner, indent, .. }) => {
                    nindent(inner).or_else(|| plain_indent(inner)).or(*indent)
                }
                _ => None,
            });
            return (text, Shape::Other, placed);
        }
        let indent = (!body.starts_with(HOLE) || matches!(shape, Shape::Entry { .. })).then_some(spaces);
        (text, shape, indent)
    }

    /// True when every branch on the line is opened and closed on it.
    fn balanced(&self, parts: &[Part]) -> bool {
        let mut depth = 0usize;
        parts.iter().all(|part| match part {
            Part::Text(_) => true,
            Part::Action(index) => match self.pieces.get(*index) {
                Some(Piece::Action {
                    role: Role::Branch | Role::Loop,
                    ..
                }) => {
                    depth += 1;
                    true
                }
                Some(Piece::Action { role: Role::Else, .. }) => depth > 0,
                Some(Piece::Action { role: Role::End, .. }) => {
                    depth = depth.wrapping_sub(1);
                    depth != usize::MAX
                }
                Some(Piece::Action {
                    role: Role::Define, ..
                }) => false,
                _ => true,
            },
        }) && depth == 0
    }

    /// The text with a hole for every action.
    fn filled(&self, parts: &[Part]) -> String {
        parts.iter().fold(String::new(), |mut text, part| {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Action(_) => text.push(HOLE),
            }
            text
        })
    }
}

/// Tells which lines are content of a block scalar above them.
fn mark_blocks(lines: &mut [Line]) {
    let mut open: Option<(usize, usize)> = None;
    for (index, line) in lines.iter_mut().enumerate() {
        if let Some((header, owner)) = open {
            let inside = line.shape == Shape::Blank || line.indent.is_none_or(|indent| indent > owner);
            if inside {
                line.block = Some(header);
                continue;
            }
            // A comment that stands less deep ends the content as well.
            open = None;
        }
        if let Shape::Entry {
            owner,
            value: Held::Block,
            ..
        } = line.shape
        {
            open = Some((index, owner));
        }
    }
}
