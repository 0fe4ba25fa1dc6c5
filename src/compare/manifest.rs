//! Two manifests or indexes: which fields differ, and the proof that nothing else does.
//!
//! The counterfactual: put the right side's values into the left side's bytes, field by field, and hash.
//! If the result *is* the right side's digest, the named fields are the only difference there is, and no
//! trust in this program is needed to believe it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::oci::spans::{Span, spans};
use crate::oci::{Digest, Document};

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// JSON pointer.
    pub pointer: String,
    /// The left value: a string as it is, anything else as compact JSON.
    pub from: Option<String>,
    /// The right value.
    pub to: Option<String>,
}

/// What differs between two JSON documents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// The bytes differ and the data is equal.
    pub formatting_only: bool,
    /// Leaves that differ, by pointer.
    pub fields: Vec<Field>,
}

/// Proof that some fields are the only difference between two documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counterfactual {
    /// The fields that were carried over from right to left.
    pub pointers: Vec<String>,
    /// What the changed bytes hash to: the right side's digest.
    pub digest: Digest,
}

/// Compares two JSON texts as data. `None` if one of them is no JSON within `depth`.
pub fn compare(left: &[u8], right: &[u8], depth: usize) -> Option<Difference> {
    let (l, r) = (leaves(left, depth)?, leaves(right, depth)?);
    let mut fields = Vec::new();
    for (pointer, from) in &l {
        let to = r.get(pointer);
        if to != Some(from) {
            fields.push(Field {
                pointer: pointer.clone(),
                from: Some(show(from)),
                to: to.map(show),
            });
        }
    }
    for (pointer, to) in r.iter().filter(|(pointer, _)| !l.contains_key(*pointer)) {
        fields.push(Field {
            pointer: pointer.clone(),
            from: None,
            to: Some(show(to)),
        });
    }
    // A list and a map of the same items under "0", "1" … have the same leaves.
    let (l, r) = (containers(left, depth)?, containers(right, depth)?);
    for (pointer, from) in &l {
        if let Some(to) = r.get(pointer).filter(|to| *to != from) {
            fields.push(Field {
                pointer: pointer.clone(),
                from: Some((*from).to_owned()),
                to: Some((*to).to_owned()),
            });
        }
    }
    fields.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    Some(Difference {
        formatting_only: fields.is_empty() && left != right,
        fields,
    })
}

/// Leaves by pointer. Numbers keep their text, because 1 and 1.0 hash differently and a 64-bit float
/// cannot tell all integers apart.
fn leaves(raw: &[u8], depth: usize) -> Option<BTreeMap<String, Leaf>> {
    spans(raw, depth)?
        .into_iter()
        .filter(|span| span.leaf)
        .map(|span| {
            let text = std::str::from_utf8(raw.get(span.value)?).ok()?;
            let leaf = match serde_json::from_str(text).ok()? {
                Value::String(s) => Leaf::Text(s),
                _ => Leaf::Other(text.split_ascii_whitespace().collect()),
            };
            Some((span.pointer, leaf))
        })
        .collect()
}

/// Objects and arrays with members, by pointer.
fn containers(raw: &[u8], depth: usize) -> Option<BTreeMap<String, &'static str>> {
    let kind = |span: Span| {
        let kind = match raw.get(span.value.start) {
            Some(b'{') => "a map",
            _ => "a list",
        };
        (span.pointer, kind)
    };
    Some(
        spans(raw, depth)?
            .into_iter()
            .filter(|s| !s.leaf)
            .map(kind)
            .collect(),
    )
}

#[derive(Debug, PartialEq, Eq)]
enum Leaf {
    Text(String),
    Other(String),
}

fn show(leaf: &Leaf) -> String {
    match leaf {
        Leaf::Text(text) | Leaf::Other(text) => text.clone(),
    }
}

/// Tries the counterfactual. `None` when carrying values over does not give the right side's bytes (other
/// white space, another key order), in which case nothing is claimed.
pub fn counterfactual(left: &Document, right: &Document, depth: usize) -> Option<Counterfactual> {
    if left.raw == right.raw {
        return None;
    }
    let mut pointers = Vec::new();
    let mut raw = left.raw.clone();
    drop_members(&mut raw, &right.raw, depth, &mut pointers)?;
    // What only the right has is taken out of a copy of the right; then both must agree on their members.
    let mut target = right.raw.clone();
    let mut added = Vec::new();
    drop_members(&mut target, &raw, depth, &mut added)?;
    let (from, to) = (spans(&raw, depth)?, spans(&target, depth)?);
    let values: BTreeMap<&str, &Span> = to
        .iter()
        .filter(|s| s.leaf)
        .map(|s| (s.pointer.as_str(), s))
        .collect();
    let mut carried = Vec::with_capacity(target.len());
    let mut copied = 0usize;
    for span in from.iter().filter(|s| s.leaf) {
        let wanted = target.get(values.get(span.pointer.as_str())?.value.clone())?;
        if raw.get(span.value.clone())? != wanted {
            carried.extend_from_slice(raw.get(copied..span.value.start)?);
            carried.extend_from_slice(wanted);
            copied = span.value.end;
            pointers.push(span.pointer.clone());
        }
    }
    carried.extend_from_slice(raw.get(copied..)?);
    if carried != target {
        return None;
    }
    pointers.extend(added);
    pointers.sort();
    Some(Counterfactual {
        pointers,
        digest: Digest::of(right.digest.algorithm(), &right.raw),
    })
}

/// Takes the members out of `raw` that `other` does not have, each with one comma, in one pass: hostile
/// manifests have tens of thousands of them.
fn drop_members(raw: &mut Vec<u8>, other: &[u8], depth: usize, dropped: &mut Vec<String>) -> Option<()> {
    let theirs = spans(other, depth)?;
    let known: std::collections::BTreeSet<&str> = theirs.iter().map(|s| s.pointer.as_str()).collect();
    let mut outer_end = 0usize;
    let mut extra: Vec<Span> = spans(raw, depth)?;
    // What lies inside a member that goes, goes with it.
    extra.retain(|span| {
        let goes = span.member.start >= outer_end && !known.contains(span.pointer.as_str());
        if goes {
            outer_end = span.member.end;
        }
        goes
    });
    let mut cuts: Vec<std::ops::Range<usize>> = Vec::with_capacity(extra.len());
    for span in extra.iter().rev() {
        let (mut start, mut end) = (span.member.start, span.member.end);
        if let Some(next) = cuts.pop_if(|next| next.start == end) {
            end = next.end;
        }
        if raw.get(end) == Some(&b',') {
            end += 1;
        } else if start > 0 && raw.get(start - 1) == Some(&b',') {
            start -= 1;
        }
        cuts.push(start..end);
    }
    let mut kept = Vec::with_capacity(raw.len());
    let mut copied = 0usize;
    for cut in cuts.into_iter().rev() {
        kept.extend_from_slice(raw.get(copied..cut.start)?);
        copied = cut.end;
    }
    kept.extend_from_slice(raw.get(copied..)?);
    *raw = kept;
    dropped.extend(extra.into_iter().map(|span| span.pointer));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn document(annotations: &str) -> Document {
        let raw = format!(r#"{{"schemaVersion":2,"manifests":[],"annotations":{annotations}}}"#);
        Document::parse(raw.into_bytes(), None, &Limits::default()).unwrap()
    }

    #[test]
    fn one_value_carried_over_is_the_other_digest() {
        let left = document(r#"{"created":"2025-05-07T12:27:00Z","title":"x"}"#);
        let right = document(r#"{"created":"2025-05-07T20:21:00Z","title":"x"}"#);
        let proof = counterfactual(&left, &right, 16).unwrap();
        assert_eq!(proof.pointers, ["/annotations/created"]);
        assert_eq!(proof.digest, right.digest);
    }

    #[test]
    fn members_more_or_less_are_carried_too() {
        let left = document(r#"{"title":"x","version":"1"}"#);
        let right = document(r#"{"created":"now","title":"x"}"#);
        let proof = counterfactual(&left, &right, 16).unwrap();
        assert_eq!(proof.pointers, ["/annotations/created", "/annotations/version"]);
        assert_eq!(proof.digest, right.digest);
    }

    #[test]
    fn any_set_of_members_is_carried() {
        let names = ["a", "b", "c", "d"];
        let with = |set: u32, value: &str| {
            let members: Vec<String> = names
                .iter()
                .enumerate()
                .filter(|(i, _)| set & (1 << i) != 0)
                .map(|(_, name)| format!(r#""{name}":"{value}""#))
                .collect();
            document(&format!("{{{}}}", members.join(",")))
        };
        for (l, r) in (0..16).flat_map(|l| (0..16).map(move |r| (l, r))) {
            let (left, right) = (with(l, "1"), with(r, "22"));
            // Where one side has none, the map itself becomes a leaf: `{}`.
            if l != 0 && r != 0 && left != right {
                let proof = counterfactual(&left, &right, 16).unwrap();
                assert_eq!(proof.digest, right.digest);
                assert_eq!(proof.pointers.len(), (l | r).count_ones() as usize);
            }
        }
    }

    #[test]
    fn nothing_is_claimed_where_white_space_differs() {
        assert_eq!(
            counterfactual(&document(r#"{"a":"1"}"#), &document(r#"{"a": "2"}"#), 16),
            None
        );
    }

    #[test]
    fn formatting_is_told_from_data() {
        let same = compare(br#"{"a":1,"b":"x"}"#, b"{\"b\":\"\\u0078\",\n\"a\":1}", 8).unwrap();
        assert!(same.formatting_only && same.fields.is_empty());
        let other = compare(br#"{"a":1.0}"#, br#"{"a":1}"#, 8).unwrap();
        assert_eq!(
            other.fields,
            [Field {
                pointer: "/a".into(),
                from: Some("1.0".into()),
                to: Some("1".into())
            }]
        );
        assert!(!other.formatting_only);
    }

    #[test]
    fn a_list_is_no_map() {
        let other = compare(br#"{"a":["x"]}"#, br#"{"a":{"0":"x"}}"#, 8).unwrap();
        assert_eq!(
            other.fields,
            [Field {
                pointer: "/a".into(),
                from: Some("a list".into()),
                to: Some("a map".into())
            }]
        );
    }
}
