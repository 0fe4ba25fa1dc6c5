//! Asking the registry: two clients (public addresses only; private ones too), redirects by hand.
//!
//! Invariants: nothing connects to an address that was not checked; a redirect is checked like the first
//! request, and may lead off the list of hosts only to https on port 443 of a public address, because that
//! is how registries hand out blobs, and to a private address only from a host that was named too; credentials never follow to another origin and never come back.

use std::error::Error as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, LOCATION};
use http::{HeaderMap, Method, StatusCode};
use reqwest::{Client, Response, Url};
use tokio::time::{Instant, timeout_at};

use super::hosts::AllowList;
use super::names::{CheckedNames, Names, OutOfReach};
use super::refusal::Refusal;
use crate::oci::is_loopback_host;

/// How the relay names itself to registries.
const USER_AGENT: &str = concat!("tagdrift/", env!("CARGO_PKG_VERSION"));

/// Bounds on asking.
#[derive(Debug, Clone)]
pub struct Patience {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until the last redirect has answered with its headers.
    pub headers: Duration,
    /// Redirects followed.
    pub redirects: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            headers: Duration::from_secs(30),
            redirects: 5,
        }
    }
}

/// The way to the registries.
#[derive(Debug)]
pub struct Upstream {
    hosts: AllowList,
    patience: Patience,
    public: Reachable,
    /// Only when whoever runs the relay allowed private addresses.
    private: Option<Reachable>,
}

/// A client and the check that its resolver makes too.
#[derive(Debug)]
struct Reachable {
    client: Client,
    names: CheckedNames,
}

impl Reachable {
    fn new(names: Names, private: bool, patience: &Patience) -> Result<Self, reqwest::Error> {
        let names = CheckedNames::new(names, private);
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            // A proxy would resolve names itself, past the check.
            .no_proxy()
            .referer(false)
            // A connection per stream: over HTTP/2 all streams of a registry would share one connection and
            // its window, and a few readers that stand still would hold up everybody else's.
            .http1_only()
            .connect_timeout(patience.connect)
            .pool_idle_timeout(Duration::from_secs(60))
            .pool_max_idle_per_host(32)
            .dns_resolver(Arc::new(names.clone()))
            .build()?;
        Ok(Self { client, names })
    }
}

impl Upstream {
    /// The way to these hosts.
    ///
    /// # Errors
    /// When https cannot be spoken (no CA certificates on this system).
    pub fn new(
        hosts: AllowList,
        allow_private: bool,
        names: Names,
        patience: Patience,
    ) -> Result<Self, String> {
        let innermost = |error: reqwest::Error| innermost(&error);
        let private = allow_private
            .then(|| Reachable::new(names.clone(), true, &patience))
            .transpose()
            .map_err(innermost)?;
        Ok(Self {
            public: Reachable::new(names, false, &patience).map_err(innermost)?,
            private,
            hosts,
            patience,
        })
    }

    /// Whether this may be asked for at all, without asking.
    ///
    /// # Errors
    /// Every refusal that is about the destination.
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        self.way_to(url, None).map(|_| ())
    }

    /// Asks, following redirects, until there is an answer that is none.
    ///
    /// # Errors
    /// Every refusal that is about the destination or the network.
    pub async fn ask(&self, method: &Method, url: Url, headers: HeaderMap) -> Result<Response, Refusal> {
        let deadline = Instant::now() + self.patience.headers;
        let first = origin_of(&url);
        timeout_at(deadline, self.follow(method, url, headers))
            .await
            .unwrap_or_else(|_| {
                let seconds = self.patience.headers.as_secs();
                Err(Refusal::timeout(format!(
                    "{first} did not answer within {seconds} s"
                )))
            })
    }

    async fn follow(
        &self,
        method: &Method,
        mut url: Url,
        mut headers: HeaderMap,
    ) -> Result<Response, Refusal> {
        let first = url.clone();
        for hop in 0..=self.patience.redirects {
            let client = self.way_to(&url, (hop > 0).then_some(&first))?;
            let request = client
                .request(method.clone(), url.clone())
                .headers(headers.clone());
            let answer = request.send().await.map_err(|error| failed(&url, &error))?;
            // Passed on, it would turn the client's connection into something that is no HTTP.
            if answer.status().is_informational() {
                return Err(Refusal::unreachable(format!(
                    "{} cannot be reached: it answers a plain request with status {}",
                    origin_of(&url),
                    answer.status().as_u16()
                )));
            }
            let Some(next) = next_hop(&url, &answer)? else {
                return Ok(answer);
            };
            if origin_of(&next) != origin_of(&url) {
                headers.remove(AUTHORIZATION);
            }
            url = next;
        }
        let limit = self.patience.redirects;
        Err(Refusal::redirect(format!(
            "the registry redirects more than {limit} times"
        )))
    }

    /// The client for a URL, or why there is none. `from` is where a redirect began.
    fn way_to(&self, url: &Url, from: Option<&Url>) -> Result<&Client, Refusal> {
        let place = origin_of(url);
        let (host, port) = host_and_port(url);
        let redirected = from.is_some();
        let loopback = is_loopback_host(host);
        let plain = url.scheme() == "http" && loopback;
        if !plain && url.scheme() != "https" {
            return Err(Refusal::redirect(format!(
                "the registry redirects to {place}, which is not https"
            )));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::redirect(format!(
                "the registry redirects to {place} with credentials in the URL"
            )));
        }
        if !self.hosts.allows(host, port) {
            if !redirected {
                return Err(Refusal::host(&place));
            }
            if loopback {
                return Err(Refusal::address(&place));
            }
            if port != 443 {
                return Err(Refusal::redirect(format!(
                    "the registry redirects to {place}, a port that is not on the relay's list: add `--allow {place}`"
                )));
            }
        }
        // A public registry cannot choose what is read of the inside.
        let is_named = |(host, port)| self.hosts.is_added(host, port);
        let named = is_named((host, port)) && from.map(host_and_port).is_none_or(is_named);
        let way = self.private.as_ref().filter(|_| named).unwrap_or(&self.public);
        // Addresses are not looked up, so the resolver never sees them.
        if let Ok(address) = host.parse::<IpAddr>() {
            way.names.check(address).map_err(|_| Refusal::address(&place))?;
        }
        Ok(&way.client)
    }
}

/// Host, an IPv6 address without its brackets, and port.
fn host_and_port(url: &Url) -> (&str, u16) {
    let host = url.host_str().unwrap_or_default();
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    (
        bare.unwrap_or(host),
        url.port_or_known_default().unwrap_or_default(),
    )
}

/// Host with its port where it is not the scheme's own: what people would write behind `--allow`.
fn origin_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match (url.scheme(), url.port()) {
        ("http", None) => format!("{host}:80"),
        (_, Some(port)) => format!("{host}:{port}"),
        (_, None) => host.to_owned(),
    }
}

/// Where the answer redirects to.
fn next_hop(url: &Url, answer: &Response) -> Result<Option<Url>, Refusal> {
    let redirects = matches!(
        answer.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let Some(location) = answer.headers().get(LOCATION).filter(|_| redirects) else {
        return Ok(None);
    };
    location
        .to_str()
        .ok()
        .and_then(|location| url.join(location).ok())
        .filter(Url::has_host)
        .map(Some)
        .ok_or_else(|| Refusal::redirect("the registry redirects to something that is no URL"))
}

/// A failed request as a refusal. reqwest's own text holds the URL with its query, so it is not used.
fn failed(url: &Url, error: &reqwest::Error) -> Refusal {
    let place = origin_of(url);
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.downcast_ref::<OutOfReach>().is_some() {
            return Refusal::address(&place);
        }
        source = cause.source();
    }
    if error.is_timeout() {
        return Refusal::timeout(format!("{place} did not answer in time"));
    }
    Refusal::unreachable(format!("{place} cannot be reached: {}", innermost(error)))
}

/// The cause at the end of the chain: the one that names no URL.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut text = "no connection".to_owned();
    while let Some(inner) = cause {
        text = match inner.downcast_ref::<std::io::Error>() {
            // The same words on every system, without its number.
            Some(io) if io.raw_os_error().is_some() => io.kind().to_string(),
            _ => inner.to_string(),
        };
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_registry_does_not_lead_inside() {
        crate::native::install_crypto();
        let hosts = AllowList::new(vec!["registry.lan".parse().unwrap(), "10.0.0.1".parse().unwrap()]);
        let upstream = Upstream::new(hosts, true, Names::System, Patience::default()).unwrap();
        let url = |text: &str| Url::parse(text).unwrap();
        let storage = url("https://10.0.0.1/bucket");
        let public = url("https://ghcr.io/v2/");
        let refused = upstream.way_to(&storage, Some(&public)).unwrap_err();
        assert_eq!(refused.code, "RELAY_ADDRESS");
        // The client that only knows public addresses resolves the name.
        let inside = url("https://registry.lan/admin");
        let way = upstream.way_to(&inside, Some(&public)).unwrap();
        assert!(std::ptr::eq(way, &raw const upstream.public.client));
        // What was named may lead to what was named.
        for to in [&storage, &inside] {
            let way = upstream
                .way_to(to, Some(&url("https://registry.lan/v2/")))
                .unwrap();
            assert!(std::ptr::eq(
                way,
                &raw const upstream.private.as_ref().unwrap().client
            ));
        }
        assert!(upstream.way_to(&storage, None).is_ok());
    }
}
