//! The engine where the page runs it: decoders and whole comparisons as WebAssembly in a browser.
//!
//! `cargo test` passes over this file on other targets; `make wasm` runs it in headless Chromium.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/store.rs"]
mod store;

use std::collections::BTreeMap;

use store::Store;
use tagdrift::archive::{BlobReader, Compression, Content, Lanes, Purpose, Reading};
use tagdrift::limits::Limits;
use tagdrift::oci::{Descriptor, Digest};
use tagdrift::report::Comparison;
use tagdrift::verdict::{Code, Level};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Blobs of the sample images: their bytes are the same whenever they are made.
macro_rules! blobs {
    ($repository:literal: $($hex:literal),* $(,)?) => {
        vec![$(include_bytes!(concat!("../static/demo/images/", $repository, "/blobs/sha256/", $hex)).as_slice()),*]
    };
}

const BEFORE: &str = "sha256:5c159b7b22db4d27caf28b1fc9add7990c11707cd30f65b833902361fe09176c";
const STAMPED: &str = "sha256:ba927772db1878daf40c0a558bdffae8e3d33d2bf27b283e95d58a0b6f7143a4";
const CHANGED: &str = "sha256:5d80b6bdcceb0481a2498c1d138ffd7fd58f5ec19f9123c1bf8ae2c602065a81";

fn stamps() -> Vec<&'static [u8]> {
    blobs!("stamps":
        "5c159b7b22db4d27caf28b1fc9add7990c11707cd30f65b833902361fe09176c",
        "ba927772db1878daf40c0a558bdffae8e3d33d2bf27b283e95d58a0b6f7143a4",
        "5d744e63ee4e99fab2cb28fbb3d62c1150e5e2041356a427824bbc59573d02d3",
        "1c6dc226d94d224307ff2f9c93bd3ce215666dab62f643f687b396e7545b2092",
        "2c82d64a830669943fb0ed47357bf977562f7be40d7776e80b13418edb3b7c9c",
        "a9ab9fe820ab0c3de12bbaaa6070b7966f1ea5e116fdb891a219abab2396b4fa",
        "6fc549815d9a65f74ba85ae4a585d0827a782e63677a6ac2688b8f0d2ba0d655",
    )
}

fn file() -> Vec<&'static [u8]> {
    blobs!("file":
        "5c159b7b22db4d27caf28b1fc9add7990c11707cd30f65b833902361fe09176c",
        "5d80b6bdcceb0481a2498c1d138ffd7fd58f5ec19f9123c1bf8ae2c602065a81",
        "5d744e63ee4e99fab2cb28fbb3d62c1150e5e2041356a427824bbc59573d02d3",
        "acc8060343452f85989ea31038a0e77c63a717e86d1903a52de303229e9fb898",
        "2c82d64a830669943fb0ed47357bf977562f7be40d7776e80b13418edb3b7c9c",
        "a9ab9fe820ab0c3de12bbaaa6070b7966f1ea5e116fdb891a219abab2396b4fa",
        "160189444a53ad9ee4efcf8a430dfa29dca3d0fb8e2b38c3826c5c9238b76326",
    )
}

fn read(bytes: &[u8], pieces: usize) -> Reading {
    let wanted = Descriptor {
        media_type: "application/octet-stream".into(),
        digest: Digest::sha256(bytes),
        size: bytes.len() as u64,
        annotations: BTreeMap::new(),
        urls: Vec::new(),
        artifact_type: None,
        platform: None,
    };
    let mut reader = BlobReader::new(&wanted, Purpose::Files, &Limits::default());
    for piece in bytes.chunks(pieces) {
        reader.push(piece).unwrap();
    }
    reader.finish()
}

#[wasm_bindgen_test]
fn gzip_and_tar_are_read_whole_and_byte_by_byte() {
    let layer = file()[5];
    for pieces in [layer.len(), 1] {
        let reading = read(layer, pieces);
        assert!(reading.fault.is_none(), "{:?}", reading.fault);
        assert_eq!(reading.packing.compression, Compression::Gzip);
        let Content::Tar(listing) = &reading.content else {
            panic!("not read as a tar archive: {:?}", reading.content);
        };
        let paths: Vec<_> = listing
            .entries
            .iter()
            .map(|e| String::from_utf8_lossy(&e.path).into_owned())
            .collect();
        assert_eq!(
            paths,
            ["etc/", "etc/lighthouse.conf", "usr/", "usr/bin/", "usr/bin/serve"]
        );
    }
}

/// Files of many sizes, those of digests' blocks among them, and what is in them.
fn fleet(seed: usize) -> Vec<(String, Vec<u8>)> {
    (0..60)
        .map(|number| {
            let size =
                [0, 1, 55, 56, 63, 64, 65, 511, 512, 513, 4096, 70_000, 300_001][number % 13] + number / 13;
            let bytes = (0..size)
                .map(|i| (i * 7 + i / 251 + number + seed) as u8)
                .collect();
            (format!("f{number}"), bytes)
        })
        .collect()
}

fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, bytes.as_slice()).unwrap();
    }
    tar.into_inner().unwrap()
}

#[wasm_bindgen_test]
fn digests_computed_side_by_side_are_those_of_each_alone() {
    let fleets = [fleet(1), fleet(2), fleet(3)];
    let archives: Vec<Vec<u8>> = fleets.iter().map(|files| archive(files)).collect();
    for count in 1..=3 {
        let lanes = Lanes::default();
        let mut readers: Vec<BlobReader> = archives
            .iter()
            .take(count)
            .map(|bytes| {
                BlobReader::new(&Descriptor::of(bytes), Purpose::Layer, &Limits::default()).beside(&lanes)
            })
            .collect();
        // By turns, in pieces that fit no block.
        let mut pieces: Vec<_> = archives.iter().map(|bytes| bytes.chunks(20_011)).collect();
        let mut any = true;
        while any {
            any = false;
            for (reader, pieces) in readers.iter_mut().zip(&mut pieces) {
                if let Some(piece) = pieces.next() {
                    reader.push(piece).unwrap();
                    any = true;
                }
            }
        }
        for ((reader, bytes), files) in readers.into_iter().zip(&archives).zip(&fleets) {
            let reading = reader.finish();
            // The blob's own digest was held against its descriptor.
            assert!(reading.fault.is_none(), "{:?}", reading.fault);
            assert_eq!(reading.packing.uncompressed, Digest::sha256(bytes));
            let Content::Tar(listing) = &reading.content else {
                panic!("not read as a tar archive");
            };
            assert_eq!(listing.entries.len(), files.len());
            for (entry, (path, bytes)) in listing.entries.iter().zip(files) {
                assert_eq!(entry.path, path.as_bytes());
                assert_eq!(
                    Digest::from_sha256(&entry.sha256),
                    Digest::sha256(bytes),
                    "{path} of {count}"
                );
            }
        }
    }
}

#[wasm_bindgen_test]
fn zstd_is_read() {
    // RFC 8878: magic, single segment of 5 bytes, one last raw block of 5 bytes.
    let frame = b"\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00tide\n";
    for pieces in [frame.len(), 1] {
        let reading = read(frame, pieces);
        assert!(reading.fault.is_none(), "{:?}", reading.fault);
        assert_eq!(reading.packing.compression, Compression::Zstd);
        assert_eq!(reading.packing.uncompressed, Digest::sha256(b"tide\n"));
    }
}

fn compared(blobs: Vec<&[u8]>, left: &str, right: &str) -> Comparison {
    let blobs = blobs
        .into_iter()
        .map(|b| (Digest::sha256(b), b.to_vec()))
        .collect();
    Store { blobs }.compare(&left.parse().unwrap(), &right.parse().unwrap())
}

#[wasm_bindgen_test]
fn an_image_built_again_is_repackaged() {
    let comparison = compared(stamps(), BEFORE, STAMPED);
    assert_eq!(comparison.verdict.level, Level::Repackaged);
    assert!(comparison.unread.is_empty(), "{:?}", comparison.unread);
    let codes: Vec<_> = comparison.causes.iter().map(|c| c.code).collect();
    assert!(
        codes.contains(&Code::TarMtime) && codes.contains(&Code::ConfigCreated),
        "{codes:?}"
    );
}

#[wasm_bindgen_test]
fn an_image_with_one_other_file_is_changed() {
    let comparison = compared(file(), BEFORE, CHANGED);
    assert_eq!(comparison.verdict.level, Level::Changed);
    let changed: Vec<_> = comparison
        .causes
        .iter()
        .filter(|c| c.code == Code::FileBytes)
        .map(|c| c.path.as_str())
        .collect();
    assert_eq!(changed, ["etc/lighthouse.conf"]);
}

#[wasm_bindgen_test]
fn the_same_digest_is_identical() {
    assert_eq!(compared(file(), BEFORE, BEFORE).verdict.level, Level::Identical);
}
