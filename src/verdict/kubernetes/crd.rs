//! CustomResourceDefinitions: which versions exist, are served, are stored.
//!
//! | what | cause | severity |
//! |---|---|---|
//! | a version was served and is not | `crd.version-unserved` | 4 |
//! | a version is gone | `crd.version-removed` | 4 |
//! | a version came, or is served (again) | `crd.version-added` | 1 |
//! | another version is stored | `crd.storage` | 4 |
//! | scope or names | `crd.schema` | 4 |
//! | a schema | `crd.schema` by [`crd_schema`](super::crd_schema) | 1, 3, 4 |
//! | conversion, subresources | `crd.schema` | 3 |
//! | the whole CRD | `crd.added`, `crd.removed` | 2, 4 |
//!
//! A CRD in `crds/` says so in the note: Helm installs those once and never upgrades them; Flux skips them by default
//! on upgrade; Argo CD applies them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::object::{Matched, Object};
use super::{Cause, Code, Severity, cause, crd_schema, leaf};
use crate::verdict::file_class::FileClass;

/// Causes of one CRD.
pub fn judge(pair: &Matched<'_>) -> Vec<Cause> {
    if pair.any().is_none_or(|o| o.kind != "CustomResourceDefinition") {
        return Vec::new();
    }
    let mut causes = match (pair.left, pair.right) {
        (None, Some(right)) => {
            vec![cause(pair, Code::CrdAdded, Severity::Review).note(format!("{} came.", right.name))]
        }
        (Some(left), None) => vec![cause(pair, Code::CrdRemoved, Severity::Breaking).note(format!(
            "{} is gone; where it is deleted, all its objects are deleted with it.",
            left.name
        ))],
        (Some(left), Some(right)) => [
            versions(pair, left, right),
            storage(pair, left, right),
            shape(pair, left, right),
        ]
        .concat(),
        (None, None) => Vec::new(),
    };
    if pair.any().is_some_and(|o| o.class == FileClass::Crd) {
        for cause in &mut causes {
            cause.note.push_str(
                " It stands in crds/: Helm never upgrades those, Flux skips them by default, Argo CD applies them.",
            );
        }
    }
    causes
}

/// Versions by name with their position. The old form with one `spec.version` is read too.
fn by_name(object: &Object) -> BTreeMap<&str, (usize, &Value)> {
    let listed = object.list("/spec/versions");
    listed
        .iter()
        .enumerate()
        .filter_map(|(at, version)| Some((version.get("name")?.as_str()?, (at, version))))
        .collect()
}

fn flag(version: &Value, name: &str) -> Option<bool> {
    version.get(name).and_then(Value::as_bool)
}

fn versions(pair: &Matched<'_>, left: &Object, right: &Object) -> Vec<Cause> {
    let (before, after) = (by_name(left), by_name(right));
    let mut causes = Vec::new();
    for (name, (_, old)) in &before {
        let Some((at, new)) = after.get(name) else {
            causes.push(
                cause(pair, Code::CrdVersionRemoved, Severity::Breaking)
                    .pointer("/spec/versions")
                    .values(Some((*name).to_owned()), None)
                    .note(format!(
                        "{name} of {} is gone: objects and clients of that version fail.",
                        right.name
                    )),
            );
            continue;
        };
        let pointer = format!("/spec/versions/{at}/served");
        match (flag(old, "served"), flag(new, "served")) {
            (Some(true), Some(false)) => causes.push(
                cause(pair, Code::CrdVersionUnserved, Severity::Breaking)
                    .pointer(pointer)
                    .change("true", "false")
                    .note(format!(
                        "{name} of {} is no longer served: clients of that version fail.",
                        right.name
                    )),
            ),
            (Some(false), Some(true)) => causes.push(
                cause(pair, Code::CrdVersionAdded, Severity::Info)
                    .pointer(pointer)
                    .change("false", "true")
                    .note(format!("{name} of {} is served now.", right.name)),
            ),
            _ => {}
        }
        causes.extend(crd_schema::judge(pair, name, *at, old, new));
    }
    for (name, (at, _)) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
        causes.push(
            cause(pair, Code::CrdVersionAdded, Severity::Info)
                .pointer(format!("/spec/versions/{at}"))
                .values(None, Some((*name).to_owned()))
                .note(format!("{} has {name} now.", right.name)),
        );
    }
    causes
}

fn storage(pair: &Matched<'_>, left: &Object, right: &Object) -> Vec<Cause> {
    let stored = |object: &Object| {
        let versions = by_name(object);
        let names = versions
            .iter()
            .filter(|(_, (_, v))| flag(v, "storage") == Some(true));
        names
            .map(|(name, _)| (*name).to_owned())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (before, after) = (stored(left), stored(right));
    if before == after || before.is_empty() || after.is_empty() {
        return Vec::new();
    }
    vec![
        cause(pair, Code::CrdStorage, Severity::Breaking)
            .pointer("/spec/versions")
            .note(format!(
                "{} is stored as {after} from now on, which an older release cannot read back.",
                right.name
            ))
            .change(before, after),
    ]
}

/// Everything beside the versions.
fn shape(pair: &Matched<'_>, left: &Object, right: &Object) -> Vec<Cause> {
    let fields = [
        ("/spec/group", Severity::Breaking),
        ("/spec/scope", Severity::Breaking),
        ("/spec/names/kind", Severity::Breaking),
        ("/spec/names/plural", Severity::Breaking),
        ("/spec/names/listKind", Severity::Behaviour),
        ("/spec/names/singular", Severity::Behaviour),
        ("/spec/names/shortNames", Severity::Behaviour),
        ("/spec/names/categories", Severity::Behaviour),
        ("/spec/version", Severity::Breaking),
        ("/spec/validation", Severity::Breaking),
        ("/spec/preserveUnknownFields", Severity::Breaking),
        ("/spec/conversion", Severity::Behaviour),
        ("/spec/subresources", Severity::Behaviour),
    ];
    let changed = fields
        .into_iter()
        .filter(|(pointer, _)| left.at(pointer) != right.at(pointer));
    let told = changed.map(|(pointer, severity)| {
        cause(pair, Code::CrdSchema, severity)
            .pointer(pointer)
            .values(leaf::shown(left.at(pointer)), leaf::shown(right.at(pointer)))
            .note(format!(
                "{} of {} changed.",
                pointer.trim_start_matches("/spec/"),
                right.name
            ))
    });
    told.collect()
}
