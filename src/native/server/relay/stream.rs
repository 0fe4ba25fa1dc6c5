//! A registry's answer on its way to the client: bounded in time and size, with back pressure.
//!
//! A task of its own reads from the registry and hands chunks over a channel with room for a few: when the
//! client does not take them, the task stops reading, and so does the registry. Because the task owns the
//! registry's connection and the client's place, both are given back when time is up even if the client
//! never reads another byte. Memory per stream is the channel's few chunks, whatever the size.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use tokio::sync::mpsc::{self, Sender};
use tokio::time::{Instant, timeout, timeout_at};

use super::kept::Keeping;

/// Chunks under way between registry and client.
const CHUNKS: usize = 2;

/// Bounds of one stream.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Bytes.
    pub size: u64,
    /// Longest standstill on either side.
    pub idle: Duration,
    /// When it must be over.
    pub deadline: Instant,
}

/// Why a stream broke off. The client sees its connection cut, which no client takes for the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The registry's connection broke, or ended early.
    Registry,
    /// More bytes than allowed.
    Size,
    /// The registry stood still.
    Idle,
    /// The client stood still.
    Client,
    /// It took too long altogether.
    Deadline,
    /// What was kept in the folder cannot be read, or is damaged.
    Folder,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Registry => "the registry broke off its answer",
            Self::Size => "the answer grew beyond the limit",
            Self::Idle => "the registry stood still",
            Self::Client => "the client stopped reading",
            Self::Deadline => "the answer took too long",
            Self::Folder => "the kept copy is damaged",
        })
    }
}

impl std::error::Error for Broken {}

/// Where chunks for a client go.
pub type Room = Sender<Result<Bytes, Broken>>;

/// The body that passes `answer` on, with a copy for the folder. `held` is dropped when the stream is over,
/// however it ended.
pub fn pass_on<Held: Send + 'static>(
    answer: reqwest::Response,
    bounds: Bounds,
    held: Held,
    keeping: Option<Keeping>,
) -> Body {
    body(bounds, held, move |room| pump(answer, bounds, room, keeping))
}

/// A body made by a task of its own, which ends at the deadline.
pub fn body<Held, Work>(bounds: Bounds, held: Held, work: impl FnOnce(Room) -> Work + Send + 'static) -> Body
where
    Held: Send + 'static,
    Work: Future<Output = Result<(), Broken>> + Send,
{
    let (sender, mut receiver) = mpsc::channel(CHUNKS);
    tokio::spawn(async move {
        let pumped = timeout_at(bounds.deadline, work(sender.clone())).await;
        drop(held);
        if let Err(broken) = pumped.unwrap_or(Err(Broken::Deadline)) {
            tracing::warn!(why = %broken, "a relayed answer was cut off");
            let _ = sender.send(Err(broken)).await;
        }
    });
    Body::from_stream(futures_util::stream::poll_fn(move |context| {
        receiver.poll_recv(context)
    }))
}

async fn pump(
    mut answer: reqwest::Response,
    bounds: Bounds,
    sender: Room,
    mut keeping: Option<Keeping>,
) -> Result<(), Broken> {
    let mut left = bounds.size;
    loop {
        // Room first: a chunk that was read but cannot be handed on would only take memory.
        let room = match timeout(bounds.idle, sender.reserve()).await {
            Ok(Ok(room)) => room,
            // The client went away: nobody is left to tell.
            Ok(Err(_)) => return Ok(()),
            Err(_) => return Err(Broken::Client),
        };
        let chunk = tokio::select! {
            chunk = timeout(bounds.idle, answer.chunk()) => chunk.map_err(|_| Broken::Idle)?,
            () = sender.closed() => return Ok(()),
        };
        let Some(chunk) = chunk.map_err(|_| Broken::Registry)? else {
            return Ok(());
        };
        left = left.checked_sub(chunk.len() as u64).ok_or(Broken::Size)?;
        keeping = match keeping {
            Some(keeping) => keeping.take(&chunk).await,
            None => None,
        };
        room.send(Ok(chunk));
        // Not at the end of the stream: a client that has all its bytes goes away before.
        if keeping.as_ref().is_some_and(Keeping::is_whole)
            && let Some(whole) = keeping.take()
        {
            whole.end().await;
        }
    }
}
