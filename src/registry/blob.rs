//! A blob on its way: chunk by chunk, gone on with where the connection broke.
//!
//! Invariant: the chunks, joined, are at most as long as the descriptor says; fewer bytes are a fault, and
//! so are more. Whether they *are* the blob is for the digest to say, by the reader they are fed to.

use std::any::Any;
use std::ops::Deref;

use super::fragment::Fragment;
use super::http::ResponseHead;
use super::refusal;
use super::source::Chunks;
use super::target::Goal;
use super::transport::{self, Body, Notice, Transport};
use super::{Client, WireFault, WireKind};
use crate::fault::Fault;
use crate::oci::Digest;

/// Some bytes of a blob, as the platform delivered them.
#[derive(Debug)]
pub struct Piece<C> {
    chunk: C,
    from: usize,
}

impl<C: Fragment> Deref for Piece<C> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.chunk.get(self.from..).unwrap_or_default()
    }
}

impl<C: Fragment> Fragment for Piece<C> {
    fn count(&self) -> usize {
        self.chunk.count().saturating_sub(self.from)
    }

    fn object(&self) -> Option<&dyn Any> {
        self.chunk.object().filter(|_| self.from == 0)
    }
}

/// An open blob.
#[derive(Debug)]
pub struct BlobStream<'c, T: Transport> {
    client: &'c Client<T>,
    goal: Goal,
    size: u64,
    /// Bytes handed out.
    position: u64,
    /// Bytes of the current response still to be passed over, as the server starts again at zero.
    skip: u64,
    body: Option<T::Body>,
    /// Broken connections since the last one that was worth it.
    broken: u32,
    /// Bytes handed out of the current response.
    fresh: u64,
}

impl<'c, T: Transport> BlobStream<'c, T> {
    pub(crate) async fn open(client: &'c Client<T>, goal: Goal, size: u64) -> Result<Self, Fault> {
        let mut stream = Self {
            client,
            goal,
            size,
            position: 0,
            skip: 0,
            body: None,
            broken: 0,
            fresh: 0,
        };
        stream.request().await?;
        Ok(stream)
    }

    /// The size that the descriptor announced.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Bytes handed out so far.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The next bytes, `None` after the last.
    ///
    /// # Errors
    /// `Mismatch` when the blob is shorter or longer than announced; `Unreachable` when the connection
    /// broke more often than patience allows; and what opening it anew may give.
    pub async fn chunk(&mut self) -> Result<Option<Piece<<T::Body as Body>::Chunk>>, Fault> {
        loop {
            let Some(body) = self.body.as_mut() else {
                return Ok(None);
            };
            match body.chunk().await {
                Ok(Some(chunk)) => {
                    let passed = self.skip.min(chunk.count() as u64);
                    self.skip -= passed;
                    let fresh = Piece {
                        chunk,
                        from: passed as usize,
                    };
                    let count = fresh.count() as u64;
                    if count == 0 {
                        continue;
                    }
                    if self.position + count > self.size {
                        self.body = None;
                        return Err(Fault::mismatch(format!(
                            "the blob goes on beyond the {} bytes that its descriptor announces: refused",
                            self.size
                        ))
                        .at(self.goal.place()));
                    }
                    self.position += count;
                    self.fresh += count;
                    if self.fresh >= self.client.session.patience.worth {
                        self.broken = 0;
                    }
                    return Ok(Some(fresh));
                }
                Ok(None) if self.position == self.size => {
                    self.body = None;
                    return Ok(None);
                }
                // The server may have closed in the middle without a word: ask once for the rest.
                Ok(None) => self.resume(None).await?,
                Err(wire) => self.resume(Some(wire)).await?,
            }
        }
    }

    async fn resume(&mut self, wire: Option<WireFault>) -> Result<(), Fault> {
        self.body = None;
        self.skip = 0;
        if self.position == self.size {
            return Ok(());
        }
        let patience = match &wire {
            Some(wire) if wire.is_passing() => self.client.session.patience.resumes,
            Some(_) => 0,
            None => 1,
        };
        if self.broken >= patience {
            return Err(match wire {
                Some(wire) => refusal::unreachable(&self.goal.url.authority(), &wire),
                None => Fault::mismatch(format!(
                    "the blob ends after {} of the {} bytes that its descriptor announces",
                    self.position, self.size
                )),
            }
            .at(self.goal.place()));
        }
        self.client.pause(self.broken, &self.goal).await;
        self.broken += 1;
        if let Some(digest) = self.digest() {
            self.client.transport.notice(Notice::Resumed {
                digest,
                from: self.position,
            });
        }
        self.request().await
    }

    fn digest(&self) -> Option<Digest> {
        match &self.goal.what {
            super::What::Blob(digest) => Some(digest.clone()),
            _ => None,
        }
    }

    async fn request(&mut self) -> Result<(), Fault> {
        self.goal.range_from = (self.position > 0).then_some(self.position);
        let answer = transport::run(&self.client.transport, &self.client.session, self.goal.clone()).await;
        let (head, body) = answer?;
        self.skip = self.starts_before(&head)?;
        self.fresh = 0;
        self.body = Some(body);
        Ok(())
    }

    /// How many bytes of this response were handed out before.
    fn starts_before(&self, head: &ResponseHead) -> Result<u64, Fault> {
        if head.status != 206 {
            return Ok(self.position);
        }
        // Without a readable Content-Range (a browser may hide it) the digest will tell.
        let Some(range) = head.header("content-range") else {
            return Ok(0);
        };
        let start = range
            .strip_prefix("bytes ")
            .and_then(|r| r.split('-').next())
            .and_then(|s| s.trim().parse::<u64>().ok());
        match start {
            Some(start) if start <= self.position => Ok(self.position - start),
            _ => Err(refusal::unreachable(
                &self.goal.url.authority(),
                &WireFault::new(
                    WireKind::Protocol,
                    format!(
                        "asked for the bytes from {} on, it sends {:?}",
                        self.position,
                        refusal::harmless(range)
                    ),
                ),
            )
            .at(self.goal.place())),
        }
    }
}

impl<T: Transport> Chunks for BlobStream<'_, T> {
    type Piece = Piece<<T::Body as Body>::Chunk>;

    async fn chunk(&mut self) -> Result<Option<Self::Piece>, Fault> {
        Self::chunk(self).await
    }

    async fn verified(self, _: &Digest) {}

    fn is_local(&self) -> bool {
        false
    }
}
