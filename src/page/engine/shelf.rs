//! Artifacts that the reader dropped on the page, by the digest of what they hold.
//!
//! A lone archive goes by its own digest, an image of a layout by its manifest's. So a comparison with a file
//! has an address like any other; where the file is not at hand, dropping it again makes the address work.

use std::collections::BTreeMap;

use web_sys::File;

use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::{ArtifactKind, Descriptor, Digest, Reference};
use crate::page::dropped::{Dropped, Part, length};
use crate::page::protocol::{Facts, Way};
use crate::registry::saved::{self, Saved, digest_of};
use crate::registry::{Files as _, Layout, LayoutSource, Served, SizedFiles as _, Source as _};

/// The registry name that stands for files of the reader's device; it never resolves (RFC 2606).
pub const FILES: &str = "file.invalid";

/// What makes a folder or an archive an OCI layout (image-spec, "oci-layout file").
pub(super) const LAYOUT: &str = "oci-layout";

/// Manifests of one file that are offered.
const OFFERED: usize = 32;

/// One dropped file or folder.
pub(super) struct Shelved {
    /// As the reader knows it.
    pub name: String,
    shape: Shape,
    limits: Limits,
}

enum Shape {
    Layout(LayoutSource<Dropped>),
    Saved(Saved<Dropped>),
    Lone(Dropped, Descriptor),
}

impl Shelved {
    /// Finds out what a file is.
    ///
    /// # Errors
    /// `Malformed` when it starts like one of the kinds and breaks its format, `TooLarge`.
    pub async fn file(name: String, file: File, limits: &Limits) -> Result<Self, Fault> {
        let size = length(&file);
        if size > limits.blob_bytes {
            return Err(Fault::too_large("the file", format!("{} bytes", limits.blob_bytes)).at(name));
        }
        let dropped = Dropped::look(file, limits).await;
        let dropped = dropped.map_err(|fault| fault.at(name.clone()))?;
        Self::of(name, dropped, limits).await
    }

    /// A folder, its files by path below it.
    ///
    /// # Errors
    /// As [`Self::file`].
    pub async fn folder(name: String, files: BTreeMap<String, File>, limits: &Limits) -> Result<Self, Fault> {
        Self::of(name, Dropped::Folder(files), limits).await
    }

    async fn of(name: String, dropped: Dropped, limits: &Limits) -> Result<Self, Fault> {
        let has = |path: &str| dropped.size(path).is_some();
        let shape = if has(LAYOUT) && has(Layout::INDEX) {
            Shape::Layout(LayoutSource::new(dropped, limits.clone()))
        } else if has(saved::MANIFEST) {
            let saved = Saved::read(dropped, limits).await;
            Shape::Saved(saved.map_err(|fault| fault.at(name.clone()))?)
        } else if let (Some(to_hash), Some(whole)) = (dropped.whole(), dropped.whole()) {
            dropped
                .check_lone()
                .await
                .map_err(|fault| fault.at(name.clone()))?;
            let descriptor = Descriptor {
                media_type: "application/octet-stream".to_owned(),
                digest: digest_of(to_hash).await?,
                size: whole.left(),
                annotations: BTreeMap::new(),
                urls: Vec::new(),
                artifact_type: None,
                platform: None,
            };
            Shape::Lone(dropped, descriptor)
        } else {
            return Err(
                Fault::unsupported("a folder, but no OCI layout: it has no oci-layout file").at(name),
            );
        };
        Ok(Self {
            name,
            shape,
            limits: limits.clone(),
        })
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// True where the manifest was made up from a `docker save` archive.
    pub fn is_made_up(&self) -> bool {
        matches!(self.shape, Shape::Saved(_))
    }

    /// The archive, where it is one without a manifest.
    pub fn lone(&self) -> Option<&Descriptor> {
        match &self.shape {
            Shape::Lone(_, descriptor) => Some(descriptor),
            _ => None,
        }
    }

    /// What it holds, as names under [`FILES`].
    ///
    /// # Errors
    /// What reading gives.
    pub async fn references(&self) -> Result<Vec<Reference>, Fault> {
        let reference = |digest: &Digest, tag: Option<String>| Reference {
            registry: FILES.to_owned(),
            repository: repository(&self.name),
            tag,
            digest: Some(digest.clone()),
        };
        Ok(match &self.shape {
            Shape::Lone(_, descriptor) => vec![reference(&descriptor.digest, None)],
            Shape::Saved(saved) => saved
                .documents()
                .iter()
                .zip(saved.names())
                .map(|(document, names)| {
                    let tag = names
                        .first()
                        .and_then(|n| n.rsplit_once(':'))
                        .map(|(_, tag)| tag.to_owned());
                    reference(&document.digest, tag)
                })
                .collect(),
            Shape::Layout(layout) => {
                let index = layout.layout().await?;
                let signature = |tag: &String| tag.starts_with("sha256-");
                let mut found: Vec<Reference> = Vec::new();
                for descriptor in index.manifests.iter().rev() {
                    let is_this =
                        |tag: &String| index.tagged(tag).is_some_and(|d| d.digest == descriptor.digest);
                    let tag = index.tags().into_iter().find(is_this);
                    let known = found
                        .iter()
                        .any(|r| r.digest.as_ref() == Some(&descriptor.digest));
                    if !known && !tag.as_ref().is_some_and(signature) {
                        found.push(reference(&descriptor.digest, tag));
                    }
                }
                found.truncate(OFFERED);
                found
            }
        })
    }

    /// What is known of a lone archive without reading it.
    pub fn lone_facts(&self, reference: &Reference) -> Option<Facts> {
        let descriptor = self.lone()?;
        Some(Facts {
            reference: reference.clone(),
            digest: descriptor.digest.clone(),
            media_type: descriptor.media_type.clone(),
            kind: ArtifactKind::Artifact,
            size: descriptor.size,
            created: None,
            chart: None,
            version: None,
            platforms: Vec::new(),
            way: Way::Device,
            quota: None,
        })
    }

    pub async fn manifest(&self, reference: &Reference) -> Result<Served, Fault> {
        match &self.shape {
            Shape::Layout(layout) => layout.manifest(reference).await,
            Shape::Saved(saved) => saved
                .documents()
                .iter()
                .find(|document| Some(&document.digest) == reference.digest.as_ref())
                .map(|document| Served {
                    document: document.clone(),
                    from_cache: false,
                    notes: vec![saved::NOTE.to_owned()],
                })
                .ok_or_else(|| Fault::new(FaultKind::Gone, "the file does not hold this digest")),
            Shape::Lone(..) => Err(Fault::unsupported("a lone archive has no manifest")),
        }
    }

    pub async fn blob(&self, reference: &Reference, descriptor: &Descriptor) -> Result<Part, Fault> {
        match &self.shape {
            Shape::Layout(layout) => layout.blob(reference, descriptor).await,
            Shape::Saved(saved) => saved.blob(&descriptor.digest).await,
            Shape::Lone(dropped, own) if own.digest == descriptor.digest => dropped
                .whole()
                .ok_or_else(|| Fault::new(FaultKind::Gone, "the file is gone")),
            Shape::Lone(dropped, _) => dropped.open(&descriptor.digest.to_string()).await,
        }
    }
}

/// A file's name as a repository: lower case, and nothing that a reference could not hold.
fn repository(name: &str) -> String {
    let mut out = String::new();
    for c in name.to_ascii_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => out.push(c),
            '.' | '-' | '_' if !out.is_empty() && !out.ends_with(['.', '-', '_']) => out.push(c),
            _ if !out.is_empty() && !out.ends_with(['.', '-', '_']) => out.push('-'),
            _ => {}
        }
    }
    let kept: String = out.chars().take(100).collect();
    match kept.trim_end_matches(['.', '-', '_']) {
        "" => "file".to_owned(),
        name => name.to_owned(),
    }
}
