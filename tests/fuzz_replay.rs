//! The fuzz targets over their corpus, and over every input that ever crashed one (`fuzz/`), on every `cargo test`.
#![cfg(not(target_arch = "wasm32"))]
// Tests fail by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::{Path, PathBuf};

#[path = "../fuzz/src/targets/mod.rs"]
mod targets;

fn inputs(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_kept_input_passes_its_target() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let mut failed = Vec::new();
    for (target, run) in targets::TARGETS {
        let corpus = inputs(&fuzz.join("corpus").join(target));
        assert!(!corpus.is_empty(), "{target} has no corpus");
        run(b"");
        for file in corpus
            .into_iter()
            .chain(inputs(&fuzz.join("crashes").join(target)))
        {
            let bytes = std::fs::read(&file).unwrap();
            if std::panic::catch_unwind(|| run(&bytes)).is_err() {
                failed.push(file);
            }
        }
    }
    assert!(failed.is_empty(), "these inputs crash their target: {failed:#?}");
}

/// A folder that no target reads would be dead weight, and a renamed target would silently lose its past.
#[test]
fn every_kept_folder_belongs_to_a_target() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    for folder in ["corpus", "crashes"]
        .into_iter()
        .flat_map(|kind| inputs(&fuzz.join(kind)))
    {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(
            targets::TARGETS.iter().any(|(target, _)| *target == name),
            "{} belongs to no target",
            folder.display()
        );
    }
}
