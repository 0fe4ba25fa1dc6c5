//! What a change of a Kubernetes object means: CRDs, roles, webhooks, hooks, privilege, images, services.
//!
//! Purpose: "a template's text differs" is true and says little. Where the text shows an object without rendering, these
//! rules say what became of it.
//!
//! Invariants: rules only add causes, all [`Weight::Deployed`], beside those that judge the file as such. Nothing here calls
//! anything equal: an object that could not be read without rendering simply yields no cause. Both branches of
//! conditions are looked at, one after the other.
//!
//! | rule | looks at |
//! |---|---|
//! | [`crd`] | versions, storage, scope, names; schemas by [`crd_schema`] |
//! | [`rbac`] | roles as sets of grants, bindings |
//! | [`webhook`] | admission webhooks |
//! | [`hook`] | `helm.sh/hook*` annotations, and what hooks run |
//! | [`workload`] | privilege and host access, images, Secrets |
//! | [`service`] | Services, Ingresses, NetworkPolicies |

use std::collections::BTreeSet;

use self::object::{Matched, Object, matched, objects};
use self::static_text::{Branches, Placeholders};
use super::file_class::FileClass;
use super::{Cause, Code, Severity, Stage, Weight};
use crate::limits::Limits;

pub mod crd;
pub mod crd_schema;
pub mod hook;
pub mod leaf;
pub mod object;
pub mod rbac;
pub mod service;
pub mod static_text;
pub mod webhook;
pub mod workload;

/// A file whose text differs; `None` where a side does not have it.
#[derive(Debug, Clone)]
pub struct Changed<'a> {
    /// As shown.
    pub path: String,
    /// What Helm does with it.
    pub class: FileClass,
    /// The left side's text.
    pub left: Option<&'a str>,
    /// The right side's text.
    pub right: Option<&'a str>,
}

/// Causes of all objects in these files, in path order.
pub fn judge(files: &[Changed<'_>], limits: &Limits) -> Vec<Cause> {
    let branched = files.iter().any(|f| {
        [f.left, f.right]
            .into_iter()
            .flatten()
            .any(|t| t.contains("else"))
    });
    let variants: &[Branches] = if branched {
        &[Branches::First, Branches::Last]
    } else {
        &[Branches::First]
    };
    let mut placeholders = Placeholders::default();
    let mut causes: Vec<Cause> = Vec::new();
    let mut known = BTreeSet::new();
    for variant in variants {
        let mut side = |of: fn(&Changed<'_>) -> bool, right: bool| -> Vec<Object> {
            let mut found = Vec::new();
            for file in files.iter().filter(|f| of(f)) {
                if let Some(source) = if right { file.right } else { file.left } {
                    found.extend(objects(file, source, *variant, &mut placeholders, limits));
                }
            }
            found
        };
        let (left, right) = (side(holds_objects, false), side(holds_objects, true));
        for pair in matched(&left, &right) {
            for mut cause in object_causes(&pair, limits) {
                for text in [&mut cause.from, &mut cause.to].into_iter().flatten() {
                    *text = placeholders.restore(text);
                }
                cause.note = placeholders.restore(&cause.note);
                cause.pointer = placeholders.restore(&cause.pointer);
                let identity = (
                    cause.path.clone(),
                    cause.code,
                    cause.pointer.clone(),
                    cause.from.clone(),
                    cause.to.clone(),
                );
                if known.insert(identity) {
                    causes.push(cause);
                }
            }
        }
    }
    causes.sort_by(|a, b| (&a.path, a.code, &a.pointer).cmp(&(&b.path, b.code, &b.pointer)));
    causes
}

fn holds_objects(file: &Changed<'_>) -> bool {
    matches!(
        file.class,
        FileClass::Template | FileClass::TestTemplate | FileClass::Partial | FileClass::Crd
    )
}

fn object_causes(pair: &Matched<'_>, limits: &Limits) -> Vec<Cause> {
    if let (Some(left), Some(right)) = (pair.left, pair.right)
        && left.value == right.value
    {
        return Vec::new();
    }
    // What only `helm test` runs is no part of a release.
    if [pair.left, pair.right].into_iter().flatten().all(hook::is_test) {
        return Vec::new();
    }
    let mut causes = crd::judge(pair);
    causes.extend(rbac::judge(pair, limits));
    causes.extend(webhook::judge(pair));
    causes.extend(hook::judge(pair));
    causes.extend(workload::judge(pair, limits));
    causes.extend(service::judge(pair, limits));
    causes
}

/// A cause at an object: the path is that of the side where it now is.
fn cause(pair: &Matched<'_>, code: Code, severity: Severity) -> Cause {
    Cause::new(code, severity, Stage::Content, Weight::Deployed)
        .path(pair.any().map(|o| o.path.clone()).unwrap_or_default())
}

/// `ClusterRole kelp`, for sentences.
fn named(object: &Object) -> String {
    if object.name.is_empty() {
        object.kind.clone()
    } else {
        format!("{} {}", object.kind, object.name)
    }
}

#[cfg(test)]
mod tests;
