//! Documents, tests, other files, packed subcharts: what Helm does not render.
//!
//! Looks at: the class, and whether a template may read the file ([`Survey`](super::Survey)).
//!
//! | file | read by no template | read, or not provably unread |
//! |---|---|---|
//! | document | `file.docs` 1, cosmetic | `file.docs` 3, deployed, with the reader's file and line |
//! | CI values, unit tests, ignore files | `file.tests` 0, cosmetic | `file.tests` 3, deployed |
//! | any other file | `file.bytes` 2, deployed: a parent chart or a user's own values may read it | `file.bytes` 3, deployed |
//! | packed subchart, members equal | `compression.stream` 0, cosmetic | the same: Helm keeps packed subcharts out of `.Files` |
//! | packed subchart, members differ | nothing: the members speak | |
//!
//! Proof of "no template reads it": `.Files` is the only way to a file that Helm's engine has, and every action that
//! mentions it was looked at.

use super::{Cause, Code, Context, Pair, Readers, Severity, Stage, Weight};
use crate::compare::lines;
use crate::tree::Node;
use crate::verdict::file_class::FileClass;

pub(super) fn judge(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let nested = pair.shown.contains("!/") && pair.place.inner.windows(2).any(|w| w == b"!/");
    if pair.place.class == FileClass::Subchart
        || [pair.left, pair.right].into_iter().flatten().any(|n| n.expanded)
    {
        return packed(pair, context);
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

/// An archive in the chart. Its members are in the tree too, if it could be unpacked.
fn packed(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let (Some(left), Some(right)) = (pair.left, pair.right) else {
        // The members are added or removed one by one; the archive itself is told all the same.
        return vec![pair.presence(Severity::Behaviour, Weight::Deployed)];
    };
    let path = raw(pair);
    if let Some(fault) = context
        .trees
        .iter()
        .flat_map(|t| &t.unread)
        .find(|(p, _)| *p == path)
        .map(|(_, f)| f)
    {
        return vec![
            pair.cause(Code::Unreadable, Severity::Behaviour, Weight::Unread)
                .note(format!("Differs, and could not be unpacked: {fault}.")),
        ];
    }
    if !left.expanded || !right.expanded {
        return vec![
            pair.cause(Code::FileBytes, Severity::Behaviour, Weight::Deployed)
                .note("Differs, and was not unpacked."),
        ];
    }
    if pair.place.class != FileClass::Subchart
        && let Readers::At(spot) = context.readers(pair)
    {
        return vec![
            pair.cause(Code::FileBytes, Severity::Behaviour, Weight::Deployed)
                .note(format!("{spot} may read it, packed as it is.")),
        ];
    }
    let members = |tree: &crate::tree::Tree| {
        let prefix = [path.as_slice(), b"!/"].concat();
        let after = tree.nodes.range(prefix.clone()..);
        after
            .take_while(|(p, _)| p.starts_with(&prefix))
            .map(|(p, n)| (p.clone(), n.kind, n.size, n.sha256, n.link.clone()))
            .collect::<Vec<_>>()
    };
    let [l, r] = context.trees.map(members);
    if l != r {
        return vec![];
    }
    let hidden = context
        .trees
        .iter()
        .flat_map(|t| &t.unread)
        .any(|(p, _)| p.starts_with(&path));
    if hidden {
        return vec![
            pair.cause(Code::Unreadable, Severity::Behaviour, Weight::Unread)
                .note("A part of it could not be unpacked."),
        ];
    }
    vec![
        Cause::new(
            Code::CompressionStream,
            Severity::Noise,
            Stage::Content,
            Weight::Cosmetic,
        )
        .path(&pair.shown)
        .change(sha(left), sha(right))
        .note(format!("Only repacked: all {} files in it are equal.", l.len())),
    ]
}

fn raw(pair: &Pair<'_>) -> Vec<u8> {
    [pair.place.chart, pair.place.inner].concat()
}

fn sha(node: &Node) -> String {
    crate::oci::Digest::from_sha256(&node.sha256).to_string()
}
