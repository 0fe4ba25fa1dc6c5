//! The JSON is what the published schema says, key by key.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod report_sample;

use proptest::prelude::*;
use report_sample::{HOSTILE, breaking, flooded, repackaged, snapshot, unknown};
use serde_json::{Value, json};
use tagdrift::report::json::{read, write};
use tagdrift::verdict::Code;

fn schema() -> Value {
    serde_json::from_str(include_str!("../docs/schema/comparison-1.json")).unwrap()
}

/// The part of JSON Schema 2020-12 that ours uses, and one thing more: a key that the schema does not describe is
/// an error here, so that nothing is published undocumented.
fn validate(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (keyword, rule) in schema.as_object().unwrap() {
        let right = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "examples" => true,
            "$ref" => {
                let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
                validate(root, root.pointer(pointer).unwrap(), value, at)?;
                true
            }
            "const" => value == rule,
            "enum" => rule.as_array().unwrap().contains(value),
            "anyOf" => rule
                .as_array()
                .unwrap()
                .iter()
                .any(|s| validate(root, s, value, at).is_ok()),
            "type" => match rule {
                Value::Array(types) => types.iter().any(|t| is(t.as_str().unwrap(), value)),
                one => is(one.as_str().unwrap(), value),
            },
            "minimum" => value.as_f64().unwrap() >= rule.as_f64().unwrap(),
            "maximum" => value.as_f64().unwrap() <= rule.as_f64().unwrap(),
            // Stands for codes that are still to come; ours are all named.
            "pattern" => false,
            "required" => rule
                .as_array()
                .unwrap()
                .iter()
                .all(|k| value.get(k.as_str().unwrap()).is_some()),
            "properties" => {
                for (key, inner) in value.as_object().unwrap() {
                    let rule = rule
                        .get(key)
                        .ok_or_else(|| format!("{at}/{key} is not described"))?;
                    validate(root, rule, inner, &format!("{at}/{key}"))?;
                }
                true
            }
            "items" => {
                for (i, inner) in value.as_array().unwrap().iter().enumerate() {
                    validate(root, rule, inner, &format!("{at}/{i}"))?;
                }
                true
            }
            other => panic!("the validator does not know {other}"),
        };
        if !right {
            return Err(format!("{at}: {value} against {keyword}: {rule}"));
        }
    }
    Ok(())
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the validator does not know the type {other}"),
    }
}

#[test]
fn what_is_written_is_valid_and_reads_back() {
    let schema = schema();
    snapshot("breaking.json", &write(&breaking()).unwrap());
    for comparison in [breaking(), repackaged(), unknown(), flooded("x\u{202e}\n\"", 9)] {
        let text = write(&comparison).unwrap();
        assert!(text.ends_with("\n}\n") && text.starts_with("{\n  \"schema\": \"tagdrift/comparison/1\",\n"));
        let value: Value = serde_json::from_str(&text).unwrap();
        validate(&schema, &schema, &value, "").unwrap();
        assert_eq!(read(&text).unwrap(), comparison);
    }
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let schema = schema();
    let good: Value = serde_json::from_str(&write(&breaking()).unwrap()).unwrap();
    for (pointer, wrong, message) in [
        (
            "/schema",
            json!("tagdrift/comparison/2"),
            "/schema: \"tagdrift/comparison/2\" against const: \"tagdrift/comparison/1\"",
        ),
        (
            "/verdict/level",
            json!("fine"),
            "/verdict/level: \"fine\" against enum: ",
        ),
        (
            "/causes/0/severity",
            json!(5),
            "/causes/0/severity: 5 against maximum: 4",
        ),
        (
            "/left/contentDigest",
            json!(1),
            "/left/contentDigest: 1 against type: ",
        ),
        ("/files/0", json!({}), "/files/0: {} against required: "),
        ("/unread", json!({}), "/unread: {} against type: \"array\""),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = wrong;
        let said = validate(&schema, &schema, &bad, "").unwrap_err();
        assert!(said.starts_with(message), "{said}");
    }
}

#[test]
fn the_schema_names_every_code() {
    let named = schema()["$defs"]["cause"]["properties"]["code"]["anyOf"][0]["enum"].clone();
    let ours: Vec<&str> = Code::ALL.iter().map(|c| c.word()).collect();
    assert_eq!(named, json!(ours));
}

#[test]
fn another_schema_is_not_read() {
    let text = write(&breaking())
        .unwrap()
        .replace("comparison/1", "comparison/9");
    assert_eq!(
        read(&text).unwrap_err().message,
        "the schema is \"tagdrift/comparison/9\"; this reads \"tagdrift/comparison/1\""
    );
    assert_eq!(
        read("{").unwrap_err().message,
        "no comparison: EOF while parsing an object at line 1 column 1"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives(parts in prop::collection::vec(prop::sample::select(HOSTILE), 0..9), noise in any::<String>()) {
        let comparison = flooded(&format!("{}{noise}", parts.concat()), 2);
        prop_assert_eq!(read(&write(&comparison).unwrap()).unwrap(), comparison);
    }
}
