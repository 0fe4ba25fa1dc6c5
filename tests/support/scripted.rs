//! A registry that does what a test tells it to, on a loopback port, and writes down what it was asked;
//! and a transport whose pauses take no time.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tagdrift::fault::Fault;
use tagdrift::limits::Limits;
use tagdrift::native::transport::{Pace, Wire, WireBody};
use tagdrift::oci::{Descriptor, Digest, Reference, media_type};
use tagdrift::registry::{
    Abilities, Client, Credentials, ForeignRealm, HttpRequest, Notice, Patience, Pause, ResponseHead, Secret,
    Session, Tick, Transport, WireFault,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// One request, as it came in.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// How many requests came before it.
    pub number: usize,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// What to do with a request.
pub enum Act {
    /// A well-behaved answer.
    Reply(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// These bytes, then the connection is closed.
    Raw(Vec<u8>),
    /// These bytes first, then the second ones again and again until the other side has enough.
    Endless(Vec<u8>, Vec<u8>),
    /// These bytes first, then a byte every few milliseconds.
    Trickle(Vec<u8>),
}

impl Act {
    pub fn reply(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Reply(status, Vec::new(), body.into())
    }

    pub fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        match self {
            Self::Reply(status, mut headers, body) => {
                headers.push((name, value.into()));
                Self::Reply(status, headers, body)
            }
            other => other,
        }
    }

    /// The answer's bytes, as they go over the wire.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Reply(status, headers, body) => {
                let mut head = format!("HTTP/1.1 {status} Scripted\r\nConnection: close\r\n");
                for (name, value) in headers {
                    head.push_str(&format!("{name}: {value}\r\n"));
                }
                if !headers
                    .iter()
                    .any(|(n, _)| n.eq_ignore_ascii_case("content-length"))
                {
                    head.push_str(&format!("Content-Length: {}\r\n", body.len()));
                }
                head.push_str("\r\n");
                let mut bytes = head.into_bytes();
                bytes.extend(body);
                bytes
            }
            Self::Raw(bytes) | Self::Endless(bytes, _) | Self::Trickle(bytes) => bytes.clone(),
        }
    }
}

/// A scripted registry; it ends with the test's runtime.
pub struct Scripted {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    sent: Arc<AtomicU64>,
}

impl Scripted {
    /// Plays a script. It gets its own address, for the URLs it hands out.
    pub async fn play(script: impl Fn(&Asked, SocketAddr) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let sent: Arc<AtomicU64> = Arc::default();
        let (log, counter, script) = (asked.clone(), sent.clone(), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, counter, script) = (log.clone(), counter.clone(), script.clone());
                tokio::spawn(async move {
                    let _ = serve(stream, &log, &counter, |asked| script(asked, address)).await;
                });
            }
        });
        Self { address, asked, sent }
    }

    /// `127.0.0.1:port`
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// All requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// `METHOD path` of all requests so far.
    pub fn lines(&self) -> Vec<String> {
        self.asked()
            .iter()
            .map(|a| format!("{} {}", a.method, a.path))
            .collect()
    }

    /// Bytes written so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

async fn serve(
    mut stream: TcpStream,
    log: &Mutex<Vec<Asked>>,
    sent: &AtomicU64,
    script: impl Fn(&Asked) -> Act,
) -> std::io::Result<()> {
    let mut raw = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        raw.extend_from_slice(&buffer[..read]);
        if let Some(end) = raw.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
    };
    let head = String::from_utf8_lossy(&raw[..end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let headers: BTreeMap<String, String> = lines
        .filter_map(|l| l.split_once(':'))
        .map(|(n, v)| (n.to_ascii_lowercase(), v.trim().to_owned()))
        .collect();
    let length: usize = headers
        .get("content-length")
        .and_then(|l| l.parse().ok())
        .unwrap_or(0);
    let mut body = raw[end + 4..].to_vec();
    while body.len() < length {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            break;
        }
        body.extend_from_slice(&buffer[..read]);
    }
    let asked = {
        let mut log = log.lock().unwrap();
        let asked = Asked {
            method: first.next().unwrap_or_default().to_owned(),
            path: first.next().unwrap_or_default().to_owned(),
            headers,
            body: String::from_utf8_lossy(&body).into_owned(),
            number: log.len(),
        };
        log.push(asked.clone());
        asked
    };
    let act = script(&asked);
    let bytes = act.bytes();
    stream.write_all(&bytes).await?;
    sent.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    if let Act::Endless(_, again) = act {
        loop {
            stream.write_all(&again).await?;
            sent.fetch_add(again.len() as u64, Ordering::Relaxed);
        }
    }
    if let Act::Trickle(_) = act {
        loop {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            stream.write_all(b" ").await?;
        }
    }
    stream.shutdown().await
}

/// The native wire with a clock that only pauses move, and a user who answers as told.
pub struct Played {
    wire: Wire,
    now_ms: AtomicU64,
    /// All pauses, in milliseconds.
    pub waits: Mutex<Vec<u64>>,
    /// What the platform said on the side.
    pub notices: Mutex<Vec<Notice>>,
    /// How often the user was asked for credentials and consent.
    pub questions: Mutex<Vec<String>>,
    credentials: Option<Credentials>,
    agrees: bool,
    /// Response headers hidden, as a browser does without `Access-Control-Expose-Headers`.
    pub hides_headers: bool,
}

/// 2026-01-01
const START_MS: u64 = 1_767_225_600_000;

impl Played {
    pub fn new() -> Self {
        Self {
            wire: Wire::new().unwrap(),
            now_ms: AtomicU64::new(START_MS),
            waits: Mutex::default(),
            notices: Mutex::default(),
            questions: Mutex::default(),
            credentials: None,
            agrees: false,
            hides_headers: false,
        }
    }

    pub fn signed_in(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    pub fn agreeing(mut self) -> Self {
        self.agrees = true;
        self
    }

    pub fn at_pace(mut self, pace: Pace) -> Self {
        self.wire = self.wire.at_pace(pace);
        self
    }

    pub fn hiding_headers(mut self) -> Self {
        self.hides_headers = true;
        self
    }

    /// Lets time pass.
    pub fn pass(&self, ms: u64) {
        self.now_ms.fetch_add(ms, Ordering::Relaxed);
    }

    pub fn waits(&self) -> Vec<u64> {
        self.waits.lock().unwrap().clone()
    }

    pub fn client(self, limits: Limits) -> Client<Self> {
        let abilities = Abilities {
            follows_redirects: false,
            decodes: false,
        };
        let session = Session::new(limits, Patience::default(), abilities);
        Client::new(self, session)
    }
}

impl Transport for Played {
    type Body = WireBody;

    async fn send(&self, request: &HttpRequest) -> Result<(ResponseHead, WireBody), WireFault> {
        let (mut head, body) = self.wire.send(request).await?;
        if self.hides_headers {
            let safe = ["content-type", "content-length", "cache-control"];
            head.headers.retain(|(name, _)| safe.contains(&name.as_str()));
            head.all_headers = false;
        }
        Ok((head, body))
    }

    async fn wait(&self, pause: &Pause) {
        self.waits.lock().unwrap().push(pause.milliseconds);
        self.pass(pause.milliseconds);
    }

    fn tick(&self) -> Tick {
        Tick {
            now_ms: self.now_ms.load(Ordering::Relaxed),
            random: 0,
        }
    }

    async fn credentials(&self, registry: &str) -> Result<Option<Credentials>, Fault> {
        self.questions
            .lock()
            .unwrap()
            .push(format!("credentials for {registry}"));
        Ok(self.credentials.clone())
    }

    async fn consent(&self, realm: &ForeignRealm) -> bool {
        let question = format!("show those of {} to {}", realm.registry, realm.realm_host);
        self.questions.lock().unwrap().push(question);
        self.agrees
    }

    fn minds_long_accept(&self, _: &str) -> bool {
        self.hides_headers
    }

    fn notice(&self, notice: Notice) {
        self.notices.lock().unwrap().push(notice);
    }
}

pub const INDEX: &[u8] = br#"{"schemaVersion":2,"manifests":[]}"#;

pub fn small() -> Limits {
    Limits {
        manifest_bytes: 64 << 10,
        reply_bytes: 4 << 10,
        listing_bytes: 256 << 10,
        listing_pages: 20,
        ..Limits::default()
    }
}

pub fn at(host: &str, rest: &str) -> Reference {
    format!("{host}/{rest}").parse().unwrap()
}

pub fn descriptor(bytes: &[u8], size: u64) -> Descriptor {
    Descriptor {
        media_type: media_type::OCI_CONFIG.into(),
        digest: Digest::sha256(bytes),
        size,
        annotations: Default::default(),
        urls: Vec::new(),
        artifact_type: None,
        platform: None,
    }
}

pub fn ada() -> Credentials {
    Credentials::Password {
        user: "ada".into(),
        password: Secret::new("hunter2"),
    }
}

/// The fault of reading the manifest `a/b:1` from this script.
pub async fn manifest_fault(
    script: impl Fn(&Asked) -> Act + Send + Sync + 'static,
) -> (Fault, Scripted, Client<Played>) {
    let registry = Scripted::play(move |asked, _| script(asked)).await;
    let client = Played::new().client(small());
    let fault = client.manifest(&at(&registry.host(), "a/b:1")).await.unwrap_err();
    (fault, registry, client)
}

pub async fn read_blob(
    client: &Client<Played>,
    at: &Reference,
    descriptor: &Descriptor,
) -> Result<Vec<u8>, Fault> {
    let mut blob = client.blob(at, descriptor).await?;
    let mut bytes = Vec::new();
    while let Some(piece) = blob.chunk().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}
