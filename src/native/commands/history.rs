//! `tagdrift history REFERENCE`: every digest known for a tag, with where each was learnt.

use std::fmt::Write as _;

use serde_json::json;

use super::Format;
use super::access::Access;
use super::outcome::{FailOn, Outcome};
use super::{contents, reach};
use crate::fault::Fault;
use crate::oci::Reference;
use crate::registry::Source as _;
use crate::registry::history::{Confidence, Earlier, Learnt, earlier_digests};
use crate::report;

/// Earlier digests that are asked for one by one; further ones are listed unasked.
const PROBES: usize = 200;

/// What was asked for.
#[derive(Debug)]
pub struct Request {
    /// Of what.
    pub reference: Reference,
    /// Read the digests too, and tell how many contents they are.
    pub contents: bool,
    /// With `contents`: from which level on the exit code is 1.
    pub fail_on: FailOn,
    /// How it is printed.
    pub format: Format,
    /// How the registry is spoken to.
    pub access: Access,
}

/// Prints every digest known for a tag, the current one first; with `contents`, what they hold. Then the
/// outcome is that of the worst content against the current one.
///
/// # Errors
/// What the registry or the network answered instead.
pub async fn run(request: Request) -> Result<Outcome, Fault> {
    let Request {
        reference,
        contents,
        fail_on,
        format,
        access,
    } = request;
    if matches!(format, Format::Markdown | Format::Html) {
        return Err(Fault::unsupported(
            "a history is printed as text or json: leave --format out, or write --format json",
        ));
    }
    if reference.tag.is_none() {
        return Err(Fault::malformed(format!(
            "{reference} names no tag: write {}:TAG",
            reference.name()
        )));
    }
    let client = reach::client(&access, &[&reference.registry])?;
    let by_tag = Reference {
        digest: None,
        ..reference.clone()
    };
    let now = client.manifest(&by_tag).await?.document;
    let tags = client.tags(&reference, |_| {}).await?;
    let mut earlier = earlier_digests(&*client, &by_tag, &tags.tags, PROBES).await;
    earlier.retain(|e| e.digest != now.digest && !matches!(e.confidence, Confidence::SaysOther(_)));
    earlier.sort_by(|a, b| b.created.cmp(&a.created));
    let matrix = if contents {
        let there = earlier
            .iter()
            .filter(|e| matches!(e.confidence, Confidence::SaysSo | Confidence::InRepository));
        let digests = std::iter::once(now.digest.clone()).chain(there.map(|e| e.digest.clone()));
        Some(contents::read(&*client, &by_tag, digests.collect()).await)
    } else {
        None
    };
    if format == Format::Json {
        let mut whole = json!({
            "schema": "tagdrift/history/1",
            "reference": by_tag.to_string(),
            "current": now.digest,
            "earlier": earlier,
            "complete": tags.cut.is_none(),
        });
        if let (Some(matrix), Some(fields)) = (&matrix, whole.as_object_mut()) {
            fields.insert("contents".to_owned(), json!(matrix));
        }
        super::say(&format!("{whole:#}\n"));
    } else {
        let mut printed = text(&now.digest.to_string(), &earlier);
        if let Some(matrix) = &matrix {
            let _ = write!(printed, "\n{}", report::matrix::text(matrix, false));
        }
        super::say(&printed);
    }
    Ok(matrix.map_or(Outcome::Below, |matrix| fail_on.judge(matrix.level())))
}

fn text(current: &str, earlier: &[Earlier]) -> String {
    let mut all = format!("{current}  current, learnt from the tag\n");
    for e in earlier {
        let learnt: Vec<&str> = e.learnt.iter().map(|l| source(*l)).collect();
        let created = e
            .created
            .as_deref()
            .map_or(String::new(), |c| format!(", created {c}"));
        let _ = writeln!(
            all,
            "{}  {}, learnt from {}{created}",
            e.digest,
            sure(&e.confidence),
            learnt.join(" and ")
        );
    }
    if earlier.is_empty() {
        all.push_str("no earlier digest is known: nothing in the registry names one\n");
    }
    all
}

fn source(learnt: Learnt) -> &'static str {
    match learnt {
        Learnt::Signature => "its signature's tag",
        Learnt::Attestation => "its attestation's tag",
        Learnt::Sbom => "its bill of materials' tag",
        Learnt::Referrer => "its referrers' tag",
    }
}

fn sure(confidence: &Confidence) -> String {
    match confidence {
        Confidence::SaysSo => "earlier: calls itself by this version".to_owned(),
        Confidence::SaysOther(version) => format!("calls itself {version}"),
        Confidence::InRepository => "perhaps earlier: it was in this repository".to_owned(),
        Confidence::Gone => "gone from the registry".to_owned(),
        Confidence::Unread(fault) => format!("not read: {fault}"),
    }
}
