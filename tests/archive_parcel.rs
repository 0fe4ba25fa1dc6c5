//! Readings on their way between workers: what arrives is what was sent, for every blob of the fixtures and the samples.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tagdrift::archive::{Assembly, BlobReader, Content, Purpose, Reading, packed};
use tagdrift::fault::FaultKind;
use tagdrift::limits::Limits;
use tagdrift::oci::Descriptor;

fn read(bytes: &[u8], purpose: Purpose) -> Reading {
    let mut blob = BlobReader::new(&Descriptor::of(bytes), purpose, &Limits::default());
    blob.push(bytes).unwrap();
    blob.finish()
}

fn sent(reading: &Reading) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    packed(reading.clone(), |part| parts.push(part));
    parts
}

fn arrived(parts: &[Vec<u8>]) -> Reading {
    let mut assembly = Assembly::default();
    let (last, earlier) = parts.split_last().expect("a part at least");
    for part in earlier {
        assert!(
            assembly.take(part).unwrap().is_none(),
            "whole before its last part"
        );
    }
    assembly.take(last).unwrap().expect("the last part completes it")
}

fn blobs(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            blobs(&path, found);
        } else if path.parent().is_some_and(|p| p.ends_with("blobs/sha256")) {
            found.push(path);
        }
    }
}

#[test]
fn every_blob_of_the_fixtures_arrives_as_it_was_read() {
    let mut found = Vec::new();
    blobs(Path::new("tests/fixtures"), &mut found);
    blobs(Path::new("static/demo"), &mut found);
    assert!(found.len() > 200, "{} blobs found", found.len());
    for path in found {
        let bytes = fs::read(&path).unwrap();
        for purpose in [Purpose::Document, Purpose::Files, Purpose::Layer] {
            let reading = read(&bytes, purpose);
            let there = arrived(&sent(&reading));
            assert!(
                format!("{there:?}") == format!("{reading:?}"),
                "{purpose:?} of {} is other",
                path.display()
            );
        }
    }
}

/// So many empty files of one owner.
fn crowd(count: usize) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for number in 0..count {
        let mut header = tar::Header::new_ustar();
        header.set_path(format!("f{number:05}")).unwrap();
        header.set_username("harbour").unwrap();
        header.set_groupname("harbour").unwrap();
        header.set_size(0);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_cksum();
        tar.append(&header, [].as_slice()).unwrap();
    }
    tar.into_inner().unwrap()
}

#[test]
fn many_entries_come_in_parts_of_4096() {
    for (entries, parts) in [(0, 1), (1, 2), (4096, 2), (4097, 3), (10_000, 4)] {
        let reading = read(&crowd(entries), Purpose::Layer);
        let sent = sent(&reading);
        assert_eq!(sent.len(), parts, "{entries} entries");
        assert_eq!(format!("{:?}", arrived(&sent)), format!("{reading:?}"));
    }
}

#[test]
fn owners_are_held_once_again() {
    let there = arrived(&sent(&read(&crowd(5000), Purpose::Layer)));
    let Content::Tar(listing) = &there.content else {
        panic!("no tar: {:?}", there.content);
    };
    let first = &listing.entries[0].uname;
    assert_eq!(&**first, b"harbour");
    for entry in &listing.entries {
        assert!(Arc::ptr_eq(first, &entry.uname) && Arc::ptr_eq(first, &entry.gname));
    }
}

#[test]
fn what_is_no_part_is_refused() {
    let parts = sent(&read(&crowd(3), Purpose::Layer));
    for part in &parts {
        for end in 0..part.len() {
            let fault = Assembly::default().take(&part[..end]).unwrap_err();
            assert_eq!(fault.kind, FaultKind::Malformed);
            assert!(
                fault
                    .message
                    .starts_with("a reading came in pieces that do not fit: "),
                "{fault}"
            );
        }
    }
    assert!(Assembly::default().take(&[7; 40]).is_err());
}
