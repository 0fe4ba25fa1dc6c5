//! The text for terminals, exactly.

mod report_sample;

use proptest::prelude::*;
use report_sample::{HOSTILE, breaking, flooded, repackaged, snapshot, unknown};
use tagdrift::report::text::{TextOptions, write};

#[test]
fn a_breaking_change() {
    let options = TextOptions::default();
    snapshot("breaking.txt", &write(&breaking(), &options));
}

#[test]
fn a_breaking_change_whole_and_narrow() {
    let options = TextOptions {
        width: 72,
        all: true,
        ..TextOptions::default()
    };
    snapshot("breaking-all-72.txt", &write(&breaking(), &options));
}

#[test]
fn noise_in_one_line() {
    let options = TextOptions::default();
    snapshot("repackaged.txt", &write(&repackaged(), &options));
}

#[test]
fn what_was_not_read() {
    let options = TextOptions::default();
    snapshot("unknown.txt", &write(&unknown(), &options));
}

#[test]
fn colours_are_the_only_escape_sequences() {
    let options = TextOptions {
        colour: true,
        ..TextOptions::default()
    };
    let text = write(&breaking(), &options);
    assert!(
        text.starts_with("\u{1b}[1;31mBreaking change\u{1b}[0m (breaking): "),
        "{text}"
    );
    let mut plain = text;
    for code in ["0", "1", "2", "1;31", "1;33"] {
        plain = plain.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(plain, write(&breaking(), &TextOptions::default()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_from_input_steers_the_terminal(
        parts in prop::collection::vec(prop::sample::select(HOSTILE), 0..6),
        noise in any::<String>(),
        all in any::<bool>(),
        width in 0usize..300,
    ) {
        let text = write(&flooded(&format!("{}{noise}", parts.concat()), 3), &TextOptions { colour: false, width, all });
        for c in text.chars() {
            prop_assert!(c == '\n' || !c.is_control(), "{c:?}");
            prop_assert!(!matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'), "{c:?}");
        }
    }
}
