//! What docs/hosting.md tells administrators, tried on real servers: distribution's headers, nginx and Caddy
//! in front of a registry with a password, and nginx as a cache in front of `tagdrift serve`. Skipped aloud
//! where a program is not installed; that the page shows the same texts is checked everywhere.
#![cfg(unix)]
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
mod loopback;
#[path = "support/proxy.rs"]
mod proxy;

use axum::body::Body;
use bytes::Bytes;
use docker_registry::DockerRegistry;
use futures_util::{StreamExt as _, stream};
use loopback::{Answer, Running, Scripted, ask_at, request_text, says};
use proxy::Proxy;
use tagdrift::native::server::Site;
use tagdrift::native::server::assets::Assets;
use tagdrift::native::server::relay::{Relay, RelayOptions};
use tagdrift::oci::Digest;
use tagdrift::registry::cors;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const DOCS: &str = include_str!("../docs/hosting.md");
const ORIGIN: &str = "https://tagdrift.example";
/// Without it, distribution has no OCI manifests.
const ACCEPT: (&str, &str) = ("Accept", "application/vnd.oci.image.manifest.v1+json");

/// The fenced block of this language that holds this text.
fn block(language: &str, holding: &str) -> &'static str {
    DOCS.split(&format!("```{language}\n"))
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .find(|block| block.contains(holding))
        .unwrap_or_else(|| panic!("no {language} block with {holding:?}"))
}

#[test]
fn page_and_documentation_say_the_same() {
    assert_eq!(block("yaml", "Access-Control"), cors::distribution(ORIGIN));
    assert_eq!(block("json", "allowOrigin"), cors::zot(ORIGIN));
    assert_eq!(block("nginx", "Access-Control"), cors::nginx(ORIGIN));
    assert_eq!(block("caddyfile", "Access-Control"), cors::caddy(ORIGIN));
}

/// What a browser checks: each header once, with what the page needs.
fn open_to_the_page(answer: &Answer, what: &str) {
    for (name, value) in [
        ("access-control-allow-origin", ORIGIN),
        ("access-control-expose-headers", cors::EXPOSED),
    ] {
        assert_eq!(answer.all(name), [value], "{name} of {what}");
    }
}

/// A preflight that Fetch takes: 2xx, this origin, these headers.
async fn preflight(address: &str, path: &str) -> Answer {
    let asked = [
        ("Origin", ORIGIN),
        ("Access-Control-Request-Method", "GET"),
        ("Access-Control-Request-Headers", "authorization"),
    ];
    ask_at(address, "OPTIONS", path, &asked).await
}

fn passes(preflight: &Answer, what: &str) {
    assert!(
        (200..300).contains(&preflight.status),
        "{what}: {}",
        preflight.status
    );
    for (name, value) in [
        ("access-control-allow-origin", ORIGIN),
        ("access-control-allow-methods", cors::METHODS),
        ("access-control-allow-headers", cors::ASKED),
        ("access-control-max-age", "600"),
    ] {
        assert_eq!(preflight.all(name), [value], "{name} of the preflight of {what}");
    }
}

#[tokio::test]
async fn distribution_by_its_own_headers() {
    let headers = block("yaml", "Access-Control")
        .strip_prefix("http:\n")
        .unwrap()
        .to_owned();
    let three = DockerRegistry::distribution_3_with_headers(&headers).await;
    let two = match DockerRegistry::program() {
        Some(_) => Some(DockerRegistry::with_headers(&headers).await),
        None => None,
    };
    for (name, registry) in [("docker-registry", two), ("distribution 3", three)] {
        let Some(registry) = registry else {
            eprintln!("SKIPPED: {name} is not at hand");
            continue;
        };
        let (digest, layer) = registry.push("tide/table", "1", b"layer").await;
        for path in [
            "/v2/".to_owned(),
            "/v2/tide/table/tags/list".to_owned(),
            format!("/v2/tide/table/manifests/{digest}"),
            format!("/v2/tide/table/blobs/{}", layer.digest),
            "/v2/tide/table/manifests/none".to_owned(),
        ] {
            let answer = ask_at(registry.address(), "GET", &path, &[("Origin", ORIGIN), ACCEPT]).await;
            let expected = if path.ends_with("none") { 404 } else { 200 };
            assert_eq!(answer.status, expected, "{path} of {name}");
            open_to_the_page(&answer, &format!("{path} of {name}"));
            passes(
                &preflight(registry.address(), &path).await,
                &format!("{path} of {name}"),
            );
        }
    }
}

/// The reason for the proxies: a password makes the registry refuse the preflight itself.
#[tokio::test]
async fn distribution_with_a_password_refuses_the_preflight() {
    if DockerRegistry::program().is_none() {
        eprintln!("SKIPPED: docker-registry is not installed");
        return;
    }
    let registry = DockerRegistry::with_password("ada", "tide").await;
    assert_eq!(preflight(registry.address(), "/v2/a/tags/list").await.status, 401);
}

/// A registry with a password behind this proxy: challenge, content, errors and preflights.
async fn closed_registry_behind(name: &str, start: impl AsyncFn(&str) -> Option<Proxy>) {
    if DockerRegistry::program().is_none() {
        eprintln!("SKIPPED: docker-registry is not installed");
        return;
    }
    let registry = DockerRegistry::with_password("ada", "tide").await;
    let (digest, layer) = registry.push("tide/table", "1", b"layer").await;
    let Some(proxy) = start(registry.address()).await else {
        eprintln!("SKIPPED: {name} is not installed");
        return;
    };
    // ada:tide
    let ada = ("Authorization", "Basic YWRhOnRpZGU=");
    let origin = ("Origin", ORIGIN);
    for (path, headers, status) in [
        ("/v2/".to_owned(), vec![origin], 401),
        ("/v2/".to_owned(), vec![origin, ada], 200),
        (
            format!("/v2/tide/table/manifests/{digest}"),
            vec![origin, ada, ACCEPT],
            200,
        ),
        (
            format!("/v2/tide/table/blobs/{}", layer.digest),
            vec![origin, ada, ACCEPT],
            200,
        ),
        ("/v2/tide/table/manifests/none".to_owned(), vec![origin, ada], 404),
    ] {
        let what = format!("{path} behind {name}");
        let answer = ask_at(proxy.address(), "GET", &path, &headers).await;
        assert_eq!(answer.status, status, "{what}");
        open_to_the_page(&answer, &what);
        assert_eq!(
            answer.all("www-authenticate").len(),
            usize::from(status == 401),
            "{what}"
        );
        passes(&preflight(proxy.address(), &path).await, &what);
    }
}

#[tokio::test]
async fn a_closed_registry_behind_nginx() {
    closed_registry_behind("nginx", async |registry| {
        let location = block("nginx", "Access-Control").replace("registry:5000", registry);
        Proxy::nginx("", &location).await
    })
    .await;
}

#[tokio::test]
async fn a_closed_registry_behind_caddy() {
    closed_registry_behind("Caddy", async |registry| {
        let site = block("caddyfile", "Access-Control").replace("registry:5000", registry);
        Proxy::caddy(&site, "registry.example").await
    })
    .await;
}

/// A registry with a public and a private repository, and page and relay behind nginx's cache.
struct Cached {
    registry: Scripted,
    _relay: Running,
    proxy: Proxy,
}

const PUBLIC: &str = "/v2/open/kelp";
const PRIVATE: &str = "/v2/team/kelp";

impl Cached {
    async fn start() -> Option<Self> {
        let registry = Scripted::start_asked(|asked| {
            let path = asked.uri().path();
            let shown = asked.headers().get("authorization").map(|v| v.as_bytes());
            if path == "/token" {
                return says(200, &[], r#"{"token":"t"}"#);
            }
            if path.contains("/missing") {
                return says(404, &[], "nothing");
            }
            if path.starts_with(PRIVATE) && shown != Some(b"Bearer good") {
                return says(401, &[("www-authenticate", "Bearer realm=\"https://r/t\"")], "no");
            }
            if asked.headers().contains_key("range") {
                return says(206, &[("content-range", "bytes 1-3/4")], "ide");
            }
            let accept = asked
                .headers()
                .get("accept")
                .map(|v| v.to_str().unwrap().to_owned());
            match accept.filter(|_| path.contains("/manifests/")) {
                Some(accept) => says(200, &[("content-type", &accept)], accept.clone()),
                None => says(200, &[], "tide"),
            }
        })
        .await;
        let relay = Relay::new(RelayOptions {
            allow: vec![registry.address.to_string().parse().unwrap()],
            allow_private: true,
            trust_forwarded: true,
            ..RelayOptions::default()
        });
        let page: Assets = [
            ("index.html", "<!doctype html>"),
            ("page-0f3a9c21_bg.wasm", "code"),
        ]
        .into_iter()
        .map(|(name, text)| (name, text.to_owned()))
        .collect();
        let relay = Running::start(Site::new(page).with_relay(relay)).await;
        let http = block("nginx", "proxy_cache_path")
            .replace("/var/cache/nginx/tagdrift", "FOLDER/cache")
            .replace("127.0.0.1:8080", &relay.address.to_string());
        let Some(proxy) = Proxy::nginx(&http, block("nginx", "proxy_cache_key")).await else {
            eprintln!("SKIPPED: nginx is not installed");
            return None;
        };
        Some(Self {
            registry,
            _relay: relay,
            proxy,
        })
    }

    fn relayed(&self, path: &str) -> String {
        format!("/relay/v1/{}{path}", self.registry.address)
    }

    /// Status, what the cache says, and whether the registry was asked.
    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> (u16, Option<String>, bool) {
        let before = self.registry.seen().len();
        let answer = ask_at(self.proxy.address(), method, path, headers).await;
        (
            answer.status,
            answer.header("x-cache").map(str::to_owned),
            self.registry.seen().len() > before,
        )
    }
}

fn told(status: u16, cache: &str, asked: bool) -> (u16, Option<String>, bool) {
    (status, (!cache.is_empty()).then(|| cache.to_owned()), asked)
}

#[tokio::test]
async fn a_cache_in_front_keeps_what_is_immutable_and_public() {
    let Some(cached) = Cached::start().await else {
        return;
    };
    let digest = Digest::sha256(b"tide");
    for path in [
        format!("{PUBLIC}/blobs/{digest}"),
        format!("{PUBLIC}/manifests/{digest}"),
    ] {
        let path = cached.relayed(&path);
        assert_eq!(
            cached.ask("GET", &path, &[]).await,
            told(200, "MISS", true),
            "{path}"
        );
        assert_eq!(
            cached.ask("GET", &path, &[]).await,
            told(200, "HIT", false),
            "{path}"
        );
    }
    // Another form of a manifest is another answer.
    let manifest = cached.relayed(&format!("{PUBLIC}/manifests/{digest}"));
    for (accept, cache, asked) in [
        ("a/b", "MISS", true),
        ("a/c", "MISS", true),
        ("a/b", "HIT", false),
    ] {
        let before = cached.registry.seen().len();
        let answer = ask_at(cached.proxy.address(), "GET", &manifest, &[("Accept", accept)]).await;
        assert_eq!(
            (
                answer.text(),
                answer.header("x-cache"),
                cached.registry.seen().len() > before
            ),
            (accept, Some(cache), asked)
        );
    }
    // A part makes the whole come once.
    let other = cached.relayed(&format!("{PUBLIC}/blobs/{}", Digest::sha256(b"other")));
    let part = [("Range", "bytes=1-")];
    assert_eq!(cached.ask("GET", &other, &part).await, told(206, "MISS", true));
    assert_eq!(cached.ask("GET", &other, &[]).await, told(200, "HIT", false));
    // What can change is asked for each time, and a HEAD stays a HEAD.
    for path in [
        format!("{PUBLIC}/manifests/1"),
        format!("{PUBLIC}/tags/list"),
        "/token".to_owned(),
    ] {
        for method in ["HEAD", "GET", "GET"] {
            let seen = cached.ask(method, &cached.relayed(&path), &[]).await;
            assert_eq!(seen, told(200, "MISS", true), "{method} {path}");
            let asked = cached.registry.seen().last().unwrap().clone();
            assert!(asked.starts_with(&format!("{method} {path}")), "{asked}");
        }
    }
    let missing = cached.relayed(&format!("{PUBLIC}/blobs/missing"));
    for _ in 0..2 {
        // `add_header` without `always` leaves errors alone.
        assert_eq!(cached.ask("GET", &missing, &[]).await, told(404, "", true));
    }
    assert_eq!(
        cached.ask("GET", "/page-0f3a9c21_bg.wasm", &[]).await,
        told(200, "MISS", false)
    );
    assert_eq!(
        cached.ask("GET", "/page-0f3a9c21_bg.wasm", &[]).await,
        told(200, "HIT", false)
    );
    for _ in 0..2 {
        assert_eq!(cached.ask("GET", "/", &[]).await, told(200, "MISS", false));
    }
}

#[tokio::test]
async fn a_cache_in_front_never_shares_what_needed_credentials() {
    let Some(cached) = Cached::start().await else {
        return;
    };
    let digest = Digest::sha256(b"tide");
    let (good, bad) = (("Authorization", "Bearer good"), ("Authorization", "Bearer bad"));
    for path in [
        format!("{PRIVATE}/blobs/{digest}"),
        format!("{PRIVATE}/manifests/{digest}"),
        format!("{PRIVATE}/manifests/1"),
    ] {
        let path = cached.relayed(&path);
        for _ in 0..2 {
            assert_eq!(
                cached.ask("GET", &path, &[good]).await,
                told(200, "", true),
                "{path}"
            );
            assert_eq!(
                cached.ask("GET", &path, &[bad]).await,
                told(401, "", true),
                "{path}"
            );
            assert_eq!(cached.ask("GET", &path, &[]).await, told(401, "", true), "{path}");
        }
    }
    // What the cache has is not for those who show credentials: the registry decides.
    let public = cached.relayed(&format!("{PUBLIC}/blobs/{digest}"));
    assert_eq!(cached.ask("GET", &public, &[]).await, told(200, "MISS", true));
    assert_eq!(cached.ask("GET", &public, &[bad]).await, told(200, "", true));
    assert_eq!(cached.ask("GET", &public, &[]).await, told(200, "HIT", false));
    // And their ranges reach it.
    assert_eq!(
        cached.ask("GET", &public, &[good, ("Range", "bytes=1-")]).await,
        told(206, "", true)
    );
    assert!(cached.registry.seen().last().unwrap().contains("range: bytes=1-"));
}

/// Page and relay as a proxy shows them: the policy, the relay's own word, and a stream that has begun but
/// does not end, which only arrives where nothing waits for the whole of it.
async fn serves(proxy: &Proxy, page: &str, registry: &Scripted) {
    let answer = ask_at(proxy.address(), "GET", page, &[]).await;
    assert_eq!((answer.status, answer.text()), (200, "<!doctype html>"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"),
        "{policy}"
    );
    let relay = ask_at(proxy.address(), "GET", "/relay/v1/", &[]).await;
    assert!(relay.text().starts_with("{\"relay\":1,"), "{}", relay.text());
    let path = format!(
        "/relay/v1/{}{PUBLIC}/blobs/{}",
        registry.address,
        Digest::sha256(b"tide")
    );
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    let request = request_text(stream.peer_addr().unwrap(), "GET", &path, &[]);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut read = Vec::new();
    while !read.ends_with(b"begun\r\n") {
        let mut piece = [0; 4096];
        let n = tokio::time::timeout(std::time::Duration::from_secs(10), stream.read(&mut piece))
            .await
            .expect("the proxy holds the stream back")
            .unwrap();
        assert!(n > 0, "the stream ended: {}", String::from_utf8_lossy(&read));
        read.extend_from_slice(&piece[..n]);
    }
}

#[tokio::test]
async fn the_server_behind_its_proxies() {
    let registry = Scripted::start(|_| {
        let first = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"begun"))]);
        says(200, &[], Body::from_stream(first.chain(stream::pending())))
    })
    .await;
    let relay = Relay::new(RelayOptions {
        allow: vec![registry.address.to_string().parse().unwrap()],
        allow_private: true,
        trust_forwarded: true,
        ..RelayOptions::default()
    });
    let page: Assets = [("index.html", "<!doctype html>".to_owned())]
        .into_iter()
        .collect();
    let server = Running::start(Site::new(page).with_relay(relay)).await;
    let here = |text: &str| text.replace("127.0.0.1:8080", &server.address.to_string());
    for (proxy, page) in [
        (
            Proxy::nginx(
                "",
                &here(block("nginx", "location / {\n    proxy_pass http://127")),
            )
            .await,
            "/",
        ),
        (
            Proxy::nginx("", &here(block("nginx", "location /tagdrift/"))).await,
            "/tagdrift/",
        ),
        (
            Proxy::caddy(
                &here(block("caddyfile", "tagdrift.example {")),
                "tagdrift.example",
            )
            .await,
            "/",
        ),
    ] {
        match proxy {
            Some(proxy) => serves(&proxy, page, &registry).await,
            None => eprintln!("SKIPPED: nginx or Caddy is not installed"),
        }
    }
}
