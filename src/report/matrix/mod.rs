//! Many digests of a tag: how many contents they are, which digests share which, which files vary. The
//! model is `tagdrift/matrix/1`; its JSON is the serialised model.
//!
//! Digests share a content when a comparison proved them `repackaged` (or they are the same digest). A
//! content that could not be read is listed as such and shares nothing.

mod build;
mod read;
mod text;

use serde::{Deserialize, Serialize};

use super::Subject;
use crate::verdict::{Level, Unread};

pub use build::Builder;
pub use read::read;
pub use text::write as text;

/// The schema's name, `schema` in the document.
pub const SCHEMA: &str = "tagdrift/matrix/1";

/// Many digests and their contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Matrix {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Whose digests.
    pub subject: Subject,
    /// The digests in the order they were given, newest first.
    pub digests: Vec<DigestRow>,
    /// The contents, in the order of their first digests.
    pub contents: Vec<ContentRow>,
    /// Files that are not the same in all contents, by platform and path.
    pub files: Vec<FileVariants>,
    /// Digests that were not read because there are too many.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub digests_left_off: usize,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// One digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DigestRow {
    /// The digest.
    pub digest: String,
    /// Which of the contents it holds, from 1.
    pub content: usize,
    /// RFC 3339, from annotation or config.
    pub created: Option<String>,
    /// Who packed and pushed it, as far as the bytes tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packed_by: Option<String>,
}

/// One content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContentRow {
    /// Its number, from 1.
    pub number: usize,
    /// `content:sha256:…`, where everything was read.
    pub content_digest: Option<String>,
    /// The digests that hold it.
    pub digests: Vec<String>,
    /// True when it could not be told from another content: it counts as none of its own.
    pub doubtful: bool,
    /// The level of the comparison from this content to the first one; absent for the first.
    pub level: Option<Level>,
    /// That comparison in one sentence; empty for the first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// What could not be read of it, or of the first content while comparing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

/// A file that varies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileVariants {
    /// As in a comparison's files.
    pub path: String,
    /// The platform, where the file belongs to one child of an index.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub platform: String,
    /// One for each content, in their order.
    pub variants: Vec<Variant>,
}

/// A file in one content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Variant {
    /// It is there.
    File {
        /// Lower-case hex.
        sha256: String,
        /// Bytes.
        size: u64,
        /// Octal, four digits.
        mode: String,
    },
    /// It is not there.
    Absent,
    /// It was not read.
    Unread,
}

impl Matrix {
    /// Contents that are proven to differ from each other.
    pub fn distinct(&self) -> usize {
        self.contents.iter().filter(|c| !c.doubtful).count()
    }

    /// The worst level of all contents against the first; `unknown` outranks every "no" and no change.
    pub fn level(&self) -> Level {
        let rank = |level: &Level| match level {
            Level::Identical => 0,
            Level::Repackaged => 1,
            Level::Cosmetic => 2,
            Level::Unknown => 3,
            Level::Changed => 4,
            Level::Breaking => 5,
        };
        let worst = self.contents.iter().filter_map(|c| c.level).max_by_key(rank);
        match worst {
            Some(level) => level,
            None if self.contents.iter().any(|c| !c.unread.is_empty()) => Level::Unknown,
            None if self.digests.len() > 1 => Level::Repackaged,
            None => Level::Identical,
        }
    }

    /// `3 digests, 2 distinct contents`.
    pub fn headline(&self) -> String {
        let doubtful = self.contents.len() - self.distinct();
        let mut said = format!(
            "{}, {}",
            super::outline::count(self.digests.len(), "digest", "digests"),
            super::outline::count(self.distinct(), "distinct content", "distinct contents")
        );
        if doubtful > 0 {
            said.push_str(&format!(
                ", {doubtful} more that cannot be told apart or proven equal"
            ));
        }
        said
    }
}
