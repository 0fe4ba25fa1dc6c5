//! Line ends, the byte order mark and the final newline; and whether bytes are text at all.

use serde::{Deserialize, Serialize};

/// How many leading bytes decide between text and binary, as in git.
const LOOKED_AT: usize = 8 * 1024;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// How a text's lines end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineEndings {
    /// Lines that end with a line feed alone.
    pub lf: u64,
    /// Lines that end with carriage return and line feed.
    pub crlf: u64,
    /// True when the text begins with a UTF-8 byte order mark.
    pub bom: bool,
    /// True when the last line ends like the others. An empty text has no line to end.
    pub final_newline: bool,
}

/// How this text's lines end.
pub fn endings(text: &[u8]) -> LineEndings {
    let mut endings = LineEndings {
        bom: text.starts_with(BOM),
        final_newline: text.is_empty() || text.ends_with(b"\n"),
        ..LineEndings::default()
    };
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if line.ends_with(b"\r\n") {
            endings.crlf += 1;
        } else if line.ends_with(b"\n") {
            endings.lf += 1;
        }
    }
    endings
}

/// True when two texts are equal but for CRLF against LF, a byte order mark, and one final newline.
pub fn equal_but_endings(left: &[u8], right: &[u8]) -> bool {
    normalised(left).eq(normalised(right))
}

/// The bytes without byte order mark, without the carriage return of a CRLF, without one final newline.
fn normalised(text: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let text = text.strip_prefix(BOM).unwrap_or(text);
    let text = text
        .strip_suffix(b"\n")
        .map_or(text, |text| text.strip_suffix(b"\r").unwrap_or(text));
    text.iter()
        .enumerate()
        .filter(|(at, byte)| !(**byte == b'\r' && text.get(at + 1) == Some(&b'\n')))
        .map(|(_, b)| *b)
}

/// True when the bytes are no text: a NUL among the first 8 KiB.
pub fn is_binary(bytes: &[u8]) -> bool {
    bytes.iter().take(LOOKED_AT).any(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_counted() {
        let facts = endings(b"\xef\xbb\xbfa\r\nb\n\nc");
        assert_eq!(
            facts,
            LineEndings {
                lf: 2,
                crlf: 1,
                bom: true,
                final_newline: false
            }
        );
        assert_eq!(
            endings(b""),
            LineEndings {
                final_newline: true,
                ..LineEndings::default()
            }
        );
    }

    #[test]
    fn only_endings_are_forgiven() {
        assert!(equal_but_endings(b"a\r\nb\r\n", b"a\nb"));
        assert!(equal_but_endings(b"\xef\xbb\xbfa\n", b"a\n"));
        assert!(
            !equal_but_endings(b"a\rb\n", b"a\nb\n"),
            "a lone carriage return is content"
        );
        assert!(!equal_but_endings(b"a\n\n", b"a"), "one newline only");
        assert!(!equal_but_endings(b"a \n", b"a\n"));
    }

    #[test]
    fn a_nul_makes_binary() {
        let mut bytes = vec![b'a'; 8 * 1024];
        bytes.push(0);
        assert!(!is_binary(&bytes));
        bytes[8 * 1024 - 1] = 0;
        assert!(is_binary(&bytes));
    }
}
