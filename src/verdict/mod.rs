//! What a comparison means: causes, severities, the ladder of equality, the level.
//!
//! Every cause code is one entry in [`Code`], never renamed once released. A [`Cause`] says what differs;
//! its [`Weight`] says which kind of difference it is, and only the weights decide the level, so a reader
//! can check a verdict cause by cause.

mod cause;
pub mod chart;
pub mod file_class;
pub mod kubernetes;
mod level;
pub mod restarts;

pub use cause::{Cause, Code, Severity, Stage, Weight};
pub use level::{Level, Proven};
