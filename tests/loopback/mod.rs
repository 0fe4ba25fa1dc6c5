//! A server on a free loopback port, a client that shows answers as they are on the wire, and a registry
//! that says what a test wants.
#![allow(dead_code)] // Each test program uses its own part of this.

pub mod relaying;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use tagdrift::native::server::connection::Bounds;
use tagdrift::native::server::{Site, lifetime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A running server.
pub struct Running {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<()>,
}

impl Running {
    pub async fn start(site: Site) -> Self {
        Self::start_with(site, Bounds::default(), Duration::from_secs(5)).await
    }

    pub async fn start_with(site: Site, bounds: Bounds, patience: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = tokio::spawn(async move {
            let stop = async move {
                let _ = stopped.await;
            };
            lifetime::serve_with(listener, site, bounds, patience, stop)
                .await
                .unwrap();
        });
        Self {
            address,
            stop: Some(stop),
            ended,
        }
    }

    /// Asks it to stop, as a signal would.
    pub fn stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }

    /// Until the server has ended.
    pub async fn ended(self) {
        self.ended.await.unwrap();
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[]).await
    }

    /// One request on a connection of its own; `Host` is the server's address unless given.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        ask_at(&self.address.to_string(), method, path, headers).await
    }
}

/// One request to whatever listens there, on a connection of its own.
pub async fn ask_at(address: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = request_text(stream.peer_addr().unwrap(), method, path, headers);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut raw = Vec::new();
    // A cut connection is an answer too: what came until then.
    let _ = stream.read_to_end(&mut raw).await;
    Answer::read(&raw)
}

pub fn request_text(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        text.push_str(&format!("Host: {address}\r\n"));
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text + "\r\n"
}

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// False when the connection was cut before the end that the headers promised.
    pub whole: bool,
}

impl Answer {
    pub fn read(raw: &[u8]) -> Self {
        let end = raw
            .windows(4)
            .position(|w| w == b"\r\n\r\n")
            .unwrap_or_else(|| panic!("no head in {:?}", String::from_utf8_lossy(raw)));
        let head = String::from_utf8(raw[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .map(|line| {
                let (name, value) = line.split_once(": ").unwrap();
                (name.to_ascii_lowercase(), value.to_owned())
            })
            .collect();
        let mut answer = Self {
            status,
            headers,
            body: raw[end + 4..].to_vec(),
            whole: true,
        };
        if answer.header("transfer-encoding") == Some("chunked") {
            (answer.body, answer.whole) = unchunk(&answer.body);
        } else if let Some(length) = answer.header("content-length") {
            let length: usize = length.parse().unwrap();
            answer.whole = answer.body.len() == length || answer.body.is_empty();
        }
        answer
    }

    /// The value of a header that stands once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found: Vec<&str> = self
            .headers
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
            .collect();
        assert!(found.len() < 2, "{name} stands more than once: {found:?}");
        found.first().copied()
    }

    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
            .collect()
    }

    /// Names of the headers, sorted, without those that the connection needs.
    pub fn header_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .headers
            .iter()
            .map(|(n, _)| n.as_str())
            .filter(|n| !matches!(*n, "connection" | "date" | "transfer-encoding"))
            .collect();
        names.sort_unstable();
        names
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

fn unchunk(mut raw: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let Some(end) = raw.windows(2).position(|w| w == b"\r\n") else {
            return (body, false);
        };
        let size = usize::from_str_radix(std::str::from_utf8(&raw[..end]).unwrap(), 16).unwrap();
        raw = &raw[end + 2..];
        if size == 0 {
            return (body, true);
        }
        if raw.len() < size + 2 {
            body.extend_from_slice(&raw[..size.min(raw.len())]);
            return (body, false);
        }
        body.extend_from_slice(&raw[..size]);
        raw = &raw[size + 2..];
    }
}

/// A request that reached the registry, one text: `GET /path` and then its headers, sorted, one a line,
/// without `host`.
pub type Seen = Arc<Mutex<Vec<String>>>;

/// A registry that answers with what `answer` says, and remembers what it was asked.
pub struct Scripted {
    pub address: SocketAddr,
    pub seen: Seen,
    task: JoinHandle<()>,
}

impl Scripted {
    pub async fn start(answer: impl Fn(&str) -> Response + Clone + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0", answer).await
    }

    pub async fn start_at(
        address: &str,
        answer: impl Fn(&str) -> Response + Clone + Send + Sync + 'static,
    ) -> Self {
        let answer = move |request: &Request| {
            let path = request.uri().path_and_query().map_or("", |p| p.as_str());
            answer(path)
        };
        Self::start_with(address, answer).await
    }

    /// One that looks at the whole request.
    pub async fn start_asked(answer: impl Fn(&Request) -> Response + Clone + Send + Sync + 'static) -> Self {
        Self::start_with("127.0.0.1:0", answer).await
    }

    async fn start_with(
        address: &str,
        answer: impl Fn(&Request) -> Response + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Seen = Arc::default();
        let noted = Arc::clone(&seen);
        let service = axum::Router::new().fallback(move |request: Request| {
            noted.lock().unwrap().push(describe(&request));
            let response = answer(&request);
            async move { response }
        });
        let task = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { address, seen, task }
    }

    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn describe(request: &Request) -> String {
    let mut headers: Vec<String> = request
        .headers()
        .iter()
        .filter(|(name, _)| *name != "host")
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    let path = request.uri().path_and_query().map_or("", |p| p.as_str());
    std::iter::once(format!("{} {path}", request.method()))
        .chain(headers)
        .collect::<Vec<_>>()
        .join("\n")
}

/// An answer of the scripted registry.
pub fn says(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
    headers
        .iter()
        .fold(Response::builder().status(status), |builder, (name, value)| {
            builder.header(*name, *value)
        })
        .body(body.into())
        .unwrap()
}
