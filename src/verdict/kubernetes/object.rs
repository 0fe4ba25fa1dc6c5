//! Kubernetes objects in the static text of files, and which of the left belongs to which of the right.
//!
//! Invariants: objects are matched by kind, API group, namespace and name, first within a file, then across files (a
//! CRD that moved to another file is not removed); what is then left of one kind in one file, one on each side, is a
//! renamed object. A document that is no YAML without rendering yields no object, and so no cause.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Changed;
use super::static_text::{Branches, Placeholders, static_text};
use crate::compare::yaml;
use crate::limits::Limits;
use crate::verdict::file_class::FileClass;

/// One object, as far as its text says.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// The file it stands in, as shown.
    pub path: String,
    /// That file's class.
    pub class: FileClass,
    /// `kind`.
    pub kind: String,
    /// The group of `apiVersion`, empty for the core group.
    pub group: String,
    /// `metadata.namespace`.
    pub namespace: String,
    /// `metadata.name`, with placeholders.
    pub name: String,
    /// The whole object.
    pub value: Value,
    /// The line of its document's begin, from 1.
    pub line: u64,
}

impl Object {
    /// The value at a JSON pointer.
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        self.value.pointer(pointer)
    }

    /// The list at a JSON pointer; empty when there is none.
    pub fn list(&self, pointer: &str) -> &[Value] {
        self.at(pointer)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

/// An object on one side or both.
#[derive(Debug, Clone, Copy)]
pub struct Matched<'a> {
    /// The left side's.
    pub left: Option<&'a Object>,
    /// The right side's.
    pub right: Option<&'a Object>,
}

impl<'a> Matched<'a> {
    /// The right side's object, or the left's where there is no other.
    pub fn any(&self) -> Option<&'a Object> {
        self.right.or(self.left)
    }
}

/// The objects of one side of a file.
pub fn objects(
    file: &Changed<'_>,
    source: &str,
    branches: Branches,
    placeholders: &mut Placeholders,
    limits: &Limits,
) -> Vec<Object> {
    let rendered = file.class.is_template();
    let text = if rendered {
        static_text(source, branches, placeholders)
    } else {
        Some(source.to_owned())
    };
    let mut found = Vec::new();
    for (line, document) in documents(&text.unwrap_or_default()) {
        let Ok(read) = yaml::read(document, limits) else {
            continue;
        };
        for value in read.into_iter().map(|d| d.value) {
            if value
                .get("kind")
                .and_then(Value::as_str)
                .is_some_and(|kind| kind.ends_with("List"))
            {
                let items = value
                    .get("items")
                    .and_then(Value::as_array)
                    .cloned()
                    .unwrap_or_default();
                found.extend(items.into_iter().filter_map(|item| object(file, item, line)));
            } else {
                found.extend(object(file, value, line));
            }
        }
    }
    found
}

/// Every object of a template, in every branch; `None` unless each document can be read without rendering.
pub fn whole(file: &Changed<'_>, source: &str, limits: &Limits) -> Option<Vec<Object>> {
    let mut found = Vec::new();
    for branches in [Branches::First, Branches::Last] {
        let text = static_text(source, branches, &mut Placeholders::default())?;
        for (line, document) in documents(&text) {
            for read in yaml::read(document, limits).ok()? {
                if !read.value.is_null() {
                    found.push(object(file, read.value, line)?);
                }
            }
        }
    }
    Some(found)
}

/// The documents of a text with the line each begins on. Split by hand, so that one that is no YAML does not take
/// the others with it; Helm splits the same way (`releaseutil.SplitManifests`).
fn documents(text: &str) -> Vec<(u64, String)> {
    let mut found = vec![(1, String::new())];
    for (line, number) in text.split_inclusive('\n').zip(1_u64..) {
        if let Some(after) = line.strip_prefix("---") {
            let inline = after.trim_start();
            let document = if inline.starts_with('#') { "" } else { inline };
            found.push((number, format!("{document}\n")));
        } else if let Some((_, document)) = found.last_mut() {
            document.push_str(line);
        }
    }
    found.retain(|(_, document)| !document.trim().is_empty());
    found
}

fn object(file: &Changed<'_>, value: Value, line: u64) -> Option<Object> {
    let text = |pointer: &str| {
        value
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let kind = value.get("kind")?.as_str()?.to_owned();
    Some(Object {
        path: file.path.clone(),
        class: file.class,
        kind,
        group: text("/apiVersion")
            .split_once('/')
            .map(|(group, _)| group.to_owned())
            .unwrap_or_default(),
        namespace: text("/metadata/namespace"),
        name: text("/metadata/name"),
        line,
        value,
    })
}

/// Which object belongs to which.
pub fn matched<'a>(left: &'a [Object], right: &'a [Object]) -> Vec<Matched<'a>> {
    let mut pairs = Vec::new();
    let mut open_left = left.iter().collect::<Vec<_>>();
    let mut open_right = right.iter().collect::<Vec<_>>();
    let identity = |o: &'a Object| [&o.kind, &o.group, &o.namespace, &o.name].map(String::as_str);
    // Within a file by identity, across files by identity, within a file by kind alone.
    take(
        &mut open_left,
        &mut open_right,
        |o| (Some(o.path.as_str()), identity(o)),
        false,
        &mut pairs,
    );
    take(
        &mut open_left,
        &mut open_right,
        |o| (None, identity(o)),
        false,
        &mut pairs,
    );
    take(
        &mut open_left,
        &mut open_right,
        |o| (Some(o.path.as_str()), [&o.kind, "", "", ""]),
        true,
        &mut pairs,
    );
    pairs.extend(open_left.into_iter().map(|l| Matched {
        left: Some(l),
        right: None,
    }));
    pairs.extend(open_right.into_iter().map(|r| Matched {
        left: None,
        right: Some(r),
    }));
    pairs
}

type Key<'a> = (Option<&'a str>, [&'a str; 4]);

/// Pairs what has the same key, in order; with `single`, only keys that stand once on each side.
fn take<'a>(
    left: &mut Vec<&'a Object>,
    right: &mut Vec<&'a Object>,
    key: impl Fn(&'a Object) -> Key<'a>,
    single: bool,
    pairs: &mut Vec<Matched<'a>>,
) {
    let group = |side: &[&'a Object]| {
        let mut by: BTreeMap<Key<'a>, Vec<&'a Object>> = BTreeMap::new();
        side.iter().for_each(|o| by.entry(key(o)).or_default().push(o));
        by
    };
    let (by_left, by_right) = (group(left), group(right));
    let (mut rest_left, mut rest_right) = (Vec::new(), Vec::new());
    for (key, ls) in &by_left {
        let rs = by_right.get(key).map(Vec::as_slice).unwrap_or_default();
        let many = if single && (ls.len() != 1 || rs.len() != 1) {
            0
        } else {
            ls.len().min(rs.len())
        };
        pairs.extend(ls.iter().zip(rs).take(many).map(|(l, r)| Matched {
            left: Some(*l),
            right: Some(*r),
        }));
        rest_left.extend(ls.iter().skip(many));
        rest_right.extend(rs.iter().skip(many));
    }
    rest_right.extend(
        by_right
            .iter()
            .filter(|(key, _)| !by_left.contains_key(*key))
            .flat_map(|(_, rs)| rs),
    );
    (*left, *right) = (rest_left, rest_right);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(path: &str, source: &str) -> Vec<Object> {
        let file = Changed {
            path: path.to_owned(),
            class: FileClass::Template,
            left: None,
            right: None,
        };
        objects(
            &file,
            source,
            Branches::First,
            &mut Placeholders::default(),
            &Limits::default(),
        )
    }

    #[test]
    fn one_broken_document_does_not_hide_the_others() {
        let found = all(
            "a",
            "kind: A\nmetadata: {name: x}\n--- # next\n: [\n---\napiVersion: g/v1\nkind: B\n",
        );
        assert_eq!(
            found
                .iter()
                .map(|o| (o.kind.as_str(), o.group.as_str(), o.line))
                .collect::<Vec<_>>(),
            [("A", "", 1), ("B", "g", 5)]
        );
    }

    #[test]
    fn lists_hold_objects() {
        let found = all("a", "kind: List\nitems:\n  - kind: A\n  - kind: B\n  - 1\n");
        assert_eq!(
            found.iter().map(|o| o.kind.as_str()).collect::<Vec<_>>(),
            ["A", "B"]
        );
    }

    #[test]
    fn objects_are_matched_within_then_across_files_then_by_kind() {
        let left = [all("a", "kind: A\nmetadata: {name: x}\n---\nkind: B\nmetadata: {name: old}\n---\nkind: C\nmetadata: {name: c}"), all("b", "kind: D\n")].concat();
        let right = [
            all("a", "kind: B\nmetadata: {name: new}\n"),
            all("c", "kind: A\nmetadata: {name: x}\n---\nkind: E\n"),
        ]
        .concat();
        let told = matched(&left, &right)
            .into_iter()
            .map(|m| {
                (
                    m.left.map(|o| (o.kind.as_str(), o.name.as_str())),
                    m.right.map(|o| (o.kind.as_str(), o.name.as_str())),
                )
            })
            .collect::<Vec<_>>();
        assert_eq!(
            told,
            [
                (Some(("A", "x")), Some(("A", "x"))),
                (Some(("B", "old")), Some(("B", "new"))),
                (Some(("C", "c")), None),
                (Some(("D", "")), None),
                (None, Some(("E", ""))),
            ]
        );
    }
}
