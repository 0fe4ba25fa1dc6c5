//! Figures of the engine alone, everything in memory: `cargo bench --bench engine`.
//!
//! A chart pair of 100 files from bytes to verdict, and a YAML pair of 31 000 lines by lines and as data. Prints medians
//! and judges nothing.
#![cfg(not(target_arch = "wasm32"))]
// It prints its figures, and there is nobody to hand an error to.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]
#![allow(dead_code)]

#[path = "../tests/support/store.rs"]
mod store;

use std::time::{Duration, Instant};

use store::{Member, Store, gzip, tar_of};
use tagdrift::compare::template::{self, Renders};
use tagdrift::compare::{text, yaml};
use tagdrift::limits::Limits;

fn main() {
    let limits = Limits::default();
    for (what, changed) in [("repackaged", false), ("one template changed", true)] {
        let mut store = Store::default();
        let left = store.chart(chart(1, false), "2026-01-01T00:00:00Z");
        let right = store.chart(chart(2, changed), "2026-01-02T00:00:00Z");
        told(&format!("chart pair of 100 files, {what}"), || {
            assert!(!store.compare(&left, &right).causes.is_empty());
        });
    }
    let (left, right) = (values(0), values(99));
    println!(
        "YAML pair: {} lines, {} KiB",
        left.lines().count(),
        left.len() >> 10
    );
    told("  by lines", || {
        assert!(!text::diff(&left, &right, &limits).unwrap().hunks.is_empty())
    });
    told("  as data", || {
        assert_eq!(yaml::compare(&left, &right, &limits).total_changes, 62)
    });
    told("  as a template", || {
        assert!(
            !template::compare(&left, &right, Renders::Yaml, &limits)
                .text
                .is_empty()
        )
    });
}

/// The median of at least five runs within a second.
fn told(what: &str, mut run: impl FnMut()) {
    let begun = Instant::now();
    let mut times = Vec::new();
    while times.len() < 5 || begun.elapsed() < Duration::from_secs(1) {
        let start = Instant::now();
        run();
        times.push(start.elapsed());
    }
    times.sort();
    println!(
        "{what}: median {:.2} ms, best {:.2} ms of {}",
        times[times.len() / 2].as_secs_f64() * 1e3,
        times[0].as_secs_f64() * 1e3,
        times.len()
    );
}

/// 31 000 lines; `replicas` is another at every hundredth service.
fn values(replicas: usize) -> String {
    (0..6200)
        .map(|n| {
            let count = if n % 100 == 0 { replicas } else { n % 7 };
            format!(
                "service{n}:\n  name: s{n}\n  replicas: {count}\n  image:\n    repository: registry.example/{n}\n"
            )
        })
        .collect()
}

/// A chart of 100 files in 136 KB: templates, CRDs, values, documents.
fn chart(mtime: u64, changed: bool) -> Vec<u8> {
    let mut members = vec![
        Member::file(
            "kelp/Chart.yaml",
            "apiVersion: v2\nname: kelp\nversion: 1.0.0\nappVersion: \"1.0\"\n",
        ),
        Member::file("kelp/values.yaml", values(0).as_bytes()[..24_000].to_vec()),
        Member::file("kelp/README.md", "# Kelp\n\nIt grows.\n".repeat(200)),
        Member::file(
            "kelp/templates/_helpers.tpl",
            "{{- define \"kelp.name\" -}}\n{{ .Release.Name }}-kelp\n{{- end }}\n",
        ),
    ];
    for n in 0..88 {
        let image = if changed && n == 40 { "1.1" } else { "1.0" };
        members.push(Member::file(
            &format!("kelp/templates/deployment-{n:02}.yaml"),
            format!(
                "# Number {n}\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{{{ include \"kelp.name\" . }}}}-{n}\n  labels:\n    app: kelp\nspec:\n  replicas: {{{{ .Values.service{n}.replicas }}}}\n  template:\n    metadata:\n      labels:\n        app: kelp\n    spec:\n      containers:\n        - name: main\n          image: registry.example/kelp:{image}\n          {{{{- with .Values.service{n}.resources }}}}\n          resources:\n            {{{{- toYaml . | nindent 12 }}}}\n          {{{{- end }}}}\n          args:\n{}",
                "            - --flag=value # why\n".repeat(15)
            ),
        ));
    }
    for n in 0..8 {
        members.push(Member::file(
            &format!("kelp/crds/crd-{n}.yaml"),
            format!("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: fronds{n}.kelp.example\nspec:\n  group: kelp.example\n  versions:\n    - name: v1\n      served: true\n      storage: true\n"),
        ));
    }
    for member in &mut members {
        member.mtime = mtime;
    }
    gzip(&tar_of(&members), 6, 0)
}
