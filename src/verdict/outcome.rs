//! The parts of a verdict that are neither cause nor level: files, rungs of the ladder, what was not read,
//! whether pods restart, notes. Their JSON is part of the published contract (see `report`).

use serde::{Deserialize, Serialize};

use super::Proven;

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
    /// The platform, where the file belongs to one child of an index.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub platform: String,
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
