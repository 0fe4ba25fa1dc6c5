//! The levels of a verdict and the rungs of the ladder. Words and meaning are a published contract.

use serde::{Deserialize, Serialize};

/// What the whole comparison comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The digests are equal.
    Identical,
    /// Digests differ; every file's path, kind and bytes are proven equal.
    Repackaged,
    /// Files differ, but proven only in what nothing deploys.
    Cosmetic,
    /// Something that can be deployed differs.
    Changed,
    /// Changed, with at least one cause of severity 4.
    Breaking,
    /// Something could not be read or decoded.
    Unknown,
}

impl Level {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::Repackaged => "repackaged",
            Self::Cosmetic => "cosmetic",
            Self::Changed => "changed",
            Self::Breaking => "breaking",
            Self::Unknown => "unknown",
        }
    }

    /// The headline a person reads first.
    pub fn headline(self) -> &'static str {
        match self {
            Self::Identical => "No change",
            Self::Repackaged | Self::Cosmetic => "No real change",
            Self::Changed => "Real change",
            Self::Breaking => "Breaking change",
            Self::Unknown => "Cannot tell",
        }
    }

    /// True for the levels that say "no".
    pub fn is_no(self) -> bool {
        matches!(self, Self::Identical | Self::Repackaged | Self::Cosmetic)
    }
}

/// How far equality was proven. Higher rungs imply the lower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proven {
    /// Nothing beyond what the causes say.
    Nothing,
    /// The same files once formatting is normalised.
    Normalised,
    /// The same {path, kind, mode class, bytes}.
    Files,
    /// The same uncompressed digests.
    Uncompressed,
    /// The same config and layer digests.
    Manifest,
    /// The same digest.
    Digest,
}

impl Proven {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Normalised => "normalised",
            Self::Files => "files",
            Self::Uncompressed => "uncompressed",
            Self::Manifest => "manifest",
            Self::Digest => "digest",
        }
    }
}
