//! apko. It signs its steps in the image's history as their author.

use super::marks::Marks;
use super::{Builder, Tool};

pub(super) fn built(marks: &Marks<'_>) -> Option<(Tool, String)> {
    (marks.newest_history("author") == "apko").then(|| {
        (
            Tool::any(Builder::Apko),
            "the newest step of the image's history is signed by apko".to_owned(),
        )
    })
}
