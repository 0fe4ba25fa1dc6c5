//! The first law, tried at random: an artifact, one real change anywhere in it, packed anew with random
//! noise: the verdict is never a "no". And the reverse: noise alone never gives "changed".
//!
//! Deterministic: the seed is printed, `TAGDRIFT_SEED` and `TAGDRIFT_CASES` choose others.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic
)]

#[path = "support/store.rs"]
mod store;

use std::collections::BTreeMap;

use serde_json::json;
use store::{Member, Store, gzip, tar_of};
use tagdrift::archive::{BlobReader, Content, Purpose};
use tagdrift::compare::files::{NodeDifference, pairs};
use tagdrift::limits::Limits;
use tagdrift::oci::{Digest, media_type};
use tagdrift::report::Comparison;
use tagdrift::verdict::Level;

/// xorshift64*: enough to choose, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

fn seed() -> u64 {
    std::env::var("TAGDRIFT_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(20_261_122)
}

fn cases(default: usize) -> usize {
    std::env::var("TAGDRIFT_CASES")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(default)
}

const VALUES: &str = "# how many\nreplicaCount: 1\nimage:\n  repository: registry.example/tide\n  tag: \"1.0\"\nlist:\n  - a\n  - b\nconfig: |\n  # inside\n  port = 1\n";
const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n  labels:\n    app: tide\nspec:\n  # how many\n  replicas: {{ .Values.replicaCount }}\n  template:\n    spec:\n      containers:\n        - name: tide\n          image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"\n";
const CONFIGMAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: tide\ndata:\n  conf: |\n    # a line of the file\n    a = 1\n  text: {{ .Values.config | quote }}\n";

fn subchart() -> Vec<Member> {
    vec![
        Member::file("reef/Chart.yaml", "apiVersion: v2\nname: reef\nversion: 0.1.0\n"),
        Member::file("reef/values.yaml", "depth: 4\n"),
        Member::file(
            "reef/templates/cm.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: reef\ndata:\n  depth: \"{{ .Values.depth }}\"\n",
        ),
    ]
}

fn chart() -> Vec<Member> {
    vec![
        Member::file(
            "tide/Chart.yaml",
            "apiVersion: v2\nname: tide\nversion: 1.0.0\nappVersion: \"1.0\"\n",
        ),
        Member::file("tide/values.yaml", VALUES),
        Member::file("tide/templates/deployment.yaml", DEPLOYMENT),
        Member::file("tide/templates/configmap.yaml", CONFIGMAP),
        Member::file(
            "tide/templates/_helpers.tpl",
            "{{- define \"tide.name\" -}}\ntide\n{{- end }}\n",
        ),
        Member::file(
            "tide/crds/buoy.yaml",
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: buoys.example.com\nspec:\n  versions:\n    - name: v1\n      served: true\n      storage: true\n",
        ),
        Member::file("tide/files/app.conf", "port = 8080\n"),
    ]
}

/// Packs a chart; its subchart is packed into it as a `.tgz`.
fn pack_chart(members: &[Member], sub: &[Member], dice: &mut Dice) -> Vec<u8> {
    let inner = gzip(
        &tar_of(&noisy(sub, dice)),
        *dice.pick(&[1, 6, 9]),
        dice.next() as u32,
    );
    let mut all = members.to_vec();
    all.push(Member::file("tide/charts/reef-0.1.0.tgz", inner));
    gzip(
        &tar_of(&noisy(&all, dice)),
        *dice.pick(&[1, 6, 9]),
        dice.next() as u32,
    )
}

/// Noise that means nothing in a chart: times, owners, modes, order, folder entries.
fn noisy(members: &[Member], dice: &mut Dice) -> Vec<Member> {
    let mut all: Vec<Member> = members.to_vec();
    for member in &mut all {
        member.mtime = 1_600_000_000 + dice.next() % 100_000_000;
        if dice.below(2) == 0 {
            member.owner = (dice.next() % 1000, dice.next() % 1000);
            member.mode = *dice.pick(&[0o644, 0o600, 0o755]);
        }
    }
    for i in (1..all.len()).rev() {
        all.swap(i, dice.below(i + 1));
    }
    if dice.below(2) == 0 {
        let root = all[0].path.split(|b| *b == b'/').next().unwrap().to_vec();
        all.insert(
            0,
            Member::folder(&format!("{}/", String::from_utf8(root).unwrap())),
        );
    }
    all
}

/// One byte of a text changed into another letter or digit, at a place where every byte counts: never in
/// a comment, never in white space.
fn change_byte(bytes: &mut [u8], dice: &mut Dice) -> String {
    loop {
        let at = dice.below(bytes.len());
        let line_start = bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let in_comment = bytes[line_start..at].contains(&b'#') || bytes[at] == b'#';
        if in_comment || !bytes[at].is_ascii_alphanumeric() {
            continue;
        }
        let old = bytes[at];
        let new = loop {
            let new = *dice.pick(b"abcdefghijklmnopqrstuvwxyz0123456789");
            if new != old && !new.eq_ignore_ascii_case(&old) {
                break new;
            }
        };
        bytes[at] = new;
        return format!("byte {at}: {:?} → {:?}", old as char, new as char);
    }
}

/// One real change in a chart or its packed subchart; says what it did.
fn mutate_chart(members: &mut Vec<Member>, sub: &mut Vec<Member>, dice: &mut Dice) -> String {
    let nested = dice.below(4) == 0;
    let target = if nested { sub } else { members };
    let i = dice.below(target.len());
    let path = String::from_utf8(target[i].path.clone()).unwrap();
    match dice.below(5) {
        0 => {
            target.remove(i);
            format!("removed {path}")
        }
        1 => {
            let new = format!(
                "{}/templates/extra-{}.yaml",
                path.split('/').next().unwrap(),
                dice.below(1000)
            );
            target.push(Member::file(
                &new,
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: extra\n",
            ));
            format!("added {new}")
        }
        2 => {
            // Out of its folder: a template that only changes its name renders the same objects.
            let (root, name) = path.split_once('/').unwrap();
            target[i].path = format!("{root}/moved/{}", name.replace('/', "-")).into_bytes();
            format!("moved {path}")
        }
        _ => {
            let what = change_byte(&mut target[i].bytes, dice);
            format!("{path}: {what}")
        }
    }
}

fn compare_charts(left: Vec<u8>, right: Vec<u8>) -> Comparison {
    let mut store = Store::default();
    let (l, r) = (
        store.chart(left, "2026-01-01T00:00:00Z"),
        store.chart(right, "2026-01-02T00:00:00Z"),
    );
    store.compare(&l, &r)
}

#[test]
fn a_real_change_in_a_chart_is_never_a_no() {
    let seed = seed();
    let n = cases(2_000);
    println!("seed {seed}, {n} cases");
    let mut dice = Dice(seed);
    for case in 0..n {
        let (mut members, mut sub) = (chart(), subchart());
        let left = pack_chart(&members, &sub, &mut dice);
        let what = mutate_chart(&mut members, &mut sub, &mut dice);
        let right = pack_chart(&members, &sub, &mut dice);
        let comparison = compare_charts(left, right);
        assert!(
            !comparison.verdict.level.is_no(),
            "seed {seed}, case {case}: {what}: {:?}",
            comparison.verdict
        );
    }
}

#[test]
fn noise_alone_never_changes_a_chart() {
    let seed = seed();
    let n = cases(500);
    println!("seed {seed}, {n} cases");
    let mut dice = Dice(seed);
    for case in 0..n {
        let left = pack_chart(&chart(), &subchart(), &mut dice);
        let right = pack_chart(&chart(), &subchart(), &mut dice);
        let comparison = compare_charts(left, right);
        assert!(
            matches!(comparison.verdict.level, Level::Repackaged | Level::Cosmetic),
            "seed {seed}, case {case}: {:?} {:#?}",
            comparison.verdict,
            comparison.causes
        );
    }
}

fn rootfs() -> Vec<Vec<Member>> {
    vec![
        vec![
            Member::folder("etc/"),
            Member::file("etc/os-release", "ID=tide\n"),
            Member {
                mode: 0o755,
                ..Member::file("bin/sh", vec![0x7f, b'E', b'L', b'F', 1, 2, 3])
            },
            Member::symlink("bin/ash", "sh"),
        ],
        vec![
            Member::file("app/serve", vec![7u8; 700]),
            Member::file("etc/app.conf", "port = 8080\n"),
            Member::file("etc/old", "gone soon\n"),
        ],
        vec![Member::file("etc/.wh.old", ""), Member::file("app/extra", "x\n")],
    ]
}

/// Noise that means nothing in an image: times, order, compression, Docker's or OCI's words, history, empty
/// fields, annotations, an index around it all.
fn pack_image(
    store: &mut Store,
    layers: &[Vec<Member>],
    config: serde_json::Value,
    dice: &mut Dice,
) -> Digest {
    let docker = dice.below(3) == 0;
    let packed: Vec<(Vec<u8>, &str)> = layers
        .iter()
        .map(|members| {
            let mut members = members.clone();
            for member in &mut members {
                member.mtime = 1_600_000_000 + dice.next() % 100_000_000;
            }
            for i in (1..members.len()).rev() {
                members.swap(i, dice.below(i + 1));
            }
            compressed(tar_of(&members), docker, dice)
        })
        .collect();
    let mut whole = json!({"architecture": "amd64", "os": "linux", "config": config});
    whole["created"] = format!("2026-01-{:02}T00:00:00Z", 1 + dice.below(28)).into();
    if dice.below(2) == 0 {
        whole["history"] = json!([{"created_by": format!("RUN {}", dice.below(9))}]);
    }
    for (field, empty) in [
        ("Entrypoint", json!(null)),
        ("Volumes", json!({})),
        ("StopSignal", json!("")),
        ("OnBuild", json!([])),
        ("ArgsEscaped", json!(false)),
    ] {
        if dice.below(3) == 0 && whole["config"].get(field).is_none() {
            whole["config"][field] = empty;
        }
    }
    let image = store.image_of(packed, whole);
    let mut manifest = store.json(&image);
    if dice.below(2) == 0 {
        manifest["annotations"] =
            json!({"org.opencontainers.image.created": dice.below(99).to_string(), "a": "b"});
    }
    if docker {
        manifest["mediaType"] = media_type::DOCKER_MANIFEST.into();
        manifest["config"]["mediaType"] = media_type::DOCKER_CONFIG.into();
    }
    let image = match dice.below(2) {
        0 => store.manifest(&manifest),
        _ => store.raw(&serde_json::to_string_pretty(&manifest).unwrap()),
    };
    if dice.below(3) > 0 {
        return image;
    }
    let mut children = vec![store.child(
        &image,
        dice.pick::<&str>(&["linux/amd64", "linux/amd64/v1", "linux/x86_64"]),
    )];
    if dice.below(2) == 0 {
        let statement = dice.next().to_string().into_bytes();
        let attestation = store.image_of(vec![(statement, "application/vnd.in-toto+json")], json!({}));
        let mut child = store.child(&attestation, "unknown/unknown");
        child["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
        children.insert(dice.below(2), child);
    }
    store.index(children)
}

/// A layer in one of the ways that runtimes unpack to the same, and its type.
fn compressed(tar: Vec<u8>, docker: bool, dice: &mut Dice) -> (Vec<u8>, &'static str) {
    let types = match docker {
        true => [
            "application/vnd.docker.image.rootfs.diff.tar",
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "application/vnd.docker.image.rootfs.diff.tar.zstd",
        ],
        false => [
            "application/vnd.oci.image.layer.v1.tar",
            "application/vnd.oci.image.layer.v1.tar+gzip",
            "application/vnd.oci.image.layer.v1.tar+zstd",
        ],
    };
    match dice.below(6) {
        0 => (tar, types[0]),
        1 => {
            let frame =
                ruzstd::encoding::compress_to_vec(&tar[..], ruzstd::encoding::CompressionLevel::Fastest);
            (frame, types[2])
        }
        2 => {
            let at = dice.below(tar.len());
            let mut members = gzip(&tar[..at], 6, dice.next() as u32);
            members.extend(gzip(&tar[at..], 1, 0));
            (members, types[1])
        }
        _ => (gzip(&tar, *dice.pick(&[1, 6, 9]), dice.next() as u32), types[1]),
    }
}

fn config() -> serde_json::Value {
    json!({"Env": ["PATH=/bin"], "Cmd": ["/app/serve"], "User": "1000", "ExposedPorts": {"80/tcp": {}}})
}

fn mutate_image(layers: &mut [Vec<Member>], config: &mut serde_json::Value, dice: &mut Dice) -> String {
    let l = dice.below(layers.len());
    let i = dice.below(layers[l].len());
    let path = String::from_utf8(layers[l][i].path.clone()).unwrap();
    let whiteout = path.contains(".wh.") || path == "etc/old";
    match dice.below(9) {
        0 if !whiteout && layers[l][i].bytes.len() > 3 => {
            let at = dice.below(layers[l][i].bytes.len());
            layers[l][i].bytes[at] ^= 1 << dice.below(8);
            format!("{path}: bit of byte {at}")
        }
        // A symbolic link has no mode of its own on Linux.
        1 if !whiteout && layers[l][i].link.is_empty() => {
            layers[l][i].mode ^= *dice.pick(&[0o4000, 0o2000, 0o1000, 0o100, 0o001, 0o022]);
            format!("{path}: mode")
        }
        2 if !whiteout => {
            layers[l][i].owner.0 += 1 + dice.next() % 9;
            format!("{path}: owner")
        }
        3 => {
            layers[0][3].link = b"busybox".to_vec();
            "bin/ash: link".to_owned()
        }
        4 if !whiteout => {
            layers[l].remove(i);
            // A folder that holds files is made by itself: removing its entry is no change.
            if path == "etc/" {
                layers[1].push(Member::file("etc/new", "new\n"));
            }
            format!("removed {path}")
        }
        5 => {
            layers[l].push(Member::file(&format!("opt/new-{}", dice.below(1000)), "new\n"));
            "a file more".to_owned()
        }
        6 => {
            layers[2].remove(0);
            "the whiteout is gone".to_owned()
        }
        7 => {
            layers[2].push(Member::file("bin/.wh.sh", ""));
            "a file is whited out".to_owned()
        }
        _ => {
            match dice.below(9) {
                4 => config["Env"] = json!(["PATH=/bin", "PATH=/tmp"]),
                5 => config["StopSignal"] = "SIGINT".into(),
                6 => config["Volumes"] = json!({"/data": {}}),
                7 => config["Healthcheck"] = json!({"Test": ["CMD", "x"]}),
                8 => config["user"] = "0".into(),
                0 => config["Env"][0] = "PATH=/bin:/tmp".into(),
                1 => config["Cmd"] = json!(["/app/serve", "--debug"]),
                2 => config["User"] = "0".into(),
                3 => config["ExposedPorts"]["81/tcp"] = json!({}),
                _ => config["Entrypoint"] = json!([""]),
            }
            "the config".to_owned()
        }
    }
}

#[test]
fn a_real_change_in_an_image_is_never_a_no() {
    let seed = seed();
    let n = cases(2_500);
    println!("seed {seed}, {n} cases");
    let mut dice = Dice(seed);
    for case in 0..n {
        let mut store = Store::default();
        let (mut layers, mut runs) = (rootfs(), config());
        let left = pack_image(&mut store, &layers, runs.clone(), &mut dice);
        let what = mutate_image(&mut layers, &mut runs, &mut dice);
        let right = pack_image(&mut store, &layers, runs, &mut dice);
        let comparison = store.compare(&left, &right);
        assert!(
            !comparison.verdict.level.is_no(),
            "seed {seed}, case {case}: {what}: {:?}",
            comparison.verdict
        );
    }
}

#[test]
fn noise_alone_never_changes_an_image() {
    let seed = seed();
    let n = cases(500);
    println!("seed {seed}, {n} cases");
    let mut dice = Dice(seed);
    for case in 0..n {
        let mut store = Store::default();
        let left = pack_image(&mut store, &rootfs(), config(), &mut dice);
        let mut layers = rootfs();
        match dice.below(3) {
            // Added and deleted again: two layers more, the same file system.
            0 => layers.extend([vec![Member::file("opt", "x")], vec![Member::file(".wh.opt", "")]]),
            // The top two layers squashed.
            1 => {
                let mut top = layers.split_off(1);
                top[0].retain(|m| m.path != b"etc/old");
                top[1].remove(0);
                layers.push(top.concat());
            }
            _ => {}
        }
        let right = pack_image(&mut store, &layers, config(), &mut dice);
        let comparison = store.compare(&left, &right);
        assert_eq!(
            comparison.verdict.level,
            if left == right {
                Level::Identical
            } else {
                Level::Repackaged
            },
            "seed {seed}, case {case}: {:#?}",
            comparison.causes
        );
    }
}

/// A layer over a handful of paths: files, folders, links, whiteouts, opaque folders.
fn random_layer(dice: &mut Dice, links: bool) -> Vec<Member> {
    const PATHS: [&str; 9] = ["a", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "f", "f/a"];
    let mut layer = Vec::new();
    for _ in 0..1 + dice.below(4) {
        let path = *dice.pick(&PATHS);
        let (folder, name) = path.rsplit_once('/').map_or(("", path), |(f, n)| (f, n));
        let beside = |name: &str| match folder {
            "" => name.to_owned(),
            folder => format!("{folder}/{name}"),
        };
        layer.push(match dice.below(if links { 9 } else { 7 }) {
            0 | 1 => Member::folder(&format!("{path}/")),
            2 => Member::file(&beside(&format!(".wh.{name}")), ""),
            3 => Member::file(&format!("{path}/.wh..wh..opq"), ""),
            4..=6 => Member::file(path, dice.below(2).to_string()),
            7 => Member::symlink(path, dice.pick::<&str>(&["a", "d", "f", "../d", "/f"])),
            _ => Member {
                kind: tar::EntryType::Link,
                link: dice.pick(&PATHS).as_bytes().to_vec(),
                ..Member::file(path, "")
            },
        });
    }
    layer
}

/// The root that layers without links make, by the words of the specification and nothing else: `None`
/// where a layer removes what it brings, of which the specification says less than runtimes do.
fn by_the_book(layers: &[Vec<Member>]) -> Option<BTreeMap<String, Option<Vec<u8>>>> {
    let mut root: BTreeMap<String, Option<Vec<u8>>> = BTreeMap::new();
    let remove = |root: &mut BTreeMap<String, Option<Vec<u8>>>, path: &str, itself: bool| {
        let below = format!("{path}/");
        root.retain(|p, _| !(p.starts_with(&below) || (itself && p == path)));
    };
    for layer in layers {
        let text = |m: &Member| String::from_utf8(m.path.clone()).unwrap();
        let (marks, entries): (Vec<&Member>, Vec<&Member>) =
            layer.iter().partition(|m| text(m).contains(".wh."));
        for mark in marks {
            let path = text(mark);
            if let Some(folder) = path.strip_suffix("/.wh..wh..opq") {
                // Through a file there is no way to a folder.
                if matches!(root.get(folder), Some(Some(_))) {
                    return None;
                }
                remove(&mut root, folder, false);
                continue;
            }
            let hidden = path.replacen(".wh.", "", 1);
            let brought = |m: &&&Member| {
                let own = text(m);
                let own = own.trim_end_matches('/');
                own == hidden || own.starts_with(&format!("{hidden}/"))
            };
            if entries.iter().any(|m| brought(&m)) {
                return None;
            }
            remove(&mut root, &hidden, true);
        }
        for entry in entries {
            let path = text(entry).trim_end_matches('/').to_owned();
            for (at, _) in path.match_indices('/') {
                let parent = path[..at].to_owned();
                // A file below a file: unpackers fail or not.
                if matches!(root.get(&parent), Some(Some(_))) {
                    return None;
                }
                root.insert(parent, None);
            }
            if entry.kind == tar::EntryType::Directory {
                if !matches!(root.get(&path), Some(None)) {
                    remove(&mut root, &path, true);
                }
                root.insert(path, None);
            } else {
                remove(&mut root, &path, true);
                root.insert(path, Some(entry.bytes.clone()));
            }
        }
    }
    Some(root)
}

/// The root that all layers together make, read one by one.
fn flattened(store: &Store, image: &Digest) -> tagdrift::tree::Tree {
    let manifest = store.json(image);
    let listings: Vec<_> = manifest["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|layer| {
            let descriptor: tagdrift::oci::Descriptor = serde_json::from_value(layer.clone()).unwrap();
            let mut reader = BlobReader::new(&descriptor, Purpose::Layer, &Limits::default());
            reader.push(&store.blobs[&descriptor.digest]).unwrap();
            match reader.finish().content {
                Content::Tar(listing) => listing,
                other => panic!("a layer is a tar archive, not {other:?}"),
            }
        })
        .collect();
    let numbered: Vec<_> = listings.iter().enumerate().map(|(i, l)| (i as u32, l)).collect();
    tagdrift::tree::image::flatten(&numbered)
}

#[test]
fn reading_only_what_differs_gives_what_reading_all_gives() {
    let seed = seed();
    let n = cases(1_500);
    println!("seed {seed}, {n} cases");
    let mut dice = Dice(seed ^ 0x5eed);
    let (mut equal, mut known) = (0, 0);
    for case in 0..n {
        let links = dice.below(3) > 0;
        let stack = |dice: &mut Dice, most: usize| -> Vec<Vec<Member>> {
            (0..dice.below(most + 1))
                .map(|_| random_layer(dice, links))
                .collect()
        };
        let (below, above) = (stack(&mut dice, 2), stack(&mut dice, 1));
        let left = [below.clone(), stack(&mut dice, 2), above.clone()].concat();
        let right = [below, stack(&mut dice, 2), above].concat();
        let mut store = Store::default();
        let pack = |store: &mut Store, layers: &[Vec<Member>]| {
            let packed = layers.iter().map(|l| gzip(&tar_of(l), 1, 0)).collect();
            store.image(packed, config(), "now")
        };
        let (l, r) = (pack(&mut store, &left), pack(&mut store, &right));
        let (whole_left, whole_right) = (flattened(&store, &l), flattened(&store, &r));
        for (tree, layers) in [(&whole_left, &left), (&whole_right, &right)] {
            if !links && let Some(book) = by_the_book(layers) {
                let ours: BTreeMap<String, bool> = tree
                    .nodes
                    .iter()
                    .map(|(path, node)| {
                        (
                            String::from_utf8(path.clone()).unwrap(),
                            node.kind.word() == "dir",
                        )
                    })
                    .collect();
                let theirs: BTreeMap<String, bool> =
                    book.iter().map(|(p, b)| (p.clone(), b.is_none())).collect();
                assert_eq!(ours, theirs, "seed {seed}, case {case}: {layers:#?}");
                known += 1;
            }
        }
        let same = pairs(&whole_left, &whole_right)
            .iter()
            .all(|p| matches!((p.left, p.right), (Some(a), Some(b)) if !NodeDifference::of(a, b).any()));
        let comparison = store.compare(&l, &r);
        assert_eq!(
            comparison.verdict.level.is_no(),
            same,
            "seed {seed}, case {case}: {left:#?} {right:#?} {:?} {:#?}",
            comparison.verdict,
            comparison.causes
        );
        equal += usize::from(same);
    }
    println!("{equal} of {n} were equal; {known} roots were held against the specification's words");
    assert!(equal * 20 > n && known > 0, "the cases are not all of one kind");
}

/// A Flux artifact of these files, with noise around them.
fn pack_flux(store: &mut Store, members: &[Member], dice: &mut Dice) -> Digest {
    let bytes = gzip(
        &tar_of(&noisy(members, dice)),
        *dice.pick(&[1, 6, 9]),
        dice.next() as u32,
    );
    let layer = store.blob(bytes, media_type::FLUX_CONTENT);
    let config = store.blob(b"{}".to_vec(), media_type::FLUX_CONFIG);
    store.manifest(&json!({
        "schemaVersion": 2, "config": config, "layers": [layer],
        "annotations": {"org.opencontainers.image.created": dice.next().to_string()}
    }))
}

fn flux_files() -> Vec<Member> {
    vec![
        Member::file(
            "deploy/kustomization.yaml",
            "resources:\n  - buoy.yaml\n  - tide.yaml\n",
        ),
        Member::file(
            "deploy/buoy.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: buoy\ndata:\n  conf: |\n    port = 1\n",
        ),
        Member::file(
            "deploy/tide.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: tide\n",
        ),
        Member::file("deploy/license-server.yaml", "kind: Deployment\n"),
    ]
}

#[test]
fn a_flux_artifact_changes_by_its_files_and_by_nothing_else() {
    let seed = seed();
    let n = cases(500);
    println!("seed {seed}, {n} cases");
    let mut dice = Dice(seed ^ 0xf1);
    for case in 0..n {
        let mut store = Store::default();
        let mut members = flux_files();
        let left = pack_flux(&mut store, &members, &mut dice);
        let commented = dice.below(2) == 0;
        if commented {
            members[2].bytes.splice(0..0, *b"# a comment\n");
        }
        members.push(Member::file("deploy/README.md", dice.next().to_string()));
        let right = pack_flux(&mut store, &members, &mut dice);
        let noise = store.compare(&left, &right);
        assert_eq!(
            noise.verdict.level,
            Level::Cosmetic,
            "seed {seed}, case {case}: {:#?}",
            noise.causes
        );
        let i = dice.below(4);
        let what = match dice.below(4) {
            0 => {
                members.remove(i);
                "a file less".to_owned()
            }
            1 => {
                members.push(Member::file("deploy/more.json", "{}"));
                "a file more".to_owned()
            }
            _ => change_byte(&mut members[i].bytes, &mut dice),
        };
        let right = pack_flux(&mut store, &members, &mut dice);
        let changed = store.compare(&left, &right);
        assert!(
            !changed.verdict.level.is_no(),
            "seed {seed}, case {case}: file {i}: {what}: {:?}",
            changed.verdict
        );
    }
}
