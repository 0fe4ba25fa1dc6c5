//! Where the nodes of a document stand in its text.
//!
//! A [`Place`] has the same shape as the `serde_json::Value` beside it, so a JSON pointer finds both.
//! It also holds what the value itself cannot say: a YAML tag that is no part of the JSON data.

use std::collections::BTreeMap;

/// The position of one node, and of the nodes inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The line it starts on, from 1.
    pub line: u32,
    /// A YAML tag that JSON cannot express; two nodes with different tags are never equal.
    pub tag: Option<Box<str>>,
    /// The nodes inside.
    pub inside: Inside,
}

/// What a [`Place`] holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inside {
    /// A scalar.
    Leaf,
    /// A list.
    Items(Vec<Place>),
    /// A mapping.
    Fields(BTreeMap<String, Place>),
}

impl Place {
    /// A scalar on this line.
    pub fn leaf(line: u32) -> Self {
        Self::new(line, Inside::Leaf)
    }

    /// A node on this line.
    pub fn new(line: u32, inside: Inside) -> Self {
        Self {
            line,
            tag: None,
            inside,
        }
    }

    /// The item at this index.
    pub fn item(&self, index: usize) -> Option<&Place> {
        match &self.inside {
            Inside::Items(items) => items.get(index),
            _ => None,
        }
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Place> {
        match &self.inside {
            Inside::Fields(fields) => fields.get(name),
            _ => None,
        }
    }

    /// The node at a JSON pointer (RFC 6901).
    pub fn at(&self, pointer: &str) -> Option<&Place> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer
            .strip_prefix('/')?
            .split('/')
            .try_fold(self, |place, token| match &place.inside {
                Inside::Leaf => None,
                Inside::Items(items) => items.get(token.parse::<usize>().ok()?),
                Inside::Fields(fields) => fields.get(&token.replace("~1", "/").replace("~0", "~")),
            })
    }

    /// True when this node and all inside it carry the same tags as the other's.
    pub fn same_tags(&self, other: &Place) -> bool {
        if self.tag != other.tag {
            return false;
        }
        match (&self.inside, &other.inside) {
            (Inside::Items(a), Inside::Items(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same_tags(b))
            }
            (Inside::Fields(a), Inside::Fields(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| k == l && a.same_tags(b))
            }
            (Inside::Leaf, Inside::Leaf) => true,
            _ => false,
        }
    }
}

/// A field's name as one token of a JSON pointer (RFC 6901, section 3).
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
