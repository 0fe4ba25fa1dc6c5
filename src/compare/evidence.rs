//! What was gathered about two artifacts: documents, configs and layers of both sides, read or not.
//!
//! Evidence is plain data without judgement. A part that could not be read stands here with its fault, so
//! that nothing downstream can mistake "not read" for "equal".

use std::sync::Arc;

use crate::archive::{Content, Reading};
use crate::fault::Fault;
use crate::oci::{Descriptor, Digest, Document, Manifest, Platform};
use crate::signer::Signers;

/// A blob as it was read, or why it was not.
pub type Read = Result<Arc<Reading>, Fault>;

/// Both sides.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// How the left side was named.
    pub left_name: String,
    /// How the right side was named.
    pub right_name: String,
    /// What was found.
    pub pair: Pair,
    /// Who signed either digest; `None` where nobody was asked, or did not say.
    pub signed: Option<Signed>,
}

/// The signers of each digest, as its signatures name them; `None` where it has no signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Of the left one.
    pub left: Option<Signers>,
    /// Of the right one.
    pub right: Option<Signers>,
}

/// Two artifacts side by side.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "one a comparison or a platform: boxing would only blur it"
)]
pub enum Pair {
    /// A side's manifest could not be read; the other may be there.
    Unreadable {
        /// The left document, or why it is missing.
        left: Result<Document, Fault>,
        /// The right document, or why it is missing.
        right: Result<Document, Fault>,
    },
    /// Two artifacts without platforms: charts, images, Flux artifacts, bare archives, anything.
    Artifacts(Box<ArtifactPair>),
    /// Two indexes, or an index against one image.
    Indexes(Box<IndexPair>),
}

/// Two artifacts of one platform.
#[derive(Debug, Clone)]
pub struct ArtifactPair {
    /// The older.
    pub left: Artifact,
    /// The newer.
    pub right: Artifact,
}

/// One artifact.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// Its manifest; a bare archive has none.
    pub document: Option<Document>,
    /// The manifest was made up by whoever read it: its fields prove and disprove nothing.
    pub made_up: bool,
    /// Its config; a bare archive has none, and so has one whose config was not needed.
    pub config: Option<Read>,
    /// Its layers in manifest order.
    pub layers: Vec<Layer>,
}

/// One layer of an artifact.
#[derive(Debug, Clone)]
pub struct Layer {
    /// As the manifest declares it.
    pub descriptor: Descriptor,
    /// As it was read; absent when it was not needed (the other side has the same digest, or the same claim).
    pub read: Option<Read>,
    /// What it unpacks to by the artifact's own word, which counts only where the user said so
    /// ([`Options::trust_diff_ids`](super::job::Options::trust_diff_ids)).
    pub claimed: Option<Digest>,
}

/// Indexes, or an index and a manifest.
#[derive(Debug, Clone)]
pub struct IndexPair {
    /// The older document.
    pub left: Document,
    /// The newer document.
    pub right: Document,
    /// Children that run, paired by platform.
    pub children: Vec<ChildPair>,
    /// Children beyond the limit.
    pub left_off: usize,
}

/// A platform's image on both sides.
#[derive(Debug, Clone)]
pub struct ChildPair {
    /// The platform, `None` where the index names none.
    pub platform: Option<Platform>,
    /// The left digest.
    pub left: Option<Digest>,
    /// The right digest.
    pub right: Option<Digest>,
    /// What was compared, where both exist and differ.
    pub pair: Option<Pair>,
}

impl ArtifactPair {
    /// True when a side's manifest was made up.
    pub fn made_up(&self) -> bool {
        self.left.made_up || self.right.made_up
    }
}

impl Artifact {
    /// The manifest, where there is one.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.document.as_ref().and_then(Document::manifest)
    }

    /// The config's bytes, where they were read.
    pub fn config_bytes(&self) -> Option<&[u8]> {
        match self.config.as_ref()?.as_ref().ok()? {
            reading if reading.fault.is_some() => None,
            reading => match &reading.content {
                Content::Bytes(Some(bytes)) => Some(bytes),
                _ => None,
            },
        }
    }
}

impl Layer {
    /// The reading, where it is whole.
    pub fn whole(&self) -> Option<&Arc<Reading>> {
        self.read.as_ref()?.as_ref().ok().filter(|r| r.fault.is_none())
    }

    /// The reading, whole or not.
    pub fn reading(&self) -> Option<&Arc<Reading>> {
        self.read.as_ref()?.as_ref().ok()
    }

    /// Why it could not be read to its end.
    pub fn fault(&self) -> Option<&Fault> {
        match self.read.as_ref()? {
            Err(fault) => Some(fault),
            Ok(reading) => reading.fault.as_ref(),
        }
    }
}
