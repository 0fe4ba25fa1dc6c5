//! What registries say: challenges, token replies, `Link`, `Retry-After`, redirects, listings, refusals, layouts.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tagdrift::fault::Fault;
use tagdrift::limits::Limits;
use tagdrift::oci::{Digest, Reference};
use tagdrift::registry::challenge;
use tagdrift::registry::{
    Abilities, Body, Client, Credentials, ForeignRealm, HttpRequest, Layout, Patience, Pause, ResponseHead,
    Secret, Session, Tick, Transport, Url, WireFault, WireKind,
};

use super::{SIDES, sides, steered};

const REGISTRY: &str = "registry.example";
const PASSWORD: &str = "correct-horse-battery";

/// `index.json` of an OCI layout.
pub fn layout(data: &[u8]) {
    if let Ok(layout) = Layout::read(data, &Limits::default()) {
        for tag in layout.tags() {
            let found = layout.tagged(&tag).expect("a tag that is listed is there");
            assert_eq!(Layout::path(&found.digest).split('/').count(), 3);
        }
    }
}

/// A whole conversation: responses in their order, with [`SIDES`] between them, each a line with the status, lines with
/// headers, an empty line and a body. Status 0 is a broken connection. The first byte of an input says what is asked for.
///
/// Whatever is answered: credentials go to the registry's own host only, as the user agrees to no other; no fault tells
/// them; and the conversation ends.
pub fn conversation(data: &[u8]) {
    let (steer, script) = steered(data);
    // Comparisons are traced, so the fuzzer learns the password from the checks below, and says it itself.
    if String::from_utf8_lossy(script).contains(PASSWORD) {
        return;
    }
    for line in script.split(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(line);
        let _ = challenge::parse(&line);
        if let Ok(url) = Url::parse(&line) {
            let written = url.to_string();
            assert_eq!(Url::parse(&written).as_ref(), Ok(&url), "{written:?}");
            let _ = url.join("../x?y").map(|joined| assert!(joined.same_origin(&url)));
        }
    }
    let limits = Limits {
        manifest_bytes: 16 << 10,
        reply_bytes: 4 << 10,
        listing_bytes: 16 << 10,
        listing_pages: 20,
        tags: 100,
        ..Limits::default()
    };
    let abilities = Abilities {
        follows_redirects: false,
        decodes: steer & 4 != 0,
    };
    let script = Script {
        rest: RefCell::new(script.to_vec()),
        credentials: match steer >> 3 & 3 {
            0 => None,
            1 => Some(Credentials::Password {
                user: "reader".to_owned(),
                password: Secret::new(PASSWORD),
            }),
            2 => Some(Credentials::Identity(Secret::new(PASSWORD))),
            _ => Some(Credentials::Access(Secret::new(PASSWORD))),
        },
        sent: Cell::new(0),
        now_ms: Cell::new(1_700_000_000_000),
    };
    let client = Client::new(script, Session::new(limits, Patience::default(), abilities));
    let reference: Reference = format!("{REGISTRY}/kelp:1.0.0").parse().expect("a reference");
    let fault = match steer & 3 {
        0 => at_once(client.manifest(&reference)).err(),
        1 => match at_once(client.tags(&reference, |_| {})) {
            Ok(tags) => {
                assert!(tags.tags.len() <= 100, "more tags than allowed");
                tags.cut
            }
            Err(fault) => Some(fault),
        },
        2 => at_once(client.digest_of_tag(&reference)).err(),
        _ => at_once(client.manifest(&reference.at_digest(Digest::sha256(b"")))).err(),
    };
    if let Some(fault) = fault {
        let told = fault.to_string();
        assert!(!told.contains(PASSWORD), "a fault tells the password: {told}");
        assert!(
            !told.chars().any(char::is_control),
            "control characters in {told:?}"
        );
    }
}

/// Runs what never waits.
fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("waits, though nothing does"),
    }
}

/// Answers from the input, until nothing is left of it.
struct Script {
    rest: RefCell<Vec<u8>>,
    credentials: Option<Credentials>,
    sent: Cell<u32>,
    now_ms: Cell<u64>,
}

struct Once(Option<Vec<u8>>);

impl Body for Once {
    type Chunk = Vec<u8>;

    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, WireFault> {
        Ok(self.0.take())
    }
}

impl Transport for Script {
    type Body = Once;

    async fn send(&self, request: &HttpRequest) -> Result<(ResponseHead, Once), WireFault> {
        self.sent.set(self.sent.get() + 1);
        assert!(self.sent.get() < 1000, "the conversation does not end");
        let secrets = [&request.authorization, &request.form];
        if secrets.into_iter().flatten().next().is_some() {
            assert_eq!(request.url.host(), REGISTRY, "a secret goes to another host");
            assert!(request.url.is_tls(), "a secret goes without TLS");
        }
        assert!(
            !request.url.to_string().contains(PASSWORD),
            "a secret in an address"
        );
        let all = self.rest.take();
        if all.is_empty() {
            return Err(WireFault::new(WireKind::Connect, ""));
        }
        let one = if all.windows(SIDES.len()).any(|window| window == SIDES) {
            let (one, later) = sides(&all);
            self.rest.replace(later.to_vec());
            one
        } else {
            &all
        };
        response(one).ok_or_else(|| WireFault::new(WireKind::Interrupted, ""))
    }

    async fn wait(&self, pause: &Pause) {
        assert!(
            pause.milliseconds <= Patience::default().longest_ms,
            "waits for {pause:?}"
        );
        self.now_ms.set(self.now_ms.get() + pause.milliseconds);
    }

    fn tick(&self) -> Tick {
        Tick {
            now_ms: self.now_ms.get(),
            random: u64::from(self.sent.get()),
        }
    }

    async fn credentials(&self, _: &str) -> Result<Option<Credentials>, Fault> {
        Ok(self.credentials.clone())
    }

    async fn consent(&self, _: &ForeignRealm) -> bool {
        false
    }

    fn minds_long_accept(&self, _: &str) -> bool {
        false
    }
}

/// One response of a script; none for a broken connection.
fn response(text: &[u8]) -> Option<(ResponseHead, Once)> {
    let end = text.windows(2).position(|window| window == b"\n\n");
    let (head, body) = match end {
        Some(at) => (&text[..at], text[at + 2..].to_vec()),
        None => (text, Vec::new()),
    };
    // No transport lets control characters through in a header's value (RFC 9110, 5.5).
    let head =
        String::from_utf8_lossy(head).replace(|c: char| c.is_ascii_control() && c != '\n' && c != '\t', " ");
    let mut lines = head.lines();
    let status = lines
        .next()?
        .trim()
        .parse()
        .ok()
        .filter(|status| *status >= 200)?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let head = ResponseHead {
        status,
        headers,
        all_headers: true,
    };
    Some((head, Once(Some(body))))
}
