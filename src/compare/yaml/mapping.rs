//! A mapping's keys: which type they had, which one wins, and what merge keys bring.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::{Doubt, build::Node, scalar};
use crate::compare::data::{Inside, Place};

/// The fields of a mapping from its keys and values in turn: the last of two equal keys wins.
pub(super) fn fields(children: Vec<Node>, doubts: &mut Vec<Doubt>) -> (Value, Inside) {
    let mut own = Fields::default();
    let mut merges = Vec::new();
    let mut children = children.into_iter();
    while let (Some(key), Some(value)) = (children.next(), children.next()) {
        if key.merge {
            // Which own keys stood before decides what some readers answer.
            merges.push((own.values.len(), value));
            continue;
        }
        let line = key.place.line;
        let (name, kind) = key_text(key, doubts);
        // Nearly all keys are texts: only the others are remembered.
        let before = own.kinds.get(&name).copied().unwrap_or(Kind::Text);
        if before != kind && own.values.contains_key(&name) {
            doubts.push(Doubt::new(line, format!("the key {name} in two types")));
        }
        if kind != Kind::Text {
            own.kinds.insert(name.clone(), kind);
        }
        own.places.insert(name.clone(), value.place);
        own.values.insert(name, value.value);
    }
    if !merges.is_empty() {
        merge(&mut own, merges, doubts);
    }
    (Value::Object(own.values), Inside::Fields(own.places))
}

/// A mapping's key as JSON has it, and its type.
fn key_text(key: Node, doubts: &mut Vec<Doubt>) -> (String, Kind) {
    let line = key.place.line;
    if key.broken {
        doubts.push(Doubt::new(line, "a key of several lines"));
    }
    if let Some(tag) = &key.place.tag {
        doubts.push(Doubt::new(line, format!("a key with the tag {tag}")));
    }
    match key.value {
        Value::String(text) => (text, Kind::Text),
        Value::Bool(flag) => (flag.to_string(), Kind::Flag),
        Value::Number(number) if number.is_i64() => (number.to_string(), Kind::Number),
        other => {
            doubts.push(Doubt::new(line, format!("the key {other}, which is no text")));
            (other.to_string(), Kind::Other)
        }
    }
}

/// Applies merge keys: the mapping's own keys win wherever they stand, earlier sources before later ones.
///
/// Releases of Helm's reader differ in this: some let a `<<` override the keys above it, or an earlier
/// `<<`. Where that makes a difference, it is a doubt.
fn merge(own: &mut Fields, merges: Vec<(usize, Node)>, doubts: &mut Vec<Doubt>) {
    let mut merged: Map<String, Value> = Map::new();
    let order: HashMap<String, usize> = own.values.keys().cloned().zip(0..).collect();
    for (before, source) in merges {
        let line = source.place.line;
        let mut here: Map<String, Value> = Map::new();
        let sources = match (source.value, source.place.inside) {
            (Value::Object(fields), Inside::Fields(places)) => vec![(fields, places)],
            (Value::Array(items), Inside::Items(places)) if !source.alias => items
                .into_iter()
                .zip(places)
                .filter_map(|(item, place)| match (item, place.inside) {
                    (Value::Object(fields), Inside::Fields(places)) => Some((fields, places)),
                    _ => {
                        doubts.push(Doubt::new(line, "a merge of what is no mapping"));
                        None
                    }
                })
                .collect(),
            _ => {
                doubts.push(Doubt::new(line, "a merge of what is no mapping"));
                continue;
            }
        };
        for (fields, mut places) in sources {
            for (name, value) in fields {
                if own.values.contains_key(&name)
                    && !scalar::resolve(&name).is_some_and(|key| key.is_string())
                {
                    doubts.push(Doubt::new(
                        line,
                        format!("the merged key {name}, perhaps in two types"),
                    ));
                }
                if here.contains_key(&name) {
                    continue;
                }
                if (order.get(&name).is_some_and(|at| *at < before) && own.values.get(&name) != Some(&value))
                    || merged.get(&name).is_some_and(|earlier| *earlier != value)
                {
                    doubts.push(Doubt::new(
                        line,
                        format!("a merge over {name}, which stands above it"),
                    ));
                }
                here.insert(name.clone(), value.clone());
                if !own.values.contains_key(&name)
                    && let Some(place) = places.remove(&name)
                {
                    own.places.insert(name.clone(), place);
                    own.values.insert(name, value);
                }
            }
        }
        merged.extend(here);
    }
}

/// The fields of a mapping while it is read.
#[derive(Default)]
struct Fields {
    values: Map<String, Value>,
    places: BTreeMap<String, Place>,
    kinds: HashMap<String, Kind>,
}

/// The type a key had before it became a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Flag,
    Number,
    Other,
}
