//! `docker save` archives of the old kind (also `podman save`, `crane pull`, kaniko): `manifest.json` names
//! config and layers, and no registry manifest exists.
//!
//! The manifest is made up from it in the Docker form. A layer's digest is that of its bytes here: the
//! config's `diff_ids` where the layer is not compressed, else its own hash.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::json;

use super::layout::Files;
use super::source::Chunks;
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::{Algorithm, Digest, Document, Hasher, media_type};

/// What makes an archive one of these.
pub const MANIFEST: &str = "manifest.json";

/// Told with every manifest made here.
pub const NOTE: &str = "the manifest was made from a docker save archive: its digest is in no registry";

/// Files whose sizes are known without opening them.
pub trait SizedFiles: Files {
    /// The size of a file; `None` when there is none.
    fn size(&self, path: &str) -> Option<u64>;
}

/// A `docker save` archive.
#[derive(Debug)]
pub struct Saved<F> {
    files: F,
    limits: Limits,
    documents: Vec<Document>,
    names: Vec<Vec<String>>,
    /// Member names by digest.
    blobs: HashMap<Digest, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Image {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    rootfs: RootFs,
}

#[derive(Default, Deserialize)]
struct RootFs {
    #[serde(default)]
    diff_ids: Vec<Digest>,
}

impl<F: SizedFiles> Saved<F> {
    /// Reads the images of an archive.
    ///
    /// # Errors
    /// `Malformed` when a part is missing or broken; `TooLarge`.
    pub async fn read(files: F, limits: &Limits) -> Result<Self, Fault> {
        let listed = whole(files.open(MANIFEST).await?, "manifest.json", limits.manifest_bytes).await?;
        let images: Vec<Image> = serde_json::from_slice(&listed).map_err(|error| {
            Fault::malformed(format!("manifest.json is not that of docker save: {error}"))
        })?;
        let mut saved = Self {
            files,
            limits: limits.clone(),
            documents: Vec::new(),
            names: Vec::new(),
            blobs: HashMap::new(),
        };
        for image in images {
            saved.add(image).await?;
        }
        Ok(saved)
    }

    async fn add(&mut self, image: Image) -> Result<(), Fault> {
        let config = self.member(&image.config).await?;
        let raw = whole(config, "the config", self.limits.config_bytes).await?;
        let config: Config = serde_json::from_slice(&raw)
            .map_err(|error| Fault::malformed(format!("{} is no image config: {error}", image.config)))?;
        let config_digest = Digest::sha256(&raw);
        let mut layers = Vec::new();
        for (at, name) in image.layers.iter().enumerate() {
            let size = self.files.size(name).ok_or_else(|| missing(name))?;
            let packing = packing(&mut self.member(name).await?).await?;
            let digest = match config.rootfs.diff_ids.get(at).filter(|_| packing.is_empty()) {
                Some(diff_id) => diff_id.clone(),
                None => digest_of(self.member(name).await?).await?,
            };
            layers.push(json!({
                "mediaType": format!("application/vnd.docker.image.rootfs.diff.tar{packing}"),
                "size": size,
                "digest": digest,
            }));
            self.blobs.insert(digest, name.clone());
        }
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type::DOCKER_MANIFEST,
            "config": {"mediaType": media_type::DOCKER_CONFIG, "size": raw.len(), "digest": config_digest},
            "layers": layers,
        });
        self.blobs.insert(config_digest, image.config);
        let document = Document::parse(manifest.to_string().into_bytes(), None, &self.limits)?;
        self.documents.push(document);
        self.names.push(image.repo_tags.unwrap_or_default());
        Ok(())
    }

    async fn member(&self, name: &str) -> Result<F::File<'_>, Fault> {
        self.files.open(name).await.map_err(|fault| match fault.kind {
            FaultKind::Gone => missing(name),
            _ => fault,
        })
    }

    /// The bounds it keeps.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The manifests that were made, in the archive's order.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The images' names, one list for each of [`documents`](Self::documents).
    pub fn names(&self) -> &[Vec<String>] {
        &self.names
    }

    /// Opens a config or a layer.
    ///
    /// # Errors
    /// `Gone` when the archive does not hold it.
    pub async fn blob(&self, digest: &Digest) -> Result<F::File<'_>, Fault> {
        let gone =
            || Fault::new(FaultKind::Gone, "the archive does not hold this blob").at(digest.to_string());
        self.member(self.blobs.get(digest).ok_or_else(gone)?).await
    }
}

fn missing(name: &str) -> Fault {
    Fault::malformed(format!(
        "manifest.json names {name:?}, which is not in the archive"
    ))
}

/// What a media type ends with: by the magic bytes of gzip (RFC 1952) and zstd (RFC 8878).
async fn packing(layer: &mut impl Chunks) -> Result<&'static str, Fault> {
    let first = layer.chunk().await?;
    Ok(match first.as_deref().and_then(|bytes| bytes.get(..4)) {
        Some([0x1f, 0x8b, ..]) => ".gzip",
        Some([0x28, 0xb5, 0x2f, 0xfd]) => ".zstd",
        _ => "",
    })
}

async fn whole(mut file: impl Chunks, what: &str, limit: u64) -> Result<Vec<u8>, Fault> {
    let mut all = Vec::new();
    while let Some(piece) = file.chunk().await? {
        all.extend_from_slice(&piece);
        if all.len() as u64 > limit {
            return Err(Fault::too_large(what, format!("{limit} bytes")));
        }
    }
    Ok(all)
}

/// The sha256 of a file.
///
/// # Errors
/// What reading gives.
pub async fn digest_of(mut file: impl Chunks) -> Result<Digest, Fault> {
    let mut hasher = Hasher::new(Algorithm::Sha256);
    while let Some(piece) = file.chunk().await? {
        hasher.update(&piece);
    }
    Ok(hasher.finish())
}
