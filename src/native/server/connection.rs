//! Connections within bounds: how many at once, and how long one may stand still.
//!
//! hyper itself waits for ever for a request that never ends or a reader that stopped reading. Here a
//! connection is closed, which frees what its answers hold (a relayed stream, a place), when within
//! [`Bounds::idle`] nothing moved, or a request that began to arrive was not being answered: sending one
//! byte now and then keeps nothing open.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

/// Bounds on connections.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Open connections; further ones wait in the system's queue.
    pub connections: usize,
    /// The longest standstill, and the longest time from a request's first byte to its answer's. Longer than
    /// any wait for a registry.
    pub idle: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 4096,
            idle: Duration::from_secs(90),
        }
    }
}

/// The other end's address.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

impl Connected<IncomingStream<'_, Connections>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// A listener that keeps the bounds.
#[derive(Debug)]
pub struct Connections {
    listener: TcpListener,
    bounds: Bounds,
    places: Arc<Semaphore>,
}

impl Connections {
    /// Connections of this listener.
    pub fn new(listener: TcpListener, bounds: Bounds) -> Self {
        let places = Arc::new(Semaphore::new(bounds.connections));
        Self {
            listener,
            bounds,
            places,
        }
    }
}

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        // axum's own accept waits out running short of file descriptors.
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Answers are written in one go; waiting for more to send only delays small ones.
        let _ = stream.set_nodelay(true);
        let connection = Connection {
            stream,
            idle: self.bounds.idle,
            alarm: Box::pin(sleep(self.bounds.idle)),
            asked: false,
            _place: place,
        };
        (connection, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that is closed when it stands still.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    idle: Duration,
    alarm: Pin<Box<Sleep>>,
    /// Whether bytes came since the last ones went.
    asked: bool,
    _place: Option<OwnedSemaphorePermit>,
}

impl Connection {
    /// Puts the alarm off.
    fn moved(&mut self) {
        let next = Instant::now() + self.idle;
        self.alarm.as_mut().reset(next);
    }

    /// Waits for the stream, or for the alarm.
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        match self.alarm.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }

    fn wrote(&mut self, context: &mut Context<'_>, said: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if said.is_pending() {
            return self.wait(context);
        }
        self.asked = false;
        self.moved();
        said
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let said = Pin::new(&mut self.stream).poll_read(context, buffer);
        if said.is_pending() {
            return self.wait(context);
        }
        if !std::mem::replace(&mut self.asked, true) {
            self.moved();
        }
        said
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let said = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(context, said)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let said = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.wrote(context, said)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
