//! Other programs that are asked for the truth (tests/oracle), and what all tests that ask them need.

#![allow(dead_code, clippy::expect_used)]

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A number from the environment.
pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The oracle that a variable names. Without one it says aloud that the test is skipped: past the test harness, which keeps
/// what a passing test prints to itself.
pub fn named(variable: &str) -> Option<String> {
    let oracle = std::env::var(variable).ok();
    if oracle.is_none() {
        skipped(&format!(
            "{variable} names no oracle; tests/oracle/run.sh builds it"
        ));
    }
    oracle
}

/// Says aloud that a test did not test.
pub fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

/// Starts an oracle, hands it a question as JSON, and reads its answer.
pub fn ask<Q: Serialize, A: DeserializeOwned>(oracle: &str, question: &Q) -> A {
    let mut child = Command::new(oracle)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the oracle starts");
    let body = serde_json::to_vec(question).expect("a question");
    let mut stdin = child.stdin.take().expect("piped");
    // On a thread of its own: the oracle may answer before it has read everything.
    let writer = std::thread::spawn(move || stdin.write_all(&body).expect("the oracle reads"));
    let output = child.wait_with_output().expect("the oracle ends");
    writer.join().expect("written");
    serde_json::from_slice(&output.stdout).expect("JSON of the oracle")
}
