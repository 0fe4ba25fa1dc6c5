//! What a reader of registries asks for: a manifest, a blob, the tags of a repository.
//!
//! One implementation for every platform; see [`Transport`] for what differs between them.

use super::blob::BlobStream;
use super::http::Method;
use super::source::Source;
use super::target::{Goal, Repository, What};
use super::transport::{self, ReadFault, Transport};
use super::{Pause, Session, Tags};
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, Document, Reference};

/// A session on a transport.
#[derive(Debug)]
pub struct Client<T> {
    /// What sends.
    pub transport: T,
    /// What remembers.
    pub session: Session,
}

/// A manifest as it was served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The document, its digest taken from its raw bytes.
    pub document: Document,
    /// True when it came from a cache, and the registry was not asked.
    pub from_cache: bool,
    /// What was odd about the answer, each in one sentence; the bytes are what counts.
    pub notes: Vec<String>,
}

impl<T: Transport> Client<T> {
    /// A client.
    pub fn new(transport: T, session: Session) -> Self {
        Self { transport, session }
    }

    /// The manifest or index that a reference names: by digest where it has one, else by tag.
    ///
    /// # Errors
    /// `Gone`, `Denied`, `Busy`, `Unreachable` as the registry has it; `Mismatch` when the bytes do not
    /// hash to the digest asked for; `Malformed`, `Unsupported`, `TooLarge` as [`Document::parse`].
    pub async fn manifest(&self, reference: &Reference) -> Result<Served, Fault> {
        let what = match (&reference.digest, &reference.tag) {
            (Some(digest), _) => What::Manifest(digest.clone()),
            (None, Some(tag)) => What::Tag(tag.clone()),
            (None, None) => {
                return Err(
                    Fault::malformed("the reference has neither tag nor digest").at(reference.to_string())
                );
            }
        };
        let goal = self.goal(&Repository::of(reference), what)?;
        let place = goal.place();
        let limit = self.session.limits.manifest_bytes;
        let (head, raw) = self.whole(&goal, "the manifest", limit).await?;
        let document = Document::parse(raw, head.content_type(), &self.session.limits)
            .map_err(|f| f.at(place.clone()))?;
        let document = match &reference.digest {
            Some(digest) => document.with_digest(digest)?,
            None => document,
        };
        let mut notes = Vec::new();
        if let Some(said) = head.header("docker-content-digest")
            && said
                .parse::<Digest>()
                .is_ok_and(|said| said.algorithm() == document.digest.algorithm() && said != document.digest)
        {
            notes.push(format!(
                "the registry calls this {said}, but its bytes hash to {}",
                document.digest
            ));
        }
        Ok(Served {
            document,
            from_cache: false,
            notes,
        })
    }

    /// The digest that a tag points to now, by HEAD: costs no quota on Docker Hub. `None` when the
    /// registry (or the browser) does not tell; then only the manifest itself can. The digest is the
    /// registry's word; what is read by it is verified all the same.
    ///
    /// # Errors
    /// As [`Client::manifest`].
    pub async fn digest_of_tag(&self, reference: &Reference) -> Result<Option<Digest>, Fault> {
        let Some(tag) = &reference.tag else {
            return Ok(reference.digest.clone());
        };
        let mut goal = self.goal(&Repository::of(reference), What::Tag(tag.clone()))?;
        goal.method = Method::Head;
        let (head, _) = transport::run(&self.transport, &self.session, goal).await?;
        Ok(head.header("docker-content-digest").and_then(|d| d.parse().ok()))
    }

    /// Opens a blob. Its bytes arrive unverified: feed them to a
    /// [`BlobReader`](crate::archive), which alone says whether they are what the descriptor names.
    ///
    /// # Errors
    /// As [`Client::manifest`]; also `TooLarge` when the descriptor announces more than
    /// `limits.blob_bytes`.
    pub async fn blob<'c>(
        &'c self,
        reference: &Reference,
        descriptor: &Descriptor,
    ) -> Result<BlobStream<'c, T>, Fault> {
        let limit = self.session.limits.blob_bytes;
        if descriptor.size > limit {
            return Err(
                Fault::too_large("the blob", format!("{limit} bytes")).at(descriptor.digest.to_string())
            );
        }
        let goal = self.goal(&Repository::of(reference), What::Blob(descriptor.digest.clone()))?;
        BlobStream::open(self, goal, descriptor.size).await
    }

    /// A goal at this registry.
    pub(crate) fn goal(&self, repository: &Repository, what: What) -> Result<Goal, Fault> {
        let plain = self.session.is_plain(&repository.api_host);
        Goal::new(repository, what, plain)
    }

    /// Runs an exchange and reads its body whole. A broken connection is tried again from the start.
    pub(crate) async fn whole(
        &self,
        goal: &Goal,
        what: &str,
        limit: u64,
    ) -> Result<(super::ResponseHead, Vec<u8>), Fault> {
        let patience = &self.session.patience;
        let mut tries = 0;
        loop {
            let (head, mut body) = transport::run(&self.transport, &self.session, goal.clone()).await?;
            match transport::read_whole(&head, &mut body, what, limit).await {
                Ok(bytes) => return Ok((head, bytes)),
                Err(ReadFault::Wire(wire)) if wire.is_passing() && tries < patience.retries => {
                    drop(body);
                    self.pause(tries, goal).await;
                    tries += 1;
                }
                Err(fault) => return Err(fault.told(&goal.url.authority()).at(goal.place())),
            }
        }
    }

    /// The pause after a connection broke.
    pub(crate) async fn pause(&self, tries: u32, goal: &Goal) {
        let pause = Pause {
            milliseconds: self.session.patience.pause(tries, self.transport.tick().random),
            host: goal.url.authority(),
            why: "the connection broke".to_owned(),
        };
        self.transport.wait(&pause).await;
    }
}

impl<T: Transport> Source for Client<T> {
    type Blob<'s>
        = BlobStream<'s, T>
    where
        Self: 's;

    fn limits(&self) -> &Limits {
        &self.session.limits
    }

    async fn manifest(&self, reference: &Reference) -> Result<Served, Fault> {
        Self::manifest(self, reference).await
    }

    async fn blob(&self, reference: &Reference, descriptor: &Descriptor) -> Result<BlobStream<'_, T>, Fault> {
        Self::blob(self, reference, descriptor).await
    }

    async fn tags(&self, reference: &Reference, on_page: impl FnMut(&[String])) -> Result<Tags, Fault> {
        Self::tags(self, reference, on_page).await
    }
}

/// True when a fault means "not there", which ends a search instead of failing it.
pub(crate) fn is_missing(fault: &Fault) -> bool {
    fault.kind == FaultKind::Gone
}
