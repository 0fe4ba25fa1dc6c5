//! Many digests of a tag: which share a content, which files vary, and that nothing is read twice.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "support/store.rs"]
mod store;

use std::path::Path;

use serde_json::{Value, json};
use store::{Member, Store, gzip, tar_of};
use tagdrift::compare::job::{Entry, Job, Options, Start, What};
use tagdrift::limits::Limits;
use tagdrift::oci::Digest;
use tagdrift::report::matrix::{self, Builder, Matrix, Variant};
use tagdrift::verdict::Level;

/// The matrix, and everything that was asked for on the way.
fn matrix_of(store: &Store, digests: &[Digest]) -> (Matrix, Vec<What>) {
    let mut builder = Builder::new(digests.to_vec(), Limits::default());
    let mut asked = Vec::new();
    let mut memory: Option<Job> = None;
    while let Some((older, newer)) = builder.wants() {
        let start = |d: &Digest| Start {
            name: d.to_string(),
            entry: Entry::Manifest(d.to_string()),
        };
        let mut job = Job::new(
            start(&older),
            start(&newer),
            Options::default(),
            Limits::default(),
        );
        if let Some(memory) = &memory {
            job.remember(memory);
        }
        asked.extend(store.feed(&mut job));
        builder.take(&job.evidence());
        memory = Some(job);
    }
    (builder.finish(None), asked)
}

fn names(asked: &[What]) -> Vec<String> {
    let mut names: Vec<String> = asked
        .iter()
        .map(|what| match what {
            What::Document { name } => name.clone(),
            What::Blob { descriptor, .. } => descriptor.digest.to_string(),
        })
        .collect();
    names.sort();
    names
}

fn chart(values: &str, more: &[Member], level: u32, mtime: u32) -> Vec<u8> {
    let mut members = vec![
        Member::file("tide/Chart.yaml", "apiVersion: v2\nname: tide\nversion: 1.0.0\n"),
        Member::file("tide/values.yaml", values),
    ];
    members.extend(more.iter().cloned());
    gzip(&tar_of(&members), level, mtime)
}

fn numbers(matrix: &Matrix) -> Vec<usize> {
    matrix.digests.iter().map(|d| d.content).collect()
}

#[test]
fn digests_of_one_content_stand_together() {
    let mut store = Store::default();
    let digests = [
        store.chart(chart("replicas: 1\n", &[], 9, 0), "2024-05-04T10:00:00Z"),
        store.chart(chart("replicas: 2\n", &[], 9, 0), "2024-05-03T10:00:00Z"),
        store.chart(chart("replicas: 1\n", &[], 1, 7), "2024-05-02T10:00:00Z"),
        store.chart(
            chart(
                "replicas: 2\n",
                &[Member::file("tide/crds/x.yaml", "a: 1\n")],
                9,
                0,
            ),
            "2024-05-01T10:00:00Z",
        ),
    ];
    let (matrix, asked) = matrix_of(&store, &digests);
    assert_eq!(numbers(&matrix), [1, 2, 1, 3]);
    assert_eq!(matrix.headline(), "4 digests, 3 distinct contents");
    assert_eq!(matrix.level(), Level::Changed);
    let levels: Vec<_> = matrix.contents.iter().map(|c| c.level).collect();
    assert_eq!(levels[..2], [None, Some(Level::Changed)]);
    let contents: Vec<_> = matrix
        .contents
        .iter()
        .map(|c| c.content_digest.clone().unwrap())
        .collect();
    assert!(contents[0] != contents[1] && contents[1] != contents[2]);

    let present = |i: usize, n: usize| !matches!(matrix.files[i].variants[n], Variant::Absent);
    let paths: Vec<_> = matrix.files.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(paths, ["crds/x.yaml", "values.yaml"]);
    assert_eq!(
        [present(0, 0), present(0, 1), present(0, 2)],
        [false, false, true]
    );
    let values = &matrix.files[1].variants;
    assert!(values[0] != values[1] && values[1] == values[2], "{values:?}");

    let mut once = names(&asked);
    once.dedup();
    assert_eq!(once, names(&asked), "nothing is read twice");
}

#[test]
fn what_cannot_be_read_is_no_content_of_its_own() {
    let mut store = Store::default();
    let there = store.chart(chart("a: 1\n", &[], 9, 0), "2024-05-04T10:00:00Z");
    let again = store.chart(chart("a: 1\n", &[], 1, 0), "2024-05-03T10:00:00Z");
    let gone = Digest::sha256(b"gone");
    let (matrix, asked) = matrix_of(&store, &[there, gone, again]);
    assert_eq!(numbers(&matrix), [1, 2, 1]);
    assert_eq!(
        matrix.headline(),
        "3 digests, 1 distinct content, 1 more that cannot be told apart or proven equal"
    );
    assert_eq!(matrix.level(), Level::Unknown);
    assert_eq!(matrix.contents[1].unread[0].why, "not in the store");
    let mut once = names(&asked);
    once.dedup();
    assert_eq!(once, names(&asked), "also what failed is asked for once");
}

#[test]
fn a_lone_digest_has_its_content_digest() {
    let mut store = Store::default();
    let only = store.chart(chart("a: 1\n", &[], 9, 0), "2024-05-04T10:00:00Z");
    let (matrix, _) = matrix_of(&store, &[only]);
    assert_eq!(matrix.headline(), "1 digest, 1 distinct content");
    assert!(matrix.contents[0].content_digest.is_some());
    assert_eq!(matrix.level(), Level::Identical);
}

#[test]
fn images_share_the_layers_they_share() {
    let mut store = Store::default();
    let base = gzip(&tar_of(&[Member::file("etc/base", "base")]), 9, 0);
    let top = |text: &str, level| {
        gzip(
            &tar_of(&[Member::folder("app/"), Member::file("app/run", text)]),
            level,
            0,
        )
    };
    let digests = [
        store.image(
            vec![base.clone(), top("one", 9)],
            json!({}),
            "2024-05-03T10:00:00Z",
        ),
        store.image(
            vec![base.clone(), top("one", 1)],
            json!({}),
            "2024-05-02T10:00:00Z",
        ),
        store.image(
            vec![base.clone(), top("two", 9)],
            json!({}),
            "2024-05-01T10:00:00Z",
        ),
    ];
    let (matrix, asked) = matrix_of(&store, &digests);
    assert_eq!(numbers(&matrix), [1, 1, 2]);
    let paths: Vec<_> = matrix.files.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(paths, ["app/run"]);
    let base = Digest::sha256(&base).to_string();
    assert!(
        !names(&asked).contains(&base),
        "a layer that all share is not read"
    );
}

/// The demonstration's charts and images: the contents are told, and equal digests by pairs agree.
#[test]
fn the_samples_agree_with_their_comparisons() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/demo");
    for layout in ["charts/beacon", "charts/tide-operator"] {
        let folder = root.join(layout);
        let (store, _) = Store::of_layout(&folder);
        let index: Value =
            serde_json::from_slice(&std::fs::read(folder.join("index.json")).unwrap()).unwrap();
        let digests: Vec<Digest> = index["manifests"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|m| {
                let name = m["annotations"]["org.opencontainers.image.ref.name"].as_str();
                name.is_none_or(|name| !name.starts_with("sha256-"))
            })
            .map(|m| m["digest"].as_str().unwrap().parse().unwrap())
            .rev()
            .collect();
        let (matrix, _) = matrix_of(&store, &digests);
        for (i, a) in digests.iter().enumerate() {
            for (j, b) in digests.iter().enumerate() {
                let level = store.compare(b, a).verdict.level;
                let same = matches!(level, Level::Identical | Level::Repackaged);
                let together = matrix.digests[i].content == matrix.digests[j].content;
                assert_eq!(same, together, "{layout}: {b} → {a} is {level:?}");
            }
        }
        let text = matrix::text(&matrix, false);
        assert!(text.starts_with(&format!("{}\n", matrix.headline())), "{text}");
    }
}
