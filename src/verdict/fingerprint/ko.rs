//! ko. It signs its steps in the image's history as their author.

use super::marks::Marks;
use super::{Builder, Tool};

pub(super) fn built(marks: &Marks<'_>) -> Option<(Tool, String)> {
    (marks.newest_history("author") == "ko").then(|| {
        (
            Tool::any(Builder::Ko),
            "the newest step of the image's history is signed by ko".to_owned(),
        )
    })
}
