//! What is logged: one line per answer, without anything that could be a secret.
//!
//! Neither queries (tokens stand in them) nor headers (credentials) nor the client's address are logged;
//! of a relayed request the registry's host, never the repository. `RUST_LOG` narrows or widens it.

use std::io::IsTerminal as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::Body;
use bytes::Bytes;
use clap::ValueEnum;
use http_body::{Frame, SizeHint};
use tracing_subscriber::EnvFilter;

/// How log lines are written, always to stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
    /// Warnings and errors only.
    Off,
}

/// Installs the process's log writer; a second call changes nothing.
pub fn install(format: LogFormat) {
    let default = match format {
        LogFormat::Off => "warn",
        LogFormat::Text | LogFormat::Json => "tagdrift=info,warn",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    let _ = match format {
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
        LogFormat::Text | LogFormat::Off => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
}

/// One answer, written when its last byte was sent or its connection broke.
#[derive(Debug)]
pub struct Line {
    /// GET, HEAD, …
    pub method: http::Method,
    /// `page`, `registry`, `relay`, `health`.
    pub part: &'static str,
    /// The registry a relayed request went to.
    pub host: Option<String>,
    /// The status.
    pub status: u16,
    /// Bytes of body sent.
    pub bytes: u64,
    /// From the request to the end of the answer.
    pub took: Duration,
    /// False when the connection broke, or the registry did, before the end.
    pub whole: bool,
}

impl Line {
    /// Writes it.
    pub fn write(&self) {
        let ms = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            method = %self.method,
            part = self.part,
            host = self.host.as_deref(),
            status = self.status,
            bytes = self.bytes,
            ms,
            whole = self.whole,
            "answered"
        );
    }
}

/// A body that counts what is sent, and writes its line when it ends or is dropped.
#[derive(Debug)]
pub struct Counted {
    body: Body,
    line: Line,
    started: Instant,
    expected: Option<u64>,
}

impl Counted {
    /// Counts this body. `expected` is the declared length.
    pub fn new(body: Body, line: Line, started: Instant, expected: Option<u64>) -> Self {
        Self {
            body,
            line,
            started,
            expected,
        }
    }
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                let sent = frame.data_ref().map_or(0, Bytes::len);
                self.line.bytes = self.line.bytes.saturating_add(sent as u64);
            }
            Poll::Ready(None) => self.line.whole = true,
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        // A body of declared length is not asked again once all of it was sent.
        let whole = self.expected == Some(self.line.bytes) || http_body::Body::is_end_stream(&self.body);
        self.line.whole |= whole;
        self.line.took = self.started.elapsed();
        self.line.write();
    }
}
