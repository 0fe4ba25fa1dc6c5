//! The session against a real registry: Debian's `docker-registry`, open and behind a password.
//! Skipped aloud where it is not installed.
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/docker_registry.rs"]
mod docker_registry;

use docker_registry::DockerRegistry;
use tagdrift::fault::FaultKind;
use tagdrift::native::registry::{Options, RegistryClient};
use tagdrift::oci::{Descriptor, Digest, Reference, media_type};

/// False, said aloud, where the registry is not installed.
fn installed() -> bool {
    let installed = DockerRegistry::program().is_some();
    if !installed {
        eprintln!("SKIPPED: docker-registry is not installed");
    }
    installed
}

/// A manifest with one layer, pushed under this tag.
async fn push(registry: &DockerRegistry, repository: &str, tag: &str, layer: &[u8]) -> (Digest, Descriptor) {
    let config = registry.push_blob(repository, b"{}").await;
    let digest = registry.push_blob(repository, layer).await;
    let descriptor = Descriptor {
        media_type: "application/vnd.oci.image.layer.v1.tar".into(),
        digest,
        size: layer.len() as u64,
        annotations: Default::default(),
        urls: Vec::new(),
        artifact_type: None,
        platform: None,
    };
    let raw = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "config": {"mediaType": media_type::OCI_CONFIG, "digest": config, "size": 2},
        "layers": [descriptor],
    });
    let raw = serde_json::to_vec(&raw).unwrap();
    let digest = registry
        .push_manifest(repository, tag, media_type::OCI_MANIFEST, &raw)
        .await;
    (digest, descriptor)
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
    let (digest, descriptor) = push(&registry, "tide/table", "1.0.0", &layer).await;
    let client = client();

    let tag = reference(&registry, "tide/table:1.0.0");
    let served = client.manifest(&tag).await.unwrap();
    assert_eq!(served.document.digest, digest);
    assert_eq!(served.notes, Vec::<String>::new());
    assert_eq!(client.digest_of_tag(&tag).await.unwrap(), Some(digest.clone()));
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

#[tokio::test]
async fn a_registry_behind_a_password_wants_one() {
    if !installed() {
        return;
    }
    let registry = DockerRegistry::with_password("ada", "tide-and-table").await;
    push(&registry, "tide/table", "1", b"layer").await;
    let fault = client()
        .manifest(&reference(&registry, "tide/table:1"))
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied);
    assert_eq!(
        fault.message,
        format!(
            "{} wants credentials for \"tide/table\", or it does not exist; it says: authentication required",
            registry.address()
        )
    );
}
