//! Each bound of [`Limits`], lowered until it is reached: a real change is never called none for it, what is equal is
//! never called changed, and nothing breaks.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(dead_code)]

#[path = "support/store.rs"]
mod store;

use serde_json::json;
use store::{Member, Store, gzip, tar_of};
use tagdrift::limits::Limits;
use tagdrift::oci::Digest;
use tagdrift::report::Comparison;
use tagdrift::verdict::{Code, Level};

/// The defaults with one bound set, each in turn. A bound that is added to [`Limits`] without being added here does not
/// compile.
fn each_lowered(to: u64) -> Vec<(&'static str, Limits)> {
    macro_rules! lowered {
        ($($name:ident),* $(,)?) => {{
            let Limits { $($name: _),* } = Limits::default();
            vec![$((stringify!($name), {
                let mut limits = Limits::default();
                limits.$name = to.try_into().unwrap_or(limits.$name);
                limits
            })),*]
        }};
    }
    lowered![
        manifest_bytes,
        reply_bytes,
        listing_bytes,
        listing_pages,
        tags,
        config_bytes,
        blob_bytes,
        unpacked_bytes,
        ratio,
        ratio_grace_bytes,
        zstd_window_bytes,
        entries,
        extension_bytes,
        metadata_bytes,
        path_bytes,
        kept_file_bytes,
        kept_bytes,
        nesting,
        diff_lines,
        word_diff_bytes,
        data_depth,
        data_nodes,
        alias_nodes,
        data_documents,
        diff_pairs,
        rename_lines,
        pointer_bytes,
        read_patterns,
        computed_names,
        template_rounds,
        causes,
        index_children,
        layers,
    ]
}

const STEPS: [u64; 8] = [0, 1, 2, 5, 20, 100, 600, 3000];

const VALUES: &str =
    "base: &base {a: 1, b: 2}\none:\n  <<: *base\n  c: [1, 2, 3]\ntext: |\n  some lines\n  of text\n";

/// A chart with everything that a bound is about: nested archives, aliases, documents, templates, long names.
fn chart(values: &str, image: &str, mtime: u32) -> Vec<u8> {
    let sub = gzip(
        &tar_of(&[
            Member::file("eddy/Chart.yaml", "apiVersion: v2\nname: eddy\nversion: 0.1.0\n"),
            Member::file("eddy/values.yaml", "deep: true\n"),
        ]),
        9,
        1,
    );
    let manifests = format!("kind: A\nimage: {image}\n---\nkind: B\n---\nkind: C\n");
    gzip(
        &tar_of(&[
            Member::file(
                "tide/Chart.yaml",
                "apiVersion: v2\nname: tide\nversion: 1.0.0\ndependencies:\n- {name: eddy, version: 0.1.0}\n",
            ),
            Member::file("tide/values.yaml", values),
            Member::file("tide/templates/all.yaml", manifests),
            Member::file("tide/charts/eddy-0.1.0.tgz", sub),
            Member::file(&format!("tide/files/{}", "long/".repeat(40)), "x"),
        ]),
        9,
        mtime,
    )
}

fn levels(what: &str, store: &Store, left: &Digest, right: &Digest, allowed: &[Level]) {
    let whole = store.compare(left, right).verdict.level;
    assert!(
        allowed.contains(&whole),
        "{what}, all limits as they are: {whole:?}"
    );
    for to in STEPS {
        for (name, limits) in each_lowered(to) {
            // A manifest that cannot be read is a fault before there is a job in these tests.
            if name == "manifest_bytes" {
                continue;
            }
            let comparison = store.compare_within(left, right, &limits);
            let level = comparison.verdict.level;
            assert!(
                allowed.contains(&level),
                "{what}, {name} = {to}: {level:?}, {}",
                codes(&comparison)
            );
        }
    }
}

fn codes(comparison: &Comparison) -> String {
    let causes = comparison.causes.iter();
    let words: Vec<String> = causes.map(|c| format!("{} {}", c.code.word(), c.path)).collect();
    words.join(", ")
}

#[test]
fn no_bound_hides_a_changed_chart() {
    let mut store = Store::default();
    let left = store.chart(chart(VALUES, "tide:1", 1), "2026-01-01T00:00:00Z");
    let changes = [
        ("values", chart(&VALUES.replace("b: 2", "b: 3"), "tide:1", 2)),
        ("templates", chart(VALUES, "tide:2", 2)),
    ];
    for (what, right) in changes {
        let right = store.chart(right, "2026-01-02T00:00:00Z");
        let never_none = [Level::Changed, Level::Breaking, Level::Unknown];
        levels(what, &store, &left, &right, &never_none);
    }
}

#[test]
fn no_bound_makes_a_change_of_a_repackaged_chart() {
    let mut store = Store::default();
    let left = store.chart(chart(VALUES, "tide:1", 1), "2026-01-01T00:00:00Z");
    let right = store.chart(chart(VALUES, "tide:1", 2), "2026-01-02T00:00:00Z");
    levels(
        "repackaged",
        &store,
        &left,
        &right,
        &[Level::Repackaged, Level::Unknown],
    );
}

#[test]
fn no_bound_hides_a_changed_image() {
    let mut store = Store::default();
    let layer = |text: &str| {
        gzip(
            &tar_of(&[Member::folder("app/"), Member::file("app/run", text)]),
            9,
            0,
        )
    };
    let base = gzip(&tar_of(&[Member::file("etc/base", "base")]), 9, 0);
    let mut image = |text: &str, created| {
        store.image(
            vec![base.clone(), layer(text)],
            json!({"config": {"Env": ["A=1"]}}),
            created,
        )
    };
    let left = image("one", "2026-01-01T00:00:00Z");
    let right = image("two", "2026-01-02T00:00:00Z");
    levels(
        "image",
        &store,
        &left,
        &right,
        &[Level::Changed, Level::Breaking, Level::Unknown],
    );
}

/// Charts whose values differ in a comment only, which is cosmetic as long as both can be read.
fn commented(values: &str, limits: &Limits) -> Comparison {
    let mut store = Store::default();
    let left = store.chart(chart(values, "tide:1", 1), "2026-01-01T00:00:00Z");
    let right = store.chart(
        chart(&format!("# comment\n{values}"), "tide:1", 1),
        "2026-01-01T00:00:00Z",
    );
    store.compare_within(&left, &right, limits)
}

#[test]
fn what_aliases_stand_for_is_bounded() {
    let within = |alias_nodes| {
        let limits = Limits {
            alias_nodes,
            ..Limits::default()
        };
        commented(VALUES, &limits)
    };
    // Five nodes: the mapping, its keys and its values.
    assert_eq!(within(5).verdict.level, Level::Cosmetic);
    let beyond = within(4);
    assert!(
        matches!(beyond.verdict.level, Level::Changed | Level::Unknown),
        "{}",
        codes(&beyond)
    );
}

#[test]
fn documents_are_bounded() {
    let within = |data_documents| {
        let limits = Limits {
            data_documents,
            ..Limits::default()
        };
        commented(VALUES, &limits)
    };
    assert_eq!(within(3).verdict.level, Level::Cosmetic);
    let beyond = within(0);
    assert!(
        matches!(beyond.verdict.level, Level::Changed | Level::Unknown),
        "{}",
        codes(&beyond)
    );
}

#[test]
fn a_bound_on_reading_is_said_as_a_limit() {
    let mut store = Store::default();
    let left = store.chart(chart(VALUES, "tide:1", 1), "2026-01-01T00:00:00Z");
    let right = store.chart(chart(VALUES, "tide:1", 2), "2026-01-02T00:00:00Z");
    for (name, limits) in each_lowered(2) {
        let reading = [
            "blob_bytes",
            "unpacked_bytes",
            "entries",
            "path_bytes",
            "metadata_bytes",
        ];
        if !reading.contains(&name) {
            continue;
        }
        let comparison = store.compare_within(&left, &right, &limits);
        assert_eq!(comparison.verdict.level, Level::Unknown, "{name}");
        let said = comparison.causes.iter().any(|c| c.code == Code::LimitReached);
        assert!(said, "{name}: {}", codes(&comparison));
    }
}
