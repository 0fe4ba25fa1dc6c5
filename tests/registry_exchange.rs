//! The exchange as a machine, without any wire: what cannot be played on a loopback (https, public
//! addresses, a browser that hides headers), step by step.
#![cfg(not(target_arch = "wasm32"))]
// Tests fail loudly, and each uses its part of the support only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

use tagdrift::fault::{Fault, FaultKind};
use tagdrift::limits::Limits;
use tagdrift::native::transport::Wire;
use tagdrift::oci::Digest;
use tagdrift::registry::{
    Abilities, Credentials, Event, Exchange, Goal, HttpRequest, Method, Patience, Repository, ResponseHead,
    Secret, Session, Step, Tick, Url, What, WireFault, WireKind,
};

fn session() -> Session {
    let abilities = Abilities {
        follows_redirects: false,
        decodes: false,
    };
    Session::new(Limits::default(), Patience::default(), abilities)
}

/// An exchange with its session.
struct Run {
    exchange: Exchange,
    session: Session,
}

impl Run {
    fn of(reference: &str, what: What, wide: bool) -> Self {
        Self::in_session(reference, what, wide, session())
    }

    fn in_session(reference: &str, what: What, wide: bool, session: Session) -> Self {
        let repository = Repository::of(&reference.parse().unwrap());
        let plain = session.is_plain(&repository.api_host);
        let goal = Goal::new(&repository, what, plain).unwrap();
        Self {
            exchange: Exchange::new(goal, wide),
            session,
        }
    }

    fn step(&mut self, event: Event) -> Step {
        let tick = Tick {
            now_ms: 1_767_225_600_000,
            random: 1,
        };
        self.exchange.advance(event, tick, &self.session)
    }

    fn start(&mut self) -> HttpRequest {
        sent(self.step(Event::Start))
    }

    fn head(&mut self, status: u16, headers: &[(&str, &str)]) -> Step {
        self.step(Event::Head(head(status, headers, true)))
    }

    /// A head without any readable header, as a browser gives it.
    fn bare(&mut self, status: u16) -> Step {
        self.step(Event::Head(head(status, &[], false)))
    }

    fn reply(&mut self, body: &str) -> Step {
        self.step(Event::Reply {
            bytes: body.as_bytes().to_vec(),
            whole: true,
        })
    }
}

fn head(status: u16, headers: &[(&str, &str)], all_headers: bool) -> ResponseHead {
    ResponseHead {
        status,
        headers: headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        all_headers,
    }
}

fn sent(step: Step) -> HttpRequest {
    match step {
        Step::Send(request) => request,
        other => panic!("expected a request, got {other:?}"),
    }
}

fn failed(step: Step) -> Fault {
    match step {
        Step::Fail(fault) => fault,
        other => panic!("expected a fault, got {other:?}"),
    }
}

fn tag() -> What {
    What::Tag("1".to_owned())
}

fn blob() -> What {
    What::Blob(Digest::sha256(b""))
}

#[test]
fn redirects_that_are_refused() {
    for (reference, location, message) in [
        (
            "r.example/a:1",
            "http://cdn.example/x",
            "r.example redirects from https to http://cdn.example: refused",
        ),
        (
            "r.example/a:1",
            "http://r.example/x",
            "r.example redirects from https to http://r.example: refused",
        ),
        (
            "r.example/a:1",
            "https://127.0.0.1:8080/x",
            "r.example points to the private address 127.0.0.1:8080: refused",
        ),
        (
            "r.example/a:1",
            "https://169.254.169.254/latest/meta-data",
            "r.example points to the private address 169.254.169.254: refused",
        ),
        (
            "r.example/a:1",
            "https://[::ffff:10.0.0.1]/x",
            "r.example points to the private address [::ffff:10.0.0.1]: refused",
        ),
        (
            "r.example/a:1",
            "https://localhost/x",
            "r.example points to the private address localhost: refused",
        ),
        (
            "r.example/a:1",
            "https://user:pass@cdn.example/x",
            "r.example redirects to a place that cannot be read: the URL carries a user name",
        ),
        (
            "r.example/a:1",
            "https://0177.0.0.1/x",
            "r.example redirects to a place that cannot be read: \"0177.0.0.1\" is no host",
        ),
    ] {
        let mut run = Run::of(reference, tag(), true);
        run.start();
        let fault = failed(run.head(307, &[("Location", location)]));
        assert_eq!(fault.message, message, "{location}");
    }
}

#[test]
fn authorization_is_dropped_where_the_origin_changes() {
    for (location, kept) in [
        ("https://r.example/elsewhere", true),
        ("/elsewhere", true),
        ("https://r.example:443/elsewhere", true),
        ("https://r.example:8443/elsewhere", false),
        ("https://cdn.example/elsewhere", false),
        ("https://a.r.example/elsewhere", false),
    ] {
        let session = session();
        session.set_credentials("r.example", Some(Credentials::Access(Secret::new("t0ken"))));
        let mut run = Run::in_session("r.example/a:1", blob(), true, session);
        assert_eq!(
            run.start().authorization,
            None,
            "nothing is shown before it was asked for"
        );
        run.head(
            401,
            &[("WWW-Authenticate", "Bearer realm=\"https://r.example/t\"")],
        );
        sent(run.reply(""));
        run.head(401, &[]);
        let request = sent(run.reply(""));
        assert_eq!(request.authorization, Some(Secret::new("Bearer t0ken")));
        let request = sent(run.head(307, &[("Location", location)]));
        assert_eq!(request.authorization.is_some(), kept, "{location}");
        assert_eq!(request.chosen_by.is_some(), !kept, "{location}");
        if !kept {
            // It does not come back when the way leads home again.
            let home = sent(run.head(307, &[("Location", "https://r.example/home")]));
            assert_eq!(home.authorization, None);
        }
    }
}

#[test]
fn a_browser_that_hides_the_challenge_is_helped_by_known_realms() {
    for (reference, token_url) in [
        (
            "ghcr.io/a/b:1",
            "https://ghcr.io/token?service=ghcr.io&scope=repository:a/b:pull",
        ),
        (
            "nginx:1",
            "https://auth.docker.io/token?service=registry.docker.io&scope=repository:library/nginx:pull",
        ),
        (
            "quay.io/a/b:1",
            "https://quay.io/v2/auth?service=quay.io&scope=repository:a/b:pull",
        ),
        (
            "public.ecr.aws/a/b:1",
            "https://public.ecr.aws/token/?service=public.ecr.aws&scope=aws",
        ),
        ("cgr.dev/a/b:1", "https://cgr.dev/token?scope=repository:a/b:pull"),
        (
            "registry.gitlab.com/a/b:1",
            "https://gitlab.com/jwt/auth?service=container_registry&scope=repository:a/b:pull",
        ),
    ] {
        let mut run = Run::of(reference, tag(), false);
        run.start();
        assert!(matches!(run.bare(401), Step::ReadReply));
        let request = sent(run.reply(""));
        assert_eq!(request.url.to_string(), token_url);
        assert_eq!((request.authorization, request.accept), (None, None));
    }
    // Nothing is known about this one: credentials by Basic are what is left.
    let mut run = Run::of("r.example/a:1", tag(), false);
    run.start();
    run.bare(401);
    assert!(matches!(run.reply(""), Step::WantCredentials(registry) if registry == "r.example"));
}

#[test]
fn the_short_accept_first_and_the_wide_one_when_it_matters() {
    let short = "application/vnd.oci.image.manifest.v1+json,application/vnd.oci.image.index.v1+json";
    for (status, body) in [
        (404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#),
        (404, "not found"),
        (406, ""),
    ] {
        let mut run = Run::of("r.example/a:1", tag(), false);
        assert_eq!(run.start().accept, Some(short));
        run.bare(status);
        let wide = sent(run.reply(body)).accept.unwrap();
        assert!(wide.contains("vnd.docker.distribution.manifest.list.v2+json"));
        // A preflight that fails says nothing; the first answer stands.
        let fault = failed(run.step(Event::Failed(WireFault::new(WireKind::Blocked, ""))));
        assert_ne!(fault.kind, FaultKind::Unreachable, "{fault}");
    }
    let mut run = Run::of("r.example/a:1", tag(), false);
    run.start();
    run.bare(404);
    let fault = failed(run.reply(r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#));
    assert_eq!(fault.message, "r.example has no repository \"a\"");
}

#[test]
fn ghcr_says_the_same_for_missing_and_private() {
    let mut run = Run::of("ghcr.io/a/b:1", tag(), true);
    run.session.set_credentials("ghcr.io", None);
    run.start();
    run.head(
        401,
        &[(
            "WWW-Authenticate",
            "Bearer realm=\"https://ghcr.io/token\",service=\"ghcr.io\"",
        )],
    );
    sent(run.reply(""));
    run.head(403, &[]);
    let fault = failed(
        run.reply(r#"{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}"#),
    );
    assert_eq!(fault.kind, FaultKind::Denied);
    assert_eq!(
        fault.to_string(),
        "\"a/b\" is missing or private: ghcr.io gives the same answer for both, so check the name, or sign in (https://ghcr.io/v2/a/b/manifests/1)"
    );
}

#[test]
fn realms_that_are_refused() {
    for (realm, message) in [
        (
            "http://r.example/t",
            "r.example names a token realm without https, http://r.example: refused",
        ),
        (
            "http://127.0.0.1/t",
            "r.example points to the private address 127.0.0.1: refused",
        ),
        (
            "https://10.0.0.7/t",
            "r.example points to the private address 10.0.0.7: refused",
        ),
        (
            "javascript:alert(1)",
            "r.example names a token realm that cannot be read: the URL has no scheme",
        ),
    ] {
        let mut run = Run::of("r.example/a:1", tag(), true);
        run.start();
        run.head(401, &[("WWW-Authenticate", &format!("Bearer realm=\"{realm}\""))]);
        assert_eq!(failed(run.reply("")).message, message);
    }
}

#[test]
fn a_redirected_sign_in_is_refused() {
    let session = session();
    session.set_credentials("r.example", Some(Credentials::Identity(Secret::new("id"))));
    let mut run = Run::in_session("r.example/a:1", tag(), true, session);
    run.start();
    run.head(
        401,
        &[("WWW-Authenticate", "Bearer realm=\"https://r.example/t\"")],
    );
    sent(run.reply(""));
    run.head(401, &[]);
    let post = sent(run.reply(""));
    assert_eq!(post.method, Method::Post);
    let fault = failed(run.head(307, &[("Location", "https://evil.example/t")]));
    assert_eq!(fault.message, "the token realm redirects a sign-in: refused");
}

#[test]
fn debug_output_shows_no_secret() {
    let session = session();
    session.set_credentials("r.example", Some(Credentials::Access(Secret::new("s3cret"))));
    let mut run = Run::in_session("r.example/a:1", tag(), true, session);
    run.start();
    run.head(
        401,
        &[("WWW-Authenticate", "Bearer realm=\"https://r.example/t\"")],
    );
    run.reply("");
    run.head(200, &[]);
    let request = run.reply(r#"{"token":"s3cret"}"#);
    let shown = format!("{request:?} {:?} {:?}", run.exchange, run.session);
    assert!(
        shown.contains("Secret(…)") && !shown.contains("s3cret"),
        "{shown}"
    );
}

#[test]
fn a_driver_out_of_step_gets_a_fault() {
    let mut run = Run::of("r.example/a:1", tag(), true);
    let fault = failed(run.step(Event::Waited));
    assert_eq!(
        fault.message,
        "the driver brought the end of a pause while a start was awaited"
    );
    let fault = failed(run.step(Event::Start));
    assert_eq!(
        fault.message,
        "the driver brought a start while nothing was awaited"
    );
}

/// Whatever a registry answers, an exchange ends, and the credentials are shown to its own host only.
#[test]
fn every_way_through_ends() {
    use proptest::prelude::*;
    let answers = prop::collection::vec(
        (
            prop::sample::select(vec![
                200_u16, 206, 301, 307, 401, 403, 404, 406, 418, 429, 500, 503,
            ]),
            prop::sample::select(vec![
                "",
                "Bearer realm=\"https://r.example/t\"",
                "Bearer realm=\"https://evil.example/t\",scope=\"x\"",
                "Basic realm=x",
                "Bearer realm=\"https://evil.example/t\", Basic realm=x",
            ]),
            prop::sample::select(vec!["", "/x", "https://evil.example/x", "https://r.example/y"]),
            prop::sample::select(vec![
                "",
                "{\"token\":\"abc\"}",
                "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}",
            ]),
            any::<bool>(),
        ),
        1..12,
    );
    let config = ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..Default::default()
    };
    proptest!(config, |(answers in answers, wide: bool, headers_seen: bool)| {
        let session = session();
        let ada = Credentials::Password { user: "ada".into(), password: Secret::new("hunter2") };
        session.set_credentials("r.example", Some(ada));
        let mut run = Run::in_session("r.example/a:1", tag(), wide, session);
        let mut events = answers.iter().cycle();
        let mut step = run.step(Event::Start);
        let mut steps = 0;
        loop {
            steps += 1;
            prop_assert!(steps < 200, "it does not end");
            let (status, challenge, location, body, yes) = events.next().unwrap();
            step = match step {
                Step::Send(request) => {
                    let shown = request.authorization.as_ref().map(|s| s.reveal().to_owned());
                    if request.url.host() != "r.example" {
                        let is_realm = request.url.path().starts_with("/t");
                        prop_assert!(shown.is_none(), "{} got {shown:?} (realm: {is_realm})", request.url);
                        prop_assert!(!request.url.to_string().contains("ada"));
                        prop_assert_eq!(request.chosen_by.as_deref(), Some("r.example"));
                    }
                    let all = [("WWW-Authenticate", *challenge), ("Location", *location)];
                    let given: Vec<_> = all.into_iter().filter(|(_, v)| !v.is_empty()).collect();
                    run.step(Event::Head(head(*status, &given, headers_seen)))
                }
                Step::ReadReply => run.step(Event::Reply { bytes: body.as_bytes().to_vec(), whole: *yes }),
                Step::Wait(pause) => {
                    prop_assert!(pause.milliseconds <= 60_000);
                    run.step(Event::Waited)
                }
                Step::Ask(realm) => {
                    prop_assert_eq!(realm.realm_host.as_str(), "evil.example");
                    run.step(Event::Answered(false))
                }
                Step::WantCredentials(_) => run.step(Event::Credentials(None)),
                Step::Answer(_) | Step::Fail(_) => break,
            };
        }
    });
}

fn request(chosen_by: Option<&str>, url: &str) -> HttpRequest {
    HttpRequest {
        method: Method::Get,
        url: Url::parse(url).unwrap(),
        accept: None,
        authorization: None,
        range_from: None,
        form: None,
        chosen_by: chosen_by.map(str::to_owned),
        bulk: false,
    }
}

#[tokio::test]
async fn what_is_no_tls_is_told_as_that() {
    use tokio::io::AsyncWriteExt as _;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
    });
    let wire = Wire::new().unwrap();
    let fault = wire
        .send(&request(None, &format!("https://{address}/v2/")))
        .await
        .map(|_| ())
        .unwrap_err();
    assert_eq!(fault.kind, WireKind::Tls, "{fault:?}");
    assert!(fault.detail.contains("corrupt message"), "{fault:?}");
}

#[tokio::test]
async fn a_name_that_leads_home_is_not_connected_to() {
    let wire = Wire::new().unwrap();
    let kind = async |request| wire.send(&request).await.map(|_| ()).unwrap_err().kind;
    // A public registry points to a name for a loopback address, and to one as it stands.
    for url in ["http://localhost:1/x", "http://127.0.0.1:1/x", "http://[::1]:1/x"] {
        assert_eq!(
            kind(request(Some("8.8.8.8"), url)).await,
            WireKind::Private,
            "{url}"
        );
        // What the user named, and what a private registry points to, is tried.
        assert_eq!(kind(request(None, url)).await, WireKind::Connect, "{url}");
        assert_eq!(
            kind(request(Some("127.0.0.1:5000"), url)).await,
            WireKind::Connect,
            "{url}"
        );
    }
}
