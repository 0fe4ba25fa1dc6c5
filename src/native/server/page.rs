//! The page as static files: types, caching, precompressed siblings.
//!
//! - A file whose name holds a content hash (`page-0f3a….wasm`) never changes: cached for ever. All others
//!   are asked for again each time, and answered with 304 while they are the same.
//! - `name.br` and `name.gz` beside `name` are served in its place to whoever accepts them.

use axum::response::Response;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::assets::{Assets, File};
use super::reply;

/// What is shown when the program was compiled before the page was built.
const NOT_BUILT: &str = "<!doctype html><meta charset=\"utf-8\"><title>Tagdrift</title>\
<h1>The page is not in this program</h1>\
<p>It was compiled before the page was built. Run <code>make demo</code> in the source folder, which builds both.</p>\n";

/// Answers a request for a file of the page. `path` is the URL's, with its leading slash.
pub fn answer(assets: &Assets, method: &Method, path: &str, request: &HeaderMap) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return reply::method_not_allowed("METHOD", "GET, HEAD", "the page is only read: GET or HEAD");
    }
    let name = match path.strip_prefix('/').unwrap_or(path) {
        "" => "index.html",
        name => name,
    };
    let Some(file) = assets.get(name) else {
        return missing(name);
    };
    let (file, encoding) = encoded(assets, name, file, request);
    let tag = entity_tag(file, encoding);
    let mut response = if matches_tag(request, &tag) {
        reply::status_only(StatusCode::NOT_MODIFIED)
    } else {
        let mut response = reply::bytes(StatusCode::OK, content_type(name), file.bytes.clone());
        if let Some(encoding) = encoding {
            response
                .headers_mut()
                .insert(CONTENT_ENCODING, HeaderValue::from_static(encoding.token()));
        }
        response
    };
    let headers = response.headers_mut();
    let caching = if has_content_hash(name) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}

fn missing(name: &str) -> Response {
    if name == "index.html" {
        let page = NOT_BUILT.as_bytes();
        let mut response = reply::bytes(
            StatusCode::SERVICE_UNAVAILABLE,
            "text/html; charset=utf-8",
            bytes::Bytes::from_static(page),
        );
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        return response;
    }
    let mut response = reply::text(StatusCode::NOT_FOUND, "There is nothing here. The page is at /\n");
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// A content coding of a precompressed sibling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    fn token(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }
}

fn encoded<'a>(
    assets: &'a Assets,
    name: &str,
    plain: &'a File,
    request: &HeaderMap,
) -> (&'a File, Option<Encoding>) {
    [Encoding::Brotli, Encoding::Gzip]
        .into_iter()
        .filter(|encoding| accepts(request, encoding.token()))
        .find_map(|encoding| {
            let sibling = assets.get(&format!("{name}{}", encoding.suffix()))?;
            Some((sibling, Some(encoding)))
        })
        .unwrap_or((plain, None))
}

/// RFC 9110, 12.5.3: a coding that is listed with a weight above 0, or `*`.
fn accepts(request: &HeaderMap, coding: &str) -> bool {
    let weight = |wanted: &str| {
        request
            .get_all(ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .find_map(|item| {
                let mut parts = item.split(';').map(str::trim);
                if !parts.next()?.eq_ignore_ascii_case(wanted) {
                    return None;
                }
                let weight = parts.find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")));
                Some(weight.map_or(1.0, |w| w.parse::<f32>().unwrap_or(0.0)))
            })
    };
    weight(coding).or_else(|| weight("*")).is_some_and(|w| w > 0.0)
}

/// Strong, and another one per encoding: the bytes differ (RFC 9110, 8.8.3).
fn entity_tag(file: &File, encoding: Option<Encoding>) -> String {
    use std::fmt::Write as _;
    let mut tag = String::from("\"");
    for byte in file.sha256.iter().take(16) {
        let _ = write!(tag, "{byte:02x}");
    }
    if let Some(encoding) = encoding {
        let _ = write!(tag, "-{}", encoding.token());
    }
    tag.push('"');
    tag
}

/// RFC 9110, 13.1.2: weak comparison against each listed tag, or `*`.
fn matches_tag(request: &HeaderMap, tag: &str) -> bool {
    request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|listed| listed.trim().trim_start_matches("W/"))
        .any(|listed| listed == tag || listed == "*")
}

/// True for names with a part of 8 to 64 hex digits, at least one of them a digit (`page-0f3a9c21.js`,
/// `page-0f3a9c21_bg.wasm`): trunk's and other builders' content hashes. Digest-named blobs are such too.
fn has_content_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split(['-', '_', '.']).any(|part| {
        (8..=64).contains(&part.len())
            && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            && part.bytes().any(|b| b.is_ascii_digit())
    })
}

/// The media type by the name's last part. Browsers compile WebAssembly while it streams only when it is
/// `application/wasm`.
fn content_type(name: &str) -> &'static str {
    let extension = name.rsplit('/').next().and_then(|file| file.rsplit_once('.'));
    match extension.map(|(_, extension)| extension).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/vnd.microsoft.icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The length a `Content-Length` declares.
pub fn declared_length(response: &Response) -> Option<u64> {
    response
        .headers()
        .get(CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_hash_are_known() {
        for name in [
            "tagdrift-page-1f2e3d4c5b6a7988.js",
            "tagdrift-page-1f2e3d4c5b6a7988_bg.wasm",
            "worker-f5d579d06cf75900.js",
        ] {
            assert!(has_content_hash(name), "{name}");
        }
        for name in ["index.html", "deadbeef.js", "style-2024.css", "demo/index.json"] {
            assert!(!has_content_hash(name), "{name}");
        }
    }

    #[test]
    fn encodings_are_taken_as_weighted() {
        let accepts = |value: &'static str, coding: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
            accepts(&headers, coding)
        };
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("*;q=0.1", "br"));
        assert!(!accepts("br;q=0, *", "br"));
        assert!(!accepts("gzip", "br"));
        assert!(!super::accepts(&HeaderMap::new(), "br"));
    }
}
