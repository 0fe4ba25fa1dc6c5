//! Registries: requests out, responses in; what is asked, how one signs in, when one tries again.
//!
//! The session is core and has no socket. An [`Exchange`] is one logical request as a state machine; a
//! [`Transport`] is what a platform gives (send, wait, time, the user's word), and a [`Client`] joins the
//! two into what a reader asks for. Whatever artifacts can be read from is a [`Source`]: a [`Client`], one
//! with a [`Store`] in front ([`Kept`]), or an OCI layout ([`LayoutSource`]).
//!
//! ```text
//! Client ── Goal ──▶ Exchange ── Step::Send ──▶ Transport (fetch | reqwest | a test's script)
//!                       ▲  └── Signing: challenges, tokens, credentials   │
//!                       └──────────────── Event::Head ◀──────────────────┘
//! ```
//!
//! Invariants: the digest is the hash of raw bytes, no header is trusted over it; credentials reach only
//! whom [`exchange`] names; every wait, loop and body is bounded by [`Limits`](crate::limits::Limits) and
//! [`Patience`].

pub mod address;
mod blob;
pub mod challenge;
mod client;
pub mod cors;
pub mod exchange;
mod fragment;
pub mod history;
pub mod http;
mod kept;
mod layout;
mod link;
mod listing;
mod realms;
mod refusal;
mod retry;
pub mod saved;
mod secret;
mod session;
pub mod signature;
mod signing;
pub mod source;
mod step;
pub mod tarball;
mod target;
mod token;
mod transport;
mod url;

pub use address::is_private_address;
pub use blob::{BlobStream, Piece};
pub use client::{Client, Served};
pub use exchange::Exchange;
pub use fragment::{Fragment, Portable};
pub use http::{HttpRequest, Method, ResponseHead, WireFault, WireKind};
pub use kept::{Draft, Kept, KeptBlob, NoStore, Store};
pub use layout::{Files, Layout, LayoutSource};
pub use listing::Tags;
pub use retry::{Patience, span};
pub use saved::{Saved, SizedFiles};
pub use secret::{Credentials, Secret};
pub use session::{Abilities, Session};
pub use source::{Chunks, Source};
pub use step::{Event, ForeignRealm, Pause, Step, Tick};
pub use target::{Goal, Repository, What};
pub use transport::{Body, Notice, Quota, Transport, run};
pub use url::Url;
