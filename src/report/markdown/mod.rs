//! A comparison as Markdown for an issue: verdict first, link last, everything between in folds.
//!
//! Invariants: the result is shorter than [`MOST`] in characters and in bytes, whatever the input, and says in
//! one line what was left off for that; nothing from the input is markup, a mention, a reference or a link
//! (see `neutral`).

mod neutral;
mod room;

use std::collections::{BTreeMap, BTreeSet};

use self::neutral::{cell, code, fenced, in_summary, prose, prose_cell};
use self::room::{Page, Part};
use super::outline::{self, Outline};
use super::{Comparison, FileFacts, FileRow};
use crate::verdict::{Cause, Weight};

/// GitHub refuses a body of an issue or a comment with more characters.
pub const MOST: usize = 65_536;

/// What goes into the Markdown besides the comparison.
#[derive(Debug, Clone, Default)]
pub struct MarkdownOptions<'a> {
    /// The link that opens this comparison; must be http or https.
    pub link: Option<&'a str>,
    /// Unified diffs by path.
    pub diffs: &'a [(String, String)],
}

/// Characters of a value.
const VALUE: usize = 240;
/// Characters of a path.
const PATH: usize = 400;
/// Characters of a sentence.
const SENTENCE: usize = 1_200;
/// Bytes of a line of a diff.
const DIFF_LINE: usize = 600;
/// Bytes of the longest link.
const LINK: usize = 4_096;
/// Bytes kept for what is left off.
const TAIL: usize = 700;

/// Writes the comparison, ending with a line feed.
pub fn write(comparison: &Comparison, options: &MarkdownOptions<'_>) -> String {
    let outline = Outline::of(comparison);
    let link = options.link.and_then(safe_link);
    let link = link.map_or(String::new(), |l| format!("\n[Open this comparison]({l})\n"));
    let mut page = Page::new((MOST - 1).saturating_sub(TAIL + link.len()));
    const THIRD: usize = MOST / 3;

    // In order of importance; each says how much it may take at most, so that no part starves the next.
    let head = page.add(one(head(comparison)), THIRD);
    let questions = page.add(one(questions(comparison)), THIRD);
    let deployed = page.add(open_group(outline::DEPLOYED, &outline.deployed), THIRD);
    let unread = page.add(unread(comparison, &outline), THIRD / 2);
    let alarms = page.add(open_group(outline::ALARMS, &outline.alarms), THIRD / 2);
    let ladder = page.add(ladder(comparison), THIRD / 4);
    let cosmetic = page.add(folded_group(outline::COSMETIC, &outline.cosmetic), THIRD / 2);
    let packaging = page.add(folded_group(outline::PACKAGING, &outline.packaging), THIRD / 2);
    let notes = page.add(notes(comparison), THIRD / 2);
    let files = page.add(files(&outline.files, options.diffs), THIRD);

    let weighty: BTreeSet<&str> = comparison
        .causes
        .iter()
        .filter(|c| c.weight == Weight::Deployed)
        .map(|c| c.path.as_str())
        .collect();
    let diffs = page.grow(files, |i| {
        outline
            .files
            .get(i)
            .is_some_and(|f| weighty.contains(f.path.as_str()))
    });

    let mut text = page.write(&[
        head, ladder, questions, deployed, unread, alarms, cosmetic, packaging, files, notes,
    ]);
    let mut left_off = page.left_off();
    if diffs > 0 {
        left_off.push(outline::count(diffs, "diff", "diffs"));
    }
    if comparison.causes_left_off > 0 {
        left_off.push(format!(
            "{} causes beyond the limit of a comparison",
            comparison.causes_left_off
        ));
    }
    if !left_off.is_empty() {
        text.push_str(&format!("\n_Left off here: {}._\n", left_off.join(", ")));
    }
    text.push_str(&link);
    text
}

/// A few lines for the clipboard: verdict, digests, the weightiest causes, the link.
pub fn short(comparison: &Comparison, link: Option<&str>) -> String {
    const TOP: usize = 3;
    let mut text = verdict(comparison);
    text.push_str(&format!(
        "\n\n{} → {}\n",
        code(&comparison.left.digest, VALUE),
        code(&comparison.right.digest, VALUE)
    ));
    let outline = Outline::of(comparison);
    let told: Vec<&Cause> = outline.weightiest_first().take(TOP).collect();
    if !told.is_empty() {
        text.push('\n');
    }
    for cause in &told {
        text.push_str(&item(cause));
    }
    let rest = ((comparison.causes.len() - told.len()) as u64).saturating_add(comparison.causes_left_off);
    if rest > 0 {
        text.push_str(&format!("- and {rest} more\n"));
    }
    if let Some(link) = link.and_then(safe_link) {
        text.push_str(&format!("\n[Open this comparison]({link})\n"));
    }
    text
}

fn one(text: String) -> Part {
    let mut part = Part::new("", "", "part", "parts");
    part.item(text);
    part
}

fn verdict(comparison: &Comparison) -> String {
    let verdict = &comparison.verdict;
    format!(
        "**{}** (`{}`): {}",
        verdict.level.headline(),
        verdict.level.word(),
        prose(&verdict.summary, SENTENCE)
    )
}

fn head(comparison: &Comparison) -> String {
    let mut text = format!("{}\n", verdict(comparison));
    if !comparison.verdict.detail.is_empty() {
        text.push_str(&format!(
            "\nIn detail: {}\n",
            prose(&comparison.verdict.detail, SENTENCE)
        ));
    }
    let subject = outline::subject(comparison);
    if !subject.is_empty() {
        text.push_str(&format!("\nCompared: {}\n", code(&subject, PATH)));
    }
    text.push_str("\n| | digest | what it is |\n|---|---|---|\n");
    for (name, side) in [("from", &comparison.left), ("to", &comparison.right)] {
        let about = outline::side(side);
        let about = if about.is_empty() {
            String::new()
        } else {
            prose_cell(&about, VALUE * 2)
        };
        text.push_str(&format!("| {name} | {} | {about} |\n", cell(&side.digest, VALUE)));
    }
    text
}

fn ladder(comparison: &Comparison) -> Part {
    let mut part = Part::new(
        "\n| how far equality was proven | | left | right |\n|---|---|---|---|\n",
        "",
        "rung of the ladder",
        "rungs of the ladder",
    );
    for rung in &comparison.ladder {
        let hash = |h: &str| {
            if h.is_empty() {
                String::new()
            } else {
                cell(h, VALUE)
            }
        };
        part.item(format!(
            "| {} | {} | {} | {} |\n",
            outline::rung(rung.rung),
            outline::equal(rung.equal),
            hash(&rung.left),
            hash(&rung.right)
        ));
    }
    part
}

fn questions(comparison: &Comparison) -> String {
    const REASONS: usize = 8;
    let mut text = "\n| question | answer |\n|---|---|\n".to_owned();
    for (question, answer) in outline::questions(comparison) {
        text.push_str(&format!("| {question} | {answer} |\n"));
    }
    let because = &comparison.restarts.because;
    if !because.is_empty() {
        text.push_str("\nAbout restarts:\n");
        for reason in because.iter().take(REASONS) {
            text.push_str(&format!("- {}\n", prose(reason, VALUE * 2)));
        }
        if because.len() > REASONS {
            text.push_str(&format!("- and {} more\n", because.len() - REASONS));
        }
    }
    text
}

/// One cause as an item of a list.
fn item(cause: &Cause) -> String {
    let mut text = format!(
        "- **{}** {}",
        outline::severity(cause.severity),
        cause.code.phrase()
    );
    if !cause.path.is_empty() {
        text.push_str(&format!(" in {}", code(&cause.path, PATH)));
    }
    if !cause.platform.is_empty() {
        text.push_str(&format!(" for {}", code(&cause.platform, VALUE)));
    }
    if cause.count > 1 {
        text.push_str(&format!(" (×{})", cause.count));
    }
    if !cause.pointer.is_empty() {
        text.push_str(&format!(", {}", code(&cause.pointer, VALUE)));
    }
    let value = |v: &Option<String>| v.as_deref().map_or("(none)".to_owned(), |v| code(v, VALUE));
    if cause.from.is_some() || cause.to.is_some() {
        text.push_str(&format!(": {} → {}", value(&cause.from), value(&cause.to)));
    }
    if !cause.note.is_empty() {
        text.push_str(&format!(" — {}", prose(&cause.note, VALUE * 2)));
    }
    text.push('\n');
    text
}

fn open_group(title: &str, causes: &[&Cause]) -> Part {
    let mut part = Part::new(format!("\n### {title}\n\n"), "", "cause", "causes");
    for cause in causes {
        part.item(item(cause));
    }
    part
}

fn folded_group(title: &str, causes: &[&Cause]) -> Part {
    let mut part = Part::new(
        format!(
            "\n<details><summary>{title} ({}): {}</summary>\n\n",
            causes.len(),
            outline::phrases(causes, 6)
        ),
        "\n</details>\n",
        "cause",
        "causes",
    );
    for cause in causes {
        part.item(item(cause));
    }
    part
}

fn unread(comparison: &Comparison, outline: &Outline<'_>) -> Part {
    let mut part = open_group(outline::UNREAD, &outline.unread);
    let told = |what: &str| outline.unread.iter().any(|c| c.pointer == what || c.path == what);
    for unread in comparison.unread.iter().filter(|u| !told(&u.what)) {
        part.item(format!(
            "- {}: {}\n",
            code(&unread.what, PATH),
            prose(&unread.why, VALUE * 2)
        ));
    }
    part
}

fn files(changed: &[&FileRow], diffs: &[(String, String)]) -> Part {
    let by_path: BTreeMap<&str, &str> = diffs.iter().map(|(p, d)| (p.as_str(), d.as_str())).collect();
    let mut part = Part::new(
        format!("\n### Files that differ ({})\n\n", changed.len()),
        "",
        "file",
        "files",
    );
    for file in changed {
        let short = fold(file, "");
        match by_path.get(file.path.as_str()) {
            Some(diff) => {
                let (file, diff) = ((*file).clone(), (*diff).to_owned());
                part.growing(short, move |room| {
                    let frame = fold(&file, "").len() + "\n\n".len();
                    let body = cut_diff(&diff, room.checked_sub(frame)?)?;
                    Some(fold(&file, &body))
                });
            }
            None => part.item(short),
        }
    }
    part
}

fn fold(file: &FileRow, diff: &str) -> String {
    let mut summary = format!(
        "{} {}",
        outline::status(file.status),
        in_summary(&file.path, PATH)
    );
    if let Some(old) = &file.from_path {
        summary.push_str(&format!(", was {}", in_summary(old, PATH)));
    }
    if !file.platform.is_empty() {
        summary.push_str(&format!(" for {}", in_summary(&file.platform, VALUE)));
    }
    let mut text = format!("<details><summary>{summary}</summary>\n\n");
    for (name, facts) in [("from", &file.from), ("to", &file.to)] {
        if let Some(facts) = facts {
            text.push_str(&format!("- {name} {}\n", about(facts)));
        }
    }
    if !diff.is_empty() {
        text.push_str(&format!("\n{diff}\n"));
    }
    text.push_str("\n</details>\n");
    text
}

fn about(facts: &FileFacts) -> String {
    let layer = facts.layer.map_or(String::new(), |n| format!(", layer {n}"));
    format!(
        "{}, {} bytes, mode {}{layer}",
        code(&format!("sha256:{}", facts.sha256), VALUE),
        facts.size,
        code(&facts.mode, VALUE)
    )
}

/// As many lines of a diff as fit into so many bytes, fenced; `None` where not even a few do.
fn cut_diff(diff: &str, room: usize) -> Option<String> {
    const WORTH_IT: usize = 200;
    let lines: Vec<String> = diff
        .lines()
        .map(|line| super::escape::clip(line, DIFF_LINE / 4))
        .collect();
    let whole = fenced(&lines.join("\n"), "diff");
    if whole.len() <= room {
        return Some(whole);
    }
    if room < WORTH_IT {
        return None;
    }
    // The fence grows with the runs of backticks inside, so what fits is found by trying.
    let (mut fits, mut fails) = (0, lines.len());
    let cut = |n: usize| {
        let kept = lines.get(..n).unwrap_or_default().join("\n");
        format!("{}\n\n… {} more lines", fenced(&kept, "diff"), lines.len() - n)
    };
    while fails - fits > 1 {
        let middle = fits.midpoint(fails);
        if cut(middle).len() <= room {
            fits = middle;
        } else {
            fails = middle;
        }
    }
    (fits > 0).then(|| cut(fits))
}

fn notes(comparison: &Comparison) -> Part {
    let mut part = Part::new("\n### To know\n\n", "", "note", "notes");
    for note in &comparison.notes {
        let mut text = format!("- {}\n", prose(&note.text, SENTENCE));
        if !note.snippet.is_empty() {
            let block = fenced(&super::escape::clip(&note.snippet, 2_000), "");
            text.push('\n');
            for line in block.lines() {
                text.push_str(&format!("  {line}\n"));
            }
            text.push('\n');
        }
        part.item(text);
    }
    part
}

/// The link with everything encoded that could end it, or nothing when it is not http or too long.
fn safe_link(link: &str) -> Option<String> {
    if !(link.starts_with("https://") || link.starts_with("http://")) {
        return None;
    }
    let mut safe = String::with_capacity(link.len());
    for c in link.chars() {
        if c.is_ascii_graphic()
            && !matches!(
                c,
                '(' | ')' | '<' | '>' | '"' | '`' | '\\' | '[' | ']' | '|' | '*' | '~'
            )
        {
            safe.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                safe.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    (safe.len() <= LINK).then_some(safe)
}
