//! What the relay does not do, over real sockets: other hosts and paths, addresses that are not public however
//! they are written or come about, other sites' pages, headers that are not its business, clients and
//! registries that hold on.
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

use loopback::relaying::{endless, open, options, private, refused, relay, table};
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
async fn addresses_that_are_not_public_are_refused_as_they_stand() {
    let private = [
        ("10.0.0.1", "10.0.0.1"),
        ("172.16.0.1", "172.16.0.1"),
        ("192.168.0.1", "192.168.0.1"),
        ("100.64.0.1", "100.64.0.1"),
        ("169.254.169.254", "169.254.169.254"),
        ("3232235521", "192.168.0.1"),
        ("0xa9fea9fe", "169.254.169.254"),
        ("0177.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("[fe80::1]", "[fe80::1]"),
        ("[fd00::1]", "[fd00::1]"),
        ("[::ffff:10.0.0.1]", "[::ffff:a00:1]"),
        ("[::ffff:7f00:1]", "[::ffff:7f00:1]"),
        ("[64:ff9b::a00:1]", "[64:ff9b::a00:1]"),
    ];
    let nowhere = [
        ("0.0.0.0", "0.0.0.0"),
        ("0", "0.0.0.0"),
        ("255.255.255.255", "255.255.255.255"),
        ("224.0.0.1", "224.0.0.1"),
        ("198.18.0.1", "198.18.0.1"),
        ("[::]", "[::]"),
        ("[ff02::1]", "[ff02::1]"),
    ];
    let both: Vec<_> = private.iter().chain(&nowhere).copied().collect();
    for (allow_private, hosts) in [(false, &both[..]), (true, &nowhere[..])] {
        // As it was written and as it is read: the list never is what refuses here.
        let rules: Vec<&str> = hosts
            .iter()
            .flat_map(|(written, read)| [*written, *read])
            .collect();
        let relay = relay(RelayOptions {
            allow_private,
            ..options(&rules)
        })
        .await;
        for (written, read) in hosts {
            let answer = relay.get(&format!("/relay/v1/{written}/v2/")).await;
            // Loopback is spoken to by http, which then is not the scheme that goes without saying.
            let read = match *read {
                "[::1]" => "[::1]:80",
                read => read,
            };
            refused(
                &answer,
                403,
                "RELAY_ADDRESS",
                &format!(
                    "{read} is at a private, loopback or reserved address: whoever runs the relay must start it with `--allow {read} --allow-private`"
                ),
            );
        }
    }
}

#[tokio::test]
async fn credentials_do_not_come_back_with_the_redirect() {
    let registry = Scripted::start_at("127.0.0.1:0", |path| match path {
        "/v2/a/blobs/home" => says(200, &[], "home"),
        _ => says(500, &[], "unexpected"),
    })
    .await;
    let home = registry.address;
    let storage = Scripted::start(move |_| {
        says(
            307,
            &[("location", &format!("http://{home}/v2/a/blobs/home"))],
            "",
        )
    })
    .await;
    let away = storage.address;
    let first = Scripted::start(move |_| says(307, &[("location", &format!("http://{away}/x"))], "")).await;
    let relay = relay(private(&["127.0.0.1"])).await;
    let path = format!("/relay/v1/{}/v2/a/blobs/{DIGEST}", first.address);
    let answer = relay
        .ask("GET", &path, &[("Authorization", "Bearer secret")])
        .await;
    assert_eq!((answer.status, answer.text()), (200, "home"));
    assert!(first.seen()[0].contains("authorization: Bearer secret"));
    for later in [storage.seen(), registry.seen()] {
        assert_eq!(later.len(), 1);
        assert!(!later[0].contains("authorization"), "{later:?}");
    }
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
    for (bytes, for_ever, why) in [
        (
            &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
            false,
            "invalid HTTP version parsed",
        ),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nraw",
            false,
            "WHY",
        ),
        (
            b"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n",
            true,
            "WHY",
        ),
        (b"", false, "WHY"),
    ] {
        let host = raw(bytes, for_ever).await;
        let relay = relay(private(&[&host])).await;
        let answer = relay.get(&format!("/relay/v1/{host}/v2/")).await;
        eprintln!("{}", answer.text());
        refused(
            &answer,
            502,
            "RELAY_UNREACHABLE",
            &format!("{host} cannot be reached: {why}"),
        );
    }
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
