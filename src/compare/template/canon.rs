//! A template without what is proven to be no data: YAML comments, and white space between its lines.
//!
//! A comment line goes only when nothing above it can have opened a scalar that it would be part of: every line above,
//! up to the next one that stands less deep, is looked at in every branch, and each that stands less deep than the
//! comment must be a plain static key or dash that holds nothing on its own line. Neither may the comment
//! stand between the lines of a plain scalar, in a `define`, or below an open quote or bracket.

use std::{cell::Cell, ops::Range};

use super::{
    layout::{Layout, Line, Part},
    line::{HOLE, Held, Shape},
    piece::{Piece, Role},
};

/// A part of the reduced template.
#[derive(Debug, PartialEq)]
pub(super) enum Token {
    Text(String),
    Action(String),
    Feed,
}

/// The reduced template.
#[derive(Debug)]
pub(super) struct Canon {
    pub tokens: Vec<Token>,
    /// The texts of comments proven to be such, in order.
    pub comments: Vec<String>,
    /// Why comments or blank lines were left in: line (from 1, after trimming) and reason.
    pub kept: Vec<String>,
}

/// Reduces a template, looking at no more lines than `most` in all; what is not reached by then stays as it is.
pub(super) fn reduce(pieces: &[Piece], layout: &Layout, most: usize) -> Canon {
    // Proofs rarely look further than their block, so this stops only what was made to cost much.
    let steps = most.min(layout.lines.len().saturating_mul(64).saturating_add(most / 16));
    let mut proof = Proof {
        layout,
        extents: extents(layout),
        open: Vec::new(),
        steps: Cell::new(steps),
        standing: Vec::new(),
    };
    let lines = layout.lines.iter().enumerate();
    let open = lines.filter(|(_, line)| line.shape == Shape::Open && !proof.certain_block(line));
    let open = open.map(|(at, _)| at).collect();
    proof.open = open;
    // From the top down, so that each line has only to look as far as the one it stands beside or below.
    for (index, line) in layout.lines.iter().enumerate() {
        let entry = matches!(line.shape, Shape::Entry { .. });
        let stands = entry
            && line
                .indent
                .is_some_and(|indent| proof.stands(index, line, indent).is_ok());
        proof.standing.push(stands);
    }
    let mut canon = Canon {
        tokens: Vec::new(),
        comments: Vec::new(),
        kept: Vec::new(),
    };
    for (index, line) in layout.lines.iter().enumerate() {
        let fate = proof.fate(index, line);
        match &fate {
            Fate::Drop(Some(text)) | Fate::Mark(text) | Fate::Cut(_, Some(text)) => {
                canon.comments.push(text.clone())
            }
            Fate::Keep(Some(why)) => canon
                .kept
                .push(format!("{}: {why}", line.text.trim().replace(HOLE, "{{…}}"))),
            _ => {}
        }
        if matches!(fate, Fate::Mark(_)) {
            canon.kept.push(format!(
                "{}: it may mark where the value above ends",
                line.text.trim()
            ));
        }
        let mut dropped = matches!(fate, Fate::Drop(_));
        if dropped {
            // The line goes with the line feed before it; at the start with its own.
            match canon.tokens.last() {
                Some(Token::Feed) => {
                    canon.tokens.pop();
                }
                None if line.feed && line.parts.iter().all(|part| matches!(part, Part::Text(_))) => continue,
                None => {}
                _ => dropped = false,
            }
        }
        let mut at = 0;
        let kept = match &fate {
            Fate::Cut(end, _) => *end,
            _ => usize::MAX,
        };
        for part in &line.parts {
            match part {
                Part::Text(text) => {
                    let left = kept.saturating_sub(at);
                    at += text.len();
                    let text = match &fate {
                        Fate::Drop(_) if dropped => "",
                        Fate::Mark(_) | Fate::Drop(Some(_)) => "#",
                        _ => text.get(..left.min(text.len())).unwrap_or(text),
                    };
                    push_text(&mut canon.tokens, text);
                }
                Part::Action(index) => {
                    if let Some(Piece::Action { inner, role, .. }) = pieces.get(*index) {
                        // In a cut line only values leave a hole in the text.
                        at += usize::from(*role == Role::Output);
                        canon.tokens.push(Token::Action(inner.clone()));
                    }
                }
            }
        }
        if line.feed {
            canon.tokens.push(Token::Feed);
        }
    }
    canon
}

fn push_text(tokens: &mut Vec<Token>, text: &str) {
    match tokens.last_mut() {
        _ if text.is_empty() => {}
        Some(Token::Text(before)) => before.push_str(text),
        _ => tokens.push(Token::Text(text.to_owned())),
    }
}

/// What becomes of a line.
enum Fate {
    /// It stays; a comment with the reason.
    Keep(Option<&'static str>),
    /// It goes; a comment with its text.
    Drop(Option<String>),
    /// A comment whose place matters, not its text.
    Mark(String),
    /// It ends here; a comment that followed with its text.
    Cut(usize, Option<String>),
}

/// For each branch by its number, the lines that begin in it. They follow each other without gap, for branches nest.
fn extents(layout: &Layout) -> Vec<Range<usize>> {
    let mut extents: Vec<Range<usize>> = Vec::new();
    for (at, line) in layout.lines.iter().enumerate() {
        for own in &line.path {
            if extents.len() <= *own {
                extents.resize(own + 1, 0..0);
            }
            if let Some(extent) = extents.get_mut(*own) {
                let start = if extent.end == 0 { at } else { extent.start };
                *extent = start..at + 1;
            }
        }
    }
    extents
}

struct Proof<'a> {
    layout: &'a Layout,
    /// For each branch by its number, its lines.
    extents: Vec<Range<usize>>,
    /// The lines that may leave a quote or bracket open.
    open: Vec<usize>,
    /// Lines that may still be looked at.
    steps: Cell<usize>,
    /// For each line looked at so far: whether it is proven to begin a token of its own.
    standing: Vec<bool>,
}

impl Proof<'_> {
    fn fate(&self, index: usize, line: &Line) -> Fate {
        match &line.shape {
            Shape::Comment => match self.comment(index, line) {
                Ok(true) => Fate::Drop(Some(line.text.trim().to_owned())),
                Ok(false) => Fate::Mark(line.text.trim().to_owned()),
                Err(why) => Fate::Keep(Some(why)),
            },
            Shape::Blank if self.blank(index, line).is_ok() => Fate::Drop(None),
            Shape::Entry {
                owner,
                value: value @ (Held::Nothing | Held::Static),
                end,
            } => {
                let rest = line.text.get(*end..).unwrap_or_default();
                if rest.is_empty() || rest.contains(HOLE) {
                    return Fate::Keep(None);
                }
                let comment = rest.contains('#');
                let proof = self
                    .stands(index, line, line.indent.unwrap_or_default())
                    .and_then(|()| {
                        if *value == Held::Static {
                            self.ends(index, line, *owner)
                        } else {
                            Ok(())
                        }
                    });
                match proof {
                    Ok(()) => Fate::Cut(*end, comment.then(|| rest.trim().to_owned())),
                    Err(why) => Fate::Keep(comment.then_some(why)),
                }
            }
            _ => Fate::Keep(None),
        }
    }

    /// Whether this comment is one wherever it is rendered: `true` when its line can go, `false` when only its text is
    /// proven not to matter.
    fn comment(&self, index: usize, line: &Line) -> Result<bool, &'static str> {
        self.stands(index, line, line.indent.ok_or("its indentation is not known")?)?;
        let mut removable = true;
        let before = self.before(index, line)?;
        if !before
            .last()
            .is_some_and(|last| last.leads(line) && matches!(last.shape, Shape::Entry { .. }))
        {
            // Helm cuts the white space that begins a document, the indentation of its first line included.
            self.ends(index, line, 0)?;
        }
        // What ends before the shallowest owner's column ends before any other's.
        let mut shallowest: Option<usize> = None;
        for before in before {
            let owner = match before.shape {
                Shape::Entry {
                    value: Held::Nothing, ..
                }
                | Shape::Document => continue,
                Shape::Entry { owner, value, .. } => {
                    // Whatever an action renders there, a block scalar included, its content stands deeper than the owner.
                    let beside = value == Held::Unknown && line.indent.is_some_and(|indent| indent <= owner);
                    removable &= value == Held::Static || beside;
                    owner
                }
                _ => {
                    removable = false;
                    if !before.text.contains(HOLE) {
                        return Err("it may stand between the lines of a scalar");
                    }
                    before
                        .indent
                        .ok_or("an action above renders at an unknown depth")?
                }
            };
            shallowest = Some(shallowest.map_or(owner, |least| least.min(owner)));
        }
        if let Some(owner) = shallowest {
            self.ends(index, line, owner)?;
        }
        Ok(removable)
    }

    /// Whether this blank line stands between plain lines.
    fn blank(&self, index: usize, line: &Line) -> Result<(), &'static str> {
        if line.block.is_some() {
            return Err("it is content of a block scalar");
        }
        for (at, before) in self.layout.lines.iter().enumerate().take(index).rev() {
            self.step()?;
            if !before.significant() {
                continue;
            }
            if !before.leads(line) || before.block.is_some() {
                return Err("what stands above depends on a branch");
            }
            self.stands(at, before, before.indent.unwrap_or_default())?;
            self.known(index, line)?;
            return match before.shape {
                Shape::Document
                | Shape::Entry {
                    value: Held::Nothing, ..
                } => Ok(()),
                Shape::Entry {
                    owner,
                    value: Held::Static,
                    ..
                } => self.ends(index, line, owner),
                _ => Err("it may belong to the value above"),
            };
        }
        self.known(index, line)
    }

    /// Whether a line of this depth begins a token of its own: it is no content of a scalar opened above.
    fn stands(&self, index: usize, line: &Line, depth: usize) -> Result<(), &'static str> {
        if line.block.is_some() {
            return Err("it stands inside a block scalar");
        }
        self.known(index, line)?;
        let mut least = depth;
        let mut loops: Vec<usize> = self.loops(line).collect();
        for (at, above) in self.layout.lines.iter().enumerate().take(index).rev() {
            while let Some(own) = loops.last()
                && !above.path.contains(own)
            {
                self.later_rounds(index, *own, least)?;
                loops.pop();
            }
            self.step()?;
            harmless(above, self.certain_block(above), least)?;
            if above.leads(line) && above.block.is_none() {
                match above.shape {
                    Shape::Document => return Ok(()),
                    Shape::Entry { .. } => {
                        least = least.min(above.indent.unwrap_or(least));
                        // What holds for a line at this depth was proven when its turn came.
                        if above.indent == Some(least) && self.standing.get(at) == Some(&true) {
                            return Ok(());
                        }
                    }
                    _ => {}
                }
            }
            if least == 0 {
                return Ok(());
            }
        }
        while let Some(own) = loops.pop() {
            self.later_rounds(index, own, least)?;
        }
        Ok(())
    }

    fn step(&self) -> Result<(), &'static str> {
        let left = self
            .steps
            .get()
            .checked_sub(1)
            .ok_or("there is too much to look at")?;
        self.steps.set(left);
        Ok(())
    }

    /// In a loop, the lines below come before as well.
    fn later_rounds(&self, index: usize, own: usize, least: usize) -> Result<(), &'static str> {
        self.rest_of_round(index, own).iter().try_for_each(|below| {
            self.step()?;
            harmless(below, self.certain_block(below), least)
        })
    }

    /// The lines of a loop below this one.
    fn rest_of_round(&self, index: usize, own: usize) -> &[Line] {
        let end = self.extents.get(own).map_or(0, |extent| extent.end);
        self.layout.lines.get(index + 1..end).unwrap_or_default()
    }

    /// The lines of a loop above this one.
    fn round_before(&self, index: usize, own: usize) -> &[Line] {
        let start = self.extents.get(own).map_or(index, |extent| extent.start);
        self.layout.lines.get(start..index).unwrap_or_default()
    }

    fn loops<'l>(&'l self, line: &'l Line) -> impl Iterator<Item = usize> + 'l {
        line.path.iter().copied().filter(|own| self.layout.is_loop(*own))
    }

    /// True when a line is content of a block scalar in every branch.
    fn certain_block(&self, line: &Line) -> bool {
        line.block
            .and_then(|header| self.layout.lines.get(header))
            .is_some_and(|header| header.leads(line))
    }

    /// Nothing that could leave a quote or bracket open stands above, and the line is rendered where it stands.
    fn known(&self, index: usize, line: &Line) -> Result<(), &'static str> {
        if line.path.iter().any(|own| self.layout.is_define(*own)) {
            return Err("it stands in a definition, and is rendered where that is included");
        }
        // In a loop, what stands below comes before as well.
        let outer = self.loops(line).next().and_then(|own| self.extents.get(own));
        let again = outer.is_some_and(|round| {
            let first = self.open.partition_point(|at| *at < round.start);
            self.open.get(first).is_some_and(|at| *at < round.end)
        });
        if again || self.open.first().is_some_and(|at| *at < index) {
            return Err("a quote or bracket above may still be open");
        }
        Ok(())
    }

    /// The lines that can stand right before this one.
    fn before<'l>(&'l self, index: usize, line: &'l Line) -> Result<Vec<&'l Line>, &'static str> {
        let mut found = Vec::new();
        // The branch that holds no other last line. One is enough: its lines follow each other without gap.
        let mut settled: Option<&[usize]> = None;
        let mut loops: Vec<usize> = self.loops(line).collect();
        for above in self.layout.lines.iter().take(index).rev() {
            while let Some(own) = loops.last()
                && !above.path.contains(own)
            {
                for below in self.rest_of_round(index, *own) {
                    self.step()?;
                    if below.significant() && below.block.is_none() {
                        found.push(below);
                    }
                }
                loops.pop();
            }
            self.step()?;
            // Above a line that is certain in its branch, that branch holds no other last line.
            if !above.significant()
                || above.block.is_some()
                || settled.is_some_and(|own| above.path.starts_with(own))
            {
                continue;
            }
            found.push(above);
            if matches!(above.shape, Shape::Entry { .. } | Shape::Document) {
                if above.leads(line) {
                    break;
                }
                settled = Some(above.path.as_slice());
            }
        }
        Ok(found)
    }

    /// Whether a value that belongs to this column ends before the next line, whatever that is.
    fn ends(&self, index: usize, line: &Line, owner: usize) -> Result<(), &'static str> {
        const GOES_ON: &str = "the value above may go on below";
        let mut settled: Option<&[usize]> = None;
        let mut loops: Vec<usize> = self.loops(line).collect();
        let shallow = |below: &Line| match below.shape {
            Shape::Document => Ok(()),
            _ if below.indent.is_some_and(|indent| indent <= owner) => Ok(()),
            _ => Err(GOES_ON),
        };
        for below in self.layout.lines.iter().skip(index + 1) {
            while let Some(own) = loops.last()
                && !below.path.contains(own)
            {
                for above in self.round_before(index, *own) {
                    self.step()?;
                    if above.significant() {
                        shallow(above)?;
                    }
                }
                loops.pop();
            }
            self.step()?;
            // Below a line that is certain in its branch, that branch holds no other first line.
            if !below.significant() || settled.is_some_and(|own| below.path.starts_with(own)) {
                continue;
            }
            shallow(below)?;
            if matches!(below.shape, Shape::Entry { .. } | Shape::Document) {
                if below.leads(line) {
                    return Ok(());
                }
                settled = Some(below.path.as_slice());
            }
        }
        Ok(())
    }
}

/// A line above that opens no scalar with content as shallow as `least`.
fn harmless(above: &Line, content: bool, least: usize) -> Result<(), &'static str> {
    const HOLDS: &str = "a value above may go on to here";
    match above.shape {
        Shape::Blank | Shape::Comment | Shape::Document => Ok(()),
        _ if content => Ok(()),
        Shape::Entry {
            value: Held::Nothing, ..
        } => Ok(()),
        Shape::Entry { owner, .. } if owner >= least => Ok(()),
        Shape::Entry { .. } => Err(HOLDS),
        Shape::Other if least == 0 || above.indent.is_some_and(|indent| indent >= least) => Ok(()),
        Shape::Other => Err(HOLDS),
        Shape::Open => Err("a quote or bracket above may still be open"),
    }
}
