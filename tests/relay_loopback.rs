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

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use loopback::{Answer, Running, Scripted, request_text, says};
use tagdrift::limits::Limits;
use tagdrift::native::server::Site;
use tagdrift::native::server::assets::Assets;
use tagdrift::native::server::relay::names::Names;
use tagdrift::native::server::relay::quota::Quotas;
use tagdrift::native::server::relay::upstream::Patience;
use tagdrift::native::server::relay::{Relay, RelayOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const DIGEST: &str = "sha256:3b6cdcc7adcc9a84d3214ee1c029543789d90b5ae69debe9efa3f66e982875de";

fn options(allow: &[&str]) -> RelayOptions {
    RelayOptions {
        allow: allow.iter().map(|rule| rule.parse().unwrap()).collect(),
        ..RelayOptions::default()
    }
}

/// Allowed to reach loopback.
fn private(allow: &[&str]) -> RelayOptions {
    RelayOptions {
        allow_private: true,
        ..options(allow)
    }
}

async fn relay(options: RelayOptions) -> Running {
    Running::start(Site::new(Assets::default()).with_relay(Relay::new(options))).await
}

fn refused(answer: &Answer, status: u16, code: &str, message: &str) {
    let body = serde_json::json!({"errors": [{"code": code, "message": message}]});
    assert_eq!(
        (answer.status, answer.text()),
        (status, body.to_string().as_str())
    );
    assert_eq!(answer.header("tagdrift-relay-error"), Some(code));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

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
async fn it_only_reads_registries_on_its_list() {
    let relay = relay(private(&[])).await;
    for (method, path, status, code, message) in [
        (
            "POST",
            "/relay/v1/ghcr.io/v2/",
            405,
            "RELAY_METHOD",
            "the relay only reads: GET or HEAD",
        ),
        (
            "OPTIONS",
            "/relay/v1/ghcr.io/v2/",
            405,
            "RELAY_METHOD",
            "the relay only reads: GET or HEAD",
        ),
        (
            "GET",
            "/relay/v1/registry.lan:5000/v2/",
            403,
            "RELAY_HOST",
            "this relay does not speak to registry.lan:5000: start it with `tagdrift serve --allow registry.lan:5000`, or run your own",
        ),
        (
            "GET",
            "/relay/v1/127.0.0.1:1/v2/",
            403,
            "RELAY_HOST",
            "this relay does not speak to 127.0.0.1:1: start it with `tagdrift serve --allow 127.0.0.1:1`, or run your own",
        ),
        (
            "GET",
            "/relay/v1/ghcr.io:8443/v2/",
            403,
            "RELAY_HOST",
            "this relay does not speak to ghcr.io:8443: start it with `tagdrift serve --allow ghcr.io:8443`, or run your own",
        ),
        (
            "GET",
            "/relay/v1/ghcr.io/login",
            403,
            "RELAY_PATH",
            "the relay asks registries for /v2/…, tokens and tag histories only, not for /login",
        ),
        (
            "GET",
            "/relay/v1/ghcr.io/v2/%2e%2e/login",
            400,
            "RELAY_MALFORMED",
            "the percent-encoding %2E in the path \"/v2/%2e%2e/login\"",
        ),
        (
            "GET",
            "/relay/v1/ghcr.io",
            400,
            "RELAY_MALFORMED",
            "write /relay/v1/<host>/v2/…",
        ),
    ] {
        refused(&relay.ask(method, path, &[]).await, status, code, message);
    }
    let head = relay.ask("HEAD", "/relay/v1/registry.lan/v2/", &[]).await;
    assert_eq!(
        (head.status, head.text(), head.header("tagdrift-relay-error")),
        (403, "", Some("RELAY_HOST"))
    );
}

/// Numbers that URL parsers read as 127.0.0.1 do not get round the loopback rule.
#[tokio::test]
async fn loopback_needs_both_options_however_it_is_written() {
    let registry = Scripted::start(|_| says(200, &[], "inside")).await;
    let port = registry.address.port();
    let listed = relay(options(&[
        "127.0.0.1",
        "localhost",
        "2130706433",
        "127.1",
        "0x7f.1",
    ]))
    .await;
    for host in ["127.0.0.1", "localhost"] {
        let place = format!("{host}:{port}");
        let answer = listed.get(&format!("/relay/v1/{place}/v2/")).await;
        refused(
            &answer,
            403,
            "RELAY_ADDRESS",
            &format!(
                "{place} is at a private, loopback or reserved address: whoever runs the relay must start it with `--allow {place} --allow-private`"
            ),
        );
    }
    for host in ["2130706433", "127.1", "0x7f.1"] {
        let answer = listed.get(&format!("/relay/v1/{host}:{port}/v2/")).await;
        assert_eq!(
            (answer.status, answer.header("tagdrift-relay-error")),
            (403, Some("RELAY_ADDRESS")),
            "{host}"
        );
    }
    assert_eq!(registry.seen(), [""; 0]);
    let both = relay(private(&["localhost"])).await;
    let answer = both.get(&format!("/relay/v1/localhost:{port}/v2/")).await;
    assert_eq!((answer.status, answer.text()), (200, "inside"));
}

fn table(entries: &[(&str, &[&str])]) -> Names {
    let entries = entries.iter().map(|(name, addresses)| {
        let addresses: Vec<IpAddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
        ((*name).to_owned(), addresses)
    });
    Names::Table(Arc::new(entries.collect::<BTreeMap<_, _>>()))
}

#[tokio::test]
async fn names_at_private_addresses_are_refused() {
    let relay = relay(RelayOptions {
        names: table(&[
            ("registry.test", &["127.0.0.1"]),
            ("mixed.test", &["140.82.121.34", "10.0.0.1"]),
            ("ghcr.io", &["169.254.169.254"]),
        ]),
        ..options(&["registry.test", "mixed.test", "unknown.test"])
    })
    .await;
    for host in ["registry.test", "mixed.test", "ghcr.io"] {
        let answer = relay.get(&format!("/relay/v1/{host}/v2/")).await;
        refused(
            &answer,
            403,
            "RELAY_ADDRESS",
            &format!(
                "{host} is at a private, loopback or reserved address: whoever runs the relay must start it with `--allow {host} --allow-private`"
            ),
        );
    }
    refused(
        &relay.get("/relay/v1/unknown.test/v2/").await,
        502,
        "RELAY_UNREACHABLE",
        "unknown.test cannot be reached: the name is not known",
    );
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
async fn redirects_do_not_lead_inside() {
    let inside = Scripted::start(|_| says(200, &[], "secret")).await;
    let port = inside.address.port();
    let registry = Scripted::start(move |path| {
        let location = match path {
            "/v2/loopback" => format!("http://127.0.0.2:{port}/"),
            "/v2/name" => format!("http://localhost:{port}/"),
            "/v2/number" => format!("https://2130706433:{port}/"),
            "/v2/mapped" => "https://[::ffff:127.0.0.1]/".to_owned(),
            "/v2/metadata" => "https://169.254.169.254/latest/".to_owned(),
            "/v2/rebound" => "https://rebound.test/".to_owned(),
            "/v2/plain" => "http://140.82.121.34/".to_owned(),
            "/v2/port" => "https://140.82.121.34:25/".to_owned(),
            "/v2/file" => "file:///etc/passwd".to_owned(),
            "/v2/user" => "https://user:word@140.82.121.34/".to_owned(),
            "/v2/junk" => "https://".to_owned(),
            _ => path.to_owned(),
        };
        says(302, &[("location", &location)], "")
    })
    .await;
    let host = registry.address.to_string();
    let relay = relay(RelayOptions {
        names: table(&[("rebound.test", &["10.0.0.1"])]),
        ..private(&[&host])
    })
    .await;
    for (name, status, code, message) in [
        ("loopback", 403, "RELAY_ADDRESS", None),
        ("name", 403, "RELAY_ADDRESS", None),
        ("number", 403, "RELAY_ADDRESS", None),
        ("mapped", 403, "RELAY_ADDRESS", None),
        ("metadata", 403, "RELAY_ADDRESS", None),
        ("rebound", 403, "RELAY_ADDRESS", None),
        (
            "plain",
            502,
            "RELAY_REDIRECT",
            Some("the registry redirects to 140.82.121.34:80, which is not https"),
        ),
        (
            "port",
            502,
            "RELAY_REDIRECT",
            Some(
                "the registry redirects to 140.82.121.34:25, a port that is not on the relay's list: add `--allow 140.82.121.34:25`",
            ),
        ),
        (
            "file",
            502,
            "RELAY_REDIRECT",
            Some("the registry redirects to something that is no URL"),
        ),
        (
            "user",
            502,
            "RELAY_REDIRECT",
            Some("the registry redirects to 140.82.121.34 with credentials in the URL"),
        ),
        (
            "junk",
            502,
            "RELAY_REDIRECT",
            Some("the registry redirects to something that is no URL"),
        ),
        (
            "loop",
            502,
            "RELAY_REDIRECT",
            Some("the registry redirects more than 5 times"),
        ),
    ] {
        let answer = relay.get(&format!("/relay/v1/{host}/v2/{name}")).await;
        assert_eq!(
            (answer.status, answer.header("tagdrift-relay-error")),
            (status, Some(code)),
            "{name}: {}",
            answer.text()
        );
        if let Some(message) = message {
            refused(&answer, status, code, message);
        }
    }
    assert_eq!(inside.seen(), [""; 0]);
}

#[tokio::test]
async fn only_the_page_may_use_it() {
    let registry = Scripted::start(|_| says(200, &[], "ok")).await;
    let host = registry.address.to_string();
    let relay = relay(RelayOptions {
        public_url: Some("https://page.test/tagdrift/".parse().unwrap()),
        ..private(&[&host])
    })
    .await;
    let path = format!("/relay/v1/{host}/v2/");
    let own = format!("http://{}", relay.address);
    let own = relay.ask("GET", &path, &[("Origin", &own)]).await;
    assert_eq!(
        (own.status, own.header("access-control-allow-origin")),
        (200, None)
    );
    let public = relay.ask("GET", &path, &[("Origin", "https://page.test")]).await;
    assert_eq!(
        (
            public.status,
            public.header("access-control-allow-origin"),
            public.header("vary")
        ),
        (
            200,
            Some("https://page.test"),
            Some("Accept, Authorization, Origin")
        )
    );
    let preflight = relay
        .ask("OPTIONS", &path, &[("Origin", "https://page.test")])
        .await;
    assert_eq!(
        (
            preflight.status,
            preflight.header("access-control-allow-headers"),
            preflight.header("access-control-allow-methods")
        ),
        (
            204,
            Some("Accept, Authorization, Range, If-None-Match"),
            Some("GET, HEAD")
        )
    );
    let other = relay.ask("GET", &path, &[("Origin", "https://other.test")]).await;
    refused(
        &other,
        403,
        "RELAY_ORIGIN",
        "this relay serves its own page only: start it with --public-url if the page is elsewhere",
    );
    assert_eq!(other.header("access-control-allow-origin"), None);
    let rebound = relay.ask("GET", &path, &[("Host", "rebound.test")]).await;
    refused(
        &rebound,
        403,
        "RELAY_ORIGIN",
        "this relay reaches private hosts and is not known as \"rebound.test\": start it with --public-url, so that no other name can be pointed at it",
    );
    assert_eq!(registry.seen().len(), 2);
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

/// Bytes without end.
fn endless() -> Body {
    Body::from_stream(stream::repeat_with(|| {
        Ok::<_, std::io::Error>(Bytes::from_static(&[0; 16 * 1024]))
    }))
}

async fn open(server: &Running, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = request_text(server.address, "GET", path, &[]);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    stream
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
