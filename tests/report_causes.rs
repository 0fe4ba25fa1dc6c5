//! docs/causes.md is whole: each code once, in a row of its own, with the words that sentences use and the fixtures that must
//! get it. And every code is given by an artifact that a real tool made.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use tagdrift::verdict::Code;

/// The codes that a fixture, `charts/docs`, must get.
fn demanded(fixture: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{fixture}/expect.json"));
    let text = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let expect: Value = serde_json::from_slice(&text).expect("expect.json is JSON");
    let codes = expect["mustInclude"].as_array().into_iter().flatten();
    codes
        .filter_map(|code| code.as_str().map(str::to_owned))
        .collect()
}

/// Codes that no artifact on disk can give, each with the reason.
const NEVER_GIVEN: [(&str, &str); 0] = [];

#[test]
fn every_code_is_given_by_an_artifact() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut given = BTreeSet::new();
    for family in ["charts", "images"] {
        for folder in std::fs::read_dir(root.join(family)).expect("fixtures").flatten() {
            given.extend(demanded(&format!(
                "{family}/{}",
                folder.file_name().to_string_lossy()
            )));
        }
    }
    given.extend(NEVER_GIVEN.iter().map(|(code, _)| (*code).to_owned()));
    let known: BTreeSet<String> = Code::ALL.iter().map(|code| code.word().to_owned()).collect();
    assert_eq!(given, known);
}

#[test]
fn every_code_is_explained_once() {
    let text = include_str!("../docs/causes.md");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|l| l.starts_with("| `"))
        .map(|l| l.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    for code in Code::ALL {
        let name = format!("`{code}`");
        let found: Vec<_> = rows
            .iter()
            .filter(|r| r.first() == Some(&name.as_str()))
            .collect();
        assert_eq!(found.len(), 1, "{code} stands in {} rows", found.len());
        for row in found {
            assert_eq!(row.len(), 7, "{code}: {row:?}");
            assert!(row.iter().all(|cell| !cell.is_empty()), "{code}: {row:?}");
            assert!(
                row.contains(&code.phrase()),
                "{code} is said as {:?}",
                code.phrase()
            );
            for fixture in row.iter().rev().take(1).flat_map(|cell| cell.split(", ")) {
                let demanded = demanded(fixture.trim_matches('`'));
                assert!(
                    demanded.contains(code.word()),
                    "{code} is not demanded by {fixture}"
                );
            }
        }
    }
    assert_eq!(
        rows.len(),
        Code::ALL.len(),
        "a row names a code that does not exist"
    );
}
