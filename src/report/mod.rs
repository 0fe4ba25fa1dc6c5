//! One model of a result, and its forms: JSON, Markdown, HTML, text. The page shows the same model.

mod build;
mod diffs;
pub mod escape;
pub mod html;
pub mod json;
pub mod markdown;
pub mod matrix;
mod model;
mod outline;
mod sentence;
pub mod text;

pub use crate::verdict::{Answer, FileFacts, FileRow, FileStatus, Note, Restarts, Rung, Unread};
pub use build::{common_subject, comparison, document};
pub use diffs::{diffs, missing, worth_a_diff};
pub use model::{Comparison, Side, Subject, Verdict};
