//! What people type, paste and link to. What was read and written again reads as the same.

use std::cmp::Ordering;

use tagdrift::input::link::Link;
use tagdrift::input::versions::newest_first;
use tagdrift::input::{Understanding, understand as understand_text};
use tagdrift::oci::{Digest, Platform, Reference};

/// A reference.
pub fn reference(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(reference) = text.parse::<Reference>() {
        assert_reads_back(&reference);
    }
}

fn assert_reads_back(reference: &Reference) {
    let written = reference.to_string();
    assert_eq!(
        written.parse::<Reference>().as_ref(),
        Ok(reference),
        "{written:?}"
    );
    let _ = (
        reference.name(),
        reference.manifest_name(),
        reference.is_loopback(),
    );
}

/// A digest; the line after it is a platform.
pub fn digest(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (first, second) = text.split_once('\n').unwrap_or((&text, &text));
    if let Ok(digest) = first.parse::<Digest>() {
        assert_eq!(
            digest.to_string(),
            first,
            "one way to write a digest, and one only"
        );
        assert!(digest.hex().starts_with(digest.short()));
    }
    if let Ok(platform) = second.parse::<Platform>() {
        let written = platform.to_string();
        assert_eq!(written.parse::<Platform>().as_ref(), Ok(&platform), "{written:?}");
    }
}

/// A pasted text; its words as tags, too, whose order must be one.
pub fn understand(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Understanding::Target(target) = understand_text(&text) {
        assert_reads_back(&target.reference);
    }
    let words: Vec<&str> = text.split_whitespace().take(8).collect();
    for a in &words {
        for b in &words {
            assert_eq!(
                newest_first(a, b),
                newest_first(b, a).reverse(),
                "{a:?} and {b:?}"
            );
            for c in &words {
                if newest_first(a, b) == Ordering::Less && newest_first(b, c) == Ordering::Less {
                    assert_eq!(newest_first(a, c), Ordering::Less, "{a:?}, {b:?}, {c:?}");
                }
            }
        }
    }
}

/// A link to the page.
pub fn link(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let link = Link::read(&text);
    let written = link.write();
    assert_eq!(Link::read(&written), link, "{written:?}");
    assert!(written.is_ascii(), "{written:?}");
}
