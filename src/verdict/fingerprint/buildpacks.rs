//! Cloud Native Buildpacks. The lifecycle keeps what it did in a label.

use super::marks::Marks;
use super::{Builder, Tool};

pub(super) fn built(marks: &Marks<'_>) -> Option<(Tool, String)> {
    (!marks
        .config_text("/config/Labels/io.buildpacks.lifecycle.metadata")
        .is_empty())
    .then(|| {
        (
            Tool::any(Builder::Buildpacks),
            "the image carries the label of the Buildpacks lifecycle".to_owned(),
        )
    })
}
