//! Decompression by magic bytes, pushed: gzip, zstd or nothing at all.
//!
//! Purpose: bytes of the wire in, unpacked bytes out to a sink, in pieces that stay in the processor's
//! cache. What the first bytes say decides (RFC 1952, 2.3.1; RFC 8878, 3.1.1), never the media type, which
//! is what the producer hoped for.
//!
//! Invariants: memory is bounded by the window of the format and [`Limits::zstd_window_bytes`]; the output
//! is held to [`Limits::unpacked_bytes`] and [`Limits::ratio`] while it flows; after the first fault
//! nothing more comes out. The pieces are independent of how the input was cut.
//!
//! A driver with threads can run an [`Inflater`] on one and [`Unpacked`](super::Unpacked) on another.

use sha2::{Digest as _, Sha256};

use super::gzip::Gunzip;
use super::reading::{Compression, GzipFacts};
use super::zstd::Unzstd;
use crate::fault::Fault;
use crate::limits::Limits;
use crate::oci::Digest;

/// Takes unpacked bytes; its fault stops the inflater.
pub type Sink<'a> = dyn FnMut(&[u8]) -> Result<(), Fault> + 'a;

/// Decompresses whatever it is given.
pub struct Inflater {
    limits: Limits,
    state: State,
    meter: Meter,
}

enum State {
    /// Fewer bytes seen than a magic number has.
    Start(Vec<u8>),
    Plain,
    Gzip(Box<Gunzip>),
    Zstd(Box<Unzstd>),
}

/// What the compressed stream as a whole looked like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamFacts {
    /// By magic bytes.
    pub compression: Compression,
    /// gzip members or zstd frames.
    pub members: u32,
    /// The first gzip member's header.
    pub gzip: Option<GzipFacts>,
    /// Skippable zstd frames, in bytes with their headers.
    pub skippable_bytes: u64,
    /// Bytes after the last member, zero padding included, with their sha256.
    pub trailing: Option<(u64, Digest)>,
}

impl StreamFacts {
    /// Bytes that are not compressed, or not looked into.
    pub(super) fn plain() -> Self {
        Self {
            compression: Compression::None,
            members: 0,
            gzip: None,
            skippable_bytes: 0,
            trailing: None,
        }
    }
}

impl Inflater {
    /// An inflater that has seen nothing yet.
    pub fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            state: State::Start(Vec::new()),
            meter: Meter::new(limits),
        }
    }

    /// Takes the next bytes and hands what they unpack to, to `sink`.
    ///
    /// # Errors
    /// A stream that breaks its format, a bound that was reached, or the sink's own fault. Nothing may be
    /// pushed after that.
    pub fn push(&mut self, input: &[u8], sink: &mut Sink<'_>) -> Result<(), Fault> {
        match &mut self.state {
            State::Start(seen) => {
                // Four bytes decide; an ordinary push has them all, and nothing is copied then.
                if seen.is_empty() && input.len() >= 4 {
                    self.state = self.recognise(input);
                    return self.push(input, sink);
                }
                let need = 4usize.saturating_sub(seen.len()).min(input.len());
                let (head, rest) = input.split_at_checked(need).unwrap_or((input, &[]));
                seen.extend_from_slice(head);
                if seen.len() < 4 {
                    return Ok(());
                }
                let head = std::mem::take(seen);
                self.state = self.recognise(&head);
                self.push(&head, sink)?;
                self.push(rest, sink)
            }
            State::Plain => {
                self.meter.take(input.len());
                self.meter.give(input.len())?;
                sink(input)
            }
            State::Gzip(gzip) => gzip.push(input, &mut self.meter, sink),
            State::Zstd(zstd) => zstd.push(input, &mut self.meter, sink),
        }
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// A stream that was cut.
    pub fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), Fault> {
        match &mut self.state {
            State::Start(seen) => {
                let head = std::mem::take(seen);
                self.state = if head.starts_with(&super::gzip::MAGIC) {
                    State::Gzip(Box::new(Gunzip::new(&self.limits)))
                } else {
                    State::Plain
                };
                self.push(&head, sink)?;
                match &mut self.state {
                    State::Gzip(gzip) => gzip.finish(),
                    _ => Ok(()),
                }
            }
            State::Plain => Ok(()),
            State::Gzip(gzip) => gzip.finish(),
            State::Zstd(zstd) => zstd.finish(),
        }
    }

    /// What is known of the stream; complete after [`finish`](Self::finish).
    pub fn facts(&self) -> StreamFacts {
        let mut facts = StreamFacts::plain();
        match &self.state {
            State::Start(_) | State::Plain => {}
            State::Gzip(gzip) => {
                facts.compression = Compression::Gzip;
                facts.members = gzip.members();
                facts.gzip = gzip.first_header().cloned();
                facts.trailing = gzip.trailing();
            }
            State::Zstd(zstd) => {
                facts.compression = Compression::Zstd;
                facts.members = zstd.frames();
                facts.skippable_bytes = zstd.skippable_bytes();
                facts.trailing = zstd.trailing();
            }
        }
        facts
    }

    fn recognise(&self, head: &[u8]) -> State {
        if head.starts_with(&super::gzip::MAGIC) {
            State::Gzip(Box::new(Gunzip::new(&self.limits)))
        } else if super::zstd::starts(head) {
            State::Zstd(Box::new(Unzstd::new(&self.limits)))
        } else {
            State::Plain
        }
    }
}

/// Counts what goes in and comes out, and holds the one against the other.
pub(super) struct Meter {
    taken: u64,
    given: u64,
    unpacked_bytes: u64,
    ratio: u64,
    grace: u64,
}

impl Meter {
    fn new(limits: &Limits) -> Self {
        Self {
            taken: 0,
            given: 0,
            unpacked_bytes: limits.unpacked_bytes,
            ratio: limits.ratio,
            grace: limits.ratio_grace_bytes,
        }
    }

    /// So many bytes of input were consumed.
    pub(super) fn take(&mut self, n: usize) {
        self.taken = self.taken.saturating_add(n as u64);
    }

    /// So many bytes are about to be handed on.
    pub(super) fn give(&mut self, n: usize) -> Result<(), Fault> {
        self.given = self.given.saturating_add(n as u64);
        if self.given > self.unpacked_bytes {
            return Err(Fault::too_large(
                "the decompressed size",
                format_args!("{} bytes", self.unpacked_bytes),
            ));
        }
        if self.given > self.grace && self.given > self.taken.saturating_mul(self.ratio) {
            return Err(Fault::too_large(
                &format!("the decompression ratio at compressed offset {}", self.taken),
                format_args!("{}:1", self.ratio),
            ));
        }
        Ok(())
    }

    /// Bytes consumed so far, for messages.
    pub(super) fn offset(&self) -> u64 {
        self.taken
    }
}

/// Bytes that belong to no member: counted and hashed, never interpreted.
#[derive(Clone, Default)]
pub(super) struct Remainder {
    count: u64,
    hasher: Sha256,
}

impl Remainder {
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.count = self.count.saturating_add(bytes.len() as u64);
        self.hasher.update(bytes);
    }

    pub(super) fn told(&self) -> Option<(u64, Digest)> {
        (self.count > 0).then(|| {
            (
                self.count,
                Digest::from_sha256(&self.hasher.clone().finalize().into()),
            )
        })
    }
}
