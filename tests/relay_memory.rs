//! A blob of 1 GiB passes through the relay while others wait half-read, in memory that does not follow
//! their size.
//!
//! A test program of its own: it measures the whole process, registry and client included.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod loopback;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use loopback::{Running, Scripted, request_text, says};
use tagdrift::native::server::Site;
use tagdrift::native::server::assets::Assets;
use tagdrift::native::server::relay::{Relay, RelayOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const GIB: u64 = 1 << 30;
/// Readers that stop after the first bytes.
const WAITING: u64 = 24;

/// What one stream may hold, in KiB: the buffers of the HTTP library on both sides (each at most 408 KiB) and
/// the chunks between them. Plain http on loopback fills them; TLS hands out 16 KiB at a time.
const PER_STREAM: u64 = 2560;

static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];

/// Resident memory in KiB: now, and at its highest.
fn resident() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    (field("VmRSS:"), field("VmHWM:"))
}

fn gibibyte() -> Body {
    let chunks = GIB / ZEROS.len() as u64;
    Body::from_stream(stream::iter(
        (0..chunks).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(&ZEROS))),
    ))
}

async fn ask(server: &Running, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = request_text(server.address, "GET", path, &[]);
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_does_not_follow_the_size() {
    let registry = Scripted::start(|_| says(200, &[("content-length", &GIB.to_string())], gibibyte())).await;
    let host = registry.address.to_string();
    let relay = Relay::new(RelayOptions {
        allow: vec![host.parse().unwrap()],
        allow_private: true,
        ..RelayOptions::default()
    });
    let server = Running::start(Site::new(Assets::default()).with_relay(relay)).await;
    let path = format!("/relay/v1/{host}/v2/a/blobs/sha256:{}", "0".repeat(64));

    let (before, _) = resident();
    // Readers that stopped: back pressure must reach the registry.
    let mut waiting = Vec::new();
    for _ in 0..WAITING {
        let mut stream = ask(&server, &path).await;
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        waiting.push(stream);
    }
    let mut stream = ask(&server, &path).await;
    let mut buffer = vec![0; 256 * 1024];
    let mut read = 0_u64;
    let mut head = None;
    loop {
        let n = stream.read(&mut buffer).await.unwrap();
        if n == 0 {
            break;
        }
        read += n as u64;
        if head.is_none() {
            let end = buffer[..n].windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
            head = Some(end as u64);
        }
    }
    assert_eq!(read - head.unwrap(), GIB);
    let (_, highest) = resident();
    let grown = highest.saturating_sub(before);
    assert!(
        grown < (WAITING + 1) * PER_STREAM,
        "grew from {before} KiB to {highest} KiB"
    );
    drop(waiting);
}
