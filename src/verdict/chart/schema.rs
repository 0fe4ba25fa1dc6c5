//! values.schema.json: what Helm holds a user's values against before it renders anything.
//!
//! `json.formatting` 1, cosmetic, when the data is proven equal; otherwise `schema.value` 2, deployed, which says whether that
//! place is tighter (values that passed may be refused, and an upgrade with them) or looser.
//!
//! Where only descriptions, titles and comments differ it is 1, cosmetic. Proof: without them, the data is equal; they are texts, so
//! no `$ref` can make a schema of them, and Helm hands the schema to nothing but the validator.

use serde_json::{Map, Value};

use super::data;
use super::{Cause, Code, Context, Pair, Severity, Weight, text};
use crate::compare::data::escape;
use crate::compare::json;
use crate::verdict::kubernetes::crd_schema::keyword;

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
    let mut causes = data::listed(
        pair,
        &compared.changes,
        compared.total_changes,
        Code::SchemaValue,
        Severity::Review,
    );
    let read = |side: Option<&crate::tree::Node>| json::read(text(side?)?, context.limits).ok();
    if let (Some(left), Some(right)) = (read(pair.left), read(pair.right)) {
        let doubts = !compared.unproven.is_empty() || !left.doubts.is_empty() || !right.doubts.is_empty();
        if !doubts && without_words(&left.value) == without_words(&right.value) {
            causes.iter_mut().for_each(|cause| {
                cause.severity = Severity::Info;
                cause.weight = Weight::Cosmetic;
            });
        }
        let mut found = Vec::new();
        walk(String::new(), &left.value, &right.value, &mut found);
        causes.iter_mut().for_each(|cause| tell(cause, &found));
    }
    causes.extend(data::unproven(pair, &compared.unproven));
    causes
}

/// Which way a place of the schema went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Tighter,
    Looser,
    Words,
}

/// Adds to a cause which way its place went.
fn tell(cause: &mut Cause, found: &[(String, Way)]) {
    let within = |outer: &str| {
        let rest = cause.pointer.strip_prefix(outer);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let way = found
        .iter()
        .find(|(pointer, _)| within(pointer))
        .map(|(_, way)| *way);
    let said = match way {
        Some(Way::Tighter) => "Tighter: values that passed may be refused.",
        Some(Way::Looser) => "Looser: values that were refused may pass.",
        Some(Way::Words) => "Only words about values.",
        None => return,
    };
    let lines = std::mem::take(&mut cause.note);
    cause.note = match lines.is_empty() {
        true => said.to_owned(),
        false => format!("{said} {lines}"),
    };
}

/// Finds which way each place of a schema went. What is neither (`default`, keywords of no known meaning) is left out.
fn walk(pointer: String, left: &Value, right: &Value, found: &mut Vec<(String, Way)>) {
    let (Value::Object(l), Value::Object(r)) = (left, right) else {
        // A schema may be `true` or `false`: all values, or none.
        let way = match (left, right) {
            (Value::Bool(true), _) | (_, Value::Bool(false)) => Way::Tighter,
            _ => Way::Looser,
        };
        found.push((pointer, way));
        return;
    };
    for key in keys(l, r) {
        let (from, to) = (l.get(key), r.get(key));
        let pointer = format!("{pointer}/{}", escape(key));
        match (key.as_str(), from, to) {
            _ if from == to => {}
            ("properties" | "patternProperties" | "definitions" | "$defs", _, _) => {
                let empty = Map::new();
                let names = |side: Option<&Value>| side.and_then(Value::as_object).cloned();
                let (from, to) = (names(from), names(to));
                let (from, to) = (from.as_ref().unwrap_or(&empty), to.as_ref().unwrap_or(&empty));
                for name in keys(from, to) {
                    let pointer = format!("{pointer}/{}", escape(name));
                    match (from.get(name), to.get(name)) {
                        (Some(from), Some(to)) if from != to => walk(pointer, from, to, found),
                        // A value that nothing was said about is bound now, or the other way round.
                        (None, Some(_)) => found.push((pointer, Way::Tighter)),
                        (Some(_), None) => found.push((pointer, Way::Looser)),
                        _ => {}
                    }
                }
            }
            ("items" | "additionalProperties", Some(from), Some(to)) => walk(pointer, from, to, found),
            // In JSON Schema, not to be named means that anything may stand there.
            ("additionalProperties", _, None) => found.push((pointer, Way::Looser)),
            ("items" | "additionalProperties" | "const" | "contains" | "dependencies", None, _) => {
                found.push((pointer, Way::Tighter));
            }
            ("items" | "const" | "contains" | "dependencies", _, None) => found.push((pointer, Way::Looser)),
            _ => match keyword(key, from, to) {
                Severity::Breaking => found.push((pointer, Way::Tighter)),
                Severity::Info => found.push((pointer, Way::Words)),
                _ if BOUNDS.contains(&key.as_str()) => found.push((pointer, Way::Looser)),
                _ => {}
            },
        }
    }
}

/// The schema without texts for people. Below `properties` and its like stand names, which only look like keywords.
fn without_words(schema: &Value) -> Value {
    let Value::Object(fields) = schema else {
        return schema.clone();
    };
    let named = |value: &Value| match value {
        Value::Object(names) => names.iter().map(|(k, v)| (k.clone(), without_words(v))).collect(),
        other => other.clone(),
    };
    let kept = fields.iter().filter_map(|(key, value)| {
        let value = match key.as_str() {
            "description" | "title" | "$comment" if value.is_string() => return None,
            "properties" | "patternProperties" | "definitions" | "$defs" | "dependentSchemas" => named(value),
            "items"
            | "additionalProperties"
            | "not"
            | "if"
            | "then"
            | "else"
            | "contains"
            | "propertyNames" => without_words(value),
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => match value {
                Value::Array(schemas) => schemas.iter().map(without_words).collect(),
                other => other.clone(),
            },
            _ => value.clone(),
        };
        Some((key.clone(), value))
    });
    kept.collect()
}

/// Keywords that allow more wherever they do not allow less.
const BOUNDS: [&str; 18] = [
    "type",
    "required",
    "enum",
    "minimum",
    "minLength",
    "minItems",
    "minProperties",
    "maximum",
    "maxLength",
    "maxItems",
    "maxProperties",
    "pattern",
    "format",
    "multipleOf",
    "not",
    "uniqueItems",
    "exclusiveMinimum",
    "exclusiveMaximum",
];

fn keys<'a>(left: &'a Map<String, Value>, right: &'a Map<String, Value>) -> Vec<&'a String> {
    let mut keys: Vec<&String> = left.keys().chain(right.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ways(left: &Value, right: &Value) -> Vec<(String, Way)> {
        let mut found = Vec::new();
        walk(String::new(), left, right, &mut found);
        found
    }

    #[test]
    fn words_are_told_from_names_and_values() {
        for (left, right, equal) in [
            (json!({"title": "a"}), json!({"description": "b"}), true),
            (
                json!({"properties": {"a": {"items": {"title": "x"}}}}),
                json!({"properties": {"a": {"items": {}}}}),
                true,
            ),
            (json!({"anyOf": [{"title": "x"}]}), json!({"anyOf": [{}]}), true),
            (
                json!({"properties": {"title": {"type": "string"}}}),
                json!({"properties": {}}),
                false,
            ),
            (
                json!({"enum": [{"title": "x"}]}),
                json!({"enum": [{"title": "y"}]}),
                false,
            ),
            (json!({"title": {"type": "string"}}), json!({}), false),
        ] {
            assert_eq!(
                without_words(&left) == without_words(&right),
                equal,
                "{left} {right}"
            );
        }
    }

    #[test]
    fn each_place_is_tighter_looser_or_words() {
        use Way::{Looser, Tighter, Words};
        for (left, right, at, forth, back) in [
            (
                json!({}),
                json!({"required": ["a"]}),
                "/required",
                Tighter,
                Looser,
            ),
            (
                json!({"minimum": 1}),
                json!({"minimum": 3}),
                "/minimum",
                Tighter,
                Looser,
            ),
            (
                json!({"enum": ["a", "b"]}),
                json!({"enum": ["a"]}),
                "/enum",
                Tighter,
                Looser,
            ),
            (
                json!({}),
                json!({"description": "x"}),
                "/description",
                Words,
                Words,
            ),
            (
                json!({}),
                json!({"properties": {"a": {"type": "string"}}}),
                "/properties/a",
                Tighter,
                Looser,
            ),
            (
                json!({"properties": {"a": {"items": {"maxLength": 5}}}}),
                json!({"properties": {"a": {"items": {"maxLength": 4}}}}),
                "/properties/a/items/maxLength",
                Tighter,
                Looser,
            ),
            (
                json!({"additionalProperties": true}),
                json!({"additionalProperties": false}),
                "/additionalProperties",
                Tighter,
                Looser,
            ),
            (
                json!({}),
                json!({"additionalProperties": false}),
                "/additionalProperties",
                Tighter,
                Looser,
            ),
        ] {
            assert_eq!(ways(&left, &right), [(at.to_owned(), forth)], "{left} {right}");
            assert_eq!(ways(&right, &left), [(at.to_owned(), back)], "{right} {left}");
        }
        assert_eq!(ways(&json!({"default": 1}), &json!({"default": 2})), []);
    }
}
