//! Archives inside archives, and zip.
#![cfg(not(target_arch = "wasm32"))]
// Tests fail by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod archive_support;

use archive_support::{Block, Tarball, gzip, listing, read};
use tagdrift::archive::Compression;
use tagdrift::limits::Limits;
use tagdrift::oci::Digest;
use tagdrift::tree::{Tree, archive, chart, content_digest, nested};

fn chart_of(tarball: Tarball) -> Tree {
    chart::tree(&listing(&tarball.end()), &Limits::default())
}

fn paths(tree: &Tree) -> Vec<String> {
    tree.nodes
        .keys()
        .map(|path| String::from_utf8_lossy(path).into_owned())
        .collect()
}

fn text<'t>(tree: &'t Tree, path: &str) -> &'t str {
    std::str::from_utf8(tree.nodes[path.as_bytes()].bytes.as_deref().unwrap()).unwrap()
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
