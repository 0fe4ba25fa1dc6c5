//! Trees as their readers see them: Helm for charts, tar for archives, runtimes for images.
#![cfg(not(target_arch = "wasm32"))]
// Tests fail by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod archive_support;

use std::process::Command;

use archive_support::{Tarball, gzip, listing};
use tagdrift::archive::EntryKind;
use tagdrift::limits::Limits;
use tagdrift::oci::Digest;
use tagdrift::tree::{OddityKind, Tree, archive, chart, content_digest, nested};

fn chart_of(tarball: Tarball) -> Tree {
    chart::tree(&listing(&tarball.end()), &Limits::default())
}

fn paths(tree: &Tree) -> Vec<String> {
    tree.nodes
        .keys()
        .map(|path| String::from_utf8_lossy(path).into_owned())
        .collect()
}

fn oddities(tree: &Tree) -> Vec<(OddityKind, String, &str)> {
    let path = |path: &[u8]| String::from_utf8_lossy(path).into_owned();
    tree.oddities
        .iter()
        .map(|o| (o.kind, path(&o.path), o.note.as_str()))
        .collect()
}

fn text<'t>(tree: &'t Tree, path: &str) -> &'t str {
    std::str::from_utf8(tree.nodes[path.as_bytes()].bytes.as_deref().unwrap()).unwrap()
}

#[test]
fn a_chart_is_read_as_helm_reads_it() {
    let tree = chart_of(
        Tarball::new()
            .folder("tide/")
            .file("tide/Chart.yaml", "name: tide\n")
            .file("tide/./templates//deploy.yaml", "kind: Deployment\n"),
    );
    assert_eq!(paths(&tree), ["Chart.yaml", "templates/deploy.yaml"]);
    assert_eq!(tree.oddities, []);
}

#[test]
fn of_equal_names_the_last_wins_and_both_ways_are_told() {
    let tree = chart_of(
        Tarball::new()
            .file("tide/values.yaml", "a: 1\n")
            .file("tide/values.yaml", "a: 2\n")
            .file("tide/./values.yaml", "a: 3\n"),
    );
    assert_eq!(text(&tree, "values.yaml"), "a: 3\n");
    assert_eq!(
        oddities(&tree),
        [
            (
                OddityKind::Duplicate,
                "tide/values.yaml".into(),
                "stands more than once: the last one wins"
            ),
            (
                OddityKind::Duplicate,
                "tide/./values.yaml".into(),
                "is the same file to Helm as tide/values.yaml: the last one wins"
            ),
        ]
    );
}

#[test]
fn what_helm_refuses_is_kept_where_it_is_seen() {
    let cases = [
        ("tide//etc/passwd", "the name is absolute below the first folder"),
        ("tide/../../evil", "the name leads to the parent folder"),
        ("tide/..evil", "the name leads to the parent folder"),
        ("tide/c:/evil", "the name starts with a drive letter"),
        ("tide", "the name lies outside the chart's folder"),
        ("Chart.yaml/x", "Chart.yaml is not in the chart's folder"),
        ("tide\\..\\..\\evil", "the name leads to the parent folder"),
    ];
    for (name, why) in cases {
        let tree = chart_of(Tarball::new().file("tide/Chart.yaml", "a").file(name, "b"));
        assert_eq!(paths(&tree), [&format!("//{name}"), "Chart.yaml"], "{name}");
        assert_eq!(
            oddities(&tree),
            [(
                OddityKind::OutsideRoot,
                name.into(),
                format!("Helm refuses the chart: {why}").as_str()
            )],
            "{name}"
        );
    }
}

#[test]
fn backslashes_separate_folders_for_helm() {
    let tree = chart_of(Tarball::new().file("tide\\templates\\a.yaml", "x"));
    assert_eq!(paths(&tree), ["templates/a.yaml"]);
    assert_eq!(
        oddities(&tree),
        [(
            OddityKind::OutsideRoot,
            "tide\\templates\\a.yaml".into(),
            "has a backslash: Helm separates folders there, tar does not"
        )]
    );
}

#[test]
fn links_other_folders_and_look_alikes_are_told() {
    let tree = chart_of(
        Tarball::new()
            .file("tide/Chart.yaml", "a")
            .file("moon/extra.yaml", "b")
            .symlink("tide/values.yaml", "/etc/passwd")
            .file("tide/Values.yaml", "c")
            .file("tide/v\u{430}lues.yaml", "d"),
    );
    assert_eq!(tree.nodes[&b"values.yaml"[..]].kind, EntryKind::Symlink);
    assert_eq!(tree.nodes[&b"values.yaml"[..]].link, b"/etc/passwd");
    let kinds: Vec<_> = tree.oddities.iter().map(|o| o.kind).collect();
    assert_eq!(
        kinds,
        [
            OddityKind::LinkInChart,
            OddityKind::DeceptivePath,
            OddityKind::OutsideChart,
            OddityKind::CaseCollision
        ]
    );
    assert_eq!(
        tree.oddities[2].note,
        "stands in moon and not in tide: Helm drops the first folder's name and reads it as part of the chart"
    );
    assert_eq!(
        tree.oddities[3].note,
        "differs from Values.yaml only in letter case"
    );
}

#[test]
fn what_hides_behind_the_end_is_told() {
    let mut bytes = Tarball::new().file("tide/Chart.yaml", "a").end();
    bytes.extend_from_slice(b"hidden");
    let tree = chart::tree(&listing(&bytes), &Limits::default());
    assert_eq!(
        oddities(&tree),
        [(
            OddityKind::TrailingBytes,
            String::new(),
            format!(
                "6 bytes stand after the end of the archive ({})",
                Digest::sha256(b"hidden")
            )
            .as_str()
        )]
    );
}

#[test]
fn an_archive_is_read_as_tar_reads_it() {
    let tree = archive::tree(&listing(
        &Tarball::new()
            .folder("./")
            .file("./a/b", "1")
            .hardlink("./z", "./a/b")
            .hardlink("./0", "a/b")
            .file("/abs", "2")
            .file("x/../y", "3")
            .end(),
    ));
    assert_eq!(paths(&tree), [".", "//x/../y", "0", "a", "a/b", "abs", "z"]);
    // Whichever name of an inode came first: the least is the file.
    let told = |path: &str| {
        let node = &tree.nodes[path.as_bytes()];
        (
            node.kind,
            String::from_utf8_lossy(&node.link).into_owned(),
            Digest::from_sha256(&node.sha256),
        )
    };
    let content = Digest::sha256(b"1");
    assert_eq!(told("0"), (EntryKind::File, String::new(), content.clone()));
    assert_eq!(told("a/b"), (EntryKind::Hardlink, "0".into(), content.clone()));
    assert_eq!(told("z"), (EntryKind::Hardlink, "0".into(), content));
    assert_eq!(tree.nodes[&b"a"[..]].kind, EntryKind::Directory);
    let kinds: Vec<_> = tree
        .oddities
        .iter()
        .map(|o| (o.kind, o.path.as_slice()))
        .collect();
    assert_eq!(
        kinds,
        [
            (OddityKind::OutsideRoot, &b"/abs"[..]),
            (OddityKind::OutsideRoot, b"x/../y")
        ]
    );
}

#[test]
fn the_content_digest_of_files_is_that_of_the_shell() {
    let bytes = Tarball::new()
        .folder("tide/")
        .file("tide/Chart.yaml", "name: tide\n")
        .file("tide/values.yaml", "a: 1\n")
        .file("tide/values.yaml", "a: 2\n")
        .file("tide/with space", "s")
        .file("tide/back\\slash", "b")
        .file("tide/new\nline", "n")
        .file("tide/carriage\rreturn", "r")
        .file("tide/Caf\u{e9}", "c")
        .hardlink("tide/again", "tide/Chart.yaml")
        .symlink("tide/link", "values.yaml")
        .file("tide/-dash", "d")
        .end();
    let folder = tempfile::tempdir().unwrap();
    let archive_path = folder.path().join("x.tgz");
    std::fs::write(&archive_path, gzip(&bytes)).unwrap();
    let unpacked = folder.path().join("unpacked");
    std::fs::create_dir(&unpacked).unwrap();
    // The recipe of the contract, with NUL between names, since one of them has a newline.
    let recipe =
        "tar xzf ../x.tgz && find * -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum";
    let output = Command::new("sh")
        .args(["-c", recipe])
        .current_dir(&unpacked)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let hex = String::from_utf8(output.stdout).unwrap();
    let expected = format!("content:sha256:{}", hex.split_whitespace().next().unwrap());
    let mut tree = archive::tree(&listing(&bytes));
    assert_eq!(content_digest::files(&tree), expected);
    nested::expand(&mut tree, &Limits::default());
    assert_eq!(content_digest::files(&tree), expected);
}

#[test]
fn of_equal_names_the_earlier_one_is_told_where_helm_reads_it_too() {
    let twice = |path: &str| {
        let tree = chart_of(Tarball::new().file(path, "a: 1\n").file(path, "a: 2\n"));
        tree.oddities
            .iter()
            .any(|o| o.kind == OddityKind::EarlierCounts && o.note.contains("sha256:"))
    };
    for (path, both) in [
        ("tide/Chart.yaml", true),
        ("tide/crds/a.yaml", true),
        ("tide/charts/reef/crds/a.yaml", true),
        ("tide/charts/reef-1.tgz", true),
        ("tide/values.yaml", false),
        ("tide/templates/a.yaml", false),
        ("tide/README.md", false),
    ] {
        assert_eq!(twice(path), both, "{path}");
    }
}
