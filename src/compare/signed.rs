//! Asks a registry for signatures of both digests of a comparison. A failure says nothing, and stops nothing.
//!
//! Whoever asks bounds the time: a verdict should not wait long for what is only a further fact.

use std::time::Duration;

use super::evidence::{Pair, Signed};
use crate::oci::{Digest, Reference};
use crate::registry::{Client, Transport};

/// How long page and program wait for it. The same for both, so that they come to the same verdict.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Whether both digests of this repository are signed; `None` where the registry did not say. Signatures stand
/// beside what they sign: of two repositories, one may simply not have been signed into.
pub async fn look_up<T: Transport>(
    client: &Client<T>,
    repository: &Reference,
    left: &Digest,
    right: &Digest,
) -> Option<Signed> {
    if left == right {
        return None;
    }
    let both = futures_util::future::try_join(
        client.is_signed(repository, left),
        client.is_signed(repository, right),
    );
    let (left, right) = both.await.ok()?;
    Some(Signed { left, right })
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
