//! A CRD version's schema: tightened, loosened, or only described in other words.
//!
//! | what | severity |
//! |---|---|
//! | a field removed, a type changed, a bound, pattern, enum or rule added or tightened, a field newly required | 4 |
//! | anything else that the API server reads | 3 |
//! | description, title, example | 1 |
//!
//! One cause per version and severity, with the first place and how many there are. Severity 4 means: an object that was
//! valid, or kept whole, may now be refused or pruned.

use serde_json::{Map, Value};

use super::object::Matched;
use super::{Cause, Code, Severity, cause, leaf};
use crate::compare::data::escape;

/// How one place of a schema differs.
struct Finding<'a> {
    severity: Severity,
    pointer: String,
    from: Option<&'a Value>,
    to: Option<&'a Value>,
}

/// Causes of one version's schema and the other fields of the version.
pub fn judge(pair: &Matched<'_>, version: &str, at: usize, old: &Value, new: &Value) -> Vec<Cause> {
    let mut found = Vec::new();
    let schema = |v: &'_ Value| v.pointer("/schema/openAPIV3Schema").is_some();
    if schema(old) || schema(new) {
        let side = |v| Value::pointer(v, "/schema/openAPIV3Schema");
        node(
            format!("/spec/versions/{at}/schema/openAPIV3Schema"),
            side(old),
            side(new),
            &mut found,
        );
    }
    for (field, severity) in [
        ("subresources", Severity::Behaviour),
        ("selectableFields", Severity::Behaviour),
        ("deprecated", Severity::Review),
    ] {
        if old.get(field) != new.get(field) {
            found.push(Finding {
                severity,
                pointer: format!("/spec/versions/{at}/{field}"),
                from: old.get(field),
                to: new.get(field),
            });
        }
    }
    let name = pair.any().map(|o| o.name.clone()).unwrap_or_default();
    let severities = [
        Severity::Breaking,
        Severity::Behaviour,
        Severity::Review,
        Severity::Info,
    ];
    let told = severities.into_iter().filter_map(|severity| {
        let of = found
            .iter()
            .filter(|f| f.severity == severity)
            .collect::<Vec<_>>();
        let first = of.first()?;
        let note = match severity {
            Severity::Breaking => format!(
                "The schema of {version} of {name} is tighter: what was valid may be refused or pruned."
            ),
            Severity::Info => format!("Only descriptions in the schema of {version} of {name}."),
            _ => format!("The schema of {version} of {name} changed."),
        };
        Some(
            cause(pair, Code::CrdSchema, severity)
                .pointer(&first.pointer)
                .values(leaf::shown(first.from), leaf::shown(first.to))
                .count(of.len() as u64)
                .note(note),
        )
    });
    told.collect()
}

fn node<'a>(pointer: String, old: Option<&'a Value>, new: Option<&'a Value>, found: &mut Vec<Finding<'a>>) {
    if old == new {
        return;
    }
    let (Some(Value::Object(l)), Some(Value::Object(r))) = (old, new) else {
        found.push(Finding {
            severity: Severity::Breaking,
            pointer,
            from: old,
            to: new,
        });
        return;
    };
    let mut keys = l.keys().chain(r.keys()).collect::<Vec<_>>();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let (from, to) = (l.get(key), r.get(key));
        if from == to {
            continue;
        }
        let pointer = format!("{pointer}/{}", escape(key));
        match key.as_str() {
            "properties" => properties(&pointer, from, to, found),
            "items" | "additionalProperties"
                if from.is_some_and(Value::is_object) && to.is_some_and(Value::is_object) =>
            {
                node(pointer, from, to, found);
            }
            _ => found.push(Finding {
                severity: keyword(key, from, to),
                pointer,
                from,
                to,
            }),
        }
    }
}

fn properties<'a>(
    pointer: &str,
    old: Option<&'a Value>,
    new: Option<&'a Value>,
    found: &mut Vec<Finding<'a>>,
) {
    let empty = Map::new();
    let fields = |side: Option<&'a Value>| side.and_then(Value::as_object);
    let before = fields(old).unwrap_or(&empty).keys().cloned().collect::<Vec<_>>();
    for name in &before {
        let pointer = format!("{pointer}/{}", escape(name));
        let (from, to) = (
            fields(old).and_then(|o| o.get(name)),
            fields(new).and_then(|o| o.get(name)),
        );
        match to {
            // The API server prunes fields that the schema no longer names.
            None => found.push(Finding {
                severity: Severity::Breaking,
                pointer,
                from,
                to,
            }),
            Some(_) => node(pointer, from, to, found),
        }
    }
    for (name, to) in fields(new)
        .into_iter()
        .flatten()
        .filter(|(name, _)| fields(old).is_none_or(|o| !o.contains_key(*name)))
    {
        found.push(Finding {
            severity: Severity::Behaviour,
            pointer: format!("{pointer}/{}", escape(name)),
            from: None,
            to: Some(to),
        });
    }
}

/// How much a changed keyword matters (JSON Schema as Kubernetes' structural schemas know it): 4 where it is tighter.
pub(in crate::verdict) fn keyword(key: &str, from: Option<&Value>, to: Option<&Value>) -> Severity {
    let tighter = match key {
        "description" | "title" | "example" | "externalDocs" => return Severity::Info,
        "type" => {
            !(from.and_then(Value::as_str) == Some("integer") && to.and_then(Value::as_str) == Some("number"))
        }
        "required" => gains(from, to),
        // Without an enum every value was allowed.
        "enum" => to.is_some() && (from.is_none() || gains(to, from)),
        "minimum" | "minLength" | "minItems" | "minProperties" => bound(from, to, |old, new| new > old),
        "maximum" | "maxLength" | "maxItems" | "maxProperties" => bound(from, to, |old, new| new < old),
        "pattern" | "format" | "multipleOf" | "not" | "allOf" | "anyOf" | "oneOf" => to.is_some(),
        "x-kubernetes-validations" => gains(from, to),
        "uniqueItems" | "exclusiveMinimum" | "exclusiveMaximum" | "x-kubernetes-embedded-resource" => {
            to == Some(&Value::Bool(true))
        }
        "nullable" | "x-kubernetes-preserve-unknown-fields" | "x-kubernetes-int-or-string" => {
            from == Some(&Value::Bool(true))
        }
        "additionalProperties" => to == Some(&Value::Bool(false)) || to.is_none(),
        "x-kubernetes-list-type" | "x-kubernetes-list-map-keys" | "x-kubernetes-map-type" => true,
        _ => false,
    };
    if tighter {
        Severity::Breaking
    } else {
        Severity::Behaviour
    }
}

/// True when the second list holds something that the first does not.
fn gains(first: Option<&Value>, second: Option<&Value>) -> bool {
    let list = |v: Option<&Value>| v.and_then(Value::as_array).cloned().unwrap_or_default();
    let known = list(first);
    list(second).iter().any(|v| !known.contains(v))
}

/// A bound that came, or that moved the way `tighter` says.
fn bound(from: Option<&Value>, to: Option<&Value>, tighter: fn(f64, f64) -> bool) -> bool {
    match (from.and_then(Value::as_f64), to.and_then(Value::as_f64)) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(old), Some(new)) => tighter(old, new),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn worst(old: &Value, new: &Value) -> u8 {
        let mut found = Vec::new();
        node(String::new(), Some(old), Some(new), &mut found);
        found.iter().map(|f| u8::from(f.severity)).max().unwrap_or(0)
    }

    #[test]
    fn each_keyword_is_tighter_looser_or_words() {
        for (old, new, forth, back) in [
            (json!({}), json!({"description": "x"}), 1, 1),
            (json!({"type": "integer"}), json!({"type": "number"}), 3, 4),
            (json!({"type": "string"}), json!({"type": "integer"}), 4, 4),
            (json!({}), json!({"required": ["a"]}), 4, 3),
            (json!({"required": ["a"]}), json!({"required": ["b"]}), 4, 4),
            (json!({"enum": ["a"]}), json!({"enum": ["a", "b"]}), 3, 4),
            (json!({}), json!({"enum": ["a"]}), 4, 3),
            (json!({"minimum": 0}), json!({"minimum": 1}), 4, 3),
            (json!({}), json!({"minimum": 1}), 4, 3),
            (json!({"maxLength": 63}), json!({"maxLength": 10}), 4, 3),
            (json!({}), json!({"pattern": "a"}), 4, 3),
            (
                json!({}),
                json!({"x-kubernetes-validations": [{"rule": "self.a"}]}),
                4,
                3,
            ),
            (json!({}), json!({"nullable": true}), 3, 4),
            (
                json!({}),
                json!({"x-kubernetes-preserve-unknown-fields": true}),
                3,
                4,
            ),
            (json!({"properties": {"a": {}}}), json!({"properties": {}}), 4, 3),
            (
                json!({"properties": {"a": {"items": {"minimum": 0}}}}),
                json!({"properties": {"a": {"items": {"minimum": 1}}}}),
                4,
                3,
            ),
            (json!({}), json!({"default": 1}), 3, 3),
            (
                json!({"additionalProperties": {"type": "string"}}),
                json!({"additionalProperties": false}),
                4,
                3,
            ),
        ] {
            assert_eq!(
                (worst(&old, &new), worst(&new, &old)),
                (forth, back),
                "{old} {new}"
            );
        }
    }
}
