//! YAML as Helm reads it, and what makes two YAML texts differ.
//!
//! [`read`] turns a text into documents of JSON values the way sigs.k8s.io/yaml does (YAML 1.1 scalars,
//! merge keys, the last of two equal keys wins), with the line of every node and every comment.
//!
//! Invariant: a document without [`Doubt`]s has the value that Helm sees. Where this reader and Helm's could
//! part, the document carries a doubt, and nothing about it is ever called proven.
//!
//! ```
//! use tagdrift::{compare::yaml, limits::Limits};
//! let documents = yaml::read("mode: 0644 # octal\non: yes\n", &Limits::default())?;
//! let document = &documents[0];
//! assert_eq!(document.value, serde_json::json!({"mode": 420, "true": true}));
//! assert_eq!(document.line("/mode"), Some(1));
//! assert_eq!(document.comments[0].text, " octal");
//! assert!(document.doubts.is_empty());
//! # Ok::<(), tagdrift::fault::Fault>(())
//! ```

mod build;
mod difference;
mod doubt;
mod mapping;
mod scalar;

pub use difference::{YamlComparison, compare};
use serde_json::Value;

use super::data::Place;
use crate::{fault::Fault, limits::Limits};

/// One document of a YAML text.
#[derive(Debug, Clone, PartialEq)]
pub struct YamlDocument {
    /// The data, as sigs.k8s.io/yaml converts it to JSON. Aliases are expanded, merge keys applied.
    pub value: Value,
    /// Where its nodes stand, and which tags they carry.
    pub place: Place,
    /// The comments before and in it, in order.
    pub comments: Vec<Comment>,
    /// Why its value may not be what Helm reads. Empty: it is.
    pub doubts: Vec<Doubt>,
}

impl YamlDocument {
    /// The line (from 1) of the node at this JSON pointer.
    pub fn line(&self, pointer: &str) -> Option<u32> {
        self.place.at(pointer).map(|place| place.line)
    }

    /// True when the value is proven to be what Helm reads.
    pub fn exact(&self) -> bool {
        self.doubts.is_empty()
    }
}

/// A comment of a YAML text. `#` inside a block scalar starts none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its line, from 1.
    pub line: u32,
    /// What follows the `#`.
    pub text: String,
    /// Where it stands in the text, from its `#` on.
    pub bytes: std::ops::Range<usize>,
}

/// A place where readers of YAML differ, or may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Its line, from 1.
    pub line: u32,
    /// What it is.
    pub what: String,
}

impl Doubt {
    fn new(line: u32, what: impl Into<String>) -> Self {
        Self {
            line,
            what: what.into(),
        }
    }
}

/// All of a YAML text: its documents, and what belongs to none of them.
#[derive(Debug, Clone, PartialEq)]
pub struct YamlText {
    /// The documents, in order. A text of comments only has none.
    pub documents: Vec<YamlDocument>,
    /// Every comment, in order.
    pub comments: Vec<Comment>,
    /// Doubts of every document and of the text between them.
    pub doubts: Vec<Doubt>,
}

/// Reads every document of a text.
///
/// # Errors
/// `Malformed` when the text is not UTF-8 or not YAML, `TooLarge` when a bound on nodes or depth is reached.
pub fn read(text: impl AsRef<[u8]>, limits: &Limits) -> Result<Vec<YamlDocument>, Fault> {
    read_text(text, limits).map(|text| text.documents)
}

/// Reads a text whole.
///
/// # Errors
/// As [`read`].
pub fn read_text(text: impl AsRef<[u8]>, limits: &Limits) -> Result<YamlText, Fault> {
    let text = std::str::from_utf8(text.as_ref())
        .map_err(|error| Fault::malformed(format!("not UTF-8 at byte {}", error.valid_up_to())))?;
    build::read(text, limits)
}

#[cfg(test)]
mod tests;
