//! One real change somewhere in a YAML text or a template: never told equal. Thousands of cases, from a seed that is
//! printed (`TAGDRIFT_SEED` chooses another).
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]

use tagdrift::{
    compare::{
        template::{self, Equality, Renders},
        yaml,
    },
    limits::Limits,
};

#[path = "mutation/mod.rs"]
mod mutation;

use mutation::Random;

const CASES: usize = 6_000;

fn seed() -> u64 {
    let seed = std::env::var("TAGDRIFT_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(20_250_510);
    eprintln!("seed {seed}, {CASES} cases");
    seed
}

/// Texts in which `«` and `»` enclose what is no data (comments); everything else that is visible is.
const YAML: &[&str] = &[
    "«# one»\nname: kelp «# two»\nmode: 0644\nlist:\n  - a\n  «# three»\n  - {b: c, d: 'e''f'}\nscript: |\n  # content\n  run  x\n\n    deeper\nfolded: >-\n  some words\n  more\nquoted: \"a # b\"\nplain: x#y\nflag: yes\n",
    "base: &base {cpu: 10m}\nuse:\n  <<: *base\n  memory: 1Gi\ntext: |+\n  kept\n\n«# end»\nlast: [1, 2.50, ~]\n",
];

const TEMPLATES: &[&str] = &[
    "«# one»\nkind: A\nmetadata:\n  name: {{ .Release.Name }}-x\n  «# two»\n  labels:\n    {{- include \"x\" . | nindent 4 }}\ndata:\n  conf: |\n    # content {{ .x }}\n    # more\n    tide = 12\n  args:\n  «# three»\n  - --a={{ .a }}\n  {{- range .b }}\n  «# four»\n  - --b={{ . }}\n  {{- end }}\n",
    "{{- if .a }}\n«# one»\nspec:\n  {{ $k }}: |-\n    # content\n    x\n  other: \"{{ .v }} # no\"\n  words: some\n    # no comment to a reader that goes on\n{{- end }}\n«{{/* gone */}}»\n",
];

/// A text, and for each of its bytes whether a change there is real.
fn parse(marked: &str) -> (String, Vec<bool>) {
    let (mut text, mut real, mut inside) = (String::new(), Vec::new(), false);
    for c in marked.chars() {
        match c {
            '«' => inside = true,
            '»' => inside = false,
            c => {
                text.push(c);
                real.push(!inside && c.is_ascii_alphanumeric());
            }
        }
    }
    (text, real)
}

/// Another letter or digit in place of one that matters.
fn change(random: &mut Random, text: &str, real: &[bool]) -> String {
    let places: Vec<usize> = (0..real.len()).filter(|at| real[*at]).collect();
    let at = *random.pick(&places);
    let old = text.as_bytes()[at];
    let new = loop {
        let new = *random.pick(b"abcdefghijklmnopqrstuvwxyz23456789ABCDXYZ");
        if new != old {
            break char::from(new);
        }
    };
    match random.below(3) {
        0 => format!("{}{new}{}", &text[..at], &text[at + 1..]),
        // Doubling what stands there is a change as well.
        1 => format!("{}{new}{}", &text[..=at], &text[at + 1..]),
        _ => format!("{}{}", &text[..at], &text[at + 1..]),
    }
}

/// Noise that is no change, to go with the real one.
fn noise(random: &mut Random, text: &str) -> String {
    match random.below(4) {
        0 => format!("# noise\n{text}"),
        1 => format!("{text}# noise\n"),
        2 => text.replacen("# one", "# eins", 1),
        _ => text.to_owned(),
    }
}

#[test]
fn yaml_with_a_real_change_is_never_equal() {
    let mut random = Random::new(seed());
    let limits = Limits::default();
    for _ in 0..CASES {
        let (left, real) = parse(YAML[random.below(YAML.len())]);
        let changed = change(&mut random, &left, &real);
        let right = noise(&mut random, &changed);
        let comparison = yaml::compare(&left, &right, &limits);
        // Octal 0644 against 00644, 2.50 against 2.5, "yes" against "y": other bytes, the same data.
        let same_data = ["0644", "2.50", "yes"].iter().any(|word| {
            left.lines()
                .zip(changed.lines())
                .any(|(a, b)| a != b && a.contains(word))
        });
        assert!(
            !comparison.data_equal || same_data,
            "{left}\n---\n{right}\n{comparison:?}"
        );
    }
}

#[test]
fn templates_with_a_real_change_are_never_equal() {
    let mut random = Random::new(seed());
    let limits = Limits::default();
    for _ in 0..CASES {
        let (left, real) = parse(TEMPLATES[random.below(TEMPLATES.len())]);
        let changed = change(&mut random, &left, &real);
        let right = noise(&mut random, &changed);
        let comparison = template::compare(&left, &right, Renders::Yaml, &limits);
        assert_eq!(
            comparison.rendered,
            Equality::NotProven,
            "{left}\n---\n{right}\n{comparison:?}"
        );
    }
}

#[test]
fn noise_alone_is_no_change() {
    let mut random = Random::new(seed());
    let limits = Limits::default();
    for _ in 0..200 {
        let (left, _) = parse(YAML[random.below(YAML.len())]);
        let right = noise(&mut random, &left);
        assert!(yaml::compare(&left, &right, &limits).data_equal, "{right}");
        let (left, _) = parse(TEMPLATES[random.below(TEMPLATES.len())]);
        let right = noise(&mut random, &left);
        if right.ends_with("# noise\n") {
            // Helm cuts the end of a document: a comment there keeps the last line feed of a block scalar before it,
            // and what an action renders may be one.
            continue;
        }
        let comparison = template::compare(&left, &right, Renders::Yaml, &limits);
        assert!(comparison.equal_rendered_data(), "{right}\n{comparison:?}");
    }
}
