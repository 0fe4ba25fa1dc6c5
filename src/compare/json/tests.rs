use proptest::prelude::*;

use super::*;

fn told(left: &str, right: &str) -> JsonComparison {
    compare(left, right, &Limits::default())
}

#[test]
fn formatting_is_no_data() {
    let order = told(
        r#"{"a": [1, 2], "b": null}"#,
        "{\n\t\"b\" : null,\r\n \"a\":[1,2] }",
    );
    assert!(order.data_equal && order.order_differs, "{order:?}");
    let escapes = told(r#"["\u00e9\/\ud83d\ude00", 1.10, 1e2]"#, "[ \"é/😀\",1.1,100.0 ]");
    assert!(escapes.data_equal && !escapes.order_differs, "{escapes:?}");
}

#[test]
fn numbers_are_compared_by_their_digits() {
    for (left, right, equal) in [
        ("1", "1.0", false),
        ("1.0", "1.00", true),
        ("10e-1", "1.0", true),
        ("0.1", "0.1000000000000000055", false),
        ("9007199254740993", "9007199254740992", false),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567891",
            false,
        ),
        ("18446744073709551616", "18446744073709551616.0", false),
        ("1e999", "1e998", false),
        ("-0", "0", false),
        ("0.0", "-0.0", false),
        ("0e5", "0.0", true),
    ] {
        assert_eq!(told(left, right).data_equal, equal, "{left} {right}");
        assert!(told(left, &format!(" {left}")).data_equal, "{left}");
    }
}

#[test]
fn repeated_keys_prove_nothing() {
    let comparison = told(r#"{"a":1,"a":2}"#, r#"{"a": 1, "a": 2}"#);
    assert!(!comparison.data_equal && comparison.changes.is_empty());
    assert_eq!(
        comparison.unproven,
        [
            r#"left side, line 1: the key "a" again"#,
            r#"right side, line 1: the key "a" again"#
        ]
    );
    assert!(!told(r#""\ud800""#, r#" "\ud800""#).data_equal);
    assert!(told(r#"{"a":1,"a":2}"#, r#"{"a":1,"a":2}"#).data_equal);
}

#[test]
fn changes_have_lines() {
    let comparison = told("{\n \"a\": {\n  \"b\": 1\n }\n}", "{\"a\": {\"b\": true}}");
    let change = &comparison.changes[0];
    assert_eq!(
        (change.pointer.as_str(), change.left_line, change.right_line),
        ("/a/b", Some(3), Some(1))
    );
}

#[test]
fn faults_say_where() {
    let message = |text: &str| read(text, &Limits::default()).unwrap_err().message;
    assert_eq!(
        message("{\n\"a\" 1}"),
        "not JSON at byte 6 (line 2): a colon was expected, found '1'"
    );
    assert_eq!(
        message("[1,]"),
        "not JSON at byte 3 (line 1): a value was expected, found ']'"
    );
    assert_eq!(
        message("\"a"),
        "not JSON at byte 2 (line 1): a string went on, found the end"
    );
    assert_eq!(
        message(&"[".repeat(200)),
        "the JSON nesting exceeds the limit of 128 levels"
    );
    let limits = Limits {
        data_nodes: 3,
        ..Limits::default()
    };
    assert_eq!(
        read("[1,2,3]", &limits).unwrap_err().message,
        "the JSON data exceeds the limit of 3 nodes"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// serde_json takes and refuses the same texts. (It rounds floats: those are compared loosely.)
    #[test]
    fn texts_read_as_serde_json_reads_them(text in r#"[\[\]{}"a,: \\u0019.eE+\-]{0,12}|\{"a": ?-?[0-9.eE]{1,6}(,"b":\[("x"|null|true|,){0,3}\])?\}"#) {
        let theirs = serde_json::from_str::<Value>(&text);
        let ours = read(&text, &Limits::default());
        // A number beyond float64 and half a surrogate pair are grammatical; serde_json refuses them.
        let lossy = ours.as_ref().is_ok_and(|d| !d.doubts.is_empty()) || text.contains(['e', 'E']);
        if !lossy {
            prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?}", ours);
        }
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) && !text.contains('.') && !lossy {
            prop_assert_eq!(ours.value, theirs);
        }
    }
}
