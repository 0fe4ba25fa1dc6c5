//! Who signed both digests of a comparison, as the place they are read from has it.

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;

use super::place::Place;
use crate::compare::evidence::Signed;
use crate::compare::signed;
use crate::oci::{Digest, Reference};

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
        (Place::Sample(_), Place::Sample(_)) | (Place::Device(_), Place::Device(_)) => {
            signed::look_up_in_layout(right, subject, l, r).await
        }
        _ => None,
    }
}
