//! Every pair of artifacts in tests/fixtures gets the verdict it deserves, with the causes it must name and
//! without those it must not. `TAGDRIFT_CORPUS` names another folder of such pairs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

#[path = "support/store.rs"]
mod store;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use store::Store;
use tagdrift::report::Comparison;

fn folders() -> Vec<PathBuf> {
    let roots = match std::env::var_os("TAGDRIFT_CORPUS") {
        Some(root) => vec![PathBuf::from(root)],
        None => {
            let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
            vec![fixtures.join("charts"), fixtures.join("images")]
        }
    };
    let mut folders: Vec<PathBuf> = roots
        .iter()
        .flat_map(|root| std::fs::read_dir(root).into_iter().flatten().flatten())
        .map(|entry| entry.path())
        .filter(|path| path.join("expect.json").is_file())
        .collect();
    folders.sort();
    folders
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

/// What the program says about the two tags of a layout.
fn by_program(layout: &Path) -> Comparison {
    let side = |tag: &str| format!("{}:{tag}", layout.display());
    let output = Command::new(env!("CARGO_BIN_EXE_tagdrift"))
        .env("TAGDRIFT_CACHE", "")
        .args(["compare", &side("left"), &side("right"), "--format", "json"])
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{}: {e}: {said}", layout.display()))
}

/// What is wrong with the verdict of one pair.
fn complaints(folder: &Path) -> Vec<String> {
    let expect: Value = serde_json::from_slice(&std::fs::read(folder.join("expect.json")).unwrap())
        .expect("expect.json is JSON");
    let (store, tags) = Store::of_layout(&folder.join("layout"));
    // Signatures stand beside what they sign: the program looks for them.
    let comparison = match tags.keys().any(|tag| tag.starts_with("sha256-")) {
        true => by_program(&folder.join("layout")),
        false => store.compare(&tags["left"], &tags["right"]),
    };
    let codes: Vec<&str> = comparison.causes.iter().map(|c| c.code.word()).collect();
    let level = comparison.verdict.level.word();
    let mut wrong = Vec::new();
    if !texts(&expect["level"]).iter().any(|l| l == level) {
        wrong.push(format!(
            "level {level}, wanted {}; causes {codes:?}; unread {:?}",
            expect["level"], comparison.unread
        ));
    }
    // Equal content digests say "the same content" to whoever keeps them.
    let content = [&comparison.left, &comparison.right].map(|side| side.content_digest.clone());
    if comparison.left.kind == "image"
        && content[0].is_some()
        && content[0] == content[1]
        && !comparison.verdict.level.is_no()
    {
        wrong.push(format!("level {level}, with equal content digests"));
    }
    for key in ["mustInclude", "must_include"] {
        for code in texts(&expect[key])
            .iter()
            .filter(|c| !codes.contains(&c.as_str()))
        {
            wrong.push(format!("no {code} among {codes:?}"));
        }
    }
    for key in ["mustNotInclude", "must_not_include"] {
        for code in texts(&expect[key]).iter().filter(|c| codes.contains(&c.as_str())) {
            wrong.push(format!("{code} is wrong here"));
        }
    }
    wrong
}

#[test]
fn every_pair_gets_its_verdict() {
    let folders = folders();
    assert!(!folders.is_empty(), "there are no pairs to judge");
    let mut wrong = Vec::new();
    for folder in &folders {
        let name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        wrong.extend(complaints(folder).into_iter().map(|c| format!("{name}: {c}")));
    }
    println!("{} pairs", folders.len());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
