//! Which headers pass, in either direction. What is not listed does not, and neither does what `Connection`
//! names as meant for one hop only (RFC 9110, 7.6.1).

use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, LINK, RANGE, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::paths::Kind;

/// Passed on to the registry.
const ASKED: [HeaderName; 4] = [ACCEPT, AUTHORIZATION, RANGE, IF_NONE_MATCH];

/// Passed back from the registry, beside `RateLimit-*`.
const ANSWERED: [HeaderName; 8] = [
    CONTENT_TYPE,
    CONTENT_LENGTH,
    HeaderName::from_static("docker-content-digest"),
    WWW_AUTHENTICATE,
    LINK,
    RETRY_AFTER,
    ETAG,
    CONTENT_RANGE,
];

/// What the registry is sent.
pub fn for_registry(request: &HeaderMap) -> HeaderMap {
    let mut headers = pick(request, |name| ASKED.contains(name));
    // A digest is a hash of the plain bytes: an encoding on the way would only have to be taken off.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers
}

/// What the client is answered with.
pub fn for_client(answer: &HeaderMap, status: StatusCode, kind: Kind, with_credentials: bool) -> HeaderMap {
    let mut headers = pick(answer, |name| {
        ANSWERED.contains(name) || name.as_str().starts_with("ratelimit-")
    });
    // Another Accept may get another form of a manifest; other credentials another answer.
    let vary = match kind {
        Kind::Blob => "Authorization, Origin",
        Kind::Manifest { .. } | Kind::Token | Kind::Listing => "Accept, Authorization, Origin",
    };
    headers.insert(VARY, HeaderValue::from_static(vary));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static(caching(status, kind, with_credentials)),
    );
    headers
}

/// Content named by its digest is kept for ever, by everyone when it needed no credentials; a tag is asked
/// for again each time; errors and tokens are kept by nobody.
fn caching(status: StatusCode, kind: Kind, with_credentials: bool) -> &'static str {
    let found = matches!(status, StatusCode::OK | StatusCode::PARTIAL_CONTENT);
    let unchanged = status == StatusCode::NOT_MODIFIED;
    match (kind, with_credentials) {
        (Kind::Token, _) => "no-store",
        _ if !found && !unchanged => "no-store",
        (kind, true) if kind.is_immutable() => "private, max-age=31536000, immutable",
        (kind, false) if kind.is_immutable() => "public, max-age=31536000, immutable",
        (_, true) => "private, no-cache",
        (_, false) => "no-cache",
    }
}

fn pick(headers: &HeaderMap, wanted: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    let for_one_hop: Vec<&str> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(str::trim))
        .collect();
    let passes = |name: &HeaderName| {
        wanted(name)
            && !for_one_hop
                .iter()
                .any(|named| named.eq_ignore_ascii_case(name.as_str()))
    };
    headers
        .iter()
        .filter(|(name, _)| passes(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .fold(HeaderMap::new(), |mut picked, (name, value)| {
            // Appended, not inserted: a registry may offer several challenges.
            picked.append(name, value);
            picked
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().fold(HeaderMap::new(), |mut map, (name, value)| {
            map.append(*name, HeaderValue::from_static(value));
            map
        })
    }

    #[test]
    fn only_listed_headers_pass() {
        let asked = for_registry(&map(&[
            ("accept", "a/b"),
            ("cookie", "secret"),
            ("authorization", "Bearer t"),
            ("x-forwarded-for", "192.0.2.1"),
            ("referer", "https://page/?ref=x"),
            ("accept-encoding", "br"),
        ]));
        let expected = map(&[
            ("accept", "a/b"),
            ("authorization", "Bearer t"),
            ("accept-encoding", "identity"),
        ]);
        assert_eq!(asked, expected);

        let answered = for_client(
            &map(&[
                ("content-type", "text/plain"),
                ("set-cookie", "a=b"),
                ("www-authenticate", "Bearer realm=\"a\""),
                ("www-authenticate", "Basic realm=\"b\""),
                ("ratelimit-remaining", "99;w=21600"),
                ("access-control-allow-origin", "*"),
                ("cache-control", "public"),
                ("server", "x"),
                ("location", "https://elsewhere/"),
            ]),
            StatusCode::UNAUTHORIZED,
            Kind::Listing,
            false,
        );
        let expected = map(&[
            ("content-type", "text/plain"),
            ("www-authenticate", "Bearer realm=\"a\""),
            ("www-authenticate", "Basic realm=\"b\""),
            ("ratelimit-remaining", "99;w=21600"),
            ("vary", "Accept, Authorization, Origin"),
            ("cache-control", "no-store"),
        ]);
        assert_eq!(answered, expected);
    }

    #[test]
    fn what_is_meant_for_one_hop_stays_there() {
        let headers = [
            ("connection", "close, Authorization"),
            ("connection", "etag"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("upgrade", "websocket"),
            ("proxy-authorization", "Basic eDp5"),
            ("proxy-authenticate", "Basic"),
            ("transfer-encoding", "chunked"),
            ("trailer", "x"),
            ("authorization", "Bearer t"),
            ("etag", "\"e\""),
            ("accept", "a/b"),
        ];
        let asked = map(&[("accept", "a/b"), ("accept-encoding", "identity")]);
        assert_eq!(for_registry(&map(&headers)), asked);
        let answered = map(&[
            ("vary", "Authorization, Origin"),
            ("cache-control", "public, max-age=31536000, immutable"),
        ]);
        assert_eq!(
            for_client(&map(&headers), StatusCode::OK, Kind::Blob, false),
            answered
        );
    }

    #[test]
    fn what_may_be_kept() {
        let ok = StatusCode::OK;
        let tag = Kind::Manifest { by_digest: false };
        for (status, kind, with_credentials, said) in [
            (ok, Kind::Blob, false, "public, max-age=31536000, immutable"),
            (ok, Kind::Blob, true, "private, max-age=31536000, immutable"),
            (
                StatusCode::PARTIAL_CONTENT,
                Kind::Blob,
                false,
                "public, max-age=31536000, immutable",
            ),
            (StatusCode::NOT_FOUND, Kind::Blob, false, "no-store"),
            (
                StatusCode::NOT_MODIFIED,
                Kind::Blob,
                true,
                "private, max-age=31536000, immutable",
            ),
            (StatusCode::NOT_MODIFIED, tag, false, "no-cache"),
            (StatusCode::UNAUTHORIZED, Kind::Blob, true, "no-store"),
            (ok, tag, false, "no-cache"),
            (ok, tag, true, "private, no-cache"),
            (ok, Kind::Token, false, "no-store"),
            (StatusCode::TOO_MANY_REQUESTS, tag, false, "no-store"),
        ] {
            assert_eq!(caching(status, kind, with_credentials), said, "{status} {kind:?}");
        }
    }
}
