//! Local artifacts as sources: OCI layouts (folder, tar), `docker save` archives, lone archives.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::{Path, PathBuf};

use tagdrift::fault::{Fault, FaultKind};
use tagdrift::limits::Limits;
use tagdrift::native::source::{Local, Pick};
use tagdrift::oci::{ArtifactKind, Descriptor, Digest, Reference};
use tagdrift::registry::{Chunks as _, Source as _};
use tempfile::TempDir;

const LAYER: &[u8] = b"not looked into here";
const CONFIG: &str = "{}";

fn manifest(note: &str) -> String {
    format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{}","size":2}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{}","size":{}}}],"annotations":{{"note":"{note}"}}}}"#,
        Digest::sha256(CONFIG.as_bytes()),
        Digest::sha256(LAYER),
        LAYER.len()
    )
}

/// Files of a layout: (manifest's note, tag).
fn layout(entries: &[(&str, Option<&str>)]) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![(
        "oci-layout".to_owned(),
        br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec(),
    )];
    let mut blob = |bytes: &[u8]| {
        let digest = Digest::sha256(bytes);
        files.push((format!("blobs/sha256/{}", digest.hex()), bytes.to_vec()));
        digest
    };
    blob(LAYER);
    blob(CONFIG.as_bytes());
    let manifests: Vec<_> = entries
        .iter()
        .map(|(note, tag)| {
            let raw = manifest(note);
            let mut entry = serde_json::json!({
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": blob(raw.as_bytes()), "size": raw.len(),
            });
            if let Some(tag) = tag {
                entry["annotations"] = serde_json::json!({"org.opencontainers.image.ref.name": tag});
            }
            entry
        })
        .collect();
    let index = serde_json::json!({"schemaVersion": 2, "manifests": manifests});
    files.push(("index.json".to_owned(), index.to_string().into_bytes()));
    files
}

fn folder(files: &[(String, Vec<u8>)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

fn tarball(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, bytes.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

fn file(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

async fn open(path: &Path) -> Result<Local, Fault> {
    Local::open(path, &Limits::default()).await
}

fn tag(name: &str) -> Pick {
    Pick {
        tag: Some(name.to_owned()),
        digest: None,
    }
}

async fn blob(local: &Local, reference: &Reference, descriptor: &Descriptor) -> Result<Vec<u8>, Fault> {
    let mut blob = local.blob(reference, descriptor).await?;
    let mut all = Vec::new();
    while let Some(piece) = blob.chunk().await? {
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

#[tokio::test]
async fn a_layout_is_the_same_as_folder_and_as_tar() {
    let files = layout(&[
        ("first", Some("1.0.0")),
        ("second", Some("1.0.0")),
        ("other", Some("2.0.0")),
    ]);
    let unpacked = folder(&files);
    let elsewhere = TempDir::new().unwrap();
    let packed = file(&elsewhere, "kelp.tar", &tarball(&files));
    for path in [unpacked.path(), packed.as_path()] {
        let local = open(path).await.unwrap();
        assert!(!local.is_made_up());
        let reference = local.reference(&tag("1.0.0")).await.unwrap();
        let served = local.manifest(&reference).await.unwrap();
        assert_eq!(served.document.raw, manifest("second").as_bytes());
        let earlier = Digest::sha256(manifest("first").as_bytes());
        let by_digest = Pick {
            tag: None,
            digest: Some(earlier.clone()),
        };
        let reference = local.reference(&by_digest).await.unwrap();
        let document = local.manifest(&reference).await.unwrap().document;
        assert_eq!(document.digest, earlier);
        let layer = &document.manifest().unwrap().layers[0];
        assert_eq!(blob(&local, &reference, layer).await.unwrap(), LAYER);
        assert_eq!(
            local.tags(&reference, |_| {}).await.unwrap().tags,
            ["1.0.0", "2.0.0"]
        );

        let fault = local.reference(&tag("3.0.0")).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Gone);
        assert_eq!(
            fault.message,
            format!("there is no \"3.0.0\": it holds {earlier}, 1.0.0, 2.0.0")
        );
        assert_eq!(
            local.reference(&Pick::default()).await.unwrap_err().message,
            format!("it holds 3 manifests: pick one with PATH:TAG or PATH@DIGEST ({earlier}, 1.0.0, 2.0.0)")
        );
    }
}

#[tokio::test]
async fn without_a_pick_signatures_do_not_count() {
    let signature = format!("sha256-{}.sig", "0".repeat(64));
    let files = layout(&[
        ("old", None),
        ("now", Some("1.0.0")),
        ("signature", Some(&signature)),
    ]);
    let folder = folder(&files);
    let local = open(folder.path()).await.unwrap();
    let reference = local.reference(&Pick::default()).await.unwrap();
    assert_eq!(reference.digest, Some(Digest::sha256(manifest("now").as_bytes())));
}

#[tokio::test]
async fn nothing_outside_a_layout_is_opened() {
    let secret = TempDir::new().unwrap();
    let outside = file(&secret, "secret", b"secret");
    let mut files = layout(&[("now", Some("1.0.0"))]);
    let layer = format!("blobs/sha256/{}", Digest::sha256(LAYER).hex());
    files.retain(|(name, _)| *name != layer);
    let folder = folder(&files);
    #[cfg(unix)]
    std::os::unix::fs::symlink(&outside, folder.path().join(&layer)).unwrap();
    #[cfg(not(unix))]
    let _ = outside;
    let local = open(folder.path()).await.unwrap();
    let reference = local.reference(&Pick::default()).await.unwrap();
    let document = local.manifest(&reference).await.unwrap().document;
    let fault = blob(&local, &reference, &document.manifest().unwrap().layers[0])
        .await
        .unwrap_err();
    #[cfg(unix)]
    assert_eq!(
        fault.to_string(),
        format!("the layout links to a file outside of it: refused ({layer})")
    );
    #[cfg(not(unix))]
    assert_eq!(fault.kind, FaultKind::Gone);
}

fn saved(layers: &[&[u8]], diff_ids: &[&[u8]]) -> Vec<(String, Vec<u8>)> {
    let diff_ids: Vec<Digest> = diff_ids.iter().map(|layer| Digest::sha256(layer)).collect();
    let config =
        serde_json::json!({"architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": diff_ids}});
    let names: Vec<String> = (0..layers.len()).map(|n| format!("{n}/layer.tar")).collect();
    let manifest = serde_json::json!([{
        "Config": "config.json", "RepoTags": ["localhost:5000/tide/kelp:1.0.0"], "Layers": names,
    }]);
    let mut files = vec![
        ("manifest.json".to_owned(), manifest.to_string().into_bytes()),
        ("config.json".to_owned(), config.to_string().into_bytes()),
    ];
    files.extend(names.into_iter().zip(layers.iter().map(|layer| layer.to_vec())));
    files
}

#[tokio::test]
async fn a_docker_save_archive_gets_a_manifest() {
    let packed = b"\x1f\x8b\x08 packed";
    let files = saved(&[LAYER, packed], &[LAYER, b"unpacked"]);
    let folder = TempDir::new().unwrap();
    let local = open(&file(&folder, "kelp.tar", &tarball(&files))).await.unwrap();
    assert!(local.is_made_up());
    let picks = [
        Pick::default(),
        tag("1.0.0"),
        tag("localhost:5000/tide/kelp:1.0.0"),
    ];
    for pick in picks {
        let reference = local.reference(&pick).await.unwrap();
        let document = local.manifest(&reference).await.unwrap().document;
        assert_eq!(document.kind(), ArtifactKind::Image);
        let image = document.manifest().unwrap();
        let told: Vec<_> = image
            .layers
            .iter()
            .map(|l| (l.media_type.as_str(), l.digest.clone(), l.size))
            .collect();
        assert_eq!(
            told,
            [
                (
                    "application/vnd.docker.image.rootfs.diff.tar",
                    Digest::sha256(LAYER),
                    LAYER.len() as u64
                ),
                (
                    "application/vnd.docker.image.rootfs.diff.tar.gzip",
                    Digest::sha256(packed),
                    packed.len() as u64
                ),
            ]
        );
        assert_eq!(blob(&local, &reference, &image.layers[1]).await.unwrap(), packed);
        let config = blob(&local, &reference, &image.config).await.unwrap();
        assert_eq!(Digest::sha256(&config), image.config.digest);
    }
    assert_eq!(
        local.reference(&tag("2.0.0")).await.unwrap_err().message,
        "there is no \"2.0.0\": it holds localhost:5000/tide/kelp:1.0.0"
    );
    let mut files = saved(&[LAYER], &[LAYER]);
    files.retain(|(name, _)| name != "0/layer.tar");
    let path = file(&folder, "broken.tar", &tarball(&files));
    assert_eq!(
        open(&path).await.unwrap_err().to_string(),
        format!(
            "manifest.json names \"0/layer.tar\", which is not in the archive ({})",
            path.display()
        )
    );
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_lone_archive_is_a_chart_when_it_holds_one() {
    let chart = |name: &str| {
        gzip(&tarball(&[
            ("kelp/templates/a.yaml".to_owned(), vec![b'a'; 700]),
            (name.to_owned(), b"name: kelp".to_vec()),
        ]))
    };
    let folder = TempDir::new().unwrap();
    for (name, bytes, kind) in [
        ("kelp.tgz", chart("kelp/Chart.yaml"), ArtifactKind::Chart),
        (
            "deep.tgz",
            chart("kelp/charts/sub/Chart.yaml"),
            ArtifactKind::Artifact,
        ),
        ("broken.tgz", gzip(b"not a tar archive"), ArtifactKind::Artifact),
        ("note.txt", b"tide".to_vec(), ArtifactKind::Artifact),
        ("empty", Vec::new(), ArtifactKind::Artifact),
    ] {
        let local = open(&file(&folder, name, &bytes)).await.unwrap();
        let reference = local.reference(&Pick::default()).await.unwrap();
        let served = local.manifest(&reference).await.unwrap();
        assert_eq!(served.document.kind(), kind, "{name}");
        assert_eq!(local.archive_digest(), Some(&Digest::sha256(&bytes)));
        let manifest = served.document.manifest().unwrap();
        assert_eq!(manifest.layers[0].digest, Digest::sha256(&bytes));
        assert_eq!(
            blob(&local, &reference, &manifest.layers[0]).await.unwrap(),
            bytes
        );
        assert_eq!(blob(&local, &reference, &manifest.config).await.unwrap(), b"{}");
    }
}

#[tokio::test]
async fn what_is_none_of_them_is_said() {
    let folder = TempDir::new().unwrap();
    let nothing = folder.path().join("nothing.tgz");
    let fault = open(&nothing).await.unwrap_err();
    assert_eq!(
        (fault.kind, fault.to_string()),
        (
            FaultKind::Gone,
            format!("there is no such file ({})", nothing.display())
        )
    );
    assert_eq!(
        open(folder.path()).await.unwrap_err().to_string(),
        format!(
            "a folder, but no OCI layout (it has no oci-layout file): name a chart .tgz, an OCI layout or a docker save tar ({})",
            folder.path().display()
        )
    );
    let limits = Limits {
        blob_bytes: 3,
        ..Limits::default()
    };
    let large = file(&folder, "large", b"tide");
    assert_eq!(
        Local::open(&large, &limits).await.unwrap_err().to_string(),
        format!("the file exceeds the limit of 3 bytes ({})", large.display())
    );
}
