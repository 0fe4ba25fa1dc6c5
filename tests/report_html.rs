//! The one-file page: nothing loaded, nothing run, everything from input is text.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod report_sample;

use proptest::prelude::*;
use report_sample::{HOSTILE, breaking, flooded, repackaged, snapshot, unknown};
use tagdrift::report::html::{HtmlOptions, write};

const TAGS: &[&str] = &[
    "a", "body", "br", "code", "details", "div", "footer", "h1", "h2", "head", "html", "li", "main", "meta",
    "p", "pre", "small", "span", "style", "summary", "table", "tbody", "td", "th", "thead", "title", "tr",
    "ul",
];

/// Reads the page back as a list of tags, checking that each is ours and closed in order.
fn check(page: &str) -> Result<(), TestCaseError> {
    let body = page.strip_prefix("<!DOCTYPE html>\n").unwrap();
    let mut open: Vec<String> = Vec::new();
    for piece in body.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap();
        prop_assert!(tag == "style" || !text.contains(['>', '"']), "{piece}");
        if let Some(name) = tag.strip_prefix('/') {
            let last = open.pop();
            prop_assert_eq!(last.as_deref(), Some(name));
            continue;
        }
        let name = tag.split(' ').next().unwrap();
        prop_assert!(TAGS.contains(&name), "{tag}");
        for attribute in tag.split('"').step_by(2).skip(1) {
            let attribute = attribute.trim().trim_end_matches('=');
            prop_assert!(
                ["", "class", "scope", "rel", "content", "lang"].contains(&attribute),
                "{attribute} in {tag}"
            );
        }
        if !["meta", "br"].contains(&name) {
            open.push(name.to_owned());
        }
    }
    prop_assert!(open.is_empty(), "{open:?}");
    for c in page.chars() {
        prop_assert!(c == '\n' || c == '\t' || !c.is_control(), "{c:?}");
    }
    Ok(())
}

#[test]
fn reads_back() {
    let diffs = [(
        "README.md".to_owned(),
        "@@ -1 +1 @@\n-a <b>\n+a & b\n c\n".to_owned(),
    )];
    let options = HtmlOptions {
        link: Some("https://tagdrift.example/?ref=a&from=\"b\""),
        diffs: &diffs,
    };
    for comparison in [breaking(), repackaged(), unknown()] {
        check(&write(&comparison, &options)).unwrap();
    }
    let page = write(&breaking(), &options);
    snapshot("breaking.html", &page);
    assert!(page.contains(
        "<pre><span class=\"at\">@@ -1 +1 @@</span><span class=\"del\">-a &lt;b&gt;</span><span class=\"add\">+a &amp; b</span> c\n</pre>"
    ));
    assert!(page.contains("href=\"https://tagdrift.example/?ref=a&amp;from=&quot;b&quot;\""));
    let bad = HtmlOptions {
        link: Some("javascript:alert(1)"),
        diffs: &[],
    };
    assert!(!write(&breaking(), &bad).contains("javascript"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_from_input_is_markup(
        parts in prop::collection::vec(prop::sample::select(HOSTILE), 0..9),
        noise in any::<String>(),
    ) {
        let hostile = format!("{}{noise}", parts.concat());
        let comparison = flooded(&hostile, 3);
        let diffs: Vec<(String, String)> =
            comparison.files.iter().map(|f| (f.path.clone(), format!("+{hostile}"))).collect();
        check(&write(&comparison, &HtmlOptions { link: Some("https://x/"), diffs: &diffs }))?;
    }
}
