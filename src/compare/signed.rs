//! Who signed both digests of a comparison. A failure says nothing, and stops nothing.
//!
//! Whoever asks bounds the time: a verdict should not wait long for what is only a further fact. Signatures stand beside
//! what they sign: of two repositories, one may simply not have been signed into, so both digests are of one.

use std::time::Duration;

use futures_util::future::try_join;

use super::evidence::{Pair, Signed};
use crate::oci::{Digest, Reference};
use crate::registry::{Client, Source, Transport, signature};

/// How long page and program wait for it. The same for both, so that they come to the same verdict.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Who signed both digests, as their registry knows it; `None` where it did not say.
pub async fn look_up<T: Transport>(
    client: &Client<T>,
    repository: &Reference,
    left: &Digest,
    right: &Digest,
) -> Option<Signed> {
    if left == right {
        return None;
    }
    let (left, right) = try_join(
        client.signers(repository, left),
        client.signers(repository, right),
    )
    .await
    .ok()?;
    Some(Signed { left, right })
}

/// Who signed both digests, as the tags of their layout say. A layout is often a copy without signatures, so it counts
/// only where it has at least one.
pub async fn look_up_in_layout<S: Source>(
    layout: &S,
    repository: &Reference,
    left: &Digest,
    right: &Digest,
) -> Option<Signed> {
    if left == right {
        return None;
    }
    let (left, right) = try_join(
        signature::by_tag(layout, repository, left),
        signature::by_tag(layout, repository, right),
    )
    .await
    .ok()?;
    (left.is_some() || right.is_some()).then_some(Signed { left, right })
}

/// The two digests of a pair, where it has two.
pub fn digests(pair: &Pair) -> Option<(&Digest, &Digest)> {
    match pair {
        Pair::Artifacts(pair) => Some((
            &pair.left.document.as_ref()?.digest,
            &pair.right.document.as_ref()?.digest,
        )),
        Pair::Indexes(pair) => Some((&pair.left.digest, &pair.right.digest)),
        Pair::Unreadable { .. } => None,
    }
}
