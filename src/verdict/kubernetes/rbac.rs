//! Roles as sets of grants, and who gets them.
//!
//! | what | cause | severity |
//! |---|---|---|
//! | a role allows what it did not, or is new | `rbac.widened` | 4 |
//! | a role no longer allows what it did, or is gone | `rbac.narrowed` | 3 |
//! | a binding has a subject more, another role, or is new | `rbac.widened` | 4 |
//! | a binding has a subject less, or is gone | `rbac.narrowed` | 3 |
//!
//! A rule is the product of its API groups, resources, names and verbs; only that product is compared, so rules that are
//! written in another order or split up are equal. `*` covers everything, and no `resourceNames` means every name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::object::{Matched, Object};
use super::{Cause, Code, Severity, cause, leaf, named};
use crate::limits::Limits;

/// One thing that a role allows: verb, resource, API group, name; or verb and URL, with an empty rest.
type Grant<'a> = [&'a str; 4];

/// The group that stands for non-resource URLs. No API group holds a space.
const URL: &str = "non-resource URL";

/// Causes of one role or binding.
pub fn judge(pair: &Matched<'_>, limits: &Limits) -> Vec<Cause> {
    match pair.any().map(|o| o.kind.as_str()) {
        Some("Role" | "ClusterRole") => role(pair, limits),
        Some("RoleBinding" | "ClusterRoleBinding") => binding(pair),
        _ => Vec::new(),
    }
}

fn role(pair: &Matched<'_>, limits: &Limits) -> Vec<Cause> {
    let rules = |side: Option<&Object>| side.map(|o| o.list("/rules").to_vec()).unwrap_or_default();
    let (before, after) = (rules(pair.left), rules(pair.right));
    let name = pair.any().map(named).unwrap_or_default();
    let (Some(l), Some(r)) = (grants(&before, limits), grants(&after, limits)) else {
        return vec![
            cause(pair, Code::RbacWidened, Severity::Breaking)
                .pointer("/rules")
                .note(format!("{name} changed, and has too many grants to list.")),
        ];
    };
    let mut causes = Vec::new();
    for (code, severity, had, has, verb) in [
        (Code::RbacWidened, Severity::Breaking, &l, &r, "now allows"),
        (
            Code::RbacNarrowed,
            Severity::Behaviour,
            &r,
            &l,
            "no longer allows",
        ),
    ] {
        let new = beyond(had, has, limits);
        if new.is_empty() {
            continue;
        }
        let text = Some(list(&new));
        let (from, to) = if code == Code::RbacWidened {
            (None, text)
        } else {
            (text, None)
        };
        causes.push(
            cause(pair, code, severity)
                .pointer("/rules")
                .values(from, to)
                .count(new.len() as u64)
                .note(format!(
                    "{name} {verb} {}.",
                    if new.len() == 1 {
                        "one thing".to_owned()
                    } else {
                        format!("{} things", new.len())
                    }
                )),
        );
    }
    let aggregation = |side: Option<&Object>| side.and_then(|o| o.at("/aggregationRule").cloned());
    if aggregation(pair.left) != aggregation(pair.right) {
        causes.push(
            cause(pair, Code::RbacWidened, Severity::Breaking)
                .pointer("/aggregationRule")
                .note(format!("{name} collects its rules from other roles than before.")),
        );
    }
    causes
}

/// Every grant of some rules; `None` beyond as many as a text may have lines.
fn grants<'a>(rules: &'a [Value], limits: &Limits) -> Option<BTreeSet<Grant<'a>>> {
    let mut found = BTreeSet::new();
    for rule in rules {
        let texts = |key: &str| match rule.get(key) {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
            // An action in place of the list: one unknown text.
            Some(Value::String(text)) => vec![text.as_str()],
            _ => Vec::new(),
        };
        let (verbs, groups, resources, urls) = (
            texts("verbs"),
            texts("apiGroups"),
            texts("resources"),
            texts("nonResourceURLs"),
        );
        let names = match texts("resourceNames") {
            names if names.is_empty() => vec!["*"],
            names => names,
        };
        let product = [verbs.len(), resources.len(), groups.len(), names.len()]
            .into_iter()
            .try_fold(1_usize, usize::checked_mul)?;
        if found.len().checked_add(product)? > limits.diff_lines {
            return None;
        }
        for verb in verbs {
            found.extend(urls.iter().map(|url| [verb, *url, URL, "*"]));
            for resource in &resources {
                for group in &groups {
                    found.extend(names.iter().map(|name| [verb, *resource, *group, *name]));
                }
            }
        }
    }
    Some(found)
}

/// What `has` allows and `had` does not.
///
/// Grants that cover another are looked up by what they can be; only those with a URL prefix are tried one by one, and no
/// longer than `limits.data_nodes` tries: what is not found by then counts as new.
fn beyond<'a>(had: &BTreeSet<Grant<'a>>, has: &BTreeSet<Grant<'a>>, limits: &Limits) -> Vec<Grant<'a>> {
    let prefixes = had
        .iter()
        .filter(|grant| {
            let url = |part: &&str| part.starts_with('/') && part.ends_with('*');
            grant.iter().any(url)
        })
        .collect::<Vec<_>>();
    let mut tries = limits.data_nodes;
    let mut new = Vec::new();
    for grant in has {
        if covered(had, grant) {
            continue;
        }
        let room = prefixes.len().min(tries);
        tries -= room;
        if !prefixes.iter().take(room).any(|wide| covers(wide, grant)) {
            new.push(*grant);
        }
    }
    new
}

/// Whether the same grant is there, or one with stars in place of parts of it.
fn covered(had: &BTreeSet<Grant<'_>>, grant: &Grant<'_>) -> bool {
    let below = grant.map(|part| part.split_once('/').map(|(_, sub)| format!("*/{sub}")));
    let forms = |at: usize| {
        let own = grant.get(at).copied();
        let star = own.filter(|part| *part != URL).map(|_| "*");
        let sub = below.get(at).and_then(Option::as_deref);
        [own, star, sub].into_iter().flatten()
    };
    forms(0).any(|verb| {
        forms(1).any(|resource| {
            forms(2).any(|group| forms(3).any(|name| had.contains(&[verb, resource, group, name])))
        })
    })
}

fn covers(wide: &Grant<'_>, grant: &Grant<'_>) -> bool {
    wide.iter().zip(grant).all(|(w, g)| {
        *w == "*" && *g != URL
            || w == g
            // URLs may end in a star (rbac/v1, nonResourceURLs); subresources may begin with one (`*/scale`).
            || w.strip_suffix('*').is_some_and(|begin| begin.starts_with('/') && g.starts_with(begin))
            || w.strip_prefix("*/").is_some_and(|sub| g.split_once('/').is_some_and(|(_, s)| s == sub))
    })
}

fn list(grants: &[Grant<'_>]) -> String {
    /// As many as fit in a cell of a table.
    const SHOWN: usize = 4;
    let mut told = grants
        .iter()
        .take(SHOWN)
        .map(grant_text)
        .collect::<Vec<_>>()
        .join(", ");
    if grants.len() > SHOWN {
        told.push_str(&format!(", and {} more", grants.len() - SHOWN));
    }
    told
}

fn grant_text([verb, resource, group, name]: &Grant<'_>) -> String {
    let full = if group.is_empty() || *group == URL {
        (*resource).to_owned()
    } else {
        format!("{resource}.{group}")
    };
    if *name == "*" {
        format!("{verb} {full}")
    } else {
        format!("{verb} {full} {name}")
    }
}

fn binding(pair: &Matched<'_>) -> Vec<Cause> {
    let subjects = |side: Option<&Object>| {
        let listed = side.map(|o| o.list("/subjects")).unwrap_or_default();
        listed.iter().map(subject).collect::<BTreeSet<_>>()
    };
    let (before, after) = (subjects(pair.left), subjects(pair.right));
    let role = |side: Option<&Object>| side.and_then(|o| leaf::shown(Some(o.at("/roleRef/name")?)));
    let kind = |side: Option<&Object>| side.and_then(|o| leaf::shown(Some(o.at("/roleRef/kind")?)));
    let name = pair.any().map(named).unwrap_or_default();
    let mut causes = Vec::new();
    if pair.right.is_some() && (role(pair.left), kind(pair.left)) != (role(pair.right), kind(pair.right)) {
        causes.push(
            cause(pair, Code::RbacWidened, Severity::Breaking)
                .pointer("/roleRef")
                .values(role(pair.left), role(pair.right))
                .note(format!(
                    "{name} gives {} to its subjects.",
                    kind(pair.right).unwrap_or_else(|| "a role".to_owned())
                )),
        );
    }
    for (code, severity, had, has, verb) in [
        (
            Code::RbacWidened,
            Severity::Breaking,
            &before,
            &after,
            "has subjects that it had not",
        ),
        (
            Code::RbacNarrowed,
            Severity::Behaviour,
            &after,
            &before,
            "lost subjects",
        ),
    ] {
        let new = has.difference(had).cloned().collect::<Vec<_>>();
        if new.is_empty() {
            continue;
        }
        let text = Some(new.join(", "));
        let (from, to) = if code == Code::RbacWidened {
            (None, text)
        } else {
            (text, None)
        };
        causes.push(
            cause(pair, code, severity)
                .pointer("/subjects")
                .values(from, to)
                .count(new.len() as u64)
                .note(format!("{name} {verb}.")),
        );
    }
    causes
}

fn subject(subject: &Value) -> String {
    let text = |key: &str| subject.get(key).and_then(Value::as_str).unwrap_or_default();
    match text("namespace") {
        "" => format!("{} {}", text("kind"), text("name")),
        namespace => format!("{} {namespace}/{}", text("kind"), text("name")),
    }
}
