//! values.yaml, of the chart and of its subcharts: default by default.
//!
//! | what | cause | severity |
//! |---|---|---|
//! | comments, layout, `1.0` for `1` | `yaml.comments`, `yaml.formatting` | 1, cosmetic |
//! | any value, also the order of a list | `values.value` | 3 |
//! | privilege, host access, capabilities, user | `workload.privilege` beside it | 3, 4 |
//! | an image, its repository, tag or digest | `image.reference` beside it, with the whole reference where it stands together | 3 |
//!
//! A value that no template reads is told all the same: a user's own values or a parent chart may.

use std::collections::BTreeSet;

use serde_json::Value;

use super::data;
use super::{Cause, Code, Context, Pair, Severity, Weight, text};
use crate::compare::yaml;
use crate::limits::Limits;
use crate::tree::Node;
use crate::verdict::kubernetes::leaf::{Leaf, leaves, shown};
use crate::verdict::kubernetes::workload::privilege;

pub(super) fn judge(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let Some(mut causes) = data::values(pair, context, Code::ValuesValue) else {
        return Vec::new();
    };
    let read = |side: Option<&Node>| {
        let mut documents = yaml::read(text(side?)?, context.limits).ok()?;
        (documents.len() == 1).then(|| documents.pop())?
    };
    let (Some(left), Some(right)) = (read(pair.left), read(pair.right)) else {
        return causes;
    };
    let changed = causes.iter().any(|cause| cause.code == Code::ValuesValue);
    if changed && left.exact() && right.exact() && as_json(&left.value) == as_json(&right.value) {
        return vec![
            pair.cause(Code::YamlFormatting, Severity::Info, Weight::Cosmetic)
                .note("The data is equal as Helm reads it: it takes a whole number for the same, however it is written."),
        ];
    }
    causes.extend(special(pair, &left.value, &right.value, context.limits));
    causes
}

/// The values as Helm has them: sigs.k8s.io/yaml makes JSON of them first, and Go writes a whole float like an integer. (Where a
/// field wants a text, as in Chart.yaml, it tells them apart; values want none.)
fn as_json(value: &Value) -> Value {
    // Every integer up to here is a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) if number.is_f64() => match number.as_f64() {
            // Minus zero keeps its sign.
            Some(n) if n.fract() == 0.0 && n.abs() < EXACT && !(n == 0.0 && n.is_sign_negative()) =>
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "whole, and far below the end of i64"
                )]
                Value::from(n as i64)
            }
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(as_json).collect(),
        Value::Object(fields) => fields.iter().map(|(k, v)| (k.clone(), as_json(v))).collect(),
        _ => value.clone(),
    }
}

/// Privilege and images among the changed values.
fn special(pair: &Pair<'_>, left: &Value, right: &Value, limits: &Limits) -> Vec<Cause> {
    let mut causes: Vec<Cause> = Vec::new();
    let mut images = BTreeSet::new();
    for leaf in leaves(Some(left), Some(right), limits) {
        if let Some((severity, what)) = privilege(&leaf) {
            causes.push(
                pair.cause(Code::WorkloadPrivilege, severity, Weight::Deployed)
                    .pointer(&leaf.pointer)
                    .values(shown(leaf.from), shown(leaf.to))
                    .note(format!("By default: {what}.")),
            );
        } else if let Some((pointer, from, to)) = image(&leaf, left, right)
            && images.insert(pointer.clone())
        {
            causes.push(
                pair.cause(Code::ImageReference, Severity::Behaviour, Weight::Deployed)
                    .pointer(pointer)
                    .values(from, to)
                    .note("The default image is another one."),
            );
        }
    }
    causes
}

/// Where an image stands, and both references, if the leaf is part of one.
fn image(leaf: &Leaf<'_>, left: &Value, right: &Value) -> Option<(String, Option<String>, Option<String>)> {
    let (parent, key) = leaf.pointer.rsplit_once('/')?;
    let scalar = |v: Option<&Value>| v.is_none_or(|v| !v.is_object() && !v.is_array());
    if key.to_ascii_lowercase().ends_with("image") && scalar(leaf.from) && scalar(leaf.to) {
        return Some((leaf.pointer.clone(), shown(leaf.from), shown(leaf.to)));
    }
    let parts = ["registry", "repository", "tag", "digest"];
    let owner = parent.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let has_repository = [left, right].iter().any(|v| {
        v.pointer(&format!("{parent}/repository"))
            .is_some_and(Value::is_string)
    });
    if !parts.contains(&key) || !(has_repository || owner.ends_with("image")) {
        return None;
    }
    Some((
        parent.to_owned(),
        reference(left.pointer(parent)),
        reference(right.pointer(parent)),
    ))
}

/// `registry/repository:tag@digest`, as far as the parts are there.
fn reference(image: Option<&Value>) -> Option<String> {
    let part = |name: &str| match image?.get(name)? {
        Value::String(text) if text.is_empty() => None,
        value => shown(Some(value)),
    };
    let name = [part("registry"), part("repository")]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("/");
    let tag = part("tag").map(|tag| format!(":{tag}")).unwrap_or_default();
    let digest = part("digest")
        .map(|digest| format!("@{digest}"))
        .unwrap_or_default();
    let whole = format!("{name}{tag}{digest}");
    (!whole.is_empty()).then_some(whole)
}
