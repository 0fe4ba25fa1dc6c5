//! Admission webhooks: what they are asked about, and what happens when they do not answer.
//!
//! Looks at `failurePolicy`, the selectors, `matchConditions`, `matchPolicy`, `rules`, `sideEffects`, `timeoutSeconds`,
//! `reinvocationPolicy`, `admissionReviewVersions` and `clientConfig` (its CA bundle apart) of each webhook by name.
//! Severity 4: a webhook can stop every write to the cluster, or stop guarding it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::object::{Matched, Object};
use super::{Cause, Code, Severity, cause, leaf, named};
use crate::compare::data::escape;

const FIELDS: [&str; 11] = [
    "failurePolicy",
    "namespaceSelector",
    "objectSelector",
    "matchConditions",
    "matchPolicy",
    "rules",
    "sideEffects",
    "timeoutSeconds",
    "reinvocationPolicy",
    "admissionReviewVersions",
    "clientConfig",
];

/// Causes of one webhook configuration.
pub fn judge(pair: &Matched<'_>) -> Vec<Cause> {
    let kind = pair.any().map(|o| o.kind.as_str());
    if !matches!(
        kind,
        Some("ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration")
    ) {
        return Vec::new();
    }
    let (before, after) = (webhooks(pair.left), webhooks(pair.right));
    let owner = pair.any().map(named).unwrap_or_default();
    let mut causes = Vec::new();
    for name in before
        .keys()
        .chain(after.keys().filter(|name| !before.contains_key(*name)))
    {
        let base = format!("/webhooks/{}", escape(name));
        match (before.get(name), after.get(name)) {
            (Some(old), Some(new)) => {
                let fields = FIELDS.iter().filter(|field| part(old, field) != part(new, field));
                causes.extend(fields.map(|field| {
                    cause(pair, Code::WebhookChanged, Severity::Breaking)
                        .pointer(format!("{base}/{field}"))
                        .values(
                            leaf::shown(part(old, field).as_ref()),
                            leaf::shown(part(new, field).as_ref()),
                        )
                        .note(format!("{field} of webhook {name} in {owner} changed."))
                }));
            }
            (old, _) => {
                let became = if old.is_some() { "is gone" } else { "came" };
                causes.push(
                    cause(pair, Code::WebhookChanged, Severity::Breaking)
                        .pointer(base)
                        .note(format!("Webhook {name} in {owner} {became}.")),
                );
            }
        }
    }
    causes
}

/// A field without what says nothing about scope or failure: the CA bundle is made anew by many charts.
fn part(webhook: &Value, field: &str) -> Option<Value> {
    let mut value = webhook.get(field)?.clone();
    if let (true, Some(config)) = (field == "clientConfig", value.as_object_mut()) {
        config.shift_remove("caBundle");
    }
    Some(value)
}

fn webhooks(side: Option<&Object>) -> BTreeMap<String, &Value> {
    let listed = side.map(|o| o.list("/webhooks")).unwrap_or_default();
    let named = |(at, webhook): (usize, _)| {
        let name = Value::get(webhook, "name")
            .and_then(Value::as_str)
            .map_or_else(|| at.to_string(), ToOwned::to_owned);
        (name, webhook)
    };
    listed.iter().enumerate().map(named).collect()
}
