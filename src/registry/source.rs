//! Anything artifacts are read from: a registry, an OCI layout, either of them with a cache in front.
//!
//! Who compares, lists or looks for earlier digests is written against [`Source`] and runs on all of them,
//! in the page and in the native program.

use super::fragment::Fragment;
use super::{Served, Tags};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, Hasher, Reference};
use std::future::Future;

/// Where artifacts are read from. A reference's registry and repository may be mere names to it.
pub trait Source {
    /// An open blob.
    type Blob<'s>: Chunks
    where
        Self: 's;

    /// The bounds it keeps.
    fn limits(&self) -> &Limits;

    /// The manifest or index that a reference names: by digest where it has one, else by tag.
    fn manifest(&self, reference: &Reference) -> impl Future<Output = Result<Served, Fault>>;

    /// Opens a blob; see [`Chunks`] for what its bytes are worth.
    fn blob(
        &self,
        reference: &Reference,
        descriptor: &Descriptor,
    ) -> impl Future<Output = Result<Self::Blob<'_>, Fault>>;

    /// Lists the tags of the reference's repository; `on_page` sees new tags as they come.
    fn tags(
        &self,
        reference: &Reference,
        on_page: impl FnMut(&[String]),
    ) -> impl Future<Output = Result<Tags, Fault>>;
}

/// The bytes of a blob in their order, **unverified**: only a reader that hashes them all can say whether
/// they are what the descriptor names.
pub trait Chunks {
    /// Some bytes.
    type Piece: Fragment;

    /// The next bytes, `None` after the last.
    fn chunk(&mut self) -> impl Future<Output = Result<Option<Self::Piece>, Fault>>;

    /// Tells that all bytes were read and hash to `digest`, so that they may be kept for the next time.
    /// Dropping the blob instead keeps nothing, and what was kept before and read to its end is thrown
    /// away as damaged.
    fn verified(self, digest: &Digest) -> impl Future<Output = ()>;

    /// True when it comes from this device, not over the network.
    fn is_local(&self) -> bool;
}

/// A small blob (a config, a provenance file), whole and verified.
///
/// # Errors
/// `TooLarge` beyond `limit` bytes, `Mismatch` when it does not hash to its name, and what reading gives.
pub async fn document<S: Source>(
    source: &S,
    reference: &Reference,
    descriptor: &Descriptor,
    limit: u64,
) -> Result<Vec<u8>, Fault> {
    let place = descriptor.digest.to_string();
    if descriptor.size > limit {
        return Err(Fault::too_large("the blob", format!("{limit} bytes")).at(place));
    }
    let mut blob = source.blob(reference, descriptor).await?;
    let mut hasher = Hasher::new(descriptor.digest.algorithm());
    let mut bytes = Vec::new();
    while let Some(piece) = blob.chunk().await? {
        hasher.update(&piece);
        bytes.extend_from_slice(&piece);
        if bytes.len() as u64 > limit {
            return Err(Fault::too_large("the blob", format!("{limit} bytes")).at(place));
        }
    }
    let actual = hasher.finish();
    if actual != descriptor.digest {
        return Err(Fault::mismatch(format!(
            "the content hashes to {actual}, not to its name: refused"
        ))
        .at(place));
    }
    blob.verified(&actual).await;
    Ok(bytes)
}
