//! One difference between two trees.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What happened to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Only the right side has it.
    Added,
    /// Only the left side has it.
    Removed,
    /// Both have it, with other values.
    Changed,
    /// A list with the same items in another order.
    Reordered,
}

/// One difference between two trees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataChange {
    /// A JSON pointer; a list item that was matched by what names it reads `[name=v1beta1]`.
    pub pointer: String,
    /// What happened.
    pub kind: ChangeKind,
    /// The left value, for the eye: text bare where it cannot be mistaken, else JSON.
    pub from: Option<String>,
    /// The right value.
    pub to: Option<String>,
    /// The line of the left value, from 1.
    pub left_line: Option<u32>,
    /// The line of the right value.
    pub right_line: Option<u32>,
}

/// All differences between two trees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataDifference {
    /// The differences in document order, as many as the limits keep.
    pub changes: Vec<DataChange>,
    /// How many there are, kept or not.
    pub total: u64,
}

impl DataDifference {
    /// True when the trees are equal.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }
}

/// A value for the eye, at most `longest` bytes of it.
pub(super) fn shown(value: &Value, tag: Option<&str>, longest: usize) -> String {
    let mut text = match value {
        Value::String(text) if stands_bare(text) => text.clone(),
        other => other.to_string(),
    };
    if let Some(tag) = tag {
        text = format!("{tag} {text}");
    }
    if text.len() > longest {
        let end = (0..=longest)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

/// A text that no reader could take for a number, a boolean, null or a collection.
fn stands_bare(text: &str) -> bool {
    let plain = |c: char| !c.is_control() && c != '\u{feff}';
    let word = matches!(
        text.to_ascii_lowercase().as_str(),
        "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null" | "~"
    );
    text.chars()
        .next()
        .is_some_and(|c| !matches!(c, '0'..='9' | '+' | '-' | '.' | '{' | '[' | '"' | ' '))
        && !text.ends_with(' ')
        && text.chars().all(plain)
        && !word
}
