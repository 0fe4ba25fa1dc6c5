//! What makes two YAML texts differ: data, comments, or layout.

use imara_diff::InternedInput;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{YamlText, read_text};
use crate::{
    compare::alignment,
    compare::data::{self, DataChange, DataDifference, Inside, Place},
    limits::Limits,
};

/// How two YAML texts compare.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct YamlComparison {
    /// True only when both texts are proven to give Helm the same documents.
    pub data_equal: bool,
    /// How the data differs, as far as it could be read. Empty although not `data_equal`: see `unproven`.
    pub changes: Vec<DataChange>,
    /// How many changes there are, kept in `changes` or not.
    pub total_changes: u64,
    /// True when a comment was added, removed or changed.
    pub comments_differ: bool,
    /// How many comments that concerns.
    pub comments_changed: u64,
    /// Of equal data: quotes, key order, indentation or blank lines differ.
    pub formatting_differs: bool,
    /// Why equality is not proven: what could not be read, or what readers of YAML take differently.
    pub unproven: Vec<String>,
}

/// Compares two YAML texts as Helm reads them. Never fails: what cannot be read is not equal.
pub fn compare(left: impl AsRef<[u8]>, right: impl AsRef<[u8]>, limits: &Limits) -> YamlComparison {
    let (left, right) = (left.as_ref(), right.as_ref());
    let mut comparison = YamlComparison {
        data_equal: left == right,
        ..YamlComparison::default()
    };
    if left == right {
        return comparison;
    }
    let mut sides = Vec::new();
    for (name, text) in [("left", left), ("right", right)] {
        match read_text(text, limits) {
            Ok(read) => {
                let doubt =
                    |doubt: &super::Doubt| format!("{name} side, line {}: {}", doubt.line, doubt.what);
                comparison
                    .unproven
                    .extend(read.doubts.iter().take(limits.causes).map(doubt));
                sides.push((String::from_utf8_lossy(text), read));
            }
            Err(fault) => comparison
                .unproven
                .push(format!("{name} side: {}", fault.message)),
        }
    }
    let (Some(right), Some(left), None) = (sides.pop(), sides.pop(), sides.pop()) else {
        return comparison;
    };
    comparison.comments_changed = comments_changed(&left.1, &right.1, limits);
    comparison.comments_differ = comparison.comments_changed > 0;
    let bare = (
        without_comments(&left.0, &left.1),
        without_comments(&right.0, &right.1),
    );
    let difference = difference(left.1, right.1, limits);
    comparison.data_equal = difference.is_empty() && comparison.unproven.is_empty();
    comparison.formatting_differs = comparison.data_equal && bare.0 != bare.1;
    comparison.changes = difference.changes;
    comparison.total_changes = difference.total;
    comparison
}

/// The differences between the documents: of one document a side its own, else those of the list of documents.
fn difference(left: YamlText, right: YamlText, limits: &Limits) -> DataDifference {
    let (left, right) = (root(left), root(right));
    data::compare_placed((&left.0, &left.1), (&right.0, &right.1), "", limits)
}

fn root(text: YamlText) -> (Value, Place) {
    let mut documents: Vec<(Value, Place)> = text.documents.into_iter().map(|d| (d.value, d.place)).collect();
    if documents.len() < 2 {
        // Nothing but comments is null to Helm, like an empty document.
        return documents.pop().unwrap_or_else(|| (Value::Null, Place::leaf(1)));
    }
    let (values, places) = documents.into_iter().unzip();
    (
        Value::Array(values),
        Place {
            line: 1,
            tag: Some("several documents:".into()),
            inside: Inside::Items(places),
        },
    )
}

fn comments_changed(left: &YamlText, right: &YamlText, limits: &Limits) -> u64 {
    let texts = |side: &YamlText| {
        side.comments
            .iter()
            .map(|c| c.text.trim_end().to_owned())
            .collect::<Vec<_>>()
    };
    let mut input: InternedInput<String> = InternedInput::default();
    input.update_before(texts(left).into_iter());
    input.update_after(texts(right).into_iter());
    alignment::hunks(&input, limits, |_, _| {})
        .into_iter()
        .map(|hunk| u64::from((hunk.before.end - hunk.before.start).max(hunk.after.end - hunk.after.start)))
        .sum()
}

/// The text without comments, and without the lines that held nothing else; line ends normalised.
fn without_comments(text: &str, read: &YamlText) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut at = 0;
    for comment in &read.comments {
        bare.push_str(text.get(at..comment.bytes.start).unwrap_or_default());
        let kept = bare.trim_end_matches([' ', '\t']).len();
        bare.truncate(kept);
        at = comment.bytes.end;
        if bare.is_empty() || bare.ends_with('\n') {
            let rest = text.get(at..).unwrap_or_default();
            at += rest.find('\n').map_or(rest.len(), |end| end + 1);
        }
    }
    bare.push_str(text.get(at..).unwrap_or_default());
    let mut bare = bare.replace("\r\n", "\n");
    bare.truncate(bare.trim_end_matches('\n').len());
    bare
}
