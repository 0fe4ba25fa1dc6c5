//! Helm is the judge: wherever the verdict on two charts is a "no", both render to equal objects, definitions and hooks
//! included, pods of `helm test` apart.
//!
//! Helm 3 and Helm 4 must both say so. Over every chart of tests/fixtures (and of the folder that `TAGDRIFT_CORPUS` names), and
//! over generated pairs. The seed is printed; `TAGDRIFT_SEED` and `TAGDRIFT_CASES` choose others, `TAGDRIFT_HELM` another Helm.
//! For thousands of pairs, `tests/oracle/run.sh` builds oracles that render them in one process each.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]

#[path = "support/oracle.rs"]
mod oracle;
#[path = "support/store.rs"]
mod store;
mod truth;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use oracle::number;
use serde_json::Value;
use store::{Member, Store, gzip, tar_of};
use tagdrift::oci::Digest;
use truth::chart::{Source, source};
use truth::dice::Dice;
use truth::edit::edit;
use truth::helm::Helm;

/// The judges, or none, said aloud.
fn judges() -> Vec<Helm> {
    let judges = Helm::judges();
    if judges.is_empty() {
        oracle::skipped(
            "no Helm to judge the verdicts; tests/oracle/run.sh or scripts/install-helm.sh builds it by Go",
        );
    }
    judges
}

/// Packs a chart, with its packed subcharts in it.
fn pack(source: &Source) -> Vec<u8> {
    let mut members = Vec::new();
    for (path, bytes) in &source.shadowed {
        members.push(Member::file(&format!("{}/{path}", source.folder), bytes.clone()));
    }
    for (path, bytes) in &source.files {
        if !source.packed.keys().any(|folder| path.starts_with(folder)) {
            members.push(Member::file(&format!("{}/{path}", source.folder), bytes.clone()));
        }
    }
    for (folder, archive) in &source.packed {
        let inside = source.files.iter().filter_map(|(path, bytes)| {
            let path = path.strip_prefix(folder.as_str())?;
            Some(Member::file(&format!("sub/{path}"), bytes.clone()))
        });
        let inner = gzip(&tar_of(&inside.collect::<Vec<_>>()), 6, 0);
        members.push(Member::file(&format!("{}/{archive}", source.folder), inner));
    }
    gzip(&tar_of(&members), 6, 0)
}

const OVERRIDES: [&str; 8] = [
    "replicas: null\nnothing: something\n",
    "flag: false\n",
    "text: \"one\\n# two\\n\\nthree\"\nfolded: \"a # b\"\n",
    "extra:\n  - name: X\n    value: |\n      # x\n\n      y\n",
    "reef:\n  enabled: false\n",
    "reef: null\nglobal:\n  depth: \"# 1\"\n",
    "labels:\n  x: null\n  \"a b\": \"- c\"\nlist: []\n",
    "image:\n  repository: \"x # y\"\n  tag: 1.10\nmode: \"0644\"\n",
];

#[test]
fn generated_pairs_that_get_a_no_render_the_same() {
    let mut judges = judges();
    if judges.is_empty() {
        return;
    }
    let seed = number("TAGDRIFT_SEED").unwrap_or(20_261_122);
    let oracle = judges.iter().all(Helm::is_quick);
    let mut levels: BTreeMap<&str, u64> = BTreeMap::new();
    let wanted = number("TAGDRIFT_CASES").unwrap_or(if oracle { 300 } else { 40 });
    let folder = tempfile::tempdir().unwrap();
    let paths = [folder.path().join("left.tgz"), folder.path().join("right.tgz")];
    let (mut tried, mut noes, mut failed, mut equal_but_yes) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut wrong = Vec::new();
    // Only a "no" is held against Helm, and only that takes time; so many are looked for.
    while noes < wanted && tried < wanted * 20 {
        let mut dice = Dice::new(seed.wrapping_add(tried));
        tried += 1;
        let left = source(&mut dice);
        let mut right = left.clone();
        let what = edit(&mut right, &mut dice);
        let packed = [pack(&left), pack(&right)];
        let mut store = Store::default();
        let [l, r] = packed.clone().map(|tgz| store.chart(tgz, "2026-01-01T00:00:00Z"));
        let comparison = store.compare(&l, &r);
        if l == r {
            continue;
        }
        let no = comparison.verdict.level.is_no();
        *levels.entry(comparison.verdict.level.word()).or_default() += 1;
        if !(no || oracle && number("TAGDRIFT_YES").is_some()) {
            continue;
        }
        noes += u64::from(no);
        for (path, bytes) in paths.iter().zip(&packed) {
            std::fs::write(path, bytes).unwrap();
        }
        let ci = String::from_utf8_lossy(&left.files["ci/on-values.yaml"]).into_owned();
        let mut values = vec![String::new(), dice.pick(&OVERRIDES).to_owned()];
        if oracle {
            values.extend(OVERRIDES.iter().map(|o| (*o).to_owned()).chain([ci]));
        }
        let mut equal = !no;
        for helm in &mut judges {
            let answer = helm.ask(&paths[0], &paths[1], &values);
            failed += u64::from(answer.failed == values.len() as u64);
            if no && !answer.differs.is_empty() {
                let case = seed.wrapping_add(tried - 1);
                wrong.push(format!(
                    "case {case} ({what}), {}:\n{}",
                    helm.name, answer.differs
                ));
            }
            equal &= answer.differs.is_empty() && answer.failed == 0;
        }
        if equal {
            equal_but_yes += 1;
            let codes: Vec<String> = comparison
                .causes
                .iter()
                .map(|c| format!("{} {} {}", c.code.word(), c.path, c.note))
                .collect();
            println!("yes, but Helm renders the same: {what}: {codes:?}");
        }
    }
    let names: Vec<&str> = judges.iter().map(|helm| helm.name.as_str()).collect();
    println!(
        "seed {seed}: {tried} pairs, {levels:?}; {noes} times no, {} of them wrong by {names:?}, {failed} fail on both sides, {equal_but_yes} times yes though the same is rendered",
        wrong.len()
    );
    wrong.sort_by_key(String::len);
    let count = wrong.len();
    wrong.truncate(12);
    for text in &mut wrong {
        if text.len() > 3000 {
            *text = text.chars().take(3000).collect();
        }
    }
    assert!(wrong.is_empty(), "{count} wrong:\n{}", wrong.join("\n=====\n"));
    assert!(noes >= wanted.min(20), "too few for this to test anything");
}

/// The verdict needs no Helm; where there is one, it is asked about every "no".
#[test]
fn pairs_that_lead_astray_do_not() {
    let mut judges = judges();
    let folder = tempfile::tempdir().unwrap();
    let paths = [folder.path().join("left.tgz"), folder.path().join("right.tgz")];
    let (mut noes, mut wrong) = (0, Vec::new());
    let pairs = truth::pairs::nasty();
    for pair in &pairs {
        let packed = [&pair.left, &pair.right].map(|files| {
            let members = files
                .iter()
                .map(|(path, text)| Member::file(&format!("kelp/{path}"), text.clone()));
            gzip(&tar_of(&members.collect::<Vec<_>>()), 6, 0)
        });
        let mut store = Store::default();
        let [left, right] = packed.clone().map(|tgz| store.chart(tgz, "2026-01-01T00:00:00Z"));
        let comparison = store.compare(&left, &right);
        let no = comparison.verdict.level.is_no();
        if no != pair.no {
            let codes: Vec<&str> = comparison.causes.iter().map(|c| c.code.word()).collect();
            let level = comparison.verdict.level.word();
            wrong.push(format!("{}: {level} by {codes:?}", pair.name));
        }
        noes += usize::from(no);
        if no {
            for (path, bytes) in paths.iter().zip(&packed) {
                std::fs::write(path, bytes).unwrap();
            }
            for helm in &mut judges {
                let answer = helm.ask(&paths[0], &paths[1], &[String::new()]);
                if !answer.differs.is_empty() {
                    wrong.push(format!("{}, {}: {}", pair.name, helm.name, answer.differs));
                }
            }
        }
    }
    println!(
        "{} pairs, {noes} times no, asked of {} judges",
        pairs.len(),
        judges.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The chart archive behind a tag.
fn archive(store: &Store, digest: &Digest) -> Option<Vec<u8>> {
    let manifest: Value = serde_json::from_slice(store.blobs.get(digest)?).ok()?;
    let layers = manifest["layers"].as_array()?;
    let layer = layers
        .iter()
        .find(|l| l["mediaType"].as_str() == Some("application/vnd.cncf.helm.chart.content.v1.tar+gzip"))?;
    store
        .blobs
        .get(&layer["digest"].as_str()?.parse::<Digest>().ok()?)
        .cloned()
}

/// The values in `ci/` of an archive.
fn ci_values(tgz: &[u8]) -> Vec<String> {
    let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(tgz));
    let mut found = Vec::new();
    for entry in archive.entries().into_iter().flatten().flatten() {
        let path = entry
            .path()
            .map(|p| p.to_string_lossy().into_owned())
            .unwrap_or_default();
        if path.contains("/ci/") && path.ends_with("values.yaml") {
            found.extend(std::io::read_to_string(entry).ok());
        }
    }
    found
}

#[test]
fn pairs_that_get_a_no_render_the_same() {
    let mut judges = judges();
    if judges.is_empty() {
        return;
    }
    let mut roots = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/charts")];
    roots.extend(std::env::var_os("TAGDRIFT_CORPUS").map(PathBuf::from));
    let scratch = tempfile::tempdir().unwrap();
    let paths = [scratch.path().join("left.tgz"), scratch.path().join("right.tgz")];
    let (mut tried, mut wrong) = (0, Vec::new());
    for folder in roots
        .iter()
        .flat_map(|root| std::fs::read_dir(root).unwrap().flatten())
    {
        let layout = folder.path().join("layout");
        if !layout.is_dir() {
            continue;
        }
        let (store, tags) = Store::of_layout(&layout);
        let (Some(left), Some(right)) = (tags.get("left"), tags.get("right")) else {
            continue;
        };
        let (Some(l), Some(r)) = (archive(&store, left), archive(&store, right)) else {
            continue;
        };
        if l == r || !store.compare(left, right).verdict.level.is_no() {
            continue;
        }
        let mut values = vec![String::new()];
        values.extend(ci_values(&l));
        std::fs::write(&paths[0], l).unwrap();
        std::fs::write(&paths[1], r).unwrap();
        tried += 1;
        for helm in &mut judges {
            let answer = helm.ask(&paths[0], &paths[1], &values);
            if !answer.differs.is_empty() {
                wrong.push(format!(
                    "{}, {}: {}",
                    folder.path().display(),
                    helm.name,
                    answer.differs
                ));
            }
        }
    }
    println!("{tried} pairs");
    assert!(wrong.is_empty(), "{}", wrong.join("\n=====\n"));
    assert!(tried > 20, "only {tried} pairs");
}
