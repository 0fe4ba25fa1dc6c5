//! A comparison as one HTML file: for an attachment, an archive, a build's artifacts.
//!
//! Invariants: it loads nothing and runs nothing (the Content-Security-Policy in its head forbids both and names
//! its one style sheet by hash); it reads without a style sheet too; everything from input is text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::escape::{clip, html, markup, visible_lines};
use super::outline::{self, Outline};
use super::{Comparison, FileFacts, FileRow};
use crate::verdict::{Cause, Note};

/// What goes into the page besides the comparison.
#[derive(Debug, Clone, Default)]
pub struct HtmlOptions<'a> {
    /// The link that opens this comparison; must be http or https.
    pub link: Option<&'a str>,
    /// Unified diffs by path.
    pub diffs: &'a [(String, String)],
}

const STYLE: &str = include_str!("style.css");
/// The base64 of the sha256 of [`STYLE`]; a test keeps it true.
const STYLE_HASH: &str = "XCARo6vKXscQNgPOu0kQLXOuuMOLOZRdvTJvx6QyfFI=";
/// Characters of a value.
const VALUE: usize = 2_000;

/// Writes the page.
pub fn write(comparison: &Comparison, options: &HtmlOptions<'_>) -> String {
    let outline = Outline::of(comparison);
    let mut page = String::with_capacity(16 * 1024);
    open(&mut page, comparison);
    digests(&mut page, comparison);
    ladder(&mut page, comparison);
    questions(&mut page, comparison);
    group(&mut page, outline::DEPLOYED, &outline.deployed);
    unread(&mut page, comparison, &outline);
    group(&mut page, outline::ALARMS, &outline.alarms);
    folded(&mut page, outline::COSMETIC, &outline.cosmetic);
    folded(&mut page, outline::PACKAGING, &outline.packaging);
    if comparison.causes_left_off > 0 {
        add(
            &mut page,
            format_args!(
                "<p>and {} causes beyond the limit of a comparison</p>\n",
                comparison.causes_left_off
            ),
        );
    }
    files(&mut page, &outline, comparison.files.len(), options.diffs);
    notes(&mut page, &comparison.notes);
    let link = options
        .link
        .filter(|l| l.starts_with("https://") || l.starts_with("http://"));
    page.push_str("<footer>");
    if let Some(link) = link {
        add(
            &mut page,
            format_args!(
                "<p><a href=\"{}\" rel=\"noopener noreferrer\">Open this comparison</a></p>",
                html(link)
            ),
        );
    }
    page.push_str("<p>Written by Tagdrift. What was not proven equal is not called equal.</p></footer>\n");
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// Writing to a text never fails.
fn add(page: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = page.write_fmt(text);
}

fn value(text: &str) -> String {
    format!("<code>{}</code>", html(&clip(text, VALUE)))
}

fn open(page: &mut String, comparison: &Comparison) {
    let verdict = &comparison.verdict;
    let (headline, word) = (verdict.level.headline(), verdict.level.word());
    let subject = outline::subject(comparison);
    add(
        page,
        format_args!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; \
             base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <title>{headline}: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n",
            html(&clip(&subject, 200))
        ),
    );
    add(
        page,
        format_args!(
            "<p class=\"level {word}\">{word}</p>\n<h1 class=\"{word}\">{headline}</h1>\n<p class=\"lead\">{}</p>\n",
            html(&verdict.summary)
        ),
    );
    if !verdict.detail.is_empty() {
        add(
            page,
            format_args!("<p class=\"dim\">{}</p>\n", html(&verdict.detail)),
        );
    }
    if !subject.is_empty() {
        add(page, format_args!("<p>Compared: {}</p>\n", value(&subject)));
    }
}

fn digests(page: &mut String, comparison: &Comparison) {
    page.push_str(
        "<h2>The two sides</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">side</th>\
         <th scope=\"col\">digest</th><th scope=\"col\">what it is</th></tr></thead>\n<tbody>\n",
    );
    for (name, side) in [("from", &comparison.left), ("to", &comparison.right)] {
        let content = side
            .content_digest
            .as_deref()
            .map_or(String::new(), |c| format!("<br>{}", value(c)));
        add(
            page,
            format_args!(
                "<tr><th scope=\"row\">{name}</th><td>{}{content}</td><td>{}</td></tr>\n",
                value(&side.digest),
                html(&outline::side(side))
            ),
        );
    }
    page.push_str("</tbody></table></div>\n");
}

fn ladder(page: &mut String, comparison: &Comparison) {
    if comparison.ladder.is_empty() {
        return;
    }
    page.push_str(
        "<h2>How far equality was proven</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">what</th>\
         <th scope=\"col\">answer</th><th scope=\"col\">left and right</th></tr></thead>\n<tbody>\n",
    );
    for rung in &comparison.ladder {
        let hashes: Vec<String> = [&rung.left, &rung.right]
            .into_iter()
            .filter(|h| !h.is_empty())
            .map(|h| value(h))
            .collect();
        let check = if rung.check.is_empty() {
            String::new()
        } else {
            format!("<br>check: {}", value(&rung.check))
        };
        add(
            page,
            format_args!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}{check}</td></tr>\n",
                outline::rung(rung.rung),
                outline::equal(rung.equal),
                hashes.join("<br>")
            ),
        );
    }
    page.push_str("</tbody></table></div>\n");
}

fn questions(page: &mut String, comparison: &Comparison) {
    page.push_str("<h2>Three questions</h2>\n<div class=\"scroll\"><table>\n<tbody>\n");
    for (question, answer) in outline::questions(comparison) {
        add(
            page,
            format_args!("<tr><th scope=\"row\">{question}</th><td>{answer}</td></tr>\n"),
        );
    }
    page.push_str("</tbody></table></div>\n");
    if !comparison.restarts.because.is_empty() {
        page.push_str("<p>About restarts:</p>\n<ul>\n");
        for reason in &comparison.restarts.because {
            add(page, format_args!("<li>{}</li>\n", html(reason)));
        }
        page.push_str("</ul>\n");
    }
}

fn cause(page: &mut String, cause: &Cause) {
    add(
        page,
        format_args!(
            "<li><span class=\"severity\">{}</span> {}",
            outline::severity(cause.severity),
            cause.code.phrase()
        ),
    );
    if !cause.path.is_empty() {
        add(page, format_args!(" in {}", value(&cause.path)));
    }
    if !cause.platform.is_empty() {
        add(page, format_args!(" for {}", value(&cause.platform)));
    }
    if cause.count > 1 {
        add(page, format_args!(" (×{})", cause.count));
    }
    if !cause.pointer.is_empty() {
        add(page, format_args!(", {}", value(&cause.pointer)));
    }
    let side = |v: &Option<String>| v.as_deref().map_or("(none)".to_owned(), value);
    if cause.from.is_some() || cause.to.is_some() {
        add(
            page,
            format_args!(": {} → {}", side(&cause.from), side(&cause.to)),
        );
    }
    if !cause.note.is_empty() {
        add(
            page,
            format_args!("<br><span class=\"dim\">{}</span>", html(&cause.note)),
        );
    }
    add(
        page,
        format_args!(" <small class=\"dim\">{}</small></li>\n", cause.code),
    );
}

fn list(page: &mut String, causes: &[&Cause]) {
    page.push_str("<ul>\n");
    for each in causes {
        cause(page, each);
    }
    page.push_str("</ul>\n");
}

fn group(page: &mut String, title: &str, causes: &[&Cause]) {
    if !causes.is_empty() {
        add(page, format_args!("<h2>{title}</h2>\n"));
        list(page, causes);
    }
}

fn folded(page: &mut String, title: &str, causes: &[&Cause]) {
    if !causes.is_empty() {
        add(
            page,
            format_args!(
                "<details><summary>{title} ({}): {}</summary>\n",
                causes.len(),
                outline::phrases(causes, 6)
            ),
        );
        list(page, causes);
        page.push_str("</details>\n");
    }
}

fn unread(page: &mut String, comparison: &Comparison, outline: &Outline<'_>) {
    group(page, outline::UNREAD, &outline.unread);
    let told = |what: &str| outline.unread.iter().any(|c| c.pointer == what || c.path == what);
    let rest: Vec<_> = comparison.unread.iter().filter(|u| !told(&u.what)).collect();
    if rest.is_empty() {
        return;
    }
    if outline.unread.is_empty() {
        add(page, format_args!("<h2>{}</h2>\n", outline::UNREAD));
    }
    page.push_str("<ul>\n");
    for part in rest {
        add(
            page,
            format_args!("<li>{}: {}</li>\n", value(&part.what), html(&part.why)),
        );
    }
    page.push_str("</ul>\n");
}

fn files(page: &mut String, outline: &Outline<'_>, all: usize, diffs: &[(String, String)]) {
    if all == 0 {
        return;
    }
    let by_path: BTreeMap<&str, &str> = diffs.iter().map(|(p, d)| (p.as_str(), d.as_str())).collect();
    add(
        page,
        format_args!(
            "<h2>Files</h2>\n<p>{} of {} differ.</p>\n",
            outline.files.len(),
            outline::count(all, "file", "files")
        ),
    );
    for file in &outline.files {
        fold(page, file, by_path.get(file.path.as_str()).copied());
    }
}

fn fold(page: &mut String, file: &FileRow, diff: Option<&str>) {
    add(
        page,
        format_args!(
            "<details><summary>{} {}",
            outline::status(file.status),
            value(&file.path)
        ),
    );
    if let Some(old) = &file.from_path {
        add(page, format_args!(", was {}", value(old)));
    }
    if !file.platform.is_empty() {
        add(page, format_args!(" for {}", value(&file.platform)));
    }
    page.push_str("</summary>\n<ul>\n");
    for (name, facts) in [("from", &file.from), ("to", &file.to)] {
        if let Some(facts) = facts {
            add(page, format_args!("<li>{name} {}</li>\n", about(facts)));
        }
    }
    page.push_str("</ul>\n");
    if let Some(diff) = diff {
        page.push_str("<pre>");
        for line in visible_lines(diff).lines() {
            let class = match line.as_bytes().first() {
                Some(b'+') => "add",
                Some(b'-') => "del",
                Some(b'@') => "at",
                _ => "",
            };
            if class.is_empty() {
                add(page, format_args!("{}\n", markup(line)));
            } else {
                // Each span is a block of its own, so no line feed follows it.
                add(
                    page,
                    format_args!("<span class=\"{class}\">{}</span>", markup(line)),
                );
            }
        }
        page.push_str("</pre>\n");
    }
    page.push_str("</details>\n");
}

fn about(facts: &FileFacts) -> String {
    let layer = facts.layer.map_or(String::new(), |n| format!(", layer {n}"));
    format!(
        "{}, {} bytes, mode {}{layer}",
        value(&format!("sha256:{}", facts.sha256)),
        facts.size,
        value(&facts.mode)
    )
}

fn notes(page: &mut String, notes: &[Note]) {
    if notes.is_empty() {
        return;
    }
    page.push_str("<h2>To know</h2>\n<ul>\n");
    for note in notes {
        add(page, format_args!("<li>{}", html(&note.text)));
        if !note.snippet.is_empty() {
            add(
                page,
                format_args!("<pre>{}</pre>", markup(&visible_lines(&note.snippet))),
            );
        }
        page.push_str("</li>\n");
    }
    page.push_str("</ul>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_style_sheet() {
        let digest = crate::oci::Digest::sha256(STYLE.as_bytes()).to_string();
        let hex = digest.strip_prefix("sha256:").unwrap();
        let bytes: Vec<u8> = (0..32)
            .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
            .collect();
        let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
        assert_eq!(STYLE_HASH, hash);
    }
}
