//! Looks for signatures of both digests of a comparison. A failure says nothing, and stops nothing.

use std::time::Duration;

use super::reach::Place;
use crate::compare::evidence::{Pair, Signed};
use crate::oci::Digest;
use crate::registry::signature;

/// A verdict does not wait longer than this for what is only a further fact.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who signed both digests, as the place of the right side knows it; `None` where there are no two digests, or the place did
/// not say. A local layout is often a copy without signatures, so it counts only where it has at least one.
pub async fn look_up(place: &Place, pair: &Pair) -> Option<Signed> {
    let (left, right) = digests(pair)?;
    if left == right {
        return None;
    }
    let both = async {
        Some(match place {
            Place::Remote(registry, reference) => Signed {
                left: registry.client.signers(reference, left).await.ok()?,
                right: registry.client.signers(reference, right).await.ok()?,
            },
            Place::Local(local, reference) => Signed {
                left: signature::by_tag(&**local, reference, left).await.ok()?,
                right: signature::by_tag(&**local, reference, right).await.ok()?,
            },
        })
    };
    let signed = tokio::time::timeout(PATIENCE, both).await.ok()??;
    let telling = matches!(place, Place::Remote(..)) || signed.left.is_some() || signed.right.is_some();
    telling.then_some(signed)
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
