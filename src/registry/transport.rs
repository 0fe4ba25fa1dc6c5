//! The narrow waist: what a platform has to give so that the session can run on it.
//!
//! The page (fetch in a worker) and the native program (reqwest) each implement [`Transport`]; everything
//! else about registries is shared. Tests implement it over a wire of their own and a clock that never
//! really waits.

use std::future::Future;

use super::exchange::Exchange;
use super::fragment::Fragment;
use super::http::{HttpRequest, ResponseHead, WireFault};
use super::step::{Event, ForeignRealm, Pause, Step, Tick};
use super::target::Goal;
use super::{Credentials, Session, refusal};
use crate::fault::Fault;

/// A response body, pulled chunk by chunk; dropping it ends the transfer.
pub trait Body {
    /// Some bytes.
    type Chunk: Fragment;

    /// The next bytes, `None` at the end.
    fn chunk(&mut self) -> impl Future<Output = Result<Option<Self::Chunk>, WireFault>>;
}

/// What a platform gives.
pub trait Transport {
    /// Its response bodies.
    type Body: Body;

    /// Sends one request and waits for status and headers. Redirects are not followed, unless the platform
    /// cannot help it ([`Abilities`](super::Abilities)). No cookies, no ambient credentials.
    fn send(
        &self,
        request: &HttpRequest,
    ) -> impl Future<Output = Result<(ResponseHead, Self::Body), WireFault>>;

    /// Waits out a pause; a place to show a countdown.
    fn wait(&self, pause: &Pause) -> impl Future<Output = ()>;

    /// The time and a random number.
    fn tick(&self) -> Tick;

    /// The user's credentials for a registry, if there are any. Asked once per registry.
    fn credentials(&self, registry: &str) -> impl Future<Output = Result<Option<Credentials>, Fault>>;

    /// Asks the user whether a registry's credentials may be shown to another host.
    fn consent(&self, realm: &ForeignRealm) -> impl Future<Output = bool>;

    /// True when an `Accept` longer than 128 bytes would cost a preflight with this host.
    fn minds_long_accept(&self, api_host: &str) -> bool;

    /// Something the user may like to see.
    fn notice(&self, notice: Notice) {
        let _ = notice;
    }
}

/// Things worth showing while work goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// What a registry says about its quota (Docker Hub).
    Quota(Quota),
    /// A blob's transfer broke and goes on from this byte.
    Resumed {
        /// Which blob.
        digest: crate::oci::Digest,
        /// From which byte.
        from: u64,
    },
}

/// A registry's rate limit, as it tells it itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// The registry.
    pub registry: String,
    /// Requests per window.
    pub limit: Option<u64>,
    /// Requests left in this window.
    pub remaining: Option<u64>,
    /// The window in seconds.
    pub window_s: Option<u64>,
}

impl Quota {
    /// Reads `ratelimit-limit: 100;w=21600` and `ratelimit-remaining: 99;w=21600`.
    pub fn of(registry: &str, head: &ResponseHead) -> Option<Self> {
        let read = |name: &str| {
            let value = head.header(name)?;
            let (count, window) = value.split_once(';').unwrap_or((value, ""));
            let window = window.trim().strip_prefix("w=").and_then(|w| w.parse().ok());
            Some((count.trim().parse().ok()?, window))
        };
        let limit: Option<(u64, Option<u64>)> = read("ratelimit-limit");
        let remaining: Option<(u64, Option<u64>)> = read("ratelimit-remaining");
        if limit.is_none() && remaining.is_none() {
            return None;
        }
        Some(Self {
            registry: registry.to_owned(),
            limit: limit.map(|l| l.0),
            remaining: remaining.map(|r| r.0),
            window_s: limit.and_then(|l| l.1).or(remaining.and_then(|r| r.1)),
        })
    }
}

/// Runs an exchange to its answer: the head, and the body for the caller to read.
///
/// # Errors
/// Whatever stood in the way, as one fault.
pub async fn run<T: Transport>(
    transport: &T,
    session: &Session,
    goal: Goal,
) -> Result<(ResponseHead, T::Body), Fault> {
    let wide = !transport.minds_long_accept(&goal.repository.api_host);
    let mut exchange = Exchange::new(goal, wide);
    let mut body: Option<T::Body> = None;
    let mut event = Event::Start;
    loop {
        event = match exchange.advance(event, transport.tick(), session) {
            Step::Send(request) => {
                // Frees the connection of the answer before.
                drop(body.take());
                match transport.send(&request).await {
                    Ok((head, arrived)) => {
                        if let Some(quota) = Quota::of(&exchange.goal().repository.registry, &head) {
                            transport.notice(Notice::Quota(quota));
                        }
                        body = Some(arrived);
                        Event::Head(head)
                    }
                    Err(wire) => Event::Failed(wire),
                }
            }
            Step::ReadReply => match body.take() {
                Some(mut arrived) => match read_up_to(&mut arrived, session.limits.reply_bytes).await {
                    Ok((bytes, whole)) => Event::Reply { bytes, whole },
                    Err(wire) => Event::Failed(wire),
                },
                None => Event::Reply {
                    bytes: Vec::new(),
                    whole: true,
                },
            },
            Step::Wait(pause) => {
                drop(body.take());
                transport.wait(&pause).await;
                Event::Waited
            }
            Step::Ask(realm) => Event::Answered(transport.consent(&realm).await),
            Step::WantCredentials(registry) => Event::Credentials(transport.credentials(&registry).await?),
            Step::Answer(head) => {
                return match body.take() {
                    Some(body) => Ok((head, body)),
                    None => Err(Fault::unsupported("an answer without a response")),
                };
            }
            Step::Fail(fault) => return Err(fault),
        };
    }
}

/// Reads a body up to `limit` bytes; false when it goes on.
async fn read_up_to<B: Body>(body: &mut B, limit: u64) -> Result<(Vec<u8>, bool), WireFault> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.chunk().await? {
        let room = limit.saturating_sub(bytes.len() as u64);
        if chunk.len() as u64 > room {
            bytes.extend(chunk.iter().take(room as usize));
            return Ok((bytes, false));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok((bytes, true))
}

/// Why a body could not be read whole.
#[derive(Debug)]
pub(crate) enum ReadFault {
    /// The connection; worth another try.
    Wire(WireFault),
    /// The content; final.
    Final(Fault),
}

impl ReadFault {
    /// The fault to tell.
    pub(crate) fn told(self, host: &str) -> Fault {
        match self {
            Self::Wire(wire) => refusal::unreachable(host, &wire),
            Self::Final(fault) => fault,
        }
    }
}

/// Reads a whole body, which must stay within `limit` bytes.
pub(crate) async fn read_whole<B: Body>(
    head: &ResponseHead,
    body: &mut B,
    what: &str,
    limit: u64,
) -> Result<Vec<u8>, ReadFault> {
    let too_large = || ReadFault::Final(Fault::too_large(what, format!("{limit} bytes")));
    if head.content_length().is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    match read_up_to(body, limit).await.map_err(ReadFault::Wire)? {
        (bytes, true) => Ok(bytes),
        (_, false) => Err(too_large()),
    }
}
