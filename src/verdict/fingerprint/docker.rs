//! Docker's classic builder. It keeps its own version, and the container that a step ran in, in the config.

use super::marks::Marks;
use super::{Builder, Tool};

pub(super) fn built(marks: &Marks<'_>) -> Option<(Tool, String)> {
    let named =
        !marks.config_text("/docker_version").is_empty() || !marks.config_text("/container").is_empty();
    let step = marks.newest_history("created_by").starts_with("/bin/sh -c");
    (named && step).then(|| {
        (
            Tool::any(Builder::Docker),
            "the config names the Docker version or container of its build, and the newest step is as the classic builder writes it"
                .to_owned(),
        )
    })
}
