//! docs/cli.md is true: its examples print what it says, and it names the options that exist.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::process::Command;

const DOCS: &str = include_str!("../docs/cli.md");

fn run(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tagdrift"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("TAGDRIFT_CACHE", "")
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// `--name` in a text, without what follows it.
fn options(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(|word| {
            word.strip_prefix("--")
                .is_some_and(|name| name.starts_with(char::is_alphabetic))
        })
        .map(str::to_owned)
        .collect()
}

/// Lines of the fenced blocks that a shell is shown in.
fn examples() -> Vec<(String, Vec<String>)> {
    let blocks = DOCS.split("```console\n$ ").skip(1);
    blocks
        .map(|block| {
            let mut lines = block.split("\n```").next().unwrap().lines().map(str::to_owned);
            (lines.next().unwrap(), lines.collect())
        })
        .collect()
}

#[test]
fn the_examples_print_what_they_say() {
    let examples = examples();
    assert_eq!(examples.len(), 2);
    for (command, said) in examples {
        let arguments: Vec<&str> = command.split(' ').skip(1).collect();
        let printed = run(&arguments);
        let printed: Vec<&str> = printed.lines().collect();
        let shown: Vec<&str> = said
            .iter()
            .map(String::as_str)
            .take_while(|l| *l != "…")
            .collect();
        assert_eq!(printed[..shown.len()], shown, "{command}");
    }
}

#[test]
fn it_names_the_options_that_exist() {
    let mut exist = options(&run(&["--help"]));
    for command in ["compare", "history", "tags", "demo", "serve"] {
        let help = run(&[command, "--help"]);
        exist.extend(options(&help));
        assert!(
            DOCS.contains(&format!("`tagdrift {command}")),
            "{command} is not explained"
        );
    }
    let named = options(DOCS);
    let unknown: Vec<_> = named.difference(&exist).collect();
    assert!(unknown.is_empty(), "the docs name {unknown:?}");
    for command in ["compare", "history", "tags"] {
        let missing: Vec<_> = options(&run(&[command, "--help"]))
            .into_iter()
            .filter(|o| !named.contains(o) && o != "--version")
            .collect();
        assert!(
            missing.is_empty(),
            "{command} takes {missing:?}, which the docs do not name"
        );
    }
}
