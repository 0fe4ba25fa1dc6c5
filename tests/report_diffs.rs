//! The diffs that Markdown and HTML reports carry are those of the bytes that were compared.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "support/store.rs"]
mod store;

use serde_json::json;
use store::{Member, Store, gzip, tar_of};
use tagdrift::compare::job::{Entry, Job, Options, Start};
use tagdrift::limits::Limits;
use tagdrift::oci::{Digest, media_type};
use tagdrift::report::{self, html, markdown};

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
    let diffs = report::diffs(&comparison, &evidence, &limits, most);
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
