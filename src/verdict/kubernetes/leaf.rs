//! The scalar values in which two pieces of data differ.
//!
//! Purpose: rules about single fields (`privileged`, `image`) want every changed field, also where a whole block came
//! or went. Lists of scalars are compared as bags; lists of mappings by `name`, `key` or `id` where every item has a
//! distinct one, else by position.
//!
//! Invariant: data with no leaf change holds the same scalars under the same keys.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::compare::data::escape;
use crate::limits::Limits;

/// One scalar that came, went or changed. Empty mappings and lists count as scalars.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf<'a> {
    /// JSON pointer; list items matched by name have the name in place of the index.
    pub pointer: String,
    /// The left side's.
    pub from: Option<&'a Value>,
    /// The right side's.
    pub to: Option<&'a Value>,
}

impl Leaf<'_> {
    /// The names along the pointer.
    pub fn keys(&self) -> Vec<&str> {
        self.pointer.split('/').skip(1).collect()
    }
}

/// Every leaf that differs.
pub fn leaves<'a>(left: Option<&'a Value>, right: Option<&'a Value>, limits: &Limits) -> Vec<Leaf<'a>> {
    let mut found = Found {
        leaves: Vec::new(),
        pointer_bytes: limits.pointer_bytes,
    };
    walk(String::new(), left, right, &mut found);
    found.leaves
}

struct Found<'a> {
    leaves: Vec<Leaf<'a>>,
    pointer_bytes: usize,
}

fn walk<'a>(pointer: String, left: Option<&'a Value>, right: Option<&'a Value>, found: &mut Found<'a>) {
    if left == right {
        return;
    }
    if pointer.len() > found.pointer_bytes {
        found.leaves.push(Leaf {
            pointer,
            from: left,
            to: right,
        });
        return;
    }
    let (l, r) = (nested(left), nested(right));
    match (l, r) {
        (Some(Value::Object(_)), None)
        | (None, Some(Value::Object(_)))
        | (Some(Value::Object(_)), Some(Value::Object(_))) => {
            let keys = [l, r]
                .into_iter()
                .flatten()
                .filter_map(Value::as_object)
                .flat_map(|o| o.keys())
                .collect::<BTreeSet<_>>();
            for key in keys {
                let of = |side: Option<&'a Value>| side.and_then(Value::as_object).and_then(|o| o.get(key));
                walk(format!("{pointer}/{}", escape(key)), of(l), of(r), found);
            }
        }
        (Some(Value::Array(_)), None)
        | (None, Some(Value::Array(_)))
        | (Some(Value::Array(_)), Some(Value::Array(_))) => {
            items(&pointer, list(l), list(r), found);
        }
        (Some(_), Some(_)) => {
            walk(pointer.clone(), left, None, found);
            walk(pointer, None, right, found);
            return;
        }
        _ => {}
    }
    let scalar = |side: Option<&'a Value>| side.filter(|v| nested(Some(v)).is_none());
    let (from, to) = (scalar(left), scalar(right));
    if from.is_some() || to.is_some() {
        found.leaves.push(Leaf { pointer, from, to });
    }
}

/// A mapping or list with something in it.
fn nested(value: Option<&Value>) -> Option<&Value> {
    value.filter(|v| match v {
        Value::Object(o) => !o.is_empty(),
        Value::Array(a) => !a.is_empty(),
        _ => false,
    })
}

fn list(value: Option<&Value>) -> &[Value] {
    value
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn items<'a>(pointer: &str, left: &'a [Value], right: &'a [Value], found: &mut Found<'a>) {
    let scalar = |v: &Value| nested(Some(v)).is_none();
    if left.iter().chain(right).all(scalar) {
        let [l, r] = [left, right].map(bag);
        for (text, values) in &l {
            let kept = r.get(text).map_or(0, Vec::len);
            found.leaves.extend(values.iter().skip(kept).map(|v| Leaf {
                pointer: format!("{pointer}/-"),
                from: Some(*v),
                to: None,
            }));
        }
        for (text, values) in &r {
            let kept = l.get(text).map_or(0, Vec::len);
            found.leaves.extend(values.iter().skip(kept).map(|v| Leaf {
                pointer: format!("{pointer}/-"),
                from: None,
                to: Some(*v),
            }));
        }
        return;
    }
    for key in ["name", "key", "id"] {
        if let (Some(l), Some(r)) = (by(key, left), by(key, right)) {
            for name in l.keys().chain(r.keys()).collect::<BTreeSet<_>>() {
                walk(
                    format!("{pointer}/{}", escape(name)),
                    l.get(*name).copied(),
                    r.get(*name).copied(),
                    found,
                );
            }
            return;
        }
    }
    for at in 0..left.len().max(right.len()) {
        walk(format!("{pointer}/{at}"), left.get(at), right.get(at), found);
    }
}

fn bag(list: &[Value]) -> BTreeMap<String, Vec<&Value>> {
    let mut bag: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for value in list {
        bag.entry(value.to_string()).or_default().push(value);
    }
    bag
}

/// The items by their name, if all have one and no two the same.
fn by<'a>(key: &str, list: &'a [Value]) -> Option<BTreeMap<&'a str, &'a Value>> {
    let named = list
        .iter()
        .map(|v| Some((v.get(key)?.as_str()?, v)))
        .collect::<Option<BTreeMap<_, _>>>()?;
    (named.len() == list.len()).then_some(named)
}

/// A value for the eye: texts without quotes, all else as compact JSON, shortened.
pub fn shown(value: Option<&Value>) -> Option<String> {
    /// What fits in a cell of a table.
    const SHOWN: usize = 120;
    let text = match value? {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut short = text.chars().take(SHOWN).collect::<String>();
    if short.len() < text.len() {
        short.push('…');
    }
    Some(short)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(left: &Value, right: &Value) -> Vec<(String, Option<String>, Option<String>)> {
        leaves(Some(left), Some(right), &Limits::default())
            .into_iter()
            .map(|l| (l.pointer.clone(), shown(l.from), shown(l.to)))
            .collect()
    }

    #[test]
    fn blocks_that_come_are_told_leaf_by_leaf() {
        let s = |t: &str| Some(t.to_owned());
        assert_eq!(
            told(&json!({"a": 1}), &json!({"a": 1, "s": {"p": true, "e": {}}})),
            [
                ("/s/e".to_owned(), None, s("{}")),
                ("/s/p".to_owned(), None, s("true"))
            ]
        );
        assert_eq!(
            told(&json!({"a": {"b": 1}}), &json!({"a": "x"})),
            [("/a/b".to_owned(), s("1"), None), ("/a".to_owned(), None, s("x"))]
        );
        assert_eq!(
            told(&json!({"a": {"b": 1}}), &json!({"a": [2]})),
            [
                ("/a/b".to_owned(), s("1"), None),
                ("/a/-".to_owned(), None, s("2"))
            ]
        );
    }

    #[test]
    fn lists_by_name_as_bags_or_by_position() {
        let s = |t: &str| Some(t.to_owned());
        assert_eq!(
            told(
                &json!([{"name": "a", "v": 1}, {"name": "b", "v": 2}]),
                &json!([{"name": "b", "v": 3}, {"name": "a", "v": 1}])
            ),
            [("/b/v".to_owned(), s("2"), s("3"))]
        );
        assert_eq!(
            told(&json!(["x", "y"]), &json!(["y", "z"])),
            [("/-".to_owned(), s("x"), None), ("/-".to_owned(), None, s("z"))]
        );
        assert_eq!(
            told(&json!([{"v": 1}]), &json!([{"v": 1}, {"v": 2}])),
            [("/1/v".to_owned(), None, s("2"))]
        );
    }
    #[test]
    fn below_a_long_pointer_what_differs_is_told_whole() {
        let limits = Limits {
            pointer_bytes: 4,
            ..Limits::default()
        };
        let (left, right) = (
            json!({"abc": {"d": {"e": 1}}, "longer": {"f": {"g": 1}}}),
            json!({"abc": {"d": {"e": 2}}, "longer": {"f": {"g": 2}}}),
        );
        let found = leaves(Some(&left), Some(&right), &limits);
        let pointers: Vec<&str> = found.iter().map(|leaf| leaf.pointer.as_str()).collect();
        assert_eq!(pointers, ["/abc/d", "/longer"]);
        assert_eq!(found[1].from, Some(&json!({"f": {"g": 1}})));
    }
}
