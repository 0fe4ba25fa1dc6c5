//! A lone archive: a chart as `helm package` writes it, or any other file.
//!
//! Its manifest is made up: one layer, which is the file, and an empty config. A chart gets the media types
//! of a pushed chart, so that it compares as one; its config is empty all the same, because what Helm would
//! have written there is known only to the Helm that pushes.

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde_json::json;

use super::part::{Part, unreadable};
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::{Digest, Document, media_type};

/// Told with every manifest made here.
pub const NOTE: &str =
    "the manifest was made for a lone archive: its digest is in no registry, and its config is empty";

const EMPTY_CONFIG: &[u8] = b"{}";

/// A lone archive.
#[derive(Debug)]
pub struct Bare {
    path: PathBuf,
    size: u64,
    digest: Digest,
    document: Document,
    limits: Limits,
}

impl Bare {
    /// Reads a file once, for its digest.
    ///
    /// # Errors
    /// `TooLarge`, and what reading gives.
    pub async fn read(path: &Path, limits: &Limits) -> Result<Self, Fault> {
        let size = tokio::fs::metadata(path)
            .await
            .map_err(|error| unreadable(&error))?
            .len();
        if size > limits.blob_bytes {
            return Err(Fault::too_large(
                "the file",
                format!("{} bytes", limits.blob_bytes),
            ));
        }
        let digest = Part::open(path, 0, size).await?.digest().await?;
        let (looked_at, within) = (path.to_owned(), limits.clone());
        let kind = tokio::task::spawn_blocking(move || kind(&looked_at, &within))
            .await
            .map_err(|error| Fault::new(FaultKind::Cancelled, format!("reading was cut short: {error}")))??;
        let (config, layer) = match kind {
            Kind::Chart => (media_type::HELM_CONFIG, media_type::HELM_CHART),
            Kind::Gzip => (media_type::EMPTY, "application/vnd.oci.image.layer.v1.tar+gzip"),
            Kind::Other => (media_type::EMPTY, "application/octet-stream"),
        };
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_MANIFEST,
            "config": {
                "mediaType": config,
                "digest": Digest::sha256(EMPTY_CONFIG),
                "size": EMPTY_CONFIG.len(),
            },
            "layers": [{"mediaType": layer, "digest": digest, "size": size}],
        });
        Ok(Self {
            path: path.to_owned(),
            size,
            digest,
            document: Document::parse(manifest.to_string().into_bytes(), None, limits)?,
            limits: limits.clone(),
        })
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn digest(&self) -> &Digest {
        &self.digest
    }

    pub(super) fn document(&self) -> &Document {
        &self.document
    }

    pub(super) async fn blob(&self, digest: &Digest) -> Result<Part, Fault> {
        if *digest == self.digest {
            return Part::open(&self.path, 0, self.size).await;
        }
        if *digest == Digest::sha256(EMPTY_CONFIG) {
            return Ok(Part::memory(EMPTY_CONFIG));
        }
        Err(Fault::new(FaultKind::Gone, "the file is another blob").at(digest.to_string()))
    }
}

enum Kind {
    Chart,
    Gzip,
    Other,
}

/// Looks for `<folder>/Chart.yaml`, which Helm writes first and tar where it was found, in as much of the archive as could
/// be kept of it. What cannot be read is no chart here; the blob reader says why later.
fn kind(path: &Path, limits: &Limits) -> Result<Kind, Fault> {
    let mut file = std::fs::File::open(path).map_err(|error| unreadable(&error))?;
    let mut magic = [0; 2];
    let read = file.read(&mut magic).map_err(|error| unreadable(&error))?;
    if read < 2 || magic != [0x1f, 0x8b] {
        return Ok(Kind::Other);
    }
    let start = std::io::Cursor::new(magic);
    let mut unpacked = MultiGzDecoder::new(start.chain(file)).take(limits.kept_bytes);
    Ok(match holds_chart(&mut unpacked) {
        true => Kind::Chart,
        false => Kind::Gzip,
    })
}

fn holds_chart(tar: &mut impl Read) -> bool {
    let mut header = [0; 512];
    while tar.read_exact(&mut header).is_ok() {
        let Some(name) = header.get(..100).and_then(|name| name.split(|b| *b == 0).next()) else {
            return false;
        };
        let name = name.strip_prefix(b"./").unwrap_or(name);
        let mut parts = name.split(|b| *b == b'/');
        if let (Some(folder), Some(b"Chart.yaml"), None) = (parts.next(), parts.next(), parts.next())
            && !folder.is_empty()
        {
            return true;
        }
        let digits = header.get(124..136).unwrap_or_default();
        let digits = String::from_utf8_lossy(digits);
        let digits = digits.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        let Ok(size) = u64::from_str_radix(if digits.is_empty() { "0" } else { digits }, 8) else {
            return false;
        };
        let Some(padded) = size.checked_next_multiple_of(512) else {
            return false;
        };
        if std::io::copy(&mut tar.take(padded), &mut std::io::sink()).ok() != Some(padded) {
            return false;
        }
    }
    false
}
