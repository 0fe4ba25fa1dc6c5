//! OCI image layouts (image-spec, image-layout.md): a folder, or a place on a web server, that holds
//! `index.json` and `blobs/<algorithm>/<hex>`.
//!
//! A layout stands for one repository; its tags are the `org.opencontainers.image.ref.name` annotations
//! of `index.json`. [`LayoutSource`] reads one through [`Files`], which the page implements by fetch, the
//! native program by its file system.
//!
//! ```
//! use tagdrift::{limits::Limits, registry::Layout};
//! let layout = Layout::read(br#"{"schemaVersion":2,"manifests":[]}"#, &Limits::default()).unwrap();
//! assert!(layout.tags().is_empty());
//! ```

use std::collections::HashSet;
use std::future::Future;

use futures_util::lock::Mutex;

use super::listing::is_tag;
use super::source::{Chunks, Source};
use super::{Served, Tags};
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, Document, Reference, Shape};

/// The annotation that names a tag.
const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// The index of a layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// All descriptors of `index.json`, tagged or not, in their order.
    pub manifests: Vec<Descriptor>,
}

impl Layout {
    /// The path of the index below the layout's root.
    pub const INDEX: &'static str = "index.json";

    /// The path of a blob or manifest below the layout's root.
    pub fn path(digest: &Digest) -> String {
        format!("blobs/{}/{}", digest.algorithm().name(), digest.hex())
    }

    /// Reads `index.json`.
    ///
    /// # Errors
    /// As [`Document::parse`]; `Malformed` also when it is a manifest.
    pub fn read(index: &[u8], limits: &Limits) -> Result<Self, Fault> {
        match Document::parse(index.to_vec(), None, limits)?.shape {
            Shape::Index(index) => Ok(Self {
                manifests: index.manifests,
            }),
            Shape::Manifest(_) => Err(Fault::malformed(
                "index.json is a manifest: an OCI layout has an index there",
            )),
        }
    }

    /// Its tags in their order, without repeats.
    pub fn tags(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        self.manifests
            .iter()
            .filter_map(tag_of)
            .filter(|tag| seen.insert(*tag))
            .map(str::to_owned)
            .collect()
    }

    /// What a tag points to. Tools that write a tag again append, so the last one counts.
    pub fn tagged(&self, tag: &str) -> Option<&Descriptor> {
        self.manifests.iter().rev().find(|d| tag_of(d) == Some(tag))
    }
}

/// The tag of a descriptor: the annotation, or its end where a whole reference stands there.
fn tag_of(descriptor: &Descriptor) -> Option<&str> {
    let name = descriptor.annotations.get(REF_NAME)?;
    let tag = match name.rsplit_once(':') {
        Some((_, tag)) => tag,
        None => name,
    };
    is_tag(tag).then_some(tag)
}

/// Files of a layout, by their path below its root.
pub trait Files {
    /// An open file.
    type File<'f>: Chunks
    where
        Self: 'f;

    /// Opens a file; `Gone` when there is none.
    fn open(&self, path: &str) -> impl Future<Output = Result<Self::File<'_>, Fault>>;

    /// The layout's place, for messages.
    fn place(&self) -> String;
}

/// A layout as a source of artifacts. Its index is read once: whoever uses a source for one question sees all of it in the
/// same state, even where the layout is written to meanwhile.
#[derive(Debug)]
pub struct LayoutSource<F> {
    /// Its files.
    pub files: F,
    limits: Limits,
    /// The index, once it was read; locked while it is, so that whoever asks meanwhile waits for it.
    index: Mutex<Option<Layout>>,
}

impl<F: Files> LayoutSource<F> {
    /// A source on these files.
    pub fn new(files: F, limits: Limits) -> Self {
        Self {
            files,
            limits,
            index: Mutex::default(),
        }
    }

    /// The index. What went wrong is not remembered.
    ///
    /// # Errors
    /// As [`Layout::read`]; `Gone` when there is no `index.json`.
    pub async fn layout(&self) -> Result<Layout, Fault> {
        let mut index = self.index.lock().await;
        if let Some(layout) = index.as_ref() {
            return Ok(layout.clone());
        }
        let layout = self.read().await?;
        *index = Some(layout.clone());
        Ok(layout)
    }

    async fn read(&self) -> Result<Layout, Fault> {
        let place = || self.files.place();
        let index = self.whole(Layout::INDEX).await.map_err(|fault| {
            let fault = match fault.kind {
                FaultKind::Gone => Fault::new(FaultKind::Gone, "no OCI layout here: there is no index.json"),
                _ => fault,
            };
            fault.at(place())
        })?;
        Layout::read(&index, &self.limits).map_err(|f| f.at(place()))
    }

    async fn whole(&self, path: &str) -> Result<Vec<u8>, Fault> {
        let limit = self.limits.manifest_bytes;
        let mut file = self.files.open(path).await?;
        let mut bytes = Vec::new();
        while let Some(piece) = file.chunk().await? {
            bytes.extend_from_slice(&piece);
            if bytes.len() as u64 > limit {
                return Err(Fault::too_large("the manifest", format!("{limit} bytes")).at(path));
            }
        }
        Ok(bytes)
    }
}

impl<F: Files> Source for LayoutSource<F> {
    type Blob<'s>
        = F::File<'s>
    where
        Self: 's;

    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn manifest(&self, reference: &Reference) -> Result<Served, Fault> {
        let (digest, media_type) = match (&reference.digest, &reference.tag) {
            (Some(digest), _) => (digest.clone(), None),
            (None, Some(tag)) => {
                let layout = self.layout().await?;
                let found = layout.tagged(tag).ok_or_else(|| {
                    Fault::new(FaultKind::Gone, format!("the layout has no tag {tag:?}"))
                        .at(self.files.place())
                })?;
                (found.digest.clone(), Some(found.media_type.clone()))
            }
            (None, None) => {
                return Err(
                    Fault::malformed("the reference has neither tag nor digest").at(reference.to_string())
                );
            }
        };
        let raw =
            self.whole(&Layout::path(&digest))
                .await
                .map_err(|fault| match fault.kind {
                    FaultKind::Gone => Fault::new(FaultKind::Gone, "the layout does not hold this digest")
                        .at(digest.to_string()),
                    _ => fault,
                })?;
        let document = Document::parse(raw, media_type.as_deref(), &self.limits)
            .map_err(|f| f.at(digest.to_string()))?
            .with_digest(&digest)?;
        Ok(Served {
            document,
            from_cache: false,
            notes: Vec::new(),
        })
    }

    async fn blob(&self, _: &Reference, descriptor: &Descriptor) -> Result<F::File<'_>, Fault> {
        let digest = &descriptor.digest;
        self.files
            .open(&Layout::path(digest))
            .await
            .map_err(|fault| match fault.kind {
                FaultKind::Gone => {
                    Fault::new(FaultKind::Gone, "the layout does not hold this blob").at(digest.to_string())
                }
                _ => fault,
            })
    }

    async fn tags(&self, _: &Reference, mut on_page: impl FnMut(&[String])) -> Result<Tags, Fault> {
        let tags = self.layout().await?.tags();
        on_page(&tags);
        Ok(Tags {
            tags,
            ..Tags::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_an_index() {
        let descriptor = |name: &str, hex: char| {
            serde_json::json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 2,
                "digest": format!("sha256:{}", String::from(hex).repeat(64)),
                "annotations": {REF_NAME: name}})
        };
        let index = serde_json::json!({"schemaVersion": 2, "manifests": [
            descriptor("1.0", 'a'), descriptor("docker.io/library/x:2.0", 'b'), descriptor("1.0", 'c'),
            descriptor("bad tag", 'd'), {"mediaType": "x", "size": 0, "digest": format!("sha256:{}", "e".repeat(64))},
        ]});
        let layout = Layout::read(index.to_string().as_bytes(), &Limits::default()).unwrap();
        assert_eq!(layout.tags(), ["1.0", "2.0"]);
        assert_eq!(layout.tagged("1.0").unwrap().digest.short(), "cccccccccccc");
        assert_eq!(layout.manifests.len(), 5);
        assert_eq!(
            Layout::path(&layout.manifests[4].digest),
            format!("blobs/sha256/{}", "e".repeat(64))
        );
        let manifest = br#"{"config":{"mediaType":"x","size":0,"digest":"sha256:"},"layers":[]}"#;
        assert!(Layout::read(manifest, &Limits::default()).is_err());
    }
}
