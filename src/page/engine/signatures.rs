//! Whether both digests of a comparison are signed, as the place they are read from has it.

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;

use super::place::Place;
use crate::compare::evidence::Signed;
use crate::compare::signed;
use crate::fault::Fault;
use crate::oci::{Digest, Reference};
use crate::registry::history::{Learnt, named_by};
use crate::registry::{Files, LayoutSource};

/// Asks for signatures of two digests of one repository. `None` where there is nobody to ask, or no answer in time.
pub(super) async fn look_up(
    left: &Place,
    right: &Place,
    subject: Option<&Reference>,
    digests: Option<(&Digest, &Digest)>,
) -> Option<Signed> {
    let (subject, (l, r)) = (subject?, digests?);
    match (left, right) {
        (Place::Registry(..), Place::Registry(kept, _)) => {
            let asked = std::pin::pin!(signed::look_up(&kept.client, subject, l, r));
            let patience = u32::try_from(signed::PATIENCE.as_millis()).unwrap_or(u32::MAX);
            match select(asked, TimeoutFuture::new(patience)).await {
                Either::Left((signed, _)) => signed,
                Either::Right(_) => None,
            }
        }
        (Place::Sample(_), Place::Sample(layout)) if l != r => in_layout(layout, l, r).await.ok(),
        _ => None,
    }
}

/// The samples are signed by cosign-style tags, and by nothing else.
async fn in_layout<F: Files>(
    source: &LayoutSource<F>,
    left: &Digest,
    right: &Digest,
) -> Result<Signed, Fault> {
    let layout = source.layout().await?;
    let tags = layout.tags();
    let is_signed = |digest: &Digest| {
        let mut named = tags.iter().filter_map(|tag| named_by(tag));
        named.any(|(signed, learnt)| learnt == Learnt::Signature && signed == *digest)
    };
    Ok(Signed {
        left: is_signed(left),
        right: is_signed(right),
    })
}
