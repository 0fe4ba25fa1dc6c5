//! Where an entry belongs: raw paths cleaned, and what is deceptive about them.
//!
//! Paths stay bytes. A path that would leave the root has no place in a tree; it gets a key that starts
//! with `//`, which no cleaned path does, so that it is seen and compared and hides nothing else.

use std::collections::BTreeMap;

use super::{Node, Oddity, OddityKind};

/// The path's components without `.` and empty ones, joined by `/`; `None` when there is a `..` among them.
/// The root itself is `.`.
pub(super) fn cleaned(raw: &[u8]) -> Option<Vec<u8>> {
    let mut path = Vec::with_capacity(raw.len());
    for part in raw.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => return None,
            part => {
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(part);
            }
        }
    }
    if path.is_empty() {
        path.push(b'.');
    }
    Some(path)
}

/// The key of what has no place in the tree.
pub(super) fn outside(raw: &[u8]) -> Vec<u8> {
    [b"//", raw].concat()
}

/// Whether a key is one of [`outside`].
pub(super) fn is_outside(key: &[u8]) -> bool {
    key.starts_with(b"//")
}

/// A path for a message.
pub(super) fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).escape_debug().collect()
}

/// Why a path does not read as what it is, if so: control, invisible and direction-changing characters,
/// or letters of another script among Latin ones (Unicode TS 39, "Mixed-Script Detection", here for the
/// scripts that are used to imitate Latin).
pub(super) fn deceptive(path: &[u8]) -> Option<Oddity> {
    // Nearly every path is plain.
    if path.iter().all(|b| matches!(b, b' '..=b'~')) {
        return None;
    }
    let why = match std::str::from_utf8(path) {
        Err(e) => format!("the path is not UTF-8 from byte {} on", e.valid_up_to()),
        Ok(text) => match text.chars().find(|c| invisible(*c)) {
            Some(c) => format!("the path has the invisible character U+{:04X}", u32::from(c)),
            None => {
                let part = text.split('/').find(|part| mixed(part))?;
                format!("{part:?} mixes Latin letters with look-alikes of another script")
            }
        },
    };
    Some(Oddity {
        kind: OddityKind::DeceptivePath,
        path: path.to_vec(),
        note: why,
    })
}

fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            // Soft hyphen, Arabic letter mark, Mongolian vowel separator; zero width and direction marks;
            // embeddings and overrides; word joiner to isolates; byte order mark; tags.
            0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfeff | 0xe0000..=0xe007f)
}

fn mixed(part: &str) -> bool {
    let latin = part.chars().any(|c| c.is_ascii_alphabetic());
    let other = part
        .chars()
        .any(|c| matches!(u32::from(c), 0x370..=0x3ff | 0x400..=0x52f | 0x1f00..=0x1fff));
    latin && other
}

/// Keys that differ only in letter case: one file on some systems, two on others.
pub(super) fn case_collisions(nodes: &BTreeMap<Vec<u8>, Node>) -> Vec<Oddity> {
    let mut seen: BTreeMap<String, &[u8]> = BTreeMap::new();
    let mut found = Vec::new();
    for path in nodes.keys() {
        let folded = String::from_utf8_lossy(path).to_lowercase();
        match seen.get(&folded) {
            Some(first) => found.push(Oddity {
                kind: OddityKind::CaseCollision,
                path: path.clone(),
                note: format!("differs from {} only in letter case", shown(first)),
            }),
            None => {
                seen.insert(folded, path);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleans_what_stays_inside() {
        assert_eq!(cleaned(b"./a//b/./c/").unwrap(), b"a/b/c");
        assert_eq!(cleaned(b"./").unwrap(), b".");
        assert_eq!(cleaned(b"/etc").unwrap(), b"etc");
        assert_eq!(cleaned(b"a/../b"), None);
    }

    #[test]
    fn tells_deceptive_paths() {
        let note = |path: &str| deceptive(path.as_bytes()).map(|o| o.note);
        assert_eq!(note("templates/_helpers.tpl"), None);
        assert_eq!(note("Főtanúsítvány.crt"), None);
        assert_eq!(note("документы/values.yaml"), None);
        assert_eq!(
            note("a\u{202e}lmay.b").unwrap(),
            "the path has the invisible character U+202E"
        );
        assert_eq!(
            note("a\nb").unwrap(),
            "the path has the invisible character U+000A"
        );
        assert_eq!(
            note("x/v\u{430}lues.yaml").unwrap(),
            "\"vаlues.yaml\" mixes Latin letters with look-alikes of another script"
        );
        assert_eq!(
            deceptive(b"a\xff").unwrap().note,
            "the path is not UTF-8 from byte 1 on"
        );
    }
}
