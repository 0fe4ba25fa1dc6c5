//! `tagdrift tags REPOSITORY`: the tags of a repository, newest version first.

use std::fmt::Write as _;

use serde_json::json;

use super::Format;
use super::access::Access;
use super::outcome::Outcome;
use super::reach;
use crate::fault::Fault;
use crate::input::versions::newest_first;
use crate::oci::Reference;
use crate::registry::Source as _;
use crate::registry::history::is_companion;

/// What was asked for.
#[derive(Debug)]
pub struct Request {
    /// Of what.
    pub repository: Reference,
    /// How it is printed.
    pub format: Format,
    /// How the registry is spoken to.
    pub access: Access,
}

/// Prints the tags of a repository. Signatures and other companions of digests are counted, not listed.
///
/// # Errors
/// What the registry or the network answered instead.
pub async fn run(request: Request) -> Result<Outcome, Fault> {
    let Request {
        repository,
        format,
        access,
    } = request;
    let client = reach::client(&access, &[&repository.registry])?;
    let found = client.tags(&repository, |_| {}).await?;
    let (companions, mut tags): (Vec<String>, Vec<String>) =
        found.tags.into_iter().partition(|t| is_companion(t));
    tags.sort_by(|a, b| newest_first(a, b));
    let mut printed = match format {
        Format::Json => {
            let whole = json!({
                "schema": "tagdrift/tags/1",
                "repository": repository.name(),
                "tags": tags,
                "companions": companions.len(),
                "complete": found.cut.is_none(),
            });
            format!("{whole:#}\n")
        }
        Format::Text => tags.iter().fold(String::new(), |mut all, tag| {
            let _ = writeln!(all, "{tag}");
            all
        }),
        Format::Markdown | Format::Html => {
            return Err(Fault::unsupported(
                "tags are printed as text or json: leave --format out, or write --format json",
            ));
        }
    };
    if format == Format::Text && tags.is_empty() {
        printed.push_str("no tags\n");
    }
    super::say(&printed);
    match found.cut {
        // An incomplete list is no answer that a script may rely on.
        Some(fault) => Err(Fault {
            message: format!("the list is not complete: {}", fault.message),
            ..fault
        }),
        None => Ok(Outcome::Below),
    }
}
