//! What known registries do in ways of their own, played: each name is that of the registry which is known
//! for it. What needs their real names (realms, official images) is in `registry_exchange`; how they page,
//! in `registry_paging`; how they sign in, in `registry_signing`. And the one habit that is ours: a few requests
//! at a time.
#![cfg(not(target_arch = "wasm32"))]
// Tests fail loudly, and each uses its part of the support only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "support/scripted.rs"]
mod scripted;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use scripted::{Act, INDEX, Played, Scripted, at, descriptor, manifest_fault, read_blob, small};
use tagdrift::fault::FaultKind;
use tagdrift::native::transport::MOST_AT_ONCE;
use tagdrift::oci::{Digest, media_type};
use tagdrift::registry::{Credentials, Notice, Secret, history};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// GHCR: 404 MANIFEST_UNKNOWN unless Accept has the OCI types. Quay: an old schema for whoever takes all.
#[tokio::test]
async fn manifests_are_asked_for_by_their_types() {
    let registry = Scripted::play(|asked, _| match asked.header("accept") {
        Some(accept)
            if accept.contains(media_type::OCI_MANIFEST) && accept.contains(media_type::OCI_INDEX) =>
        {
            Act::reply(200, INDEX).with("Content-Type", media_type::OCI_INDEX)
        }
        Some(accept) if accept.contains("*/*") => Act::reply(200, r#"{"schemaVersion":1,"fsLayers":[]}"#),
        _ => Act::reply(
            404,
            r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#,
        ),
    })
    .await;
    let client = Played::new().client(small());
    for name in ["a/b:1".to_owned(), format!("a/b@{}", Digest::sha256(INDEX))] {
        let served = client.manifest(&at(&registry.host(), &name)).await.unwrap();
        assert_eq!(
            (served.document.digest, served.notes),
            (Digest::sha256(INDEX), vec![])
        );
    }
}

/// GHCR: tokens are any text, without a life, and a sign-in by POST is a 405.
#[tokio::test]
async fn a_realm_that_takes_no_identity_tokens() {
    let registry = Scripted::play(
        |asked, own| match (asked.method.as_str(), asked.path.split('?').next()) {
            ("POST", Some("/token")) => Act::reply(
                405,
                r#"{"errors":[{"code":"UNSUPPORTED","message":"no POST here"}]}"#,
            ),
            (_, Some("/token")) => Act::reply(200, r#"{"token":"bm8gSldU"}"#),
            _ if asked.header("authorization") == Some("Bearer bm8gSldU")
                && asked.path.contains("/open/") =>
            {
                Act::reply(200, INDEX)
            }
            _ => Act::reply(403, r#"{"errors":[{"code":"DENIED"}]}"#).with(
                "WWW-Authenticate",
                format!("Bearer realm=\"http://{own}/token\",service=\"s\""),
            ),
        },
    )
    .await;
    let identity = Credentials::Identity(Secret::new("id"));
    let client = Played::new().signed_in(identity).client(small());
    client.manifest(&at(&registry.host(), "open/b:1")).await.unwrap();
    let fault = client
        .manifest(&at(&registry.host(), "team/b:1"))
        .await
        .unwrap_err();
    assert_eq!(
        (fault.kind, fault.message),
        (
            FaultKind::Denied,
            format!(
                "{} refuses the given credentials for \"team/b\"; it says: no POST here",
                registry.host()
            )
        )
    );
}

/// Docker Hub: HEAD costs no quota and tells what is left of it; a spent quota is a 429 with its own words.
#[tokio::test]
async fn a_quota_that_heads_do_not_count_against() {
    let registry = Scripted::play(|asked, _| match asked.method.as_str() {
        "HEAD" => Act::reply(200, "")
            .with("Docker-Content-Digest", Digest::sha256(INDEX).to_string())
            .with("ratelimit-limit", "100;w=21600")
            .with("ratelimit-remaining", "0;w=21600"),
        _ => Act::reply(
            429,
            r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}"#,
        )
        .with("Retry-After", "21600"),
    })
    .await;
    let client = Played::new().client(small());
    let tag = at(&registry.host(), "a/b:1");
    assert_eq!(
        client.digest_of_tag(&tag).await.unwrap(),
        Some(Digest::sha256(INDEX))
    );
    assert_eq!(registry.lines(), ["HEAD /v2/a/b/manifests/1"]);
    let notices = client.transport.notices.lock().unwrap().clone();
    let [Notice::Quota(quota)] = &notices[..] else {
        panic!("{notices:?}");
    };
    assert_eq!((quota.limit, quota.remaining), (Some(100), Some(0)));
    let fault = client.manifest(&tag).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Busy);
    assert_eq!(
        fault.message,
        format!(
            "{} has had too many requests and asks to come back after 6 h; it says: You have reached your pull rate limit.",
            registry.host()
        )
    );
    // Six hours are not waited for.
    assert_eq!(client.transport.waits(), Vec::<u64>::new());
}

/// ECR refuses to list more than 1000 at once; gcr.io and pkg.dev say more than the specification has.
#[tokio::test]
async fn lists_with_a_bound_and_with_more_in_them() {
    let registry = Scripted::play(|asked, _| {
        let n = asked.path.split("n=").nth(1).and_then(|n| n.parse::<u32>().ok());
        if n.is_none_or(|n| n > 1000) {
            return Act::reply(400, r#"{"errors":[{"code":"PAGINATION_NUMBER_INVALID"}]}"#);
        }
        let list = r#"{"child":["x"],"manifest":{"sha256:00":{"tag":[],"timeUploadedMs":"1"}},"name":"a/b","tags":["1.0"]}"#;
        Act::reply(200, list)
    })
    .await;
    let client = Played::new().client(small());
    let tags = client.tags(&at(&registry.host(), "a/b"), |_| {}).await.unwrap();
    assert_eq!((tags.tags, tags.cut), (vec!["1.0".to_owned()], None));
}

/// registry.k8s.io: sends its readers to another host, and forgets the query on the way.
#[tokio::test]
async fn a_list_that_lives_elsewhere() {
    let store = Scripted::play(|_, _| Act::reply(200, r#"{"tags":["3.9","3.10"]}"#)).await;
    let there = format!("http://{}/v2/store/pause/tags/list", store.host());
    let registry = Scripted::play(move |_, _| Act::reply(307, "").with("Location", there.clone())).await;
    let client = Played::new().client(small());
    let tags = client.tags(&at(&registry.host(), "pause"), |_| {}).await.unwrap();
    assert_eq!(
        (tags.tags, tags.cut),
        (vec!["3.9".to_owned(), "3.10".to_owned()], None)
    );
    assert_eq!(store.lines(), ["GET /v2/store/pause/tags/list"]);
}

/// GHCR lists from the oldest to the newest, 100 at a time: the order is kept, no page is left out.
#[tokio::test]
async fn a_list_in_the_order_of_time() {
    let registry = Scripted::play(|asked, _| {
        let from: usize = asked
            .path
            .split("last=t")
            .nth(1)
            .and_then(|l| l.split('&').next()?.parse().ok())
            .map_or(0, |last: usize| 1000 - last);
        // t1000, t999, …: no order of letters.
        let page: Vec<String> = (from..(from + 100).min(250))
            .map(|i| format!("t{}", 999 - i))
            .collect();
        let last = page.last().cloned().unwrap();
        let reply = Act::reply(200, serde_json::json!({"tags": page}).to_string());
        if from + 100 >= 250 {
            return reply;
        }
        reply.with(
            "Link",
            format!("</v2/a/b/tags/list?last={last}&n=100>; rel=\"next\""),
        )
    })
    .await;
    let client = Played::new().client(small());
    let tags = client.tags(&at(&registry.host(), "a/b"), |_| {}).await.unwrap();
    let all: Vec<String> = (0..250).map(|i| format!("t{}", 999 - i)).collect();
    assert_eq!((tags.tags, tags.cut), (all, None));
}

/// What Zot, Quay and GitLab do to a digest whose tag moved on.
#[tokio::test]
async fn a_digest_that_was_dropped() {
    let digest = Digest::sha256(INDEX);
    for body in [
        r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#,
        r#"{"errors":[{"code":"MANIFEST_UNKNOWN","detail":{}}]}"#,
        "404 page not found",
    ] {
        let registry = Scripted::play(move |_, _| Act::reply(404, body)).await;
        let client = Played::new().client(small());
        let gone = client
            .manifest(&at(&registry.host(), "a/b").at_digest(digest.clone()))
            .await
            .unwrap_err();
        assert_eq!(gone.kind, FaultKind::Gone);
        assert_eq!(
            gone.to_string(),
            format!("the registry no longer has this digest ({digest})")
        );
    }
}

/// Registries without the referrers API: a 404, a 303 that leads nowhere, a page for people. All have the tag.
#[tokio::test]
async fn referrers_by_their_tag() {
    for answer in [
        || Act::reply(404, "404 page not found"),
        || Act::reply(303, "").with("Location", "/packages"),
        || Act::reply(200, "<!doctype html>").with("Content-Type", "text/html"),
        || Act::reply(405, ""),
    ] as [fn() -> Act; 4]
    {
        let subject = Digest::sha256(b"subject");
        let tag = format!("/v2/a/b/manifests/sha256-{}", subject.hex());
        let registry = Scripted::play(move |asked, _| match asked.path.as_str() {
            path if path == tag => Act::reply(200, INDEX).with("Content-Type", media_type::OCI_INDEX),
            "/packages" => Act::reply(200, "<!doctype html>").with("Content-Type", "text/html"),
            _ => answer(),
        })
        .await;
        let client = Played::new().client(small());
        let found = client
            .referrers(&at(&registry.host(), "a/b:1"), &subject)
            .await
            .unwrap();
        assert_eq!((found.descriptors.len(), found.by_tag), (0, true));
    }
}

/// cosign's tags name digests that existed, also after their tag moved.
#[tokio::test]
async fn signature_tags_name_earlier_digests() {
    let earlier = Digest::sha256(INDEX);
    let name = earlier.clone();
    let registry = Scripted::play(move |asked, _| {
        if asked.path.ends_with(&name.to_string()) {
            Act::reply(200, INDEX)
        } else {
            Act::reply(404, "")
        }
    })
    .await;
    let client = Played::new().client(small());
    let names = ["sig", "att", "sbom"].map(|end| format!("sha256-{}.{end}", earlier.hex()));
    for name in names.into_iter().chain([format!("sha256-{}", earlier.hex())]) {
        let found = history::earlier_digests(&client, &at(&registry.host(), "a/b:1"), &[name], 10).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].digest, earlier);
    }
}

/// Storage behind a redirect that knows no Range: the blob starts again, and what was read is passed over.
#[tokio::test]
async fn a_blob_whose_storage_knows_no_range() {
    const BLOB: &[u8] = b"spring tide, neap tide";
    let storage = Scripted::play(|asked, _| {
        let mut bytes = Act::reply(200, BLOB).bytes();
        if asked.number == 0 {
            bytes.truncate(bytes.len() - 10);
        }
        Act::Raw(bytes)
    })
    .await;
    let there = format!("http://{}/stored", storage.host());
    let registry = Scripted::play(move |_, _| Act::reply(307, "").with("Location", there.clone())).await;
    let client = Played::new().client(small());
    let read = read_blob(
        &client,
        &at(&registry.host(), "a/b"),
        &descriptor(BLOB, BLOB.len() as u64),
    )
    .await;
    assert_eq!(read.as_deref(), Ok(BLOB));
    let ranges: Vec<_> = storage
        .asked()
        .iter()
        .map(|a| a.header("range").map(str::to_owned))
        .collect();
    assert_eq!(ranges, [None, Some("bytes=12-".to_owned())]);
}

/// sha512 names content as well as sha256 does, and is checked as strictly.
#[tokio::test]
async fn content_named_by_sha512() {
    let registry = Scripted::play(|_, _| Act::reply(200, INDEX)).await;
    let client = Played::new().client(small());
    let name = |bytes: &[u8]| {
        let mut hasher = tagdrift::oci::Hasher::new(tagdrift::oci::Algorithm::Sha512);
        hasher.update(bytes);
        hasher.finish()
    };
    let right = at(&registry.host(), "a/b").at_digest(name(INDEX));
    assert_eq!(
        client.manifest(&right).await.unwrap().document.digest,
        name(INDEX)
    );
    let wrong = name(b"something else");
    let fault = client
        .manifest(&at(&registry.host(), "a/b").at_digest(wrong.clone()))
        .await
        .unwrap_err();
    assert_eq!(
        fault.to_string(),
        format!(
            "the content hashes to {}, not to its name: refused ({wrong})",
            name(INDEX)
        )
    );
}

/// Harbor: a missing repository and a missing tag are NOT_FOUND, with words that tell them apart.
#[tokio::test]
async fn not_found_without_a_code_of_the_specification() {
    let body = r#"{"errors":[{"code":"NOT_FOUND","message":"artifact a/b:1 not found"}]}"#;
    let (fault, registry, _) = manifest_fault(move |_| Act::reply(404, body)).await;
    assert_eq!(fault.kind, FaultKind::Gone);
    assert_eq!(
        fault.message,
        format!(
            "{} has no tag \"1\" in \"a/b\", or no such repository",
            registry.host()
        )
    );
}

/// No registry sees more than six requests of a reader at a time, however many are wanted.
#[tokio::test]
async fn at_most_six_requests_are_open_to_a_host() {
    const BLOB: &[u8] = b"tide";
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, highest) = (open.clone(), most.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (now, highest) = (now.clone(), highest.clone());
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                highest.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // Answers only when as many are here as will come; more would show in the meantime.
                while highest.load(Ordering::SeqCst) < MOST_AT_ONCE {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                let _ = stream.write_all(&Act::reply(200, BLOB).bytes()).await;
            });
        }
    });
    let client = Played::new().client(small());
    let reference = at(&host, "a/b");
    let blob = descriptor(BLOB, 4);
    let all = (0..20).map(|_| read_blob(&client, &reference, &blob));
    for read in futures_util::future::join_all(all).await {
        assert_eq!(read.as_deref(), Ok(BLOB));
    }
    assert_eq!(most.load(Ordering::SeqCst), MOST_AT_ONCE);
}
