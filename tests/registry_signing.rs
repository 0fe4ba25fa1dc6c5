//! Signing in, against a token server that checks everything it is shown, and against ones that cheat.
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

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use scripted::{Act, Asked, Played, Scripted};
use tagdrift::fault::FaultKind;
use tagdrift::limits::Limits;
use tagdrift::oci::Reference;
use tagdrift::registry::{Credentials, Secret};

const INDEX: &[u8] = br#"{"schemaVersion":2,"manifests":[]}"#;
/// ada:hunter2
const ADA: &str = "Basic YWRhOmh1bnRlcjI=";

fn small() -> Limits {
    Limits {
        reply_bytes: 4 << 10,
        ..Limits::default()
    }
}

fn ada() -> Credentials {
    Credentials::Password {
        user: "ada".into(),
        password: Secret::new("hunter2"),
    }
}

fn at(host: &str, rest: &str) -> Reference {
    format!("{host}/{rest}").parse().unwrap()
}

/// A registry with its token server on the same host, as the token specification has it: `open/…` may be
/// pulled by everybody, all else by ada. Tokens are good for one scope, and die when they are taken back.
#[derive(Clone, Default)]
struct TokenAuth {
    valid: Arc<Mutex<HashSet<String>>>,
    life: Option<u64>,
}

impl TokenAuth {
    fn answer(&self, asked: &Asked, own: SocketAddr) -> Act {
        if asked.path.starts_with("/token") {
            return self.token(asked);
        }
        let repository = asked
            .path
            .trim_start_matches("/v2/")
            .split("/manifests/")
            .next()
            .unwrap_or_default();
        let wanted = format!("repository:{repository}:pull");
        let shown = asked
            .header("authorization")
            .and_then(|a| a.strip_prefix("Bearer "));
        let good = shown.is_some_and(|t| {
            self.valid.lock().unwrap().contains(t) && t.split('~').nth(1) == Some(&wanted.replace(':', "."))
        });
        if good {
            return Act::reply(200, INDEX);
        }
        Act::reply(
            401,
            r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#,
        )
        .with(
            "WWW-Authenticate",
            format!(r#"Bearer realm="http://{own}/token",service="tide, \"registry\"",scope="{wanted}""#),
        )
    }

    fn token(&self, asked: &Asked) -> Act {
        let refused = || Act::reply(401, r#"{"details":"incorrect username or password"}"#);
        let (scope, signed_in) = if asked.method == "POST" {
            if !asked.body.contains("grant_type=refresh_token")
                || !asked.body.contains("refresh_token=id-of-ada")
            {
                return refused();
            }
            let scope = asked
                .body
                .split("scope=")
                .nth(1)
                .and_then(|s| s.split('&').next());
            (
                scope.unwrap_or_default().replace("%3A", ":").replace("%2F", "/"),
                true,
            )
        } else {
            assert!(
                asked.path.contains("service=tide%2C%20%22registry%22"),
                "{}",
                asked.path
            );
            let scope = asked
                .path
                .split("scope=")
                .nth(1)
                .and_then(|s| s.split('&').next());
            let signed_in = match asked.header("authorization") {
                None => false,
                Some(ADA) => true,
                Some(_) => return refused(),
            };
            (scope.unwrap_or_default().to_owned(), signed_in)
        };
        // A reduced scope is no error: an anonymous token is given, but opens nothing private.
        let granted = signed_in || scope.starts_with("repository:open/");
        let token = format!(
            "t{}~{}",
            asked.number,
            if granted {
                scope.replace(':', ".")
            } else {
                String::new()
            }
        );
        self.valid.lock().unwrap().insert(token.clone());
        let life = self
            .life
            .map(|s| format!(r#","expires_in":{s}"#))
            .unwrap_or_default();
        Act::reply(200, format!(r#"{{"access_token":"{token}"{life}}}"#))
    }

    async fn play(&self) -> Scripted {
        let this = self.clone();
        Scripted::play(move |asked, own| this.answer(asked, own)).await
    }
}

fn counted(registry: &Scripted) -> (usize, usize) {
    let lines = registry.lines();
    let tokens = lines.iter().filter(|l| l.contains("/token")).count();
    (lines.len() - tokens, tokens)
}

#[tokio::test]
async fn anonymous_tokens_are_enough_for_what_is_public_and_are_kept() {
    let registry = TokenAuth::default().play().await;
    let client = Played::new().signed_in(ada()).client(small());
    let open = at(&registry.host(), "open/chart:1");
    client.manifest(&open).await.unwrap();
    assert_eq!(counted(&registry), (2, 1));
    client.manifest(&open).await.unwrap();
    assert_eq!(counted(&registry), (3, 1), "the token is kept");
    assert_eq!(*client.transport.questions.lock().unwrap(), Vec::<String>::new());
    assert!(
        registry
            .asked()
            .iter()
            .all(|a| a.header("authorization") != Some(ADA))
    );

    // 60 seconds are a token's life when it does not say.
    client.transport.pass(61_000);
    client.manifest(&open).await.unwrap();
    assert_eq!(counted(&registry), (5, 2));
    // Another repository is another scope.
    client
        .manifest(&at(&registry.host(), "open/other:1"))
        .await
        .unwrap();
    assert_eq!(counted(&registry), (7, 3));
}

#[tokio::test]
async fn credentials_are_shown_when_anonymous_does_not_do() {
    let registry = TokenAuth::default().play().await;
    let secret = at(&registry.host(), "team/chart:1");

    let nobody = Played::new().client(small());
    let fault = nobody.manifest(&secret).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied);
    assert_eq!(
        fault.message,
        format!(
            "{} wants credentials for \"team/chart\", or it does not exist; it says: authentication required",
            registry.host()
        )
    );

    let client = Played::new().signed_in(ada()).client(small());
    client.manifest(&secret).await.unwrap();
    client.transport.pass(61_000);
    let before = counted(&registry);
    client.manifest(&secret).await.unwrap();
    let after = counted(&registry);
    assert_eq!(
        (after.0 - before.0, after.1 - before.1),
        (2, 1),
        "anonymous is not tried in vain again"
    );
    assert_eq!(
        *client.transport.questions.lock().unwrap(),
        [format!("credentials for {}", registry.host())]
    );

    let wrong = Credentials::Password {
        user: "ada".into(),
        password: Secret::new("wrong"),
    };
    let client = Played::new().signed_in(wrong).client(small());
    let fault = client.manifest(&secret).await.unwrap_err();
    assert_eq!(
        fault.message,
        format!(
            "{} refuses the given credentials for \"team/chart\"; it says: incorrect username or password",
            registry.host()
        )
    );
    assert!(!format!("{fault:?}").contains("wrong"));
}

#[tokio::test]
async fn identity_tokens_are_traded() {
    let registry = TokenAuth::default().play().await;
    let identity = Credentials::Identity(Secret::new("id-of-ada"));
    let client = Played::new().signed_in(identity).client(small());
    client
        .manifest(&at(&registry.host(), "team/chart:1"))
        .await
        .unwrap();
    let posts: Vec<_> = registry
        .asked()
        .into_iter()
        .filter(|a| a.method == "POST")
        .collect();
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0].path, "/token");
    assert!(registry.asked().iter().all(|a| !a.path.contains("id-of-ada")));
}

#[tokio::test]
async fn a_token_taken_back_is_fetched_anew() {
    let server = TokenAuth {
        life: Some(3600),
        ..TokenAuth::default()
    };
    let registry = server.play().await;
    let client = Played::new().client(small());
    let open = at(&registry.host(), "open/chart:1");
    client.manifest(&open).await.unwrap();
    server.valid.lock().unwrap().clear();
    client.manifest(&open).await.unwrap();
    assert_eq!(counted(&registry), (4, 2));
}

#[tokio::test]
async fn short_lived_tokens_are_shown_once() {
    let server = TokenAuth {
        life: Some(1),
        ..TokenAuth::default()
    };
    let registry = server.play().await;
    let client = Played::new().signed_in(ada()).client(small());
    client
        .manifest(&at(&registry.host(), "open/chart:1"))
        .await
        .unwrap();
    client
        .manifest(&at(&registry.host(), "team/chart:1"))
        .await
        .unwrap();
}

/// A realm on another host than the registry: `localhost` against `127.0.0.1`.
async fn foreign() -> (Scripted, Scripted) {
    let realm = Scripted::play(|asked, _| match asked.header("authorization") {
        Some(ADA) => Act::reply(200, r#"{"token":"good"}"#),
        _ => Act::reply(200, r#"{"token":"anonymous"}"#),
    })
    .await;
    let address = format!("http://localhost:{}/token", realm.port());
    let registry = Scripted::play(move |asked, _| match asked.header("authorization") {
        Some("Bearer good") => Act::reply(200, INDEX),
        _ => Act::reply(401, "").with(
            "WWW-Authenticate",
            format!("Bearer realm=\"{address}\",service=\"s\""),
        ),
    })
    .await;
    (registry, realm)
}

#[tokio::test]
async fn a_foreign_realm_sees_credentials_only_when_the_user_agrees() {
    let (registry, realm) = foreign().await;
    let client = Played::new().signed_in(ada()).client(small());
    let fault = client.manifest(&at(&registry.host(), "a/b:1")).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied);
    assert_eq!(
        fault.message,
        format!(
            "{} wants its credentials shown to localhost:{}, another host: not done without your consent",
            registry.host(),
            realm.port()
        )
    );
    assert!(realm.asked().iter().all(|a| a.header("authorization").is_none()));
    assert!(
        realm.asked().iter().all(|a| !a.path.contains("ada")),
        "not even the name"
    );

    let (registry, realm) = foreign().await;
    let client = Played::new().signed_in(ada()).agreeing().client(small());
    client.manifest(&at(&registry.host(), "a/b:1")).await.unwrap();
    client.session.set_credentials(&registry.host(), Some(ada()));
    client.manifest(&at(&registry.host(), "a/c:1")).await.unwrap();
    let asks: Vec<_> = client
        .transport
        .questions
        .lock()
        .unwrap()
        .iter()
        .filter(|q| q.starts_with("show"))
        .cloned()
        .collect();
    assert_eq!(
        asks,
        [format!(
            "show those of {} to localhost:{}",
            registry.host(),
            realm.port()
        )],
        "asked once"
    );
}

#[tokio::test]
async fn endless_401s_end() {
    let script = |header: fn(SocketAddr) -> String| {
        Scripted::play(move |asked, own| {
            if asked.path.starts_with("/token") {
                return Act::reply(200, r#"{"token":"t"}"#);
            }
            Act::reply(401, "").with("WWW-Authenticate", header(own))
        })
    };
    let mut told = Vec::new();
    for header in [
        (|own| format!("Bearer realm=\"http://{own}/token\"")) as fn(SocketAddr) -> String,
        |own| format!("Bearer realm=\"http://{own}/token\", Basic realm=x"),
        |_| "Basic realm=x".to_owned(),
        |_| "Negotiate".to_owned(),
        |_| String::new(),
    ] {
        let registry = script(header).await;
        let client = Played::new().signed_in(ada()).client(small());
        let fault = client.manifest(&at(&registry.host(), "a/b:1")).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Denied);
        told.push(fault.message.replace(&registry.host(), "HOST"));
        assert!(registry.asked().len() <= 6, "{:?}", registry.lines());
        let again = client.manifest(&at(&registry.host(), "a/b:1")).await.unwrap_err();
        assert_eq!(again.kind, FaultKind::Denied);
        assert!(registry.asked().len() <= 13, "{:?}", registry.lines());
    }
    let refused = "HOST refuses the given credentials for \"a/b\"";
    assert_eq!(
        told,
        [
            refused,
            refused,
            refused,
            "HOST wants a sign-in by Negotiate, and only Bearer and Basic are spoken here",
            "HOST wants credentials for \"a/b\", or it does not exist",
        ]
    );
}

#[tokio::test]
async fn bearer_goes_before_basic() {
    // As Gitea has it: two headers, a Bearer realm with neither service nor scope.
    let registry = Scripted::play(|asked, own| {
        if asked.path.starts_with("/token") {
            return Act::reply(200, r#"{"token":"good"}"#);
        }
        match asked.header("authorization") {
            Some("Bearer good") => Act::reply(200, INDEX),
            _ => Act::reply(401, "")
                .with("WWW-Authenticate", format!("Bearer realm=\"http://{own}/token\""))
                .with("WWW-Authenticate", "Basic realm=\"Gitea\""),
        }
    })
    .await;
    let client = Played::new().signed_in(ada()).client(small());
    client.manifest(&at(&registry.host(), "a/b:1")).await.unwrap();
    assert_eq!(
        registry.lines(),
        [
            "GET /v2/a/b/manifests/1",
            "GET /token?scope=repository:a/b:pull",
            "GET /v2/a/b/manifests/1"
        ]
    );
}

#[tokio::test]
async fn basic_is_remembered_for_the_host() {
    let registry = Scripted::play(|asked, _| match asked.header("authorization") {
        Some(ADA) => Act::reply(200, INDEX),
        _ => Act::reply(401, "").with("WWW-Authenticate", "Basic realm=/"),
    })
    .await;
    let client = Played::new().signed_in(ada()).client(small());
    client.manifest(&at(&registry.host(), "a/b:1")).await.unwrap();
    client.manifest(&at(&registry.host(), "a/c:1")).await.unwrap();
    assert_eq!(registry.asked().len(), 3);
}

/// What a token server may answer instead of a token.
async fn with_token_answer(answer: impl Fn() -> Act + Send + Sync + 'static) -> (String, Scripted) {
    let registry = Scripted::play(move |asked, own| {
        if asked.path.starts_with("/token") {
            return answer();
        }
        Act::reply(401, "").with("WWW-Authenticate", format!("Bearer realm=\"http://{own}/token\""))
    })
    .await;
    let client = Played::new().client(small());
    let fault = client.manifest(&at(&registry.host(), "a/b:1")).await.unwrap_err();
    (fault.message, registry)
}

#[tokio::test]
async fn token_servers_that_cheat() {
    let bomb = || {
        let head = b"HTTP/1.1 200 X\r\nConnection: close\r\n\r\n{\"token\":\"".to_vec();
        Act::Endless(head, vec![b'a'; 1024])
    };
    let (message, registry) = with_token_answer(bomb).await;
    assert_eq!(message, "the token reply exceeds the limit of 4096 bytes");
    assert!(registry.sent() < 16 << 20);
    for (body, message) in [
        ("<html>", "an HTML or XML page where a token was expected"),
        ("{}", "the token reply holds neither token nor access_token"),
        (
            r#"{"token":"a\nb"}"#,
            "the token reply holds a token that no header can carry",
        ),
    ] {
        assert_eq!(with_token_answer(move || Act::reply(200, body)).await.0, message);
    }
    let (message, registry) = with_token_answer(|| Act::reply(302, "").with("Location", "/token")).await;
    assert_eq!(
        message,
        format!(
            "{} redirects in circles: given up after 10 redirects",
            registry.host()
        )
    );
    assert_eq!(registry.asked().len(), 12);
    let (message, registry) = with_token_answer(|| Act::reply(503, "")).await;
    assert_eq!(message, format!("{} failed with status 503", registry.host()));
    assert_eq!(registry.asked().len(), 6);
}

/// Cuts the token's answer after every byte in turn.
#[tokio::test]
async fn a_token_cut_at_every_byte() {
    let whole = Act::reply(200, r#"{"token":"good"}"#).bytes();
    for cut in 0..whole.len() {
        let whole = whole.clone();
        let registry = Scripted::play(move |asked, own| {
            if asked.path.starts_with("/token") {
                return Act::Raw(if asked.number == 1 {
                    whole[..cut].to_vec()
                } else {
                    whole.clone()
                });
            }
            match asked.header("authorization") {
                Some("Bearer good") => Act::reply(200, INDEX),
                _ => Act::reply(401, "")
                    .with("WWW-Authenticate", format!("Bearer realm=\"http://{own}/token\"")),
            }
        })
        .await;
        let client = Played::new().client(small());
        let served = client.manifest(&at(&registry.host(), "a/b:1")).await;
        assert!(served.is_ok(), "cut after {cut} bytes: {}", served.unwrap_err());
        assert_eq!(counted(&registry), (2, 2), "cut after {cut} bytes");
    }
}
