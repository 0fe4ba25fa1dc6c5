//! Drives a [`Job`] over two [`Source`]s: asks for what it wants, as many parts at a time as there are, and
//! hands in what came. Shared by the page and the native program; where bytes are decoded is their choice.
//!
//! Dropping the future stops everything that is under way.

use std::future::Future;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::job::{Got, Job, SideId, Want, What};
use crate::archive::{BlobReader, Purpose, Reading, Wanted};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::oci::{Descriptor, Document, Reference};
use crate::registry::{Chunks, Source};

/// Turns the bytes of a blob into a reading.
pub trait Decoding {
    /// Reads a blob to its end. `on_bytes` is told the size of each piece.
    fn read<C: Chunks>(
        &self,
        blob: &mut C,
        wanted: &Descriptor,
        purpose: Purpose,
        limits: &Limits,
        on_bytes: &impl Fn(u64),
    ) -> impl Future<Output = Result<Reading, Fault>>;
}

/// What is done between two pieces of a blob that are decoded on the thread that fetches.
pub trait Between {
    /// After a piece of so many bytes. An error ends the reading.
    fn piece(&self, bytes: usize) -> impl Future<Output = Result<(), Fault>>;
}

/// Nothing.
impl Between for () {
    async fn piece(&self, _: usize) -> Result<(), Fault> {
        Ok(())
    }
}

/// Decodes each piece as it comes, on the thread that fetches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inline<B = ()>(pub B);

impl<B: Between> Decoding for Inline<B> {
    async fn read<C: Chunks>(
        &self,
        blob: &mut C,
        wanted: &Descriptor,
        purpose: Purpose,
        limits: &Limits,
        on_bytes: &impl Fn(u64),
    ) -> Result<Reading, Fault> {
        let mut reader = BlobReader::new(wanted, purpose, limits);
        while let Some(piece) = blob.chunk().await? {
            on_bytes(piece.len() as u64);
            if reader.push(&piece).is_err() {
                break;
            }
            self.0.piece(piece.len()).await?;
        }
        Ok(reader.finish())
    }
}

/// What is going on, for those who show it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "one lives at a time")]
pub enum Step {
    /// A manifest is asked for.
    Manifest {
        /// Its tag or digest.
        name: String,
    },
    /// A blob is opened.
    Blob {
        /// What it is.
        descriptor: Descriptor,
    },
    /// Bytes of blobs came.
    Bytes(u64),
}

/// One side: its source, and the reference whose repository is meant.
#[derive(Debug)]
pub struct Side<'a, S> {
    /// Where it is read from.
    pub source: &'a S,
    /// Registry and repository; tag and digest do not matter.
    pub reference: &'a Reference,
}

/// Reads a layer again, for the bytes of files that were only hashed at first: those with these contents.
///
/// # Errors
/// What opening gives, and what is wrong with the blob.
pub async fn look_for<S: Source>(
    side: &Side<'_, S>,
    descriptor: &Descriptor,
    contents: Arc<Wanted>,
    limits: &Limits,
    tell: &impl Fn(Step),
) -> Result<Reading, Fault> {
    let mut blob = side.source.blob(side.reference, descriptor).await?;
    let mut reader = BlobReader::looking_for(descriptor, contents, limits);
    while let Some(piece) = blob.chunk().await? {
        tell(Step::Bytes(piece.len() as u64));
        if reader.push(&piece).is_err() {
            break;
        }
    }
    let reading = reader.finish();
    match &reading.fault {
        Some(fault) => Err(fault.clone()),
        None => {
            blob.verified(&descriptor.digest).await;
            Ok(reading)
        }
    }
}

/// Runs a job to its end. Never fails: what could not be read is in the job's evidence.
pub async fn run<L: Source, R: Source>(
    job: &mut Job,
    left: Side<'_, L>,
    right: Side<'_, R>,
    decoding: &impl Decoding,
    tell: &impl Fn(Step),
) {
    let limits = job.limits().clone();
    let mut under_way = FuturesUnordered::new();
    loop {
        for Want { id, side, what } in job.wants() {
            let (left, right, limits) = (&left, &right, &limits);
            under_way.push(async move {
                let got = match side {
                    SideId::Left => get(left, what, limits, decoding, tell).await,
                    SideId::Right => get(right, what, limits, decoding, tell).await,
                };
                (id, got)
            });
        }
        match under_way.next().await {
            Some((id, got)) => job.take(id, got),
            None => return,
        }
    }
}

async fn get<S: Source>(
    side: &Side<'_, S>,
    what: What,
    limits: &Limits,
    decoding: &impl Decoding,
    tell: &impl Fn(Step),
) -> Got {
    match what {
        What::Document { name } => {
            tell(Step::Manifest { name: name.clone() });
            Got::Document(document(side, &name).await)
        }
        What::Blob { descriptor, purpose } => {
            tell(Step::Blob {
                descriptor: descriptor.clone(),
            });
            Got::Blob(blob(side, &descriptor, purpose, limits, decoding, tell).await)
        }
    }
}

async fn document<S: Source>(side: &Side<'_, S>, name: &str) -> Result<Document, Fault> {
    let reference = match name.parse() {
        Ok(digest) => side.reference.at_digest(digest),
        Err(_) => Reference {
            tag: Some(name.to_owned()),
            digest: None,
            ..side.reference.clone()
        },
    };
    side.source
        .manifest(&reference)
        .await
        .map(|served| served.document)
}

/// Reads one blob to its end; whatever keeps it where it is read from is told when it was whole.
///
/// # Errors
/// What opening and fetching can give. What is wrong with the content stands in the reading.
pub async fn blob<S: Source>(
    side: &Side<'_, S>,
    descriptor: &Descriptor,
    purpose: Purpose,
    limits: &Limits,
    decoding: &impl Decoding,
    tell: &impl Fn(Step),
) -> Result<Reading, Fault> {
    let mut blob = side.source.blob(side.reference, descriptor).await?;
    let reading = decoding
        .read(&mut blob, descriptor, purpose, limits, &|n| tell(Step::Bytes(n)))
        .await?;
    let whole = reading.fault.is_none();
    if whole {
        blob.verified(&descriptor.digest).await;
    }
    Ok(reading)
}
