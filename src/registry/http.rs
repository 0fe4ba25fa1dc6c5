//! Requests and response heads, as values that both drivers understand.
//!
//! A request says what the session wants on the wire and nothing about how it is sent; bodies never pass
//! through here.

use super::{Secret, Url};

/// The three methods a reader needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Headers only: a tag's digest at no cost of quota.
    Head,
    /// Only at a token realm, with an identity token in the form.
    Post,
}

impl Method {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
        }
    }
}

/// One request to be put on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// `Accept`; none means "do not send one of your own".
    pub accept: Option<&'static str>,
    /// `Authorization`, whole.
    pub authorization: Option<Secret>,
    /// `Range: bytes=N-`.
    pub range_from: Option<u64>,
    /// The body of a POST, `application/x-www-form-urlencoded`.
    pub form: Option<Secret>,
    /// Set when not the user but a registry chose this host: the registry's own `host:port`. Unless that
    /// registry is itself private, a private address must not be connected to.
    pub chosen_by: Option<String>,
    /// A blob, which may take its time; anything else is small and has to be there within a minute.
    pub bulk: bool,
}

/// The status and headers of a response.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResponseHead {
    /// The status code.
    pub status: u16,
    /// Headers in their order; names in any case.
    pub headers: Vec<(String, String)>,
    /// False when more headers may have come than a browser let us read (CORS).
    pub all_headers: bool,
}

impl ResponseHead {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        Some(value.trim())
    }

    /// All values of a header, in order.
    pub fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    /// `Content-Length`, when it is a number.
    pub fn content_length(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }

    /// `Content-Type` as it stands.
    pub fn content_type(&self) -> Option<&str> {
        self.header("content-type")
    }

    /// Content codings other than `identity`, as they stand.
    pub fn content_encoding(&self) -> Option<&str> {
        self.header("content-encoding")
            .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
    }
}

/// Why no (whole) response came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireKind {
    /// The name has no address.
    Name,
    /// No connection: refused, or no route.
    Connect,
    /// TLS could not be agreed on, or the certificate is not trusted.
    Tls,
    /// Too slow.
    Timeout,
    /// The connection broke after it stood.
    Interrupted,
    /// A browser would not say: CORS, or any of the above.
    Blocked,
    /// The address is private, and a public registry pointed to it.
    Private,
    /// The peer does not speak HTTP properly.
    Protocol,
    /// The device has no network.
    Offline,
}

/// A request that got no (whole) response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireFault {
    /// Which of them.
    pub kind: WireKind,
    /// More about it, without secrets; may be empty.
    pub detail: String,
}

impl WireFault {
    /// A wire fault with its detail.
    pub fn new(kind: WireKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }

    /// True when the same request may well succeed when sent again.
    pub fn is_passing(&self) -> bool {
        matches!(self.kind, WireKind::Timeout | WireKind::Interrupted)
    }
}
