//! Chart.yaml, field by field, and requirements.yaml.
//!
//! | field | cause | severity |
//! |---|---|---|
//! | `version` | `chart.version` | 3 |
//! | `appVersion` | `chart.app-version` | 3 |
//! | `dependencies` and what is in them | `chart.dependency` | 3 |
//! | `name`, `apiVersion`, `type`, `kubeVersion`, anything unknown | `chart.metadata` | 3 |
//! | `description`, `home`, `icon`, `sources`, `keywords`, `maintainers`, `annotations`, `deprecated` | `chart.metadata` | 1, cosmetic; 3 and deployed once a template reads it |
//!
//! Proof of "cosmetic": Helm hands the fields of the last row to templates and does nothing else with them, no
//! template names them, or takes `.Chart` as a whole, and both values are of the type Helm expects: a chart with another
//! cannot be loaded.

use std::collections::BTreeMap;

use serde_json::Value;

use super::data;
use super::{Cause, Code, Context, Pair, Severity, Weight};
use crate::compare::data::DataChange;

/// Fields that only people and templates read, with their names in templates (`chart.Metadata`).
const TOLD_ONLY: [(&str, &str); 8] = [
    ("annotations", "Annotations"),
    ("deprecated", "Deprecated"),
    ("description", "Description"),
    ("home", "Home"),
    ("icon", "Icon"),
    ("keywords", "Keywords"),
    ("maintainers", "Maintainers"),
    ("sources", "Sources"),
];

pub(super) fn judge(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let Some(compared) = data::compare(pair, context) else {
        return Vec::new();
    };
    if let Some(causes) = data::equal(pair, context, &compared) {
        return causes;
    }
    // Asked once for each field: that reads both files whole.
    let mut loading = BTreeMap::new();
    let mut causes = Vec::new();
    for change in &compared.changes {
        let name = change.pointer.split('/').nth(1).unwrap_or_default();
        let loads = || *loading.entry(name).or_insert_with(|| loads(pair, context, name));
        causes.push(field(pair, context, change, loads));
    }
    causes.extend(data::beyond(
        pair,
        &compared.changes,
        compared.total_changes,
        Code::ChartMetadata,
        Severity::Behaviour,
    ));
    causes.extend(data::unproven(pair, &compared.unproven));
    causes
}

fn field(pair: &Pair<'_>, context: &Context<'_>, change: &DataChange, loads: impl FnOnce() -> bool) -> Cause {
    let name = change.pointer.split('/').nth(1).unwrap_or_default();
    let deployed = |code| data::cause(pair, change, code, Severity::Behaviour, Weight::Deployed);
    match name {
        "version" => deployed(Code::ChartVersion),
        "appVersion" => deployed(Code::ChartAppVersion),
        "dependencies" => deployed(Code::ChartDependency),
        _ => match TOLD_ONLY.iter().find(|(field, _)| *field == name) {
            None => deployed(Code::ChartMetadata),
            Some(_) if !loads() => deployed(Code::ChartMetadata)
                .note("Not the type that Helm expects here: the chart may not load."),
            Some((_, in_templates)) => match context.chart_field_because(in_templates) {
                None => data::cause(
                    pair,
                    change,
                    Code::ChartMetadata,
                    Severity::Info,
                    Weight::Cosmetic,
                )
                .note(format!("No template reads .Chart.{in_templates}.")),
                Some((weight, why)) => {
                    data::cause(pair, change, Code::ChartMetadata, Severity::Behaviour, weight)
                        .note(format!("It counts: {why}."))
                }
            },
        },
    }
}

/// True when both sides' values are of the type in `chart.Metadata`, written as such.
fn loads(pair: &Pair<'_>, context: &Context<'_>, name: &str) -> bool {
    data::field(pair, context, name)
        .is_some_and(|sides| sides.iter().flatten().all(|value| has_type(name, value)))
}

fn has_type(name: &str, value: &Value) -> bool {
    let text = Value::is_string;
    let texts = |list: &Vec<Value>| list.iter().all(text);
    match (name, value) {
        ("annotations", Value::Object(fields)) => fields.values().all(text),
        ("deprecated", Value::Bool(_)) | ("description" | "home" | "icon", Value::String(_)) => true,
        ("keywords" | "sources", Value::Array(list)) => texts(list),
        ("maintainers", Value::Array(list)) => {
            let named = |field: (&String, &Value)| {
                matches!(field.0.as_str(), "name" | "email" | "url") && field.1.is_string()
            };
            list.iter()
                .all(|item| item.as_object().is_some_and(|fields| fields.iter().all(named)))
        }
        _ => false,
    }
}
