//! Where earlier digests of a tag can be learnt: cosign-style tags and referrers.
//!
//! `sha256-<hex>.sig`, `.att`, `.sbom` and the bare `sha256-<hex>` each name a digest that existed, also
//! after its tag moved on. They do not say *which* tag pointed there; the artifact itself may, by the
//! version in its annotations or its config ([`earlier_digests`]).

use std::collections::HashMap;

use futures_util::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::client::is_missing;
use super::source::{self, Source};
use super::{Client, Repository, Transport, What, link};
use crate::fault::{Fault, FaultKind};
use crate::oci::{ArtifactKind, Descriptor, Digest, Document, Reference, media_type};

/// Manifests asked for at the same time.
const AT_ONCE: usize = 4;

/// Where a digest was learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Learnt {
    /// `sha256-<hex>.sig`: it was signed.
    Signature,
    /// `sha256-<hex>.att`: something was attested about it.
    Attestation,
    /// `sha256-<hex>.sbom`: it has a bill of materials.
    Sbom,
    /// `sha256-<hex>`: something refers to it (referrers tag schema).
    Referrer,
}

/// How sure it is that the tag in question pointed to a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// The artifact calls itself by this tag's version.
    SaysSo,
    /// It calls itself by another version.
    SaysOther(String),
    /// It existed in the repository; nothing says under which tag.
    InRepository,
    /// It existed, and the registry no longer has it.
    Gone,
    /// It could not be asked for (refused, unreachable, over a bound).
    Unread(Fault),
}

/// A digest that existed in a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Earlier {
    /// The digest.
    pub digest: Digest,
    /// Where it was learnt.
    pub learnt: Vec<Learnt>,
    /// How sure it is.
    pub confidence: Confidence,
    /// What it is.
    pub kind: Option<ArtifactKind>,
    /// The version it calls itself by.
    pub version: Option<String>,
    /// When it says it was made (RFC 3339, as it stands).
    pub created: Option<String>,
}

/// The digest that a cosign-style tag names.
///
/// ```
/// use tagdrift::registry::history::{Learnt, named_by};
/// let hex = "3b6cdcc7adcc9a84d3214ee1c029543789d90b5ae69debe9efa3f66e982875de";
/// let (digest, learnt) = named_by(&format!("sha256-{hex}.sig")).unwrap();
/// assert_eq!((digest.hex(), learnt), (hex, Learnt::Signature));
/// ```
pub fn named_by(tag: &str) -> Option<(Digest, Learnt)> {
    let (name, learnt) = match tag.split_once('.') {
        None => (tag, Learnt::Referrer),
        Some((name, "sig")) => (name, Learnt::Signature),
        Some((name, "att")) => (name, Learnt::Attestation),
        Some((name, "sbom")) => (name, Learnt::Sbom),
        Some(_) => return None,
    };
    let digest = name.replacen('-', ":", 1).parse().ok()?;
    Some((digest, learnt))
}

/// True for tags that stand for something else than a release.
pub fn is_companion(tag: &str) -> bool {
    named_by(tag).is_some()
}

/// The digests named by cosign-style tags, in the tags' order, without asking anybody.
pub fn named_by_tags(tags: &[String]) -> Vec<Earlier> {
    let mut found: Vec<Earlier> = Vec::new();
    let mut at: HashMap<Digest, usize> = HashMap::new();
    for (digest, learnt) in tags.iter().filter_map(|t| named_by(t)) {
        match at.get(&digest).and_then(|i| found.get_mut(*i)) {
            Some(earlier) => earlier.learnt.push(learnt),
            None => {
                at.insert(digest.clone(), found.len());
                found.push(Earlier {
                    digest,
                    learnt: vec![learnt],
                    confidence: Confidence::InRepository,
                    kind: None,
                    version: None,
                    created: None,
                });
            }
        }
    }
    found
}

/// The digests that existed in the repository by `tags`, each asked for, and held against the reference's
/// tag. At most `probes` are asked for, the last ones of the list first: registries list oldest first, or by name, and
/// the rest stays [`Confidence::InRepository`].
pub async fn earlier_digests<S: Source>(
    source: &S,
    reference: &Reference,
    tags: &[String],
    probes: usize,
) -> Vec<Earlier> {
    let mut found = named_by_tags(tags);
    let skipped = found.len().saturating_sub(probes);
    let asked = found.split_off(skipped);
    let asked: Vec<Earlier> = stream::iter(asked)
        .map(|earlier| probe(source, reference, earlier))
        .buffered(AT_ONCE)
        .collect()
        .await;
    found.extend(asked);
    found
}

async fn probe<S: Source>(source: &S, reference: &Reference, mut earlier: Earlier) -> Earlier {
    let at = reference.at_digest(earlier.digest.clone());
    let document = match source.manifest(&at).await {
        Ok(served) => served.document,
        Err(fault) => {
            earlier.confidence = match fault.kind {
                FaultKind::Gone => Confidence::Gone,
                _ => Confidence::Unread(fault),
            };
            return earlier;
        }
    };
    earlier.kind = Some(document.kind());
    let annotation = |key: &str| document.annotations().get(key).cloned();
    earlier.version = annotation("org.opencontainers.image.version");
    earlier.created = annotation("org.opencontainers.image.created");
    if let Some(config) = config(source, &at, &document).await {
        let text = |key: &str| config.get(key).and_then(Value::as_str).map(str::to_owned);
        if document.kind() == ArtifactKind::Chart {
            // The chart's own word counts before an annotation that a pipeline may have set.
            earlier.version = text("version").or(earlier.version);
        }
        earlier.created = earlier.created.or_else(|| text("created"));
    }
    earlier.confidence = match (&earlier.version, &reference.tag) {
        (Some(version), Some(tag)) if version.replace('+', "_") == *tag => Confidence::SaysSo,
        (Some(version), Some(_)) => Confidence::SaysOther(version.clone()),
        _ => Confidence::InRepository,
    };
    earlier
}

/// The config of charts and images, where it can be read; what it tells is a help, not needed.
async fn config<S: Source>(source: &S, at: &Reference, document: &Document) -> Option<Value> {
    let manifest = document.manifest()?;
    let kind = document.kind();
    if !matches!(kind, ArtifactKind::Chart | ArtifactKind::Image) {
        return None;
    }
    let limit = source.limits().config_bytes;
    let bytes = source::document(source, at, &manifest.config, limit).await.ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// What refers to a digest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Referrers {
    /// Descriptors as the registry lists them.
    pub descriptors: Vec<Descriptor>,
    /// True when they came from the tag schema, because the registry does not speak the referrers API.
    pub by_tag: bool,
}

impl<T: Transport> Client<T> {
    /// What refers to `digest` (distribution-spec, "Listing referrers"): by the API, else by the tag
    /// `sha256-<hex>`. No referrers is no fault.
    ///
    /// # Errors
    /// As [`Client::manifest`], but for "not there".
    pub async fn referrers(&self, reference: &Reference, digest: &Digest) -> Result<Referrers, Fault> {
        // GHCR leads elsewhere with a 303 that helps nobody.
        if reference.registry != "ghcr.io" {
            match self.referrers_by_api(reference, digest).await {
                Ok(descriptors) => {
                    return Ok(Referrers {
                        descriptors,
                        by_tag: false,
                    });
                }
                // Registries that do not know the API answer with all kinds of refusals.
                Err(f)
                    if matches!(
                        f.kind,
                        FaultKind::Gone | FaultKind::Unsupported | FaultKind::Malformed
                    ) => {}
                Err(fault) => return Err(fault),
            }
        }
        let tagged = Reference {
            tag: Some(fallback_tag(digest)),
            digest: None,
            ..reference.clone()
        };
        match self.manifest(&tagged).await {
            Ok(served) => Ok(Referrers {
                descriptors: served
                    .document
                    .index()
                    .map(|i| i.manifests.clone())
                    .unwrap_or_default(),
                by_tag: true,
            }),
            Err(fault) if is_missing(&fault) => Ok(Referrers {
                descriptors: Vec::new(),
                by_tag: true,
            }),
            Err(fault) => Err(fault),
        }
    }

    async fn referrers_by_api(
        &self,
        reference: &Reference,
        digest: &Digest,
    ) -> Result<Vec<Descriptor>, Fault> {
        let mut goal = self.goal(&Repository::of(reference), What::Referrers(digest.clone()))?;
        let limits = &self.session.limits;
        let mut descriptors = Vec::new();
        for _ in 0..limits.listing_pages {
            let (head, bytes) = self
                .whole(&goal, "the list of referrers", limits.manifest_bytes)
                .await?;
            let index = Document::parse(bytes, Some(media_type::OCI_INDEX), limits)?;
            descriptors.extend(index.index().map(|i| i.manifests.clone()).unwrap_or_default());
            match link::next(head.headers_named("link"), &goal.url).map_err(Fault::malformed)? {
                Some(next) if descriptors.len() < limits.tags => goal.url = next,
                _ => return Ok(descriptors),
            }
        }
        Ok(descriptors)
    }
}

/// The tag under which referrers are listed where there is no API: the algorithm cut to 32 characters,
/// the encoded part to 64 (distribution-spec, "Referrers tag schema").
pub fn fallback_tag(digest: &Digest) -> String {
    let hex = digest.hex();
    format!("{}-{}", digest.algorithm().name(), hex.get(..64).unwrap_or(hex))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Algorithm;

    #[test]
    fn tags_name_digests_once() {
        let a = "a".repeat(64);
        let b = "b".repeat(64);
        let tags = [
            "1.0.0".to_owned(),
            format!("sha256-{a}.sig"),
            format!("sha256-{b}"),
            format!("sha256-{a}.att"),
            format!("sha256-{a}.txt"),
            format!("sha256-{}.sig", "A".repeat(64)),
            "sha256-abc.sig".to_owned(),
        ];
        let found = named_by_tags(&tags);
        let shown: Vec<_> = found.iter().map(|e| (e.digest.hex(), e.learnt.clone())).collect();
        assert_eq!(
            shown,
            [
                (a.as_str(), vec![Learnt::Signature, Learnt::Attestation]),
                (b.as_str(), vec![Learnt::Referrer]),
            ]
        );
        assert!(is_companion(&tags[1]) && !is_companion("1.0.0"));
    }

    #[test]
    fn fallback_tags_fit_a_tag() {
        let long = Digest::of(Algorithm::Sha512, b"");
        assert_eq!(fallback_tag(&long).len(), "sha512-".len() + 64);
        assert_eq!(
            named_by(&fallback_tag(&Digest::sha256(b""))).unwrap().0,
            Digest::sha256(b"")
        );
    }
}
