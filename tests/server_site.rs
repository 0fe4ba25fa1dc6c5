//! The server over real sockets: the page and its policy, the sample registry, starting and stopping.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod loopback;

use std::time::Duration;

use base64::Engine as _;
use loopback::{Answer, Running, request_text};
use sha2::{Digest as _, Sha256};
use tagdrift::native::server::Site;
use tagdrift::native::server::assets::Assets;
use tagdrift::native::server::connection::Bounds;
use tagdrift::native::server::samples::Samples;
use tagdrift::oci::Digest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const START: &str = "\nimport init from './page-0f3a9c21.js';\nawait init();\n";

fn page() -> Assets {
    let index = format!("<!doctype html><title>t</title><script type=\"module\">{START}</script>");
    [
        ("index.html", index),
        ("page-0f3a9c21_bg.wasm", "plain".to_owned()),
        ("page-0f3a9c21_bg.wasm.br", "brotli".to_owned()),
        ("page-0f3a9c21_bg.wasm.gz", "gzip".to_owned()),
        ("style.css", "p{}".to_owned()),
    ]
    .into_iter()
    .collect()
}

#[tokio::test]
async fn the_page_comes_with_a_policy_that_fits_it() {
    let server = Running::start(Site::new(page())).await;
    let answer = server.get("/?ref=ghcr.io/acme/kelp:1").await;
    assert_eq!(answer.status, 200);
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(START));
    assert_eq!(
        answer.header("content-security-policy").unwrap(),
        format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-{hash}'; style-src 'self'; \
             img-src 'self' data:; font-src 'self'; manifest-src 'self'; \
             connect-src 'self' https: http://localhost:* http://127.0.0.1:*; worker-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    );
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-cache"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let tag = answer.header("etag").unwrap();
    let again = server
        .ask("GET", "/", &[("If-None-Match", &format!("\"x\", W/{tag}"))])
        .await;
    assert_eq!((again.status, again.text()), (304, ""));
    assert_eq!(again.header("etag"), Some(tag));
}

#[tokio::test]
async fn hashed_files_are_kept_and_compressed_ones_preferred() {
    let server = Running::start(Site::new(page())).await;
    let mut tags = Vec::new();
    for (accepts, encoding, body) in [
        ("gzip, br", Some("br"), "brotli"),
        ("gzip, br;q=0", Some("gzip"), "gzip"),
        ("identity", None, "plain"),
    ] {
        let answer = server
            .ask("GET", "/page-0f3a9c21_bg.wasm", &[("Accept-Encoding", accepts)])
            .await;
        assert_eq!((answer.status, answer.text()), (200, body));
        assert_eq!(answer.header("content-encoding"), encoding);
        assert_eq!(answer.header("content-type"), Some("application/wasm"));
        assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
        assert_eq!(
            answer.header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
        tags.push(answer.header("etag").unwrap().to_owned());
    }
    tags.dedup();
    assert_eq!(tags.len(), 3);
    let style = server.ask("HEAD", "/style.css", &[]).await;
    assert_eq!((style.status, style.text()), (200, ""));
    assert_eq!(style.header("content-length"), Some("3"));
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let server = Running::start(Site::new(page())).await;
    for path in [
        "/nothing",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/v2/",
        "/relay/v1/",
    ] {
        let answer = server.get(path).await;
        assert_eq!(
            (answer.status, answer.text()),
            (404, "There is nothing here. The page is at /\n"),
            "{path}"
        );
    }
    let posted = server.ask("POST", "/", &[]).await;
    assert_eq!(
        (posted.status, posted.header("allow"), posted.text()),
        (
            405,
            Some("GET, HEAD"),
            r#"{"errors":[{"code":"METHOD","message":"the page is only read: GET or HEAD"}]}"#
        )
    );
    let health = server.get("/healthz").await;
    assert_eq!((health.status, health.text()), (200, "ok\n"));
    let unbuilt = Running::start(Site::new(Assets::default())).await;
    let answer = unbuilt.get("/").await;
    assert_eq!(answer.status, 503);
    assert!(
        answer.text().contains("Run <code>make demo</code>"),
        "{}",
        answer.text()
    );
}

const CONFIG: &str = "{}";

/// A repository with one tag that was moved.
struct Repository {
    samples: Samples,
    first: String,
    second: String,
}

fn manifest(note: &str) -> String {
    format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{}","size":2}},"layers":[],"annotations":{{"note":"{note}"}}}}"#,
        Digest::sha256(CONFIG.as_bytes())
    )
}

fn repository() -> Repository {
    let (first, second) = (manifest("first"), manifest("second"));
    let entry = |raw: &str, tag: &str| {
        format!(
            r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":{},"annotations":{{"org.opencontainers.image.ref.name":"{tag}"}}}}"#,
            Digest::sha256(raw.as_bytes()),
            raw.len()
        )
    };
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{},{},{}]}}"#,
        entry(&first, "1.0.0"),
        entry(&second, "1.0.0"),
        entry(&first, "0.9.0")
    );
    let blob = |raw: &str| format!("tide/kelp/blobs/sha256/{}", Digest::sha256(raw.as_bytes()).hex());
    let files: Assets = [
        ("tide/kelp/oci-layout".to_owned(), "{}".to_owned()),
        ("tide/kelp/index.json".to_owned(), index),
        (blob(&first), first.clone()),
        (blob(&second), second.clone()),
        (blob(CONFIG), CONFIG.to_owned()),
        (blob("0123456789"), "0123456789".to_owned()),
    ]
    .into_iter()
    .collect();
    Repository {
        samples: Samples::load(&files).unwrap(),
        first,
        second,
    }
}

async fn registry() -> (Running, Repository) {
    let repository = repository();
    let site = Site::new(page()).with_samples(repository.samples.clone());
    (Running::start(site).await, repository)
}

#[tokio::test]
async fn listings_page_as_registries_do() {
    let (server, _) = registry().await;
    for (path, body, link) in [
        ("/v2/", "{}", None),
        ("/v2/_catalog", r#"{"repositories":["tide/kelp"]}"#, None),
        (
            "/v2/tide/kelp/tags/list",
            r#"{"name":"tide/kelp","tags":["0.9.0","1.0.0"]}"#,
            None,
        ),
        (
            "/v2/tide/kelp/tags/list?n=1",
            r#"{"name":"tide/kelp","tags":["0.9.0"]}"#,
            Some("</v2/tide/kelp/tags/list?n=1&last=0.9.0>; rel=\"next\""),
        ),
        (
            "/v2/tide/kelp/tags/list?n=1&last=0.9.0",
            r#"{"name":"tide/kelp","tags":["1.0.0"]}"#,
            None,
        ),
    ] {
        let answer = server.get(path).await;
        assert_eq!(
            (answer.status, answer.text(), answer.header("link")),
            (200, body, link),
            "{path}"
        );
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
}

#[tokio::test]
async fn manifests_come_by_tag_and_by_digest() {
    let (server, repository) = registry().await;
    let (first, second) = (
        Digest::sha256(repository.first.as_bytes()).to_string(),
        Digest::sha256(repository.second.as_bytes()).to_string(),
    );
    let encoded = first.replace(':', "%3A");
    for (name, body, digest, caching) in [
        ("1.0.0", &repository.second, &second, "no-cache"),
        ("0.9.0", &repository.first, &first, "no-cache"),
        (
            first.as_str(),
            &repository.first,
            &first,
            "public, max-age=31536000, immutable",
        ),
        (
            encoded.as_str(),
            &repository.first,
            &first,
            "public, max-age=31536000, immutable",
        ),
    ] {
        let path = format!("/v2/tide/kelp/manifests/{name}");
        let answer = server.get(&path).await;
        assert_eq!((answer.status, answer.text()), (200, body.as_str()), "{path}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/vnd.oci.image.manifest.v1+json")
        );
        assert_eq!(answer.header("docker-content-digest"), Some(digest.as_str()));
        assert_eq!(answer.header("cache-control"), Some(caching));
        let head = server.ask("HEAD", &path, &[]).await;
        assert_eq!((head.status, head.text()), (200, ""));
        assert_eq!(
            head.header("content-length"),
            Some(body.len().to_string().as_str())
        );
        assert_eq!(head.header("docker-content-digest"), Some(digest.as_str()));
    }
    let none = server.get(&format!("/v2/tide/kelp/referrers/{first}")).await;
    assert_eq!(
        none.text(),
        r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#
    );
}

#[tokio::test]
async fn blobs_come_in_parts() {
    let (server, _) = registry().await;
    let digest = Digest::sha256(b"0123456789").to_string();
    let path = format!("/v2/tide/kelp/blobs/{digest}");
    let get = async |range: &str| server.ask("GET", &path, &[("Range", range)]).await;
    let told = |answer: &Answer| {
        (
            answer.status,
            answer.text().to_owned(),
            answer.header("content-range").map(str::to_owned),
        )
    };
    let whole = server.get(&path).await;
    assert_eq!(told(&whole), (200, "0123456789".to_owned(), None));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    let part = |body: &str, range: &str| (206, body.to_owned(), Some(range.to_owned()));
    assert_eq!(told(&get("bytes=2-4").await), part("234", "bytes 2-4/10"));
    assert_eq!(told(&get("bytes=7-").await), part("789", "bytes 7-9/10"));
    assert_eq!(told(&get("bytes=-1").await), part("9", "bytes 9-9/10"));
    assert_eq!(
        told(&get("bytes=1-2,4-5").await),
        (200, "0123456789".to_owned(), None)
    );
    assert_eq!(
        told(&get("bytes=10-").await),
        (
            416,
            r#"{"errors":[{"code":"SIZE_INVALID","message":"the blob has 10 bytes"}]}"#.to_owned(),
            Some("bytes */10".to_owned())
        )
    );
    let head = server.ask("HEAD", &path, &[]).await;
    assert_eq!((head.header("content-length"), head.text()), (Some("10"), ""));
}

#[tokio::test]
async fn registry_errors_are_those_of_the_specification() {
    let (server, _) = registry().await;
    let missing = Digest::sha256(b"missing").to_string();
    for (path, status, code, message) in [
        (
            "/v2/tide/sand/manifests/1",
            404,
            "NAME_UNKNOWN",
            "the sample registry has no repository \\\"tide/sand\\\": see /v2/_catalog",
        ),
        (
            "/v2/tide/kelp/manifests/2.0.0",
            404,
            "MANIFEST_UNKNOWN",
            "tide/kelp has no manifest \\\"2.0.0\\\"",
        ),
        (
            &format!("/v2/tide/kelp/blobs/{missing}"),
            404,
            "BLOB_UNKNOWN",
            &format!("there is no blob {missing}"),
        ),
        (
            "/v2/tide/kelp/blobs/sha256:00",
            400,
            "DIGEST_INVALID",
            "a sha256 digest has 64 hex digits, this one has 2",
        ),
        (
            "/v2/x",
            404,
            "UNSUPPORTED",
            "\\\"/v2/x\\\" is no path of the distribution API",
        ),
    ] {
        let answer = server.get(path).await;
        assert_eq!(
            (answer.status, answer.text()),
            (
                status,
                format!(r#"{{"errors":[{{"code":"{code}","message":"{message}"}}]}}"#).as_str()
            )
        );
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    let put = server.ask("PUT", "/v2/tide/kelp/manifests/1.0.0", &[]).await;
    assert_eq!(
        (put.status, put.header("allow")),
        (405, Some("GET, HEAD, OPTIONS"))
    );
}

#[tokio::test]
async fn browsers_on_other_origins_may_read() {
    let (server, _) = registry().await;
    let preflight = server
        .ask(
            "OPTIONS",
            "/v2/tide/kelp/manifests/1.0.0",
            &[
                ("Origin", "https://elsewhere.test"),
                ("Access-Control-Request-Method", "GET"),
                ("Access-Control-Request-Headers", "authorization"),
            ],
        )
        .await;
    assert_eq!((preflight.status, preflight.text()), (204, ""));
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET, HEAD, OPTIONS"),
        (
            "access-control-allow-headers",
            "Accept, Authorization, Range, If-None-Match",
        ),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'; sandbox",
        ),
        ("cross-origin-resource-policy", "cross-origin"),
        (
            "access-control-expose-headers",
            "Docker-Content-Digest, WWW-Authenticate, Link, OCI-Filters-Applied, Retry-After, RateLimit-Limit, RateLimit-Remaining, ETag, Content-Range, Accept-Ranges, Warning",
        ),
    ] {
        assert_eq!(preflight.header(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn the_embedded_samples_are_whole() {
    let samples = Samples::load(&Assets::samples()).unwrap();
    for name in samples.names() {
        let repository = samples.repository(name).unwrap();
        assert!(repository.tags().count() > 0, "{name} has no tag");
        for tag in repository.tags() {
            assert!(
                repository.manifest(tag).is_some(),
                "{name}:{tag} points to nothing"
            );
        }
    }
}

#[tokio::test]
async fn stopping_lets_answers_finish() {
    let mut server = Running::start(Site::new(page())).await;
    let mut open = TcpStream::connect(server.address).await.unwrap();
    let request = request_text(server.address, "GET", "/style.css", &[]);
    let (start, rest) = request.split_at(10);
    open.write_all(start.as_bytes()).await.unwrap();
    // The server has taken the connection when it answers on a later one.
    assert_eq!(server.get("/healthz").await.status, 200);
    server.stop();
    open.write_all(rest.as_bytes()).await.unwrap();
    let mut raw = Vec::new();
    open.read_to_end(&mut raw).await.unwrap();
    assert_eq!(Answer::read(&raw).text(), "p{}");
    let address = server.address;
    server.ended().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn stopping_waits_no_longer_than_it_must() {
    let mut server =
        Running::start_with(Site::new(page()), Bounds::default(), Duration::from_millis(50)).await;
    let mut open = TcpStream::connect(server.address).await.unwrap();
    open.write_all(b"GET / HT").await.unwrap();
    assert_eq!(server.get("/healthz").await.status, 200);
    server.stop();
    tokio::time::timeout(Duration::from_secs(5), server.ended())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_connection_that_stands_still_is_closed() {
    let bounds = Bounds {
        connections: 1,
        idle: Duration::from_millis(100),
    };
    let server = Running::start_with(Site::new(page()), bounds, Duration::from_secs(1)).await;
    let mut still = TcpStream::connect(server.address).await.unwrap();
    still.write_all(b"GET / HT").await.unwrap();
    // The only place is taken until the standstill is noticed; then this one is answered.
    let answer = tokio::time::timeout(Duration::from_secs(5), server.get("/healthz"))
        .await
        .unwrap();
    assert_eq!(answer.text(), "ok\n");
    let mut raw = Vec::new();
    let _ = still.read_to_end(&mut raw).await;
    assert_eq!(String::from_utf8_lossy(&raw), "");
}

#[tokio::test]
async fn a_request_that_trickles_in_is_cut_off() {
    let bounds = Bounds {
        connections: 1,
        idle: Duration::from_millis(200),
    };
    let server = Running::start_with(Site::new(page()), bounds, Duration::from_secs(1)).await;
    let mut trickle = TcpStream::connect(server.address).await.unwrap();
    let writing = tokio::spawn(async move {
        // Each byte comes well before a standstill would be noticed.
        while trickle.write_all(b"G").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let answer = tokio::time::timeout(Duration::from_secs(5), server.get("/healthz"))
        .await
        .unwrap();
    assert_eq!(answer.text(), "ok\n");
    writing.await.unwrap();
}
