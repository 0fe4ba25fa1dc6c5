//! Asks a registry for signatures of both digests of a comparison. A failure says nothing, and stops nothing.

use std::time::Duration;

use crate::compare::evidence::{Pair, Signed};
use crate::oci::{Digest, Reference};
use crate::registry::{Client, Transport};

/// A verdict does not wait longer than this for what is only a further fact.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether both digests are signed; `None` where there are no two digests, or the registry did not say.
pub async fn look_up<T: Transport>(client: &Client<T>, reference: &Reference, pair: &Pair) -> Option<Signed> {
    let (left, right) = digests(pair)?;
    if left == right {
        return None;
    }
    let both = futures_util::future::try_join(
        client.is_signed(reference, left),
        client.is_signed(reference, right),
    );
    let (left, right) = tokio::time::timeout(PATIENCE, both).await.ok()?.ok()?;
    Some(Signed { left, right })
}

fn digests(pair: &Pair) -> Option<(&Digest, &Digest)> {
    match pair {
        Pair::Artifacts(pair) => Some((
            &pair.left.document.as_ref()?.digest,
            &pair.right.document.as_ref()?.digest,
        )),
        Pair::Indexes(pair) => Some((&pair.left.digest, &pair.right.digest)),
        Pair::Unreadable { .. } => None,
    }
}
