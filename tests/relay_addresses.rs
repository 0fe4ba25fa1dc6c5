//! Where the relay does not go, over real sockets: addresses that are not public, however they are written or
//! come about; and what does not go along when a registry leads elsewhere.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod loopback;

use loopback::relaying::{options, private, refused, relay, table};
use loopback::{Scripted, says};
use tagdrift::native::server::relay::RelayOptions;

const DIGEST: &str = "sha256:3b6cdcc7adcc9a84d3214ee1c029543789d90b5ae69debe9efa3f66e982875de";

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
