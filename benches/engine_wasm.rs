//! The same figure as `engine` prints for the chart pair, where the page computes it: as WebAssembly in headless Chromium.
//!
//! `scripts/bench.sh` runs it with the page's own profile (`cargo bench --profile page --target wasm32-unknown-unknown`).
//! Judges nothing.
#![cfg(target_arch = "wasm32")]
#![allow(dead_code)]

mod pairs;
#[path = "../tests/support/store.rs"]
mod store;

use pairs::chart;
use store::Store;
use wasm_bindgen_test::{Criterion, wasm_bindgen_bench, wasm_bindgen_test_configure};

// Where the page has its engine.
wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_bench]
fn a_chart_pair_of_100_files(criterion: &mut Criterion) {
    for (what, changed) in [("repackaged", false), ("one template changed", true)] {
        let mut store = Store::default();
        let left = store.chart(chart(1, false), "2026-01-01T00:00:00Z");
        let right = store.chart(chart(2, changed), "2026-01-02T00:00:00Z");
        criterion.bench_function(&format!("chart pair of 100 files, {what}"), |bencher| {
            bencher.iter(|| assert!(!store.compare(&left, &right).causes.is_empty()));
        });
    }
}
