//! Characters that a reader does not see: bidirectional controls, zero-width and tag characters.
//!
//! Looks at: which of them a side holds and the other does not, in any file that is text. They can make a diff look
//! harmless (Unicode TR 36; CVE-2021-42574), so they are told, whatever the file is. They never make a document deployable,
//! and are never cosmetic anywhere else: even where nothing but a comment holds them, and a machine is not misled, whoever
//! reviews the file may be, and nobody puts them there by accident.

use std::collections::BTreeMap;

use super::{Cause, Code, Pair, Severity, Weight, text};
use crate::verdict::file_class::FileClass;

pub(super) fn judge(pair: &Pair<'_>, said: &[Cause]) -> Option<Cause> {
    let before = pair.left.and_then(text).map(count).unwrap_or_default();
    let after = pair.right.and_then(text).map(count).unwrap_or_default();
    let mut new = Vec::new();
    let mut places = 0;
    for (character, (many, line)) in &after {
        let had = before.get(character).map_or(0, |(n, _)| *n);
        if *many > had {
            places += many - had;
            new.push(format!("U+{:04X} (line {line})", u32::from(*character)));
        }
    }
    if new.is_empty() {
        return None;
    }
    let document = matches!(pair.place.class, FileClass::Docs | FileClass::Test);
    let cosmetic = document && said.iter().all(|cause| cause.weight == Weight::Cosmetic);
    let (severity, weight) = if cosmetic {
        (Severity::Review, Weight::Cosmetic)
    } else {
        (Severity::Behaviour, Weight::Deployed)
    };
    Some(
        pair.cause(Code::TextInvisible, severity, weight)
            .values(None, Some(new.join(", ")))
            .count(places)
            .note("Characters that are not shown, or that reorder what is shown, came in."),
    )
}

/// How often each stands in a text, and on which line first.
fn count(text: &str) -> BTreeMap<char, (u64, u64)> {
    let mut found = BTreeMap::new();
    for (line, number) in text.lines().zip(1..) {
        for (at, character) in line.char_indices().filter(|(_, c)| is_invisible(*c)) {
            // A byte order mark is one only at the very start.
            if character == '\u{feff}' && at == 0 && number == 1 {
                continue;
            }
            found.entry(character).or_insert((0, number)).0 += 1;
        }
    }
    found
}

fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0x00AD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180E
        | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFEFF | 0xFFA0
        | 0xE0000..=0xE007F)
}
