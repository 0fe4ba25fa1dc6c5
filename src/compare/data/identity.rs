//! What names the items of a list, so that an item is found again wherever it moved.

use std::collections::HashMap;

use serde_json::Value;

use super::{escape, node::Node};

/// The names of both lists' items, as pointer tokens; `None` unless every item on both sides has one of its own.
pub(super) fn names(left: &[Node<'_>], right: &[Node<'_>]) -> Option<(Vec<String>, Vec<String>)> {
    let by: [fn(&Value) -> Option<String>; 4] = [
        object,
        |item| field(item, "name"),
        |item| field(item, "key"),
        |item| field(item, "id"),
    ];
    by.into_iter()
        .find_map(|name| Some((unique(left, name)?, unique(right, name)?)))
}

fn unique(items: &[Node<'_>], name: fn(&Value) -> Option<String>) -> Option<Vec<String>> {
    let names: Vec<String> = items.iter().map(|item| name(item.value)).collect::<Option<_>>()?;
    let mut seen = HashMap::with_capacity(names.len());
    names
        .iter()
        .all(|name| seen.insert(name.as_str(), ()).is_none())
        .then_some(names)
}

/// Kind, namespace and name of a Kubernetes object. Not its apiVersion: another one is a change of that object.
fn object(item: &Value) -> Option<String> {
    let kind = item.get("kind")?.as_str()?;
    let metadata = item.get("metadata")?;
    let name = metadata.get("name")?.as_str()?;
    let namespace = match metadata.get("namespace") {
        None => String::new(),
        Some(namespace) => format!("namespace={},", escape(namespace.as_str()?)),
    };
    Some(format!(
        "[kind={},{namespace}name={}]",
        escape(kind),
        escape(name)
    ))
}

fn field(item: &Value, name: &str) -> Option<String> {
    match item.get(name)? {
        Value::String(text) => Some(format!("[{name}={}]", escape(text))),
        Value::Number(number) if !number.is_f64() => Some(format!("[{name}={number}]")),
        _ => None,
    }
}
