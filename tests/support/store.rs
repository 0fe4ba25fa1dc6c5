//! Artifacts in memory, and the shortest way from two of them to a comparison: no registry, no clock.

#![allow(dead_code, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::io::Write as _;

use serde_json::{Value, json};
use tagdrift::archive::BlobReader;
use tagdrift::compare::job::{Entry, Got, Job, Options, Start, What};
use tagdrift::fault::{Fault, FaultKind};
use tagdrift::limits::Limits;
use tagdrift::oci::{Digest, Document, media_type};
use tagdrift::report::{self, Comparison};

/// Blobs and manifests by digest.
#[derive(Default, Clone)]
pub struct Store {
    pub blobs: BTreeMap<Digest, Vec<u8>>,
}

/// One member of an archive to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub path: Vec<u8>,
    pub kind: tar::EntryType,
    pub mode: u32,
    pub owner: (u64, u64),
    pub mtime: u64,
    pub link: Vec<u8>,
    pub bytes: Vec<u8>,
}

impl Member {
    pub fn file(path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.as_bytes().to_vec(),
            kind: tar::EntryType::Regular,
            mode: 0o644,
            owner: (0, 0),
            mtime: 1_700_000_000,
            link: Vec::new(),
            bytes: bytes.into(),
        }
    }

    pub fn folder(path: &str) -> Self {
        Self {
            kind: tar::EntryType::Directory,
            mode: 0o755,
            ..Self::file(path, "")
        }
    }

    pub fn symlink(path: &str, to: &str) -> Self {
        Self {
            kind: tar::EntryType::Symlink,
            mode: 0o777,
            link: to.as_bytes().to_vec(),
            ..Self::file(path, "")
        }
    }
}

/// Writes members as GNU tar headers, the way most tools do.
pub fn tar_of(members: &[Member]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for member in members {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(member.kind);
        header.set_mode(member.mode);
        header.set_uid(member.owner.0);
        header.set_gid(member.owner.1);
        header.set_mtime(member.mtime);
        header.set_size(member.bytes.len() as u64);
        let path = std::str::from_utf8(&member.path).expect("paths of tests are text");
        if member.kind == tar::EntryType::Symlink || member.kind == tar::EntryType::Link {
            let link = std::str::from_utf8(&member.link).expect("links of tests are text");
            builder
                .append_link(&mut header, path, link)
                .expect("written to memory");
        } else {
            builder
                .append_data(&mut header, path, member.bytes.as_slice())
                .expect("written to memory");
        }
    }
    builder.into_inner().expect("written to memory")
}

pub fn gzip(bytes: &[u8], level: u32, mtime: u32) -> Vec<u8> {
    let mut encoder = flate2::GzBuilder::new()
        .mtime(mtime)
        .write(Vec::new(), flate2::Compression::new(level));
    encoder.write_all(bytes).expect("written to memory");
    encoder.finish().expect("written to memory")
}

/// The digest of what a layer unpacks to.
pub fn diff_id(layer: &[u8]) -> String {
    let wanted = serde_json::from_value(json!({
        "mediaType": "", "digest": Digest::sha256(layer).to_string(), "size": layer.len()
    }))
    .expect("a descriptor");
    let mut reader = BlobReader::new(&wanted, tagdrift::archive::Purpose::Layer, &Limits::default());
    let _ = reader.push(layer);
    reader.finish().packing.uncompressed.to_string()
}

impl Store {
    /// Reads an OCI layout: its blobs, and its tags with their digests.
    pub fn of_layout(folder: &std::path::Path) -> (Self, BTreeMap<String, Digest>) {
        let mut store = Self::default();
        for algorithm in ["sha256", "sha512"] {
            for entry in std::fs::read_dir(folder.join("blobs").join(algorithm))
                .into_iter()
                .flatten()
                .flatten()
            {
                let name = format!("{algorithm}:{}", entry.file_name().to_string_lossy());
                let bytes = std::fs::read(entry.path()).expect("a blob of a fixture can be read");
                store
                    .blobs
                    .insert(name.parse().expect("blobs are named by digest"), bytes);
            }
        }
        let index = std::fs::read(folder.join("index.json")).expect("a layout has an index.json");
        let index: Value = serde_json::from_slice(&index).expect("index.json is JSON");
        let tags = index["manifests"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|m| {
                let tag = m["annotations"]["org.opencontainers.image.ref.name"].as_str()?;
                Some((tag.to_owned(), m["digest"].as_str()?.parse().ok()?))
            })
            .collect();
        (store, tags)
    }

    pub fn blob(&mut self, bytes: Vec<u8>, media_type: &str) -> Value {
        let digest = Digest::sha256(&bytes);
        let descriptor = json!({"mediaType": media_type, "digest": digest.to_string(), "size": bytes.len()});
        self.blobs.insert(digest, bytes);
        descriptor
    }

    pub fn manifest(&mut self, manifest: &Value) -> Digest {
        let raw = manifest.to_string().into_bytes();
        let digest = Digest::sha256(&raw);
        self.blobs.insert(digest.clone(), raw);
        digest
    }

    /// A chart as Helm pushes it.
    pub fn chart(&mut self, tgz: Vec<u8>, created: &str) -> Digest {
        let config = self.blob(
            br#"{"name":"tide","version":"1.0.0","apiVersion":"v2"}"#.to_vec(),
            media_type::HELM_CONFIG,
        );
        let layer = self.blob(tgz, media_type::HELM_CHART);
        self.manifest(&json!({
            "schemaVersion": 2, "config": config, "layers": [layer],
            "annotations": {"org.opencontainers.image.created": created}
        }))
    }

    /// An image of these layers.
    pub fn image(&mut self, layers: Vec<Vec<u8>>, config: Value, created: &str) -> Digest {
        let whole = json!({"architecture": "amd64", "os": "linux", "created": created, "config": config});
        let layers = layers
            .into_iter()
            .map(|l| (l, "application/vnd.oci.image.layer.v1.tar+gzip"))
            .collect();
        self.image_of(layers, whole)
    }

    /// An image of typed layers and a whole config, to which the diff ids are added unless it has some.
    pub fn image_of(&mut self, layers: Vec<(Vec<u8>, &str)>, mut config: Value) -> Digest {
        if config.get("rootfs").is_none() {
            let ids: Vec<String> = layers.iter().map(|(bytes, _)| diff_id(bytes)).collect();
            config["rootfs"] = json!({"type": "layers", "diff_ids": ids});
        }
        let config = self.blob(config.to_string().into_bytes(), media_type::OCI_CONFIG);
        let layers: Vec<Value> = layers.into_iter().map(|(l, t)| self.blob(l, t)).collect();
        self.manifest(&json!({"schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST, "config": config, "layers": layers}))
    }

    /// A document as it stands.
    pub fn raw(&mut self, raw: &str) -> Digest {
        let digest = Digest::sha256(raw.as_bytes());
        self.blobs.insert(digest.clone(), raw.as_bytes().to_vec());
        digest
    }

    /// The JSON of a stored document.
    pub fn json(&self, digest: &Digest) -> Value {
        serde_json::from_slice(&self.blobs[digest]).expect("it was stored as JSON")
    }

    /// How an index names a stored manifest, for a platform such as `linux/arm64/v8`.
    pub fn child(&self, digest: &Digest, platform: &str) -> Value {
        let mut descriptor = json!({
            "mediaType": media_type::OCI_MANIFEST, "digest": digest.to_string(), "size": self.blobs[digest].len()
        });
        let mut parts = platform.split('/').filter(|p| !p.is_empty());
        if let (Some(os), Some(architecture)) = (parts.next(), parts.next()) {
            descriptor["platform"] = json!({"os": os, "architecture": architecture});
            if let Some(variant) = parts.next() {
                descriptor["platform"]["variant"] = variant.into();
            }
        }
        descriptor
    }

    pub fn index(&mut self, children: Vec<Value>) -> Digest {
        self.manifest(&json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": children}))
    }

    /// Compares two manifests of this store.
    pub fn compare(&self, left: &Digest, right: &Digest) -> Comparison {
        self.compare_within(left, right, &Limits::default())
    }

    pub fn compare_within(&self, left: &Digest, right: &Digest, limits: &Limits) -> Comparison {
        let start = |d: &Digest| Start {
            name: d.to_string(),
            entry: Entry::Manifest(d.to_string()),
        };
        let mut job = Job::new(start(left), start(right), Options::default(), limits.clone());
        self.feed(&mut job);
        assert!(job.is_done());
        report::comparison(&job.evidence(), None, limits)
    }

    /// Gives a job all it wants; returns what that was.
    pub fn feed(&self, job: &mut Job) -> Vec<What> {
        let limits = job.limits().clone();
        let limits = &limits;
        let mut asked = Vec::new();
        loop {
            let wants = job.wants();
            if wants.is_empty() {
                return asked;
            }
            asked.extend(wants.iter().map(|want| want.what.clone()));
            for want in wants {
                let got = match want.what {
                    What::Document { name } => Got::Document(self.document(&name, limits)),
                    What::Blob { descriptor, purpose } => {
                        Got::Blob(self.get(&descriptor.digest).map(|bytes| {
                            let mut reader = BlobReader::new(&descriptor, purpose, limits);
                            let _ = reader.push(bytes);
                            reader.finish()
                        }))
                    }
                };
                job.take(want.id, got);
            }
        }
    }

    fn get(&self, digest: &Digest) -> Result<&Vec<u8>, Fault> {
        self.blobs
            .get(digest)
            .ok_or_else(|| Fault::new(FaultKind::Gone, "not in the store"))
    }

    fn document(&self, name: &str, limits: &Limits) -> Result<Document, Fault> {
        let digest: Digest = name.parse().expect("tests name manifests by digest");
        Document::parse(self.get(&digest)?.clone(), None, limits)?.with_digest(&digest)
    }
}
