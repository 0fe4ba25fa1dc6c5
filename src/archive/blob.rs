//! One blob from the wire to what is in it, in a single pass.
//!
//! ```
//! use std::collections::BTreeMap;
//! use tagdrift::archive::{BlobReader, Content, Purpose};
//! use tagdrift::limits::Limits;
//! use tagdrift::oci::{Descriptor, Digest};
//!
//! let bytes = b"replicas: 2\n";
//! let wanted = Descriptor {
//!     media_type: "text/yaml".into(),
//!     digest: Digest::sha256(bytes),
//!     size: bytes.len() as u64,
//!     annotations: BTreeMap::new(),
//!     urls: Vec::new(),
//!     artifact_type: None,
//!     platform: None,
//! };
//! let mut blob = BlobReader::new(&wanted, Purpose::Document, &Limits::default());
//! blob.push(bytes).unwrap();
//! let reading = blob.finish();
//! assert!(reading.fault.is_none());
//! assert!(matches!(reading.content, Content::Bytes(Some(kept)) if &*kept == bytes));
//! ```
//!
//! Invariants: bytes that do not have the digest and the size they were asked by are never shown as
//! content; a reading with a fault proves no equality. Two halves make up the reader, [`Wire`] (digest and
//! decompression) and [`Unpacked`] (what is inside); a driver with threads runs them on two, with the
//! unpacked pieces sent between them, and puts the results together with [`Reading::from_halves`].

use std::sync::Arc;

use super::inflater::{Inflater, StreamFacts};
use super::reading::{Packing, Purpose, Reading, Wanted};
use super::sha256::{Lanes, Running};
use super::unpacked::{Contents, Unpacked};
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::{Algorithm, Descriptor, Digest, Hasher};

/// Reads one blob. Feed it with [`push`](Self::push), then ask [`finish`](Self::finish).
pub struct BlobReader {
    wire: Wire,
    unpacked: Unpacked,
}

/// The outer half: size, digest, decompression.
pub struct Wire {
    wanted: Digest,
    declared: u64,
    taken: u64,
    hashed: Hashed,
    /// `None` when the bytes are not to be looked into.
    inflater: Option<Inflater>,
    fault: Option<Fault>,
}

/// The digest of the blob itself.
enum Hashed {
    Sha256(Running),
    Other(Hasher),
}

impl Hashed {
    fn new(algorithm: Algorithm, lanes: &Lanes) -> Self {
        match algorithm {
            Algorithm::Sha256 => Self::Sha256(Running::new(lanes)),
            other @ Algorithm::Sha512 => Self::Other(Hasher::new(other)),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(running) => running.update(bytes),
            Self::Other(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self) -> Digest {
        match self {
            Self::Sha256(running) => Digest::from_sha256(&running.finish()),
            Self::Other(hasher) => hasher.finish(),
        }
    }
}

/// What the outer half found.
#[derive(Debug, Clone)]
pub struct Delivery {
    digest: Digest,
    size: u64,
    /// Whether digest and size are the wanted ones.
    verified: bool,
    stream: StreamFacts,
    fault: Option<Fault>,
}

impl BlobReader {
    /// A reader for the blob this descriptor asks for.
    pub fn new(wanted: &Descriptor, purpose: Purpose, limits: &Limits) -> Self {
        Self {
            wire: Wire::new(wanted, purpose, limits),
            unpacked: Unpacked::new(purpose, limits),
        }
    }

    /// A reader for a layer that keeps the files that hold one of these contents, within
    /// [`Limits::kept_bytes`]: for looking into files that were compared by their hash.
    pub fn looking_for(wanted: &Descriptor, contents: Arc<Wanted>, limits: &Limits) -> Self {
        Self {
            wire: Wire::new(wanted, Purpose::Layer, limits),
            unpacked: Unpacked::looking_for(contents, limits),
        }
    }

    /// The same, its digests beside those of other readers in these lanes, which is faster where digests wait for one
    /// another. Before the first bytes.
    pub fn beside(self, lanes: &Lanes) -> Self {
        Self {
            wire: self.wire.beside(lanes),
            unpacked: self.unpacked.beside(lanes),
        }
    }

    /// Takes the next bytes of the wire. A blob that cannot be decoded is still taken to its end, so that
    /// its digest can be verified; see [`fault`](Self::fault) to stop earlier.
    ///
    /// # Errors
    /// More bytes than declared, or more than [`Limits::blob_bytes`]: no sense in going on.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let unpacked = &mut self.unpacked;
        self.wire.push(bytes, &mut |piece| {
            unpacked.push(piece);
            Ok(())
        })
    }

    /// What already went wrong, if anything did: enough to stop downloading.
    pub fn fault(&self) -> Option<&Fault> {
        self.wire.fault.as_ref().or(self.unpacked.fault())
    }

    /// Ends the blob.
    pub fn finish(self) -> Reading {
        let Self { wire, mut unpacked } = self;
        let delivery = wire.finish(&mut |piece| {
            unpacked.push(piece);
            Ok(())
        });
        let contents = unpacked.finish(delivery.fault.clone());
        Reading::from_halves(delivery, contents)
    }
}

impl Wire {
    /// The outer half for the blob this descriptor asks for.
    pub fn new(wanted: &Descriptor, purpose: Purpose, limits: &Limits) -> Self {
        let bound = match purpose {
            Purpose::Document => limits.config_bytes,
            Purpose::Files | Purpose::Layer => limits.blob_bytes,
        };
        Self {
            wanted: wanted.digest.clone(),
            declared: wanted.size,
            taken: 0,
            hashed: Hashed::new(wanted.digest.algorithm(), &Lanes::default()),
            inflater: (purpose != Purpose::Document).then(|| Inflater::new(limits)),
            fault: (wanted.size > bound).then(|| {
                Fault::too_large(
                    &format!("the blob's declared size of {} bytes", wanted.size),
                    format_args!("{bound} bytes"),
                )
            }),
        }
    }

    fn beside(self, lanes: &Lanes) -> Self {
        Self {
            hashed: Hashed::new(self.wanted.algorithm(), lanes),
            ..self
        }
    }

    /// Takes the next bytes of the wire; what they unpack to goes to `sink`.
    ///
    /// # Errors
    /// As [`BlobReader::push`].
    pub fn push(&mut self, bytes: &[u8], sink: &mut super::inflater::Sink<'_>) -> Result<(), Fault> {
        if let Some(fault) = self.fault.as_ref().filter(|f| self.hopeless(f)) {
            return Err(fault.clone());
        }
        self.taken = self.taken.saturating_add(bytes.len() as u64);
        if self.taken > self.declared {
            let fault = Fault::mismatch(format!(
                "{} has more bytes than the {} it was declared with",
                self.wanted, self.declared
            ));
            self.fault = Some(fault.clone());
            return Err(fault);
        }
        self.hashed.update(bytes);
        if self.fault.is_none() {
            let done = match &mut self.inflater {
                Some(inflater) => inflater.push(bytes, sink),
                None => sink(bytes),
            };
            self.fault = done.err();
        }
        Ok(())
    }

    /// Whether the digest is beyond proof, or was never worth computing.
    fn hopeless(&self, fault: &Fault) -> bool {
        fault.kind == FaultKind::Mismatch || (fault.kind == FaultKind::TooLarge && self.taken == 0)
    }

    /// Ends the wire's bytes.
    pub fn finish(mut self, sink: &mut super::inflater::Sink<'_>) -> Delivery {
        if self.fault.is_none()
            && self.taken == self.declared
            && let Some(inflater) = &mut self.inflater
        {
            self.fault = inflater.finish(sink).err();
        }
        let stream = self
            .inflater
            .as_ref()
            .map_or_else(StreamFacts::plain, Inflater::facts);
        let real = self.hashed.finish();
        let complete = self.taken == self.declared;
        let verified = complete
            && real == self.wanted
            && self.fault.as_ref().is_none_or(|f| f.kind != FaultKind::Mismatch);
        let fault = match self.fault {
            Some(fault) if fault.kind == FaultKind::Mismatch => Some(fault),
            // The wrong bytes explain whatever else went wrong with them.
            _ if complete && real != self.wanted => Some(Fault::mismatch(format!(
                "{} was asked for, the bytes have {real}",
                self.wanted
            ))),
            None if !complete => Some(Fault::mismatch(format!(
                "{} ended after {} of {} bytes",
                self.wanted, self.taken, self.declared
            ))),
            other => other,
        };
        Delivery {
            digest: self.wanted,
            size: self.taken,
            verified,
            stream,
            fault,
        }
    }
}

impl Delivery {
    /// Why the wire's bytes are no whole blob, if they are not: hand it to [`Unpacked::finish`].
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }
}

impl Reading {
    /// Puts together what the two halves found.
    pub fn from_halves(delivery: Delivery, contents: Contents) -> Self {
        let contents = if delivery.verified {
            contents
        } else {
            contents.discarded()
        };
        let stream = delivery.stream;
        Self {
            digest: delivery.digest,
            size: delivery.size,
            packing: Packing {
                compression: stream.compression,
                uncompressed: contents.digest,
                uncompressed_size: contents.size,
                members: stream.members,
                gzip: stream.gzip,
                skippable_bytes: stream.skippable_bytes,
                trailing: stream.trailing,
            },
            content: contents.content,
            fault: delivery.fault.or(contents.fault),
        }
    }
}
