//! Fingerprints of what real tools made (`tests/fixtures`), and of configs and manifests by hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::*;
use crate::archive::{BlobReader, Purpose};
use crate::compare::evidence::Layer;
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, media_type};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn layer(bytes: &[u8], media_type: &str) -> Layer {
    let descriptor = Descriptor {
        media_type: media_type.to_owned(),
        digest: Digest::sha256(bytes),
        size: bytes.len() as u64,
        annotations: Default::default(),
        urls: Vec::new(),
        artifact_type: None,
        platform: None,
    };
    let mut reader = BlobReader::new(&descriptor, Purpose::Files, &Limits::default());
    reader.push(bytes).unwrap();
    Layer {
        descriptor,
        read: Some(Ok(Arc::new(reader.finish()))),
        claimed: None,
    }
}

/// A bare archive.
fn packed(name: &str) -> Artifact {
    let bytes = std::fs::read(fixtures().join("packers").join(name)).unwrap();
    Artifact {
        document: None,
        made_up: false,
        config: None,
        layers: vec![layer(&bytes, media_type::HELM_CHART)],
    }
}

fn artifact(manifest: &[u8], blob: impl Fn(&Descriptor) -> Option<Vec<u8>>) -> Artifact {
    let document = Document::parse(manifest.to_vec(), None, &Limits::default()).unwrap();
    let manifest = document.manifest().unwrap().clone();
    let read = |d: &Descriptor, purpose| {
        let bytes = blob(d)?;
        let mut reader = BlobReader::new(d, purpose, &Limits::default());
        reader.push(&bytes).unwrap();
        Some(Ok(Arc::new(reader.finish())))
    };
    Artifact {
        config: read(&manifest.config, Purpose::Document),
        layers: manifest
            .layers
            .iter()
            .map(|d| Layer {
                descriptor: d.clone(),
                read: read(d, Purpose::Files),
                claimed: None,
            })
            .collect(),
        document: Some(document),
        made_up: false,
    }
}

/// One side of a pair in `tests/fixtures`.
fn side(pair: &str, tag: &str) -> Artifact {
    let layout = fixtures().join(pair).join("layout");
    let blob = |digest: &str| std::fs::read(layout.join("blobs").join(digest.replace(':', "/"))).unwrap();
    let index: serde_json::Value =
        serde_json::from_slice(&std::fs::read(layout.join("index.json")).unwrap()).unwrap();
    let digest = index["manifests"]
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["annotations"]["org.opencontainers.image.ref.name"] == tag)
        .unwrap()["digest"]
        .as_str()
        .unwrap();
    artifact(&blob(digest), |d| Some(blob(&d.digest.to_string())))
}

fn told(pair: &str) -> (Option<String>, Option<String>) {
    (
        identify(&side(pair, "left")).words(),
        identify(&side(pair, "right")).words(),
    )
}

fn note(name: &str) -> Option<String> {
    pair(&side(name, "left"), &side(name, "right")).map(|n| {
        assert_eq!((n.topic.as_str(), n.snippet.as_str()), ("fingerprint", ""));
        n.text
    })
}

#[test]
fn packers_are_known_by_their_habits() {
    for (file, wanted) in [
        ("helm-3.17.tgz", Some("Helm 4.2.3 or earlier")),
        ("helm-4.0.tgz", Some("Helm 4.0 to 4.2.3")),
        ("gnu-tar.tgz", Some("GNU tar")),
        ("gnu-tar-posix.tgz", Some("GNU tar")),
        ("gnu-tar-ustar.tgz", None),
        ("bsdtar.tgz", Some("bsdtar")),
        ("python.tgz", Some("Python's tarfile")),
        ("go.tgz", Some("Go's archive/tar")),
    ] {
        let found = identify(&packed(file));
        assert_eq!(found.packed_by().as_deref(), wanted, "{file}");
        assert_eq!(
            found.because.len(),
            usize::from(wanted.is_some()),
            "{file}: {:?}",
            found.because
        );
        assert_eq!(found.pushed_by(), None, "{file}");
    }
}

#[test]
fn an_archive_that_was_not_read_whole_tells_nothing() {
    let bytes = std::fs::read(fixtures().join("packers/gnu-tar.tgz")).unwrap();
    let cut = &bytes[..bytes.len() - 9];
    let mut artifact = packed("gnu-tar.tgz");
    artifact.layers = vec![layer(cut, media_type::HELM_CHART)];
    assert_eq!(identify(&artifact), Fingerprint::default());
}

#[test]
fn a_new_extra_field_means_a_new_helm() {
    let mut bytes = std::fs::read(fixtures().join("packers/helm-3.17.tgz")).unwrap();
    let old = usize::from(bytes[10]);
    let mut extra = b"rr".to_vec();
    extra.extend(u16::try_from(old).unwrap().to_le_bytes());
    extra.extend(&bytes[12..12 + old]);
    bytes[10] = u8::try_from(extra.len()).unwrap();
    bytes.splice(12..12 + old, extra);
    let mut artifact = packed("helm-3.17.tgz");
    artifact.layers = vec![layer(&bytes, media_type::HELM_CHART)];
    assert_eq!(
        identify(&artifact).words().as_deref(),
        Some("Helm 4.2.4 or later")
    );
    assert_eq!(
        pair(&packed("helm-3.17.tgz"), &artifact).unwrap().text,
        "One side was packed by Helm 4.2.4 or later, which writes another extra field into the gzip header: that alone gives another digest."
    );
}

#[test]
fn two_tools_are_told() {
    assert_eq!(
        pair(&packed("helm-4.0.tgz"), &packed("gnu-tar.tgz"))
            .unwrap()
            .text,
        "Packed by Helm 4.0 to 4.2.3 on the left and by GNU tar on the right: two tools write the same files into different bytes."
    );
}

#[test]
fn real_pushes() {
    let helm = Some("Helm 4.2.3 or earlier, pushed by Helm 3.13 or later".to_owned());
    assert_eq!(told("charts/pushed-twice"), (helm.clone(), helm.clone()));
    assert_eq!(
        told("charts/helm-3.14-against-4.0").0,
        Some("Helm 4.2.3 or earlier, pushed by Helm 3.13 or later".to_owned())
    );
    let zones = told("charts/created-in-another-zone");
    assert!(
        [zones.0, zones.1]
            .iter()
            .flatten()
            .any(|t| t.ends_with("pushed by Helm 3.15 or later")),
    );
}

#[test]
fn pushed_twice() {
    assert_eq!(
        note("charts/pushed-twice").as_deref(),
        Some(
            "The same .tgz was pushed twice by Helm, which stamps `created`: 3.13 and 3.14 with the time of the push, later ones with the file's time, which a new download or copy changes: only that differs."
        )
    );
    assert_eq!(
        note("charts/created-in-another-zone").as_deref(),
        Some(
            "The same .tgz was pushed twice by Helm 3.15 or later from two time zones, and `created` is one instant written in both: only that differs."
        )
    );
    assert_eq!(note("charts/same-digest"), None);
}

#[test]
fn packed_twice() {
    // The sample incident: the same source, packed and pushed twice.
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/demo");
    let samples: serde_json::Value =
        serde_json::from_slice(&std::fs::read(demo.join("samples.json")).unwrap()).unwrap();
    let sample = &samples["samples"][0];
    let layout = demo.join(sample["repository"].as_str().unwrap());
    let blob = |digest: &str| std::fs::read(layout.join("blobs").join(digest.replace(':', "/"))).unwrap();
    let side = |key: &str| {
        artifact(&blob(sample[key].as_str().unwrap()), |d| {
            Some(blob(&d.digest.to_string()))
        })
    };
    assert_eq!(
        pair(&side("from"), &side("to")).unwrap().text,
        "Packed twice by Helm. Helm 3 stamps every file with the moment of packing, so each package of the same source has another digest."
    );
}

#[test]
fn helm_by_its_annotations() {
    let manifest = |annotations: &str| {
        format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"sha256:{0}","size":1}},"layers":[]{annotations}}}"#,
            "0".repeat(64)
        )
    };
    let by = |annotations: &str| identify(&artifact(manifest(annotations).as_bytes(), |_| None)).pushed_by();
    assert_eq!(by("").as_deref(), Some("Helm 3.11 or earlier"));
    assert_eq!(by(r#","annotations":{"t":"x"}"#).as_deref(), Some("Helm 3.12"));
    let created = |when: &str| {
        by(&format!(
            r#","annotations":{{"org.opencontainers.image.created":"{when}"}}"#
        ))
    };
    assert_eq!(
        created("2026-11-22T15:59:57Z").as_deref(),
        Some("Helm 3.13 or later")
    );
    assert_eq!(
        created("2026-11-22T16:59:57+01:00").as_deref(),
        Some("Helm 3.15 or later")
    );
    assert_eq!(created("2026-11-22T15:59:57.5Z"), None);
    assert_eq!(created("yesterday"), None);
    let indented = manifest("").replace("\"config\"", " \"config\"");
    assert_eq!(identify(&artifact(indented.as_bytes(), |_| None)).pusher, None);
}

fn image(config: &str) -> Fingerprint {
    let manifest = format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},"layers":[]}}"#,
        Digest::sha256(config.as_bytes()),
        config.len()
    );
    identify(&artifact(manifest.as_bytes(), |_| {
        Some(config.as_bytes().to_vec())
    }))
}

#[test]
fn image_builders() {
    for (config, wanted) in [
        (
            r#"{"history":[{"created_by":"COPY a /a # buildkit"}]}"#,
            Some("BuildKit"),
        ),
        (
            r#"{"history":[{"created_by":"CMD [\"x\"]","comment":"buildkit.dockerfile.v0"}]}"#,
            Some("BuildKit"),
        ),
        // What a base image was built by says nothing about the image.
        (
            r#"{"history":[{"created_by":"COPY a /a # buildkit"},{"author":"ko","created_by":"ko build ko://x"}]}"#,
            Some("ko"),
        ),
        (r#"{"history":[{"author":"kaniko"}]}"#, Some("kaniko")),
        (
            r#"{"history":[{"author":"Jib","created_by":"jib-maven-plugin:3.4.0"}]}"#,
            Some("Jib"),
        ),
        (r#"{"history":[{"author":"apko"}]}"#, Some("apko")),
        (
            r#"{"config":{"Labels":{"io.buildah.version":"1.33.0"}},"history":[{"created_by":"/bin/sh -c #(nop) CMD x"}]}"#,
            Some("Buildah"),
        ),
        (
            r#"{"config":{"Labels":{"io.buildah.version":"1.33.0"}},"history":[{"created_by":"crane append"}]}"#,
            None,
        ),
        (
            r#"{"config":{"Labels":{"io.buildpacks.lifecycle.metadata":"{}"}}}"#,
            Some("Cloud Native Buildpacks"),
        ),
        (
            r#"{"docker_version":"20.10.7","history":[{"created_by":"/bin/sh -c #(nop)  CMD [\"sh\"]"}]}"#,
            Some("Docker's classic builder"),
        ),
        (r#"{"history":[]}"#, None),
        ("[]", None),
    ] {
        assert_eq!(image(config).packed_by().as_deref(), wanted, "{config}");
    }
}

#[test]
fn flux_and_oras_by_their_manifests() {
    let by = |kind: &str, layer: &str| {
        let manifest = format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"{kind}","digest":"sha256:{0}","size":1}},"layers":[{{"mediaType":"application/x","digest":"sha256:{0}","size":1,"annotations":{{{layer}}}}}],"annotations":{{"org.opencontainers.image.created":"2026-01-01T00:00:00Z"}}}}"#,
            "0".repeat(64)
        );
        identify(&artifact(manifest.as_bytes(), |_| None)).pushed_by()
    };
    assert_eq!(
        by("application/vnd.cncf.flux.config.v1+json", "").as_deref(),
        Some("Flux")
    );
    let titled = r#""org.opencontainers.image.title":"a.txt""#;
    assert_eq!(by("application/vnd.example", titled).as_deref(), Some("ORAS"));
    assert_eq!(by("application/vnd.example", ""), None);
    let unpacked = r#""io.deis.oras.content.digest":"sha256:0""#;
    assert_eq!(by("application/vnd.example", unpacked).as_deref(), Some("ORAS"));
}

#[test]
fn an_index_with_attestations_is_buildkits() {
    let index = |kind: &str| {
        let raw = format!(
            r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:{}","size":1,"platform":{{"os":"unknown","architecture":"unknown"}},"annotations":{{"vnd.docker.reference.type":"{kind}"}}}}]}}"#,
            "0".repeat(64)
        );
        let document = Document::parse(raw.into_bytes(), None, &Limits::default()).unwrap();
        identify_document(&document).words()
    };
    assert_eq!(index("attestation-manifest").as_deref(), Some("BuildKit"));
    assert_eq!(index("other"), None);
}
