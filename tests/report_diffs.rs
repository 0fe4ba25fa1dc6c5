//! The diffs that Markdown and HTML reports carry are those of the bytes that were compared.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

#[path = "support/store.rs"]
mod store;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use store::{Member, Store, gzip, tar_of};
use tagdrift::archive::{BlobReader, Content};
use tagdrift::compare::job::{Entry, Job, Options, Start};
use tagdrift::limits::Limits;
use tagdrift::oci::{Digest, media_type};
use tagdrift::report::{self, html, markdown};
use tagdrift::verdict::{Contents, FileRow};

/// The comparison as Markdown, and the diffs in it.
fn compare(store: &Store, left: &Digest, right: &Digest, most: usize) -> (String, Vec<(String, String)>) {
    let limits = Limits::default();
    let start = |d: &Digest| Start {
        name: d.to_string(),
        entry: Entry::Manifest(d.to_string()),
    };
    let mut job = Job::new(start(left), start(right), Options::default(), limits.clone());
    store.feed(&mut job);
    let evidence = job.evidence();
    let comparison = report::comparison(&evidence, None, &limits);
    let contents = Contents::new(&evidence, &limits);
    let diffs = report::diffs(&comparison, &contents, &limits, most);
    let options = markdown::MarkdownOptions {
        diffs: &diffs,
        ..Default::default()
    };
    let page = html::write(
        &comparison,
        &html::HtmlOptions {
            diffs: &diffs,
            ..Default::default()
        },
    );
    for (path, _) in &diffs {
        assert!(page.contains(path.as_str()), "{path} is not in the page");
    }
    (markdown::write(&comparison, &options), diffs)
}

fn tgz(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut members = vec![Member::file(
        "tide/Chart.yaml",
        "apiVersion: v2\nname: tide\nversion: 1.0.0\n",
    )];
    members.extend(
        files
            .iter()
            .map(|(path, bytes)| Member::file(&format!("tide/{path}"), *bytes)),
    );
    gzip(&tar_of(&members), 9, 0)
}

fn diff<'d>(diffs: &'d [(String, String)], path: &str) -> &'d str {
    let found = diffs.iter().find(|(p, _)| p == path);
    found.map_or("none", |(_, diff)| diff)
}

#[test]
fn a_charts_text_files_have_diffs() {
    let mut store = Store::default();
    let old = tgz(&[
        ("README.md", b"one\n"),
        ("files/logo.png", b"\x89PNG\0old"),
        ("templates/gone.yaml", b"a: 1\n"),
        ("values.yaml", b"replicas: 1\nname: tide\n"),
    ]);
    let new = tgz(&[
        ("README.md", b"two\n"),
        ("files/logo.png", b"\x89PNG\0new"),
        ("templates/new.yaml", b"b: 2"),
        ("values.yaml", b"replicas: 2\nname: tide\n"),
    ]);
    let left = store.chart(old, "2024-05-01T10:00:00Z");
    let right = store.chart(new, "2024-05-01T10:00:00Z");
    let (text, diffs) = compare(&store, &left, &right, 1 << 20);
    assert_eq!(
        diff(&diffs, "values.yaml"),
        "@@ -1,2 +1,2 @@\n-replicas: 1\n+replicas: 2\n name: tide\n"
    );
    assert_eq!(diff(&diffs, "templates/gone.yaml"), "@@ -1 +0,0 @@\n-a: 1\n");
    assert_eq!(
        diff(&diffs, "templates/new.yaml"),
        "@@ -0,0 +1 @@\n+b: 2\n\\ No newline at end of file\n"
    );
    assert_eq!(diff(&diffs, "files/logo.png"), "none", "binary");
    assert!(text.contains("\n+replicas: 2\n"), "{text}");
    assert!(
        diffs.last().unwrap().0 == "README.md",
        "what is deployed comes first"
    );

    let (_, few) = compare(&store, &left, &right, 60);
    assert!(few.iter().map(|(_, d)| d.len()).sum::<usize>() <= 60 && !few.is_empty());
}

#[test]
fn a_long_diff_says_that_it_is_cut() {
    let mut store = Store::default();
    let long = |c: &str| format!("{}\n", c.repeat(99)).repeat(2_000);
    let [left, right] = ["ä", "ö"].map(|c| {
        let text = long(c);
        store.chart(tgz(&[("values.yaml", text.as_bytes())]), "2024-05-01T10:00:00Z")
    });
    let (_, diffs) = compare(&store, &left, &right, 1 << 20);
    let shown = diff(&diffs, "values.yaml");
    assert!(shown.len() < 65 * 1024 && shown.ends_with("\n\\ The rest of this diff is left off\n"));
}

#[test]
fn platforms_with_other_changes_share_no_diff() {
    let mut store = Store::default();
    let mut index = |contents: [&str; 2]| {
        let manifests: Vec<_> = ["amd64", "arm64"]
            .iter()
            .zip(contents)
            .map(|(architecture, text)| {
                // Of an image's layers only hashes are kept; an index may as well hold charts.
                let digest = store.chart(tgz(&[("values.yaml", text.as_bytes())]), "2024-05-01T10:00:00Z");
                let size = store.blobs[&digest].len();
                json!({"mediaType": media_type::OCI_MANIFEST, "digest": digest.to_string(), "size": size,
                    "platform": {"os": "linux", "architecture": architecture}})
            })
            .collect();
        store.manifest(
            &json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": manifests}),
        )
    };
    let old = index(["a\n", "a\n"]);
    let same = index(["b\n", "b\n"]);
    let other = index(["b\n", "c\n"]);
    let (_, diffs) = compare(&store, &old, &same, 1 << 20);
    assert_eq!(diff(&diffs, "values.yaml"), "@@ -1 +1 @@\n-a\n+b\n");
    let (_, diffs) = compare(&store, &old, &other, 1 << 20);
    assert_eq!(diffs, []);
}

/// Diffs of an image pair whose layers were hashed, after reading again what holds the files that differ; and how many
/// layers that were, and the paths whose bytes were kept then.
fn of_images(
    store: &Store,
    left: &Digest,
    right: &Digest,
    limits: &Limits,
) -> (Vec<(String, String)>, usize, Vec<String>) {
    let start = |d: &Digest| Start {
        name: d.to_string(),
        entry: Entry::Manifest(d.to_string()),
    };
    let mut job = Job::new(start(left), start(right), Options::default(), limits.clone());
    store.feed(&mut job);
    let evidence = job.evidence();
    let comparison = report::comparison(&evidence, None, limits);
    let mut contents = Contents::new(&evidence, limits);
    assert_eq!(report::diffs(&comparison, &contents, limits, 1 << 20), []);
    let both = |row: &&FileRow| row.from.is_some() && row.to.is_some();
    let again = contents.missing(report::worth_a_diff(&comparison).into_iter().filter(both));
    let mut kept = Vec::new();
    for again in &again {
        let wanted = Arc::new(again.contents.clone());
        let mut reader = BlobReader::looking_for(&again.descriptor, wanted, limits);
        reader.push(&store.blobs[&again.descriptor.digest]).unwrap();
        let reading = reader.finish();
        let Content::Tar(listing) = &reading.content else {
            panic!("{:?}", reading.content)
        };
        let entries = listing.entries.iter().filter(|e| e.bytes.is_some());
        kept.extend(entries.map(|e| String::from_utf8_lossy(&e.path).into_owned()));
        contents.supply(&reading);
    }
    (
        report::diffs(&comparison, &contents, limits, 1 << 20),
        again.len(),
        kept,
    )
}

fn layer(files: &[(&str, &str)]) -> Vec<u8> {
    let members: Vec<Member> = files
        .iter()
        .map(|(path, text)| Member::file(path, *text))
        .collect();
    gzip(&tar_of(&members), 6, 0)
}

#[test]
fn a_text_file_of_an_image_gets_its_diff() {
    let mut store = Store::default();
    let base = layer(&[("etc/same", "same\n")]);
    let config = || json!({"config": {}});
    // `etc/peer` is as long as the file that differs: its size alone does not keep it.
    let lower = [
        ("etc/motd", "low tide\n"),
        ("etc/peer", "as long.\n"),
        ("bin/run", "\u{0}one"),
    ];
    let upper = [
        ("etc/motd", "low water\n"),
        ("etc/peer", "as long.\n"),
        ("bin/run", "\u{0}two"),
    ];
    let left = store.image(
        vec![base.clone(), layer(&lower)],
        config(),
        "2026-01-01T00:00:00Z",
    );
    let right = store.image(vec![base, layer(&upper)], config(), "2026-01-02T00:00:00Z");
    let limits = Limits::default();
    let (diffs, read, kept) = of_images(&store, &left, &right, &limits);
    let diffs: BTreeMap<String, String> = diffs.into_iter().collect();
    assert_eq!(diffs.keys().collect::<Vec<_>>(), ["etc/motd"]);
    assert_eq!(diffs["etc/motd"], "@@ -1 +1 @@\n-low tide\n+low water\n");
    assert_eq!(read, 2, "one layer a side, not the one they share");
    assert_eq!(kept, ["etc/motd", "bin/run", "etc/motd", "bin/run"]);
}

#[test]
fn files_beyond_the_limits_are_not_read_again() {
    let mut store = Store::default();
    let config = || json!({"config": {}});
    let left = store.image(
        vec![layer(&[("a", "1234567890"), ("b", "12345")])],
        config(),
        "2026-01-01T00:00:00Z",
    );
    let right = store.image(
        vec![layer(&[("a", "1234567891"), ("b", "12346")])],
        config(),
        "2026-01-02T00:00:00Z",
    );
    let within = |kept_file_bytes, kept_bytes| {
        let limits = Limits {
            kept_file_bytes,
            kept_bytes,
            ..Limits::default()
        };
        let (diffs, read, _) = of_images(&store, &left, &right, &limits);
        let paths: Vec<String> = diffs.into_iter().map(|(path, _)| path).collect();
        (paths.join(" "), read)
    };
    assert_eq!(within(100, 100), ("a b".to_owned(), 2));
    assert_eq!(within(9, 100), ("b".to_owned(), 2));
    assert_eq!(within(100, 19), ("b".to_owned(), 2));
    assert_eq!(within(4, 100), (String::new(), 0));
}
