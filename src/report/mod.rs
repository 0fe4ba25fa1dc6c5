//! One model of a result, and its forms: JSON, Markdown, HTML, text. The page shows the same model.

mod model;
pub mod rows;

pub use model::{
    Answer, Comparison, FileFacts, FileRow, FileStatus, Note, Restarts, Rung, Side, Subject, Unread, Verdict,
};
