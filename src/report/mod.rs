//! One model of a result, and its forms: JSON, Markdown, HTML, text. The page shows the same model.

pub mod escape;
pub mod html;
pub mod json;
pub mod markdown;
mod model;
mod outline;
mod sentence;
pub mod text;

pub use crate::verdict::{Answer, FileFacts, FileRow, FileStatus, Note, Restarts, Rung, Unread};
pub use model::{Comparison, Side, Subject, Verdict};
