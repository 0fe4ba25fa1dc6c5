//! The order in which every form tells a comparison, and the words they share.
//!
//! Verdict, digests, ladder, the three questions, causes by what they mean, files, notes. A form (Markdown,
//! text, HTML) decides how each part looks, never which part comes first or what it is called.

use std::collections::BTreeMap;

use super::Comparison;
use crate::verdict::{Answer, Cause, Code, FileRow, FileStatus, Level, Proven, Severity, Weight};

/// Causes in the groups that a reader looks at one after another.
#[derive(Debug, Clone, Default)]
pub(super) struct Outline<'a> {
    /// What can be deployed.
    pub(super) deployed: Vec<&'a Cause>,
    /// What could not be read or decided.
    pub(super) unread: Vec<&'a Cause>,
    /// What differs around the content and deserves a look all the same: a lost signature, trailing bytes.
    pub(super) alarms: Vec<&'a Cause>,
    /// What differs in files that nothing deploys.
    pub(super) cosmetic: Vec<&'a Cause>,
    /// Noise around the content.
    pub(super) packaging: Vec<&'a Cause>,
    /// Files that differ.
    pub(super) files: Vec<&'a FileRow>,
}

/// What a group of causes is called.
pub(super) const DEPLOYED: &str = "Can change what runs";
/// See [`DEPLOYED`].
pub(super) const UNREAD: &str = "Could not be read";
/// See [`DEPLOYED`].
pub(super) const ALARMS: &str = "Around the content, worth a look";
/// See [`DEPLOYED`].
pub(super) const COSMETIC: &str = "Proven to reach nothing that is deployed";
/// See [`DEPLOYED`].
pub(super) const PACKAGING: &str = "Packaging noise";

impl<'a> Outline<'a> {
    /// Sorts what a comparison holds into groups, keeping its order within each.
    pub(super) fn of(comparison: &'a Comparison) -> Self {
        let mut outline = Self::default();
        for cause in &comparison.causes {
            match cause.weight {
                Weight::Deployed => outline.deployed.push(cause),
                Weight::Unread => outline.unread.push(cause),
                Weight::Cosmetic => outline.cosmetic.push(cause),
                Weight::Packaging if cause.severity >= Severity::Review => outline.alarms.push(cause),
                Weight::Packaging => outline.packaging.push(cause),
            }
        }
        outline.files = comparison
            .files
            .iter()
            .filter(|f| f.status != FileStatus::Same)
            .collect();
        outline
    }

    /// All causes, group after group.
    pub(super) fn weightiest_first(&self) -> impl Iterator<Item = &'a Cause> {
        [
            &self.deployed,
            &self.unread,
            &self.alarms,
            &self.cosmetic,
            &self.packaging,
        ]
        .into_iter()
        .flatten()
        .copied()
    }
}

/// The three questions, with their answers in a sentence of our own words.
pub(super) fn questions(comparison: &Comparison) -> [(&'static str, &'static str); 3] {
    let level = comparison.verdict.level;
    let bytes = match level {
        Level::Identical => "No: the digests are equal",
        _ => "Yes: the digests differ",
    };
    let content = match level {
        Level::Identical => "No: equal digests name equal content",
        Level::Repackaged => "No: every file is proven equal",
        Level::Cosmetic => "Only in what nothing deploys",
        Level::Changed | Level::Breaking => "Yes",
        Level::Unknown => "Cannot tell: not everything could be read",
    };
    let restart = match comparison.restarts.answer {
        Answer::Yes => "Yes",
        Answer::No => "No",
        Answer::Depends => "It depends",
    };
    [
        ("Did bytes change?", bytes),
        ("Did content change?", content),
        ("Will pods restart?", restart),
    ]
}

/// Phrases of the causes' codes, each once, in the order of first appearance, at most `most` of them.
pub(super) fn phrases(causes: &[&Cause], most: usize) -> String {
    let mut seen: BTreeMap<Code, ()> = BTreeMap::new();
    let mut names: Vec<&str> = Vec::new();
    for cause in causes {
        if seen.insert(cause.code, ()).is_none() {
            names.push(cause.code.phrase());
        }
    }
    let rest = names.len().saturating_sub(most);
    names.truncate(most);
    let mut said = names.join(", ");
    if rest > 0 {
        said.push_str(&format!(" and {rest} more"));
    }
    said
}

/// One word for a severity.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Noise => "noise",
        Severity::Info => "info",
        Severity::Review => "review",
        Severity::Behaviour => "behaviour",
        Severity::Breaking => "breaking",
    }
}

/// One word for what became of a file.
pub(super) fn status(status: FileStatus) -> &'static str {
    match status {
        FileStatus::Added => "added",
        FileStatus::Removed => "removed",
        FileStatus::Modified => "modified",
        FileStatus::Renamed => "renamed",
        FileStatus::Same => "same",
    }
}

/// What a rung of the ladder compares.
pub(super) fn rung(proven: Proven) -> &'static str {
    match proven {
        Proven::Nothing => "nothing",
        Proven::Normalised => "files without formatting and comments",
        Proven::Files => "files: path, kind, mode class, bytes",
        Proven::Uncompressed => "uncompressed bytes of each layer",
        Proven::Manifest => "config and layer digests",
        Proven::Digest => "the digest itself",
    }
}

/// What became of a rung, in a word.
pub(super) fn equal(equal: Option<bool>) -> &'static str {
    match equal {
        Some(true) => "equal",
        Some(false) => "different",
        None => "cannot tell",
    }
}

/// What one side is, without its digest: `chart incident 0.16.2, packed by Helm 3.17`. Not escaped.
pub(super) fn side(side: &super::Side) -> String {
    let mut parts = vec![side.kind.clone()];
    if let Some(chart) = &side.chart {
        parts.push(chart.clone());
    }
    if let Some(version) = &side.version {
        parts.push(version.clone());
    }
    let mut said = parts.join(" ").trim().to_owned();
    if let Some(created) = &side.created {
        said.push_str(&format!(", created {created}"));
    }
    if let Some(packed_by) = &side.packed_by {
        said.push_str(&format!(", packed by {packed_by}"));
    }
    said
}

/// `registry/repository:tag` where it is known, else both sides' names. Not escaped.
pub(super) fn subject(comparison: &Comparison) -> String {
    let subject = &comparison.subject;
    if subject.repository.is_empty() {
        return match (comparison.left.name.as_str(), comparison.right.name.as_str()) {
            ("", "") => String::new(),
            (left, right) if left == right => left.to_owned(),
            (left, right) => format!("{left} against {right}"),
        };
    }
    let mut said = subject.repository.clone();
    if !subject.registry.is_empty() {
        said = format!("{}/{said}", subject.registry);
    }
    if !subject.tag.is_empty() {
        said.push(':');
        said.push_str(&subject.tag);
    }
    said
}

/// `1 file`, `2 files`.
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}
