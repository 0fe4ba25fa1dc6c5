//! The open comparison as a file to keep: the same reports as the program's, from the same model.

use crate::compare::evidence::Evidence;
use crate::fault::Fault;
use crate::limits::Limits;
use crate::page::protocol::{Report, ReportForm};
use crate::report::{self, Comparison, html, json, markdown};
use crate::verdict::Contents;

/// Bytes of diffs in a report. Markdown takes of them what fits into an issue.
const DIFFS: usize = 4 << 20;

/// Digits of a digest in a file's name.
const DIGITS: usize = 8;

/// Writes the report. `link` opens the comparison again.
///
/// # Errors
/// As [`json::write`].
pub(super) fn write(
    comparison: &Comparison,
    evidence: &Evidence,
    form: ReportForm,
    link: &str,
    limits: &Limits,
) -> Result<Report, Fault> {
    let diffs = || report::diffs(comparison, &Contents::new(evidence, limits), limits, DIFFS);
    let link = Some(link);
    let (ending, media_type, text) = match form {
        ReportForm::Markdown => {
            let diffs = diffs();
            let options = markdown::MarkdownOptions { link, diffs: &diffs };
            ("md", "text/markdown", markdown::write(comparison, &options))
        }
        ReportForm::Html => {
            let diffs = diffs();
            let options = html::HtmlOptions { link, diffs: &diffs };
            ("html", "text/html", html::write(comparison, &options))
        }
        ReportForm::Json => ("json", "application/json", json::write(comparison)?),
    };
    Ok(Report {
        name: format!("{}.{ending}", stem(comparison)),
        media_type: media_type.to_owned(),
        text,
    })
}

/// `tagdrift-kelp-0.16.2-3b6cdcc7-01670a19`: what was compared, in characters that every file system takes.
fn stem(comparison: &Comparison) -> String {
    let subject = &comparison.subject;
    let repository = subject.repository.rsplit('/').next().unwrap_or_default();
    let digits = |digest: &str| {
        let hex = digest.rsplit(':').next().unwrap_or_default();
        hex.get(..DIGITS).unwrap_or(hex).to_owned()
    };
    let parts = [
        "tagdrift".to_owned(),
        repository.to_owned(),
        subject.tag.clone(),
        digits(&comparison.left.digest),
        digits(&comparison.right.digest),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    parts
        .join("-")
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect()
}
