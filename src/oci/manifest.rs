//! Manifests and indexes, read from raw bytes and kept beside them.
//!
//! Invariants: [`Document::digest`] is the sha256 of [`Document::raw`] unless another algorithm was asked
//! for; a document that could be read both as a manifest and as an index is refused (CVE-2021-41190), and
//! so is one whose own `mediaType` contradicts its shape.
//!
//! ```
//! use tagdrift::{limits::Limits, oci::{ArtifactKind, Document}};
//! let raw = br#"{"schemaVersion":2,"manifests":[]}"#;
//! let document = Document::parse(raw.to_vec(), None, &Limits::default()).unwrap();
//! assert_eq!(document.kind(), ArtifactKind::Index);
//! ```

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::spans::{ambiguous_key, miscased_key, spans};
use super::{Descriptor, Digest, media_type};
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;

/// A manifest or index with its raw bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Exactly what the registry sent.
    pub raw: Vec<u8>,
    /// The digest of `raw`.
    pub digest: Digest,
    /// The media type: the document's own, else the one it was served with, else by shape.
    pub media_type: String,
    /// What was read.
    pub shape: Shape,
}

/// The two shapes of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "one a document")]
pub enum Shape {
    /// One artifact.
    Manifest(Manifest),
    /// Several, by platform.
    Index(Index),
}

/// An image manifest (OCI or Docker schema 2).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The artifact's type, where it says so.
    #[serde(default)]
    pub artifact_type: Option<String>,
    /// The config.
    pub config: Descriptor,
    /// The layers, in order.
    #[serde(deserialize_with = "null_is_empty")]
    pub layers: Vec<Descriptor>,
    /// What this is a referrer of.
    #[serde(default)]
    pub subject: Option<Descriptor>,
    /// Annotations.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// An image index (or Docker manifest list).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// The artifact's type, where it says so.
    #[serde(default)]
    pub artifact_type: Option<String>,
    /// The children.
    #[serde(deserialize_with = "null_is_empty")]
    pub manifests: Vec<Descriptor>,
    /// What this is a referrer of.
    #[serde(default)]
    pub subject: Option<Descriptor>,
    /// Annotations.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// Go writes an empty list or map as `null`, and reads it back as one.
fn null_is_empty<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}

/// What an artifact is, by its media types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArtifactKind {
    /// A Helm chart.
    Chart,
    /// A container image for one platform.
    Image,
    /// Several manifests by platform.
    Index,
    /// A Flux artifact.
    Flux,
    /// Anything else.
    Artifact,
}

impl ArtifactKind {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::Chart => "chart",
            Self::Image => "image",
            Self::Index => "index",
            Self::Flux => "flux",
            Self::Artifact => "artifact",
        }
    }
}

impl Document {
    /// Reads a document. `served_as` is the Content-Type it came with, if it came over HTTP. The digest
    /// is sha256; use [`Document::with_digest`] when another algorithm names it.
    ///
    /// # Errors
    /// `TooLarge` beyond `limits.manifest_bytes`, `Malformed` when it is no JSON object or breaks the
    /// specification, `Unsupported` for Docker schema 1 and for unknown shapes.
    pub fn parse(raw: Vec<u8>, served_as: Option<&str>, limits: &Limits) -> Result<Self, Fault> {
        if raw.len() as u64 > limits.manifest_bytes {
            return Err(Fault::too_large(
                "the manifest",
                format!("{} bytes", limits.manifest_bytes),
            ));
        }
        let value: Value = serde_json::from_slice(&raw).map_err(|e| not_json(&raw, &e))?;
        let Value::Object(object) = &value else {
            return Err(Fault::malformed("the manifest is JSON, but no object"));
        };
        if object.get("schemaVersion").and_then(Value::as_u64) == Some(1) {
            return Err(Fault::unsupported(
                "a Docker schema 1 manifest: its digest covers no content, so nothing can be proven with it",
            ));
        }
        readable_in_one_way(&raw, limits)?;
        let own = object.get("mediaType").and_then(Value::as_str);
        let has_index = object.contains_key("manifests");
        let has_manifest = object.contains_key("layers") || object.contains_key("config");
        let shape = match (has_manifest, has_index) {
            (true, true) => {
                return Err(Fault::malformed(
                    "the document has both `manifests` and `layers` or `config`: clients disagree on what it is (CVE-2021-41190), so it is refused",
                ));
            }
            (true, false) => Shape::Manifest(serde_json::from_value(value.clone()).map_err(|e| broken(&e))?),
            (false, true) => Shape::Index(serde_json::from_value(value.clone()).map_err(|e| broken(&e))?),
            (false, false) => {
                return Err(Fault::unsupported(
                    "the document has neither `layers` nor `manifests`",
                ));
            }
        };
        if let Shape::Manifest(manifest) = &shape
            && manifest.layers.len() > limits.layers
        {
            return Err(Fault::too_large("the number of layers", limits.layers));
        }
        embedded_data_fits(object)?;
        let by_shape = match shape {
            Shape::Manifest(_) => media_type::OCI_MANIFEST,
            Shape::Index(_) => media_type::OCI_INDEX,
        };
        for said in [own, served_as].into_iter().flatten() {
            let contradicts = match shape {
                Shape::Manifest(_) => media_type::is_index(said),
                Shape::Index(_) => media_type::is_manifest(said),
            };
            if contradicts {
                return Err(Fault::malformed(format!(
                    "the document calls itself {said} but has the shape of {by_shape}: refused (CVE-2021-41190)"
                )));
            }
        }
        let served = served_as.filter(|s| media_type::is_index(s) || media_type::is_manifest(s));
        let media_type = own.or(served).unwrap_or(by_shape).to_owned();
        Ok(Self {
            digest: Digest::sha256(&raw),
            raw,
            media_type,
            shape,
        })
    }

    /// The same document, named by `digest`.
    ///
    /// # Errors
    /// `Mismatch` when the raw bytes do not hash to it.
    pub fn with_digest(mut self, digest: &Digest) -> Result<Self, Fault> {
        let actual = Digest::of(digest.algorithm(), &self.raw);
        if actual != *digest {
            return Err(content_mismatch(digest, &actual));
        }
        self.digest = actual;
        Ok(self)
    }

    /// The manifest, if it is one.
    pub fn manifest(&self) -> Option<&Manifest> {
        match &self.shape {
            Shape::Manifest(manifest) => Some(manifest),
            Shape::Index(_) => None,
        }
    }

    /// The index, if it is one.
    pub fn index(&self) -> Option<&Index> {
        match &self.shape {
            Shape::Index(index) => Some(index),
            Shape::Manifest(_) => None,
        }
    }

    /// Annotations of either shape.
    pub fn annotations(&self) -> &BTreeMap<String, String> {
        match &self.shape {
            Shape::Manifest(manifest) => &manifest.annotations,
            Shape::Index(index) => &index.annotations,
        }
    }

    /// What the artifact is.
    pub fn kind(&self) -> ArtifactKind {
        match &self.shape {
            Shape::Index(_) => ArtifactKind::Index,
            Shape::Manifest(manifest) => manifest.kind(),
        }
    }
}

impl Manifest {
    /// What the artifact is, by its config's and layers' media types.
    pub fn kind(&self) -> ArtifactKind {
        let config = media_type::essence(&self.config.media_type);
        let layer = |wanted: fn(&str) -> bool| self.layers.iter().any(|l| wanted(&l.media_type));
        if config == media_type::HELM_CONFIG {
            ArtifactKind::Chart
        } else if config == media_type::FLUX_CONFIG
            || layer(|t| media_type::essence(t) == media_type::FLUX_CONTENT)
        {
            ArtifactKind::Flux
        } else if media_type::is_image_config(&config) && self.artifact_type.is_none() {
            ArtifactKind::Image
        } else {
            ArtifactKind::Artifact
        }
    }
}

/// Refuses what Go's readers, which most clients are built on, read in another way than the specification.
fn readable_in_one_way(raw: &[u8], limits: &Limits) -> Result<(), Fault> {
    let spans = spans(raw, limits.data_depth)
        .ok_or_else(|| Fault::too_large("the nesting of the manifest", limits.data_depth))?;
    let fault = |key: &str, why: &str| {
        Fault::malformed(format!(
            "the document has the key {key}, which {why}: clients disagree on what it says, so it is refused"
        ))
    };
    if let Some(key) = ambiguous_key(&spans) {
        return Err(fault(key, "stands there twice, letter case aside"));
    }
    match miscased_key(&spans) {
        Some(key) => Err(fault(key, "only some take for the field of that name")),
        None => Ok(()),
    }
}

/// What a descriptor embeds must be the content that it names (image-spec, descriptor.md, `data`): a client
/// that takes the embedded bytes would run something else.
fn embedded_data_fits(object: &serde_json::Map<String, Value>) -> Result<(), Fault> {
    let lists = ["layers", "manifests"].into_iter();
    let listed = lists.flat_map(|key| object.get(key).and_then(Value::as_array).into_iter().flatten());
    let single = ["config", "subject"]
        .into_iter()
        .filter_map(|key| object.get(key));
    for descriptor in listed.chain(single) {
        let Some(data) = descriptor.get("data").filter(|data| !data.is_null()) else {
            continue;
        };
        let digest: Option<Digest> = descriptor
            .get("digest")
            .and_then(Value::as_str)
            .and_then(|d| d.parse().ok());
        let bytes = data.as_str().and_then(|text| STANDARD.decode(text).ok());
        let fits = digest
            .as_ref()
            .zip(bytes.as_ref())
            .is_some_and(|(d, b)| Digest::of(d.algorithm(), b) == *d);
        if !fits {
            let name = digest.map_or_else(|| "a descriptor".to_owned(), |d| d.to_string());
            return Err(Fault::malformed(format!(
                "the data embedded for {name} is not what the digest names: refused"
            )));
        }
    }
    Ok(())
}

/// The fault for content that does not hash to its name. It is never shown as content.
pub(crate) fn content_mismatch(wanted: &Digest, actual: &Digest) -> Fault {
    Fault::mismatch(format!(
        "the content hashes to {actual}, not to its name: refused"
    ))
    .at(wanted.to_string())
}

fn not_json(raw: &[u8], error: &serde_json::Error) -> Fault {
    let start: String = String::from_utf8_lossy(raw.get(..40).unwrap_or(raw))
        .trim()
        .to_owned();
    let what = if start.starts_with('<') {
        "an HTML or XML page where a manifest was expected"
    } else {
        "the manifest is not JSON"
    };
    Fault::malformed(format!(
        "{what}: {} at line {}, column {}; it starts with {start:?}",
        json_reason(error),
        error.line(),
        error.column()
    ))
}

fn broken(error: &serde_json::Error) -> Fault {
    Fault::new(
        FaultKind::Malformed,
        format!("the manifest breaks the specification: {}", json_reason(error)),
    )
}

/// serde_json's message without its trailing position.
fn json_reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

impl Index {
    /// The children that run, without BuildKit's attestations: those marked both by the reference type
    /// annotation and by the platform `unknown/unknown`. One of the two marks alone hides nothing from
    /// runtimes: a child without a platform is taken by its config's, and the annotation is not looked at.
    pub fn runnable(&self) -> impl Iterator<Item = &Descriptor> {
        self.manifests.iter().filter(|d| !is_attestation(d))
    }

    /// BuildKit's attestation manifests.
    pub fn attestations(&self) -> impl Iterator<Item = &Descriptor> {
        self.manifests.iter().filter(|d| is_attestation(d))
    }
}

fn is_attestation(descriptor: &Descriptor) -> bool {
    descriptor
        .annotations
        .get("vnd.docker.reference.type")
        .is_some_and(|t| t == "attestation-manifest")
        && descriptor
            .platform
            .as_ref()
            .is_some_and(super::Platform::is_unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(raw: &str, served_as: Option<&str>) -> String {
        Document::parse(raw.as_bytes().to_vec(), served_as, &Limits::default())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn ambiguous_documents_are_refused() {
        assert_eq!(
            refused(r#"{"schemaVersion":2,"manifests":[],"layers":[]}"#, None),
            "the document has both `manifests` and `layers` or `config`: clients disagree on what it is (CVE-2021-41190), so it is refused"
        );
        assert_eq!(
            refused(
                r#"{"manifests":[]}"#,
                Some("application/vnd.oci.image.manifest.v1+json; charset=utf-8")
            ),
            "the document calls itself application/vnd.oci.image.manifest.v1+json; charset=utf-8 but has the shape of application/vnd.oci.image.index.v1+json: refused (CVE-2021-41190)"
        );
    }

    #[test]
    fn keys_that_clients_read_in_two_ways_are_refused() {
        let twice = "stands there twice, letter case aside";
        let miscased = "only some take for the field of that name";
        for (raw, key, why) in [
            (r#"{"manifests":[],"manifests":[]}"#, "/manifests", twice),
            (r#"{"manifests":[],"Manifests":[]}"#, "/Manifests", twice),
            (r#"{"manifests":[],"Annotations":{}}"#, "/Annotations", miscased),
        ] {
            assert_eq!(
                refused(raw, None),
                format!(
                    "the document has the key {key}, which {why}: clients disagree on what it says, so it is refused"
                )
            );
        }
    }

    #[test]
    fn embedded_data_that_is_something_else_is_refused() {
        let empty = Digest::sha256(b"{}");
        let with = |data: &str| {
            format!(
                r#"{{"config":{{"mediaType":"x","digest":"{empty}","size":2,"data":"{data}"}},"layers":[]}}"#
            )
        };
        assert!(Document::parse(with("e30=").into_bytes(), None, &Limits::default()).is_ok());
        for data in ["e30K", "not base64"] {
            assert_eq!(
                refused(&with(data), None),
                format!("the data embedded for {empty} is not what the digest names: refused")
            );
        }
    }

    #[test]
    fn nothing_is_written_in_several_ways() {
        let config = r#""config":{"mediaType":"x","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}"#;
        let read = |raw: String| Document::parse(raw.into_bytes(), None, &Limits::default());
        let document = read(format!(r#"{{{config},"layers":null,"annotations":null}}"#)).unwrap();
        assert_eq!(document.manifest().map(|m| m.layers.len()), Some(0));
        assert_eq!(
            read(format!("{{{config}}}")).unwrap_err().to_string(),
            "the manifest breaks the specification: missing field `layers`"
        );
    }

    #[test]
    fn says_where_it_is_no_json() {
        assert_eq!(
            refused("<html>sign in</html>", None),
            "an HTML or XML page where a manifest was expected: expected value at line 1, column 1; it starts with \"<html>sign in</html>\""
        );
        assert_eq!(refused("[]", None), "the manifest is JSON, but no object");
        assert_eq!(
            refused(r#"{"layers":[]}"#, None),
            "the manifest breaks the specification: missing field `config`"
        );
    }

    #[test]
    fn a_name_that_does_not_fit_is_refused() {
        let document = Document::parse(br#"{"manifests":[]}"#.to_vec(), None, &Limits::default()).unwrap();
        let other = Digest::sha256(b"other");
        assert_eq!(
            document.with_digest(&other).unwrap_err().kind,
            FaultKind::Mismatch
        );
    }
}
