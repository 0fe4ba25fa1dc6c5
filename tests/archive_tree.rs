//! Trees as their readers see them: Helm for charts, tar for archives, runtimes for images.

mod archive_support;

use std::process::Command;

use archive_support::{Block, Tarball, gzip, listing, read};
use serde_json::json;
use tagdrift::archive::{Compression, EntryKind, TarListing};
use tagdrift::limits::Limits;
use tagdrift::oci::Digest;
use tagdrift::tree::image::{flatten, overlay};
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

fn layer(tarball: Tarball) -> TarListing {
    listing(&tarball.end())
}

fn flat(layers: &[TarListing]) -> Tree {
    let layers: Vec<(u32, &TarListing)> = (0..).zip(layers).collect();
    flatten(&layers)
}

#[test]
fn whiteouts_remove_what_lies_below() {
    let base = layer(
        Tarball::new()
            .folder("etc/")
            .file("etc/a", "1")
            .file("etc/b", "2")
            .file("var/lib/db/x", "3"),
    );
    let upper = layer(
        Tarball::new()
            .folder("etc/")
            .file("etc/.wh.a", "")
            .file(".wh.var", "")
            .file("var/new", "4"),
    );
    let tree = flat(&[base, upper]);
    assert_eq!(paths(&tree), ["etc", "etc/b", "var", "var/new"]);
    assert_eq!(tree.nodes[&b"etc/b"[..]].layer, 0);
    assert_eq!(tree.nodes[&b"var/new"[..]].layer, 1);
}

#[test]
fn an_opaque_folder_keeps_only_its_own_layer() {
    let base = layer(
        Tarball::new()
            .folder("d/")
            .file("d/old", "1")
            .file("d/sub/old", "2"),
    );
    for upper in [
        Tarball::new()
            .folder("d/")
            .file("d/.wh..wh..opq", "")
            .file("d/sub/new", "3"),
        Tarball::new()
            .folder("d/")
            .file("d/sub/new", "3")
            .file("d/.wh..wh..opq", ""),
    ] {
        let tree = flat(&[base.clone(), layer(upper)]);
        assert_eq!(paths(&tree), ["d", "d/sub", "d/sub/new"]);
    }
}

#[test]
fn kinds_replace_each_other() {
    let base = layer(
        Tarball::new()
            .folder("a/")
            .file("a/x", "1")
            .file("b", "2")
            .symlink("s", "a"),
    );
    let upper = layer(
        Tarball::new()
            .file("a", "file")
            .folder("b/")
            .file("b/y", "3")
            .folder("s/")
            .file("s/z", "4"),
    );
    let tree = flat(&[base, upper]);
    assert_eq!(paths(&tree), ["a", "b", "b/y", "s", "s/z"]);
    assert_eq!(tree.nodes[&b"a"[..]].kind, EntryKind::File);
    assert_eq!(tree.nodes[&b"b"[..]].kind, EntryKind::Directory);
    assert_eq!(tree.nodes[&b"s"[..]].kind, EntryKind::Directory);
}

#[test]
fn entries_go_through_links_among_their_parents() {
    let base = layer(
        Tarball::new()
            .folder("usr/lib/")
            .symlink("lib", "usr/lib")
            .symlink("up", "/lib/../../lib"),
    );
    let upper = layer(
        Tarball::new()
            .file("lib/a", "1")
            .file("up/b", "2")
            .symlink("loop", "loop")
            .file("loop/c", "3"),
    );
    let tree = flat(&[base, upper]);
    assert_eq!(
        paths(&tree),
        [
            "//loop/c",
            "lib",
            "loop",
            "up",
            "usr",
            "usr/lib",
            "usr/lib/a",
            "usr/lib/b"
        ]
    );
}

#[test]
fn hard_links_across_layers_have_the_content_of_their_target() {
    let base = layer(Tarball::new().file("bin/busybox", "elf"));
    let upper = layer(
        Tarball::new()
            .hardlink("bin/sh", "bin/busybox")
            .hardlink("bin/gone", "bin/none"),
    );
    let tree = flat(&[base, upper]);
    let sh = &tree.nodes[&b"bin/sh"[..]];
    assert_eq!(
        (sh.kind, sh.link.as_slice(), sh.layer),
        (EntryKind::Hardlink, &b"bin/busybox"[..], 1)
    );
    assert_eq!(Digest::from_sha256(&sh.sha256), Digest::sha256(b"elf"));
    assert_eq!(
        oddities(&tree),
        [(
            OddityKind::Other,
            "bin/gone".into(),
            "is a hard link to bin/none, which is not there"
        )]
    );
    // The target goes, the content stays.
    let last = layer(Tarball::new().file("bin/.wh.busybox", ""));
    let tree = flat(&[
        layer(Tarball::new().file("a/x", "1").hardlink("a/y", "a/x")),
        layer(Tarball::new().file("a/.wh.x", "")),
        last,
    ]);
    assert_eq!(tree.nodes[&b"a/y"[..]].kind, EntryKind::File);
}

#[test]
fn an_overlay_says_what_it_sets_removes_and_does_not_know() {
    let over = |tarball: Tarball| overlay(&[(3, &layer(tarball))]);
    let whole = over(
        Tarball::new()
            .folder("etc/")
            .file("etc/a", "1")
            .file("etc/.wh.b", "")
            .folder("var/")
            .file("var/.wh..wh..opq", ""),
    );
    assert_eq!(paths(&whole.upper), ["etc", "etc/a", "var"]);
    assert_eq!(whole.removed.iter().collect::<Vec<_>>(), [b"etc/b"]);
    assert_eq!(whole.opaque.iter().collect::<Vec<_>>(), [b"var"]);
    assert_eq!(whole.needs_lower, Vec::<Vec<u8>>::new());

    let unsure = over(
        Tarball::new()
            .file("lib/a", "1")
            .file("opt/.wh.x", "")
            .hardlink("sh", "bin/busybox"),
    );
    assert_eq!(unsure.needs_lower, [&b"lib"[..], b"opt", b"sh"]);
}

#[test]
fn overlays_over_two_layers_fold_their_marks() {
    let first = layer(Tarball::new().file("a", "1").folder("d/").file("d/.wh.x", ""));
    let second = layer(Tarball::new().folder("a/").file(".wh.d", ""));
    let both = overlay(&[(1, &first), (2, &second)]);
    // Where a file stood nothing from below is left, even when a folder takes its place.
    assert_eq!(both.opaque.iter().collect::<Vec<_>>(), [b"a"]);
    assert_eq!(both.removed.iter().collect::<Vec<_>>(), [b"d"]);
    assert_eq!(paths(&both.upper), ["a"]);
}

#[test]
fn nested_archives_are_looked_into() {
    let inner = gzip(
        &Tarball::new()
            .file("redis/Chart.yaml", "name: redis\n")
            .file("redis/values.yaml", "b: 1\n")
            .end(),
    );
    let deep = gzip(b"text");
    let zip = zip_of(&[
        ("doc/a.txt", b"stored", 0),
        ("doc/b.txt", b"deflated deflated", 8),
    ]);
    let mut tarball = Tarball::new().file("tide/Chart.yaml", "name: tide\n");
    for (path, bytes) in [
        ("tide/charts/redis-1.2.3.tgz", &inner),
        ("tide/files/note.gz", &deep),
        ("tide/files/doc.zip", &zip),
    ] {
        tarball = tarball.raw(Block::new(path, b'0', bytes.len() as u64), bytes);
    }
    let broken = &inner[..inner.len() - 3];
    tarball = tarball.raw(
        Block::new("tide/charts/broken.tgz", b'0', broken.len() as u64),
        broken,
    );
    let mut tree = chart_of(tarball);
    let packings = nested::expand(&mut tree, &Limits::default());
    assert_eq!(
        paths(&tree),
        [
            "Chart.yaml",
            "charts/broken.tgz",
            "charts/redis-1.2.3.tgz",
            "charts/redis-1.2.3.tgz!/Chart.yaml",
            "charts/redis-1.2.3.tgz!/values.yaml",
            "files/doc.zip",
            "files/doc.zip!/doc",
            "files/doc.zip!/doc/a.txt",
            "files/doc.zip!/doc/b.txt",
            "files/note.gz",
            "files/note.gz!/note",
        ]
    );
    assert_eq!(text(&tree, "charts/redis-1.2.3.tgz!/values.yaml"), "b: 1\n");
    assert_eq!(text(&tree, "files/doc.zip!/doc/b.txt"), "deflated deflated");
    assert!(tree.nodes[&b"files/note.gz"[..]].expanded);
    assert!(!tree.nodes[&b"charts/broken.tgz"[..]].expanded);
    assert_eq!(
        packings[&b"files/note.gz"[..]].uncompressed,
        Digest::sha256(b"text")
    );
    assert_eq!(packings[&b"files/doc.zip"[..]].compression, Compression::None);
    let unread: Vec<_> = tree
        .unread
        .iter()
        .map(|(path, fault)| (path.as_slice(), fault.message.as_str()))
        .collect();
    assert_eq!(
        unread,
        [(
            &b"charts/broken.tgz"[..],
            "gzip member 1 was cut inside its checksum"
        )]
    );
}

#[test]
fn nesting_is_bounded_and_never_covers_a_file() {
    let mut bytes = b"core".to_vec();
    for _ in 0..3 {
        bytes = gzip(&bytes);
    }
    let tarball = Tarball::new().raw(Block::new("t/x.gz", b'0', bytes.len() as u64), &bytes);
    let mut tree = chart_of(tarball.clone());
    nested::expand(
        &mut tree,
        &Limits {
            nesting: 2,
            ..Limits::default()
        },
    );
    assert_eq!(paths(&tree), ["x.gz", "x.gz!/x", "x.gz!/x!/content"]);
    assert_eq!(tree.unread[0].0, b"x.gz!/x!/content");
    assert_eq!(
        tree.unread[0].1.message,
        "the depth of archives inside archives exceeds the limit of 2"
    );

    let mut tree = chart_of(tarball.file("t/x.gz!/x", "not what is in the archive"));
    nested::expand(&mut tree, &Limits::default());
    assert_eq!(text(&tree, "x.gz!/x"), "not what is in the archive");
    assert_eq!(
        tree.unread[0].1.message,
        "its members would have the paths of other files"
    );
}

/// A zip archive of these members; method 0 stores, 8 deflates.
fn zip_of(members: &[(&str, &[u8], u16)]) -> Vec<u8> {
    use std::io::Write as _;
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content, method) in members {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let data = if *method == 8 {
            let mut out = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
            out.write_all(content).unwrap();
            out.finish().unwrap()
        } else {
            content.to_vec()
        };
        let start = bytes.len() as u32;
        let mut common = Vec::new();
        common.extend_from_slice(&20u16.to_le_bytes());
        common.extend_from_slice(&0u16.to_le_bytes());
        common.extend_from_slice(&method.to_le_bytes());
        common.extend_from_slice(&[0, 0, 0x21, 0x50]);
        common.extend_from_slice(&crc.sum().to_le_bytes());
        common.extend_from_slice(&(data.len() as u32).to_le_bytes());
        common.extend_from_slice(&(content.len() as u32).to_le_bytes());
        common.extend_from_slice(&(name.len() as u16).to_le_bytes());
        common.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(b"PK\x03\x04");
        bytes.extend_from_slice(&common);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&data);
        directory.extend_from_slice(b"PK\x01\x02\x14\x03");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 6]);
        directory.extend_from_slice(&(0o100_640u32 << 16).to_le_bytes());
        directory.extend_from_slice(&start.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let (start, length, count) = (bytes.len() as u32, directory.len() as u32, members.len() as u16);
    bytes.extend_from_slice(&directory);
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&start.to_le_bytes());
    bytes.extend_from_slice(&[0, 0]);
    bytes
}

#[test]
fn zip_members_are_verified() {
    let good = zip_of(&[("a", b"abc", 0), ("b", b"abcabcabc", 8)]);
    let entry = &listing(&good).entries[1];
    assert_eq!(
        (entry.path.as_slice(), entry.mode, entry.size),
        (&b"b"[..], 0o640, 9)
    );
    assert_eq!(entry.mtime.seconds, 1_577_836_800);
    let fault = |bytes: &[u8]| read(bytes).fault.expect("a fault").message;

    let mut wrong = good.clone();
    wrong[31] = b'x';
    assert_eq!(
        fault(&wrong),
        "zip member at offset 72: it says CRC32 352441c2, the data has 26d3d93d"
    );
    let mut renamed = good.clone();
    renamed[30] = b'z';
    assert_eq!(
        fault(&renamed),
        "zip member at offset 72: its name differs from the one in its local header"
    );
    for end in 4..good.len() {
        assert!(read(&good[..end]).fault.is_some(), "cut at {end}");
    }
    assert_eq!(
        fault(&good[..60]),
        "the zip archive has no end record: it was cut, or bytes follow it"
    );
    assert!(read(&[&good[..], b"x"].concat()).fault.is_some());
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
fn nested_members_are_not_part_of_the_content_digest() {
    let inner = gzip(&Tarball::new().file("a", "1").end());
    let bytes = Tarball::new()
        .raw(Block::new("t/in.tgz", b'0', inner.len() as u64), &inner)
        .file("t/x!/y", "2")
        .end();
    let mut tree = archive::tree(&listing(&bytes));
    let before = content_digest::files(&tree);
    assert_eq!(nested::expand(&mut tree, &Limits::default()).len(), 1);
    assert_eq!(content_digest::files(&tree), before);
}

#[test]
fn the_content_digest_of_an_image_is_a_documented_text() {
    let tree = flat(&[layer(
        Tarball::new()
            .folder("etc/")
            .file("etc/motd", "hi\n")
            .symlink("etc/a b", "to here")
            .raw(
                Block::new("dev/null", b'3', 0)
                    .with(329, b"0000001\0")
                    .with(337, b"0000003\0"),
                b"",
            ),
    )]);
    let config = json!({
        "os": "linux", "architecture": "arm64", "variant": null, "created": "2025-05-07T12:27:07Z",
        "config": {"User": "0", "Env": ["B=1", "A=2"]}, "history": [],
    });
    let hash = Digest::sha256(b"hi\n");
    let text = format!(
        "dir 0755 0:0 - dev\nchar 0644 0:0 1:3 dev/null\ndir 0755 0:0 - etc\nsymlink 0777 0:0 to\\040here etc/a b\n\
         file 0644 0:0 {} etc/motd\n{}",
        hash.hex(),
        r#"{"architecture":"arm64","config":{"Env":["B=1","A=2"],"User":"0"},"os":"linux"}"#
    );
    assert_eq!(
        content_digest::image(&tree, &config),
        format!("content:{}", Digest::sha256(text.as_bytes()))
    );
}
