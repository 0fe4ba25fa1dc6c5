//! An image by `docker save` against the same image in a registry: the archive has no manifest of its own, so the one
//! that is made up for it says nothing.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(dead_code)]

#[path = "support/store.rs"]
mod store;

use serde_json::json;
use store::{Member, Store, gzip, tar_of};
use tagdrift::compare::job::{Entry, Job, Options, Start};
use tagdrift::limits::Limits;
use tagdrift::oci::{Digest, media_type};
use tagdrift::report::{self, Comparison};
use tagdrift::verdict::{Level, Stage};

/// The image as a registry has it (gzip, annotations) and as an archive of `docker save` is read (plain tar).
fn both(store: &mut Store, pushed: &str, saved: &str) -> (Digest, Digest) {
    let tar = |text: &str| tar_of(&[Member::folder("app/"), Member::file("app/run", text)]);
    let config = json!({"architecture": "amd64", "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [Digest::sha256(&tar(saved)).to_string()]}});
    let config_as = |store: &mut Store, of: &str| store.blob(config.to_string().into_bytes(), of);
    let (oci, docker) = (
        config_as(store, media_type::OCI_CONFIG),
        config_as(store, media_type::DOCKER_CONFIG),
    );
    let layer = store.blob(
        gzip(&tar(pushed), 9, 0),
        "application/vnd.oci.image.layer.v1.tar+gzip",
    );
    let registry = store.manifest(&json!({"schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
        "config": oci, "layers": [layer], "annotations": {"org.opencontainers.image.revision": "abc"}}));
    let layer = store.blob(tar(saved), "application/vnd.docker.image.rootfs.diff.tar");
    let archive = store.manifest(
        &json!({"schemaVersion": 2, "mediaType": media_type::DOCKER_MANIFEST,
        "config": docker, "layers": [layer]}),
    );
    (registry, archive)
}

fn compare(store: &Store, left: &Digest, right: &Digest, made_up: bool) -> Comparison {
    let right = right.to_string();
    let entry = match made_up {
        true => Entry::MadeUp(right.clone()),
        false => Entry::Manifest(right.clone()),
    };
    let left = Start {
        name: left.to_string(),
        entry: Entry::Manifest(left.to_string()),
    };
    let mut job = Job::new(
        left,
        Start { name: right, entry },
        Options::default(),
        Limits::default(),
    );
    store.feed(&mut job);
    report::comparison(&job.evidence(), None, &Limits::default())
}

fn codes(comparison: &Comparison) -> Vec<&str> {
    comparison.causes.iter().map(|c| c.code.word()).collect()
}

#[test]
fn a_made_up_manifest_claims_no_difference() {
    let mut store = Store::default();
    let (registry, archive) = both(&mut store, "one", "one");
    let comparison = compare(&store, &registry, &archive, true);
    assert_eq!(comparison.verdict.level, Level::Repackaged);
    assert_eq!(codes(&comparison), ["compression.stream"]);
    assert!(comparison.causes.iter().all(|c| c.stage != Stage::Manifest));
    let said = "The right manifest was made up for an archive that has none: config and layers are compared, other fields of the manifests are not.";
    assert!(
        comparison.notes.iter().any(|n| n.text == said),
        "{:?}",
        comparison.notes
    );
    // Pushed as it is, the same manifest is somebody's word.
    let pushed = compare(&store, &registry, &archive, false);
    assert!(
        codes(&pushed).contains(&"manifest.media-type"),
        "{:?}",
        codes(&pushed)
    );
    assert!(
        codes(&pushed).contains(&"layer.media-type"),
        "{:?}",
        codes(&pushed)
    );
}

#[test]
fn another_file_behind_a_made_up_manifest_is_a_change() {
    let mut store = Store::default();
    let (registry, archive) = both(&mut store, "one", "two");
    let comparison = compare(&store, &registry, &archive, true);
    assert_eq!(comparison.verdict.level, Level::Changed);
    assert!(
        codes(&comparison).contains(&"file.bytes"),
        "{:?}",
        codes(&comparison)
    );
}
