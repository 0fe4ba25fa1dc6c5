//! What the relay does not do, over real sockets: other hosts and paths, other sites' pages, headers that are
//! not its business, clients and registries that hold on. Addresses are in `relay_addresses`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod loopback;

use std::collections::BTreeSet;
use std::time::Duration;

use loopback::relaying::{endless, open, private, refused, relay};
use loopback::{Answer, Scripted, says};
use tagdrift::native::server::relay::RelayOptions;
use tagdrift::native::server::relay::quota::Quotas;
use tagdrift::native::server::relay::refusal::Refusal;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const DIGEST: &str = "sha256:3b6cdcc7adcc9a84d3214ee1c029543789d90b5ae69debe9efa3f66e982875de";
const DOCS: &str = include_str!("../docs/hosting.md");

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

/// What concerns one connection only, and a body where none belongs, go no further.
#[tokio::test]
async fn what_is_for_one_hop_does_not_travel() {
    let registry = Scripted::start(|_| {
        let headers = [
            ("connection", "etag"),
            ("etag", "\"e\""),
            ("keep-alive", "timeout=5"),
            ("proxy-authenticate", "Basic"),
            ("upgrade", "h2c"),
            ("location", "https://elsewhere.test/"),
        ];
        says(200, &headers, "ok")
    })
    .await;
    let host = registry.address.to_string();
    let relay = relay(private(&[&host])).await;
    let request = format!(
        "GET /relay/v1/{host}/v2/ HTTP/1.1\r\nHost: {}\r\nConnection: close, Authorization\r\nAuthorization: Bearer secret\r\n\
         TE: trailers\r\nUpgrade: websocket\r\nProxy-Authorization: Basic eDp5\r\nExpect: 100-continue\r\nForwarded: for=192.0.2.1\r\n\
         Content-Length: 5\r\n\r\nhello",
        relay.address
    );
    let mut stream = TcpStream::connect(relay.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).await.unwrap();
    let answer = Answer::read(&raw);
    assert_eq!((answer.status, answer.text()), (200, "ok"));
    for name in ["etag", "keep-alive", "proxy-authenticate", "upgrade", "location"] {
        assert_eq!(answer.header(name), None, "{name}");
    }
    assert_eq!(
        registry.seen(),
        [format!(
            "GET /v2/\naccept-encoding: identity\naccept: */*\nuser-agent: tagdrift/{}",
            env!("CARGO_PKG_VERSION")
        )]
    );
}

#[tokio::test]
async fn a_client_that_stops_reading_gives_its_place_back() {
    let registry = Scripted::start(|_| says(200, &[], endless())).await;
    let host = registry.address.to_string();
    let relay = relay(RelayOptions {
        idle: Duration::from_millis(100),
        quotas: Quotas {
            overall: 1,
            burst: u32::MAX,
            ..Quotas::default()
        },
        ..private(&[&host])
    })
    .await;
    let path = format!("/relay/v1/{host}/v2/a/blobs/{DIGEST}");
    let stopped = open(&relay, &path).await;
    let second = relay.get(&path).await;
    refused(
        &second,
        503,
        "RELAY_BUSY",
        "the relay is at its limit: try again in 2 s",
    );
    assert_eq!(second.header("retry-after"), Some("2"));
    tokio::time::timeout(Duration::from_secs(30), async {
        while relay.ask("HEAD", &path, &[]).await.status != 200 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("the place comes back");
    drop(stopped);
}

/// A registry that says these bytes to whoever connects, again and again if they shall not end.
async fn raw(bytes: &'static [u8], for_ever: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        let head: &[u8] = if for_ever { b"HTTP/1.1 200 OK\r\n" } else { b"" };
        let _ = stream.write_all(head).await;
        while stream.write_all(bytes).await.is_ok() && for_ever {}
    });
    address
}

#[tokio::test]
async fn registries_that_are_none() {
    let mut told = Vec::new();
    for (bytes, for_ever) in [
        (&b"SSH-2.0-OpenSSH_9.6\r\n"[..], false),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nraw",
            false,
        ),
        (
            b"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n",
            true,
        ),
        (b"", false),
    ] {
        let host = raw(bytes, for_ever).await;
        let relay = relay(private(&[&host])).await;
        let answer = relay.get(&format!("/relay/v1/{host}/v2/")).await;
        told.push((answer.status, answer.text().replace(&host, "HOST")));
    }
    let unreachable = |why: &str| {
        let message = format!("HOST cannot be reached: {why}");
        let body = serde_json::json!({"errors": [{"code": "RELAY_UNREACHABLE", "message": message}]});
        (502, body.to_string())
    };
    assert_eq!(
        told,
        [
            unreachable("invalid HTTP version parsed"),
            unreachable("it answers a plain request with status 101"),
            unreachable("message head is too large"),
            unreachable("connection closed before message completed"),
        ]
    );
}

#[test]
fn the_documentation_lists_every_refusal() {
    let all = [
        Refusal::malformed(""),
        Refusal::method(),
        Refusal::origin(""),
        Refusal::host(""),
        Refusal::path(""),
        Refusal::address(""),
        Refusal::redirect(""),
        Refusal::unreachable(""),
        Refusal::timeout(""),
        Refusal::too_large(1),
        Refusal::encoded(""),
        Refusal::rate(1),
        Refusal::client_busy(1),
        Refusal::busy(),
        Refusal::no_tls(""),
    ];
    for refusal in &all {
        let row = format!("| {} |", refusal.status.as_u16());
        let code = format!("`{}`", refusal.code);
        assert!(
            DOCS.lines()
                .any(|line| line.starts_with(&row) && line.contains(&code)),
            "{row} {code}"
        );
    }
    let known: BTreeSet<String> = all.iter().map(|refusal| format!("`{}`", refusal.code)).collect();
    let named: BTreeSet<String> = DOCS
        .split_inclusive('`')
        .collect::<Vec<_>>()
        .windows(2)
        .filter(|pair| pair[0].ends_with('`') && pair[1].starts_with("RELAY_"))
        .map(|pair| format!("`{}", pair[1]))
        .collect();
    assert_eq!(named, known);
}
