//! Manifests and indexes made to mislead: what clients would read or run in another way is never a "no",
//! and other words for the same thing are never a "yes".

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
use tagdrift::oci::{Digest, media_type};
use tagdrift::report::Comparison;
use tagdrift::verdict::{Code, Level, Weight};

fn layer(text: &str) -> Vec<u8> {
    gzip(&tar_of(&[Member::file("app", text)]), 6, 0)
}

fn image(store: &mut Store, text: &str, architecture: &str, created: &str) -> Digest {
    store.image_of(
        vec![(layer(text), "application/vnd.oci.image.layer.v1.tar+gzip")],
        json!({"architecture": architecture, "os": "linux", "created": created, "config": {"Cmd": ["/app"]}}),
    )
}

/// Compares an image with itself after its manifest was edited.
fn edited(edit: impl FnOnce(&mut Value)) -> Comparison {
    let mut store = Store::default();
    let left = image(&mut store, "1", "amd64", "a");
    let mut manifest = store.json(&left);
    edit(&mut manifest);
    let right = store.manifest(&manifest);
    store.compare(&left, &right)
}

/// Compares an image with the same manifest as another text.
fn rewritten(rewrite: impl FnOnce(String) -> String) -> Comparison {
    let mut store = Store::default();
    let left = image(&mut store, "1", "amd64", "a");
    let text = rewrite(store.json(&left).to_string());
    let right = store.raw(&text);
    store.compare(&left, &right)
}

fn level(comparison: &Comparison) -> Level {
    comparison.verdict.level
}

#[test]
fn keys_that_clients_read_in_two_ways_are_not_read() {
    for (from, to) in [
        (r#""layers":"#, r#""Layers":[],"layers":"#),
        (r#""layers":"#, r#""layers":[],"layers":"#),
        (r#""config":"#, r#""CONFIG":{"digest":"x"},"config":"#),
        (r#""size":"#, r#""Size":1,"size":"#),
        (r#""size":"#, r#""Urls":["https://example.com/x"],"size":"#),
        (r#""config":"#, r#""Annotations":{"a":"b"},"config":"#),
    ] {
        let comparison = rewritten(|text| text.replacen(from, to, 1));
        assert_eq!(
            level(&comparison),
            Level::Unknown,
            "{to}: {:?}",
            comparison.causes
        );
    }
}

#[test]
fn numbers_and_types_that_clients_refuse_are_no_packaging() {
    for (what, comparison) in [
        ("schemaVersion", edited(|m| m["schemaVersion"] = json!(3))),
        ("size as text", edited(|m| m["layers"][0]["size"] = json!("12"))),
        ("a lying size", edited(|m| m["layers"][0]["size"] = json!(5))),
        ("a lying config size", edited(|m| m["config"]["size"] = json!(5))),
        ("a negative size", edited(|m| m["layers"][0]["size"] = json!(-5))),
        (
            "another mediaType",
            edited(|m| m["mediaType"] = json!("text/plain")),
        ),
        (
            "another config type",
            edited(|m| m["config"]["mediaType"] = json!("application/vnd.example+json")),
        ),
        (
            "a layer type in capitals",
            edited(|m| m["layers"][0]["mediaType"] = json!("application/vnd.oci.image.layer.v1.TAR+gzip")),
        ),
        (
            "a gzip layer called plain",
            edited(|m| m["layers"][0]["mediaType"] = json!("application/vnd.oci.image.layer.v1.tar")),
        ),
        (
            "foreign urls",
            edited(|m| m["layers"][0]["urls"] = json!(["https://example.com/layer"])),
        ),
        ("forged data", edited(|m| m["config"]["data"] = json!("e30="))),
    ] {
        assert!(!level(&comparison).is_no(), "{what}: {:#?}", comparison.causes);
    }
}

#[test]
fn what_means_the_same_is_packaging() {
    for (what, comparison) in [
        (
            "an annotation",
            edited(|m| m["annotations"] = json!({"a": "b", "A": "c"})),
        ),
        (
            "no mediaType",
            edited(|m| drop(m.as_object_mut().unwrap().remove("mediaType"))),
        ),
        ("an unknown field", edited(|m| m["x"] = json!({"y": [1, 2.50]}))),
        (
            "Docker's types",
            edited(|m| {
                m["mediaType"] = media_type::DOCKER_MANIFEST.into();
                m["config"]["mediaType"] = media_type::DOCKER_CONFIG.into();
                m["layers"][0]["mediaType"] = "application/vnd.docker.image.rootfs.diff.tar.gzip".into();
            }),
        ),
        ("white space", rewritten(|text| text.replace(',', " ,\n"))),
        (
            "true data",
            edited(
                |m| m["subject"] = json!({"mediaType": "x", "size": 2, "data": "e30=", "digest": Digest::sha256(b"{}").to_string()}),
            ),
        ),
    ] {
        assert_eq!(
            level(&comparison),
            Level::Repackaged,
            "{what}: {:#?}",
            comparison.causes
        );
    }
}

#[test]
fn a_digest_by_another_algorithm_names_the_same_manifest() {
    let mut store = Store::default();
    let left = image(&mut store, "1", "amd64", "a");
    let raw = store.blobs[&left].clone();
    let right = Digest::of(tagdrift::oci::Algorithm::Sha512, &raw);
    store.blobs.insert(right.clone(), raw);
    assert_eq!(level(&store.compare(&left, &right)), Level::Repackaged);
}

/// Two indexes whose children are given as (text, architecture in the config, platform in the index).
fn indexes(left: &[(&str, &str, &str)], right: &[(&str, &str, &str)]) -> Comparison {
    let mut store = Store::default();
    let (l, r) = (index(&mut store, left), index(&mut store, right));
    store.compare(&l, &r)
}

fn index(store: &mut Store, children: &[(&str, &str, &str)]) -> Digest {
    let children = children
        .iter()
        .map(|(text, architecture, platform)| {
            let digest = image(store, text, architecture, "a");
            store.child(&digest, platform)
        })
        .collect();
    store.index(children)
}

#[test]
fn platforms_by_any_name() {
    let one = [("1", "arm64", "linux/arm64")];
    assert_eq!(
        level(&indexes(&one, &[("1", "arm64", "linux/arm64/v8")])),
        Level::Repackaged
    );
    let two = [("1", "arm64", "linux/arm64"), ("2", "amd64", "linux/amd64")];
    let swapped = [("2", "amd64", "linux/amd64"), ("1", "arm64", "linux/aarch64")];
    assert_eq!(level(&indexes(&two, &swapped)), Level::Repackaged);
    for other in ["linux/arm64/v9", "linux/arm", "windows/arm64", ""] {
        assert_eq!(
            level(&indexes(&one, &[("1", "arm64", other)])),
            Level::Changed,
            "{other:?}"
        );
    }
    assert_eq!(
        level(&indexes(&one, &[("2", "arm64", "linux/arm64/v8")])),
        Level::Changed
    );
}

#[test]
fn what_became_of_each_platform_is_told() {
    let comparison = indexes(
        &[
            ("1", "amd64", "linux/amd64"),
            ("2", "arm64", "linux/arm64"),
            ("3", "s390x", "linux/s390x"),
            ("4", "arm", "linux/arm/v7"),
        ],
        &[
            ("1", "amd64", "linux/amd64"),
            ("9", "arm64", "linux/arm64"),
            ("3", "s390x", "linux/s390x"),
            ("5", "riscv64", "linux/riscv64"),
        ],
    );
    let told: Vec<&str> = comparison
        .notes
        .iter()
        .filter(|n| n.topic == "platforms")
        .map(|n| n.text.as_str())
        .collect();
    assert_eq!(
        told,
        [
            "linux/amd64, linux/s390x: unchanged; linux/arm64: rebuilt, with other content; linux/riscv64: added; linux/arm/v7: removed."
        ]
    );
}

#[test]
fn of_two_children_of_a_platform_the_first_is_taken() {
    let (a, b) = (("1", "amd64", "linux/amd64"), ("2", "amd64", "linux/amd64"));
    assert_eq!(level(&indexes(&[a, b], &[b, a])), Level::Changed);
    assert_eq!(level(&indexes(&[a], &[b, a])), Level::Changed);
    assert_eq!(level(&indexes(&[a], &[a, a])), Level::Repackaged);
    assert_eq!(level(&indexes(&[], &[])), Level::Identical);
}

/// An index with one image, edited on the right.
fn edited_index(edit: impl FnOnce(&mut Value)) -> Comparison {
    let mut store = Store::default();
    let left = index(&mut store, &[("1", "amd64", "linux/amd64")]);
    let mut document = store.json(&left);
    edit(&mut document);
    let right = store.manifest(&document);
    store.compare(&left, &right)
}

#[test]
fn what_an_index_says_of_its_children_counts() {
    for (what, comparison) in [
        (
            "os.features",
            edited_index(|i| i["manifests"][0]["platform"]["os.features"] = json!(["win32k"])),
        ),
        (
            "os.version",
            edited_index(|i| i["manifests"][0]["platform"]["os.version"] = json!("10.0.1")),
        ),
        (
            "another type",
            edited_index(|i| i["manifests"][0]["mediaType"] = json!("application/vnd.example")),
        ),
        (
            "a lying size",
            edited_index(|i| i["manifests"][0]["size"] = json!(3)),
        ),
        (
            "places outside",
            edited_index(|i| i["manifests"][0]["urls"] = json!(["https://example.com"])),
        ),
        ("no children", edited_index(|i| i["manifests"] = json!([]))),
        (
            "an attestation's annotation on what runs",
            edited_index(|i| {
                let mut disguised = i["manifests"][0].clone();
                disguised["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
                disguised["platform"]["architecture"] = json!("s390x");
                i["manifests"].as_array_mut().unwrap().push(disguised);
            }),
        ),
        (
            "a disguised child without a platform",
            edited_index(|i| {
                let mut disguised = i["manifests"][0].clone();
                disguised["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
                disguised.as_object_mut().unwrap().remove("platform");
                i["manifests"].as_array_mut().unwrap().insert(0, disguised);
            }),
        ),
    ] {
        assert!(!level(&comparison).is_no(), "{what}: {:#?}", comparison.causes);
    }
    let docker = edited_index(|i| {
        i["mediaType"] = media_type::DOCKER_INDEX.into();
        i["manifests"][0]["mediaType"] = media_type::DOCKER_MANIFEST.into();
        i["manifests"][0]["annotations"] = json!({"a": "b"});
    });
    assert_eq!(level(&docker), Level::Repackaged, "{:#?}", docker.causes);
    assert!(docker.causes.iter().any(|c| c.code == Code::ManifestMediaType));
}

#[test]
fn a_size_that_a_child_does_not_have_is_not_read_over() {
    let mut store = Store::default();
    let left = index(&mut store, &[("1", "amd64", "linux/amd64")]);
    let rebuilt = image(&mut store, "1", "amd64", "b");
    let mut child = store.child(&rebuilt, "linux/amd64");
    let honest = store.index(vec![child.clone()]);
    assert_eq!(level(&store.compare(&left, &honest)), Level::Repackaged);
    child["size"] = json!(7);
    let lying = store.index(vec![child]);
    assert_eq!(level(&store.compare(&left, &lying)), Level::Unknown);
}

#[test]
fn attestations_alone_are_packaging() {
    let mut store = Store::default();
    let runs = image(&mut store, "1", "amd64", "a");
    let of = |store: &mut Store, statement: &str, reference: &str| {
        let digest = store.image_of(
            vec![(statement.as_bytes().to_vec(), "application/vnd.in-toto+json")],
            json!({}),
        );
        let mut child = store.child(&digest, "unknown/unknown");
        child["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": reference});
        let main = store.child(&runs, "linux/amd64");
        store.index(vec![main, child])
    };
    let left = of(&mut store, "one", &runs.to_string());
    let plain = {
        let main = store.child(&runs, "linux/amd64");
        store.index(vec![main])
    };
    for (right, severity) in [
        (of(&mut store, "two", &runs.to_string()), 0),
        (of(&mut store, "two", "sha256:wrong"), 0),
        (plain.clone(), 2),
    ] {
        let comparison = store.compare(&left, &right);
        assert_eq!(level(&comparison), Level::Repackaged);
        let found = comparison
            .causes
            .iter()
            .find(|c| c.code == Code::IndexAttestation);
        assert_eq!(found.map(|c| c.severity.into()), Some(severity));
    }
    assert_eq!(level(&store.compare(&plain, &left)), Level::Repackaged);
    // The child itself may be gone from the registry: nobody runs it.
    let gone = {
        let mut child = store.child(&plain, "unknown/unknown");
        child["digest"] = json!(Digest::sha256(b"gone").to_string());
        child["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
        let main = store.child(&runs, "linux/amd64");
        store.index(vec![main, child])
    };
    assert_eq!(level(&store.compare(&left, &gone)), Level::Repackaged);
}

#[test]
fn a_wrap_must_offer_what_it_wraps() {
    let mut store = Store::default();
    let alone = image(&mut store, "1", "amd64", "a");
    for (platform, expected) in [
        ("linux/amd64", Level::Repackaged),
        ("linux/amd64/v1", Level::Repackaged),
        ("", Level::Repackaged),
        ("linux/arm64", Level::Changed),
        ("windows/amd64", Level::Changed),
    ] {
        let child = store.child(&alone, platform);
        let wrapped = store.index(vec![child]);
        for (l, r) in [(&alone, &wrapped), (&wrapped, &alone)] {
            let comparison = store.compare(l, r);
            assert_eq!(
                level(&comparison),
                expected,
                "{platform}: {:#?}",
                comparison.causes
            );
        }
    }
    let rebuilt = image(&mut store, "1", "amd64", "b");
    let mut child = store.child(&rebuilt, "linux/amd64");
    let wrapped = store.index(vec![child.clone()]);
    assert_eq!(level(&store.compare(&alone, &wrapped)), Level::Repackaged);
    child["size"] = json!(1);
    let lying = store.index(vec![child]);
    assert_eq!(level(&store.compare(&alone, &lying)), Level::Unknown);
}

#[test]
fn a_nested_index_is_not_read_over() {
    let mut store = Store::default();
    let inner = |store: &mut Store, text: &str| {
        let inner = index(store, &[(text, "amd64", "linux/amd64")]);
        let mut child = store.child(&inner, "");
        child["mediaType"] = media_type::OCI_INDEX.into();
        store.index(vec![child])
    };
    let (l, r) = (inner(&mut store, "1"), inner(&mut store, "2"));
    assert!(!level(&store.compare(&l, &r)).is_no());
}

#[test]
fn equal_children_are_no_reason_to_reach_the_limit() {
    let mut store = Store::default();
    let children: Vec<(String, String)> = (0..6).map(|i| (i.to_string(), format!("linux/a{i}"))).collect();
    let build = |store: &mut Store, created: usize| {
        let children = children
            .iter()
            .enumerate()
            .map(|(i, (text, platform))| {
                let stamp = if i < created { "b" } else { "a" };
                let digest = image(store, text, "amd64", stamp);
                store.child(&digest, platform)
            })
            .collect();
        store.index(children)
    };
    let limits = tagdrift::limits::Limits {
        index_children: 2,
        ..Default::default()
    };
    let left = build(&mut store, 0);
    for (rebuilt, expected) in [
        (1, Level::Repackaged),
        (2, Level::Repackaged),
        (3, Level::Unknown),
    ] {
        let right = build(&mut store, rebuilt);
        assert_eq!(
            level(&store.compare_within(&left, &right, &limits)),
            expected,
            "{rebuilt}"
        );
    }
}

#[test]
fn a_change_beside_what_cannot_be_read_is_a_change() {
    let mut store = Store::default();
    let left = index(
        &mut store,
        &[("1", "amd64", "linux/amd64"), ("1", "arm64", "linux/arm64")],
    );
    let right = index(
        &mut store,
        &[("2", "amd64", "linux/amd64"), ("2", "arm64", "linux/arm64")],
    );
    let gone: Digest = store.json(&right)["manifests"][1]["digest"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    store.blobs.remove(&gone);
    let comparison = store.compare(&left, &right);
    assert_eq!(level(&comparison), Level::Changed);
    assert!(
        comparison
            .causes
            .iter()
            .any(|c| c.weight == Weight::Unread && c.platform == "linux/arm64")
    );
}
