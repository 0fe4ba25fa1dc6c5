//! The sample registry's content: OCI image layouts, one folder per repository.
//!
//! `kelp/index.json` beside `kelp/oci-layout` makes the repository `kelp`, and `kelp/blobs/sha256/<hex>` its
//! blobs (image-spec, image-layout.md). A tag is the annotation `org.opencontainers.image.ref.name`; where a
//! tag stands more than once the last one is current and the earlier ones stay reachable by digest, exactly
//! as in a registry whose tag was moved. Every blob's name is checked against its bytes when loading.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::assets::Assets;
use crate::fault::Fault;
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, Document, Index, Shape};

const TAG: &str = "org.opencontainers.image.ref.name";

/// Repositories by name.
#[derive(Debug, Clone, Default)]
pub struct Samples {
    repositories: BTreeMap<String, Repository>,
}

/// One repository.
#[derive(Debug, Clone, Default)]
pub struct Repository {
    tags: BTreeMap<String, Digest>,
    manifests: BTreeMap<String, Manifest>,
    blobs: BTreeMap<String, Bytes>,
}

/// A manifest or index as it is served.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Its name.
    pub digest: Digest,
    /// Content-Type.
    pub media_type: String,
    /// The raw bytes.
    pub bytes: Bytes,
    /// What it refers to, by digest.
    subject: Option<String>,
    /// How it is listed among the referrers of its subject.
    artifact_type: Option<String>,
    annotations: BTreeMap<String, String>,
}

impl Samples {
    /// Reads every layout among the files.
    ///
    /// # Errors
    /// `Malformed` or `Mismatch` with the file's path: a broken sample is a broken program.
    pub fn load(files: &Assets) -> Result<Self, Fault> {
        let mut repositories = BTreeMap::new();
        for (path, index) in files.iter() {
            let Some(name) = path.strip_suffix("/index.json") else {
                continue;
            };
            if files.get(&format!("{name}/oci-layout")).is_none() {
                continue;
            }
            let repository = Repository::load(files, name, &index.bytes).map_err(|fault| fault.at(path))?;
            repositories.insert(name.to_owned(), repository);
        }
        Ok(Self { repositories })
    }

    /// A repository by name.
    pub fn repository(&self, name: &str) -> Option<&Repository> {
        self.repositories.get(name)
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.repositories.keys().map(String::as_str)
    }
}

impl Repository {
    fn load(files: &Assets, name: &str, index: &[u8]) -> Result<Self, Fault> {
        let index: Index = serde_json::from_slice(index)
            .map_err(|error| Fault::malformed(format!("the layout's index is broken: {error}")))?;
        let mut repository = Self {
            blobs: blobs(files, name)?,
            ..Self::default()
        };
        for descriptor in &index.manifests {
            if let Some(tag) = descriptor.annotations.get(TAG) {
                repository.tags.insert(tag.clone(), descriptor.digest.clone());
            }
        }
        let mut wanted = index.manifests;
        let mut seen = BTreeSet::new();
        while let Some(descriptor) = wanted.pop() {
            if seen.insert(descriptor.digest.to_string()) {
                wanted.extend(repository.add(&descriptor)?);
            }
        }
        Ok(repository)
    }

    /// Adds a manifest; answers with its children when it is an index.
    fn add(&mut self, descriptor: &Descriptor) -> Result<Vec<Descriptor>, Fault> {
        let digest = descriptor.digest.to_string();
        let bytes = self
            .blobs
            .get(&digest)
            .cloned()
            .ok_or_else(|| Fault::malformed(format!("the layout has no blob {digest}")))?;
        let document = Document::parse(bytes.to_vec(), Some(&descriptor.media_type), &Limits::default())?
            .with_digest(&descriptor.digest)?;
        let (subject, artifact_type, children) = match &document.shape {
            Shape::Manifest(manifest) => (
                &manifest.subject,
                manifest
                    .artifact_type
                    .clone()
                    .or_else(|| Some(manifest.config.media_type.clone())),
                Vec::new(),
            ),
            Shape::Index(index) => (
                &index.subject,
                index.artifact_type.clone(),
                index.manifests.clone(),
            ),
        };
        let manifest = Manifest {
            digest: descriptor.digest.clone(),
            subject: subject.as_ref().map(|subject| subject.digest.to_string()),
            artifact_type,
            annotations: document.annotations().clone(),
            media_type: document.media_type,
            bytes,
        };
        self.manifests.insert(digest, manifest);
        Ok(children)
    }

    /// Tags, sorted by their bytes as distribution-spec wants ("Listing Tags").
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.keys().map(String::as_str)
    }

    /// A manifest by tag or digest.
    pub fn manifest(&self, name: &str) -> Option<&Manifest> {
        match self.tags.get(name) {
            Some(digest) => self.manifests.get(&digest.to_string()),
            None => self.manifests.get(name),
        }
    }

    /// A blob by digest. Manifests are among them, as they are on disk.
    pub fn blob(&self, digest: &str) -> Option<&Bytes> {
        self.blobs.get(digest)
    }

    /// What refers to this digest, as descriptors of an index (distribution-spec, "Listing Referrers").
    pub fn referrers(&self, digest: &str) -> Vec<Descriptor> {
        self.manifests
            .values()
            .filter(|manifest| manifest.subject.as_deref() == Some(digest))
            .map(|manifest| Descriptor {
                media_type: manifest.media_type.clone(),
                digest: manifest.digest.clone(),
                size: manifest.bytes.len() as u64,
                annotations: manifest.annotations.clone(),
                urls: Vec::new(),
                artifact_type: manifest.artifact_type.clone(),
                platform: None,
            })
            .collect()
    }
}

/// The blobs of a layout by digest, each checked.
fn blobs(files: &Assets, name: &str) -> Result<BTreeMap<String, Bytes>, Fault> {
    let folder = format!("{name}/blobs/");
    let mut blobs = BTreeMap::new();
    for (path, file) in files.iter() {
        let Some((algorithm, hex)) = path.strip_prefix(&folder).and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        let digest: Digest = format!("{algorithm}:{hex}")
            .parse()
            .map_err(|error| Fault::malformed(format!("{path:?} is no name for a blob: {error}")))?;
        let actual = Digest::of(digest.algorithm(), &file.bytes);
        if actual != digest {
            return Err(Fault::mismatch(format!("the sample hashes to {actual}, not to its name")).at(path));
        }
        blobs.insert(digest.to_string(), file.bytes.clone());
    }
    Ok(blobs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}"#;

    fn layout(entries: &[(&str, Option<&str>)]) -> Assets {
        let manifests: Vec<String> = entries
            .iter()
            .map(|(raw, tag)| {
                let annotations = tag.map_or(String::new(), |tag| {
                    format!(r#","annotations":{{"org.opencontainers.image.ref.name":"{tag}"}}"#)
                });
                format!(
                    r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":{}{annotations}}}"#,
                    Digest::sha256(raw.as_bytes()),
                    raw.len()
                )
            })
            .collect();
        let index = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, manifests.join(","));
        let blobs = entries.iter().map(|(raw, _)| {
            let hex = Digest::sha256(raw.as_bytes()).hex().to_owned();
            (format!("tide/kelp/blobs/sha256/{hex}"), (*raw).to_owned())
        });
        [
            (
                "tide/kelp/oci-layout".to_owned(),
                r#"{"imageLayoutVersion":"1.0.0"}"#.to_owned(),
            ),
            ("tide/kelp/index.json".to_owned(), index),
        ]
        .into_iter()
        .chain(blobs)
        .collect()
    }

    #[test]
    fn the_last_of_a_tag_is_current() {
        let second = MANIFEST.replace("[]", "[ ]");
        let files = layout(&[(MANIFEST, Some("1.0.0")), (&second, Some("1.0.0"))]);
        let samples = Samples::load(&files).unwrap();
        assert_eq!(samples.names().collect::<Vec<_>>(), ["tide/kelp"]);
        let repository = samples.repository("tide/kelp").unwrap();
        assert_eq!(repository.tags().collect::<Vec<_>>(), ["1.0.0"]);
        assert_eq!(repository.manifest("1.0.0").unwrap().bytes, second);
        let first = Digest::sha256(MANIFEST.as_bytes()).to_string();
        assert_eq!(repository.manifest(&first).unwrap().bytes, MANIFEST);
    }

    #[test]
    fn referrers_are_found_by_subject() {
        let subject = Digest::sha256(MANIFEST.as_bytes()).to_string();
        let referrer = MANIFEST.replace(
            r#""layers":[]"#,
            &format!(
                r#""layers":[],"artifactType":"tide/table","subject":{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{subject}","size":{}}}"#,
                MANIFEST.len()
            ),
        );
        let samples = Samples::load(&layout(&[(MANIFEST, None), (&referrer, None)])).unwrap();
        let repository = samples.repository("tide/kelp").unwrap();
        let found = repository.referrers(&subject);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].digest, Digest::sha256(referrer.as_bytes()));
        assert_eq!(found[0].artifact_type.as_deref(), Some("tide/table"));
        assert_eq!(repository.referrers("sha256:00"), []);
    }

    #[test]
    fn a_blob_that_lies_about_its_name_is_refused() {
        let hex = Digest::sha256(b"other").hex().to_owned();
        let files: Assets = [
            ("kelp/oci-layout".to_owned(), "{}"),
            ("kelp/index.json".to_owned(), r#"{"manifests":[]}"#),
            (format!("kelp/blobs/sha256/{hex}"), "this"),
        ]
        .into_iter()
        .collect();
        assert_eq!(
            Samples::load(&files).unwrap_err().to_string(),
            format!(
                "the sample hashes to {}, not to its name (kelp/blobs/sha256/{hex})",
                Digest::sha256(b"this")
            )
        );
    }
}
