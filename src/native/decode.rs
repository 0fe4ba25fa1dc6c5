//! Decodes blobs on threads of their own, so that all cores work and a slow decoder holds the network back
//! instead of filling memory.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};

use crate::archive::{BlobReader, Lanes, Purpose, Reading};
use crate::compare::drive::Decoding;
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::Descriptor;
use crate::registry::Chunks;

/// Pieces in flight between the network and a decoder.
const PIECES: usize = 8;

/// Blobs at a core where digests wait for one another: two layers of a pair are hashed together then.
const BESIDE: usize = 2;

/// Decoder threads: one per core, or [`BESIDE`] that share their lanes.
#[derive(Debug, Clone)]
pub struct Threads {
    turns: Arc<Semaphore>,
    cores: Arc<Vec<Lanes>>,
}

impl Default for Threads {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let each = if Lanes::pay() { BESIDE } else { 1 };
        Self {
            turns: Arc::new(Semaphore::new(cores * each)),
            cores: Arc::new((0..cores).map(|_| Lanes::default()).collect()),
        }
    }
}

impl Threads {
    /// The lanes that fewest blobs share.
    fn lanes(&self) -> Lanes {
        let fewest = self.cores.iter().min_by_key(|lanes| lanes.shared());
        fewest.cloned().unwrap_or_default()
    }
}

impl Decoding for Threads {
    async fn read<C: Chunks>(
        &self,
        blob: &mut C,
        wanted: &Descriptor,
        purpose: Purpose,
        limits: &Limits,
        on_bytes: &impl Fn(u64),
    ) -> Result<Reading, Fault> {
        let _turn = self.turns.acquire().await.map_err(|_| stopped())?;
        // Held to the end, so that the next blob sees that these are taken.
        let lanes = self.lanes();
        let mut reader = BlobReader::new(wanted, purpose, limits).beside(&lanes);
        let (send, mut receive) = mpsc::channel::<C::Piece>(PIECES);
        let decoder = tokio::task::spawn_blocking(move || {
            while let Some(piece) = receive.blocking_recv() {
                if reader.push(&piece).is_err() {
                    break;
                }
            }
            reader.finish()
        });
        while let Some(piece) = blob.chunk().await? {
            on_bytes(piece.len() as u64);
            if send.send(piece).await.is_err() {
                break;
            }
        }
        drop(send);
        decoder.await.map_err(|_| stopped())
    }
}

fn stopped() -> Fault {
    Fault::new(FaultKind::Cancelled, "the work was stopped")
}
