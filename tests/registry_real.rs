//! The session against real registries: Debian's `docker-registry`, open and behind a password,
//! distribution 3 and `crane registry serve`. Skipped aloud where they are not installed.
#![cfg(not(target_arch = "wasm32"))]
// Tests fail loudly, and each uses its part of the support only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "support/docker_registry.rs"]
mod docker_registry;

use docker_registry::DockerRegistry;
use tagdrift::fault::FaultKind;
use tagdrift::native::credentials::CredentialFiles;
use tagdrift::native::registry::{Options, RegistryClient};
use tagdrift::oci::{ArtifactKind, Descriptor, Digest, Reference};
use tagdrift::registry::history::{self, Confidence};
use tagdrift::registry::{Chunks as _, Credentials, Secret, Source as _, source};

/// False, said aloud, where the registry is not installed.
fn installed() -> bool {
    let installed = DockerRegistry::program().is_some();
    if !installed {
        eprintln!("SKIPPED: docker-registry is not installed");
    }
    installed
}

/// A registry that nobody has to have; said aloud where it is missing.
fn at_hand(name: &str, registry: Option<DockerRegistry>) -> Option<DockerRegistry> {
    if registry.is_none() {
        eprintln!("SKIPPED: {name} is not at hand");
    }
    registry
}

fn client() -> RegistryClient {
    RegistryClient::new(Options::default()).unwrap()
}

fn reference(registry: &DockerRegistry, rest: &str) -> Reference {
    format!("{}/{rest}", registry.address()).parse().unwrap()
}

async fn whole(client: &RegistryClient, at: &Reference, descriptor: &Descriptor) -> Vec<u8> {
    let mut stream = client.blob(at, descriptor).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(piece) = stream.chunk().await.unwrap() {
        bytes.extend_from_slice(&piece);
    }
    bytes
}

#[tokio::test]
async fn an_open_registry() {
    if !installed() {
        return;
    }
    let registry = DockerRegistry::open().await;
    let layer: Vec<u8> = (0..3_000_000_u32).map(|i| (i * 7 % 251) as u8).collect();
    let (digest, descriptor) = registry.push("tide/table", "1.0.0", &layer).await;
    let client = client();

    let tag = reference(&registry, "tide/table:1.0.0");
    let served = client.manifest(&tag).await.unwrap();
    assert_eq!(served.document.digest, digest);
    assert_eq!(served.notes, Vec::<String>::new());
    assert_eq!(
        client.client.digest_of_tag(&tag).await.unwrap(),
        Some(digest.clone())
    );
    assert_eq!(whole(&client, &tag, &descriptor).await, layer);

    let mut pages = 0;
    let tags = client.tags(&tag, |_| pages += 1).await.unwrap();
    assert_eq!((tags.tags, tags.cut, pages), (vec!["1.0.0".to_owned()], None, 1));

    let told = |fault: tagdrift::fault::Fault| (fault.kind, fault.message);
    let missing = client
        .manifest(&reference(&registry, "tide/table:2"))
        .await
        .unwrap_err();
    let (kind, message) = told(missing);
    assert_eq!(kind, FaultKind::Gone);
    assert_eq!(
        message,
        format!(
            "the repository \"tide/table\" on {} has no tag \"2\"",
            registry.address()
        )
    );

    registry.delete_manifest("tide/table", &digest).await;
    let gone = client.manifest(&tag.at_digest(digest.clone())).await.unwrap_err();
    assert_eq!(
        gone.to_string(),
        format!("the registry no longer has this digest ({digest})")
    );

    let nowhere = client
        .tags(&reference(&registry, "no/such"), |_| {})
        .await
        .unwrap_err();
    assert_eq!(
        told(nowhere),
        (
            FaultKind::Gone,
            format!("{} has no repository \"no/such\"", registry.address())
        )
    );
}

/// Tags, manifests, blobs, pages and what is missing, as every registry should have it.
async fn reads_all(registry: &DockerRegistry) {
    let layer: Vec<u8> = (0..3_000_000_u32).map(|i| (i * 7 % 251) as u8).collect();
    let (digest, descriptor) = registry.push("tide/table", "1.0.0", &layer).await;
    for minor in 0..5 {
        registry.push("tide/table", &format!("2.{minor}"), b"small").await;
    }
    let client = client();
    let tag = reference(registry, "tide/table:1.0.0");
    assert_eq!(client.manifest(&tag).await.unwrap().document.digest, digest);
    assert_eq!(client.client.digest_of_tag(&tag).await.unwrap(), Some(digest));
    assert_eq!(whole(&client, &tag, &descriptor).await, layer);
    let mut tags = client.tags(&tag, |_| {}).await.unwrap();
    tags.tags.sort();
    assert_eq!(tags.tags, ["1.0.0", "2.0", "2.1", "2.2", "2.3", "2.4"]);
    assert_eq!(tags.cut, None);
    let nothing = Digest::sha256(b"never pushed");
    let gone = client
        .manifest(&tag.at_digest(nothing.clone()))
        .await
        .unwrap_err();
    assert_eq!(
        gone.to_string(),
        format!("the registry no longer has this digest ({nothing})")
    );
    let missing = client
        .manifest(&reference(registry, "tide/table:9"))
        .await
        .unwrap_err();
    assert_eq!(
        missing.message,
        format!(
            "the repository \"tide/table\" on {} has no tag \"9\"",
            registry.address()
        )
    );
    let nowhere = client
        .tags(&reference(registry, "no/such"), |_| {})
        .await
        .unwrap_err();
    assert_eq!(
        nowhere.message,
        format!("{} has no repository \"no/such\"", registry.address())
    );
    let none = client.client.referrers(&tag, &nothing).await.unwrap();
    assert_eq!(none.descriptors.len(), 0);
}

#[tokio::test]
async fn distribution_3() {
    if let Some(registry) = at_hand("distribution 3", DockerRegistry::distribution_3().await) {
        reads_all(&registry).await;
    }
}

#[tokio::test]
async fn crane() {
    if let Some(registry) = at_hand("crane", DockerRegistry::crane().await) {
        reads_all(&registry).await;
    }
}

#[tokio::test]
async fn a_registry_behind_a_password() {
    if !installed() {
        return;
    }
    let registry = DockerRegistry::with_password("ada", "tide-and-table").await;
    let (digest, descriptor) = registry.push("tide/table", "1", b"layer").await;
    let tag = reference(&registry, "tide/table:1");

    let fault = client().manifest(&tag).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied);
    assert_eq!(
        fault.message,
        format!(
            "{} wants credentials for \"tide/table\", or it does not exist; it says: authentication required",
            registry.address()
        )
    );

    let with = |password: &str| {
        let credentials = Credentials::Password {
            user: "ada".into(),
            password: Secret::new(password),
        };
        RegistryClient::new(Options {
            signed_in: vec![(registry.address().to_owned(), credentials)],
            ..Options::default()
        })
        .unwrap()
    };
    let fault = with("wrong").manifest(&tag).await.unwrap_err();
    assert_eq!(
        fault.message,
        format!(
            "{} refuses the given credentials for \"tide/table\"; it says: authentication required",
            registry.address()
        )
    );
    let client = with("tide-and-table");
    assert_eq!(client.manifest(&tag).await.unwrap().document.digest, digest);
    assert_eq!(whole(&client, &tag, &descriptor).await, b"layer");

    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    // YWRhOnRpZGUtYW5kLXRhYmxl = ada:tide-and-table
    let auths = format!(
        r#"{{"auths":{{"{}":{{"auth":"YWRhOnRpZGUtYW5kLXRhYmxl"}}}}}}"#,
        registry.address()
    );
    std::fs::write(&config, auths).unwrap();
    let client = RegistryClient::new(Options {
        credential_files: CredentialFiles {
            files: vec![config],
            helper_path: None,
        },
        ..Options::default()
    })
    .unwrap();
    assert_eq!(client.manifest(&tag).await.unwrap().document.digest, digest);
}

#[tokio::test]
async fn nothing_is_fetched_twice() {
    if !installed() {
        return;
    }
    let registry = DockerRegistry::open().await;
    let layer = vec![7; 700_000];
    let (digest, descriptor) = registry.push("tide/table", "1", &layer).await;
    let at = reference(&registry, "tide/table:1").at_digest(digest.clone());
    let folder = tempfile::tempdir().unwrap();
    let client = RegistryClient::new(Options {
        cache: Some(folder.path().to_owned()),
        ..Options::default()
    })
    .unwrap();
    assert!(!client.manifest(&at).await.unwrap().from_cache);
    let read = source::document(&*client, &at, &descriptor, 1 << 20)
        .await
        .unwrap();
    assert_eq!(read, layer);

    // The registry is gone; what was kept still opens.
    drop(registry);
    for _ in 0..2 {
        let served = client.manifest(&at).await.unwrap();
        assert_eq!((served.from_cache, &served.document.digest), (true, &digest));
    }
    assert!(client.blob(&at, &descriptor).await.unwrap().is_local());
    let read = source::document(&*client, &at, &descriptor, 1 << 20)
        .await
        .unwrap();
    assert_eq!(read, layer);

    // Damage on the disk is never shown as content, and costs one failure.
    let file = folder.path().join("sha256").join(descriptor.digest.hex());
    std::fs::write(&file, vec![8; 700_000]).unwrap();
    let fault = source::document(&*client, &at, &descriptor, 1 << 20)
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Mismatch);
    assert!(!file.exists());
    let fault = client.blob(&at, &descriptor).await.map(|_| ()).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
}

#[tokio::test]
async fn earlier_digests_are_found_by_their_signatures() {
    if !installed() {
        return;
    }
    let registry = DockerRegistry::open().await;
    let (first, _) = registry.push("tide/table", "1", b"one").await;
    let (lost, _) = registry.push("tide/table", "1", b"lost").await;
    for digest in [&first, &lost] {
        registry
            .push(
                "tide/table",
                &format!("sha256-{}.sig", digest.hex()),
                b"signature",
            )
            .await;
    }
    registry.push("tide/table", "1", b"two").await;
    registry.delete_manifest("tide/table", &lost).await;
    let client = client();
    let at = reference(&registry, "tide/table:1");
    let tags = client.tags(&at, |_| {}).await.unwrap().tags;
    let mut found: Vec<_> = history::earlier_digests(&*client, &at, &tags, 100)
        .await
        .into_iter()
        .map(|e| (e.digest, e.confidence, e.kind))
        .collect();
    found.sort_by_key(|f| f.0 != first);
    assert_eq!(
        found,
        [
            (first, Confidence::InRepository, Some(ArtifactKind::Image)),
            (lost, Confidence::Gone, None),
        ]
    );
    let none = client.client.referrers(&at, &Digest::sha256(b"x")).await.unwrap();
    assert_eq!((none.descriptors.len(), none.by_tag), (0, true));
}
