//! What all rules for YAML files share: causes for comments and layout, and for what could not be proven.
//!
//! Proof of "cosmetic": both texts are proven to give Helm the same documents
//! ([`yaml::compare`](crate::compare::yaml::compare)), and no template reads the file's text.

use serde_json::Value;

use super::{Cause, Code, Context, Pair, Severity, Weight};
use crate::compare::data::DataChange;
use crate::compare::yaml::{self, YamlComparison};

/// Both sides compared as data, when both are there and were kept.
pub(super) fn compare(pair: &Pair<'_>, context: &Context<'_>) -> Option<YamlComparison> {
    let bytes = |side: Option<&crate::tree::Node>| side.and_then(|n| n.bytes.clone());
    Some(yaml::compare(
        bytes(pair.left)?,
        bytes(pair.right)?,
        context.limits,
    ))
}

/// A top-level field on either side; `None` where a side is not one plain document.
pub(super) fn field(pair: &Pair<'_>, context: &Context<'_>, name: &str) -> Option<[Option<Value>; 2]> {
    let read = |side: Option<&crate::tree::Node>| {
        let mut documents = yaml::read(super::text(side?)?, context.limits).ok()?;
        (documents.len() == 1)
            .then(|| documents.pop())?
            .map(|document| document.value)
    };
    Some([read(pair.left)?, read(pair.right)?].map(|document| document.get(name).cloned()))
}

/// Causes of a file whose data is equal; `None` when it is not proven equal.
pub(super) fn equal(pair: &Pair<'_>, context: &Context<'_>, compared: &YamlComparison) -> Option<Vec<Cause>> {
    if !compared.data_equal {
        return None;
    }
    let (weight, note) = match context.content_because(pair) {
        None => (Weight::Cosmetic, "The data is equal as Helm reads it.".to_owned()),
        Some((weight, why)) => (weight, format!("The data is equal, but {why}.")),
    };
    let mut causes = Vec::new();
    if compared.comments_differ {
        causes.push(
            pair.cause(Code::YamlComments, Severity::Info, weight)
                .count(compared.comments_changed.max(1)),
        );
    }
    if compared.formatting_differs {
        causes.push(pair.cause(Code::YamlFormatting, Severity::Info, weight));
    }
    if causes.is_empty() {
        causes.push(pair.cause(Code::FileLineEndings, Severity::Info, weight));
    }
    Some(causes.into_iter().map(|cause| cause.note(&note)).collect())
}

/// Causes of a YAML file in which every value counts alike: comments and layout where the data is equal, else each value.
/// `None` where a side is not there or was not kept.
pub(super) fn values(pair: &Pair<'_>, context: &Context<'_>, code: Code) -> Option<Vec<Cause>> {
    let compared = compare(pair, context)?;
    if let Some(causes) = equal(pair, context, &compared) {
        return Some(causes);
    }
    let mut causes = listed(
        pair,
        &compared.changes,
        compared.total_changes,
        code,
        Severity::Behaviour,
    );
    causes.extend(unproven(pair, &compared.unproven));
    Some(causes)
}

/// A cause for each change, with its lines, and one for those that were not kept.
pub(super) fn listed(
    pair: &Pair<'_>,
    changes: &[DataChange],
    total: u64,
    code: Code,
    severity: Severity,
) -> Vec<Cause> {
    let mut causes: Vec<Cause> = changes
        .iter()
        .map(|change| cause(pair, change, code, severity, Weight::Deployed).note(lines(change)))
        .collect();
    causes.extend(beyond(pair, changes, total, code, severity));
    causes
}

/// What is left to say when the data could not be read, or not all of it: never nothing, where there is a doubt.
pub(super) fn unproven(pair: &Pair<'_>, unproven: &[String]) -> Option<Cause> {
    let first = unproven.first()?;
    Some(
        pair.cause(Code::Unreadable, Severity::Review, Weight::Unread)
            .count(unproven.len() as u64)
            .note(format!("Equality cannot be proven: {first}.")),
    )
}

/// A cause for changes beyond those that were kept.
pub(super) fn beyond(
    pair: &Pair<'_>,
    changes: &[DataChange],
    total: u64,
    code: Code,
    severity: Severity,
) -> Option<Cause> {
    let more = total.checked_sub(changes.len() as u64).filter(|n| *n > 0)?;
    Some(
        pair.cause(code, severity, Weight::Deployed)
            .count(more)
            .note(format!("{more} more changes are not listed.")),
    )
}

/// A cause for one change, with its place and values.
pub(super) fn cause(
    pair: &Pair<'_>,
    change: &DataChange,
    code: Code,
    severity: Severity,
    weight: Weight,
) -> Cause {
    pair.cause(code, severity, weight)
        .pointer(&change.pointer)
        .values(change.from.clone(), change.to.clone())
}

/// `L12` or `L12→L14`, for sentences.
pub(super) fn lines(change: &DataChange) -> String {
    match (change.left_line, change.right_line) {
        (Some(left), Some(right)) if left != right => format!("L{left} → L{right}"),
        (Some(line), _) | (None, Some(line)) => format!("L{line}"),
        (None, None) => String::new(),
    }
}
