//! Why the relay does not answer with what the registry said: one status, one code, one sentence.
//!
//! The codes start with `RELAY_`, so that nobody mistakes them for a registry's own; a HEAD, which has no
//! body, carries the code in the header `Tagdrift-Relay-Error`.

use axum::response::Response;
use http::header::{ALLOW, HeaderName, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

use super::super::reply;

/// Why the relay refuses, or could not do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: StatusCode,
    /// `RELAY_…`.
    pub code: &'static str,
    /// One sentence with the next step; no query, no header, no address of the inside.
    pub message: String,
    /// Seconds after which it may work.
    pub retry_after: Option<u64>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    /// The URL behind `/relay/v1/` is not one.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "RELAY_MALFORMED", message)
    }

    /// The relay only reads.
    pub fn method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "RELAY_METHOD",
            "the relay only reads: GET or HEAD",
        )
    }

    /// Another site's page asks.
    pub fn origin(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "RELAY_ORIGIN", message)
    }

    /// The host is not on the list.
    pub fn host(host: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "RELAY_HOST",
            format!(
                "this relay does not speak to {host}: start it with `tagdrift serve --allow {host}`, or run your own"
            ),
        )
    }

    /// The path is none that reading a registry needs.
    pub fn path(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "RELAY_PATH", message)
    }

    /// The host's address is not public. The address itself is not told.
    pub fn address(host: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "RELAY_ADDRESS",
            format!(
                "{host} is at a private, loopback or reserved address: whoever runs the relay must start it with `--allow {host} --allow-private`"
            ),
        )
    }

    /// The registry redirects to where the relay does not go, or for ever.
    pub fn redirect(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, "RELAY_REDIRECT", message)
    }

    /// The registry cannot be reached.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, "RELAY_UNREACHABLE", message)
    }

    /// The registry does not answer in time.
    pub fn timeout(message: impl Into<String>) -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, "RELAY_TIMEOUT", message)
    }

    /// The answer is larger than its kind may be.
    pub fn too_large(limit: u64) -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            "RELAY_TOO_LARGE",
            format!("the registry's answer exceeds the limit of {limit} bytes"),
        )
    }

    /// The answer is encoded although that was not asked for; its digest could not be checked.
    pub fn encoded(encoding: &str) -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            "RELAY_ENCODED",
            format!(
                "the registry encoded its answer as {encoding:?} although the plain bytes were asked for"
            ),
        )
    }

    /// The client asks too often.
    pub fn rate(seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "RELAY_RATE",
                format!("too many requests from your address: try again in {seconds} s"),
            )
        }
    }

    /// The client has too many answers under way.
    pub fn client_busy(limit: u32) -> Self {
        Self {
            retry_after: Some(1),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "RELAY_CLIENT_BUSY",
                format!("your address has {limit} answers under way: wait for one of them"),
            )
        }
    }

    /// The relay has too many answers under way.
    pub fn busy() -> Self {
        Self {
            retry_after: Some(2),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "RELAY_BUSY",
                "the relay is at its limit: try again in 2 s",
            )
        }
    }

    /// The relay cannot speak https.
    pub fn no_tls(why: &str) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "RELAY_TLS",
            format!(
                "the relay cannot speak https ({why}): install the system's CA certificates (package ca-certificates) and start it again"
            ),
        )
    }

    /// As an answer.
    pub fn into_response(self) -> Response {
        let mut response = reply::error(self.status, self.code, self.message);
        let headers = response.headers_mut();
        headers.insert(
            HeaderName::from_static("tagdrift-relay-error"),
            HeaderValue::from_static(self.code),
        );
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        response
    }
}
