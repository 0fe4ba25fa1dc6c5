//! The relay with a folder for public blobs: what it keeps, what it never keeps, over real sockets.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod loopback;

use loopback::{Answer, Running, Scripted, says};
use tagdrift::native::cache::FolderCache;
use tagdrift::native::server::Site;
use tagdrift::native::server::assets::Assets;
use tagdrift::native::server::relay::{Relay, RelayOptions};
use tagdrift::oci::Digest;
use tempfile::TempDir;

const BODY: &str = "the bytes of a layer";

struct Around {
    registry: Scripted,
    relay: Running,
    folder: TempDir,
    cache: FolderCache,
}

/// A relay with a folder of so many bytes before a registry that always answers `body`.
async fn around(body: &'static str, bound: u64) -> Around {
    let registry = Scripted::start(move |_| says(200, &[], body)).await;
    let folder = TempDir::new().unwrap();
    let cache = FolderCache::open(folder.path(), bound).unwrap();
    let relay = Relay::new(RelayOptions {
        allow: vec![registry.address.to_string().parse().unwrap()],
        allow_private: true,
        folder: Some(cache.clone()),
        ..RelayOptions::default()
    });
    Around {
        relay: Running::start(Site::new(Assets::default()).with_relay(relay)).await,
        registry,
        folder,
        cache,
    }
}

impl Around {
    async fn blob(&self, digest: &Digest, headers: &[(&str, &str)]) -> Answer {
        let host = self.registry.address;
        let path = format!("/relay/v1/{host}/v2/acme/kelp/blobs/{digest}");
        self.relay.ask("GET", &path, headers).await
    }

    /// Waits until the copy is in the folder: it is committed after the client has its last byte.
    async fn until_kept(&self) {
        for _ in 0..200 {
            if self.cache.usage().0 > 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("nothing was kept");
    }
}

#[tokio::test]
async fn a_public_blob_is_fetched_once() {
    let around = around(BODY, 1000).await;
    let digest = Digest::sha256(BODY.as_bytes());
    let first = around.blob(&digest, &[]).await;
    assert_eq!((first.status, first.text()), (200, BODY));
    around.until_kept().await;
    let second = around.blob(&digest, &[]).await;
    assert_eq!((second.status, second.text()), (200, BODY));
    for name in [
        "cache-control",
        "vary",
        "content-length",
        "content-security-policy",
    ] {
        assert_eq!(first.header(name), second.header(name), "{name}");
    }
    assert_eq!(
        second.header("docker-content-digest"),
        Some(digest.to_string().as_str())
    );
    assert_eq!(around.registry.seen().len(), 1);
}

#[tokio::test]
async fn credentials_ranges_and_other_hosts_go_past_the_folder() {
    let around = around(BODY, 1000).await;
    let digest = Digest::sha256(BODY.as_bytes());
    let secret = ("Authorization", "Bearer secret");
    around.blob(&digest, &[secret]).await;
    around.blob(&digest, &[("Range", "bytes=0-3")]).await;
    // Had either been kept, this would be answered without the registry.
    around.blob(&digest, &[]).await;
    assert_eq!(around.registry.seen().len(), 3);
    around.until_kept().await;
    around.blob(&digest, &[secret]).await;
    assert_eq!(around.registry.seen().len(), 4, "nobody's rights are guessed");

    let elsewhere = format!("/relay/v1/elsewhere.invalid/v2/a/blobs/{digest}");
    assert_eq!(around.relay.get(&elsewhere).await.status, 403);
}

#[tokio::test]
async fn what_is_not_what_its_name_says_is_not_kept() {
    let around = around(BODY, 1000).await;
    let lie = Digest::sha256(b"something else");
    for _ in 0..2 {
        assert_eq!(around.blob(&lie, &[]).await.text(), BODY);
    }
    assert_eq!(around.registry.seen().len(), 2);
    assert_eq!(around.cache.usage(), (0, 0));
}

#[tokio::test]
async fn a_damaged_copy_is_cut_off_and_forgotten() {
    let around = around(BODY, 1000).await;
    let digest = Digest::sha256(BODY.as_bytes());
    around.blob(&digest, &[]).await;
    around.until_kept().await;
    let path = around.folder.path().join("sha256").join(digest.hex());
    std::fs::write(&path, "the bytes of a liar!").unwrap();
    let broken = around.blob(&digest, &[]).await;
    assert!(broken.body.is_empty(), "damaged content never arrives whole");
    assert!(!path.exists());
    assert_eq!(around.blob(&digest, &[]).await.text(), BODY);
}

#[tokio::test]
async fn the_folder_keeps_its_bound() {
    let around = around(BODY, 10).await;
    let digest = Digest::sha256(BODY.as_bytes());
    assert_eq!(around.blob(&digest, &[]).await.text(), BODY);
    assert_eq!(around.blob(&digest, &[]).await.text(), BODY);
    assert_eq!((around.registry.seen().len(), around.cache.usage()), (2, (0, 0)));
}
