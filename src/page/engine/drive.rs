//! Decoding for the worker: large blobs by its crew, others by itself. Between two pieces it goes back to its event loop,
//! so that a cancellation is heard; memory holds what the core keeps and a few pieces of each open blob.

use std::cell::Cell;
use std::sync::Arc;

use futures_util::future::{Either, select};

use super::crew::{Crew, LARGE};
use super::place::Place;
use crate::archive::{Purpose, Reading};
use crate::compare;
use crate::compare::drive::{Between, Decoding, Inline, Side, Step as Driven, blob, run};
use crate::compare::job::Job;
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, Reference};
use crate::page::protocol::{Progress, Step};
use crate::page::worker::Line;
use crate::registry::{Chunks, Source as _};
use crate::report::matrix::{self, Matrix};
use crate::verdict::Again;

/// Decoding goes on for at most so many bytes before the event loop gets its turn.
const BREATH_BYTES: usize = 4 << 20;

/// Between two pieces: hears whether it should stop, and breathes.
struct Breathing<'l> {
    line: &'l Line,
    /// Bytes since the last breath.
    since: Cell<usize>,
}

/// By the crew or by itself.
struct Shared<'l> {
    crew: &'l Crew,
    itself: Inline<Breathing<'l>>,
}

impl<'l> Shared<'l> {
    fn of((crew, line): Hands<'l>) -> Self {
        let since = Cell::new(0);
        Self {
            crew,
            itself: Inline(Breathing { line, since }),
        }
    }
}

impl Decoding for Shared<'_> {
    async fn read<C: Chunks>(
        &self,
        blob: &mut C,
        wanted: &Descriptor,
        purpose: Purpose,
        limits: &Limits,
        on_bytes: &impl Fn(u64),
    ) -> Result<Reading, Fault> {
        let large = purpose != Purpose::Document && wanted.size >= LARGE;
        match large.then(|| self.crew.open(wanted, purpose, limits)).flatten() {
            Some(task) => task.read(blob, on_bytes).await,
            None => self.itself.read(blob, wanted, purpose, limits, on_bytes).await,
        }
    }
}

/// Who decodes, and on which line.
pub(super) type Hands<'l> = (&'l Crew, &'l Line);

impl Between for Breathing<'_> {
    async fn piece(&self, bytes: usize) -> Result<(), Fault> {
        self.line.check()?;
        self.since.set(self.since.get() + bytes);
        if self.since.get() > BREATH_BYTES {
            self.since.set(0);
            breathe().await;
        }
        Ok(())
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
    hands: Hands<'_>,
) -> Result<(), Fault> {
    let side = |(source, reference)| Side { source, reference };
    let (decoding, counted) = (Shared::of(hands), Counted::new(hands.1));
    let tell = |step| counted.tell(step);
    unless_stopped(hands.1, run(job, side(left), side(right), &decoding, &tell)).await
}

/// Digests of one tag whose contents are told apart at once.
const MOST: usize = 32;

/// Reads digests of one repository, and tells which contents they hold.
///
/// # Errors
/// Only `Cancelled`.
pub(super) async fn contents(
    source: &Place,
    reference: &Reference,
    digests: Vec<Digest>,
    limits: &Limits,
    hands: Hands<'_>,
) -> Result<Matrix, Fault> {
    let (decoding, counted) = (Shared::of(hands), Counted::new(hands.1));
    let tell = |step| counted.tell(step);
    let reading = matrix::read(source, reference, digests, MOST, limits, &decoding, &tell);
    unless_stopped(hands.1, reading).await
}

/// Works until it is done, or the user stops it.
async fn unless_stopped<T>(line: &Line, work: impl Future<Output = T>) -> Result<T, Fault> {
    let (work, stopped) = (std::pin::pin!(work), std::pin::pin!(line.stopped()));
    match select(work, stopped).await {
        Either::Left((done, _)) => line.check().map(|()| done),
        Either::Right((fault, _)) => Err(fault),
    }
}

/// Bytes read, of those that are known to be needed.
struct Counted<'l> {
    line: &'l Line,
    read: Cell<u64>,
    of: Cell<u64>,
}

impl<'l> Counted<'l> {
    fn new(line: &'l Line) -> Self {
        Self {
            line,
            read: Cell::new(0),
            of: Cell::new(0),
        }
    }

    fn tell(&self, step: Driven) {
        let (counter, more) = match step {
            Driven::Manifest { name } => return self.line.tell(super::asking_for(&name)),
            Driven::Blob { descriptor } => (&self.of, descriptor.size),
            Driven::Bytes(n) => (&self.read, n),
        };
        counter.set(counter.get().saturating_add(more));
        self.line.tell(Progress {
            step: Step::Content,
            what: String::new(),
            bytes: self.read.get(),
            of: Some(self.of.get()),
        });
    }
}

/// Reads one archive with its files' bytes, for looking into a file.
///
/// # Errors
/// What reading can give, and what is wrong with the archive.
pub(super) async fn files(
    source: &Place,
    reference: &Reference,
    descriptor: &Descriptor,
    hands: Hands<'_>,
) -> Result<Reading, Fault> {
    let (decoding, counted) = (Shared::of(hands), Counted::new(hands.1));
    counted.tell(Driven::Blob {
        descriptor: descriptor.clone(),
    });
    let side = Side { source, reference };
    let limits = source.limits();
    let tell = |step| counted.tell(step);
    let reading = blob(&side, descriptor, Purpose::Files, limits, &decoding, &tell).await?;
    match reading.fault {
        // Whatever the archive's own trouble, a file that was read before it may be shown; but never
        // content that is not what its digest says.
        Some(fault) if fault.kind == FaultKind::Mismatch => Err(fault),
        _ => Ok(reading),
    }
}

/// Reads a layer again for the files in it that are wanted with their bytes.
///
/// # Errors
/// `Cancelled`, what reading can give, and what is wrong with the layer.
pub(super) async fn look_for(
    source: &Place,
    reference: &Reference,
    again: Again,
    limits: &Limits,
    line: &Line,
) -> Result<Reading, Fault> {
    let counted = Counted::new(line);
    counted.tell(Driven::Blob {
        descriptor: again.descriptor.clone(),
    });
    let side = Side { source, reference };
    let tell = |step| counted.tell(step);
    let reading = compare::drive::look_for(&side, &again.descriptor, Arc::new(again.contents), limits, &tell);
    unless_stopped(line, reading).await?
}

/// Lets the event loop deliver what waits: a cancellation above all.
pub(super) async fn breathe() {
    gloo_timers::future::TimeoutFuture::new(0).await;
}
