//! Mutated YAML, read here and by the reader that Helm uses: where no doubt is raised, both must agree.
//!
//! The other reader is a small Go program (tests/oracle); `tests/oracle/run.sh` builds it and runs this test.
//! Without it the test says that it was skipped.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]

use std::env;

use serde_json::Value;
use tagdrift::{compare::yaml, limits::Limits};

#[path = "mutation/mod.rs"]
mod mutation;
#[path = "support/oracle.rs"]
mod oracle;

use mutation::Random;

const SEEDS: &[&str] = &[
    include_str!("mutation/values.yaml"),
    "a: |\n  text\n\n  more\nb: >-\n  x\n   y\n\n  z\nc: |+\n  k\n\n",
    "x: &x {a: 1, b: [1, 2]}\ny: *x\nz:\n  <<: *x\n  c: 3\n",
    "- a\n- - b\n  - c\n-\n  d: e\n- {f: g, \"h\": i}\n- [j, 'k']\n",
    "a: 'it''s'\nb: \"x\\n\\ty\"\nc: two\n  lines\n\n  here\nd: \"a\n  b\"\n",
    "---\na: 1\n---\nb: 2\n...\n# end\n",
    "a: # none\nb: ~ # null\n# own line\nc: x#y\n",
    "? a\n: b\n!!str c: !!int \"12\"\n",
    "a: http://x:80/y\nb: [x:y, -1, - ]\nc: {d, e: }\n'f g': \"h\"\n",
];

fn agree(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || {
                let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
                (a - b).abs() <= a.abs() * 1e-15
            }
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| agree(v, w)))
        }
        _ => left == right,
    }
}

#[test]
fn readers_agree_or_doubt() {
    let Some(program) = oracle::named("TAGDRIFT_YAML_ORACLE") else {
        return;
    };
    let seed = oracle::number("TAGDRIFT_SEED").unwrap_or(1);
    let cases = oracle::number("TAGDRIFT_CASES").unwrap_or(20_000);
    eprintln!("seed {seed}, {cases} cases");
    let mut random = Random::new(seed);
    let texts: Vec<String> = (0..cases)
        .map(|_| {
            let mut text = random.pick(SEEDS).to_string();
            for _ in 0..=random.below(3) {
                text = random.mutate_structure(&text);
            }
            text
        })
        .collect();
    let limits = Limits::default();
    let (mut exact, mut doubtful, mut refused, mut both) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    let answers: Vec<Value> = oracle::ask(&program, &texts);
    for (text, answer) in texts.iter().zip(answers) {
        let read = match yaml::read_text(text, &limits) {
            Ok(read) => read,
            Err(fault) => {
                refused += 1;
                both += usize::from(answer.get("error").is_some());
                if env::var_os("TAGDRIFT_SHOW_REFUSED").is_some() && answer.get("error").is_none() {
                    eprintln!("REFUSED {text:?}\n  here  {fault}\n  there {answer}");
                }
                continue;
            }
        };
        if !read.doubts.is_empty() {
            doubtful += 1;
            continue;
        }
        exact += 1;
        let ours = read.documents.first().map_or(&Value::Null, |d| &d.value);
        let agreed = match answer.get("json") {
            Some(json) => agree(ours, &serde_json::from_str(json.as_str().unwrap()).unwrap()),
            None => false,
        };
        if !agreed {
            wrong.push(format!("{text:?}\n  here  {ours}\n  there {answer}"));
        }
    }
    eprintln!("{exact} exact, {doubtful} doubtful, {refused} refused here ({both} there as well)");
    wrong.sort_by_key(String::len);
    wrong.truncate(40);
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
