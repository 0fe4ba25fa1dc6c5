//! Buildah and Podman. They label the image with their version; a base image hands that label down, so the newest
//! step has to be one of theirs as well.

use super::marks::Marks;
use super::{Builder, Tool};

pub(super) fn built(marks: &Marks<'_>) -> Option<(Tool, String)> {
    let labelled = !marks.config_text("/config/Labels/io.buildah.version").is_empty();
    let step = marks.newest_history("created_by").starts_with("/bin/sh -c");
    (labelled && step && marks.config_text("/docker_version").is_empty()).then(|| {
        (
            Tool::any(Builder::Buildah),
            "the image carries Buildah's label, and the newest step is as Buildah writes it".to_owned(),
        )
    })
}
