//! The server: the page, the sample registry and the relay on one origin.
//!
//! | path | what |
//! |---|---|
//! | `/healthz` | `ok` while it serves |
//! | `/relay/v1/…` | the read-only relay to registries ([`relay`]) |
//! | `/v2/…` | the sample registry, in `tagdrift demo` ([`distribution`]) |
//! | all else | the page ([`page`]) |
//!
//! Invariant: every answer carries the security headers of [`csp`]; what a registry says is never served as
//! part of the page.

pub mod assets;
pub mod connection;
pub mod csp;
pub mod distribution;
pub mod lifetime;
pub mod logs;
pub mod origin;
mod page;
mod range;
pub mod relay;
mod reply;
pub mod samples;

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::any;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, Method, StatusCode};

use assets::Assets;
use connection::Peer;
use logs::Line;
use relay::Relay;
use samples::Samples;

/// What is served.
#[derive(Debug)]
pub struct Site {
    page: Assets,
    page_policy: HeaderValue,
    samples: Option<Samples>,
    relay: Option<Relay>,
}

impl Site {
    /// A page, and nothing else yet.
    pub fn new(page: Assets) -> Self {
        let index = page
            .get("index.html")
            .map(|file| String::from_utf8_lossy(&file.bytes))
            .unwrap_or_default();
        // Directives and base64: always a valid header.
        let page_policy = HeaderValue::from_str(&csp::policy(&index))
            .unwrap_or_else(|_| HeaderValue::from_static(csp::INERT));
        Self {
            page,
            page_policy,
            samples: None,
            relay: None,
        }
    }

    /// With the sample registry at `/v2/`.
    #[must_use]
    pub fn with_samples(mut self, samples: Samples) -> Self {
        self.samples = Some(samples);
        self
    }

    /// With the relay at `/relay/v1/`.
    #[must_use]
    pub fn with_relay(mut self, relay: Relay) -> Self {
        self.relay = Some(relay);
        self
    }

    /// The routes. Needs [`Peer`] as connection info.
    pub fn into_router(self) -> Router {
        let mut routes = Router::new().route("/healthz", any(health)).fallback(serve_page);
        if self.samples.is_some() {
            routes = ["/v2", "/v2/", "/v2/{*rest}"]
                .into_iter()
                .fold(routes, |routes, path| routes.route(path, any(serve_samples)));
        }
        if self.relay.is_some() {
            routes = ["/relay/v1", "/relay/v1/", "/relay/v1/{*rest}"]
                .into_iter()
                .fold(routes, |routes, path| routes.route(path, any(serve_relay)));
        }
        let site = Arc::new(self);
        routes
            .layer(middleware::from_fn_with_state(Arc::clone(&site), finish))
            .with_state(site)
    }
}

/// Which part answered, and for which registry; put on the response for the log.
#[derive(Debug, Clone)]
struct Part {
    name: &'static str,
    host: Option<String>,
}

fn by(name: &'static str, mut response: Response) -> Response {
    response.extensions_mut().insert(Part { name, host: None });
    response
}

async fn health() -> Response {
    let mut response = reply::text(StatusCode::OK, "ok\n");
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    by("health", response)
}

async fn serve_page(State(site): State<Arc<Site>>, request: Request) -> Response {
    let path = request.uri().path();
    by(
        "page",
        page::answer(&site.page, request.method(), path, request.headers()),
    )
}

async fn serve_samples(State(site): State<Arc<Site>>, request: Request) -> Response {
    let Some(samples) = &site.samples else {
        return reply::status_only(StatusCode::NOT_FOUND);
    };
    let uri = request.uri();
    let answer = distribution::answer(
        samples,
        request.method(),
        uri.path(),
        uri.query(),
        request.headers(),
    );
    by("registry", answer)
}

async fn serve_relay(
    State(site): State<Arc<Site>>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    request: Request,
) -> Response {
    let Some(relay) = &site.relay else {
        return reply::status_only(StatusCode::NOT_FOUND);
    };
    let (mut answer, host) = relay.answer(peer.ip(), &request.into_parts().0).await;
    answer.extensions_mut().insert(Part { name: "relay", host });
    answer
}

/// Runs around every answer: security headers, no body for HEAD, the log line.
async fn finish(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let mut response = next.run(request).await;
    csp::seal(&mut response, &site.page_policy);
    let part = response.extensions_mut().remove::<Part>();
    let expected = if method == Method::HEAD {
        *response.body_mut() = Body::empty();
        Some(0)
    } else {
        page::declared_length(&response)
    };
    let line = Line {
        part: part.as_ref().map_or("page", |part| part.name),
        host: part.and_then(|part| part.host),
        status: response.status().as_u16(),
        method,
        bytes: 0,
        took: started.elapsed(),
        whole: false,
    };
    response.map(|body| Body::new(logs::Counted::new(body, line, started, expected)))
}
