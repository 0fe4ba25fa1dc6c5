//! Text from artifacts, made to mean nothing in GitHub's Markdown.
//!
//! GitHub Flavored Markdown gives meaning to punctuation, to HTML, and, after rendering, to `@names`,
//! `#numbers`, commit hashes and URLs in plain text; a backslash does not stop the latter. Inside a code span
//! none of this happens (GFM 6.3; GitHub's filters skip `code` and `pre`). So whatever comes from input stands
//! in a code span, in a fence that is longer than any run of backticks inside, or in an HTML `code` element.
//! Other renderers of Markdown treat these three the same.

use super::super::escape::{clip, html, markup, visible, visible_lines};

/// A value of at most `most` characters in a code span, for anywhere but a table.
pub(super) fn code(text: &str, most: usize) -> String {
    span(&visible(&clip(text, most)))
}

/// A value in a code span, for the cell of a table: a pipe would end the cell, even inside a code span
/// (GFM 4.10), and how backslashes before it count differs between renderers.
pub(super) fn cell(text: &str, most: usize) -> String {
    let shown = visible(&clip(text, most));
    if shown.contains('|') {
        element(&shown)
    } else {
        span(&shown)
    }
}

/// A value in an HTML `code` element, for the summary of a fold.
pub(super) fn in_summary(text: &str, most: usize) -> String {
    format!("<code>{}</code>", html(&clip(text, most)))
}

/// A sentence. Plain words stay as they are; a word that could mean something goes into a code span.
pub(super) fn prose(text: &str, most: usize) -> String {
    words(&visible(&clip(text, most)), span)
}

/// A sentence for the cell of a table.
pub(super) fn prose_cell(text: &str, most: usize) -> String {
    words(&visible(&clip(text, most)), |word| {
        if word.contains('|') {
            element(word)
        } else {
            span(word)
        }
    })
}

/// Lines in a fenced block. `language` is ours.
pub(super) fn fenced(text: &str, language: &str) -> String {
    let text = visible_lines(text);
    let fence = "`".repeat((longest_run(&text) + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}", text.trim_end_matches('\n'))
}

fn span(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run(text) + 1);
    // A span strips one space from both ends when both have one, so that it can begin with a backtick.
    let edge = |c: Option<char>| c.is_some_and(|c| c == '`' || c == ' ');
    let pad = if edge(text.chars().next()) || edge(text.chars().next_back()) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A `code` element whose punctuation is written as references, which never form structure (CommonMark 2.5).
fn element(text: &str) -> String {
    let mut inner = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '"' | '\'' => inner.push_str(&markup(c.encode_utf8(&mut [0; 4]))),
            c if c.is_ascii_punctuation() => inner.push_str(&format!("&#{};", u32::from(c))),
            c => inner.push(c),
        }
    }
    format!("<code>{inner}</code>")
}

fn longest_run(text: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

fn words(text: &str, code: impl Fn(&str) -> String) -> String {
    let mut said = String::with_capacity(text.len());
    for (i, word) in text.split(' ').enumerate() {
        if i > 0 {
            said.push(' ');
        }
        if word.is_empty() {
            continue;
        }
        let inner = word.strip_prefix('(').unwrap_or(word);
        let core = inner.trim_end_matches([',', '.', ';', ':', '?', ')', '…']);
        let (open, close) = (
            word.len() - inner.len(),
            word.get(word.len() - (inner.len() - core.len())..),
        );
        let listing = i == 0 && word != core && core.chars().all(|c| c.is_ascii_digit());
        if is_plain(core) && !listing {
            said.push_str(word);
        } else if core.is_empty() {
            said.push_str(&code(word));
        } else {
            said.push_str(word.get(..open).unwrap_or_default());
            said.push_str(&code(core));
            said.push_str(close.unwrap_or_default());
        }
    }
    said
}

/// True for a word that no renderer gives a meaning: letters, digits, single marks between them.
fn is_plain(word: &str) -> bool {
    let letters = word.chars().any(char::is_alphanumeric);
    let allowed = word.chars().all(|c| {
        c.is_alphanumeric() || matches!(c, '-' | '.' | '%' | ',' | '\'') || (!c.is_ascii() && !c.is_control())
    });
    let lower = word.to_ascii_lowercase();
    // `www.` and `GH-1` are linked wherever they stand, a long hexadecimal word as a commit.
    let hexadecimal = word.len() >= 7 && word.chars().all(|c| c.is_ascii_hexdigit());
    let symbol = !word.is_empty() && word.chars().all(|c| !c.is_ascii());
    (letters || symbol)
        && allowed
        && !lower.contains("www.")
        && !lower.contains("gh-")
        && !hexadecimal
        && !word.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_fenced_longer_than_what_is_inside() {
        assert_eq!(code("a", 9), "`a`");
        assert_eq!(code("a`b", 9), "``a`b``");
        assert_eq!(code("``", 9), "``` `` ```");
        assert_eq!(code("", 9), "(empty)");
        assert_eq!(code(" a", 9), "`  a `");
        assert_eq!(code("a\nb", 9), "`a\\nb`");
        assert_eq!(code("abcdef", 3), "`abc…`");
    }

    #[test]
    fn a_pipe_never_ends_a_cell() {
        assert_eq!(cell("a|b", 9), "<code>a&#124;b</code>");
        assert_eq!(
            cell("\\|`<b>@x", 9),
            "<code>&#92;&#124;&#96;&lt;b&gt;&#64;x</code>"
        );
        assert_eq!(cell("a\\", 9), "`a\\`");
    }

    #[test]
    fn only_plain_words_stay_plain() {
        assert_eq!(
            prose(
                "Every file is equal on both sides; only the push time changed.",
                200
            ),
            "Every file is equal on both sides; only the push time changed."
        );
        assert_eq!(
            prose("see @octocat, #123 and (https://evil.example).", 200),
            "see `@octocat`, `#123` and (`https://evil.example`)."
        );
        assert_eq!(
            prose("a CRD in templates/crds/x.yaml broke", 200),
            "a CRD in `templates/crds/x.yaml` broke"
        );
        assert_eq!(
            prose("<img src=x> `rm` www.evil.example GH-1 0cc9a8446c95 — 漢字", 200),
            "`<img` `src=x>` `` `rm` `` `www.evil.example` `GH-1` `0cc9a8446c95` — 漢字"
        );
        assert_eq!(
            prose("1. no list - no item\n# no title", 200),
            "`1`. no list `-` no `item\\n#` no title"
        );
    }

    #[test]
    fn a_fence_cannot_be_closed_from_inside() {
        assert_eq!(fenced("a\n```\nb\n", "diff"), "````diff\na\n```\nb\n````");
        assert_eq!(fenced("\u{202e}", ""), "```\n\\u{202e}\n```");
    }
}
