//! What follows from both fingerprints together: a sentence that names the habit behind the new digest.

use super::helm::CREATED;
use super::{Builder, Fingerprint, Release, identify};
use crate::archive::{Content, Time};
use crate::compare::evidence::{Artifact, Layer};
use crate::compare::instant;
use crate::oci::media_type;
use crate::verdict::Note;

/// Explains the new digest by the tools' habits, where the bytes allow it. Nothing in the sentence claims
/// equality beyond what is checked here: digests of blobs, and annotations.
pub fn pair(left: &Artifact, right: &Artifact) -> Option<Note> {
    let (l, r) = (identify(left), identify(right));
    let text = pushed_twice(left, right, &l, &r)
        .or_else(|| other_tool(&l, &r))
        .or_else(|| packed_twice(left, right, &l, &r))?;
    Some(Note {
        topic: "fingerprint".to_owned(),
        text,
        snippet: String::new(),
    })
}

/// The same blobs under another manifest of Helm's.
fn pushed_twice(left: &Artifact, right: &Artifact, l: &Fingerprint, r: &Fingerprint) -> Option<String> {
    let (a, b) = (left.manifest()?, right.manifest()?);
    let by_helm = |f: &Fingerprint| f.pusher.as_ref().is_some_and(|t| t.builder == Builder::Helm);
    if !by_helm(l)
        || !by_helm(r)
        || a.config.digest != b.config.digest
        || chart(left)?.descriptor.digest != chart(right)?.descriptor.digest
    {
        return None;
    }
    let (mut x, mut y) = (a.annotations.clone(), b.annotations.clone());
    let (from, to) = (x.remove(CREATED), y.remove(CREATED));
    if from == to {
        return None;
    }
    // The provenance file may differ beside it; then this is not the only reason.
    let provenance = |m: &crate::oci::Manifest| {
        let mut others: Vec<String> = m.layers.iter().map(|l| l.digest.to_string()).collect();
        others.sort();
        others
    };
    let only = if x == y && provenance(a) == provenance(b) {
        ": only that differs"
    } else {
        ""
    };
    let (Some(from), Some(to)) = (from, to) else {
        return Some(
            "The same .tgz was pushed by two releases of Helm: 3.13 and later stamp `created`, earlier ones do not."
                .to_owned(),
        );
    };
    if instant::parse(&from) == instant::parse(&to) {
        return Some(format!(
            "The same .tgz was pushed twice by Helm 3.15 or later from two time zones, and `created` is one instant written in both{only}."
        ));
    }
    let local = |created: &str| !created.ends_with('Z');
    if local(&from) || local(&to) {
        return Some(format!(
            "The same .tgz was pushed twice by Helm 3.15 or later, which stamps `created` with the file's time, and a new download or copy has another{only}."
        ));
    }
    Some(format!(
        "The same .tgz was pushed twice by Helm, which stamps `created`: 3.13 and 3.14 with the time of the push, later ones with the file's time, which a new download or copy changes{only}."
    ))
}

/// Two tools, or two releases that write differently.
fn other_tool(l: &Fingerprint, r: &Fingerprint) -> Option<String> {
    let (a, b) = (l.packer.as_ref()?, r.packer.as_ref()?);
    if a.builder != b.builder {
        return Some(format!(
            "Packed by {a} on the left and by {b} on the right: two tools write the same files into different bytes."
        ));
    }
    let rr = Release(4, 2, 4);
    let is_new = |t: &super::Tool| t.since.is_some_and(|s| s >= rr);
    if a.builder == Builder::Helm && is_new(a) != is_new(b) {
        return Some(
            "One side was packed by Helm 4.2.4 or later, which writes another extra field into the gzip header: that alone gives another digest."
                .to_owned(),
        );
    }
    None
}

/// One tool, twice, with stamps in the archive that differ.
fn packed_twice(left: &Artifact, right: &Artifact, l: &Fingerprint, r: &Fingerprint) -> Option<String> {
    let (a, b) = (l.packer.as_ref()?, r.packer.as_ref()?);
    let (from, to) = (newest(left)?, newest(right)?);
    if from == to {
        return None;
    }
    match a.builder {
        Builder::Helm => {
            let four = |t: &super::Tool| t.since.is_some_and(|s| s >= Release(4, 0, 0));
            if four(a) && four(b) {
                Some("Packed twice by Helm 4, which keeps the source files' times: two checkouts have two times, so the digests differ even where no file does.".to_owned())
            } else {
                Some("Packed twice by Helm. Helm 3 stamps every file with the moment of packing, so each package of the same source has another digest.".to_owned())
            }
        }
        Builder::GnuTar | Builder::Bsdtar | Builder::Python => Some(format!(
            "Packed twice by {}, which keeps the files' times: two checkouts have two times, so the digests differ even where no file does.",
            a.builder.name()
        )),
        _ => None,
    }
}

/// The chart's archive: by media type, since Helm orders layers by digest.
fn chart(artifact: &Artifact) -> Option<&Layer> {
    artifact.layers.iter().find(|l| {
        matches!(
            media_type::essence(&l.descriptor.media_type).as_str(),
            media_type::HELM_CHART | media_type::HELM_CHART_LEGACY
        )
    })
}

fn newest(artifact: &Artifact) -> Option<Time> {
    let reading = artifact.layers.iter().rev().find_map(|l| match l.whole() {
        Some(reading) => match &reading.content {
            Content::Tar(listing) => Some(listing),
            _ => None,
        },
        None => None,
    })?;
    reading.entries.iter().map(|e| e.mtime).max()
}
