//! The model of a comparison: exactly what the JSON contract publishes (`tagdrift/comparison/1`), plus
//! fields that may grow. Page and command line show nothing that is not in here.

use serde::{Deserialize, Serialize};

use crate::verdict::{Cause, FileRow, Level, Note, Proven, Restarts, Rung, Unread};

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
