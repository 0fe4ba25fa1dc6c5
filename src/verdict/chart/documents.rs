//! Documents, tests, other files, packed subcharts: what Helm does not render.
//!
//! Looks at: the class, and whether a template may read the file (`Survey`).
//!
//! | file | read by no template | read, or not provably unread |
//! |---|---|---|
//! | document | `file.docs` 1, cosmetic | `file.docs` 3, deployed, with the reader's file and line |
//! | CI values, unit tests, ignore files | `file.tests` 0, cosmetic | `file.tests` 3, deployed |
//! | any other file | `file.bytes` 2, deployed: a parent chart or a user's own values may read it | `file.bytes` 3, deployed |
//! | any other YAML or JSON file whose data differs | `yaml.value`, `json.value` 2, deployed, value by value | the same, 3 |
//! | packed subchart, members equal | `compression.stream` 0, cosmetic | the same: Helm keeps packed subcharts out of `.Files` |
//! | packed subchart, members differ | nothing: the members speak | |
//!
//! Proof of "no template reads it": `.Files` is the only way to a file that Helm's engine has, and every action that
//! mentions it was looked at.

use super::{Cause, Code, Context, Pair, Readers, Severity, Stage, Weight, data};
use crate::compare::{json, lines};
use crate::tree::Node;
use crate::verdict::file_class::FileClass;

pub(super) fn judge(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let nested = pair.shown.contains("!/") && pair.place.inner.windows(2).any(|w| w == b"!/");
    if pair.place.class == FileClass::Subchart
        || [pair.left, pair.right].into_iter().flatten().any(|n| n.expanded)
    {
        return packed(pair, context);
    }
    if context.is_no_chart(pair) {
        return vec![homeless(pair)];
    }
    let (code, severity) = match pair.place.class {
        FileClass::Docs if !nested => (Code::FileDocs, Severity::Info),
        FileClass::Test if !nested => (Code::FileTests, Severity::Noise),
        _ => (Code::FileBytes, Severity::Review),
    };
    let (severity, weight, note) = match context.readers(pair) {
        Readers::At(spot) => (
            Severity::Behaviour,
            Weight::Deployed,
            format!("{spot} may read it, so it is content."),
        ),
        Readers::Unknown(why) if code != Code::FileBytes => (
            severity,
            Weight::Unread,
            format!("Whether a template reads it cannot be told: {why}."),
        ),
        Readers::None if code != Code::FileBytes => {
            (severity, Weight::Cosmetic, "No template reads it.".to_owned())
        }
        Readers::None | Readers::Unknown(_) => (
            severity,
            Weight::Deployed,
            "No template of this chart reads it today; a parent chart or a user's own values may.".to_owned(),
        ),
    };
    if code == Code::FileBytes
        && weight == Weight::Deployed
        && let Some(causes) = by_value(pair, context, severity, &note)
    {
        return causes;
    }
    let mut causes = Vec::new();
    if pair.one_sided() {
        causes.push(pair.presence(severity, weight).note(&note));
    }
    if !(pair.one_sided() && code == Code::FileBytes) {
        causes.push(pair.cause(code, severity, weight).note(note));
    }
    if weight == Weight::Cosmetic
        && let Some((left, right)) = pair.texts()
        && lines::equal_but_endings(left.as_bytes(), right.as_bytes())
    {
        causes.push(
            pair.cause(Code::FileLineEndings, Severity::Noise, weight)
                .note("Only line ends differ."),
        );
    }
    causes
}

/// The values of a YAML or JSON file that differ, where both sides are data and no doubt is left; all of them deployed, as the
/// file's bytes are.
fn by_value(pair: &Pair<'_>, context: &Context<'_>, severity: Severity, note: &str) -> Option<Vec<Cause>> {
    let name = pair.place.inner;
    let (code, changes, total, unproven) = if name.ends_with(b".yaml") || name.ends_with(b".yml") {
        let compared = data::compare(pair, context)?;
        (
            Code::YamlValue,
            compared.changes,
            compared.total_changes,
            compared.unproven,
        )
    } else if name.ends_with(b".json") {
        let (left, right) = pair.texts()?;
        let compared = json::compare(left, right, context.limits);
        (
            Code::JsonValue,
            compared.changes,
            compared.total_changes,
            compared.unproven,
        )
    } else {
        return None;
    };
    if changes.is_empty() || !unproven.is_empty() {
        return None;
    }
    let causes = data::listed(pair, &changes, total, code, severity).into_iter();
    Some(
        causes
            .map(|cause| {
                let lines = cause.note.clone();
                cause.note(format!("{note} {lines}").trim_end())
            })
            .collect(),
    )
}

/// A file in a folder of `charts/` that holds no Chart.yaml: Helm takes every such folder for a subchart, and then cannot
/// load the chart.
fn homeless(pair: &Pair<'_>) -> Cause {
    let cause = if pair.one_sided() {
        pair.presence(Severity::Behaviour, Weight::Deployed)
    } else {
        pair.cause(Code::FileBytes, Severity::Behaviour, Weight::Deployed)
    };
    cause.note("Its folder in charts/ has no Chart.yaml: Helm cannot load such a chart.")
}

/// An archive in the chart. Its members are in the tree too, if it could be unpacked, and speak for themselves.
fn packed(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let content = |note: String| {
        vec![
            pair.cause(Code::FileBytes, Severity::Behaviour, Weight::Deployed)
                .note(note),
        ]
    };
    let paths = [pair.row.left, pair.row.right];
    let broken = context.trees.iter().zip(paths).find_map(|(tree, path)| {
        let path = path?;
        tree.unread
            .iter()
            .find(|(p, _)| p.starts_with(path))
            .map(|(_, fault)| fault)
    });
    if let Some(fault) = broken {
        return vec![
            pair.cause(Code::Unreadable, Severity::Behaviour, Weight::Unread)
                .note(format!("It differs, and could not be unpacked: {fault}.")),
        ];
    }
    if [pair.left, pair.right].into_iter().flatten().any(|n| !n.expanded) {
        return content("It differs, and was not unpacked.".to_owned());
    }
    if pair.place.class != FileClass::Subchart {
        if pair.one_sided() {
            return vec![pair.presence(Severity::Review, Weight::Deployed)];
        }
        match context.readers(pair) {
            Readers::None => {}
            Readers::At(spot) => return content(format!("{spot} may read it, packed as it is.")),
            Readers::Unknown(why) => {
                return vec![
                    pair.cause(Code::FileBytes, Severity::Behaviour, Weight::Unread)
                        .note(format!(
                            "Whether a template reads it, packed as it is, cannot be told: {why}."
                        )),
                ];
            }
        }
    }
    let sides = [pair.left, pair.right];
    let mut compressed = sides.iter().flatten().map(|n| is_gzip(n));
    if pair.place.class == FileClass::Subchart && compressed.next() != compressed.next_back().or(Some(true)) {
        return content("One side is not compressed by gzip: Helm cannot load such a subchart.".to_owned());
    }
    let members = context.members_of(pair);
    let both = members
        .iter()
        .filter(|row| row.left.is_some() && row.right.is_some())
        .count();
    if both == 0 {
        return vec![if pair.one_sided() {
            pair.presence(Severity::Behaviour, Weight::Deployed)
        } else {
            return content("Nothing in it is the same file as before.".to_owned());
        }];
    }
    let equal = members.iter().all(|row| {
        let [l, r] =
            [(context.trees[0], row.left), (context.trees[1], row.right)].map(|(t, p)| t.nodes.get(p?));
        l.zip(r).is_some_and(|(l, r)| super::same(l, r))
    });
    let repacked = |note: String| {
        vec![
            Cause::new(
                Code::CompressionStream,
                Severity::Noise,
                Stage::Content,
                Weight::Cosmetic,
            )
            .path(&pair.shown)
            .values(pair.left.map(sha), pair.right.map(sha))
            .note(note),
        ]
    };
    match (pair.one_sided(), equal) {
        (true, _) => repacked(
            "A subchart's folder and its archive stand for each other; its files are compared one by one."
                .to_owned(),
        ),
        (false, true) => repacked(format!("Only repacked: all {both} files in it are equal.")),
        (false, false) => Vec::new(),
    }
}

fn is_gzip(node: &Node) -> bool {
    node.bytes
        .as_deref()
        .is_some_and(|bytes| bytes.starts_with(&[0x1f, 0x8b]))
}

fn sha(node: &Node) -> String {
    crate::oci::Digest::from_sha256(&node.sha256).to_string()
}
