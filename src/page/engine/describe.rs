//! What a tag points to, what it pointed to before, and which tags there are.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _};
use serde_json::Value;

use crate::fault::Fault;
use crate::input::versions;
use crate::oci::{ArtifactKind, Digest, Document, Platform, Reference, Shape};
use crate::page::protocol::{Facts, Known, Progress, Source as Learnt, Step, Tags, Way};
use crate::page::worker::Line;
use crate::registry::history::{is_companion, named_by_tags};
use crate::registry::{Layout, Source, source};

/// Digests asked about in one timeline, the latest of the list first.
const PROBES: usize = 24;

/// Manifests asked for at the same time.
const AT_ONCE: usize = 4;

/// What a reference points to.
pub(super) async fn facts<S: Source>(source: &S, reference: &Reference) -> Result<Facts, Fault> {
    let document = source.manifest(reference).await?.document;
    let mut facts = of_document(reference, &document);
    // The config tells a chart's name and version, an image's date and platform. Without it, the facts are
    // fewer, and still right.
    if let Some(manifest) = document.manifest()
        && matches!(facts.kind, ArtifactKind::Chart | ArtifactKind::Image)
        && let Ok(raw) =
            source::document(source, reference, &manifest.config, source.limits().config_bytes).await
        && let Ok(config) = serde_json::from_slice::<Value>(&raw)
    {
        let text = |key: &str| config.get(key).and_then(Value::as_str).map(str::to_owned);
        if facts.kind == ArtifactKind::Chart {
            facts.chart = text("name");
            facts.version = text("version").or(facts.version);
        } else {
            facts.created = text("created").or(facts.created);
            let platform = text("os").zip(text("architecture"));
            facts
                .platforms
                .extend(platform.map(|(os, architecture)| Platform {
                    os,
                    architecture,
                    variant: text("variant"),
                    os_version: None,
                    os_features: Vec::new(),
                }));
        }
    }
    Ok(facts)
}

/// What the manifest alone says.
fn of_document(reference: &Reference, document: &Document) -> Facts {
    let annotation = |key: &str| {
        document
            .annotations()
            .get(&format!("org.opencontainers.image.{key}"))
            .cloned()
    };
    let (size, platforms) = match &document.shape {
        Shape::Manifest(m) => (
            m.layers
                .iter()
                .fold(m.config.size, |sum, l| sum.saturating_add(l.size)),
            Vec::new(),
        ),
        Shape::Index(index) => (
            index
                .manifests
                .iter()
                .fold(0, |sum: u64, m| sum.saturating_add(m.size)),
            index.runnable().filter_map(|m| m.platform.clone()).collect(),
        ),
    };
    Facts {
        reference: reference.clone(),
        digest: document.digest.clone(),
        media_type: document.media_type.clone(),
        kind: document.kind(),
        size: size.saturating_add(document.raw.len() as u64),
        created: annotation("created"),
        chart: None,
        version: annotation("version"),
        platforms,
        way: Way::Direct,
        quota: None,
    }
}

/// The tags of a repository, newest version first.
pub(super) async fn tags<S: Source>(source: &S, reference: &Reference, line: &Line) -> Result<Tags, Fault> {
    let mut found = 0;
    let listed = source
        .tags(reference, |page| {
            found += page.len();
            line.tell(Progress {
                step: Step::Tags,
                what: found.to_string(),
                ..Progress::default()
            });
        })
        .await?;
    line.check()?;
    let all = listed.tags.len();
    let mut tags: Vec<String> = listed.tags.into_iter().filter(|tag| !is_companion(tag)).collect();
    tags.sort_by(|a, b| versions::newest_first(a, b));
    Ok(Tags {
        attached: all - tags.len(),
        tags,
        cut: listed.cut,
    })
}

/// Manifests that a layout keeps without a tag: what a tag pointed to before it moved.
pub(super) fn untagged(layout: &Layout) -> Vec<Digest> {
    let tagged: BTreeSet<&Digest> = layout
        .tags()
        .iter()
        .filter_map(|tag| layout.tagged(tag))
        .map(|d| &d.digest)
        .collect();
    layout
        .manifests
        .iter()
        .map(|d| &d.digest)
        .filter(|digest| !tagged.contains(digest))
        .cloned()
        .collect()
}

/// Earlier digests of a tag: those that cosign-style tags name, those a layout keeps, and those known to
/// the page. Other versions' digests are left out, as far as the artifacts say which they are.
pub(super) async fn timeline<S: Source>(
    source: &S,
    reference: &Reference,
    known: &[Digest],
    untagged: &[Digest],
    line: &Line,
) -> Result<Vec<Known>, Fault> {
    let now = source.manifest(reference).await?.document.digest;
    // No list of tags is no reason to show no timeline.
    let tags = match source.tags(reference, |_| {}).await {
        Ok(listed) => listed.tags,
        Err(_) => Vec::new(),
    };
    line.check()?;
    let mut wanted: Vec<(Digest, Vec<Learnt>)> = vec![(now.clone(), vec![Learnt::Now])];
    let mut want =
        |digest: &Digest, learnt: Option<Learnt>| match wanted.iter_mut().find(|(d, _)| d == digest) {
            Some((_, sources)) => sources.extend(learnt),
            None => wanted.push((digest.clone(), learnt.into_iter().collect())),
        };
    for digest in known {
        want(digest, None);
    }
    for earlier in named_by_tags(&tags).iter().rev().take(PROBES) {
        want(&earlier.digest, Some(Learnt::Signature));
    }
    for digest in untagged.iter().rev().take(PROBES) {
        want(digest, Some(Learnt::Registry));
    }
    let count = wanted.len() as u64;
    let mut done = 0;
    let mut described = stream::iter(wanted)
        .map(|(digest, sources)| async move {
            let found = facts(source, &reference.at_digest(digest.clone())).await;
            let (facts, fault) = match found {
                Ok(facts) => (Some(facts), None),
                Err(fault) => (None, Some(fault)),
            };
            Known {
                name: String::new(),
                digest,
                sources,
                facts,
                fault,
            }
        })
        .buffered(AT_ONCE);
    let mut list = Vec::new();
    while let Some(one) = described.next().await {
        line.check()?;
        done += 1;
        line.tell(Progress {
            step: Step::Manifests,
            what: format!("{done}/{count}"),
            ..Progress::default()
        });
        if one.sources.contains(&Learnt::Now) || known.contains(&one.digest) || may_be(&one, reference) {
            list.push(one);
        }
    }
    // Newest first by what they say of themselves; the current one stays on top.
    list.sort_by_key(|one| {
        let created = one.facts.as_ref().and_then(|f| f.created.clone());
        (one.digest == now, created)
    });
    list.reverse();
    Ok(list)
}

/// Whether a digest of the repository may have been this tag's: it states the tag's version, or none. What
/// cannot be read any more may have been; it is shown, and says so.
fn may_be(one: &Known, reference: &Reference) -> bool {
    let Some(facts) = &one.facts else {
        return true;
    };
    // A signature is kept as an artifact of its own.
    if facts.kind == ArtifactKind::Artifact {
        return false;
    }
    match (&facts.version, &reference.tag) {
        (Some(version), Some(tag)) => {
            let plain = |text: &str| text.trim_start_matches('v').replace('+', "_");
            plain(version) == plain(tag)
        }
        _ => true,
    }
}
