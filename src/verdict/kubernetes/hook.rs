//! Helm hooks: objects that run at a moment of the release instead of being part of it.
//!
//! | what | cause | severity |
//! |---|---|---|
//! | a `helm.sh/hook*` annotation came, went or changed: when it runs, in which order, when it is deleted | `hook.changed` | 3 |
//! | anything else in an object that is a hook | `hook.changed` | 3 |
//! | a hook came or went | `hook.changed` | 3 |
//!
//! Hooks of `helm test` alone run only when somebody asks, and are no part of this.

use std::collections::BTreeMap;

use serde_json::Value;

use super::object::{Matched, Object};
use super::{Cause, Code, Severity, cause, leaf, named};
use crate::compare::data::escape;

/// The annotations that make a hook, with their values.
pub fn annotations(object: &Object) -> BTreeMap<&str, &Value> {
    let all = object.at("/metadata/annotations").and_then(Value::as_object);
    all.into_iter()
        .flatten()
        .filter(|(key, _)| key.starts_with("helm.sh/hook"))
        .map(|(key, value)| (key.as_str(), value))
        .collect()
}

/// True when only `helm test` runs it, and its text says so plainly.
pub fn is_test(object: &Object) -> bool {
    let events = annotations(object)
        .get("helm.sh/hook")
        .and_then(|v| v.as_str())
        .unwrap_or_default()
        .to_owned();
    events
        .split(',')
        .all(|event| matches!(event.trim(), "test" | "test-success" | "test-failure"))
}

/// Causes of one object that is a hook on either side.
pub fn judge(pair: &Matched<'_>) -> Vec<Cause> {
    let before = pair.left.map(annotations).unwrap_or_default();
    let after = pair.right.map(annotations).unwrap_or_default();
    let Some(object) = pair.any().filter(|_| !before.is_empty() || !after.is_empty()) else {
        return Vec::new();
    };
    let events = |side: &BTreeMap<&str, &Value>| leaf::shown(side.get("helm.sh/hook").copied());
    if before.is_empty() || after.is_empty() {
        let became = if before.is_empty() {
            "is a hook now"
        } else {
            "is no hook any more, or gone"
        };
        return vec![
            cause(pair, Code::HookChanged, Severity::Behaviour)
                .pointer("/metadata/annotations/helm.sh~1hook")
                .values(events(&before), events(&after))
                .note(format!("{} {became}.", named(object))),
        ];
    }
    let mut causes = Vec::new();
    for key in before
        .keys()
        .chain(after.keys().filter(|key| !before.contains_key(*key)))
    {
        let (from, to) = (before.get(key).copied(), after.get(key).copied());
        if from != to {
            causes.push(
                cause(pair, Code::HookChanged, Severity::Behaviour)
                    .pointer(format!("/metadata/annotations/{}", escape(key)))
                    .values(leaf::shown(from), leaf::shown(to))
                    .note(format!("{key} of {} changed.", named(object))),
            );
        }
    }
    if causes.is_empty() {
        let when = events(&after).or_else(|| events(&before)).unwrap_or_default();
        causes.push(
            cause(pair, Code::HookChanged, Severity::Behaviour)
                .note(format!("What {} runs at {when} changed.", named(object))),
        );
    }
    causes
}
