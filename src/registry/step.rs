//! What passes between an exchange and its driver: what happened, and what to do next.

use super::Credentials;
use super::http::{HttpRequest, ResponseHead, WireFault};
use crate::fault::Fault;

/// The time (milliseconds since 1970) and a random number, fresh for each call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tick {
    /// Milliseconds since 1970.
    pub now_ms: u64,
    /// Any number; spreads retries.
    pub random: u64,
}

/// What happened since the last step.
#[derive(Debug)]
pub enum Event {
    /// Nothing yet.
    Start,
    /// Status and headers arrived.
    Head(ResponseHead),
    /// The body asked for by [`Step::ReadReply`]; `whole` is false when it went on beyond the limit.
    Reply {
        /// The bytes, up to `limits.reply_bytes`.
        bytes: Vec<u8>,
        /// Whether that was all.
        whole: bool,
    },
    /// No (whole) response.
    Failed(WireFault),
    /// The pause is over.
    Waited,
    /// The user's answer to [`Step::Ask`].
    Answered(bool),
    /// The answer to [`Step::WantCredentials`].
    Credentials(Option<Credentials>),
}

/// What the driver has to do next.
#[derive(Debug)]
pub enum Step {
    /// Send this, drop the body of the response before, and come back with `Head` or `Failed`.
    Send(HttpRequest),
    /// Read the body of the last response, at most `limits.reply_bytes`, and come back with `Reply`.
    ReadReply,
    /// Wait, then come back with `Waited`.
    Wait(Pause),
    /// Ask the user whether credentials may go to this host, then come back with `Answered`.
    Ask(ForeignRealm),
    /// Look for the user's credentials for this registry, then come back with `Credentials`.
    WantCredentials(String),
    /// Done: the body of the last response belongs to the caller.
    Answer(ResponseHead),
    /// Done, without success.
    Fail(Fault),
}

/// A pause before the next try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// How long, in milliseconds.
    pub milliseconds: u64,
    /// Which host is waited for.
    pub host: String,
    /// Why, in one clause.
    pub why: String,
}

/// A registry that sends its users to sign in on another host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignRealm {
    /// The registry.
    pub registry: String,
    /// The host (and port) that would see the credentials.
    pub realm_host: String,
}

impl Event {
    /// For the fault of a driver that is out of step.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Start => "a start",
            Self::Head(_) => "a response",
            Self::Reply { .. } => "a body",
            Self::Failed(_) => "a broken connection",
            Self::Waited => "the end of a pause",
            Self::Answered(_) => "an answer",
            Self::Credentials(_) => "credentials",
        }
    }
}
