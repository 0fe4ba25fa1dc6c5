//! What went wrong, told by what the reader must do about it.
//!
//! One error type crosses every module of the core, because every one of them ends in the same place:
//! a state of the page, or a line on stderr, that says what happened, where, and what to do next. The
//! kind decides the title and the next step; `message` is one sentence with the offending value and the
//! offset in it; `place` is the URL (without secrets), the file or the digest it happened at.
//!
//! ```
//! use tagdrift::fault::{Fault, FaultKind};
//! let fault = Fault::new(FaultKind::Gone, "the registry no longer has this digest").at("sha256:3b6c…");
//! assert_eq!(fault.to_string(), "the registry no longer has this digest (sha256:3b6c…)");
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the reader has to do about a [`Fault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The input does not follow its format. Mend the input, or tell who made it.
    Malformed,
    /// Well-formed, but of a kind that Tagdrift does not read.
    Unsupported,
    /// A bound of [`Limits`](crate::limits::Limits) was reached.
    TooLarge,
    /// The content does not match its digest or its declared length. Never shown as content.
    Mismatch,
    /// The registry wants (other) credentials. Private and missing can look the same.
    Denied,
    /// The registry answers, and does not have it (any more).
    Gone,
    /// No answer: the network, the name, or the browser's CORS rules stood in the way.
    Unreachable,
    /// The registry asks to come back later, or failed by itself (429, 5xx).
    Busy,
    /// The user stopped it.
    Cancelled,
}

/// One thing that went wrong. Never carries a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What must be done about it.
    pub kind: FaultKind,
    /// One sentence without a full stop; holds the offending value and its offset.
    pub message: String,
    /// Where: a URL without secrets, a path, a digest. Empty when the message says it all.
    pub place: String,
}

impl Fault {
    /// A fault of this kind, with its sentence.
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            place: String::new(),
        }
    }

    /// Shorthand for [`FaultKind::Malformed`].
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Malformed, message)
    }

    /// Shorthand for [`FaultKind::Unsupported`].
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Unsupported, message)
    }

    /// Shorthand for [`FaultKind::TooLarge`]: `what` exceeded `limit` (already with its unit).
    pub fn too_large(what: &str, limit: impl fmt::Display) -> Self {
        Self::new(
            FaultKind::TooLarge,
            format!("{what} exceeds the limit of {limit}"),
        )
    }

    /// Shorthand for [`FaultKind::Mismatch`].
    pub fn mismatch(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Mismatch, message)
    }

    /// The same fault with its place, unless a place closer to the cause is already known.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        if self.place.is_empty() {
            self.place = place.into();
        }
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.place.is_empty() {
            write!(f, " ({})", self.place)?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
