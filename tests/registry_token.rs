//! Token authentication against registries that verify every token: Debian's `docker-registry` and
//! distribution 3, each behind a token server with real signatures. Skipped aloud where they are missing.
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
#[path = "support/scripted.rs"]
mod scripted;
#[path = "support/token_server.rs"]
mod token_server;

use std::io::Write as _;
use std::process::{Command, Stdio};

use docker_registry::{DockerRegistry, TokenAuth};
use loopback::relaying::{private, relay};
use scripted::{Played, ada, at, read_blob};
use tagdrift::fault::FaultKind;
use tagdrift::limits::Limits;
use tagdrift::oci::{Descriptor, Digest, media_type};
use tagdrift::registry::{Credentials, Secret, challenge};
use token_server::{Algorithm, ISSUER, Mood, SERVICE, TokenServer};

/// A registry of `open/chart:1` and `team/chart:1` with its token server.
struct Around {
    registry: DockerRegistry,
    tokens: TokenServer,
    chart: (Digest, Descriptor),
}

/// Which registry.
#[derive(Clone, Copy)]
enum Kind {
    Debian,
    Distribution3,
}

impl Around {
    /// `None`, said aloud, where something is not installed.
    async fn start(kind: Kind, algorithm: Algorithm, realm_host: &str) -> Option<Self> {
        if !TokenServer::at_hand() {
            return None;
        }
        let tokens = TokenServer::start(algorithm).await;
        let auth = TokenAuth {
            realm: tokens.realm(realm_host),
            service: SERVICE,
            issuer: ISSUER,
            bundle: tokens.bundle(),
            push: tokens.push_token(&["open/chart", "team/chart"]),
        };
        let registry = match kind {
            Kind::Debian if DockerRegistry::program().is_none() => None,
            Kind::Debian => Some(DockerRegistry::with_tokens(auth).await),
            Kind::Distribution3 => DockerRegistry::distribution_3_with_tokens(auth).await,
        };
        let Some(registry) = registry else {
            eprintln!("SKIPPED: the registry is not at hand");
            return None;
        };
        registry.push("open/chart", "1", b"layer").await;
        let chart = registry.push("team/chart", "1", b"layer").await;
        Some(Self {
            registry,
            tokens,
            chart,
        })
    }

    async fn debian() -> Option<Self> {
        Self::start(Kind::Debian, Algorithm::Es256, "127.0.0.1").await
    }

    fn at(&self, rest: &str) -> tagdrift::oci::Reference {
        at(self.registry.address(), rest)
    }
}

/// Tags, manifest and blob of an open and of a closed repository; what is asked of the token server.
async fn reads(kind: Kind, algorithm: Algorithm) {
    let Some(around) = Around::start(kind, algorithm, "127.0.0.1").await else {
        return;
    };
    let (digest, layer) = &around.chart;
    for (credentials, repository, asked) in [
        (None, "open/chart", vec!["anonymous repository:open/chart:pull"]),
        (
            Some(ada()),
            "team/chart",
            vec![
                "anonymous repository:team/chart:pull",
                "ada repository:team/chart:pull",
            ],
        ),
        (
            Some(Credentials::Identity(Secret::new("id-of-ada"))),
            "team/chart",
            vec![
                "anonymous repository:team/chart:pull",
                "ada repository:team/chart:pull",
            ],
        ),
    ] {
        let played = match credentials {
            Some(credentials) => Played::new().signed_in(credentials),
            None => Played::new(),
        };
        let client = played.client(Limits::default());
        let tag = around.at(&format!("{repository}:1"));
        assert_eq!(client.tags(&tag, |_| {}).await.unwrap().tags, ["1"]);
        assert_eq!(client.manifest(&tag).await.unwrap().document.digest, *digest);
        assert_eq!(read_blob(&client, &tag, layer).await.unwrap(), b"layer");
        // One token for all of it.
        assert_eq!(around.tokens.asked(), asked);
    }
}

#[tokio::test]
async fn debians_registry_with_es256() {
    reads(Kind::Debian, Algorithm::Es256).await;
}

#[tokio::test]
async fn debians_registry_with_rs256() {
    reads(Kind::Debian, Algorithm::Rs256).await;
}

#[tokio::test]
async fn distribution_3_with_es256() {
    reads(Kind::Distribution3, Algorithm::Es256).await;
}

#[tokio::test]
async fn distribution_3_with_rs256() {
    reads(Kind::Distribution3, Algorithm::Rs256).await;
}

#[tokio::test]
async fn what_is_not_granted_is_told() {
    let Some(around) = Around::debian().await else {
        return;
    };
    let registry = around.registry.address();
    let team = around.at("team/chart:1");
    let fault = Played::new()
        .client(Limits::default())
        .manifest(&team)
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied);
    assert_eq!(
        fault.message,
        format!(
            "{registry} wants credentials for \"team/chart\", or it does not exist; it says: authentication required"
        )
    );
    let wrong = Credentials::Password {
        user: "ada".into(),
        password: Secret::new("wrong"),
    };
    let client = Played::new().signed_in(wrong).client(Limits::default());
    let fault = client.manifest(&team).await.unwrap_err();
    assert_eq!(
        fault.message,
        format!(
            "{registry} refuses the given credentials for \"team/chart\"; it says: wrong name or password"
        )
    );
    around.tokens.asked();

    // A token for another repository, whoever asks: refused by the registry, and asked for once by each way.
    around.tokens.set_mood(Mood {
        other: Some("open/other"),
        ..Mood::default()
    });
    let client = Played::new().signed_in(ada()).client(Limits::default());
    let fault = client.manifest(&team).await.unwrap_err();
    assert_eq!(
        (fault.kind, fault.message),
        (
            FaultKind::Denied,
            format!(
                "{registry} refuses the given credentials for \"team/chart\"; it says: authentication required"
            )
        )
    );
    assert_eq!(
        around.tokens.asked(),
        [
            "anonymous repository:team/chart:pull",
            "ada repository:team/chart:pull"
        ]
    );
}

#[tokio::test]
async fn tokens_that_the_registry_does_not_take() {
    let Some(around) = Around::debian().await else {
        return;
    };
    let open = around.at("open/chart:1");
    for mood in [
        Mood {
            late_s: 3600,
            ..Mood::default()
        },
        Mood {
            stranger: true,
            ..Mood::default()
        },
    ] {
        around.tokens.set_mood(mood);
        let client = Played::new().client(Limits::default());
        let fault = client.manifest(&open).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Denied);
        assert_eq!(
            fault.message,
            format!(
                "{} wants credentials for \"open/chart\", or it does not exist; it says: authentication required",
                around.registry.address()
            )
        );
        assert_eq!(around.tokens.asked(), ["anonymous repository:open/chart:pull"]);
    }
}

#[tokio::test]
async fn tokens_are_renewed() {
    let Some(around) = Around::debian().await else {
        return;
    };
    let open = around.at("open/chart:1");
    let asked = || around.tokens.asked().len();
    // By the clock: ten seconds, of which the last five are not used.
    around.tokens.set_mood(Mood {
        expires_in: Some(10),
        ..Mood::default()
    });
    let client = Played::new().client(Limits::default());
    client.manifest(&open).await.unwrap();
    client.transport.pass(4_000);
    client.manifest(&open).await.unwrap();
    assert_eq!(asked(), 1);
    client.transport.pass(2_000);
    client.manifest(&open).await.unwrap();
    assert_eq!(asked(), 1);

    // Without a word about its life, it is one minute.
    around.tokens.set_mood(Mood::default());
    let client = Played::new().client(Limits::default());
    client.manifest(&open).await.unwrap();
    client.transport.pass(56_000);
    client.manifest(&open).await.unwrap();
    assert_eq!(asked(), 2);
}

/// What a page does where the registry allows it nothing: challenge, token and content by the relay.
#[tokio::test]
async fn all_of_it_by_the_relay() {
    let Some(around) = Around::debian().await else {
        return;
    };
    let relay = relay(private(&["127.0.0.1"])).await;
    let registry = around.registry.address();
    let accept = ("Accept", media_type::OCI_MANIFEST);
    let manifest = format!("/relay/v1/{registry}/v2/team/chart/manifests/{}", around.chart.0);
    let challenge = relay.ask("GET", &manifest, &[accept]).await;
    assert_eq!(challenge.status, 401);
    assert_eq!(challenge.header("cache-control"), Some("no-store"));
    let read = challenge::parse(challenge.header("www-authenticate").unwrap()).remove(0);
    assert_eq!(
        ["realm", "service", "scope"].map(|key| read.parameter(key).unwrap()),
        [
            around.tokens.realm("127.0.0.1").as_str(),
            SERVICE,
            "repository:team/chart:pull"
        ]
    );
    let asked = format!(
        "/relay/v1/127.0.0.1:{}/token?service=tide%2C%20%22registry%22&scope=repository:team/chart:pull",
        around.tokens.port()
    );
    // ada:hunter2
    let reply = relay
        .ask("GET", &asked, &[("Authorization", "Basic YWRhOmh1bnRlcjI=")])
        .await;
    assert_eq!(
        (reply.status, reply.header("cache-control")),
        (200, Some("no-store"))
    );
    let reply: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    let bearer = format!("Bearer {}", reply["token"].as_str().unwrap());
    let shown = ("Authorization", bearer.as_str());
    let served = relay.ask("GET", &manifest, &[accept, shown]).await;
    assert_eq!(
        (served.status, served.header("cache-control")),
        (200, Some("private, max-age=31536000, immutable"))
    );
    assert_eq!(Digest::sha256(&served.body), around.chart.0);
    let blob = format!(
        "/relay/v1/{registry}/v2/team/chart/blobs/{}",
        around.chart.1.digest
    );
    assert_eq!(relay.ask("GET", &blob, &[shown]).await.text(), "layer");
    assert_eq!(relay.ask("GET", &blob, &[]).await.status, 401);
}

/// Runs `tagdrift tags` as ada, with further arguments: exit code, output, errors.
async fn tags_as_ada(around: &Around, more: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tagdrift"));
    command
        .args(["tags", &format!("{}/team/chart", around.registry.address())])
        .args(["--username", "ada", "--password-stdin"])
        .args(more)
        .env("TAGDRIFT_CACHE", "")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let run = move || {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"hunter2\n").unwrap();
        child.wait_with_output().unwrap()
    };
    let done = tokio::task::spawn_blocking(run).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

/// The realm is `localhost`, the registry `127.0.0.1`: two hosts.
#[tokio::test]
async fn a_foreign_realm_is_trusted_by_its_option_only() {
    let Some(around) = Around::start(Kind::Debian, Algorithm::Es256, "localhost").await else {
        return;
    };
    let realm = format!("localhost:{}", around.tokens.port());
    for more in [
        vec![],
        vec!["--trust-realm", "localhost:1"],
        vec!["--trust-realm", "other"],
    ] {
        let (code, out, err) = tags_as_ada(&around, &more).await;
        assert_eq!((code, out.as_str()), (Some(2), ""));
        assert_eq!(
            err,
            format!(
                "tagdrift: {} wants its credentials shown to {realm}, another host: not done without your consent; to give it, add --trust-realm {realm} (http://{realm}/token)\n",
                around.registry.address()
            )
        );
        // No credentials, not even wrong ones, came there.
        assert_eq!(around.tokens.asked(), ["anonymous repository:team/chart:pull"]);
    }
    let (code, out, err) = tags_as_ada(&around, &["--trust-realm", &realm.to_uppercase()]).await;
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "1\n", ""));
}
