//! Bearer tokens: how one is asked for, what comes back, how long it is kept.
//!
//! Follows the distribution project's "Token Authentication" specification: `GET realm?service&scope`,
//! answered by `token` or `access_token` with a life of 60 seconds unless it says otherwise; identity
//! tokens are traded by POST (OAuth 2, refresh token).

use serde::Deserialize;

use super::challenge::Challenge;
use super::http::{HttpRequest, Method};
use super::url::{encode_form, encode_query};
use super::{Credentials, Secret, Url};
use crate::fault::Fault;

/// The name shown to realms that want one.
const CLIENT: &str = "tagdrift";
/// The life of a token that does not say (token specification, "expires_in").
const DEFAULT_LIFE_S: u64 = 60;
/// A token is not used in its last seconds: it would expire on the way.
const MARGIN_MS: u64 = 5_000;
/// A registry cannot make a session hold a token for longer.
const LONGEST_LIFE_S: u64 = 24 * 3600;

/// A token with the instant (milliseconds of the driver's clock) until which it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) secret: Secret,
    pub(crate) until_ms: u64,
    /// True when credentials were shown for it.
    pub(crate) signed_in: bool,
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    expires_in: Option<f64>,
}

/// Reads a token reply.
///
/// # Errors
/// `Malformed` when it is no JSON or holds no token that can stand in a header.
pub(crate) fn read(body: &[u8], now_ms: u64, signed_in: bool) -> Result<Token, Fault> {
    let reply: Reply = serde_json::from_slice(body).map_err(|_| {
        Fault::malformed(if looks_like_markup(body) {
            "an HTML or XML page where a token was expected"
        } else {
            "the token reply is no JSON object"
        })
    })?;
    let token = [reply.token, reply.access_token]
        .into_iter()
        .flatten()
        .find(|t| !t.is_empty())
        .ok_or_else(|| Fault::malformed("the token reply holds neither token nor access_token"))?;
    if !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Fault::malformed(
            "the token reply holds a token that no header can carry",
        ));
    }
    let life_s = match reply.expires_in {
        Some(s) if s.is_finite() && s > 0.0 => (s as u64).min(LONGEST_LIFE_S),
        _ => DEFAULT_LIFE_S,
    };
    Ok(Token {
        secret: Secret::new(token),
        until_ms: now_ms + (life_s * 1000).saturating_sub(MARGIN_MS),
        signed_in,
    })
}

/// True when a body starts like HTML or XML.
pub(crate) fn looks_like_markup(body: &[u8]) -> bool {
    body.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'<')
}

/// The request for a token; `scope` is used where the challenge names none.
pub(crate) fn request(
    challenge: &Challenge,
    realm: &Url,
    scope: &str,
    credentials: Option<&Credentials>,
) -> HttpRequest {
    let service = challenge.parameter("service");
    let scope = challenge.parameter("scope").unwrap_or(scope);
    let mut request = HttpRequest {
        method: Method::Get,
        url: realm.clone(),
        accept: None,
        authorization: None,
        range_from: None,
        form: None,
        chosen_by: None,
        bulk: false,
    };
    if let Some(Credentials::Identity(token)) = credentials {
        let mut form = format!("grant_type=refresh_token&client_id={CLIENT}");
        for (key, value) in [("service", service), ("scope", Some(scope))] {
            if let Some(value) = value {
                form.push_str(&format!("&{key}={}", encode_form(value)));
            }
        }
        form.push_str(&format!("&refresh_token={}", encode_form(token.reveal())));
        request.method = Method::Post;
        request.form = Some(Secret::new(form));
        return request;
    }
    let mut query: Vec<String> = service
        .map(|s| format!("service={}", encode_query(s)))
        .into_iter()
        .collect();
    // Several scopes stand apart by spaces, and each is a parameter of its own.
    query.extend(
        scope
            .split_whitespace()
            .map(|s| format!("scope={}", encode_query(s))),
    );
    if let Some(Credentials::Password { user, .. }) = credentials {
        query.push(format!("account={}", encode_query(user)));
    }
    let separator = if realm.path().contains('?') { '&' } else { '?' };
    if !query.is_empty() {
        request.url = realm.with_path(&format!("{}{separator}{}", realm.path(), query.join("&")));
    }
    request.authorization = credentials.and_then(Credentials::authorization);
    request
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::challenge;

    fn asked(header: &str, credentials: Option<&Credentials>) -> HttpRequest {
        let challenge = challenge::parse(header).remove(0);
        let realm = Url::parse(challenge.parameter("realm").unwrap()).unwrap();
        request(&challenge, &realm, "repository:a/b:pull", credentials)
    }

    #[test]
    fn asks_as_the_challenge_says() {
        for (header, url) in [
            (
                r#"Bearer realm="https://a/t",service="s x",scope="repository:l:5000/x:pull""#,
                "https://a/t?service=s%20x&scope=repository:l:5000/x:pull",
            ),
            (
                r#"Bearer realm="https://a/t""#,
                "https://a/t?scope=repository:a/b:pull",
            ),
            (
                r#"Bearer realm="https://a/t?x=y",scope="repository:a:pull repository:b:pull,push""#,
                "https://a/t?x=y&scope=repository:a:pull&scope=repository:b:pull%2Cpush",
            ),
            (
                r#"Bearer realm="https://public.ecr.aws/token/",service="public.ecr.aws",scope="aws""#,
                "https://public.ecr.aws/token/?service=public.ecr.aws&scope=aws",
            ),
        ] {
            assert_eq!(asked(header, None).url.to_string(), url);
        }
    }

    #[test]
    fn identity_tokens_go_into_the_form_only() {
        let request = asked(
            r#"Bearer realm="https://a/t",service="s""#,
            Some(&Credentials::Identity(Secret::new("se/cret"))),
        );
        assert_eq!((request.method, request.authorization), (Method::Post, None));
        assert_eq!(request.url.to_string(), "https://a/t");
        assert_eq!(
            request.form.unwrap().reveal(),
            "grant_type=refresh_token&client_id=tagdrift&service=s&scope=repository%3Aa%2Fb%3Apull&refresh_token=se%2Fcret"
        );
    }

    #[test]
    fn replies() {
        let life = |body: &str| read(body.as_bytes(), 1_000, false).map(|t| t.until_ms);
        assert_eq!(life(r#"{"token":"abc"}"#), Ok(56_000));
        assert_eq!(life(r#"{"access_token":"abc","expires_in":300}"#), Ok(296_000));
        assert_eq!(
            life(r#"{"token":"","access_token":"a","expires_in":-1}"#),
            Ok(56_000)
        );
        assert_eq!(life(r#"{"token":"a","expires_in":1e300}"#), Ok(86_396_000));
        for (body, why) in [
            ("<html>", "an HTML or XML page where a token was expected"),
            ("[]", "the token reply holds neither token nor access_token"),
            ("token", "the token reply is no JSON object"),
            ("{}", "the token reply holds neither token nor access_token"),
            (
                r#"{"token":"a\r\nX: y"}"#,
                "the token reply holds a token that no header can carry",
            ),
        ] {
            assert_eq!(life(body).unwrap_err().to_string(), why);
        }
    }
}
