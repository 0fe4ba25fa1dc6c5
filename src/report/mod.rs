//! One model of a result, and its forms: JSON, Markdown, HTML, text. The page shows the same model.

mod model;
mod sentence;
pub mod rows;

pub use crate::verdict::{Answer, FileFacts, FileRow, FileStatus, Note, Restarts, Rung, Unread};
pub use model::{Comparison, Side, Subject, Verdict};
