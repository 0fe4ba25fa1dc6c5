//! A comparison as JSON: the published contract, `docs/schema/comparison-1.json`.
//!
//! The keys stand in the order of the model, so that two runs over the same input give the same bytes.

use super::Comparison;
use crate::fault::Fault;

/// Writes the comparison indented by two spaces, ending with a line feed.
///
/// # Errors
/// `Malformed` when it cannot be written as JSON, which no comparison that the core builds does.
pub fn write(comparison: &Comparison) -> Result<String, Fault> {
    let mut text = serde_json::to_string_pretty(comparison)
        .map_err(|e| Fault::malformed(format!("the result cannot be written as JSON: {e}")))?;
    text.push('\n');
    Ok(text)
}

/// Reads back what [`write`] wrote.
///
/// # Errors
/// `Malformed` when it is no JSON or no comparison, `Unsupported` for another version of the schema.
pub fn read(text: &str) -> Result<Comparison, Fault> {
    let comparison: Comparison =
        serde_json::from_str(text).map_err(|e| Fault::malformed(format!("no comparison: {e}")))?;
    if comparison.schema != SCHEMA {
        return Err(Fault::unsupported(format!(
            "the schema is {:?}; this reads {SCHEMA:?}",
            comparison.schema
        )));
    }
    Ok(comparison)
}

/// The schema's name, `schema` in the document.
pub const SCHEMA: &str = "tagdrift/comparison/1";
