//! OCI image layouts beside the page, read by relative addresses: a source like a registry.
//!
//! The registry name `sample.invalid` (reserved by RFC 2606, so it never resolves) stands for them:
//! `sample.invalid/charts/kelp:1.0.0` is the tag `1.0.0` in `demo/charts/kelp/index.json`. So the samples
//! work on any static host, and a link to one is a link like any other.

use std::collections::BTreeMap;

use gloo_net::http::Request;
use js_sys::Uint8Array;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::ReadableStreamDefaultReader;

use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, Document, Hasher, Index, Reference, Shape};

/// The registry name that stands for the layouts beside the page.
pub const REGISTRY: &str = "sample.invalid";

/// Where the layouts are, relative to the page.
const FOLDER: &str = "demo";

/// The annotation that carries a tag in a layout's index (image-spec, image-layout.md).
const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// One repository of the layouts.
pub struct Layout {
    folder: String,
    index: Index,
}

impl Layout {
    /// Reads the repository's index.
    ///
    /// # Errors
    /// `Gone` when there is no such repository, and what reading can give.
    pub async fn open(reference: &Reference, limits: &Limits) -> Result<Self, Fault> {
        let folder = format!("{FOLDER}/{}", reference.repository);
        let mut raw = Vec::new();
        read(&format!("{folder}/index.json"), limits.manifest_bytes, |chunk| {
            raw.extend_from_slice(chunk);
            Ok(())
        })
        .await?;
        match Document::parse(raw, None, limits)?.shape {
            Shape::Index(index) => Ok(Self { folder, index }),
            Shape::Manifest(_) => Err(Fault::malformed("index.json holds a manifest").at(folder)),
        }
    }

    /// Tag → digest.
    pub fn tags(&self) -> BTreeMap<&str, &Digest> {
        self.index
            .manifests
            .iter()
            .filter_map(|d| Some((d.annotations.get(REF_NAME)?.as_str(), &d.digest)))
            .collect()
    }

    /// Digests that no tag points to (any more), in their order.
    pub fn untagged(&self) -> impl Iterator<Item = &Digest> {
        self.index
            .manifests
            .iter()
            .filter(|d| !d.annotations.contains_key(REF_NAME))
            .map(|d| &d.digest)
    }

    /// The digest a reference means.
    ///
    /// # Errors
    /// `Gone` when the tag is not there.
    pub fn resolve(&self, reference: &Reference) -> Result<Digest, Fault> {
        if let Some(digest) = &reference.digest {
            return Ok(digest.clone());
        }
        let tag = reference.tag.as_deref().unwrap_or_default();
        self.tags().get(tag).map(|d| (*d).clone()).ok_or_else(|| {
            Fault::new(FaultKind::Gone, format!("there is no tag {tag:?}")).at(reference.to_string())
        })
    }

    /// A manifest or index, verified.
    ///
    /// # Errors
    /// `Mismatch` when it does not hash to its name, and what reading can give.
    pub async fn document(&self, digest: &Digest, limits: &Limits) -> Result<Document, Fault> {
        let mut raw = Vec::new();
        let take = |chunk: &[u8]| {
            raw.extend_from_slice(chunk);
            Ok(())
        };
        read(&self.blob_address(digest), limits.manifest_bytes, take).await?;
        Document::parse(raw, None, limits)?.with_digest(digest)
    }

    /// A small blob, verified.
    ///
    /// # Errors
    /// As [`document`](Self::document).
    pub async fn small(&self, descriptor: &Descriptor, limits: &Limits) -> Result<Vec<u8>, Fault> {
        let mut raw = Vec::new();
        let take = |chunk: &[u8]| {
            raw.extend_from_slice(chunk);
            Ok(())
        };
        read(&self.blob_address(&descriptor.digest), limits.config_bytes, take).await?;
        let mut hasher = Hasher::new(descriptor.digest.algorithm());
        hasher.update(&raw);
        let actual = hasher.finish();
        if actual == descriptor.digest {
            Ok(raw)
        } else {
            Err(Fault::mismatch(format!(
                "the content hashes to {actual}, not to its name: refused"
            ))
            .at(descriptor.digest.to_string()))
        }
    }

    /// A blob's bytes as they arrive, not verified: whoever takes them hashes them.
    ///
    /// # Errors
    /// What reading can give, and what `take` gives.
    pub async fn blob(
        &self,
        digest: &Digest,
        limits: &Limits,
        take: impl FnMut(&[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        read(&self.blob_address(digest), limits.blob_bytes, take).await
    }

    fn blob_address(&self, digest: &Digest) -> String {
        format!(
            "{}/blobs/{}/{}",
            self.folder,
            digest.algorithm().name(),
            digest.hex()
        )
    }
}

/// Reads an address below the page, chunk by chunk.
async fn read(
    address: &str,
    limit: u64,
    mut take: impl FnMut(&[u8]) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let unreachable = |what: String| Fault::new(FaultKind::Unreachable, what).at(address);
    let response = Request::get(address)
        .send()
        .await
        .map_err(|e| unreachable(format!("the host of this page does not answer: {e}")))?;
    match response.status() {
        200 => {}
        404 => return Err(Fault::new(FaultKind::Gone, "it is not among the samples").at(address)),
        status => return Err(unreachable(format!("the host of this page answers {status}"))),
    }
    let Some(body) = response.body() else {
        return Ok(());
    };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut total = 0u64;
    loop {
        let part = JsFuture::from(reader.read())
            .await
            .map_err(|e| unreachable(format!("the connection broke off: {e:?}")))?;
        let get = |key: &str| js_sys::Reflect::get(&part, &key.into()).ok();
        if get("done").is_some_and(|done| done.is_truthy()) {
            return Ok(());
        }
        let chunk = get("value")
            .and_then(|value| value.dyn_into::<Uint8Array>().ok())
            .map(|bytes| bytes.to_vec())
            .unwrap_or_default();
        total += chunk.len() as u64;
        if total > limit {
            let _ = reader.cancel();
            return Err(Fault::too_large("the answer", format!("{limit} bytes")).at(address));
        }
        take(&chunk)?;
    }
}
