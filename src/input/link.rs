//! The page's address: `?ref=…&from=…&to=…&platform=…&file=…&lines=…&view=…&hide=…&against=…`.
//!
//! `against` names the older side where it is none of `ref`'s own past: another tag, repository or registry.
//! `from` is its digest then. A page that does not know `against` shows the tag, or, within one repository,
//! the same comparison.
//!
//! A published contract: links stand in issue threads for years. Invariants: `/`, `:` and `@` stay readable,
//! RFC 3986 unreserved characters too, everything else is percent-encoded; parameters this version does not
//! know, and values it cannot read, are kept and written back in their order; nothing but what was in the
//! link or chosen on the page is ever written, so no secret can get in.
//!
//! ```
//! use tagdrift::input::link::Link;
//! let link = Link::read("?ref=ghcr.io/org/kelp:0.16.2&file=a%20b&later=1");
//! assert_eq!(link.write(), "?ref=ghcr.io/org/kelp:0.16.2&file=a%20b&later=1");
//! ```

use std::fmt;
use std::str::FromStr;

use crate::oci::{Digest, Platform, Reference};

/// Everything the address says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Link {
    /// The repository, with a tag, a digest, both or neither.
    pub reference: Option<Reference>,
    /// The left side.
    pub from: Option<Digest>,
    /// The right side; without it, what the tag points to now.
    pub to: Option<Digest>,
    /// Which platform of an index.
    pub platform: Option<Platform>,
    /// The opened file. Nested archives are joined with `!/`.
    pub file: Option<String>,
    /// Marked lines of the opened file.
    pub lines: Option<Lines>,
    /// How the file is shown.
    pub view: Option<View>,
    /// Names of the hidden noise, in their order.
    pub hide: Vec<String>,
    /// Whose digest the left side is, where it is another tag or repository than `reference`.
    pub against: Option<Reference>,
    /// Parameters that are not known here, or whose value could not be read, decoded.
    pub others: Vec<(String, String)>,
}

/// A span of lines on one side, from 1, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lines {
    /// Which side's numbers these are.
    pub side: LineSide,
    /// The first line.
    pub first: u32,
    /// The last line, never before the first.
    pub last: u32,
}

/// One side of a file comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineSide {
    /// `L`: the left, older file.
    Left,
    /// `R`: the right, newer file.
    Right,
}

/// How a file is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// Side by side.
    Split,
    /// One column.
    Unified,
    /// As a reader of the document sees it.
    Rendered,
}

impl View {
    fn word(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Unified => "unified",
            Self::Rendered => "rendered",
        }
    }
}

impl FromStr for View {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Split, Self::Unified, Self::Rendered]
            .into_iter()
            .find(|v| v.word() == text)
            .ok_or(())
    }
}

impl Lines {
    /// True when this line of this side is marked.
    pub fn holds(&self, side: LineSide, line: u32) -> bool {
        self.side == side && (self.first..=self.last).contains(&line)
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = match self.side {
            LineSide::Left => 'L',
            LineSide::Right => 'R',
        };
        write!(f, "{letter}{}", self.first)?;
        if self.last != self.first {
            write!(f, "-{letter}{}", self.last)?;
        }
        Ok(())
    }
}

impl FromStr for Lines {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let ((side, first), (other, last)) = (read_line(first)?, read_line(last)?);
        if side != other || last < first {
            return Err(());
        }
        Ok(Self { side, first, last })
    }
}

/// `L10`: a side and a line from 1, without signs or leading zeros, so that reading and writing agree.
fn read_line(text: &str) -> Result<(LineSide, u32), ()> {
    let (side, digits) = match (text.strip_prefix('L'), text.strip_prefix('R')) {
        (Some(digits), _) => (LineSide::Left, digits),
        (_, Some(digits)) => (LineSide::Right, digits),
        _ => return Err(()),
    };
    if digits.starts_with(['0', '+']) {
        return Err(());
    }
    Ok((side, digits.parse().map_err(|_| ())?))
}

impl Link {
    /// A link to a reference and nothing else.
    pub fn to(reference: Reference) -> Self {
        Self {
            reference: Some(reference),
            ..Self::default()
        }
    }

    /// A comparison of any two artifacts. Without a digest, a side is what its tag points to when the link is
    /// opened.
    pub fn between(left: Reference, right: Reference) -> Self {
        let whole = right.clone();
        let (from, to) = (left.digest.clone(), right.digest.clone());
        let same_tag = left.name() == right.name() && left.tag == right.tag;
        let named = |side: Reference| Reference {
            digest: side.digest.filter(|_| side.tag.is_none()),
            ..side
        };
        // Two digests of one tag or repository are what `from` and `to` say by themselves.
        if same_tag && from.is_some() && to.is_some() {
            return Self {
                from,
                to,
                ..Self::to(Reference {
                    digest: None,
                    ..whole
                })
            };
        }
        Self {
            from,
            to,
            against: Some(named(left)),
            ..Self::to(named(right))
        }
    }

    /// Both sides of a comparison, each with its digest where the link has one; nothing for any other place.
    pub fn sides(&self) -> Option<(Reference, Reference)> {
        let right = self.reference.clone()?;
        let left = match (&self.against, &self.from) {
            (Some(against), _) => against.clone(),
            (None, Some(_)) => Reference {
                digest: None,
                ..right.clone()
            },
            (None, None) => return None,
        };
        let at = |side: Reference, digest: &Option<Digest>| Reference {
            digest: digest.clone().or(side.digest),
            ..side
        };
        Some((at(left, &self.from), at(right, &self.to)))
    }

    /// The same place with another pair of digests; what was open in the old pair is closed.
    #[must_use]
    pub fn comparing(&self, from: Digest, to: Digest) -> Self {
        Self {
            from: Some(from),
            to: Some(to),
            against: None,
            file: None,
            lines: None,
            ..self.clone()
        }
    }

    /// The same comparison with another file open, or none.
    #[must_use]
    pub fn opening(&self, file: Option<String>) -> Self {
        Self {
            file,
            lines: None,
            ..self.clone()
        }
    }

    /// True when both lead to the same page, whatever is open or hidden on it.
    pub fn is_same_page(&self, other: &Self) -> bool {
        self.reference == other.reference
            && (&self.from, &self.to, &self.against) == (&other.from, &other.to, &other.against)
            && self.platform == other.platform
    }

    /// Reads a query string, with or without its `?`. Never fails: what it cannot read stays in
    /// [`others`](Self::others). Of two equal keys the first counts.
    pub fn read(query: &str) -> Self {
        let mut link = Self::default();
        let query = query.strip_prefix('?').unwrap_or(query);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (key, value) = (decode(key), decode(value));
            if !link.set(&key, &value) {
                link.others.push((key, value));
            }
        }
        link
    }

    /// Takes one parameter; false when it is unknown, unreadable or already there.
    fn set(&mut self, key: &str, value: &str) -> bool {
        match key {
            "ref" => fill(&mut self.reference, value.parse().ok()),
            "from" => fill(&mut self.from, value.parse().ok()),
            "to" => fill(&mut self.to, value.parse().ok()),
            "platform" => fill(&mut self.platform, value.parse().ok()),
            "file" => fill(&mut self.file, Some(value.to_owned()).filter(|f| !f.is_empty())),
            "lines" => fill(&mut self.lines, value.parse().ok()),
            "view" => fill(&mut self.view, value.parse().ok()),
            "against" => fill(&mut self.against, value.parse().ok()),
            "hide" if self.hide.is_empty() && !value.is_empty() => {
                self.hide = value
                    .split(',')
                    .filter(|name| !name.is_empty())
                    .map(str::to_owned)
                    .collect();
                !self.hide.is_empty()
            }
            _ => false,
        }
    }

    /// The value of a parameter that could not be read, for telling what is wrong with it.
    pub fn unread(&self, key: &str) -> Option<&str> {
        self.others
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, value)| value.as_str())
    }

    /// The query string with its `?`, or nothing for the start page. Parameters stand in the contract's
    /// order, the others behind them.
    pub fn write(&self) -> String {
        let mut out = String::new();
        let mut put = |key: &str, value: &str| {
            out.push(if out.is_empty() { '?' } else { '&' });
            encode(key, &mut out);
            out.push('=');
            encode(value, &mut out);
        };
        let text = |value: &dyn fmt::Display| value.to_string();
        for (key, value) in [
            ("ref", self.reference.as_ref().map(|v| text(v))),
            ("from", self.from.as_ref().map(|v| text(v))),
            ("to", self.to.as_ref().map(|v| text(v))),
            ("platform", self.platform.as_ref().map(|v| text(v))),
            ("file", self.file.clone()),
            ("lines", self.lines.as_ref().map(|v| text(v))),
            ("view", self.view.map(|v| v.word().to_owned())),
            ("hide", Some(self.hide.join(",")).filter(|h| !h.is_empty())),
            ("against", self.against.as_ref().map(|v| text(v))),
        ] {
            if let Some(value) = value {
                put(key, &value);
            }
        }
        for (key, value) in &self.others {
            put(key, value);
        }
        out
    }
}

/// Fills an empty place with a value that could be read.
fn fill<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let takes = place.is_none() && value.is_some();
    if takes {
        *place = value;
    }
    takes
}

/// Percent-encodes all but RFC 3986 unreserved characters and the three that keep references readable.
fn encode(text: &str, out: &mut String) {
    use fmt::Write as _;
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b':' | b'@' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

/// Percent-decodes. A `+` is a plus sign: hand-written links hold `1.2.3+build`. A stray `%` stays as it is,
/// bytes that are no UTF-8 become U+FFFD.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = match (first, tail) {
            (b'%', [high, low, after @ ..]) => hex(*high).zip(hex(*low)).map(|(h, l)| (h * 16 + l, after)),
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((first, tail));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

#[cfg(test)]
mod tests;
