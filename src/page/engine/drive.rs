//! Decoding in the worker: between two pieces it goes back to its event loop, so that a cancellation is
//! heard; memory holds what the core keeps and one piece of each open blob.

use std::cell::Cell;

use futures_util::future::{Either, select};

use super::place::Place;
use crate::archive::{BlobReader, Purpose, Reading};
use crate::compare::drive::{Decoding, Side, Step as Driven, run};
use crate::compare::job::Job;
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::{Descriptor, Reference};
use crate::page::protocol::{Progress, Step};
use crate::page::worker::Line;
use crate::registry::{Chunks, Source as _};

/// Decoding goes on for at most so many bytes before the event loop gets its turn.
const BREATH_BYTES: usize = 4 << 20;

/// Decodes each piece as it comes, and breathes.
struct Breathing<'l>(&'l Line);

impl Decoding for Breathing<'_> {
    async fn read<C: Chunks>(
        &self,
        blob: &mut C,
        wanted: &Descriptor,
        purpose: Purpose,
        limits: &Limits,
        on_bytes: &impl Fn(u64),
    ) -> Result<Reading, Fault> {
        let mut reader = BlobReader::new(wanted, purpose, limits);
        let mut since_breath = 0;
        while let Some(piece) = blob.chunk().await? {
            self.0.check()?;
            on_bytes(piece.len() as u64);
            if reader.push(&piece).is_err() {
                break;
            }
            since_breath += piece.len();
            if since_breath > BREATH_BYTES {
                since_breath = 0;
                breathe().await;
            }
        }
        Ok(reader.finish())
    }
}

/// Runs a job to its end. Faults of single parts are in the job's evidence.
///
/// # Errors
/// Only `Cancelled`.
pub(super) async fn compare(
    job: &mut Job,
    left: (&Place, &Reference),
    right: (&Place, &Reference),
    line: &Line,
) -> Result<(), Fault> {
    let (read, of) = (Cell::new(0_u64), Cell::new(0_u64));
    let tell = |step: Driven| match step {
        Driven::Manifest { name } => line.tell(super::asking_for(&name)),
        Driven::Blob { descriptor } => {
            of.set(of.get().saturating_add(descriptor.size));
            tell_content(line, &read, &of);
        }
        Driven::Bytes(n) => {
            read.set(read.get().saturating_add(n));
            tell_content(line, &read, &of);
        }
    };
    let side = |(source, reference)| Side { source, reference };
    let breathing = Breathing(line);
    let work = std::pin::pin!(run(job, side(left), side(right), &breathing, &tell));
    let stopped = std::pin::pin!(line.stopped());
    match select(work, stopped).await {
        Either::Left(_) => line.check(),
        Either::Right((fault, _)) => Err(fault),
    }
}

fn tell_content(line: &Line, read: &Cell<u64>, of: &Cell<u64>) {
    line.tell(Progress {
        step: Step::Content,
        what: String::new(),
        bytes: read.get(),
        of: Some(of.get()),
    });
}

/// Reads one archive with its files' bytes, for looking into a file.
///
/// # Errors
/// What reading can give, and what is wrong with the archive.
pub(super) async fn files(
    source: &Place,
    reference: &Reference,
    descriptor: &Descriptor,
    line: &Line,
) -> Result<Reading, Fault> {
    let (read, of) = (Cell::new(0_u64), Cell::new(descriptor.size));
    let on_bytes = |n: u64| {
        read.set(read.get().saturating_add(n));
        tell_content(line, &read, &of);
    };
    let mut blob = source.blob(reference, descriptor).await?;
    let limits = source.limits().clone();
    let reading = Breathing(line)
        .read(&mut blob, descriptor, Purpose::Files, &limits, &on_bytes)
        .await?;
    match reading.fault {
        None => {
            blob.verified(&reading.digest).await;
            Ok(reading)
        }
        // Whatever the archive's own trouble, a file that was read before it may be shown; but never
        // content that is not what its digest says.
        Some(fault) if fault.kind == FaultKind::Mismatch => Err(fault),
        Some(_) => Ok(reading),
    }
}

/// Lets the event loop deliver what waits: a cancellation above all.
pub(super) async fn breathe() {
    gloo_timers::future::TimeoutFuture::new(0).await;
}
