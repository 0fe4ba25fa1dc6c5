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

mod pairs;
#[path = "../tests/support/store.rs"]
mod store;

use std::time::{Duration, Instant};

use pairs::{chart, values};
use store::Store;
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
