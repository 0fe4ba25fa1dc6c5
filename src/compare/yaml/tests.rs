use serde_json::{Value, json};

use super::*;

fn one(text: &str) -> YamlDocument {
    let mut documents = read(text, &Limits::default()).expect("YAML");
    assert_eq!(documents.len(), 1, "{text:?}");
    documents.remove(0)
}

/// `json` is the reader's own text: serde_json's float parsing is off by a bit now and then.
fn means(value: &Value, json: &str) -> bool {
    match value {
        Value::Number(number) => number.to_string() == json || number.as_f64() == json.parse().ok(),
        _ => serde_json::from_str::<Value>(json).expect("JSON") == *value,
    }
}

/// Each scalar beside what sigs.k8s.io/yaml 1.4.0 makes of it; null where that reader refuses.
#[test]
fn scalars_resolve_as_in_the_reader_of_helm() {
    let table: Vec<(String, Option<String>)> =
        serde_json::from_str(include_str!("../../../tests/fixtures/yaml/scalars.json")).expect("the table");
    assert!(table.len() > 200, "{} rows", table.len());
    for (scalar, json) in table {
        let read = read(format!("v: {scalar}\n"), &Limits::default());
        match json {
            None => assert!(
                read.as_ref()
                    .map_or(true, |documents| documents.iter().any(|d| !d.exact())),
                "{scalar:?}: refused there, {read:?} here"
            ),
            Some(json) => {
                let documents = read.unwrap_or_else(|fault| panic!("{scalar:?}: {fault}"));
                assert_eq!(documents[0].doubts, [], "{scalar:?}");
                let json = &json[r#"{"v":"#.len()..json.len() - 1];
                let value = &documents[0].value["v"];
                assert!(means(value, json), "{scalar:?}: {value} is not {json}");
            }
        }
    }
}

#[test]
fn integers_and_floats_stay_apart() {
    assert_ne!(one("v: 1").value, one("v: 1.0").value);
    assert_eq!(one("v: 1.10").value, one("v: 1.1").value);
    assert_ne!(one("v: 9007199254740993").value, one("v: 9007199254740992").value);
}

#[test]
fn comments_in_block_scalars_are_content() {
    let document = one("# one\na: |\n  # two\n  x\nb: 1 # three\n");
    assert_eq!(document.value, json!({"a": "# two\nx\n", "b": 1}));
    let comments: Vec<_> = document
        .comments
        .iter()
        .map(|c| (c.line, c.text.as_str()))
        .collect();
    assert_eq!(comments, [(1, " one"), (5, " three")]);
    assert_eq!(document.doubts, []);
}

#[test]
fn lines_are_found_by_pointer() {
    let document = one("a:\n  - x\n  - b/c: 1\n    d: [\n     2]\n");
    assert_eq!(document.line("/a/1/b~1c"), Some(3));
    assert_eq!(document.line("/a/1/d/0"), Some(5));
    assert_eq!(document.line("/a/2"), None);
}

#[test]
fn merges_give_way_to_own_keys() {
    let document = one("x: &x {a: 1, b: 2}\nz:\n  <<: *x\n  a: 9\n");
    assert_eq!(document.value["z"], json!({"a": 9, "b": 2}));
    assert_eq!(document.doubts, []);
    let above = one("x: &x {a: 1, b: 2}\nz:\n  a: 9\n  <<: *x\n");
    assert_eq!(above.value["z"], json!({"a": 9, "b": 2}));
    assert_eq!(above.doubts[0].what, "a merge over a, which stands above it");
}

#[test]
fn bounds_are_kept() {
    let limits = Limits {
        data_nodes: 1000,
        data_depth: 10,
        ..Limits::default()
    };
    let deep = format!("{}{}", "[".repeat(11), "]".repeat(11));
    assert_eq!(
        read(deep, &limits).unwrap_err().message,
        "the YAML nesting exceeds the limit of 10 levels"
    );
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..8 {
        laughs += &format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 10].join(", "));
    }
    assert_eq!(
        read(laughs, &limits).unwrap_err().message,
        "the YAML data, aliases expanded, exceeds the limit of 1000 nodes"
    );
}

fn told(left: &str, right: &str) -> YamlComparison {
    compare(left, right, &Limits::default())
}

#[test]
fn layout_and_comments_are_told_apart_from_data() {
    let quotes = told("m:\n  on: true\n  path: /x\n", "m:\n  path: \"/x\"\n  on: yes\n");
    assert!(
        quotes.data_equal && quotes.formatting_differs && !quotes.comments_differ,
        "{quotes:?}"
    );
    let comment = told("# one\na: 1 # two\nb: 2\n", "# ein\na: 1\nb: 2\n");
    assert!(comment.data_equal && !comment.formatting_differs, "{comment:?}");
    assert_eq!(comment.comments_changed, 2);
    let added = told("a: 1\n", "# one\n# two\na: 1\n");
    assert!(
        added.data_equal && !added.formatting_differs && added.comments_changed == 2,
        "{added:?}"
    );
    let ends = told("a: |\n  x\n", "a: |\r\n  x\r\n");
    assert!(
        ends.data_equal && !ends.formatting_differs && !ends.comments_differ,
        "{ends:?}"
    );
}

#[test]
fn looks_equal_and_is_not() {
    for (left, right, pointer, from, to) in [
        ("a: 1", "a: \"1\"", "/a", "1", "\"1\""),
        ("a: yes", "a: 'yes'", "/a", "true", "\"yes\""),
        ("a: 0644", "a: 644", "/a", "420", "644"),
        (
            "a: 9007199254740993",
            "a: 9007199254740992",
            "/a",
            "9007199254740993",
            "9007199254740992",
        ),
        ("a: |\n  # x\n", "a: |\n  # y\n", "/a", "\"# x\\n\"", "\"# y\\n\""),
        ("a: !x b", "a: b", "/a", "!x b", "b"),
        ("a: |\n  x", "a: |\n  x\n", "/a", "x", "\"x\\n\""),
    ] {
        let comparison = told(left, right);
        assert!(!comparison.data_equal, "{left:?} {right:?}");
        let change = &comparison.changes[0];
        assert_eq!(
            (
                change.pointer.as_str(),
                change.from.as_deref(),
                change.to.as_deref()
            ),
            (pointer, Some(from), Some(to)),
            "{left:?} {right:?}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_not_equal() {
    let broken = told("a: [", "a: [\n");
    assert!(!broken.data_equal);
    assert_eq!(broken.unproven.len(), 2, "{broken:?}");
    assert!(
        broken.unproven[0].starts_with("left side: not YAML at line 1"),
        "{broken:?}"
    );
    let doubtful = told("? a\n: 1\n", "? a\n:  1\n");
    assert!(!doubtful.data_equal && doubtful.changes.is_empty());
    assert_eq!(doubtful.unproven[0], "left side, line 1: an explicit key (?)");
    assert!(
        told("a: [", "a: [").data_equal,
        "the same bytes are equal, whatever they say"
    );
}

#[test]
fn documents_are_matched_as_objects() {
    let object = |name: &str, x: u8| format!("---\nkind: A\nmetadata:\n  name: {name}\nx: {x}\n");
    let left = object("a", 1) + &object("b", 1);
    let comparison = told(&left, &(object("a", 1) + &object("b", 2)));
    let change = &comparison.changes[0];
    assert_eq!(
        (change.pointer.as_str(), change.left_line, change.right_line),
        ("/[kind=A,name=b]/x", Some(10), Some(10))
    );
    assert!(!told(&left, &(object("b", 1) + &object("a", 1))).data_equal);
    assert!(!told("[a, b]", "--- a\n--- b\n").data_equal);
}
