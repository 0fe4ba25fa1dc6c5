//! Flux. Its artifacts have media types of their own; owners, names and times in the archive are zeroed.

use super::marks::Marks;
use super::{Builder, Tool};
use crate::oci::{ArtifactKind, media_type};

pub(super) fn packed(marks: &Marks<'_>) -> Option<(Tool, String)> {
    if marks.kind != Some(ArtifactKind::Flux) {
        return None;
    }
    let zeroed =
        marks.listing?.entries.iter().all(|e| {
            (e.uid, e.gid, e.mtime.seconds) == (0, 0, 0) && e.uname.is_empty() && e.gname.is_empty()
        });
    zeroed.then(|| {
        (
            Tool::any(Builder::Flux),
            "owners, names and times in the archive are zero, as Flux leaves them".to_owned(),
        )
    })
}

pub(super) fn pushed(marks: &Marks<'_>) -> Option<(Tool, String)> {
    let config = &marks.manifest?.config.media_type;
    (media_type::essence(config) == media_type::FLUX_CONFIG).then(|| {
        (
            Tool::any(Builder::Flux),
            "the config's media type is Flux's".to_owned(),
        )
    })
}
