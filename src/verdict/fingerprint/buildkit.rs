//! BuildKit. It marks each step of the history, and puts attestations into the index beside the platforms.

use super::marks::Marks;
use super::{Builder, Tool};
use crate::oci::Index;

pub(super) fn built(marks: &Marks<'_>) -> Option<(Tool, String)> {
    let by_step = marks.newest_history("created_by").ends_with("# buildkit");
    let by_comment = marks.newest_history("comment").starts_with("buildkit.");
    (by_step || by_comment).then(|| {
        (
            Tool::any(Builder::BuildKit),
            "the newest step of the image's history carries BuildKit's mark".to_owned(),
        )
    })
}

pub(super) fn indexed(index: &Index) -> Option<(Tool, String)> {
    index.attestations().next().map(|_| {
        (
            Tool::any(Builder::BuildKit),
            "the index holds attestation manifests beside the platforms, as BuildKit writes them".to_owned(),
        )
    })
}
