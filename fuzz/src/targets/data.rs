//! Texts and data: two sides of an input, compared. Equal by one reader must be equal by another.

use serde_json::Value;
use tagdrift::compare::template::{Equality, Renders, SegmentKind};
use tagdrift::compare::{json as json_text, lines, manifest as manifests, template as templates};
use tagdrift::compare::{text as texts, yaml as yaml_text};
use tagdrift::limits::Limits;
use tagdrift::oci::{Digest, Document};
use tagdrift::verdict::Code;
use tagdrift::verdict::artifact::config as configs;

use super::sides;

fn limits() -> Limits {
    Limits {
        data_nodes: 20_000,
        diff_lines: 5_000,
        causes: 50,
        ..Limits::default()
    }
}

/// YAML: equal to itself, the same both ways round, and equal data only where the values that Helm sees are equal.
pub fn yaml(data: &[u8]) {
    let limits = limits();
    let (left, right) = sides(data);
    assert!(
        yaml_text::compare(data, data, &limits).data_equal,
        "a text differs from itself"
    );
    let there = yaml_text::compare(left, right, &limits);
    let back = yaml_text::compare(right, left, &limits);
    assert_eq!(
        there.data_equal, back.data_equal,
        "the sides do not compare alike"
    );
    if there.data_equal && left != right {
        let values = |text: &[u8]| -> Vec<Value> {
            let documents = yaml_text::read(text, &limits).expect("equal, so it could be read");
            assert!(
                documents.iter().all(|document| document.exact()),
                "equal in spite of a doubt"
            );
            documents.into_iter().map(|document| document.value).collect()
        };
        let (left, right) = (values(left), values(right));
        assert!(
            left.iter()
                .filter(|value| !value.is_null())
                .eq(right.iter().filter(|value| !value.is_null())),
            "called equal: {left:?} and {right:?}"
        );
    }
    let _ = yaml_text::read_text(data, &limits);
}

/// JSON: readable exactly where serde_json reads it, and equal data only where serde_json's values are equal.
pub fn json(data: &[u8]) {
    let limits = limits();
    let read = json_text::read(data, &limits);
    let theirs = serde_json::from_slice::<Value>(data);
    match (&read, &theirs) {
        (Ok(ours), Err(error)) if ours.doubts.is_empty() => {
            let told = error.to_string();
            assert!(
                told.contains("recursion limit") || told.contains("number out of range"),
                "only serde_json refuses: {told}"
            );
        }
        (Err(fault), Ok(_)) => assert!(
            fault.kind == tagdrift::fault::FaultKind::TooLarge,
            "only serde_json reads what we refuse: {fault}"
        ),
        _ => {}
    }
    assert!(
        json_text::compare(data, data, &limits).data_equal,
        "a text differs from itself"
    );
    let (left, right) = sides(data);
    let there = json_text::compare(left, right, &limits);
    let back = json_text::compare(right, left, &limits);
    assert_eq!(
        there.data_equal, back.data_equal,
        "the sides do not compare alike"
    );
    if there.data_equal {
        assert_read_alike(left, right);
    }
}

/// Configs: no cause without a difference, and formatting is all that differs only where serde_json reads the same.
pub fn config(data: &[u8]) {
    let (left, right) = sides(data);
    let depth = limits().data_depth;
    let chart_yaml = serde_json::Map::new();
    let judge = |left: &[u8], right: &[u8]| {
        [
            configs::image(left, right, depth),
            configs::other(left, right, Some((&Value::Null, &Value::Null)), depth),
            configs::other(left, right, None, depth),
        ]
    };
    for (there, back) in judge(left, right).into_iter().zip(judge(right, left)) {
        assert_eq!(
            there.is_empty(),
            back.is_empty(),
            "the sides are not judged alike"
        );
        // Digests of layers in a config are held against the layers themselves, not against each other.
        let speaks_of_layers = [left, right]
            .iter()
            .any(|side| side.windows(8).any(|window| window == b"diff_ids"));
        if !speaks_of_layers && there.iter().all(|cause| cause.code == Code::ConfigFormatting) {
            assert_read_alike(left, right);
        }
    }
    let _ = configs::contradictions(left, &chart_yaml);
}

fn assert_read_alike(left: &[u8], right: &[u8]) {
    if let (Ok(left), Ok(right)) = (
        serde_json::from_slice::<Value>(left),
        serde_json::from_slice::<Value>(right),
    ) {
        assert!(same_data(&left, &right), "called equal: {left} and {right}");
    }
}

/// Equal values, a number by what a float64 makes of it: `1` and `1.0` are the same to JSON.
fn same_data(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same_data(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, left)| right.get(key).is_some_and(|right| same_data(left, right)))
        }
        _ => left == right,
    }
}

/// Go templates: the segments cover the text, equality is to itself and both ways round, and the proof that suits any
/// file (`Renders::Text`) is never stronger than the one for YAML.
pub fn template(data: &[u8]) {
    let limits = limits();
    let (left, right) = sides(data);
    let (left, right) = (String::from_utf8_lossy(left), String::from_utf8_lossy(right));
    for text in [&left, &right] {
        if let Ok(segments) = templates::lex(text) {
            let mut at = 0;
            for segment in &segments {
                assert_eq!(segment.span.start, at, "a gap or an overlap");
                assert!(text.get(segment.span.clone()).is_some() && !segment.span.is_empty());
                assert!(text.get(segment.inner.clone()).is_some());
                assert!(segment.kind != SegmentKind::Text || segment.span == segment.inner);
                at = segment.span.end;
            }
            assert_eq!(at, text.len(), "the end is missing");
        }
        let _ = templates::includes_base_path(text);
    }
    let compare =
        |left: &str, right: &str, renders| templates::compare(left, right, renders, &limits).rendered;
    let mut proven = [Equality::NotProven; 2];
    for (proof, renders) in proven.iter_mut().zip([Renders::Text, Renders::Yaml]) {
        assert_eq!(
            compare(&left, &left, renders),
            Equality::Text,
            "a template differs from itself"
        );
        *proof = compare(&left, &right, renders);
        assert_eq!(
            compare(&right, &left, renders),
            *proof,
            "the sides do not compare alike"
        );
    }
    let [text, yaml] = proven;
    assert!(
        text <= yaml && text != Equality::Data,
        "{text:?} as text, {yaml:?} as YAML"
    );
}

/// Texts: the hunks turn left into right, and rows, patches and line classes hold together.
pub fn text(data: &[u8]) {
    let limits = limits();
    let (left, right) = sides(data);
    let Ok(diff) = texts::diff(left, right, &limits) else {
        return;
    };
    assert_eq!(diff.hunks.is_empty(), left == right);
    let (old, new) = (lines_of(left), lines_of(right));
    let (mut built, mut at) = (Vec::new(), 0);
    for hunk in &diff.hunks {
        built.extend_from_slice(&old[at..hunk.left.start as usize]);
        built.extend_from_slice(&new[hunk.right.start as usize..hunk.right.end as usize]);
        at = hunk.left.end as usize;
    }
    built.extend_from_slice(&old[at..]);
    assert_eq!(
        built.concat(),
        right,
        "the hunks do not make the right text of the left one"
    );

    let rows = texts::rows(left, right, &diff, 3, &limits);
    assert_eq!(rows.is_empty(), left.is_empty() && right.is_empty());
    for row in &rows {
        for (side, words) in [(&row.left, &row.left_words), (&row.right, &row.right_words)] {
            for word in words {
                let side = side.as_deref().expect("words of a line that is there");
                assert!(
                    side.get(word.start as usize..word.end as usize).is_some(),
                    "{word:?} of {side:?}"
                );
            }
        }
    }
    let _ = texts::unified(left, right, &diff, 3);
    assert!(lines::equal_but_endings(left, left));
    let _ = (lines::endings(left), lines::is_binary(left));
    assert_eq!(
        lines::equal_but_endings(left, right),
        lines::equal_but_endings(right, left)
    );
}

fn lines_of(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

/// Manifests and indexes: the digest is that of the bytes, and a counterfactual is proof to the last bit.
pub fn manifest(data: &[u8]) {
    let limits = limits();
    let (left, right) = sides(data);
    let parse = |raw: &[u8]| Document::parse(raw.to_vec(), None, &limits).ok();
    let documents = (parse(left), parse(right));
    for document in [&documents.0, &documents.1].into_iter().flatten() {
        assert_eq!(document.digest, Digest::sha256(&document.raw));
        let _ = (document.kind(), document.annotations());
        if let Some(index) = document.index() {
            let _ = (index.runnable().count(), index.attestations().count());
        }
    }
    let there = manifests::compare(left, right, limits.data_depth);
    let back = manifests::compare(right, left, limits.data_depth);
    assert_eq!(
        there.as_ref().map(|difference| difference.fields.len()),
        back.map(|difference| difference.fields.len()),
        "the sides do not compare alike"
    );
    if let (Some(there), Some(_), Some(_)) = (there, &documents.0, &documents.1)
        && there.fields.is_empty()
    {
        assert_read_alike(left, right);
    }
    if let (Some(left), Some(right)) = documents
        && let Some(proof) = manifests::counterfactual(&left, &right, limits.data_depth)
    {
        assert_eq!(proof.digest, right.digest, "the proof is of another digest");
        assert!(
            !proof.pointers.is_empty(),
            "other bytes, and no field that differs"
        );
    }
}
