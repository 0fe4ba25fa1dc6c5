//! kaniko. It signs its steps in the image's history as their author.

use super::marks::Marks;
use super::{Builder, Tool};

pub(super) fn built(marks: &Marks<'_>) -> Option<(Tool, String)> {
    (marks.newest_history("author") == "kaniko").then(|| {
        (
            Tool::any(Builder::Kaniko),
            "the newest step of the image's history is signed by kaniko".to_owned(),
        )
    })
}
