//! The Markdown for issues: exact, bounded, and without a word from input that means anything.

mod report_sample;

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use report_sample::{HOSTILE, breaking, flooded, repackaged, snapshot, unknown};
use tagdrift::report::markdown::{MOST, MarkdownOptions, short, write};

const LINK: &str = "https://tagdrift.example/?ref=127.0.0.1:5000/charts/kelp:0.16.2&from=sha256:ab";

fn diff() -> Vec<(String, String)> {
    vec![(
        "templates/crds/bed.yaml".to_owned(),
        "@@ -1,3 +1,3 @@\n   - name: v1beta1\n-    served: true\n+    served: false\n     storage: false\n"
            .to_owned(),
    )]
}

#[test]
fn a_breaking_change() {
    let diffs = diff();
    let options = MarkdownOptions {
        link: Some(LINK),
        diffs: &diffs,
    };
    snapshot("breaking.md", &write(&breaking(), &options));
}

#[test]
fn noise_and_nothing_else() {
    snapshot(
        "repackaged.md",
        &write(&repackaged(), &MarkdownOptions::default()),
    );
}

#[test]
fn what_was_not_read() {
    snapshot("unknown.md", &write(&unknown(), &MarkdownOptions::default()));
}

#[test]
fn a_few_lines_for_the_clipboard() {
    snapshot("short.md", &short(&breaking(), Some(LINK)));
    assert!(short(&flooded(&"`|<\n@x ".repeat(9_000), 40), Some(LINK)).len() < 20_000);
}

#[test]
fn a_link_that_is_none_is_left_out() {
    for link in ["javascript:alert(1)", "ftp://x", "//x", ""] {
        assert!(
            !short(&breaking(), Some(link)).contains("Open this comparison"),
            "{link}"
        );
    }
    assert!(
        short(&breaking(), Some("https://x/?a=)[b](c) \n\u{e4}"))
            .ends_with("(https://x/?a=%29%5Bb%5D%28c%29%20%0A%C3%A4)\n")
    );
    assert!(!short(&breaking(), Some(&format!("https://{}", "x".repeat(5_000)))).contains("https:"));
}

#[test]
fn says_what_was_left_off() {
    let diffs: Vec<_> = (0..300)
        .map(|i| (format!("{i}x"), "+ line\n".repeat(9_000)))
        .collect();
    let text = write(
        &flooded("x", 3_000),
        &MarkdownOptions {
            link: Some(LINK),
            diffs: &diffs,
        },
    );
    assert!(text.len() < MOST, "{}", text.len());
    let line = text.lines().find(|l| l.starts_with("_Left off here: ")).unwrap();
    assert!(
        line.contains(" causes") && line.contains(" files") && line.contains(" diff"),
        "{line}"
    );
    assert!(
        text.ends_with(&format!("[Open this comparison]({LINK})\n")),
        "{text}"
    );
    assert!(text.len() > 60_000, "room was wasted: {}", text.len());
}

#[test]
fn a_long_diff_is_cut_at_a_line() {
    let long: String = (0..90_000).map(|i| format!("+{i}\n")).collect();
    let diffs = [("templates/crds/bed.yaml".to_owned(), long)];
    let text = write(
        &breaking(),
        &MarkdownOptions {
            link: None,
            diffs: &diffs,
        },
    );
    assert!(text.len() < MOST && text.len() > 60_000, "{}", text.len());
    let shown = text.lines().filter(|l| l.starts_with('+')).count();
    assert!(text.contains(&format!("\n\n… {} more lines\n", 90_000 - shown)));
    assert!(text.contains(&format!("\n+{}\n```\n", shown - 1)));
}

/// Everything in the document that a reader would act on, by another Markdown reader.
fn check(text: &str, link: Option<&str>) -> Result<(), TestCaseError> {
    prop_assert!(
        text.chars().count() < MOST && text.len() < MOST,
        "{} bytes",
        text.len()
    );
    let mut code = 0;
    let mut html = String::new();
    for event in Parser::new_ext(text, Options::all()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code += 1,
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => code -= 1,
            Event::Start(Tag::Link { dest_url, .. }) => prop_assert_eq!(Some(&*dest_url), link),
            Event::Start(
                Tag::Image { .. }
                | Tag::FootnoteDefinition(_)
                | Tag::Strikethrough
                | Tag::BlockQuote(_)
                | Tag::MetadataBlock(_),
            )
            | Event::Rule
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => prop_assert!(false, "{event:?} in {text}"),
            Event::Text(words) if code == 0 => {
                let lower = words.to_lowercase();
                for sign in ["@", "#", "gh-", "http", "www.", "://", "mailto:"] {
                    // Our own `×` and `#` signs never stand here; `code` elements are HTML events around it.
                    if html.ends_with("<code>") {
                        continue;
                    }
                    prop_assert!(!lower.contains(sign), "{words:?} in {text}");
                }
            }
            Event::Html(tag) | Event::InlineHtml(tag) => {
                html.push_str(&tag);
                let mut rest: String = tag.to_string();
                for own in [
                    "<details>",
                    "</details>",
                    "<summary>",
                    "</summary>",
                    "<code>",
                    "</code>",
                ] {
                    rest = rest.replace(own, "");
                }
                prop_assert!(!rest.contains('<') && !rest.contains('>'), "{tag:?}");
            }
            _ => {}
        }
    }
    prop_assert_eq!(
        html.matches("<details>").count(),
        html.matches("</details>").count()
    );
    prop_assert_eq!(html.matches("<code>").count(), html.matches("</code>").count());
    for c in text.chars() {
        prop_assert!(c == '\n' || c == '\t' || !c.is_control(), "{c:?}");
        prop_assert!(
            !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'),
            "{c:?}"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_input_it_is_bounded_and_means_nothing(
        parts in prop::collection::vec(prop::sample::select(HOSTILE), 0..9),
        noise in any::<String>(),
        times in prop::sample::select(&[1usize, 2, 60, 700][..]),
        swell in prop::sample::select(&[1usize, 1, 40, 900][..]),
        with_link in any::<bool>(),
    ) {
        let hostile = format!("{}{noise}", parts.concat()).repeat(swell);
        // A few megabytes in all are enough to burst any form that is not bounded.
        let hostile: String = hostile.chars().take(250_000 / times).collect();
        let comparison = flooded(&hostile, times);
        let diffs: Vec<(String, String)> = comparison
            .files
            .iter()
            .map(|f| (f.path.clone(), format!("@@\n-{hostile}\n+{hostile}")))
            .collect();
        let link = with_link.then_some(LINK);
        check(&write(&comparison, &MarkdownOptions { link, diffs: &diffs }), link)?;
        check(&short(&comparison, link), link)?;
    }
}
