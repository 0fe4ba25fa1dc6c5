//! The session's requests on the wire, by reqwest.
//!
//! https by rustls with the system's trust store, http where the session says so; no redirects, no content
//! codings, no cookies. Slow hosts are given up: 10 s to connect, 30 s without a byte, [`Pace`]. At most
//! [`MOST_AT_ONCE`] requests are open to one host: open no more blobs than that at once without reading
//! them, or the next one waits for the first to end.
//!
//! A host that a public registry chose (redirect, token realm) is connected to only at public addresses:
//! the name is looked up here and only what passed the check is connected to, so that a second look-up
//! cannot give another answer.

use std::collections::HashMap;
use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderValue, RANGE};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::fault::{Fault, FaultKind};
use crate::registry::{
    Body, Fragment, HttpRequest, Method, ResponseHead, Secret, Tick, Url, WireFault, WireKind,
    is_private_address,
};

/// Requests open to one host at a time.
pub const MOST_AT_ONCE: usize = 6;

/// What is no blob has to be here whole within this time: a byte now and then keeps nobody waiting.
const SMALL_WITHIN: Duration = Duration::from_secs(60);

/// The slowest that a blob may come: a byte now and then keeps nobody waiting either.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Bytes that must come within this much time of waiting for them. The reader's own time does not count.
    pub within: Duration,
    /// How many.
    pub bytes: u64,
}

impl Default for Pace {
    /// A quarter of a KiB a second: slower than any modem.
    fn default() -> Self {
        Self {
            within: Duration::from_secs(60),
            bytes: 16 << 10,
        }
    }
}

/// What sends requests, without anything that asks the user.
#[derive(Debug, Clone)]
pub struct Wire {
    /// To hosts that the user named, by a proxy where the environment names one.
    open: Arc<OnceLock<reqwest::Client>>,
    /// To hosts that a public registry chose.
    guarded: Arc<OnceLock<reqwest::Client>>,
    /// To this machine by http, past any proxy. Needs no trust store, which takes a while to read.
    home: reqwest::Client,
    gates: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
    /// Registries seen to be private themselves, which may point to private addresses.
    private: Arc<Mutex<HashMap<String, bool>>>,
    pace: Pace,
}

impl Wire {
    /// A wire with its own connections.
    ///
    /// # Errors
    /// `Unsupported` when TLS cannot be set up on this machine.
    pub fn new() -> Result<Self, Fault> {
        // A second installation is refused, and fine: another part of the program was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self {
            open: Arc::default(),
            guarded: Arc::default(),
            home: built(settings().no_proxy().tls_certs_only([]))
                .map_err(|why| Fault::new(FaultKind::Unsupported, why))?,
            gates: Arc::default(),
            private: Arc::default(),
            pace: Pace::default(),
        })
    }

    /// The same wire with another slowest pace of blobs.
    #[must_use]
    pub fn at_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Sends one request.
    ///
    /// # Errors
    /// Why no status and headers came.
    pub async fn send(&self, request: &HttpRequest) -> Result<(ResponseHead, WireBody), WireFault> {
        let permit = self.gate(&request.url).acquire_owned().await;
        let permit = permit.map_err(|_| WireFault::new(WireKind::Interrupted, "the program is ending"))?;
        let client = match &request.chosen_by {
            Some(registry) if !self.is_private(registry).await => {
                if request.url.address().is_some_and(is_private_address) {
                    return Err(WireFault::new(WireKind::Private, ""));
                }
                kept(&self.guarded, || settings().dns_resolver(Arc::new(PublicOnly)))?
            }
            _ if request.url.is_loopback() && !request.url.is_tls() => &self.home,
            _ => kept(&self.open, settings)?,
        };
        let response = builder(client, request)?
            .send()
            .await
            .map_err(|e| wire_fault(&e))?;
        let head = ResponseHead {
            status: response.status().as_u16(),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    (name.as_str().to_owned(), value)
                })
                .collect(),
            all_headers: true,
        };
        Ok((
            head,
            WireBody {
                response,
                pace: self.pace,
                waited: Duration::ZERO,
                came: 0,
                _permit: permit,
            },
        ))
    }

    fn gate(&self, url: &Url) -> Arc<Semaphore> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates
            .entry(url.authority())
            .or_insert_with(|| Arc::new(Semaphore::new(MOST_AT_ONCE)))
            .clone()
    }

    /// True when a registry's own name leads to a private address: an internal registry, whose storage
    /// and token server may be internal too.
    async fn is_private(&self, registry: &str) -> bool {
        let known = self
            .private
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(registry)
            .copied();
        if let Some(known) = known {
            return known;
        }
        let with_port = match registry.rsplit_once(':') {
            Some((_, port)) if port.bytes().all(|b| b.is_ascii_digit()) => registry.to_owned(),
            _ => format!("{registry}:443"),
        };
        let private = match tokio::net::lookup_host(&with_port).await {
            Ok(mut addresses) => addresses.any(|a| is_private_address(a.ip())),
            Err(_) => false,
        };
        self.private
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(registry.to_owned(), private);
        private
    }
}

/// The time, and a number that differs from call to call.
pub fn tick() -> Tick {
    use std::hash::{BuildHasher as _, RandomState};
    let now_ms = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_millis() as u64);
    Tick {
        now_ms,
        random: RandomState::new().hash_one(now_ms),
    }
}

/// A response body; the host's gate stays taken until it is dropped.
#[derive(Debug)]
pub struct WireBody {
    response: reqwest::Response,
    pace: Pace,
    /// Since when the pace was judged last: time, and bytes.
    waited: Duration,
    came: u64,
    _permit: OwnedSemaphorePermit,
}

impl Fragment for Bytes {}

impl Body for WireBody {
    type Chunk = Bytes;

    async fn chunk(&mut self) -> Result<Option<Bytes>, WireFault> {
        let begun = Instant::now();
        let chunk = self.response.chunk().await.map_err(|e| wire_fault(&e))?;
        self.waited += begun.elapsed();
        self.came += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        if chunk.is_some() && self.waited >= self.pace.within {
            if self.came < self.pace.bytes {
                return Err(WireFault::new(WireKind::Timeout, "its bytes only trickle in"));
            }
            (self.waited, self.came) = (Duration::ZERO, 0);
        }
        Ok(chunk)
    }
}

fn settings() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(30))
        .pool_idle_timeout(Duration::from_secs(60))
        .referer(false)
        .retry(reqwest::retry::never())
        .user_agent(concat!("tagdrift/", env!("CARGO_PKG_VERSION")))
}

fn built(settings: reqwest::ClientBuilder) -> Result<reqwest::Client, String> {
    settings
        .build()
        .map_err(|e| format!("TLS cannot be set up: {}", reason(&e)))
}

/// A client made when it is first needed.
fn kept(
    place: &OnceLock<reqwest::Client>,
    settings: impl FnOnce() -> reqwest::ClientBuilder,
) -> Result<&reqwest::Client, WireFault> {
    if let Some(client) = place.get() {
        return Ok(client);
    }
    let client = built(settings()).map_err(|why| WireFault::new(WireKind::Tls, why))?;
    Ok(place.get_or_init(|| client))
}

fn builder(client: &reqwest::Client, request: &HttpRequest) -> Result<reqwest::RequestBuilder, WireFault> {
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Post => reqwest::Method::POST,
    };
    let mut builder = client
        .request(method, request.url.to_string())
        .header(ACCEPT_ENCODING, "identity")
        .header(ACCEPT, request.accept.unwrap_or("*/*"));
    if !request.bulk {
        builder = builder.timeout(SMALL_WITHIN);
    }
    if let Some(secret) = &request.authorization {
        builder = builder.header(AUTHORIZATION, sensitive(secret)?);
    }
    if let Some(from) = request.range_from {
        builder = builder.header(RANGE, format!("bytes={from}-"));
    }
    if let Some(form) = &request.form {
        builder = builder
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.reveal().to_owned());
    }
    Ok(builder)
}

fn sensitive(secret: &Secret) -> Result<HeaderValue, WireFault> {
    let mut value = HeaderValue::from_str(secret.reveal())
        .map_err(|_| WireFault::new(WireKind::Protocol, "the credentials cannot stand in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Marks a look-up that found private addresses only.
#[derive(Debug)]
struct OnlyPrivate;

impl std::fmt::Display for OnlyPrivate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the name leads to private addresses only")
    }
}

impl std::error::Error for OnlyPrivate {}

/// Looks names up and keeps public addresses only.
#[derive(Debug)]
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> = found
                .into_iter()
                .filter(|a| !is_private_address(a.ip()))
                .collect();
            if public.is_empty() {
                return Err(OnlyPrivate.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Which kind of trouble an error of reqwest is, by what lies underneath it.
fn wire_fault(error: &reqwest::Error) -> WireFault {
    let mut kind = if error.is_timeout() {
        WireKind::Timeout
    } else if error.is_connect() {
        WireKind::Connect
    } else if error.is_builder() {
        WireKind::Protocol
    } else {
        WireKind::Interrupted
    };
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.is::<OnlyPrivate>() {
            return WireFault::new(WireKind::Private, "");
        }
        if is_tls(cause) {
            kind = WireKind::Tls;
        } else if error.is_connect() && cause.to_string().starts_with("dns error") {
            kind = WireKind::Name;
        } else if let Some(io) = cause.downcast_ref::<std::io::Error>()
            && io.kind() == std::io::ErrorKind::NetworkUnreachable
        {
            kind = WireKind::Offline;
        }
        source = cause.source();
    }
    let why = reason(error);
    if why.starts_with("invalid HTTP") || why == "message head is too large" {
        kind = WireKind::Protocol;
    }
    let detail = match kind {
        WireKind::Name | WireKind::Timeout => String::new(),
        _ => why,
    };
    WireFault::new(kind, detail)
}

/// True for errors of TLS; they come wrapped in I/O errors, more than once.
fn is_tls(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause.is::<rustls::Error>()
        || cause
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .is_some_and(|inner| is_tls(inner))
}

/// The innermost cause: what went wrong, without the URL.
fn reason(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    if innermost.is::<reqwest::Error>() {
        return String::new();
    }
    match innermost.downcast_ref::<std::io::Error>() {
        // The same words on every system, without its number.
        Some(io) if io.raw_os_error().is_some() => io.kind().to_string(),
        _ => innermost.to_string(),
    }
}
