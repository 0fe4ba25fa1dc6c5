//! The distribution API over the sample registry, read-only, so that any registry client works on it.
//!
//! Answers are those of distribution-spec ("Pull" and "Content Discovery"), with the CORS headers that a
//! browser on another origin needs: this is what a well-configured registry looks like to the page.

use axum::response::Response;
use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, HeaderName, LINK, RANGE,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Serialize;

use super::csp;
use super::range::{self, Asked};
use super::reply;
use super::samples::{Repository, Samples};
use crate::oci::{Descriptor, Digest, media_type};
use crate::registry::cors;

/// Tags and repositories answered at once when the client names no number.
const PAGE: usize = 1000;

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Answers a request below `/v2`. `path` and `query` are the URL's, as they came.
pub fn answer(
    samples: &Samples,
    method: &Method,
    path: &str,
    query: Option<&str>,
    request: &HeaderMap,
) -> Response {
    let mut response = match *method {
        Method::GET | Method::HEAD => route(samples, path, query, request),
        Method::OPTIONS => preflight(),
        _ => reply::method_not_allowed(
            "UNSUPPORTED",
            "GET, HEAD, OPTIONS",
            "the sample registry is only read",
        ),
    };
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 5] = [
        (
            HeaderName::from_static("docker-distribution-api-version"),
            "registry/2.0",
        ),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (ACCESS_CONTROL_EXPOSE_HEADERS, cors::EXPOSED),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
        (CONTENT_SECURITY_POLICY, csp::INERT),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn preflight() -> Response {
    let mut response = reply::status_only(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_METHODS, cors::METHODS),
        // Authorization must be named: `*` does not cover it (Fetch, "CORS-preflight fetch").
        (ACCESS_CONTROL_ALLOW_HEADERS, cors::ASKED),
        (ACCESS_CONTROL_MAX_AGE, "600"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn route(samples: &Samples, path: &str, query: Option<&str>, request: &HeaderMap) -> Response {
    let rest = path
        .strip_prefix("/v2")
        .unwrap_or_default()
        .trim_start_matches('/');
    if rest.is_empty() {
        return reply::json(StatusCode::OK, &serde_json::json!({}));
    }
    let pages = Paging::read(query);
    if rest == "_catalog" {
        return catalog(samples, &pages);
    }
    // The name may hold slashes, so the end of the path tells what is asked for.
    let mut parts = rest.rsplitn(3, '/');
    let (Some(last), Some(kind), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
        return unknown_path(path);
    };
    // Clients may write a digest's colon as %3A (RFC 3986, 2.1).
    let last = last.replace("%3A", ":").replace("%3a", ":");
    let Some(repository) = samples.repository(name) else {
        return match kind {
            "tags" | "manifests" | "blobs" | "referrers" => reply::error(
                StatusCode::NOT_FOUND,
                "NAME_UNKNOWN",
                format!("the sample registry has no repository {name:?}: see /v2/_catalog"),
            ),
            _ => unknown_path(path),
        };
    };
    match kind {
        "tags" if last == "list" => tags(name, repository, &pages),
        "manifests" => manifest(name, repository, &last),
        "blobs" => blob(repository, &last, request),
        "referrers" => referrers(repository, &last),
        _ => unknown_path(path),
    }
}

fn unknown_path(path: &str) -> Response {
    reply::error(
        StatusCode::NOT_FOUND,
        "UNSUPPORTED",
        format!("{path:?} is no path of the distribution API"),
    )
}

fn catalog(samples: &Samples, pages: &Paging) -> Response {
    #[derive(Serialize)]
    struct Catalog<'a> {
        repositories: Vec<&'a str>,
    }
    let (repositories, more) = pages.cut(samples.names());
    let next = more.then(|| repositories.last().copied()).flatten();
    let link = next.map(|last| format!("</v2/_catalog?n={}&last={last}>; rel=\"next\"", pages.size));
    with_link(reply::json(StatusCode::OK, &Catalog { repositories }), link)
}

fn tags(name: &str, repository: &Repository, pages: &Paging) -> Response {
    #[derive(Serialize)]
    struct Tags<'a> {
        name: &'a str,
        tags: Vec<&'a str>,
    }
    let (tags, more) = pages.cut(repository.tags());
    let next = more.then(|| tags.last().copied()).flatten();
    let link = next.map(|last| {
        format!(
            "</v2/{name}/tags/list?n={}&last={last}>; rel=\"next\"",
            pages.size
        )
    });
    with_link(reply::json(StatusCode::OK, &Tags { name, tags }), link)
}

fn with_link(mut response: Response, link: Option<String>) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
        headers.insert(LINK, link);
    }
    response
}

fn manifest(name: &str, repository: &Repository, reference: &str) -> Response {
    let Some(manifest) = repository.manifest(reference) else {
        return reply::error(
            StatusCode::NOT_FOUND,
            "MANIFEST_UNKNOWN",
            format!("{name} has no manifest {reference:?}"),
        );
    };
    let by_digest = reference.contains(':');
    let caching = if by_digest { IMMUTABLE } else { "no-cache" };
    let mut response = reply::bytes(StatusCode::OK, &manifest.media_type, manifest.bytes.clone());
    content_headers(response.headers_mut(), &manifest.digest.to_string(), caching);
    response
}

fn blob(repository: &Repository, digest: &str, request: &HeaderMap) -> Response {
    if let Err(error) = digest.parse::<Digest>() {
        return reply::error(StatusCode::BAD_REQUEST, "DIGEST_INVALID", error.to_string());
    }
    let Some(bytes) = repository.blob(digest) else {
        return reply::error(
            StatusCode::NOT_FOUND,
            "BLOB_UNKNOWN",
            format!("there is no blob {digest}"),
        );
    };
    let asked = request.get(RANGE).and_then(|range| range.to_str().ok());
    let mut response = match range::read(asked, bytes.len()) {
        Asked::Whole => octets(StatusCode::OK, bytes.clone()),
        Asked::Part(part) => {
            let said = format!(
                "bytes {}-{}/{}",
                part.start,
                part.end.saturating_sub(1),
                bytes.len()
            );
            with_content_range(octets(StatusCode::PARTIAL_CONTENT, bytes.slice(part)), &said)
        }
        Asked::Unsatisfiable => {
            let refused = reply::error(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "SIZE_INVALID",
                format!("the blob has {} bytes", bytes.len()),
            );
            return with_content_range(refused, &format!("bytes */{}", bytes.len()));
        }
    };
    content_headers(response.headers_mut(), digest, IMMUTABLE);
    response
        .headers_mut()
        .insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    response
}

fn octets(status: StatusCode, bytes: Bytes) -> Response {
    reply::bytes(status, "application/octet-stream", bytes)
}

fn with_content_range(mut response: Response, said: &str) -> Response {
    if let Ok(said) = HeaderValue::from_str(said) {
        response.headers_mut().insert(CONTENT_RANGE, said);
    }
    response
}

fn content_headers(headers: &mut HeaderMap, digest: &str, caching: &'static str) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(digest_value) = HeaderValue::from_str(digest) {
        headers.insert(HeaderName::from_static("docker-content-digest"), digest_value);
    }
}

fn referrers(repository: &Repository, digest: &str) -> Response {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Referrers {
        schema_version: u8,
        media_type: &'static str,
        manifests: Vec<Descriptor>,
    }
    if let Err(error) = digest.parse::<Digest>() {
        return reply::error(StatusCode::BAD_REQUEST, "DIGEST_INVALID", error.to_string());
    }
    let found = Referrers {
        schema_version: 2,
        media_type: media_type::OCI_INDEX,
        manifests: repository.referrers(digest),
    };
    match serde_json::to_vec(&found) {
        Ok(body) => with_link(
            reply::bytes(StatusCode::OK, media_type::OCI_INDEX, body.into()),
            None,
        ),
        Err(_) => reply::status_only(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// `n` and `last` of a listing (distribution-spec, "Listing Tags").
#[derive(Debug)]
struct Paging {
    size: usize,
    last: String,
}

impl Paging {
    fn read(query: Option<&str>) -> Self {
        let value = |name: &str| {
            query
                .unwrap_or_default()
                .split('&')
                .find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))
                .map(|(_, value)| value)
        };
        Self {
            size: value("n").and_then(|n| n.parse().ok()).unwrap_or(PAGE).min(PAGE),
            last: value("last")
                .unwrap_or_default()
                .replace("%2F", "/")
                .replace("%2f", "/"),
        }
    }

    /// The names behind `last`, at most `size` of them, and whether there are more. `n=0` is an empty list.
    fn cut<'a>(&self, sorted: impl Iterator<Item = &'a str>) -> (Vec<&'a str>, bool) {
        let mut rest = sorted.filter(|name| self.last.is_empty() || *name > self.last.as_str());
        let page: Vec<&str> = rest.by_ref().take(self.size).collect();
        let more = self.size > 0 && rest.next().is_some();
        (page, more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_on_from_the_last_name() {
        let names = ["a", "b/c", "d"];
        let cut = |query: &str| {
            let (page, more) = Paging::read(Some(query)).cut(names.into_iter());
            (page.join(" "), more)
        };
        assert_eq!(cut(""), ("a b/c d".to_owned(), false));
        assert_eq!(cut("n=2"), ("a b/c".to_owned(), true));
        assert_eq!(cut("n=2&last=b%2Fc"), ("d".to_owned(), false));
        assert_eq!(cut("last=zz"), (String::new(), false));
        assert_eq!(cut("n=0"), (String::new(), false));
        assert_eq!(cut("n=-1&last=a"), ("b/c d".to_owned(), false));
    }
}
