//! A comparison for a terminal: the verdict in the first line, then what, why, restarts, files.
//!
//! Purpose: somebody is paged and reads the first line; somebody else pipes it into a ticket. Invariants:
//! nothing from the comparison reaches the terminal unescaped, so the only escape sequences are ours, and
//! none without [`TextOptions::colour`]; no line is longer than the width unless a single word is.

use super::Comparison;
use super::escape::{clip, visible};
use super::outline::{self, Outline};
use crate::verdict::{Cause, FileRow, FileStatus, Level, Severity};

/// How to write the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextOptions {
    /// Colours and bold letters, as ANSI escape sequences (SGR).
    pub colour: bool,
    /// Columns; below 40 counts as 40.
    pub width: usize,
    /// Everything: each packaging difference, every file, the ladder, all notes.
    pub all: bool,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self {
            colour: false,
            width: 100,
            all: false,
        }
    }
}

/// How many harmless causes, files and reasons are listed without `all`.
const LISTED: usize = 12;
/// The longest value shown, in characters.
const VALUE: usize = 400;

/// Writes the comparison, ending with a line feed.
pub fn write(comparison: &Comparison, options: &TextOptions) -> String {
    let outline = Outline::of(comparison);
    let mut page = Page {
        out: String::new(),
        colour: options.colour,
        width: options.width.max(40),
    };
    head(&mut page, comparison);
    page.causes(outline::DEPLOYED, &outline.deployed, usize::MAX);
    page.causes(outline::UNREAD, &outline.unread, usize::MAX);
    unread(&mut page, comparison, &outline);
    page.causes(outline::ALARMS, &outline.alarms, usize::MAX);
    let listed = if options.all { usize::MAX } else { LISTED };
    page.causes(outline::COSMETIC, &outline.cosmetic, listed);
    if options.all {
        page.causes(outline::PACKAGING, &outline.packaging, usize::MAX);
    }
    if comparison.causes_left_off > 0 {
        page.gap();
        let n = comparison.causes_left_off;
        page.line(0, &format!("and {n} more causes beyond the limit"), Ink::Plain);
    }
    restarts(&mut page, comparison, listed);
    files(&mut page, &outline.files, comparison.files.len(), listed);
    if options.all {
        ladder(&mut page, comparison);
    }
    notes(&mut page, comparison, options.all);
    if !options.all && !outline.packaging.is_empty() {
        page.gap();
        let lead = if outline.deployed.is_empty() && outline.cosmetic.is_empty() && outline.unread.is_empty()
        {
            ""
        } else {
            "and "
        };
        let n = outline::count(
            outline.packaging.len(),
            "packaging difference",
            "packaging differences",
        );
        let what = outline::phrases(&outline.packaging, 6);
        page.line(0, &format!("{lead}{n}: {what}; --all shows them"), Ink::Dim);
    }
    page.out
}

fn head(page: &mut Page, comparison: &Comparison) {
    let level = comparison.verdict.level;
    let ink = match level {
        Level::Identical | Level::Repackaged | Level::Cosmetic => Ink::Green,
        Level::Changed => Ink::Yellow,
        Level::Breaking => Ink::Red,
        Level::Unknown => Ink::Magenta,
    };
    let summary = visible(&comparison.verdict.summary);
    page.lead(level.headline(), ink, &format!("({}): {summary}", level.word()));
    if !comparison.verdict.detail.is_empty() {
        page.line(0, &visible(&comparison.verdict.detail), Ink::Dim);
    }
    page.gap();
    let subject = outline::subject(comparison);
    if !subject.is_empty() {
        page.field("what", &visible(&subject));
    }
    for (name, side) in [("from", &comparison.left), ("to", &comparison.right)] {
        page.field(name, &visible(&side.digest));
        let about = outline::side(side);
        if !about.is_empty() {
            page.field("", &visible(&about));
        }
    }
    match (&comparison.left.content_digest, &comparison.right.content_digest) {
        (Some(left), Some(right)) if left == right => {
            page.field("same", &visible(left));
        }
        _ => {}
    }
}

/// Parts that were not read and that no cause of that group already names.
fn unread(page: &mut Page, comparison: &Comparison, outline: &Outline) {
    let told = |what: &str| outline.unread.iter().any(|c| c.pointer == what || c.path == what);
    let rest: Vec<_> = comparison.unread.iter().filter(|u| !told(&u.what)).collect();
    if rest.is_empty() {
        return;
    }
    if outline.unread.is_empty() {
        page.title(outline::UNREAD);
    }
    for part in rest {
        page.line(
            2,
            &format!("{}: {}", visible(&part.what), visible(&part.why)),
            Ink::Plain,
        );
    }
}

fn restarts(page: &mut Page, comparison: &Comparison, listed: usize) {
    let [_, _, (question, answer)] = outline::questions(comparison);
    page.title(&format!("{question} {answer}"));
    let because = &comparison.restarts.because;
    for reason in because.iter().take(listed) {
        page.line(2, &visible(reason), Ink::Plain);
    }
    page.rest(because.len(), listed, "reason", "reasons");
}

fn files(page: &mut Page, changed: &[&FileRow], all: usize, listed: usize) {
    if all == 0 {
        return;
    }
    let of = outline::count(all, "file", "files");
    if changed.is_empty() {
        page.title(&format!("Files: none of {of} differs"));
        return;
    }
    page.title(&format!("Files: {} of {of} differ", changed.len()));
    for file in changed.iter().take(listed) {
        let mark = match file.status {
            FileStatus::Added => "A",
            FileStatus::Removed => "D",
            FileStatus::Modified => "M",
            FileStatus::Renamed => "R",
            FileStatus::Same => " ",
        };
        let mut said = format!("{mark} {}", visible(&file.path));
        if let Some(old) = &file.from_path {
            said.push_str(&format!(" (was {})", visible(old)));
        }
        if !file.platform.is_empty() {
            said.push_str(&format!(" [{}]", visible(&file.platform)));
        }
        if let (Some(from), Some(to)) = (&file.from, &file.to)
            && from.mode != to.mode
        {
            said.push_str(&format!(", mode {} → {}", visible(&from.mode), visible(&to.mode)));
        }
        page.line(2, &said, Ink::Plain);
    }
    page.rest(changed.len(), listed, "file", "files");
}

fn ladder(page: &mut Page, comparison: &Comparison) {
    if comparison.ladder.is_empty() {
        return;
    }
    page.title("How far equality was proven");
    for rung in &comparison.ladder {
        let equal = outline::equal(rung.equal);
        page.line(
            2,
            &format!("{equal:<11}  {}", outline::rung(rung.rung)),
            Ink::Plain,
        );
        for hash in [&rung.left, &rung.right] {
            if !hash.is_empty() {
                page.line(15, &visible(hash), Ink::Dim);
            }
        }
        if !rung.check.is_empty() {
            page.line(15, &format!("$ {}", visible(&rung.check)), Ink::Plain);
        }
    }
}

fn notes(page: &mut Page, comparison: &Comparison, all: bool) {
    if comparison.notes.is_empty() {
        return;
    }
    page.title("To know");
    for note in &comparison.notes {
        page.line(2, &visible(&note.text), Ink::Plain);
        if all || note.topic == "source" {
            for line in note.snippet.lines() {
                page.verbatim(4, &visible(line));
            }
        }
    }
}

/// How something is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ink {
    Plain,
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Magenta,
}

impl Ink {
    /// SGR parameters (ECMA-48, 8.3.117).
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Red => "1;31",
            Self::Green => "1;32",
            Self::Yellow => "1;33",
            Self::Magenta => "1;35",
        }
    }
}

fn ink(severity: Severity) -> Ink {
    match severity {
        Severity::Noise | Severity::Info => Ink::Dim,
        Severity::Review => Ink::Bold,
        Severity::Behaviour => Ink::Yellow,
        Severity::Breaking => Ink::Red,
    }
}

/// The text as it grows.
struct Page {
    out: String,
    colour: bool,
    width: usize,
}

impl Page {
    fn paint(&self, text: &str, ink: Ink) -> String {
        if self.colour && ink != Ink::Plain && !text.is_empty() {
            format!("\u{1b}[{}m{text}\u{1b}[0m", ink.code())
        } else {
            text.to_owned()
        }
    }

    fn gap(&mut self) {
        self.out.push('\n');
    }

    fn title(&mut self, text: &str) {
        self.gap();
        self.line(0, text, Ink::Bold);
    }

    /// A coloured word, then text that wraps below it.
    fn lead(&mut self, word: &str, ink: Ink, text: &str) {
        let first = word.chars().count() + 1;
        let lines = wrap(text, self.width, first, 0);
        for (i, line) in lines.iter().enumerate() {
            if i == 0 {
                let word = self.paint(word, ink);
                self.out.push_str(&format!("{word} {line}\n"));
            } else {
                self.out.push_str(&format!("{line}\n"));
            }
        }
    }

    /// A wrapped line, indented.
    fn line(&mut self, indent: usize, text: &str, ink: Ink) {
        for line in wrap(text, self.width, indent, indent) {
            let line = self.paint(&line, ink);
            self.out.push_str(&format!("{:indent$}{line}\n", ""));
        }
    }

    /// A line that is to be copied: never wrapped.
    fn verbatim(&mut self, indent: usize, text: &str) {
        self.out.push_str(&format!("{:indent$}{text}\n", ""));
    }

    fn field(&mut self, name: &str, value: &str) {
        let lines = wrap(value, self.width, 8, 8);
        for (i, line) in lines.iter().enumerate() {
            let name = if i == 0 { name } else { "" };
            self.out.push_str(&format!("  {name:<4}  {line}\n"));
        }
    }

    fn rest(&mut self, all: usize, listed: usize, one: &str, many: &str) {
        if all > listed {
            let more = outline::count(all - listed, &format!("more {one}"), &format!("more {many}"));
            self.line(2, &format!("and {more}; --all shows them"), Ink::Dim);
        }
    }

    fn causes(&mut self, title: &str, causes: &[&Cause], listed: usize) {
        if causes.is_empty() {
            return;
        }
        self.title(title);
        for cause in causes.iter().take(listed) {
            self.cause(cause);
        }
        self.rest(causes.len(), listed, "of them", "of them");
    }

    /// Severity, what and where; then from → to, one below the other where one line is too short.
    fn cause(&mut self, cause: &Cause) {
        const INDENT: usize = 13;
        let mut what = cause.code.phrase().to_owned();
        if !cause.path.is_empty() {
            what.push_str(&format!(" in {}", visible(&cause.path)));
        }
        if !cause.platform.is_empty() {
            what.push_str(&format!(" [{}]", visible(&cause.platform)));
        }
        if cause.count > 1 {
            what.push_str(&format!(" (×{})", cause.count));
        }
        let word = outline::severity(cause.severity);
        for (i, line) in wrap(&what, self.width, INDENT, INDENT).iter().enumerate() {
            let word = if i == 0 { word } else { "" };
            let word = self.paint(&format!("{word:<9}"), ink(cause.severity));
            self.out.push_str(&format!("  {word}  {line}\n"));
        }
        let place = visible(&clip(&cause.pointer, VALUE));
        let value = |v: &Option<String>| v.as_deref().map(|v| visible(&clip(v, VALUE)));
        match (value(&cause.from), value(&cause.to)) {
            (None, None) if place.is_empty() => {}
            (None, None) => self.line(INDENT, &place, Ink::Plain),
            (from, to) => {
                let lead = if place.is_empty() {
                    String::new()
                } else {
                    format!("{place}: ")
                };
                let from = from.unwrap_or_else(|| "(none)".to_owned());
                let to = to.unwrap_or_else(|| "(none)".to_owned());
                let whole = format!("{lead}{from} → {to}");
                if INDENT + whole.chars().count() <= self.width {
                    self.line(INDENT, &whole, Ink::Plain);
                } else {
                    if !place.is_empty() {
                        self.line(INDENT, &format!("{place}:"), Ink::Plain);
                    }
                    self.line(INDENT, &format!("- {from}"), Ink::Plain);
                    self.line(INDENT, &format!("+ {to}"), Ink::Plain);
                }
            }
        }
        if !cause.note.is_empty() {
            self.line(INDENT, &visible(&cause.note), Ink::Dim);
        }
    }
}

/// Breaks text at spaces into lines that fit `width` columns when the first is preceded by `first` columns and
/// the others by `rest`. A word that is longer than a line stays whole: it is there to be copied.
fn wrap(text: &str, width: usize, first: usize, rest: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = first;
    for word in text.split(' ') {
        let long = word.chars().count();
        if !line.is_empty() && used + 1 + long > width {
            lines.push(std::mem::take(&mut line));
            used = rest;
        } else if !line.is_empty() {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += long;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_spaces_and_keeps_long_words() {
        assert_eq!(wrap("aa bb cc", 5, 0, 0), ["aa bb", "cc"]);
        assert_eq!(wrap("aa bb cc", 5, 3, 0), ["aa", "bb cc"]);
        assert_eq!(wrap("abcdefgh ij", 5, 0, 0), ["abcdefgh", "ij"]);
        assert_eq!(wrap("", 5, 0, 0), [""]);
        assert_eq!(wrap("a  b", 9, 0, 0), ["a  b"]);
    }
}
