//! One program for all targets: the environment variable `TARGET` names the one that this process runs.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

mod targets;

static RUN: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let wanted = std::env::var("TARGET").unwrap_or_default();
    match targets::TARGETS.iter().find(|(name, _)| *name == wanted) {
        Some((_, run)) => *run,
        None => panic!("TARGET={wanted:?} is no target; see fuzz/src/targets/mod.rs"),
    }
});

fuzz_target!(|data: &[u8]| RUN(data));
