use proptest::{collection, prelude::*};
use serde_json::{Value, json};

use super::*;
use crate::limits::Limits;

fn told(left: Value, right: Value) -> Vec<String> {
    compare(&left, &right, &Limits::default())
        .changes
        .iter()
        .map(|c| {
            let side = |s: &Option<String>| s.clone().unwrap_or_else(|| "-".into());
            format!("{} {:?} {} {}", c.pointer, c.kind, side(&c.from), side(&c.to))
        })
        .collect()
}

#[test]
fn key_order_is_no_data_and_list_order_is() {
    assert_eq!(told(json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1})), [""; 0]);
    assert_eq!(
        told(json!({"a": [1, 2, 3]}), json!({"a": [2, 1, 3]})),
        ["/a Reordered [1,2,3] [2,1,3]"]
    );
    assert_eq!(
        told(
            json!([{"name": "a"}, {"name": "b", "x": 1}]),
            json!([{"name": "b", "x": 2}, {"name": "a"}])
        ),
        [
            " Reordered [name=a] [name=b] [name=b] [name=a]",
            "/[name=b]/x Changed 1 2"
        ]
    );
}

#[test]
fn items_are_matched_by_what_names_them() {
    assert_eq!(
        told(json!([{"id": 1}, {"id": 2}]), json!([{"id": 0}, {"id": 1}])),
        [r#"/[id=2] Removed {"id":2} -"#, r#"/[id=0] Added - {"id":0}"#]
    );
    let object = |name: &str, replicas: u8| json!({"kind": "D/x", "metadata": {"name": name, "namespace": "n"}, "r": replicas});
    assert_eq!(
        told(
            json!([object("a", 1), object("b", 1)]),
            json!([object("a", 1), object("b", 2)])
        ),
        ["/[kind=D~1x,namespace=n,name=b]/r Changed 1 2"]
    );
    // A name that stands twice names nothing.
    assert_eq!(
        told(
            json!([{"name": "a", "v": 1}, {"name": "a", "v": 2}]),
            json!([{"name": "a", "v": 1}, {"name": "a", "v": 3}])
        ),
        ["/1/v Changed 2 3"]
    );
}

#[test]
fn an_insertion_moves_nothing_else() {
    assert_eq!(
        told(json!(["a", "b", "c"]), json!(["a", "x", "b", "c"])),
        ["/1 Added - x"]
    );
    assert_eq!(
        told(json!(["a", "b"]), json!(["a", {"b": 1}])),
        ["/1 Removed b -", r#"/1 Added - {"b":1}"#]
    );
}

#[test]
fn text_that_could_be_something_else_is_quoted() {
    assert_eq!(told(json!({"v": "1"}), json!({"v": 1})), [r#"/v Changed "1" 1"#]);
    assert_eq!(
        told(json!({"v": "yes"}), json!({"v": ""})),
        [r#"/v Changed "yes" """#]
    );
    assert_eq!(
        told(json!({"a/b~": null}), json!({"a/b~": false})),
        ["/a~1b~0 Changed null false"]
    );
}

#[test]
fn numbers_that_a_template_prints_differently_differ() {
    assert_eq!(told(json!(1), json!(1.0)), [" Changed 1 1.0"]);
    assert_eq!(told(json!(0.0), json!(-0.0)), [" Changed 0.0 -0.0"]);
}

#[test]
fn changes_beyond_the_bound_are_counted() {
    let limits = Limits {
        causes: 2,
        ..Limits::default()
    };
    let difference = compare(&json!({"a": 1, "b": 1, "c": 1}), &json!({}), &limits);
    assert_eq!((difference.changes.len(), difference.total), (2, 3));
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..4i64).prop_map(Value::from),
        "[ab]{0,2}".prop_map(Value::from),
        Just(json!(1.0)),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            collection::btree_map("name|key|a|b", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_differs_exactly_when_equal(left in value(), right in value()) {
        let limits = Limits::default();
        prop_assert!(compare(&left, &left, &limits).is_empty());
        // Numbers print as they are told apart.
        let printed = (left.to_string(), right.to_string());
        prop_assert_eq!(compare(&left, &right, &limits).is_empty(), printed.0 == printed.1);
        prop_assert_eq!(compare(&left, &right, &limits).is_empty(), compare(&right, &left, &limits).is_empty());
    }
}
