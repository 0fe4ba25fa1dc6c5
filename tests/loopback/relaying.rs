//! Relays with options, and what is expected of their refusals.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tagdrift::native::server::Site;
use tagdrift::native::server::assets::Assets;
use tagdrift::native::server::relay::names::Names;
use tagdrift::native::server::relay::{Relay, RelayOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Answer, Running, request_text};

pub fn options(allow: &[&str]) -> RelayOptions {
    RelayOptions {
        allow: allow.iter().map(|rule| rule.parse().unwrap()).collect(),
        ..RelayOptions::default()
    }
}

/// Allowed to reach loopback.
pub fn private(allow: &[&str]) -> RelayOptions {
    RelayOptions {
        allow_private: true,
        ..options(allow)
    }
}

pub async fn relay(options: RelayOptions) -> Running {
    Running::start(Site::new(Assets::default()).with_relay(Relay::new(options))).await
}

pub fn refused(answer: &Answer, status: u16, code: &str, message: &str) {
    let body = serde_json::json!({"errors": [{"code": code, "message": message}]});
    assert_eq!(
        (answer.status, answer.text()),
        (status, body.to_string().as_str())
    );
    assert_eq!(answer.header("tagdrift-relay-error"), Some(code));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

/// Names that lead to these addresses, and no others.
pub fn table(entries: &[(&str, &[&str])]) -> Names {
    let entries = entries.iter().map(|(name, addresses)| {
        let addresses: Vec<IpAddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
        ((*name).to_owned(), addresses)
    });
    Names::Table(Arc::new(entries.collect::<BTreeMap<_, _>>()))
}

/// Bytes without end.
pub fn endless() -> Body {
    Body::from_stream(stream::repeat_with(|| {
        Ok::<_, std::io::Error>(Bytes::from_static(&[0; 16 * 1024]))
    }))
}

pub async fn open(server: &Running, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = request_text(server.address, "GET", path, &[]);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    stream
}
