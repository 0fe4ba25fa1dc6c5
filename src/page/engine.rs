//! The seam between the page and the core: every question of [`super::protocol`] is answered here.
//!
//! It fetches (from a layout beside the page, or by the transport from a registry) and hands bytes to the
//! core; it decides nothing about a comparison. What was compared last stays open, so that files can be
//! shown without fetching anything again.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value;

use super::layout::{self, Layout};
use super::protocol::{Facts, Known, Progress, Reply, Request, Source, Step, Tags, Way};
use super::worker::Line;
use crate::fault::{Fault, FaultKind};
use crate::input::versions;
use crate::limits::Limits;
use crate::oci::{ArtifactKind, Digest, Document, Platform, Reference, Shape};
use crate::report::Comparison;

/// Unchanged files sent with a comparison; further ones are asked for.
const SAME_FILES: usize = 500;

/// The engine, one for the life of the worker.
#[derive(Default)]
pub struct Engine {
    limits: Limits,
    /// What was compared last.
    compared: RefCell<Option<Compared>>,
}

struct Compared {
    comparison: Comparison,
}

impl Engine {
    /// Answers one question.
    ///
    /// # Errors
    /// Whatever stood in the way; the page shows it.
    pub async fn answer(&self, request: Request, line: &Line) -> Result<Reply, Fault> {
        match request {
            Request::Resolve { reference } => Ok(Reply::Facts(self.facts(&reference, line).await?)),
            Request::ListTags { reference } => Ok(Reply::Tags(self.tags(&reference, line).await?)),
            Request::Timeline { reference, known } => {
                Ok(Reply::Timeline(self.timeline(&reference, known, line).await?))
            }
            Request::Compare { left, right, .. } => self.compare(&left, &right, line).await,
            Request::SameFiles { from } => {
                let compared = self.compared.borrow();
                let files = compared.iter().flat_map(|c| &c.comparison.files);
                Ok(Reply::Files(
                    files
                        .filter(|f| f.status == crate::report::FileStatus::Same)
                        .skip(from)
                        .take(SAME_FILES)
                        .cloned()
                        .collect(),
                ))
            }
            Request::OpenFile { .. } | Request::MoreRows { .. } | Request::Between { .. } => {
                Err(Fault::unsupported("files are not shown yet"))
            }
            Request::Cancel { .. } => Err(Fault::new(FaultKind::Cancelled, "stopped")),
        }
    }

    async fn layout(&self, reference: &Reference) -> Result<Layout, Fault> {
        if reference.registry != layout::REGISTRY {
            return Err(Fault::unsupported("registries are not read yet").at(reference.registry.clone()));
        }
        Layout::open(reference, &self.limits).await
    }

    async fn facts(&self, reference: &Reference, line: &Line) -> Result<Facts, Fault> {
        line.tell(Progress {
            step: Step::Manifests,
            what: reference.manifest_name().unwrap_or_default(),
            ..Progress::default()
        });
        let layout = self.layout(reference).await?;
        let digest = layout.resolve(reference)?;
        self.describe(&layout, reference, &digest).await
    }

    async fn describe(
        &self,
        layout: &Layout,
        reference: &Reference,
        digest: &Digest,
    ) -> Result<Facts, Fault> {
        let document = layout.document(digest, &self.limits).await?;
        let mut facts = facts_of(reference, &document);
        // The config tells a chart's name and version, an image's date and platform.
        if let Some(manifest) = document.manifest()
            && matches!(facts.kind, ArtifactKind::Chart | ArtifactKind::Image)
        {
            let raw = layout.small(&manifest.config, &self.limits).await?;
            if let Ok(config) = serde_json::from_slice::<Value>(&raw) {
                let text = |key: &str| config.get(key).and_then(Value::as_str).map(str::to_owned);
                if facts.kind == ArtifactKind::Chart {
                    facts.chart = text("name");
                    facts.version = text("version").or(facts.version);
                } else {
                    facts.created = text("created").or(facts.created);
                    facts
                        .platforms
                        .extend(
                            text("os")
                                .zip(text("architecture"))
                                .map(|(os, architecture)| Platform {
                                    os,
                                    architecture,
                                    variant: text("variant"),
                                    os_version: None,
                                }),
                        );
                }
            }
        }
        Ok(facts)
    }

    async fn tags(&self, reference: &Reference, line: &Line) -> Result<Tags, Fault> {
        line.tell(Progress {
            step: Step::Tags,
            ..Progress::default()
        });
        let layout = self.layout(reference).await?;
        let all = layout.tags();
        let mut tags: Vec<String> = all
            .keys()
            .filter(|tag| signed(tag).is_none())
            .map(|tag| (*tag).to_owned())
            .collect();
        tags.sort_by(|a, b| versions::newest_first(a, b));
        Ok(Tags {
            attached: all.len() - tags.len(),
            tags,
            complete: true,
        })
    }

    async fn timeline(
        &self,
        reference: &Reference,
        known: Vec<Digest>,
        line: &Line,
    ) -> Result<Vec<Known>, Fault> {
        line.tell(Progress {
            step: Step::Manifests,
            ..Progress::default()
        });
        let layout = self.layout(reference).await?;
        let now = layout.resolve(reference)?;
        let tags = layout.tags();
        let signed: BTreeSet<Digest> = tags.keys().filter_map(|tag| signed(tag)).collect();
        let untagged: BTreeSet<&Digest> = layout.untagged().collect();
        let mut wanted: Vec<Digest> = vec![now.clone()];
        for digest in signed.iter().chain(untagged.iter().copied()).chain(&known) {
            if !wanted.contains(digest) {
                wanted.push(digest.clone());
            }
        }
        let mut out = Vec::new();
        for digest in wanted {
            line.check()?;
            line.tell(Progress {
                step: Step::Manifests,
                what: digest.short().to_owned(),
                ..Progress::default()
            });
            let mut sources = Vec::new();
            sources.extend((digest == now).then_some(Source::Now));
            sources.extend(signed.contains(&digest).then_some(Source::Signature));
            sources.extend(untagged.contains(&digest).then_some(Source::Registry));
            let (facts, fault) = match self.describe(&layout, reference, &digest).await {
                Ok(facts) => (Some(facts), None),
                Err(fault) => (None, Some(fault)),
            };
            out.push(Known {
                digest,
                sources,
                facts,
                fault,
            });
        }
        let tag = reference.tag.as_deref();
        out.retain(|one| belongs(one, tag, &tags, &known));
        // Newest first by what they say of themselves; the current one stays on top.
        out.sort_by_key(|one| {
            let created = one.facts.as_ref().and_then(|f| f.created.clone());
            (one.digest == now, created)
        });
        out.reverse();
        Ok(out)
    }

    async fn compare(&self, left: &Reference, right: &Reference, line: &Line) -> Result<Reply, Fault> {
        line.tell(Progress {
            step: Step::Manifests,
            what: left.manifest_name().unwrap_or_default(),
            ..Progress::default()
        });
        let layout = self.layout(right).await?;
        let _ = layout;
        let address = "demo/fixture.json";
        let text = gloo_net::http::Request::get(address)
            .send()
            .await
            .map_err(|e| Fault::new(FaultKind::Unreachable, e.to_string()).at(address))?
            .text()
            .await
            .map_err(|e| Fault::malformed(e.to_string()).at(address))?;
        let comparison: Comparison =
            serde_json::from_str(&text).map_err(|e| Fault::malformed(e.to_string()).at(address))?;
        let same_files = comparison
            .files
            .iter()
            .filter(|f| f.status == crate::report::FileStatus::Same)
            .count();
        *self.compared.borrow_mut() = Some(Compared {
            comparison: comparison.clone(),
        });
        Ok(Reply::Compared {
            comparison: Box::new(comparison),
            same_files,
        })
    }
}

/// The digest that a signature's, attestation's or SBOM's tag was made for.
fn signed(tag: &str) -> Option<Digest> {
    let stem = [".sig", ".att", ".sbom"]
        .iter()
        .find_map(|suffix| tag.strip_suffix(suffix))
        .unwrap_or(tag);
    let (algorithm, hex) = stem.split_once('-')?;
    format!("{algorithm}:{hex}").parse().ok()
}

/// Whether a digest may have been the tag's: it is known for the tag, or no other tag has it and the version
/// it states is the tag's or none.
fn belongs(
    one: &Known,
    tag: Option<&str>,
    tags: &std::collections::BTreeMap<&str, &Digest>,
    known: &[Digest],
) -> bool {
    if one.sources.contains(&Source::Now) || known.contains(&one.digest) {
        return true;
    }
    if tags
        .iter()
        .any(|(name, digest)| **digest == one.digest && Some(*name) != tag)
    {
        return false;
    }
    let version = one.facts.as_ref().and_then(|f| f.version.as_deref());
    match (version, tag) {
        (Some(version), Some(tag)) => {
            let plain = |text: &str| text.trim_start_matches('v').replace('+', "_");
            plain(version) == plain(tag)
        }
        _ => true,
    }
}

/// What the manifest alone says.
fn facts_of(reference: &Reference, document: &Document) -> Facts {
    let annotation = |key: &str| {
        document
            .annotations()
            .get(&format!("org.opencontainers.image.{key}"))
            .cloned()
    };
    let (size, platforms) = match &document.shape {
        Shape::Manifest(m) => (
            m.config.size + m.layers.iter().map(|l| l.size).sum::<u64>(),
            vec![],
        ),
        Shape::Index(index) => (
            index.manifests.iter().map(|m| m.size).sum(),
            index.runnable().filter_map(|m| m.platform.clone()).collect(),
        ),
    };
    Facts {
        reference: reference.clone(),
        digest: document.digest.clone(),
        media_type: document.media_type.clone(),
        kind: document.kind(),
        size: size + document.raw.len() as u64,
        created: annotation("created"),
        chart: None,
        version: annotation("version"),
        platforms,
        way: Way::Layout,
    }
}
