//! Where each value of a JSON document stands in its raw bytes.
//!
//! The digest is a hash of raw bytes, so explaining a digest needs their positions, which a parser that
//! returns values forgets. The input was already accepted by serde_json; what this scanner does not
//! understand it answers with `None`, never with a guess.

use std::ops::Range;

/// A member or item of a document: its pointer (RFC 6901), and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// JSON pointer.
    pub pointer: String,
    /// Key and value of a member, or the item of an array.
    pub member: Range<usize>,
    /// The value alone.
    pub value: Range<usize>,
    /// False for objects and arrays that have members of their own.
    pub leaf: bool,
}

/// How many times longer than the document all its pointers may be together. Real ones stay below ten.
const POINTER_BYTES: usize = 64;

/// All spans of a document in their order, containers before their members. `None` beyond `depth`, for bytes that
/// are no JSON, or where pointers would take far more room than the document (a long key with many members).
pub fn spans(raw: &[u8], depth: usize) -> Option<Vec<Span>> {
    let mut scanner = Scanner {
        raw,
        at: 0,
        spans: Vec::new(),
        room: raw.len().saturating_mul(POINTER_BYTES),
    };
    scanner.space();
    scanner.value(String::new(), None, depth)?;
    scanner.space();
    (scanner.at == raw.len()).then_some(scanner.spans)
}

struct Scanner<'a> {
    raw: &'a [u8],
    at: usize,
    spans: Vec<Span>,
    /// Bytes that pointers may still take.
    room: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.raw.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn value(&mut self, pointer: String, member_start: Option<usize>, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        self.room = self.room.checked_sub(pointer.len())?;
        let start = self.at;
        let slot = self.spans.len();
        let member = member_start.unwrap_or(start)..start;
        self.spans.push(Span {
            pointer: pointer.clone(),
            member,
            value: start..start,
            leaf: true,
        });
        let mut leaf = true;
        match self.peek()? {
            b'{' => leaf = !self.object(&pointer, depth)?,
            b'[' => leaf = !self.array(&pointer, depth)?,
            b'"' => drop(self.string()?),
            _ => {
                while !matches!(
                    self.peek(),
                    None | Some(b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r')
                ) {
                    self.at += 1;
                }
            }
        }
        let end = self.at;
        let span = self.spans.get_mut(slot)?;
        span.member.end = end;
        span.value.end = end;
        span.leaf = leaf;
        (end > start).then_some(())
    }

    /// Reads an object; true when it has members.
    fn object(&mut self, pointer: &str, depth: usize) -> Option<bool> {
        self.take(b'{')?;
        self.space();
        if self.take(b'}').is_some() {
            return Some(false);
        }
        loop {
            self.space();
            let start = self.at;
            let key = self.string()?;
            self.space();
            self.take(b':')?;
            self.space();
            let key = key.replace('~', "~0").replace('/', "~1");
            self.value(format!("{pointer}/{key}"), Some(start), depth)?;
            self.space();
            if self.take(b',').is_none() {
                self.take(b'}')?;
                return Some(true);
            }
        }
    }

    /// Reads an array; true when it has items.
    fn array(&mut self, pointer: &str, depth: usize) -> Option<bool> {
        self.take(b'[')?;
        self.space();
        if self.take(b']').is_some() {
            return Some(false);
        }
        let mut index = 0usize;
        loop {
            self.space();
            self.value(format!("{pointer}/{index}"), None, depth)?;
            index += 1;
            self.space();
            if self.take(b',').is_none() {
                self.take(b']')?;
                return Some(true);
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        self.take(b'"')?;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        serde_json::from_slice(self.raw.get(start..self.at)?).ok()
    }
}

/// Members whose own members are names that people chose, not fields: letter case tells those apart.
const FREE: [&str; 4] = ["annotations", "labels", "volumes", "exposedports"];

/// The fields of manifests, indexes, descriptors and platforms (OCI image-spec).
const FIELDS: [&str; 18] = [
    "schemaVersion",
    "mediaType",
    "artifactType",
    "config",
    "layers",
    "manifests",
    "subject",
    "annotations",
    "digest",
    "size",
    "urls",
    "data",
    "platform",
    "architecture",
    "os",
    "os.version",
    "os.features",
    "variant",
];

/// The first key that a reader could take for another: one that stands twice in its object, or that equals
/// another but for letter case. Go's encoding/json, which most registry clients are built on, matches
/// struct fields without regard to case and lets the last win, so such a document means different things
/// to different readers.
pub fn ambiguous_key(spans: &[Span]) -> Option<&str> {
    let mut seen = std::collections::BTreeSet::new();
    spans
        .iter()
        .map(|s| s.pointer.as_str())
        .find(|pointer| !seen.insert(as_go_sees(pointer)))
}

/// The first key that is a field of a manifest in other letter case: Go's readers take it for the field,
/// others do not see it.
pub fn miscased_key(spans: &[Span]) -> Option<&str> {
    spans.iter().map(|s| s.pointer.as_str()).find(|pointer| {
        let mut parts = pointer.rsplit('/');
        let key = parts.next().unwrap_or_default();
        let below_free = parts.any(|part| FREE.contains(&folded(part).as_str()));
        !below_free && !FIELDS.contains(&key) && FIELDS.iter().any(|field| folded(field) == folded(key))
    })
}

/// A pointer with its fields folded; free names stay as they are.
fn as_go_sees(pointer: &str) -> String {
    let mut free = false;
    let parts: Vec<String> = pointer
        .split('/')
        .map(|part| {
            let shown = if free { part.to_owned() } else { folded(part) };
            free |= FREE.contains(&folded(part).as_str());
            shown
        })
        .collect();
    parts.join("/")
}

/// Simple case folding, as Go's `bytes.EqualFold` has it: the Kelvin sign is a `k`, the long `ſ` an `s`.
fn folded(text: &str) -> String {
    text.to_uppercase().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_value() {
        let raw = br#" {"a/b": [1, {"c":"x\"}"}], "d":{} } "#;
        let found: Vec<(String, &str)> = spans(raw, 8)
            .unwrap()
            .into_iter()
            .filter(|s| s.leaf)
            .map(|s| (s.pointer, std::str::from_utf8(&raw[s.value]).unwrap()))
            .collect();
        assert_eq!(
            found,
            [
                ("/a~1b/0".to_owned(), "1"),
                ("/a~1b/1/c".to_owned(), r#""x\"}""#),
                ("/d".to_owned(), "{}")
            ]
        );
    }

    #[test]
    fn never_guesses() {
        for cut in 0..r#"{"a":[1,{"b":"c"}]}"#.len() {
            assert_eq!(spans(&br#"{"a":[1,{"b":"c"}]}"#[..cut], 8), None, "cut at {cut}");
        }
        assert_eq!(spans(b"[[[[1]]]]", 4), None);
        assert_eq!(spans(b"{} x", 4), None);
    }

    #[test]
    fn ambiguous_keys_are_found() {
        let key = |raw: &str| ambiguous_key(&spans(raw.as_bytes(), 8).unwrap()).map(str::to_owned);
        assert_eq!(key(r#"{"layers":[],"Layers":[]}"#).as_deref(), Some("/Layers"));
        assert_eq!(key(r#"{"a":{"x":1,"x":2}}"#).as_deref(), Some("/a/x"));
        assert_eq!(key(r#"{"a":{"x":1},"b":{"x":2}}"#), None);
        assert_eq!(key(r#"{"digest":1,"dige\u017ft":2}"#).as_deref(), Some("/digeſt"));
        assert_eq!(key(r#"{"annotations":{"a":"1","A":"2"}}"#), None);
        assert_eq!(
            key(r#"{"annotations":{"a":"1","a":"2"}}"#).as_deref(),
            Some("/annotations/a")
        );
    }

    #[test]
    fn fields_in_other_letter_case_are_found() {
        let key = |raw: &str| miscased_key(&spans(raw.as_bytes(), 8).unwrap()).map(str::to_owned);
        assert_eq!(
            key(r#"{"layers":[{"Urls":["x"]}]}"#).as_deref(),
            Some("/layers/0/Urls")
        );
        assert_eq!(key(r#"{"annotations":{"Digest":"x"},"other":1}"#), None);
    }
}
