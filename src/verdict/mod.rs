//! What a comparison means: causes, severities, the ladder of equality, the level.
//!
//! Every cause code is one entry in [`Code`], never renamed once released. A [`Cause`] says what differs;
//! its [`Weight`] says which kind of difference it is, and only the weights decide the level, so a reader
//! can check a verdict cause by cause.

pub mod artifact;
mod cause;
pub mod chart;
mod contents;
pub mod file_class;
pub mod fingerprint;
mod index;
mod judge;
mod judgement;
pub mod kubernetes;
mod level;
mod outcome;
mod phrase;
pub mod publisher;
mod renames;
pub mod restarts;
mod signature;
pub mod source_link;
mod trees;

pub use cause::{Cause, Code, Severity, Stage, Weight};
pub use contents::{Again, Contents, Opened, node_at};
pub use judge::judge;
pub use judgement::Judgement;
pub use level::{Level, Proven};
pub use outcome::{Answer, FileFacts, FileRow, FileStatus, Note, Restarts, Rung, Unread};
