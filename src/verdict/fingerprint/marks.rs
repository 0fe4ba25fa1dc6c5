//! The parts of an artifact in which tools leave marks, gathered once.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::archive::{Content, Packing, TarFormat, TarListing};
use crate::compare::evidence::{Artifact, Layer};
use crate::oci::{ArtifactKind, Manifest, media_type};

/// System codes of the gzip header (RFC 1952, 2.3.1).
pub(super) const UNIX: u8 = 3;
/// See [`UNIX`].
pub(super) const UNKNOWN: u8 = 255;

/// Where the marks are. Only what was read whole counts: the end of an archive tells much.
pub(super) struct Marks<'a> {
    pub(super) kind: Option<ArtifactKind>,
    pub(super) manifest: Option<&'a Manifest>,
    /// The manifest's bytes.
    pub(super) raw: &'a [u8],
    /// The config, where it is JSON.
    pub(super) config: Option<Value>,
    /// How the content was packed: a chart's archive, an image's newest layer that was read.
    pub(super) packing: Option<&'a Packing>,
    pub(super) listing: Option<&'a TarListing>,
}

impl<'a> Marks<'a> {
    pub(super) fn of(artifact: &'a Artifact) -> Self {
        let document = artifact.document.as_ref();
        let kind = document.map(crate::oci::Document::kind);
        let wanted = |kind: &str| {
            !matches!(
                media_type::essence(kind).as_str(),
                media_type::HELM_PROVENANCE | media_type::EMPTY
            )
        };
        let read = artifact
            .layers
            .iter()
            .rev()
            .filter(|l| wanted(&l.descriptor.media_type))
            .find_map(Layer::whole);
        Self {
            kind,
            manifest: artifact.manifest(),
            raw: document.map_or(&[], |d| d.raw.as_slice()),
            config: artifact
                .config_bytes()
                .and_then(|bytes| serde_json::from_slice(bytes).ok()),
            packing: read.map(|r| &r.packing),
            listing: read.and_then(|r| match &r.content {
                Content::Tar(listing) => Some(listing),
                _ => None,
            }),
        }
    }

    pub(super) fn annotations(&self) -> Option<&'a BTreeMap<String, String>> {
        self.manifest.map(|m| &m.annotations)
    }

    /// A text in the config, by JSON pointer.
    pub(super) fn config_text(&self, pointer: &str) -> &str {
        self.config
            .as_ref()
            .and_then(|c| c.pointer(pointer))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// A field of the newest entry of the image's history: what came last built it; the rest may be of its base.
    pub(super) fn newest_history(&self, field: &str) -> &str {
        self.config
            .as_ref()
            .and_then(|c| c.get("history"))
            .and_then(Value::as_array)
            .and_then(|h| h.last())
            .and_then(|entry| entry.get(field))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// True when the archive fills whole records of 20 blocks, with more zeros than the two blocks that end it:
    /// GNU tar and Python pad so.
    pub(super) fn is_padded(&self) -> bool {
        self.ends() > 2 && self.is_record_sized()
    }

    /// True when the archive fills whole records of 20 blocks, by padding or by chance.
    pub(super) fn is_record_sized(&self) -> bool {
        const RECORD: u64 = 20 * 512;
        self.packing.is_some_and(|p| p.uncompressed_size % RECORD == 0)
    }

    /// Zero blocks at the end of the archive.
    pub(super) fn ends(&self) -> u64 {
        self.listing.map_or(0, |l| l.facts.end_blocks)
    }

    pub(super) fn has_format(&self, format: TarFormat) -> bool {
        self.listing.is_some_and(|l| l.facts.formats.contains(&format))
    }

    /// True when some member has an extension record whose name begins so.
    pub(super) fn has_record(&self, prefix: &[u8]) -> bool {
        self.listing.is_some_and(|l| {
            l.entries
                .iter()
                .any(|e| e.records.keys().any(|k| k.starts_with(prefix)))
        })
    }

    /// True when members carry the names of their owners.
    pub(super) fn has_owner_names(&self) -> bool {
        self.listing
            .is_some_and(|l| l.entries.iter().any(|e| !e.uname.is_empty()))
    }

    /// Seconds between the oldest and the newest modification time.
    pub(super) fn spread(&self) -> Option<i64> {
        let times = || {
            self.listing
                .into_iter()
                .flat_map(|l| l.entries.iter().map(|e| e.mtime.seconds))
        };
        times().max()?.checked_sub(times().min()?)
    }
}
