//! Drives a comparison in the native program: fetches what the job wants and hands it in.
//!
//! Manifests and blobs are fetched at the same time; decompressing and hashing happens on blocking
//! threads, one per core, fed through short channels, so that a slow network never holds a core and a slow
//! core holds the network back instead of filling memory.

use std::io::Read as _;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::registry::RegistryClient;
use super::source::LocalSource;
use crate::archive::{BlobReader, Purpose, Reading};
use crate::compare::job::{Got, Job, SideId, Want, What};
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::{Descriptor, Document, Reference};

/// Pieces in flight between the network and a decoder, of at most some 64 KiB each.
const PIECES: usize = 16;

/// Bytes read from a file at once.
const FILE_PIECE: usize = 256 * 1024;

/// Where one side of a comparison is read from.
#[derive(Clone)]
pub enum Source {
    /// A repository of a registry.
    Registry(Arc<RegistryClient>, Reference),
    /// A file or folder of this machine.
    Local(Arc<LocalSource>),
}

/// Runs a job to its end. Faults of single parts are in the job's evidence; nothing here fails.
pub async fn run(job: &mut Job, left: Source, right: Source) {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let decoders = Arc::new(Semaphore::new(cores));
    let mut tasks: JoinSet<(u32, Got)> = JoinSet::new();
    loop {
        for Want { id, side, what } in job.wants() {
            let source = if side == SideId::Left { left.clone() } else { right.clone() };
            let limits = job.limits().clone();
            let decoders = decoders.clone();
            tasks.spawn(async move { (id, get(&source, what, limits, decoders).await) });
        }
        match tasks.join_next().await {
            Some(Ok((id, got))) => job.take(id, got),
            // A task of ours neither panics nor is cancelled; a want without an answer counts as not read.
            Some(Err(_)) => {}
            None => return,
        }
    }
}

async fn get(source: &Source, what: What, limits: Limits, decoders: Arc<Semaphore>) -> Got {
    match what {
        What::Document { name } => Got::Document(document(source, &name, &limits).await),
        What::Blob { descriptor, purpose } => Got::Blob(blob(source, descriptor, purpose, limits, decoders).await),
    }
}

async fn document(source: &Source, name: &str, limits: &Limits) -> Result<Document, Fault> {
    match source {
        Source::Registry(client, reference) => {
            let reference = match name.parse() {
                Ok(digest) => reference.at_digest(digest),
                Err(_) => Reference { tag: Some(name.to_owned()), digest: None, ..reference.clone() },
            };
            client.manifest(&reference).await.map(|served| served.document)
        }
        Source::Local(local) => {
            let (local, name, limits) = (local.clone(), name.to_owned(), limits.clone());
            blocking(move || local.document(&name, &limits)).await?
        }
    }
}

async fn blob(
    source: &Source,
    descriptor: Descriptor,
    purpose: Purpose,
    limits: Limits,
    decoders: Arc<Semaphore>,
) -> Result<Reading, Fault> {
    let _turn = decoders.acquire_owned().await.map_err(|_| stopped())?;
    match source {
        Source::Local(local) => {
            let local = local.clone();
            blocking(move || {
                let mut file = local.blob(&descriptor)?;
                let mut reader = BlobReader::new(&descriptor, purpose, &limits);
                let mut piece = vec![0u8; FILE_PIECE];
                loop {
                    let n = file.read(&mut piece).map_err(|e| {
                        Fault::new(FaultKind::Unreachable, format!("reading stopped: {e}"))
                            .at(descriptor.digest.to_string())
                    })?;
                    let read = piece.get(..n).unwrap_or_default();
                    if n == 0 || reader.push(read).is_err() {
                        return Ok(reader.finish());
                    }
                }
            })
            .await?
        }
        Source::Registry(client, reference) => {
            let (send, mut receive) = mpsc::channel::<Bytes>(PIECES);
            let wanted = descriptor.clone();
            let decoder = tokio::task::spawn_blocking(move || {
                let mut reader = BlobReader::new(&wanted, purpose, &limits);
                while let Some(piece) = receive.blocking_recv() {
                    if reader.push(&piece).is_err() {
                        break;
                    }
                }
                reader.finish()
            });
            let mut stream = client.blob(reference, &descriptor).await?;
            while let Some(piece) = stream.chunk().await? {
                if send.send(piece).await.is_err() {
                    break;
                }
            }
            drop(send);
            decoder.await.map_err(|_| stopped())
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(|_| stopped())
}

fn stopped() -> Fault {
    Fault::new(FaultKind::Cancelled, "the work was stopped")
}
