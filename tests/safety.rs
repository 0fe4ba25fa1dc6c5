//! The first law, tried at random: an artifact, one real change anywhere in it, packed anew with random
//! noise: the verdict is never a "no". And the reverse: noise alone never gives "changed".
//!
//! Deterministic: the seed is printed, `TAGDRIFT_SEED` and `TAGDRIFT_CASES` choose others.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "support/store.rs"]
mod store;

use store::{Member, Store, gzip, tar_of};
use tagdrift::oci::Digest;
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
    let n = cases(2000);
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
    let n = cases(1000);
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

/// Noise that means nothing in an image: times, compression, history.
fn pack_image(
    store: &mut Store,
    layers: &[Vec<Member>],
    config: serde_json::Value,
    dice: &mut Dice,
) -> Digest {
    let packed = layers
        .iter()
        .map(|members| {
            let mut members = members.clone();
            for member in &mut members {
                member.mtime = 1_600_000_000 + dice.next() % 100_000_000;
            }
            for i in (1..members.len()).rev() {
                members.swap(i, dice.below(i + 1));
            }
            gzip(&tar_of(&members), *dice.pick(&[1, 6, 9]), dice.next() as u32)
        })
        .collect();
    let day = 1 + dice.below(28);
    store.image(packed, config, &format!("2026-01-{day:02}T00:00:00Z"))
}

fn config() -> serde_json::Value {
    serde_json::json!({"Env": ["PATH=/bin"], "Cmd": ["/app/serve"], "User": "1000", "ExposedPorts": {"80/tcp": {}}})
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
            match dice.below(5) {
                0 => config["Env"][0] = "PATH=/bin:/tmp".into(),
                1 => config["Cmd"] = serde_json::json!(["/app/serve", "--debug"]),
                2 => config["User"] = "0".into(),
                3 => config["ExposedPorts"]["81/tcp"] = serde_json::json!({}),
                _ => config["Entrypoint"] = serde_json::json!([""]),
            }
            "the config".to_owned()
        }
    }
}

#[test]
fn a_real_change_in_an_image_is_never_a_no() {
    let seed = seed();
    let n = cases(2000);
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
    let n = cases(1000);
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
