//! The read-only relay: registries for browsers whose CORS rules keep them from asking themselves.
//!
//! `GET|HEAD /relay/v1/<host>/<path>?<query>` answers what `https://<host>/<path>` answers, and
//! `GET /relay/v1/` describes the relay, which is how a page finds it on its own origin. One job each:
//!
//! | module | job |
//! |---|---|
//! | [`target`] | what is asked for, read strictly |
//! | [`hosts`], [`paths`] | what may be asked for |
//! | [`names`] | which [addresses](crate::registry::address) may be connected to, checked by the resolver itself |
//! | [`upstream`] | asking, and following redirects |
//! | [`headers`] | which headers pass |
//! | [`stream`] | passing the body on, bounded |
//! | [`kept`] | public blobs in a folder, where one was named |
//! | [`quota`] | how much a client may ask for |
//! | [`refusal`] | every way to say no |
//!
//! The relay keeps no state: no cookie, no credential outlives its request, and no answer does, unless a
//! folder for public blobs was named ([`kept`]).

pub mod headers;
pub mod hosts;
pub mod kept;
pub mod names;
pub mod paths;
pub mod quota;
pub mod refusal;
pub mod stream;
pub mod target;
pub mod upstream;

use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, AUTHORIZATION, CACHE_CONTROL, CONTENT_DISPOSITION,
    CONTENT_ENCODING, CONTENT_SECURITY_POLICY, HOST, HeaderName, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Serialize;
use tokio::time::Instant;

use super::origin::PublicUrl;
use super::{csp, reply};
use crate::limits::Limits;
use crate::native::cache::FolderCache;
use crate::oci::is_loopback_host;
use crate::registry::cors;
use hosts::{AllowList, Authority, HostRule};
use names::Names;
use paths::Kind;
use quota::{Counter, Place, Quotas};
use refusal::Refusal;
use target::{ROOT, Target};
use upstream::{Patience, Upstream};

/// What the relay may do.
#[derive(Debug)]
pub struct RelayOptions {
    /// Hosts beside the public registries.
    pub allow: Vec<HostRule>,
    /// Whether those may be at private addresses.
    pub allow_private: bool,
    /// The page's address, where it is not the one listened on; its scripts may use the relay.
    pub public_url: Option<PublicUrl>,
    /// Whether a reverse proxy's `X-Forwarded-For` names the client.
    pub trust_forwarded: bool,
    /// How much a client may ask for.
    pub quotas: Quotas,
    /// How long registries may take to answer.
    pub patience: Patience,
    /// Sizes of answers.
    pub limits: Limits,
    /// Longest standstill of a stream, on either side.
    pub idle: Duration,
    /// Longest time for a whole answer.
    pub total: Duration,
    /// Where names are looked up.
    pub names: Names,
    /// Where public blobs are kept.
    pub folder: Option<FolderCache>,
}

impl Default for RelayOptions {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            allow_private: false,
            public_url: None,
            trust_forwarded: false,
            quotas: Quotas::default(),
            patience: Patience::default(),
            limits: Limits::native(),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(30 * 60),
            names: Names::System,
            folder: None,
        }
    }
}

/// The relay.
#[derive(Debug)]
pub struct Relay {
    hosts: Vec<String>,
    /// Or why https cannot be spoken.
    upstream: Result<Upstream, String>,
    counter: Counter,
    allow_private: bool,
    public_url: Option<PublicUrl>,
    trust_forwarded: bool,
    limits: Limits,
    idle: Duration,
    total: Duration,
    folder: Option<FolderCache>,
}

impl Relay {
    /// A relay with these options. It starts even where https cannot be spoken, and says so when asked.
    pub fn new(options: RelayOptions) -> Self {
        crate::native::install_crypto();
        let allowed = AllowList::new(options.allow);
        let hosts = allowed.iter().map(HostRule::to_string).collect();
        Self {
            hosts,
            upstream: Upstream::new(allowed, options.allow_private, options.names, options.patience),
            counter: Counter::new(options.quotas),
            allow_private: options.allow_private,
            public_url: options.public_url,
            trust_forwarded: options.trust_forwarded,
            limits: options.limits,
            idle: options.idle,
            total: options.total,
            folder: options.folder,
        }
    }

    /// Answers a request, with the host it was relayed to, for the log.
    pub async fn answer(&self, peer: IpAddr, request: &Parts) -> (Response, Option<String>) {
        let mut host = None;
        let mut response = match self.serve(peer, request, &mut host).await {
            Ok(response) => response,
            Err(refusal) => refusal.into_response(),
        };
        let headers = response.headers_mut();
        // A registry's HTML must not run as the page when someone opens it in a tab, nor be shown at all.
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(csp::INERT));
        headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
        if let Some(origin) = self.foreign_page(&request.headers) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(
                ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static(cors::EXPOSED),
            );
        }
        (response, host)
    }

    async fn serve(
        &self,
        peer: IpAddr,
        request: &Parts,
        host: &mut Option<String>,
    ) -> Result<Response, Refusal> {
        self.check_origin(request)?;
        match request.method {
            Method::GET | Method::HEAD => {}
            Method::OPTIONS if self.foreign_page(&request.headers).is_some() => return Ok(preflight()),
            _ => return Err(Refusal::method()),
        }
        let path = request.uri.path();
        if path.trim_end_matches('/') == ROOT.trim_end_matches('/') {
            return Ok(self.description());
        }
        let place = self
            .counter
            .admit(self.client(peer, &request.headers), Instant::now())?;
        let target = Target::read(path, request.uri.query())?;
        *host = Some(target.authority.to_string());
        self.relay(request, target, place).await
    }

    async fn relay(&self, request: &Parts, target: Target, place: Place) -> Result<Response, Refusal> {
        let deadline = Instant::now() + self.total;
        let upstream = self.upstream.as_ref().map_err(|why| Refusal::no_tls(why))?;
        let size = self.largest(target.kind);
        let bounds = stream::Bounds {
            size,
            idle: self.idle,
            deadline,
        };
        let folder = self.folder.as_ref().zip(kept::named(request, &target));
        let mut place = Some(place);
        if let Some((folder, digest)) = &folder
            && folder.size_of(digest).is_some()
        {
            upstream.check(&target.url)?;
            if let Some(response) = kept::answer(folder, digest, bounds, &mut place).await {
                return Ok(response);
            }
        }
        let asked = headers::for_registry(&request.headers);
        let answer = upstream.ask(&request.method, target.url, asked).await?;
        if request.method != Method::HEAD && answer.content_length().is_some_and(|length| length > size) {
            return Err(Refusal::too_large(size));
        }
        if let Some(encoding) = answer
            .headers()
            .get(CONTENT_ENCODING)
            .filter(|e| *e != "identity")
        {
            return Err(Refusal::encoded(&String::from_utf8_lossy(encoding.as_bytes())));
        }
        let status = answer.status();
        let with_credentials = request.headers.contains_key(AUTHORIZATION);
        let passed = headers::for_client(answer.headers(), status, target.kind, with_credentials);
        let body = if request.method == Method::HEAD {
            Body::empty()
        } else {
            let keeping = match (folder, answer.content_length()) {
                (Some((folder, digest)), Some(length)) if status == StatusCode::OK => {
                    kept::Keeping::begin(folder, digest, length).await
                }
                _ => None,
            };
            stream::pass_on(answer, bounds, place, keeping)
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = passed;
        Ok(response)
    }

    fn largest(&self, kind: Kind) -> u64 {
        match kind {
            Kind::Manifest { .. } => self.limits.manifest_bytes,
            Kind::Blob => self.limits.blob_bytes,
            Kind::Token => self.limits.reply_bytes,
            Kind::Listing => self.limits.listing_bytes,
        }
    }

    fn description(&self) -> Response {
        #[derive(Serialize)]
        struct Description<'a> {
            relay: u8,
            hosts: &'a [String],
        }
        let mut response = reply::json(
            StatusCode::OK,
            &Description {
                relay: 1,
                hosts: &self.hosts,
            },
        );
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(VARY, HeaderValue::from_static("Origin"));
        response
    }

    /// The client's address: the peer's, or what the reverse proxy says it is.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let forwarded = || {
            let last = headers
                .get_all(HeaderName::from_static("x-forwarded-for"))
                .iter()
                .next_back()?;
            // The proxy appends; what stands before its entry is the client's own claim.
            last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
        };
        if self.trust_forwarded {
            forwarded().unwrap_or(peer)
        } else {
            peer
        }
    }

    /// The `Origin` of a request from the page's public address.
    fn foreign_page(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let public = self.public_url.as_ref()?;
        headers
            .get(ORIGIN)
            .filter(|origin| *origin == public.origin())
            .cloned()
    }

    /// Only the page may use the relay: another site's scripts would spend its quotas, and, where private
    /// addresses are allowed, look into the network it stands in. Tools that are no browsers send no
    /// `Origin`.
    fn check_origin(&self, request: &Parts) -> Result<(), Refusal> {
        let headers = &request.headers;
        let named = headers.get(HOST).and_then(|value| value.to_str().ok());
        // HTTP/2 has no Host header but an authority (RFC 9113, 8.3.1).
        let authority = || request.uri.authority().map(http::uri::Authority::as_str);
        let host = named.or_else(authority).unwrap_or_default();
        if self.allow_private && !self.is_own_name(host) {
            return Err(Refusal::origin(format!(
                "this relay reaches private hosts and is not known as {host:?}: start it with --public-url, so that no other name can be pointed at it"
            )));
        }
        match headers.get(ORIGIN) {
            None => Ok(()),
            Some(_) if self.foreign_page(headers).is_some() => Ok(()),
            Some(origin) => {
                let own = |scheme: &str| origin == format!("{scheme}://{host}").as_str();
                if own("https") || own("http") {
                    Ok(())
                } else {
                    Err(Refusal::origin(
                        "this relay serves its own page only: start it with --public-url if the page is elsewhere",
                    ))
                }
            }
        }
    }

    /// True for names that nobody can point elsewhere: addresses, localhost, and the public one. A site
    /// that rebinds its own name to this server's address sends its own name.
    fn is_own_name(&self, host: &str) -> bool {
        let public = self
            .public_url
            .as_ref()
            .is_some_and(|public| public.host() == host);
        let fixed = host.parse::<Authority>().is_ok_and(|authority| {
            is_loopback_host(&authority.host) || authority.host.parse::<IpAddr>().is_ok()
        });
        public || fixed
    }
}

fn preflight() -> Response {
    let mut response = reply::status_only(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
        (ACCESS_CONTROL_ALLOW_HEADERS, cors::ASKED),
        (ACCESS_CONTROL_MAX_AGE, "600"),
        (VARY, "Origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
