//! The model of a comparison: exactly what the JSON contract publishes (`tagdrift/comparison/1`), plus
//! fields that may grow. Page and command line show nothing that is not in here.

use serde::{Deserialize, Serialize};

use crate::verdict::{Cause, Level, Proven};

/// A comparison, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Always `tagdrift/comparison/1`.
    pub schema: String,
    /// What is compared.
    pub subject: Subject,
    /// The left, older side.
    pub left: Side,
    /// The right, newer side.
    pub right: Side,
    /// What it comes to.
    pub verdict: Verdict,
    /// Whether pods restart.
    pub restarts: Restarts,
    /// Why the digests differ, weightiest first.
    pub causes: Vec<Cause>,
    /// Causes beyond the limit that are not listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub causes_left_off: u64,
    /// Files by path.
    pub files: Vec<FileRow>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// Each rung of the ladder: what was proven, and with which hashes.
    #[serde(default)]
    pub ladder: Vec<Rung>,
    /// Things to know that are no cause: fingerprints, advice for the publisher, source links.
    #[serde(default)]
    pub notes: Vec<Note>,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// What is compared. Empty texts where a side is a local file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Subject {
    /// Registry host.
    pub registry: String,
    /// Repository path.
    pub repository: String,
    /// The tag, where there is one.
    pub tag: String,
}

/// One side.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// How the person named it (a reference, a path), without secrets.
    #[serde(default)]
    pub name: String,
    /// The manifest's digest (a bare .tgz: the tarball's).
    pub digest: String,
    /// Media type of the manifest.
    pub media_type: String,
    /// chart, image, index, flux, artifact.
    pub kind: String,
    /// Bytes of manifest, config and layers together, as declared.
    pub size: u64,
    /// `content:sha256:…`, where everything was read.
    pub content_digest: Option<String>,
    /// RFC 3339, from annotation or config.
    pub created: Option<String>,
    /// Chart name, where it is a chart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart: Option<String>,
    /// Chart version, where it is a chart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Who packed and pushed it, as far as the bytes tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packed_by: Option<String>,
}

/// What it comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The level.
    pub level: Level,
    /// [`Level::headline`].
    pub headline: String,
    /// How far equality was proven.
    pub proven_equal: Proven,
    /// One sentence that a manager understands.
    pub summary: String,
    /// One paragraph that an engineer can check.
    #[serde(default)]
    pub detail: String,
}

/// Whether pods restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restarts {
    /// yes, no, depends.
    pub answer: Answer,
    /// Each with the file and line that says so.
    pub because: Vec<String>,
}

/// yes, no, depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It depends on how it is deployed.
    Depends,
}

/// One file of either side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileRow {
    /// Path relative to the archive's root (charts: without the first folder); nested archives joined
    /// with `!/`. Bytes that are no UTF-8, and control characters, are escaped as `\xNN`.
    pub path: String,
    /// What became of it.
    pub status: FileStatus,
    /// The old path of a renamed file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_path: Option<String>,
    /// What kind of file it is: chart, lock, values, schema, template, partial, notes, crd, test, docs,
    /// archive, executable, config, link, directory, other …
    pub class: String,
    /// The left side's facts.
    pub from: Option<FileFacts>,
    /// The right side's facts.
    pub to: Option<FileFacts>,
}

/// What is known about a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Lower-case hex.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// Octal, four digits: `0644`.
    pub mode: String,
    /// Which layer brought it, from 0, for images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<u32>,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileStatus {
    /// Only on the right.
    Added,
    /// Only on the left.
    Removed,
    /// On both sides, not equal.
    Modified,
    /// On both sides under another path.
    Renamed,
    /// Equal.
    Same,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// What: a digest, a path.
    pub what: String,
    /// Why.
    pub why: String,
}

/// One rung of the ladder of equality.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// Which equality.
    pub rung: Proven,
    /// True when proven equal, false when proven different, absent when it could not be tell.
    pub equal: Option<bool>,
    /// The left side's hash or hashes.
    pub left: String,
    /// The right side's.
    pub right: String,
    /// A shell command with which anyone can check it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub check: String,
}

/// Something to know that is no cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// `fingerprint`, `proof`, `publisher`, `source`, `forgery`, …
    pub topic: String,
    /// One or two sentences.
    pub text: String,
    /// Something to copy: a command, a snippet. Empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub snippet: String,
}
