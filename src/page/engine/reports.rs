//! The open comparison as a file to keep: the same reports as the program's, from the same model.

use super::{Engine, drive};
use crate::compare::job::SideId;
use crate::fault::{Fault, FaultKind};
use crate::page::protocol::{Report, ReportForm};
use crate::page::worker::Line;
use crate::report::{self, Comparison, html, json, markdown};
use crate::verdict::Contents;

/// Bytes of diffs in a report. Markdown takes of them what fits into an issue.
const DIFFS: usize = 4 << 20;

/// Digits of a digest in a file's name.
const DIGITS: usize = 8;

impl Engine {
    /// Writes the report of the open comparison. `link` opens it again.
    ///
    /// # Errors
    /// `Cancelled`, and as [`json::write`].
    pub(super) async fn report(&self, form: ReportForm, link: &str, line: &Line) -> Result<Report, Fault> {
        let compared = self.compared()?;
        let comparison = &compared.comparison;
        let diffs = match form {
            ReportForm::Json => Vec::new(),
            ReportForm::Markdown | ReportForm::Html => {
                let mut contents = Contents::new(compared.opened.evidence(), &self.limits);
                for again in report::missing(comparison, &contents) {
                    let reference = match again.side {
                        SideId::Left => &compared.left,
                        SideId::Right => &compared.right,
                    };
                    let place = self.place(reference).await?;
                    match drive::look_for(&place, reference, again, &self.limits, line).await {
                        Ok(reading) => contents.supply(&reading),
                        Err(fault) if fault.kind == FaultKind::Cancelled => return Err(fault),
                        // A report with fewer diffs.
                        Err(_) => {}
                    }
                }
                report::diffs(comparison, &contents, &self.limits, DIFFS)
            }
        };
        write(comparison, form, link, &diffs)
    }
}

fn write(
    comparison: &Comparison,
    form: ReportForm,
    link: &str,
    diffs: &[(String, String)],
) -> Result<Report, Fault> {
    let link = Some(link);
    let (ending, media_type, text) = match form {
        ReportForm::Markdown => {
            let options = markdown::MarkdownOptions { link, diffs };
            ("md", "text/markdown", markdown::write(comparison, &options))
        }
        ReportForm::Html => {
            let options = html::HtmlOptions { link, diffs };
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
