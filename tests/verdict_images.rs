//! Images made to mislead: what a container would run in another way is never a "no", and another packing
//! of the same root file system is never a "yes".

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

#[path = "support/store.rs"]
mod store;

use serde_json::{Value, json};
use store::{Member, Store, gzip, tar_of};
use tagdrift::oci::Digest;
use tagdrift::report::Comparison;
use tagdrift::verdict::{Level, Weight};

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

fn pack(members: &[Member]) -> Vec<u8> {
    gzip(&tar_of(members), 6, 0)
}

fn whole(config: Value) -> Value {
    json!({"architecture": "amd64", "os": "linux", "config": config})
}

/// Compares images of these layers, with one and the same config.
fn stacks(left: &[Vec<Member>], right: &[Vec<Member>]) -> Comparison {
    let mut store = Store::default();
    let of = |store: &mut Store, layers: &[Vec<Member>]| {
        store.image(
            layers.iter().map(|l| pack(l)).collect(),
            json!({"Cmd": ["/x"]}),
            "now",
        )
    };
    let (l, r) = (of(&mut store, left), of(&mut store, right));
    store.compare(&l, &r)
}

fn configs(left: Value, right: Value) -> Comparison {
    let mut store = Store::default();
    let of = |store: &mut Store, config: Value| {
        store.image_of(vec![(pack(&[Member::file("x", "1")]), LAYER)], config)
    };
    let (l, r) = (of(&mut store, left), of(&mut store, right));
    store.compare(&l, &r)
}

fn file(path: &str, text: &str) -> Member {
    Member::file(path, text)
}

fn link(path: &str, to: &str) -> Member {
    Member {
        kind: tar::EntryType::Link,
        link: to.as_bytes().to_vec(),
        ..Member::file(path, "")
    }
}

fn level(comparison: &Comparison) -> Level {
    comparison.verdict.level
}

#[test]
fn another_way_to_the_same_root_is_packaging() {
    let base = vec![
        file("a", "1"),
        Member::folder("d/"),
        file("d/f", "2"),
        file("d/g", "3"),
    ];
    for (what, left, right) in [
        (
            "squashed",
            vec![base.clone(), vec![file("a", "9")]],
            vec![vec![
                file("a", "9"),
                Member::folder("d/"),
                file("d/f", "2"),
                file("d/g", "3"),
            ]],
        ),
        (
            "added and deleted",
            vec![base.clone()],
            vec![base.clone(), vec![file("n", "x")], vec![file(".wh.n", "")]],
        ),
        (
            "a whiteout of nothing",
            vec![base.clone()],
            vec![base.clone(), vec![file(".wh.never", "")]],
        ),
        (
            "a folder removed and brought again",
            vec![base.clone()],
            vec![
                base.clone(),
                vec![file(".wh.d", "")],
                vec![Member::folder("d/"), file("d/f", "2"), file("d/g", "3")],
            ],
        ),
        (
            "an opaque folder that brings everything",
            vec![base.clone()],
            vec![
                base.clone(),
                vec![
                    Member::folder("d/"),
                    file("d/.wh..wh..opq", ""),
                    file("d/f", "2"),
                    file("d/g", "3"),
                ],
            ],
        ),
        (
            "the root's own entry",
            vec![base.clone()],
            vec![[vec![Member::folder("./")], base.clone()].concat()],
        ),
        (
            "implied folders",
            vec![base.clone()],
            vec![base.iter().filter(|m| m.path != b"d/").cloned().collect()],
        ),
        (
            "a name twice with the same content",
            vec![base.clone()],
            vec![[vec![file("a", "0")], base.clone()].concat()],
        ),
        (
            "an empty layer",
            vec![base.clone()],
            vec![vec![], base.clone(), vec![]],
        ),
        (
            "the order of links",
            vec![vec![file("m", "x"), link("n", "m")]],
            vec![vec![file("n", "x"), link("m", "n")]],
        ),
        (
            "through a symbolic link",
            vec![vec![
                Member::folder("usr/"),
                Member::symlink("lib", "usr"),
                file("lib/f", "1"),
            ]],
            vec![vec![
                Member::folder("usr/"),
                Member::symlink("lib", "usr"),
                file("usr/f", "1"),
            ]],
        ),
    ] {
        let comparison = stacks(&left, &right);
        assert_eq!(
            level(&comparison),
            Level::Repackaged,
            "{what}: {:#?}",
            comparison.causes
        );
        let comparison = stacks(&right, &left);
        assert_eq!(
            level(&comparison),
            Level::Repackaged,
            "{what}, swapped: {:#?}",
            comparison.causes
        );
    }
}

#[test]
fn another_root_is_a_change() {
    let base = vec![file("a", "1"), Member::folder("d/"), file("d/f", "2")];
    for (what, left, right) in [
        (
            "a whiteout that comes too late",
            vec![base.clone(), vec![file(".wh.a", ""), file("a", "9")]],
            vec![base.clone(), vec![file("a", "9"), file(".wh.a", "")]],
        ),
        (
            "a folder's whiteout that comes too late",
            vec![
                base.clone(),
                vec![file(".wh.d", ""), Member::folder("d/"), file("d/n", "9")],
            ],
            vec![
                base.clone(),
                vec![Member::folder("d/"), file("d/n", "9"), file(".wh.d", "")],
            ],
        ),
        (
            "an opaque folder",
            vec![base.clone(), vec![Member::folder("d/"), file("d/n", "9")]],
            vec![
                base.clone(),
                vec![Member::folder("d/"), file("d/.wh..wh..opq", ""), file("d/n", "9")],
            ],
        ),
        (
            "a hard link is no copy",
            vec![vec![file("m", "x"), link("n", "m")]],
            vec![vec![file("m", "x"), file("n", "x")]],
        ),
        (
            "a folder in place of a link",
            vec![
                vec![Member::folder("usr/"), Member::symlink("lib", "usr")],
                vec![file("lib/f", "1")],
            ],
            vec![
                vec![Member::folder("usr/"), Member::symlink("lib", "usr")],
                vec![Member::folder("lib/"), file("lib/f", "1")],
            ],
        ),
        (
            "the last of two names wins",
            vec![vec![file("a", "1"), file("a", "2")]],
            vec![vec![file("a", "2"), file("a", "1")]],
        ),
        (
            "layers in another order",
            vec![vec![file("a", "1")], vec![file("a", "2")]],
            vec![vec![file("a", "2")], vec![file("a", "1")]],
        ),
        (
            "a sticky folder",
            vec![vec![Member::folder("tmp/"), file("tmp/x", "")]],
            vec![vec![
                Member {
                    mode: 0o1777,
                    ..Member::folder("tmp/")
                },
                file("tmp/x", ""),
            ]],
        ),
        (
            "the root's mode",
            vec![base.clone()],
            vec![
                [
                    vec![Member {
                        mode: 0o700,
                        ..Member::folder("./")
                    }],
                    base.clone(),
                ]
                .concat(),
            ],
        ),
        (
            "the same layer above a whiteout again",
            vec![vec![file("a", "1")], vec![file(".wh.a", "")]],
            vec![
                vec![file("a", "1")],
                vec![file(".wh.a", "")],
                vec![file("a", "1")],
            ],
        ),
        (
            "a link's target below the shared layers",
            vec![base.clone(), vec![link("n", "a")]],
            vec![base.clone(), vec![link("n", "d/f")]],
        ),
    ] {
        for (l, r) in [(&left, &right), (&right, &left)] {
            let comparison = stacks(l, r);
            assert!(
                matches!(level(&comparison), Level::Changed | Level::Breaking),
                "{what}: {:?} {:#?}",
                comparison.verdict,
                comparison.causes
            );
        }
    }
}

#[test]
fn how_an_image_runs() {
    let with = |config: Value| whole(config);
    for (what, left, right, expected) in [
        (
            "Env by name",
            json!({"Env": ["A=1"]}),
            json!({"Env": ["A=2"]}),
            false,
        ),
        (
            "Env twice",
            json!({"Env": ["A=1"]}),
            json!({"Env": ["A=1", "A=2"]}),
            false,
        ),
        ("Cmd null", json!({"Cmd": null}), json!({}), true),
        ("Cmd empty", json!({"Cmd": []}), json!({"Cmd": null}), true),
        ("Cmd of nothing", json!({"Cmd": [""]}), json!({"Cmd": []}), false),
        ("Cmd as text", json!({"Cmd": ["x"]}), json!({"Cmd": "x"}), false),
        (
            "Cmd and Entrypoint",
            json!({"Cmd": ["x"]}),
            json!({"Entrypoint": ["x"]}),
            false,
        ),
        (
            "a port",
            json!({"ExposedPorts": {}}),
            json!({"ExposedPorts": {"1/tcp": {}}}),
            false,
        ),
        (
            "Healthcheck",
            json!({"Healthcheck": {"Test": ["NONE"]}}),
            json!({}),
            false,
        ),
        (
            "Healthcheck time",
            json!({"Healthcheck": {"Interval": 1}}),
            json!({"Healthcheck": {"Interval": 10}}),
            false,
        ),
        (
            "OnBuild",
            json!({"OnBuild": ["RUN x"]}),
            json!({"OnBuild": null}),
            false,
        ),
        ("ArgsEscaped", json!({"ArgsEscaped": true}), json!({}), false),
        (
            "ArgsEscaped false",
            json!({"ArgsEscaped": false}),
            json!({}),
            true,
        ),
        (
            "a volume",
            json!({"Volumes": {"/d": {}}}),
            json!({"Volumes": null}),
            false,
        ),
        (
            "StopSignal",
            json!({"StopSignal": "SIGTERM"}),
            json!({"StopSignal": ""}),
            false,
        ),
        ("a field in small letters", json!({}), json!({"user": "0"}), false),
        ("User null", json!({"User": "null"}), json!({}), false),
        (
            "Image",
            json!({"Image": "sha256:1", "Hostname": "a"}),
            json!({"Image": "sha256:2"}),
            true,
        ),
        (
            "a label with another key",
            json!({"Labels": {"a": "1"}}),
            json!({"Labels": {"A": "1"}}),
            false,
        ),
    ] {
        let comparison = configs(with(left), with(right));
        assert_eq!(
            level(&comparison).is_no(),
            expected,
            "{what}: {:#?}",
            comparison.causes
        );
    }
    for (user, root) in [
        ("0", true),
        ("root", true),
        ("root:root", true),
        ("0:0", true),
        ("", true),
        ("00", true),
        ("1000:0", false),
    ] {
        let comparison = configs(with(json!({"User": "1000"})), with(json!({"User": user})));
        let expected = if root { Level::Breaking } else { Level::Changed };
        assert_eq!(level(&comparison), expected, "{user:?}");
    }
    let noisy = |stamp: &str| {
        let mut all = whole(json!({"Cmd": ["x"]}));
        all["created"] = stamp.into();
        all["history"] = json!([{"created": stamp, "created_by": stamp, "comment": stamp}]);
        all["docker_version"] = stamp.into();
        all["container"] = stamp.into();
        all["container_config"] = json!({"Cmd": [stamp]});
        all["author"] = stamp.into();
        all
    };
    assert_eq!(level(&configs(noisy("a"), noisy("b"))), Level::Repackaged);
}

#[test]
fn diff_ids_that_the_layers_do_not_have() {
    let ids = |ids: Value| {
        let mut config = whole(json!({}));
        config["rootfs"] = json!({"type": "layers", "diff_ids": ids});
        config
    };
    let right_id = json!([store::diff_id(&pack(&[file("x", "1")]))]);
    let wrong_id = json!([Digest::sha256(b"other").to_string()]);
    for (what, config) in [
        ("none", json!([])),
        ("another", wrong_id.clone()),
        ("no id", json!(["x"])),
    ] {
        let comparison = configs(ids(right_id.clone()), ids(config));
        assert_eq!(
            level(&comparison),
            Level::Changed,
            "{what}: {:#?}",
            comparison.causes
        );
    }
    let mut other_type = ids(right_id.clone());
    other_type["rootfs"]["type"] = json!("other");
    assert_eq!(level(&configs(ids(right_id.clone()), other_type)), Level::Changed);
    // Rebuilt layers with stale ids.
    let mut store = Store::default();
    let bytes = pack(&[file("x", "1")]);
    let moved = pack(&[Member {
        mtime: 5,
        ..file("x", "1")
    }]);
    let left = store.image_of(vec![(bytes, LAYER)], whole(json!({})));
    let right = store.image_of(vec![(moved.clone(), LAYER)], ids(right_id));
    assert_eq!(level(&store.compare(&left, &right)), Level::Changed);
    let honest = store.image_of(vec![(moved, LAYER)], whole(json!({})));
    assert_eq!(level(&store.compare(&left, &honest)), Level::Repackaged);
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn compression_and_what_stands_around_it() {
    let tar = tar_of(&[file("x", "1")]);
    let image = |store: &mut Store, bytes: Vec<u8>, media_type: &str| {
        store.image_of(vec![(bytes, media_type)], whole(json!({})))
    };
    let plain = "application/vnd.oci.image.layer.v1.tar";
    let mut members = gzip(&tar[..700], 6, 0);
    members.extend(gzip(&tar[700..], 9, 7));
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3][..], &zstd(&tar)].concat();
    let other = tar_of(&[file("x", "2")]);
    // Only the first member is what a careless reader sees.
    let mut hidden = gzip(&tar[..1024], 6, 0);
    hidden.extend(gzip(&other, 6, 0));
    for (what, bytes, media_type, no) in [
        ("plain", tar.clone(), plain, true),
        (
            "zstd",
            zstd(&tar),
            "application/vnd.oci.image.layer.v1.tar+zstd",
            true,
        ),
        ("members", members, LAYER, true),
        (
            "a skippable frame",
            skippable,
            "application/vnd.oci.image.layer.v1.tar+zstd",
            true,
        ),
        ("gzip called plain", gzip(&tar, 9, 1), plain, false),
        ("more in a second member", hidden, LAYER, false),
        ("a cut stream", gzip(&tar, 6, 0)[..60].to_vec(), LAYER, false),
        (
            "another type",
            gzip(&tar, 1, 1),
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
            false,
        ),
        ("no archive", b"\0asm".to_vec(), LAYER, false),
        ("a cut archive", tar[..512].to_vec(), plain, false),
    ] {
        let mut store = Store::default();
        let left = image(&mut store, gzip(&tar, 6, 0), LAYER);
        let right = image(&mut store, bytes, media_type);
        let comparison = store.compare(&left, &right);
        assert_eq!(level(&comparison).is_no(), no, "{what}: {:#?}", comparison.causes);
    }
}

#[test]
fn what_was_not_read_and_does_not_matter() {
    let shared = pack(&[file("base", "1")]);
    let gone = Digest::sha256(&shared);
    for (middle, config, expected) in [
        (
            pack(&[Member {
                mtime: 9,
                ..file("x", "1")
            }]),
            json!({}),
            Level::Repackaged,
        ),
        (pack(&[file("x", "2")]), json!({}), Level::Changed),
        (pack(&[file("x", "1")]), json!({"Env": ["A=1"]}), Level::Changed),
        (pack(&[file("x", "1"), file("y", "1")]), json!({}), Level::Unknown),
        (
            pack(&[file("x", "1"), file("y", "1")]),
            json!({"Env": ["A=1"]}),
            Level::Changed,
        ),
    ] {
        let mut store = Store::default();
        let left = store.image(vec![shared.clone(), pack(&[file("x", "1")])], json!({}), "a");
        let right = store.image(vec![shared.clone(), middle], config, "b");
        store.blobs.remove(&gone);
        let comparison = store.compare(&left, &right);
        assert_eq!(level(&comparison), expected, "{:#?}", comparison.causes);
    }
}

#[test]
fn a_config_that_both_share_needs_no_reading() {
    let mut store = Store::default();
    let left = store.image(vec![pack(&[file("x", "1")])], json!({}), "a");
    let mut manifest = store.json(&left);
    manifest["annotations"] = json!({"a": "b"});
    let right = store.manifest(&manifest);
    let config: Digest = manifest["config"]["digest"].as_str().unwrap().parse().unwrap();
    store.blobs.remove(&config);
    assert_eq!(level(&store.compare(&left, &right)), Level::Repackaged);
}

#[test]
fn parts_that_cannot_be_read_are_never_a_no() {
    let good = pack(&[file("x", "1")]);
    let mut store = Store::default();
    let left = store.image(vec![good.clone()], json!({}), "a");
    let right = store.image(vec![gzip(&tar_of(&[file("x", "1")]), 1, 5)], json!({}), "a");
    assert_eq!(level(&store.compare(&left, &right)), Level::Repackaged);
    let parts: Vec<Digest> = [&left, &right]
        .iter()
        .flat_map(|d| {
            let m = store.json(d);
            [m["layers"][0]["digest"].clone(), m["config"]["digest"].clone()]
        })
        .map(|d| d.as_str().unwrap().parse().unwrap())
        .collect();
    let shared_config = parts[1] == parts[3];
    assert!(
        shared_config,
        "both have the same config, so only the layers decide"
    );
    for part in [&parts[0], &parts[2]] {
        for broken in [None, Some(b"forged".to_vec()), Some(Vec::new())] {
            let mut store = store.clone();
            match broken {
                None => drop(store.blobs.remove(part)),
                Some(bytes) => drop(store.blobs.insert(part.clone(), bytes)),
            }
            let comparison = store.compare(&left, &right);
            assert_eq!(level(&comparison), Level::Unknown, "{:#?}", comparison.causes);
        }
    }
}

#[test]
fn the_table_of_contents_of_estargz_is_its_own() {
    let base = vec![file("app", "1")];
    let toc = |text: &str| {
        [
            base.clone(),
            vec![
                file("stargz.index.json", text),
                file(".no.prefetch.landmark", "\u{f}"),
            ],
        ]
        .concat()
    };
    let image = |store: &mut Store, members: &[Member], named: Option<&str>| {
        let digest = store.image(vec![pack(members)], json!({}), "a");
        let mut manifest = store.json(&digest);
        if let Some(text) = named {
            manifest["layers"][0]["annotations"] = json!({
                "containerd.io/snapshot/stargz/toc.digest": Digest::sha256(text.as_bytes()).to_string()
            });
        }
        store.manifest(&manifest)
    };
    let mut store = Store::default();
    let plain = image(&mut store, &base, None);
    let lazy = image(&mut store, &toc("{1}"), Some("{1}"));
    let rebuilt = image(&mut store, &toc("{2}"), Some("{2}"));
    let forged = image(&mut store, &toc("{2}"), Some("{1}"));
    let silent = image(&mut store, &toc("{2}"), None);
    let mut landmark = toc("{2}");
    landmark[2].bytes = b"#!/bin/sh".to_vec();
    let abused = image(&mut store, &landmark, Some("{2}"));
    assert_eq!(level(&store.compare(&plain, &lazy)), Level::Cosmetic);
    assert_eq!(level(&store.compare(&lazy, &rebuilt)), Level::Cosmetic);
    for other in [&forged, &silent, &abused] {
        assert_eq!(level(&store.compare(&lazy, other)), Level::Changed);
    }
}

#[test]
fn attributes_of_windows_layers_count() {
    let with = |descriptor: &str| {
        let record = format!("MSWINDOWS.rawsd={descriptor}\n");
        let length = (record.len() + 3).to_string();
        let record = format!("{length} {record}");
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::XHeader);
        header.set_size(record.len() as u64);
        header.set_path("x").unwrap();
        header.set_cksum();
        builder.append(&header, record.as_bytes()).unwrap();
        let mut header = tar::Header::new_ustar();
        header.set_size(1);
        header.set_mode(0o644);
        header.set_path("Files/x").unwrap();
        header.set_cksum();
        builder.append(&header, &b"1"[..]).unwrap();
        gzip(&builder.into_inner().unwrap(), 6, 0)
    };
    let mut store = Store::default();
    let left = store.image(vec![with("AQAE")], json!({}), "a");
    let right = store.image(vec![with("AQAF")], json!({}), "a");
    let comparison = store.compare(&left, &right);
    assert_eq!(level(&comparison), Level::Changed, "{:#?}", comparison.causes);
    assert!(
        comparison
            .causes
            .iter()
            .any(|c| c.weight == Weight::Deployed && c.path == "Files/x")
    );
}
