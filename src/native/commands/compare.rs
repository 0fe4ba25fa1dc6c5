//! `tagdrift compare LEFT RIGHT`: the verdict about two artifacts.

use std::path::PathBuf;

use super::Format;
use super::access::Access;
use super::outcome::{FailOn, Outcome};
use super::side::Side;
use crate::fault::Fault;
use crate::oci::Platform;

/// What was asked for.
#[derive(Debug)]
pub struct Request {
    /// The older side.
    pub left: Side,
    /// The newer side.
    pub right: Side,
    /// Only this platform of an index.
    pub platform: Option<Platform>,
    /// How the result is printed.
    pub format: Format,
    /// From which level on the exit code is 1.
    pub fail_on: FailOn,
    /// Where the result goes instead of stdout.
    pub output: Option<PathBuf>,
    /// How registries are spoken to.
    pub access: Access,
}

/// Compares and prints.
///
/// # Errors
/// What kept it from reading either side at all; what could not be read of a side is in the result.
pub async fn run(request: Request) -> Result<Outcome, Fault> {
    Err(
        Fault::unsupported("`tagdrift compare` is not built yet: compare in the page (`tagdrift demo`)")
            .at(format!("{} … {}", request.left, request.right)),
    )
}
