//! The relay over real sockets, against a registry that says what the test wants. Everything is on
//! loopback, so the relay is started with the two options that loopback needs; what is refused without
//! them has tests of its own.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod loopback;

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use loopback::relaying::{endless, open, options, private, refused, relay};
use loopback::{Answer, Scripted, says};
use tagdrift::limits::Limits;
use tagdrift::native::server::relay::RelayOptions;
use tagdrift::native::server::relay::quota::Quotas;
use tagdrift::native::server::relay::upstream::Patience;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const DIGEST: &str = "sha256:3b6cdcc7adcc9a84d3214ee1c029543789d90b5ae69debe9efa3f66e982875de";

#[tokio::test]
async fn it_describes_itself() {
    let relay = relay(options(&["registry.lan:5000", "*.lab.lan"])).await;
    for path in ["/relay/v1/", "/relay/v1"] {
        let answer = relay.get(path).await;
        let told: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let hosts = told["hosts"].as_array().unwrap();
        assert_eq!((answer.status, &told["relay"]), (200, &serde_json::json!(1)));
        assert_eq!(hosts[0], "registry-1.docker.io");
        assert_eq!(hosts[hosts.len() - 2..], ["registry.lan:5000", "*.lab.lan"]);
    }
}

#[tokio::test]
async fn an_answer_passes_with_the_listed_headers_only() {
    let registry = Scripted::start(|_| {
        says(
            206,
            &[
                ("content-type", "application/octet-stream"),
                ("docker-content-digest", DIGEST),
                ("etag", "\"e\""),
                ("content-range", "bytes 0-3/10"),
                ("ratelimit-limit", "100;w=21600"),
                ("link", "</v2/x>; rel=\"next\""),
                ("set-cookie", "session=1"),
                ("server", "scripted"),
                ("access-control-allow-origin", "*"),
                ("cache-control", "private"),
            ],
            "tide",
        )
    })
    .await;
    let host = registry.address.to_string();
    let relay = relay(private(&[&host])).await;
    let path = format!("/relay/v1/{host}/v2/acme/kelp/blobs/{DIGEST}?a=b%2Fc");
    let answer = relay
        .ask(
            "GET",
            &path,
            &[
                ("Accept", "application/json"),
                ("Authorization", "Bearer secret"),
                ("Range", "bytes=0-3"),
                ("If-None-Match", "\"x\""),
                ("Cookie", "session=1"),
                ("Referer", "http://page/?ref=secret"),
                ("X-Forwarded-For", "192.0.2.1"),
                ("Accept-Encoding", "gzip"),
                ("User-Agent", "browser"),
            ],
        )
        .await;
    assert_eq!((answer.status, answer.text()), (206, "tide"));
    assert_eq!(
        registry.seen(),
        [format!(
            "GET /v2/acme/kelp/blobs/{DIGEST}?a=b%2Fc\naccept-encoding: identity\naccept: application/json\n\
             authorization: Bearer secret\nif-none-match: \"x\"\nrange: bytes=0-3\nuser-agent: tagdrift/{}",
            env!("CARGO_PKG_VERSION")
        )]
    );
    assert_eq!(
        answer.header_names(),
        [
            "cache-control",
            "content-disposition",
            "content-length",
            "content-range",
            "content-security-policy",
            "content-type",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
            "docker-content-digest",
            "etag",
            "link",
            "permissions-policy",
            "ratelimit-limit",
            "referrer-policy",
            "vary",
            "x-content-type-options",
            "x-frame-options",
        ]
    );
    for (name, value) in [
        ("cache-control", "private, max-age=31536000, immutable"),
        ("vary", "Authorization, Origin"),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'; sandbox",
        ),
        ("content-disposition", "attachment"),
        ("content-length", "4"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn challenges_and_statuses_pass() {
    let registry = Scripted::start(|path| match path {
        "/v2/" => says(
            401,
            &[
                ("www-authenticate", "Bearer realm=\"https://r/t\""),
                ("www-authenticate", "Basic realm=\"r\""),
            ],
            "{}",
        ),
        "/token" => says(200, &[], r#"{"token":"t"}"#),
        _ => says(429, &[("retry-after", "7")], "slow down"),
    })
    .await;
    let host = registry.address.to_string();
    let relay = relay(private(&[&host])).await;
    let challenge = relay.get(&format!("/relay/v1/{host}/v2/")).await;
    assert_eq!(challenge.status, 401);
    assert_eq!(
        challenge.all("www-authenticate"),
        ["Bearer realm=\"https://r/t\"", "Basic realm=\"r\""]
    );
    let token = relay.get(&format!("/relay/v1/{host}/token")).await;
    assert_eq!(
        (token.text(), token.header("cache-control")),
        (r#"{"token":"t"}"#, Some("no-store"))
    );
    let busy = relay.get(&format!("/relay/v1/{host}/v2/a/tags/list")).await;
    assert_eq!(
        (busy.status, busy.header("retry-after"), busy.text()),
        (429, Some("7"), "slow down")
    );
    assert_eq!(busy.header("tagdrift-relay-error"), None);
}

#[tokio::test]
async fn a_head_is_a_head() {
    let registry = Scripted::start(|_| {
        says(
            200,
            &[("docker-content-digest", DIGEST), ("content-length", "1234")],
            Body::empty(),
        )
    })
    .await;
    let host = registry.address.to_string();
    let relay = relay(private(&[&host])).await;
    let answer = relay
        .ask("HEAD", &format!("/relay/v1/{host}/v2/a/manifests/1"), &[])
        .await;
    assert_eq!((answer.status, answer.text()), (200, ""));
    assert_eq!(answer.header("content-length"), Some("1234"));
    assert_eq!(answer.header("docker-content-digest"), Some(DIGEST));
    assert!(registry.seen()[0].starts_with("HEAD /v2/a/manifests/1\n"));
}

#[tokio::test]
async fn redirects_are_followed_and_credentials_stay() {
    let storage = Scripted::start(|_| says(200, &[("content-type", "text/plain")], "blob")).await;
    let there = storage.address.to_string();
    let registry = Scripted::start(move |path| match path {
        "/v2/a/blobs/away" => says(307, &[("location", &format!("http://{there}/signed?key=1"))], ""),
        "/v2/a/blobs/near" => says(302, &[("location", "/v2/b?x=1")], ""),
        _ => says(200, &[], "here"),
    })
    .await;
    let host = registry.address.to_string();
    let relay = relay(private(&["127.0.0.1"])).await;
    let ask = async |name: &str| {
        let path = format!("/relay/v1/{host}/v2/a/blobs/{name}");
        let headers = [("Authorization", "Basic c2VjcmV0"), ("Range", "bytes=1-")];
        relay.ask("GET", &path, &headers).await
    };
    assert_eq!(ask("away").await.text(), "blob");
    assert_eq!(ask("near").await.text(), "here");
    let agent = format!("user-agent: tagdrift/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        storage.seen(),
        [format!(
            "GET /signed?key=1\naccept-encoding: identity\naccept: */*\nrange: bytes=1-\n{agent}"
        )]
    );
    assert_eq!(
        registry.seen().last().unwrap(),
        &format!(
            "GET /v2/b?x=1\naccept-encoding: identity\naccept: */*\nauthorization: Basic c2VjcmV0\nrange: bytes=1-\n{agent}"
        )
    );
}

#[tokio::test]
async fn clients_are_held_to_their_rate() {
    let registry = Scripted::start(|_| says(200, &[], "ok")).await;
    let host = registry.address.to_string();
    let relay = relay(RelayOptions {
        quotas: Quotas {
            burst: 2,
            per_second: 0.001,
            ..Quotas::default()
        },
        trust_forwarded: true,
        ..private(&[&host])
    })
    .await;
    let path = format!("/relay/v1/{host}/v2/");
    let from = async |client: &str| relay.ask("GET", &path, &[("X-Forwarded-For", client)]).await;
    assert_eq!(from("192.0.2.1").await.status, 200);
    assert_eq!(from("192.0.2.1").await.status, 200);
    let third = from("192.0.2.1").await;
    let wait = third.header("retry-after").unwrap();
    refused(
        &third,
        429,
        "RELAY_RATE",
        &format!("too many requests from your address: try again in {wait} s"),
    );
    assert!((990..=1001).contains(&wait.parse::<u32>().unwrap()), "{wait}");
    // What a client claims in front of the proxy's own entry changes nothing.
    assert_eq!(from("198.51.100.9, 192.0.2.1").await.status, 429);
    assert_eq!(from("192.0.2.2").await.status, 200);
    assert_eq!(relay.get("/relay/v1/").await.status, 200);
}

#[tokio::test]
async fn answers_under_way_are_counted_until_they_end() {
    let registry = Scripted::start(|_| says(200, &[], endless())).await;
    let host = registry.address.to_string();
    let relay = relay(RelayOptions {
        quotas: Quotas {
            per_client: 1,
            ..Quotas::default()
        },
        ..private(&[&host])
    })
    .await;
    let path = format!("/relay/v1/{host}/v2/a/blobs/{DIGEST}");
    let first = open(&relay, &path).await;
    let second = relay.get(&path).await;
    refused(
        &second,
        429,
        "RELAY_CLIENT_BUSY",
        "your address has 1 answers under way: wait for one of them",
    );
    assert_eq!(second.header("retry-after"), Some("1"));
    drop(first);
    // The place comes back as soon as the relay notices; asking again and again shows it.
    tokio::time::timeout(Duration::from_secs(5), async {
        while relay.ask("HEAD", &path, &[]).await.status != 200 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn answers_beyond_their_size_are_refused_or_cut() {
    let registry = Scripted::start(|path| match path {
        "/v2/a/manifests/declared" => says(200, &[], "x".repeat(65)),
        "/v2/a/manifests/fits" => says(200, &[], "x".repeat(64)),
        "/v2/a/blobs/encoded" => says(200, &[("content-encoding", "gzip")], "x"),
        _ => says(200, &[], endless()),
    })
    .await;
    let host = registry.address.to_string();
    let relay = relay(RelayOptions {
        limits: Limits {
            manifest_bytes: 64,
            blob_bytes: 100_000,
            ..Limits::default()
        },
        ..private(&[&host])
    })
    .await;
    let get = async |path: &str| relay.get(&format!("/relay/v1/{host}/v2/a/{path}")).await;
    assert_eq!(get("manifests/fits").await.text(), "x".repeat(64));
    refused(
        &get("manifests/declared").await,
        502,
        "RELAY_TOO_LARGE",
        "the registry's answer exceeds the limit of 64 bytes",
    );
    refused(
        &get("blobs/encoded").await,
        502,
        "RELAY_ENCODED",
        "the registry encoded its answer as \"gzip\" although the plain bytes were asked for",
    );
    let cut = get("blobs/endless").await;
    assert_eq!((cut.status, cut.whole), (200, false));
    assert!(cut.body.len() <= 100_000, "{} bytes passed", cut.body.len());
}

#[tokio::test]
async fn slow_and_broken_registries_are_told_apart() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_host = silent.local_addr().unwrap().to_string();
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let breaking = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let breaking_host = breaking.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (mut stream, _) = breaking.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        let promised = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nstart";
        stream.write_all(promised).await.unwrap();
    });
    let registry = Scripted::start(|_| {
        let first = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"start"))]);
        says(200, &[], Body::from_stream(first.chain(stream::pending())))
    })
    .await;
    let host = registry.address.to_string();
    let relay = relay(RelayOptions {
        patience: Patience {
            headers: Duration::from_millis(1500),
            ..Patience::default()
        },
        idle: Duration::from_millis(100),
        ..private(&["127.0.0.1"])
    })
    .await;
    refused(
        &relay.get(&format!("/relay/v1/{silent_host}/v2/")).await,
        504,
        "RELAY_TIMEOUT",
        &format!("{silent_host} did not answer within 1 s"),
    );
    refused(
        &relay.get(&format!("/relay/v1/{closed}/v2/")).await,
        502,
        "RELAY_UNREACHABLE",
        &format!("{closed} cannot be reached: connection refused"),
    );
    for place in [host, breaking_host] {
        let answer = relay.get(&format!("/relay/v1/{place}/v2/a/blobs/{DIGEST}")).await;
        assert_eq!(
            (answer.status, answer.text(), answer.whole),
            (200, "start", false),
            "{place}"
        );
    }
    drop(silent);
}

#[tokio::test]
async fn an_answer_has_an_end() {
    let registry = Scripted::start(|_| says(200, &[], endless())).await;
    let host = registry.address.to_string();
    let relay = relay(RelayOptions {
        total: Duration::from_millis(200),
        limits: Limits {
            blob_bytes: u64::MAX,
            ..Limits::default()
        },
        ..private(&[&host])
    })
    .await;
    let answer = tokio::time::timeout(
        Duration::from_secs(20),
        relay.get(&format!("/relay/v1/{host}/v2/a/blobs/{DIGEST}")),
    )
    .await
    .unwrap();
    assert_eq!((answer.status, answer.whole), (200, false));
}

#[tokio::test]
async fn answers_under_way_survive_a_stop() {
    let registry = Scripted::start(|_| {
        let chunks = stream::iter(0..40).then(async |i: u32| {
            tokio::task::yield_now().await;
            Ok::<_, std::io::Error>(Bytes::from(format!("{i:08}")))
        });
        says(200, &[], Body::from_stream(chunks))
    })
    .await;
    let host = registry.address.to_string();
    let mut relay = relay(private(&[&host])).await;
    let mut stream = open(&relay, &format!("/relay/v1/{host}/v2/a/blobs/{DIGEST}")).await;
    relay.stop();
    let mut raw = b"HTTP/1.1 200".to_vec();
    stream.read_to_end(&mut raw).await.unwrap();
    let answer = Answer::read(&raw);
    let all: String = (0..40).map(|i| format!("{i:08}")).collect();
    assert_eq!((answer.text(), answer.whole), (all.as_str(), true));
    relay.ended().await;
}
