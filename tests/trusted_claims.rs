//! `--trust-diff-ids`: what both sides claim of a layer counts only where the user says so.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "support/store.rs"]
mod store;

use serde_json::{Value, json};
use store::{Member, Store, gzip, tar_of};
use tagdrift::compare::job::{Entry, Job, Options, Start, What};
use tagdrift::limits::Limits;
use tagdrift::oci::{Digest, media_type};
use tagdrift::report::{self, Comparison};
use tagdrift::verdict::{Level, Proven};

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// An image of layers with the diffIDs that its config is to claim.
fn image(store: &mut Store, layers: &[(Vec<u8>, Digest)], created: &str) -> Digest {
    let ids: Vec<String> = layers.iter().map(|(_, id)| id.to_string()).collect();
    let config = json!({"architecture": "amd64", "os": "linux", "created": created,
        "rootfs": {"type": "layers", "diff_ids": ids}});
    let config = store.blob(config.to_string().into_bytes(), media_type::OCI_CONFIG);
    let layers: Vec<Value> = layers
        .iter()
        .map(|(bytes, _)| store.blob(bytes.clone(), LAYER))
        .collect();
    store.manifest(&json!({"schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
        "config": config, "layers": layers}))
}

fn compare(store: &Store, left: &Digest, right: &Digest, trust_diff_ids: bool) -> (Comparison, usize) {
    let start = |d: &Digest| Start {
        name: d.to_string(),
        entry: Entry::Manifest(d.to_string()),
    };
    let options = Options {
        trust_diff_ids,
        ..Options::default()
    };
    let mut job = Job::new(start(left), start(right), options, Limits::default());
    let asked = store.feed(&mut job);
    assert!(job.is_done());
    let layers = asked.iter().filter(|what| match what {
        What::Blob { descriptor, .. } => descriptor.media_type == LAYER,
        What::Document { .. } => false,
    });
    (
        report::comparison(&job.evidence(), None, &Limits::default()),
        layers.count(),
    )
}

fn tar(text: &str) -> Vec<u8> {
    tar_of(&[Member::folder("app/"), Member::file("app/run", text)])
}

fn notes(comparison: &Comparison) -> bool {
    comparison
        .notes
        .iter()
        .any(|n| n.text.contains("--trust-diff-ids"))
}

#[test]
fn recompressed_layers_are_not_read_when_their_claims_count() {
    let mut store = Store::default();
    let (one, two) = (tar("one"), tar("two"));
    let packed = |tar: &[u8], level| (gzip(tar, level, 0), Digest::sha256(tar));
    let left = image(
        &mut store,
        &[packed(&one, 9), packed(&two, 9)],
        "2024-05-01T10:00:00Z",
    );
    let right = image(
        &mut store,
        &[packed(&one, 1), packed(&two, 1)],
        "2024-05-02T10:00:00Z",
    );
    let (proven, read) = compare(&store, &left, &right, false);
    assert_eq!(
        (proven.verdict.level, read, notes(&proven)),
        (Level::Repackaged, 4, false)
    );
    let (trusted, read) = compare(&store, &left, &right, true);
    assert_eq!(
        (trusted.verdict.level, read, notes(&trusted)),
        (Level::Repackaged, 0, true)
    );
    assert_eq!(trusted.verdict.proven_equal, Proven::Uncompressed);
    let rung = trusted
        .ladder
        .iter()
        .find(|r| r.rung == Proven::Uncompressed)
        .unwrap();
    assert_eq!(
        rung.left,
        format!("{} {}", Digest::sha256(&one), Digest::sha256(&two))
    );
    assert_eq!((rung.equal, &rung.left), (Some(true), &rung.right));
}

#[test]
fn other_claims_are_read() {
    let mut store = Store::default();
    let packed = |text: &str| (gzip(&tar(text), 9, 0), Digest::sha256(&tar(text)));
    let left = image(&mut store, &[packed("one")], "2024-05-01T10:00:00Z");
    let right = image(&mut store, &[packed("two")], "2024-05-01T10:00:00Z");
    let (comparison, read) = compare(&store, &left, &right, true);
    assert_eq!(
        (comparison.verdict.level, read, notes(&comparison)),
        (Level::Changed, 2, false)
    );
    // Too few ids claim nothing.
    let short = image(&mut store, &[], "2024-05-01T10:00:00Z");
    assert_eq!(
        compare(&store, &left, &short, true).0.verdict.level,
        Level::Changed
    );
}

#[test]
fn a_false_claim_is_found_by_reading() {
    let mut store = Store::default();
    let truth = Digest::sha256(&tar("one"));
    let left = image(
        &mut store,
        &[(gzip(&tar("one"), 9, 0), truth.clone())],
        "2024-05-01T10:00:00Z",
    );
    let right = image(
        &mut store,
        &[(gzip(&tar("two"), 9, 0), truth)],
        "2024-05-01T10:00:00Z",
    );
    let (comparison, _) = compare(&store, &left, &right, false);
    assert!(!comparison.verdict.level.is_no(), "{:?}", comparison.verdict);
    let (trusting, _) = compare(&store, &left, &right, true);
    assert!(notes(&trusting), "who trusts is told that he does");
}

#[test]
fn oras_annotations_claim_likewise() {
    let mut store = Store::default();
    let bytes = tar("one");
    let mut artifact = |level| {
        let config = store.blob(b"{}".to_vec(), "application/vnd.oci.empty.v1+json");
        let mut layer = store.blob(gzip(&bytes, level, 0), LAYER);
        layer["annotations"] = json!({"org.opencontainers.image.title": "app",
            "io.deis.oras.content.digest": Digest::sha256(&bytes).to_string(),
            "io.deis.oras.content.unpack": "true"});
        store.manifest(&json!({"schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
            "artifactType": "application/vnd.example.app", "config": config, "layers": [layer]}))
    };
    let (left, right) = (artifact(9), artifact(1));
    let (proven, read) = compare(&store, &left, &right, false);
    assert_eq!((proven.verdict.level, read), (Level::Repackaged, 2));
    let (trusted, read) = compare(&store, &left, &right, true);
    assert_eq!(
        (trusted.verdict.level, read, notes(&trusted)),
        (Level::Repackaged, 0, true)
    );
}
