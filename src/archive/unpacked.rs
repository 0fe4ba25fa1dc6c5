//! What decompressed bytes are: a tar archive, a zip archive, or just bytes.
//!
//! Invariants: the sha256 of everything is computed whatever the bytes are; the first 512 bytes decide (a
//! tar header is known by its checksum, not by its magic, which v7 lacks); a stream of zeros counts as an
//! empty tar archive only when it is nothing but zeros and no longer than tar's usual record of 20 blocks,
//! because disk images start with zeros too.

use std::sync::Arc;

use super::reading::{Content, Keep, Purpose, TarFacts, TarListing, Wanted};
use super::sha256::{Lanes, Running};
use super::tar::{BLOCK, TarReader, is_header};
use super::zip::ZipCollector;
use crate::fault::Fault;
use crate::limits::Limits;
use crate::oci::Digest;

/// Twenty blocks: what tar writes at once by default (GNU tar manual, "Blocking Factor").
const RECORD: u64 = 20 * BLOCK as u64;

/// Takes decompressed bytes and finds out what they are.
pub struct Unpacked {
    limits: Limits,
    lanes: Lanes,
    purpose: Purpose,
    keep: Keep,
    whole: Running,
    size: u64,
    state: State,
    fault: Option<Fault>,
}

enum State {
    /// Fewer than 512 bytes seen.
    Start(Vec<u8>),
    /// Nothing but so many zeros so far.
    Zeros(u64),
    Tar(Box<TarReader>),
    Zip(Box<ZipCollector>),
    /// Bytes, kept as long as they are few enough.
    Bytes(Option<Vec<u8>>),
}

/// What [`Unpacked`] found.
#[derive(Debug, Clone)]
pub struct Contents {
    /// sha256 of the decompressed bytes.
    pub digest: Digest,
    /// Decompressed size in bytes.
    pub size: u64,
    /// What they were.
    pub content: Content,
    /// Why reading them stopped before the end.
    pub fault: Option<Fault>,
}

impl Unpacked {
    /// A reader for decompressed bytes.
    pub fn new(purpose: Purpose, limits: &Limits) -> Self {
        let lanes = Lanes::default();
        Self {
            limits: limits.clone(),
            purpose,
            keep: match purpose {
                Purpose::Files => Keep::Everything,
                Purpose::Document | Purpose::Layer => Keep::Nothing,
            },
            whole: Running::new(&lanes),
            lanes,
            size: 0,
            state: match purpose {
                Purpose::Document => State::Bytes(Some(Vec::new())),
                Purpose::Files | Purpose::Layer => State::Start(Vec::new()),
            },
            fault: None,
        }
    }

    /// A reader for a layer that keeps the files that hold one of these contents.
    pub fn looking_for(contents: Arc<Wanted>, limits: &Limits) -> Self {
        Self {
            keep: Keep::Only(contents),
            ..Self::new(Purpose::Layer, limits)
        }
    }

    /// The same, its digests beside those of others in these lanes. Before the first bytes.
    pub(super) fn beside(mut self, lanes: &Lanes) -> Self {
        self.lanes = lanes.clone();
        self.whole = Running::new(lanes);
        self
    }

    /// Takes the next decompressed bytes. A fault of the content is remembered, not returned: the bytes
    /// that follow still count for the digest.
    pub fn push(&mut self, bytes: &[u8]) {
        let before = self.whole.taken();
        self.size = self.size.saturating_add(bytes.len() as u64);
        if self.fault.is_none()
            && let Err(fault) = self.look(bytes)
        {
            self.fault = Some(fault);
        }
        // What the content's reader hashed along with its files is hashed; the rest is not.
        let hashed = usize::try_from(self.whole.taken() - before).unwrap_or(usize::MAX);
        self.whole.update(bytes.get(hashed..).unwrap_or_default());
    }

    fn look(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        match &mut self.state {
            State::Start(seen) => {
                let need = BLOCK.saturating_sub(seen.len()).min(bytes.len());
                let (head, rest) = bytes.split_at_checked(need).unwrap_or((bytes, &[]));
                seen.extend_from_slice(head);
                if let Some(block) = seen.first_chunk::<BLOCK>() {
                    let block = *block;
                    self.state = self.recognise(&block);
                    // The start of the block came earlier, and is in the digest already.
                    self.whole.update(head);
                    match &mut self.state {
                        State::Tar(tar) => tar.push(&block)?,
                        _ => self.look(&block)?,
                    }
                    self.look(rest)?;
                }
                Ok(())
            }
            State::Zeros(count) => {
                let before = *count;
                *count += bytes.len() as u64;
                if bytes.iter().any(|b| *b != 0) || *count > RECORD {
                    let keep = self.purpose == Purpose::Files && before <= self.bound();
                    let zeros = usize::try_from(before).ok().filter(|_| keep);
                    self.state = State::Bytes(zeros.map(|n| vec![0; n]));
                    return self.look(bytes);
                }
                Ok(())
            }
            State::Tar(tar) => tar.push_hashing(bytes, &mut self.whole),
            State::Zip(zip) => zip.push(bytes),
            State::Bytes(kept) => {
                if let Some(held) = kept {
                    if held.len() as u64 + bytes.len() as u64 > bound(self.purpose, &self.limits) {
                        *kept = None;
                        if self.purpose == Purpose::Document {
                            return Err(Fault::too_large(
                                "the document",
                                format_args!("{} bytes", self.limits.config_bytes),
                            ));
                        }
                    } else {
                        held.extend_from_slice(bytes);
                    }
                }
                Ok(())
            }
        }
    }

    fn bound(&self) -> u64 {
        bound(self.purpose, &self.limits)
    }

    fn recognise(&self, block: &[u8; BLOCK]) -> State {
        let keep = self.purpose == Purpose::Files;
        if block.starts_with(b"PK\x03\x04") || block.starts_with(b"PK\x05\x06") {
            State::Zip(Box::new(ZipCollector::new(keep, &self.limits)))
        } else if block.iter().all(|b| *b == 0) {
            State::Zeros(0)
        } else if is_header(block) {
            State::Tar(Box::new(TarReader::keeping(
                self.keep.clone(),
                &self.lanes,
                &self.limits,
            )))
        } else {
            State::Bytes(keep.then(Vec::new))
        }
    }

    /// What went wrong with the content so far.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Ends the bytes. `cut` says why they ended early, if they did.
    pub fn finish(mut self, cut: Option<Fault>) -> Contents {
        let mut fault = self.fault.take().or(cut);
        let content = match self.state {
            State::Start(seen) if seen.starts_with(b"PK\x03\x04") || seen.starts_with(b"PK\x05\x06") => {
                let mut zip = ZipCollector::new(self.purpose == Purpose::Files, &self.limits);
                if let Err(broken) = zip.push(&seen) {
                    fault = fault.or(Some(broken));
                }
                close_zip(zip, &mut fault)
            }
            // Nothing at all is an empty archive to those who unpack layers (Go's reader just ends).
            State::Start(seen) if seen.is_empty() && self.purpose == Purpose::Layer && fault.is_none() => {
                Content::Tar(TarListing::default())
            }
            State::Start(seen) => Content::Bytes((self.purpose == Purpose::Files).then(|| Arc::from(seen))),
            // The two zero blocks alone are how an empty tar archive looks.
            State::Zeros(_) if self.size >= 2 * BLOCK as u64 && self.size.is_multiple_of(BLOCK as u64) => {
                Content::Tar(TarListing {
                    entries: Vec::new(),
                    facts: TarFacts {
                        ended: true,
                        end_blocks: self.size / BLOCK as u64,
                        ..TarFacts::default()
                    },
                })
            }
            State::Zeros(_) => Content::Bytes(
                (self.purpose == Purpose::Files)
                    .then(|| vec![0; usize::try_from(self.size).unwrap_or(0)].into()),
            ),
            State::Tar(tar) if fault.is_some() => Content::Tar(tar.stopped()),
            State::Tar(tar) => {
                let (listing, broken) = tar.finish();
                fault = broken;
                Content::Tar(listing)
            }
            State::Zip(zip) => close_zip(*zip, &mut fault),
            State::Bytes(kept) => Content::Bytes(kept.filter(|_| fault.is_none()).map(Arc::from)),
        };
        Contents {
            digest: Digest::from_sha256(&self.whole.finish()),
            size: self.size,
            content,
            fault,
        }
    }
}

fn bound(purpose: Purpose, limits: &Limits) -> u64 {
    match purpose {
        Purpose::Document => limits.config_bytes,
        Purpose::Files => limits.kept_file_bytes,
        Purpose::Layer => 0,
    }
}

fn close_zip(zip: ZipCollector, fault: &mut Option<Fault>) -> Content {
    if fault.is_some() {
        return Content::Zip(TarListing::default());
    }
    let (listing, broken) = zip.finish();
    *fault = broken;
    Content::Zip(listing)
}

impl Contents {
    /// The same with nothing in it, for bytes that turned out not to be what was asked for.
    pub(super) fn discarded(self) -> Self {
        Self {
            content: Content::Bytes(None),
            ..self
        }
    }
}
