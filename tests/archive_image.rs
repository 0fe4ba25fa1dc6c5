//! The root file system of an image: whiteouts, links, what replaces what, and overlays over the unread.
#![cfg(not(target_arch = "wasm32"))]
// Tests fail by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod archive_support;

use archive_support::{Block, Tarball, listing};
use serde_json::json;
use tagdrift::archive::{EntryKind, TarListing};
use tagdrift::oci::Digest;
use tagdrift::tree::image::{flatten, overlay};
use tagdrift::tree::{OddityKind, Tree, content_digest};

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
fn an_opaque_folder_hides_a_lower_file_that_stands_where_its_own_layer_needs_a_folder() {
    let base = layer(Tarball::new().folder("d/").file("d/e", "1"));
    for upper in [
        Tarball::new().file("d/e/a", "2").file("d/.wh..wh..opq", ""),
        Tarball::new().file("d/.wh..wh..opq", "").file("d/e/a", "2"),
    ] {
        let tree = flat(&[base.clone(), layer(upper)]);
        assert_eq!(paths(&tree), ["d", "d/e", "d/e/a"]);
        let folder = &tree.nodes[&b"d/e"[..]];
        assert_eq!((folder.kind, folder.layer), (EntryKind::Directory, 1));
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
