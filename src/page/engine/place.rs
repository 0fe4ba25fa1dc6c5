//! Where a side of a comparison is read from: a registry, a layout beside the page, or the reader's device.

use std::any::Any;
use std::cell::Cell;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::lock::{Mutex, OwnedMutexGuard};

use super::shelf::Shelved;
use crate::fault::Fault;
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, Reference};
use crate::page::chunk::Chunk;
use crate::page::dropped::Part;
use crate::page::kept::PageStore;
use crate::page::site_files::{SiteFile, SiteFiles};
use crate::page::transport::PageTransport;
use crate::registry::{Chunks, Fragment, Kept, KeptBlob, LayoutSource, Served, Source, Tags};

/// A registry with what is kept of it.
pub(super) type Registries = Kept<PageTransport, PageStore>;

/// Requests at the same time. More would only share one connection's bandwidth, and registries count them.
const AT_ONCE: usize = 4;

/// Lets a few pass at a time. Whoever waits stands in one of the queues, first come, first served.
#[derive(Clone)]
pub(super) struct Gate {
    doors: Rc<Vec<Arc<Mutex<()>>>>,
    turn: Rc<Cell<usize>>,
}

/// The right to a request until it is dropped.
type Permit = OwnedMutexGuard<()>;

impl Default for Gate {
    fn default() -> Self {
        Self {
            doors: Rc::new((0..AT_ONCE).map(|_| Arc::default()).collect()),
            turn: Rc::default(),
        }
    }
}

impl Gate {
    async fn pass(&self) -> Option<Permit> {
        if let Some(guard) = self.doors.iter().find_map(|door| door.clone().try_lock_owned()) {
            return Some(guard);
        }
        let turn = self.turn.get().wrapping_add(1);
        self.turn.set(turn);
        let door = self.doors.get(turn % AT_ONCE)?.clone();
        Some(door.lock_owned().await)
    }
}

/// Where a side is read from.
pub(super) enum Place {
    /// A registry, and what is kept of it in the browser.
    Registry(Rc<Registries>, Gate),
    /// A layout beside the page.
    Sample(Rc<LayoutSource<SiteFiles>>),
    /// A file of the reader, which stays on the device.
    Device(Rc<Shelved>),
}

impl Source for Place {
    type Blob<'s> = PlaceBlob<'s>;

    fn limits(&self) -> &Limits {
        match self {
            Self::Registry(kept, _) => kept.limits(),
            Self::Sample(layout) => layout.limits(),
            Self::Device(shelved) => shelved.limits(),
        }
    }

    async fn manifest(&self, reference: &Reference) -> Result<Served, Fault> {
        match self {
            Self::Registry(kept, gate) => {
                let _permit = gate.pass().await;
                kept.manifest(reference).await
            }
            Self::Sample(layout) => layout.manifest(reference).await,
            Self::Device(shelved) => shelved.manifest(reference).await,
        }
    }

    async fn blob(&self, reference: &Reference, descriptor: &Descriptor) -> Result<PlaceBlob<'_>, Fault> {
        Ok(match self {
            Self::Registry(kept, gate) => {
                let permit = gate.pass().await;
                PlaceBlob::Registry {
                    blob: Box::new(kept.blob(reference, descriptor).await?),
                    _permit: permit,
                }
            }
            Self::Sample(layout) => PlaceBlob::Sample(layout.blob(reference, descriptor).await?),
            Self::Device(shelved) => PlaceBlob::Device(shelved.blob(reference, descriptor).await?),
        })
    }

    async fn tags(&self, reference: &Reference, on_page: impl FnMut(&[String])) -> Result<Tags, Fault> {
        match self {
            Self::Registry(kept, _) => kept.tags(reference, on_page).await,
            Self::Sample(layout) => layout.tags(reference, on_page).await,
            // A file has no list of tags to look through.
            Self::Device(_) => Ok(Tags::default()),
        }
    }
}

/// An open blob of any place.
pub(super) enum PlaceBlob<'s> {
    /// With the right to the request.
    Registry {
        blob: Box<KeptBlob<'s, PageTransport, PageStore>>,
        _permit: Option<Permit>,
    },
    /// Fetched from beside the page.
    Sample(SiteFile),
    /// Read from the device.
    Device(Part),
}

/// Some bytes of any place.
pub(super) enum PlacePiece<A> {
    Registry(A),
    Browser(Chunk),
}

impl<A: Fragment> Deref for PlacePiece<A> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Registry(piece) => piece,
            Self::Browser(chunk) => chunk,
        }
    }
}

impl<A: Fragment> Fragment for PlacePiece<A> {
    fn count(&self) -> usize {
        match self {
            Self::Registry(piece) => piece.count(),
            Self::Browser(chunk) => chunk.count(),
        }
    }

    fn object(&self) -> Option<&dyn Any> {
        match self {
            Self::Registry(piece) => piece.object(),
            Self::Browser(chunk) => chunk.object(),
        }
    }
}

impl<'s> Chunks for PlaceBlob<'s> {
    type Piece = PlacePiece<<KeptBlob<'s, PageTransport, PageStore> as Chunks>::Piece>;

    async fn chunk(&mut self) -> Result<Option<Self::Piece>, Fault> {
        Ok(match self {
            Self::Registry { blob, .. } => blob.chunk().await?.map(PlacePiece::Registry),
            Self::Sample(file) => file.chunk().await?.map(PlacePiece::Browser),
            Self::Device(part) => part.chunk().await?.map(PlacePiece::Browser),
        })
    }

    async fn verified(self, digest: &Digest) {
        match self {
            Self::Registry { blob, .. } => blob.verified(digest).await,
            Self::Sample(file) => file.verified(digest).await,
            Self::Device(part) => part.verified(digest).await,
        }
    }

    fn is_local(&self) -> bool {
        match self {
            Self::Registry { blob, .. } => blob.is_local(),
            Self::Sample(file) => file.is_local(),
            Self::Device(part) => part.is_local(),
        }
    }
}
