//! values.schema.json: what Helm holds a user's values against before it renders anything.
//!
//! `json.formatting` 1, cosmetic, when the data is proven equal; otherwise `schema.value` 2, deployed: values that passed may
//! be refused, and an upgrade with them.

use super::data;
use super::{Cause, Code, Context, Pair, Severity, Weight};
use crate::compare::json;

pub(super) fn judge(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let bytes = |side: Option<&crate::tree::Node>| side.and_then(|n| n.bytes.clone());
    let (Some(left), Some(right)) = (bytes(pair.left), bytes(pair.right)) else {
        return Vec::new();
    };
    let compared = json::compare(left, right, context.limits);
    if compared.data_equal {
        return vec![
            pair.cause(Code::JsonFormatting, Severity::Info, Weight::Cosmetic)
                .note("The data is equal."),
        ];
    }
    let mut causes = compared
        .changes
        .iter()
        .map(|change| {
            data::cause(
                pair,
                change,
                Code::SchemaValue,
                Severity::Review,
                Weight::Deployed,
            )
            .note(data::lines(change))
        })
        .collect::<Vec<_>>();
    if let Some(more) = compared
        .total_changes
        .checked_sub(causes.len() as u64)
        .filter(|n| *n > 0)
    {
        causes.push(
            pair.cause(Code::SchemaValue, Severity::Review, Weight::Deployed)
                .count(more)
                .note(format!("{more} more changes are not listed.")),
        );
    }
    if let Some(first) = compared.unproven.first() {
        causes.push(
            pair.cause(Code::Unreadable, Severity::Review, Weight::Unread)
                .note(format!("Equality cannot be proven: {first}.")),
        );
    }
    causes
}
