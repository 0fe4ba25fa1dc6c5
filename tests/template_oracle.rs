//! Mutated templates, judged here and rendered by Helm: what is proven equal must render to equal objects.
//!
//! Helm's engine is a small Go program (tests/oracle); `tests/oracle/run.sh` builds it and runs this test. Without it the
//! test says that it was skipped.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]

use serde_json::json;
use tagdrift::{
    compare::template::{self, Equality, Renders},
    limits::Limits,
};

#[path = "mutation/mod.rs"]
mod mutation;
#[path = "support/oracle.rs"]
mod oracle;

use mutation::Random;

const SEEDS: &[&str] = &[
    include_str!("mutation/deployment.yaml"),
    include_str!("mutation/configmap.yaml"),
    include_str!("mutation/branches.yaml"),
];

const HELPERS: &str = include_str!("mutation/_helpers.tpl");

const VALUES: &[&str] = &[
    "image: a\ntag: \"1\"\npull: Always\npath: /m\nextra: {}\nresources: {}\nport: 80\nsteps: []\nnotes: text\non: true\n",
    "image: b\ntag: v2\npull: IfNotPresent\npath: /x\nextra: {a: 1, b: two}\nresources: {limits: {cpu: 1}}\nport: 8080\n\
     steps: [{name: one, run: \"x\\ny\\n\"}, {name: two, run: z}]\nnotes: |\n  # first\n\n  second\n\non: false\n",
];

#[test]
fn what_is_proven_equal_renders_equal() {
    let Some(program) = oracle::named("TAGDRIFT_TEMPLATE_ORACLE") else {
        return;
    };
    let seed = oracle::number("TAGDRIFT_SEED").unwrap_or(1);
    let cases = oracle::number("TAGDRIFT_CASES").unwrap_or(20_000);
    let mut random = Random::new(seed);
    let limits = Limits::default();
    let (mut pairs, mut text) = (Vec::new(), 0);
    for _ in 0..cases {
        let mut left = random.pick(SEEDS).to_string();
        for _ in 0..random.below(3) {
            left = random.mutate_template(&left);
        }
        let mut right = random.mutate_template(&left);
        if random.below(3) == 0 {
            right = random.mutate_template(&right);
        }
        let comparison = template::compare(&left, &right, Renders::Yaml, &limits);
        if left != right && comparison.equal_rendered_data() {
            text += usize::from(comparison.rendered == Equality::Text);
            pairs.push([left, right]);
        }
    }
    eprintln!(
        "seed {seed}: {cases} cases, {} proven equal, {text} of them to the byte",
        pairs.len()
    );
    assert!(
        pairs.len() as u64 * 50 > cases,
        "too few are proven for this to test anything"
    );
    let question = json!({"helpers": HELPERS, "values": VALUES, "pairs": pairs});
    let answers: Vec<String> = oracle::ask(&program, &question);
    assert_eq!(answers.len(), pairs.len());
    let mut wrong: Vec<String> = pairs
        .iter()
        .zip(&answers)
        .filter(|(_, answer)| !answer.is_empty())
        .map(|(pair, answer)| {
            let diff = tagdrift::compare::text::diff(&pair[0], &pair[1], &limits).unwrap();
            format!(
                "{}\n{answer}\n",
                tagdrift::compare::text::unified(&pair[0], &pair[1], &diff, 6)
            )
        })
        .collect();
    wrong.sort_by_key(String::len);
    let count = wrong.len();
    wrong.truncate(6);
    assert!(wrong.is_empty(), "{count} wrong:\n{}", wrong.join("\n=====\n"));
}
