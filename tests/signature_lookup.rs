//! `signature.lost`: what the program makes of what a registry says about signatures, over sockets.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[allow(dead_code)]
#[path = "support/scripted.rs"]
mod scripted;
#[path = "support/store.rs"]
mod store;

use std::process::Command;

use scripted::{Act, Asked, Scripted};
use serde_json::Value;
use store::{Member, Store, gzip, tar_of};
use tagdrift::oci::Digest;

/// A registry of two charts of one content; `signed` have a cosign tag, and referrers answer `referrers`.
async fn registry(signed: &'static [usize], referrers: u16) -> (Scripted, [Digest; 2]) {
    let mut store = Store::default();
    let tgz = |mtime| {
        let members = [Member::file(
            "tide/Chart.yaml",
            "apiVersion: v2\nname: tide\nversion: 1.0.0\n",
        )];
        gzip(&tar_of(&members), 9, mtime)
    };
    let digests = [
        store.chart(tgz(1), "2024-05-01T10:00:00Z"),
        store.chart(tgz(2), "2024-05-02T10:00:00Z"),
    ];
    let known = digests.clone();
    let play = move |asked: &Asked, _| {
        let name = asked.path.rsplit('/').next().unwrap().to_owned();
        if let Some(hex) = name.strip_prefix("sha256-").and_then(|n| n.strip_suffix(".sig")) {
            let at = known.iter().position(|d| d.hex() == hex).unwrap();
            return Act::reply(if signed.contains(&at) { 200 } else { 404 }, "");
        }
        if asked.path.contains("/referrers/") {
            let empty = r#"{"schemaVersion":2,"manifests":[]}"#;
            return Act::reply(referrers, if referrers == 200 { empty } else { "" });
        }
        match name.parse::<Digest>().ok().and_then(|d| store.blobs.get(&d)) {
            Some(bytes) => Act::reply(200, bytes.clone()),
            None => Act::reply(404, ""),
        }
    };
    (Scripted::play(play).await, digests)
}

async fn compare(signed: &'static [usize], referrers: u16) -> Value {
    let (registry, [left, right]) = registry(signed, referrers).await;
    let side = |d: &Digest| format!("{}/charts/tide@{d}", registry.host());
    let (left, right) = (side(&left), side(&right));
    let done = tokio::task::spawn_blocking(move || {
        Command::new(env!("CARGO_BIN_EXE_tagdrift"))
            .env("TAGDRIFT_CACHE", "")
            .args(["compare", &left, &right, "--format", "json"])
            .output()
            .unwrap()
    })
    .await
    .unwrap();
    assert_eq!(
        done.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    serde_json::from_slice(&done.stdout).unwrap()
}

/// Level, whether the cause is there with its severity, what the note says.
fn told(comparison: &Value) -> (String, Option<u64>, String) {
    let causes = comparison["causes"].as_array().unwrap();
    let lost = causes.iter().find(|c| c["code"] == "signature.lost");
    let notes = comparison["notes"].as_array().unwrap();
    let note = notes.iter().find(|n| n["topic"] == "signature");
    (
        comparison["verdict"]["level"].as_str().unwrap().to_owned(),
        lost.map(|c| c["severity"].as_u64().unwrap()),
        note.map_or(String::new(), |n| n["text"].as_str().unwrap().to_owned()),
    )
}

#[tokio::test]
async fn a_lost_signature_is_told_and_changes_no_level() {
    let repackaged = "repackaged".to_owned();
    assert_eq!(
        told(&compare(&[0], 200).await),
        (repackaged.clone(), Some(4), String::new())
    );
    assert_eq!(
        told(&compare(&[], 200).await),
        (
            repackaged.clone(),
            None,
            "Neither digest is signed in this registry.".to_owned()
        )
    );
    let both = told(&compare(&[0, 1], 200).await);
    assert!(
        both.1.is_none()
            && both
                .2
                .starts_with("The registry has a signature of either digest.")
    );
}

#[tokio::test]
async fn a_registry_that_does_not_say_is_no_unsigned_one() {
    // 403 is no "not there": nothing is said of the right digest, so nothing was lost.
    assert_eq!(
        told(&compare(&[0], 403).await),
        ("repackaged".to_owned(), None, String::new())
    );
    // A registry without the API: its referrers' tag is not there, so there are none.
    assert_eq!(told(&compare(&[0], 404).await).1, Some(4));
}
