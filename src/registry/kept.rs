//! Nothing twice: a store of content by digest in front of a source.
//!
//! Only what was verified is kept, and what is kept is held against its name again before it is used as a
//! manifest; a blob from the store passes the same reader as one from the network. A store that fails is
//! as good as an empty one.

use std::any::Any;
use std::future::Future;
use std::ops::Deref;

use super::client::Client;
use super::fragment::Fragment;
use super::source::{Chunks, Source};
use super::transport::Transport;
use super::{Served, Tags};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, Document, Reference};

/// Where content is kept by digest.
pub trait Store {
    /// Kept content, being read.
    type Kept: Chunks;
    /// Content being written; dropping it keeps nothing.
    type Draft: Draft;

    /// Opens kept content of exactly this size (any, when `None`).
    fn open(&self, digest: &Digest, size: Option<u64>) -> impl Future<Output = Option<Self::Kept>>;

    /// Starts to keep content; `None` when it cannot or need not be kept.
    fn draft(&self, digest: &Digest, size: u64) -> impl Future<Output = Option<Self::Draft>>;
}

/// Content on its way into a store.
pub trait Draft {
    /// Takes the next bytes; false when they could not be kept, which ends the draft.
    fn write(&mut self, bytes: &impl Fragment) -> impl Future<Output = bool>;

    /// Keeps what was written, under its verified name.
    fn commit(self) -> impl Future<Output = ()>;
}

/// A client with a store in front.
#[derive(Debug)]
pub struct Kept<T, S> {
    /// The client behind.
    pub client: Client<T>,
    /// The store, if there is one.
    pub store: Option<S>,
}

impl<T: Transport, S: Store> Kept<T, S> {
    async fn kept_document(&self, digest: &Digest) -> Option<Document> {
        let mut file = self.store.as_ref()?.open(digest, None).await?;
        let limits = &self.client.session.limits;
        let mut raw = Vec::new();
        while let Some(piece) = file.chunk().await.ok()? {
            raw.extend_from_slice(&piece);
            if raw.len() as u64 > limits.manifest_bytes {
                return None;
            }
        }
        let document = Document::parse(raw, None, limits)
            .ok()?
            .with_digest(digest)
            .ok()?;
        file.verified(digest).await;
        Some(document)
    }

    async fn keep_document(&self, document: &Document) {
        // Under the name it was asked by; what the store is asked for later is a digest from elsewhere.
        let Some(store) = &self.store else { return };
        let size = document.raw.len() as u64;
        if let Some(mut draft) = store.draft(&document.digest, size).await
            && draft.write(&document.raw).await
        {
            draft.commit().await;
        }
    }

    /// The digest to look for in the store before the manifest itself is asked for. On Docker Hub a HEAD
    /// costs no quota, a GET does; elsewhere it would only be one request more.
    async fn digest_to_try(&self, reference: &Reference) -> Option<Digest> {
        match &reference.digest {
            Some(digest) => Some(digest.clone()),
            None if reference.registry == "docker.io" && self.store.is_some() => {
                self.client.digest_of_tag(reference).await.ok().flatten()
            }
            None => None,
        }
    }
}

impl<T: Transport, S: Store> Source for Kept<T, S> {
    type Blob<'s>
        = KeptBlob<'s, T, S>
    where
        Self: 's;

    fn limits(&self) -> &Limits {
        &self.client.session.limits
    }

    async fn manifest(&self, reference: &Reference) -> Result<Served, Fault> {
        if let Some(digest) = self.digest_to_try(reference).await
            && let Some(document) = self.kept_document(&digest).await
        {
            return Ok(Served {
                document,
                from_cache: true,
                notes: Vec::new(),
            });
        }
        let served = self.client.manifest(reference).await?;
        self.keep_document(&served.document).await;
        Ok(served)
    }

    async fn blob(
        &self,
        reference: &Reference,
        descriptor: &Descriptor,
    ) -> Result<KeptBlob<'_, T, S>, Fault> {
        if let Some(store) = &self.store
            && let Some(kept) = store.open(&descriptor.digest, Some(descriptor.size)).await
        {
            return Ok(KeptBlob {
                from: From::Store(kept),
                draft: None,
            });
        }
        let stream = self.client.blob(reference, descriptor).await?;
        let draft = match &self.store {
            Some(store) => store.draft(&descriptor.digest, descriptor.size).await,
            None => None,
        };
        Ok(KeptBlob {
            from: From::Registry(Box::new(stream)),
            draft: draft.map(|draft| (descriptor.digest.clone(), draft)),
        })
    }

    async fn tags(&self, reference: &Reference, on_page: impl FnMut(&[String])) -> Result<Tags, Fault> {
        self.client.tags(reference, on_page).await
    }
}

/// A blob from the store, or from the registry with a copy going into the store.
pub struct KeptBlob<'s, T: Transport, S: Store> {
    from: From<'s, T, S>,
    draft: Option<(Digest, S::Draft)>,
}

enum From<'s, T: Transport, S: Store> {
    Store(S::Kept),
    Registry(Box<super::BlobStream<'s, T>>),
}

/// Some bytes of either.
#[derive(Debug)]
pub enum Either<A, B> {
    /// From the store.
    Kept(A),
    /// From the network.
    Fetched(B),
}

impl<A: Fragment, B: Fragment> Deref for Either<A, B> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Kept(a) => a,
            Self::Fetched(b) => b,
        }
    }
}

impl<A: Fragment, B: Fragment> Fragment for Either<A, B> {
    fn count(&self) -> usize {
        match self {
            Self::Kept(a) => a.count(),
            Self::Fetched(b) => b.count(),
        }
    }

    fn object(&self) -> Option<&dyn Any> {
        match self {
            Self::Kept(a) => a.object(),
            Self::Fetched(b) => b.object(),
        }
    }
}

impl<'s, T: Transport, S: Store> Chunks for KeptBlob<'s, T, S> {
    type Piece = Either<<S::Kept as Chunks>::Piece, <super::BlobStream<'s, T> as Chunks>::Piece>;

    async fn chunk(&mut self) -> Result<Option<Self::Piece>, Fault> {
        match &mut self.from {
            From::Store(kept) => Ok(kept.chunk().await?.map(Either::Kept)),
            From::Registry(stream) => {
                let Some(piece) = stream.chunk().await? else {
                    return Ok(None);
                };
                if let Some((_, draft)) = &mut self.draft
                    && !draft.write(&piece).await
                {
                    self.draft = None;
                }
                Ok(Some(Either::Fetched(piece)))
            }
        }
    }

    async fn verified(self, digest: &Digest) {
        if let From::Store(kept) = self.from {
            kept.verified(digest).await;
        } else if let Some((wanted, draft)) = self.draft
            && wanted == *digest
        {
            draft.commit().await;
        }
    }

    fn is_local(&self) -> bool {
        matches!(self.from, From::Store(_))
    }
}

/// A store that keeps nothing.
#[derive(Debug, Clone, Copy)]
pub enum NoStore {}

impl Store for NoStore {
    type Kept = Nothing;
    type Draft = Nothing;

    async fn open(&self, _: &Digest, _: Option<u64>) -> Option<Nothing> {
        match *self {}
    }

    async fn draft(&self, _: &Digest, _: u64) -> Option<Nothing> {
        match *self {}
    }
}

/// What [`NoStore`] holds.
#[derive(Debug, Clone, Copy)]
pub enum Nothing {}

impl Chunks for Nothing {
    type Piece = Vec<u8>;

    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        match *self {}
    }

    async fn verified(self, _: &Digest) {
        match self {}
    }

    fn is_local(&self) -> bool {
        match *self {}
    }
}

impl Draft for Nothing {
    async fn write(&mut self, _: &impl Fragment) -> bool {
        match *self {}
    }

    async fn commit(self) {
        match self {}
    }
}
