//! `tagdrift history REFERENCE`: every digest known for a tag.

use super::Format;
use super::access::Access;
use super::outcome::Outcome;
use crate::fault::Fault;
use crate::oci::Reference;

/// What was asked for.
#[derive(Debug)]
pub struct Request {
    /// Of what.
    pub reference: Reference,
    /// How it is printed.
    pub format: Format,
    /// How the registry is spoken to.
    pub access: Access,
}

/// Prints every digest known for a tag.
///
/// # Errors
/// What the registry or the network answered instead.
pub async fn run(request: Request) -> Result<Outcome, Fault> {
    Err(Fault::unsupported(
        "`tagdrift history` is not built yet: open the reference in the page (`tagdrift demo`)",
    )
    .at(request.reference.to_string()))
}
