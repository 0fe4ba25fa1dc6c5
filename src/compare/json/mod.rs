//! JSON exactly: numbers by their digits, repeated keys seen, every node with its line.
//!
//! Two texts are equal data when every reader that follows RFC 8259 gets the same from both. A repeated key
//! (readers differ in which one they take) or half a surrogate pair makes a text unprovable: only its own bytes
//! equal it.
//!
//! ```
//! use tagdrift::{compare::json, limits::Limits};
//! let comparison = json::compare(r#"{"a": 1, "b": 2}"#, r#"{"b":2,"a":1}"#, &Limits::default());
//! assert!(comparison.data_equal && comparison.order_differs);
//! ```

mod scan;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::data::{self, DataChange, Place};
use crate::{fault::Fault, limits::Limits};

/// A JSON text.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonDocument {
    /// Its data; of a repeated key the last value.
    pub value: Value,
    /// Where its nodes stand. A number whose digits a float64 does not hold carries them as its tag.
    pub place: Place,
    /// Where readers of JSON may differ: repeated keys, half surrogate pairs.
    pub doubts: Vec<String>,
}

/// How two JSON texts compare.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JsonComparison {
    /// True only when the data is proven equal.
    pub data_equal: bool,
    /// Of equal data: keys stand in another order. Otherwise white space and escapes are all that differs.
    pub order_differs: bool,
    /// How the data differs.
    pub changes: Vec<DataChange>,
    /// How many changes there are, kept in `changes` or not.
    pub total_changes: u64,
    /// Why equality is not proven although nothing differs.
    pub unproven: Vec<String>,
}

/// Reads a JSON text.
///
/// # Errors
/// `Malformed` when it is no JSON (RFC 8259), `TooLarge` when a bound on nodes or depth is reached.
pub fn read(text: impl AsRef<[u8]>, limits: &Limits) -> Result<JsonDocument, Fault> {
    let text = std::str::from_utf8(text.as_ref())
        .map_err(|error| Fault::malformed(format!("not UTF-8 at byte {}", error.valid_up_to())))?;
    scan::read(text, limits)
}

/// Compares two JSON texts. Never fails: what cannot be read is not equal.
pub fn compare(left: impl AsRef<[u8]>, right: impl AsRef<[u8]>, limits: &Limits) -> JsonComparison {
    let (left, right) = (left.as_ref(), right.as_ref());
    let mut comparison = JsonComparison {
        data_equal: left == right,
        ..JsonComparison::default()
    };
    if left == right {
        return comparison;
    }
    let mut sides = Vec::new();
    for (name, text) in [("left", left), ("right", right)] {
        match read(text, limits) {
            Ok(document) => {
                let doubts = document.doubts.iter().take(limits.causes);
                comparison
                    .unproven
                    .extend(doubts.map(|doubt| format!("{name} side, {doubt}")));
                sides.push(document);
            }
            Err(fault) => comparison
                .unproven
                .push(format!("{name} side: {}", fault.message)),
        }
    }
    let (Some(right), Some(left), None) = (sides.pop(), sides.pop(), sides.pop()) else {
        return comparison;
    };
    let difference = data::compare_placed(
        (&left.value, &left.place),
        (&right.value, &right.place),
        "",
        limits,
    );
    comparison.data_equal = difference.is_empty() && comparison.unproven.is_empty();
    let written = |document: &JsonDocument| document.value.to_string();
    comparison.order_differs = comparison.data_equal && written(&left) != written(&right);
    comparison.changes = difference.changes;
    comparison.total_changes = difference.total;
    comparison
}

#[cfg(test)]
mod tests;
