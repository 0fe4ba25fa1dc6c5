//! From evidence and judgement to the model that everyone sees.

use serde_json::Value;

use super::{Comparison, Side, Subject, Verdict};
use crate::compare::evidence::{Artifact, Evidence, Pair};
use crate::limits::Limits;
use crate::oci::{Document, Reference, Shape};
use crate::verdict::{Judgement, Level, Note, fingerprint, judge, publisher, source_link};

use super::sentence;

/// Judges the evidence and puts it into words. `reference` names what both sides are digests of, where
/// there is such a thing.
pub fn comparison(evidence: &Evidence, reference: Option<&Reference>, limits: &Limits) -> Comparison {
    let mut judgement = judge(evidence, limits);
    let level = judgement.level();
    let proven_equal = judgement.proven();
    let (mut left, mut right) = sides(&evidence.pair);
    let same_tag = reference.is_some_and(|r| r.tag.is_some());
    judgement
        .notes
        .extend(attribution(&evidence.pair, &judgement, same_tag));
    judgement.settle(limits.causes);
    left.name.clone_from(&evidence.left_name);
    right.name.clone_from(&evidence.right_name);
    (left.content_digest, right.content_digest) = judgement.content.clone();
    let verdict = Verdict {
        level,
        headline: level.headline().to_owned(),
        proven_equal,
        summary: sentence::summary(level, &judgement),
        detail: sentence::detail(level, &judgement),
    };
    let restarts = judgement.restarts();
    let Judgement {
        causes,
        causes_left_off,
        files,
        unread,
        ladder,
        notes,
        ..
    } = judgement;
    Comparison {
        schema: "tagdrift/comparison/1".to_owned(),
        subject: subject(reference),
        left,
        right,
        verdict,
        restarts,
        causes,
        causes_left_off,
        files,
        unread,
        ladder,
        notes,
    }
}

/// What two references have in common that a report can be about: the repository where it is one, with the tag
/// where it is one too.
pub fn common_subject(left: &Reference, right: &Reference) -> Option<Reference> {
    if left.name() != right.name() {
        return None;
    }
    let tag = match (&left.tag, &right.tag) {
        (Some(l), Some(r)) if l != r => None,
        (l, r) => r.clone().or_else(|| l.clone()),
    };
    Some(Reference {
        tag,
        digest: None,
        ..right.clone()
    })
}

/// Who packed and pushed, what follows from it, where the sources are, and what would have kept the digest.
fn attribution(pair: &Pair, judgement: &Judgement, same_tag: bool) -> Vec<Note> {
    let level = judgement.level();
    let (left, right, mut notes) = match pair {
        Pair::Artifacts(pair) => (
            fingerprint::identify(&pair.left),
            fingerprint::identify(&pair.right),
            fingerprint::pair(&pair.left, &pair.right).into_iter().collect(),
        ),
        Pair::Indexes(pair) => (
            fingerprint::identify_document(&pair.left),
            fingerprint::identify_document(&pair.right),
            Vec::new(),
        ),
        Pair::Unreadable { .. } => return Vec::new(),
    };
    if level == Level::Identical {
        return Vec::new();
    }
    if let Some((l, r)) = documents(pair) {
        notes.extend(source_link::notes(
            l.annotations(),
            r.annotations(),
            !level.is_no(),
        ));
    }
    let situation = publisher::Situation {
        level,
        causes: &judgement.causes,
        left: &left,
        right: &right,
        same_tag,
    };
    notes.extend(publisher::advice(&situation));
    notes
}

fn documents(pair: &Pair) -> Option<(&Document, &Document)> {
    match pair {
        Pair::Artifacts(pair) => pair.left.document.as_ref().zip(pair.right.document.as_ref()),
        Pair::Indexes(pair) => Some((&pair.left, &pair.right)),
        Pair::Unreadable { .. } => None,
    }
}

pub(super) fn subject(reference: Option<&Reference>) -> Subject {
    reference.map_or_else(Subject::default, |r| Subject {
        registry: r.registry.clone(),
        repository: r.repository.clone(),
        tag: r.tag.clone().unwrap_or_default(),
    })
}

pub(super) fn sides(pair: &Pair) -> (Side, Side) {
    match pair {
        Pair::Unreadable { left, right } => {
            let of = |d: &Result<Document, _>| d.as_ref().map(|d| document(d, None)).unwrap_or_default();
            (of(left), of(right))
        }
        Pair::Artifacts(pair) => (artifact(&pair.left), artifact(&pair.right)),
        Pair::Indexes(pair) => (index(&pair.left), index(&pair.right)),
    }
}

fn index(whole: &Document) -> Side {
    Side {
        packed_by: fingerprint::identify_document(whole).words(),
        ..document(whole, None)
    }
}

fn artifact(artifact: &Artifact) -> Side {
    let packed_by = fingerprint::identify(artifact).words();
    match (&artifact.document, artifact.layers.first()) {
        (Some(whole), _) => Side {
            packed_by,
            ..document(whole, artifact.config_bytes())
        },
        (None, Some(layer)) => Side {
            digest: layer.descriptor.digest.to_string(),
            media_type: layer.descriptor.media_type.clone(),
            kind: "chart".to_owned(),
            size: layer.descriptor.size,
            packed_by,
            ..Side::default()
        },
        (None, None) => Side::default(),
    }
}

/// What can be said of one side from its manifest and, where it was read, its config. Also used by the
/// tag page, which shows a digest before anything is compared.
pub fn document(document: &Document, config: Option<&[u8]>) -> Side {
    let config: Option<Value> = config.and_then(|bytes| serde_json::from_slice(bytes).ok());
    let text = |key: &str| config.as_ref()?.get(key)?.as_str().map(str::to_owned);
    let annotation = |key: &str| document.annotations().get(key).cloned();
    let described: u64 = match &document.shape {
        Shape::Manifest(m) => m
            .layers
            .iter()
            .map(|l| l.size)
            .fold(m.config.size, u64::saturating_add),
        Shape::Index(i) => i.manifests.iter().map(|m| m.size).fold(0, u64::saturating_add),
    };
    let kind = document.kind();
    let is_chart = kind == crate::oci::ArtifactKind::Chart;
    Side {
        name: String::new(),
        digest: document.digest.to_string(),
        media_type: document.media_type.clone(),
        kind: kind.word().to_owned(),
        size: described.saturating_add(document.raw.len() as u64),
        content_digest: None,
        created: annotation("org.opencontainers.image.created").or_else(|| text("created")),
        chart: is_chart
            .then(|| text("name").or_else(|| annotation("org.opencontainers.image.title")))
            .flatten(),
        version: is_chart
            .then(|| text("version").or_else(|| annotation("org.opencontainers.image.version")))
            .flatten(),
        packed_by: None,
    }
}
