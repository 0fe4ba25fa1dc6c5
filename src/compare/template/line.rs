//! What one line of a YAML template can be told to be from its static text.
//!
//! Where an action renders a value, the line holds [`HOLE`]. The one assumption about actions: what one renders stays
//! where it stands. It closes the quotes and brackets it opens, and its further lines are indented deeper than the
//! key or dash it belongs to (or as deep as its `nindent` says). An action that breaks this breaks its document, whatever
//! a comment says.

/// Stands for what an action renders.
pub(super) const HOLE: char = '\u{1}';

/// What stands on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing but white space.
    Blank,
    /// Nothing but a comment.
    Comment,
    /// `---` or `...`: a document begins or ends here, whatever stood before.
    Document,
    /// A mapping key or a list item.
    Entry {
        /// The column its value belongs to: of the last key, else of the last dash.
        owner: usize,
        /// What it holds.
        value: Held,
        /// Bytes of the line up to the end of the value: a comment and white space may follow.
        end: usize,
    },
    /// Something else: a scalar's further line, or what an action renders whole.
    Other,
    /// A quote or bracket stays open, or a form of YAML that is not followed here: nothing below is known.
    Open,
}

/// What an entry holds on its own line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// Nothing: what it holds stands below.
    Nothing,
    /// A static scalar or flow collection, complete.
    Static,
    /// The header of a block scalar.
    Block,
    /// Something that an action renders, or that is only known to the reader (anchors, tags, aliases).
    Unknown,
}

/// Tells what stands on a line (without its line feed).
pub(super) fn shape(line: &str) -> Shape {
    let line = line.trim_end_matches([' ', '\t', '\r']);
    let indent = indent(line);
    let body = line.get(indent..).unwrap_or_default();
    if body.is_empty() {
        return Shape::Blank;
    }
    if indent == 0 && (body.starts_with("---") || body.starts_with("...")) {
        return if body.len() == 3 {
            Shape::Document
        } else {
            Shape::Open
        };
    }
    if body.starts_with('#') {
        return if printable(body) && !body.contains(HOLE) {
            Shape::Comment
        } else {
            Shape::Other
        };
    }
    if body.starts_with(['\t', '%', '?', '@', '`', '|', '>']) || !printable(body.replace(HOLE, "").as_str()) {
        return Shape::Open;
    }
    entry(line, indent)
}

/// Leading spaces.
pub(super) fn indent(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b' ').count()
}

/// No character that YAML 1.1 takes for a line break, or refuses.
fn printable(text: &str) -> bool {
    text.chars().all(|c| match c {
        '\t' | ' '..='~' => true,
        '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        c => c >= '\u{a0}',
    })
}

fn entry(line: &str, start: usize) -> Shape {
    let mut at = start;
    let mut owner = None;
    loop {
        let rest = line.get(at..).unwrap_or_default();
        // Dashes: each opens a list one step deeper.
        if let Some(after) = rest.strip_prefix('-')
            && (after.is_empty() || after.starts_with(' '))
        {
            owner = Some(at);
            let spaces = after.bytes().take_while(|byte| *byte == b' ').count();
            at += 1 + spaces;
            if after.len() == spaces || after.get(spaces..).is_some_and(|rest| rest.starts_with('#')) {
                return Shape::Entry {
                    owner: owner.unwrap_or(at),
                    value: Held::Nothing,
                    end: at - spaces,
                };
            }
            continue;
        }
        if let Some(colon) = key(rest) {
            return held(line, at, at + colon + 1);
        }
        return match owner {
            Some(owner) => held(line, owner, at),
            None if complete(rest).is_some() => Shape::Other,
            None => Shape::Open,
        };
    }
}

/// The offset of the colon that ends a key at the start of this text.
fn key(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    let ends = |at: usize| {
        text.get(at + 1..)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    match first {
        '"' | '\'' => {
            let at = quoted(text, first)?;
            (text.get(at..)?.starts_with(':') && ends(at)).then_some(at)
        }
        '[' | '{' | '&' | '*' | '!' | '#' | ',' | ']' | '}' | '|' | '>' => None,
        _ => {
            let colon = text.match_indices(':').map(|(at, _)| at).find(|at| ends(*at))?;
            // A comment that begins before the colon makes this no key.
            (!text.get(..colon)?.contains(" #")).then_some(colon)
        }
    }
}

/// An entry with this owner whose value, if any, begins at or after `at`.
fn held(line: &str, owner: usize, at: usize) -> Shape {
    let rest = line.get(at..).unwrap_or_default();
    let value = rest.trim_start_matches(' ');
    let start = at + rest.len() - value.len();
    let entry = |value: Held, end: usize| Shape::Entry { owner, value, end };
    if value.is_empty() || value.starts_with('#') {
        return entry(Held::Nothing, at);
    }
    if let Some(header) = value.strip_prefix(['|', '>']) {
        let header = header.trim_start_matches(|c: char| matches!(c, '+' | '-' | '1'..='9'));
        // A tab, a comment without space before it, or a hole: not followed here, but a block all the same.
        return if header.is_empty() || header.starts_with(' ') {
            entry(Held::Block, line.len())
        } else {
            Shape::Open
        };
    }
    if value.starts_with(['&', '*', '!']) {
        // `&anchor |` opens a block scalar as well.
        let plain = !value.contains(['"', '\'', '[', '{']);
        return if plain {
            entry(Held::Unknown, line.len())
        } else {
            Shape::Open
        };
    }
    if value.starts_with(['\t', '%', '@', '`', '?']) {
        return Shape::Open;
    }
    match complete(value) {
        None => Shape::Open,
        Some(_) if value.contains(HOLE) => entry(Held::Unknown, line.len()),
        Some(end) => entry(Held::Static, start + end),
    }
}

/// Where a scalar or flow collection that begins this text ends; `None` when it goes on on the next line, or when
/// something other than a comment follows it.
fn complete(text: &str) -> Option<usize> {
    let end = match text.chars().next()? {
        quote @ ('"' | '\'') => quoted(text, quote)?,
        '[' | '{' => flow(text)?,
        _ => {
            let end = text.find(" #").unwrap_or(text.len());
            return Some(text.get(..end)?.trim_end().len());
        }
    };
    let after = text.get(end..)?;
    (after.is_empty()
        || after.trim_start().is_empty()
        || (after.starts_with(' ') && after.trim_start().starts_with('#')))
    .then_some(end)
}

/// Where a quoted scalar at the start of this text ends.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if quote == '"' && c == '\\' {
            chars.next();
        } else if c == quote {
            // Two single quotes are one.
            if quote == '\'' && chars.next_if(|(_, next)| *next == '\'').is_some() {
                continue;
            }
            return Some(at + 1);
        }
    }
    None
}

/// Where a flow collection at the start of this text ends.
fn flow(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    let mut at = 0;
    let mut fresh = true;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        match c {
            '[' | '{' => open.push(c),
            ']' | '}' => {
                let matching = if c == ']' { '[' } else { '{' };
                if open.pop() != Some(matching) {
                    return None;
                }
                if open.is_empty() {
                    return Some(at + 1);
                }
            }
            '"' | '\'' if fresh => {
                at += quoted(text.get(at..)?, c)?;
                fresh = false;
                continue;
            }
            // A quote inside a plain scalar, or a comment: leave it.
            '"' | '\'' | '#' => return None,
            _ => {}
        }
        fresh = matches!(c, '[' | '{' | ',' | ':' | ' ');
        at += c.len_utf8();
    }
    None
}
