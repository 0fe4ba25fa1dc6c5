//! Small answers: errors in the shape every registry client reads, and JSON.

use axum::body::Body;
use axum::response::Response;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

/// A JSON answer. `Content-Length` is set, so that a HEAD carries it too.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => bytes(status, "application/json", body.into()),
        Err(_) => status_only(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// A plain text answer.
pub fn text(status: StatusCode, body: impl Into<String>) -> Response {
    bytes(status, "text/plain; charset=utf-8", body.into().into())
}

/// Bytes of a type.
pub fn bytes(status: StatusCode, content_type: &str, body: bytes::Bytes) -> Response {
    let mut response = status_only(status);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    if let Ok(content_type) = HeaderValue::from_str(content_type) {
        headers.insert(CONTENT_TYPE, content_type);
    }
    *response.body_mut() = Body::from(body);
    response
}

/// No body at all.
pub fn status_only(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// `{"errors":[{"code","message"}]}` (distribution-spec, "Error Codes"); never stored by a cache.
pub fn error(status: StatusCode, code: &str, message: impl Into<String>) -> Response {
    #[derive(Serialize)]
    struct Errors<'a> {
        errors: [Entry<'a>; 1],
    }
    #[derive(Serialize)]
    struct Entry<'a> {
        code: &'a str,
        message: String,
    }
    let body = Errors {
        errors: [Entry {
            code,
            message: message.into(),
        }],
    };
    let mut response = json(status, &body);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// 405 with what is allowed.
pub fn method_not_allowed(code: &str, allowed: &'static str, message: &str) -> Response {
    let mut response = error(StatusCode::METHOD_NOT_ALLOWED, code, message);
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allowed));
    response
}
