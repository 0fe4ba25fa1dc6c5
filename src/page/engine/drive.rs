//! Drives the core's comparison in the worker: fetches what the job wants and hands it in, a few at a time.
//!
//! Between two chunks the worker goes back to its event loop, so a cancellation is heard; memory holds what
//! the core keeps and one chunk of each open blob.

use std::cell::Cell;

use futures_util::stream::{FuturesUnordered, StreamExt as _};

use crate::archive::{BlobReader, Purpose, Reading};
use crate::compare::job::{Got, Job, SideId, Want, What};
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::{Descriptor, Document, Reference};
use crate::page::protocol::{Progress, Step};
use crate::page::worker::Line;
use crate::registry::{Chunks as _, Source};

/// Requests at the same time. More would only share one connection's bandwidth.
const AT_ONCE: usize = 4;

/// Decoding goes on for at most so many bytes before the event loop gets its turn.
const BREATH_BYTES: usize = 4 << 20;

/// Runs a job to its end. Faults of single parts are in the job's evidence.
///
/// # Errors
/// Only `Cancelled`.
pub(super) async fn run<S: Source>(
    job: &mut Job,
    source: &S,
    left: &Reference,
    right: &Reference,
    line: &Line,
) -> Result<(), Fault> {
    let total = Total::default();
    let mut queue: Vec<Want> = Vec::new();
    let mut running = FuturesUnordered::new();
    loop {
        let wants = job.wants();
        for want in &wants {
            if let What::Blob { descriptor, .. } = &want.what {
                total.of.set(total.of.get().saturating_add(descriptor.size));
            }
        }
        // Taken from the end, so the first want comes first.
        queue.splice(0..0, wants.into_iter().rev());
        while running.len() < AT_ONCE
            && let Some(Want { id, side, what }) = queue.pop()
        {
            let reference = if side == SideId::Left { left } else { right };
            let limits = job.limits().clone();
            let total = &total;
            running.push(async move { (id, get(source, reference, what, &limits, line, total).await) });
        }
        let Some((id, got)) = running.next().await else {
            return Ok(());
        };
        line.check()?;
        job.take(id, got);
    }
}

/// Bytes of all blobs together.
#[derive(Default)]
struct Total {
    read: Cell<u64>,
    of: Cell<u64>,
}

async fn get<S: Source>(
    source: &S,
    reference: &Reference,
    what: What,
    limits: &Limits,
    line: &Line,
    total: &Total,
) -> Got {
    match what {
        What::Document { name } => Got::Document(document(source, reference, &name).await),
        What::Blob { descriptor, purpose } => {
            Got::Blob(blob(source, reference, &descriptor, purpose, limits, line, total).await)
        }
    }
}

async fn document<S: Source>(source: &S, reference: &Reference, name: &str) -> Result<Document, Fault> {
    let reference = match name.parse() {
        Ok(digest) => reference.at_digest(digest),
        Err(_) => Reference {
            tag: Some(name.to_owned()),
            digest: None,
            ..reference.clone()
        },
    };
    source.manifest(&reference).await.map(|served| served.document)
}

async fn blob<S: Source>(
    source: &S,
    reference: &Reference,
    descriptor: &Descriptor,
    purpose: Purpose,
    limits: &Limits,
    line: &Line,
    total: &Total,
) -> Result<Reading, Fault> {
    let mut blob = source.blob(reference, descriptor).await?;
    let mut reader = BlobReader::new(descriptor, purpose, limits);
    let mut since_breath = 0;
    while let Some(piece) = blob.chunk().await? {
        line.check()?;
        total
            .read
            .set(total.read.get().saturating_add(piece.len() as u64));
        line.tell(Progress {
            step: Step::Content,
            what: descriptor.digest.short().to_owned(),
            bytes: total.read.get(),
            of: Some(total.of.get()),
        });
        if reader.push(&piece).is_err() {
            break;
        }
        since_breath += piece.len();
        if since_breath > BREATH_BYTES {
            since_breath = 0;
            breathe().await;
        }
    }
    let reading = reader.finish();
    if reading.fault.is_none() {
        blob.verified(&reading.digest).await;
    }
    Ok(reading)
}

/// Reads one archive with its files' bytes, for looking into a file.
///
/// # Errors
/// What reading can give, and what is wrong with the archive.
pub(super) async fn files<S: Source>(
    source: &S,
    reference: &Reference,
    descriptor: &Descriptor,
    line: &Line,
) -> Result<Reading, Fault> {
    let total = Total::default();
    total.of.set(descriptor.size);
    let limits = source.limits().clone();
    let reading = blob(
        source,
        reference,
        descriptor,
        Purpose::Files,
        &limits,
        line,
        &total,
    )
    .await?;
    match reading.fault {
        // Whatever the archive's own trouble, a file that was read before it may be shown; but never
        // content that is not what its digest says.
        Some(fault) if fault.kind == FaultKind::Mismatch => Err(fault),
        _ => Ok(reading),
    }
}

/// Lets the event loop deliver what waits: a cancellation above all.
pub(super) async fn breathe() {
    gloo_timers::future::TimeoutFuture::new(0).await;
}
