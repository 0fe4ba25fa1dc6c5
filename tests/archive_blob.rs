//! Whole blobs: digest, compression, and what is inside, however the wire cuts them.
#![cfg(not(target_arch = "wasm32"))]
// Tests fail by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod archive_support;

use std::io::Write as _;

use archive_support::{Tarball, descriptor, filter, gzip_at as gzip, read, read_cut};
use flate2::Compression as Level;
use tagdrift::archive::{BlobReader, Compression, Content, EntryKind, Purpose, Reading};
use tagdrift::fault::FaultKind;
use tagdrift::limits::Limits;
use tagdrift::oci::Digest;

/// Everything a reading says, as text: two equal readings print alike.
fn told(reading: &Reading) -> String {
    format!("{reading:?}")
}

fn message(reading: &Reading) -> &str {
    &reading.fault.as_ref().expect("a fault").message
}

fn zstd(bytes: &[u8], args: &[&str]) -> Option<Vec<u8>> {
    filter("zstd", &[&["-q", "-c"], args].concat(), bytes)
}

fn small_tar() -> Vec<u8> {
    Tarball::new()
        .file("tide/Chart.yaml", "name: tide\n")
        .file("tide/values.yaml", "replicas: 2\n")
        .end()
}

/// Every byte at once, one by one, and split at every place.
fn however_cut(bytes: &[u8]) -> Reading {
    let limits = Limits::default();
    let whole = read(bytes);
    let expected = told(&whole);
    let each: Vec<usize> = (1..bytes.len()).collect();
    assert_eq!(
        told(&read_cut(bytes, &each, Purpose::Files, &limits)),
        expected,
        "byte by byte"
    );
    for at in 0..bytes.len() {
        assert_eq!(
            told(&read_cut(bytes, &[at], Purpose::Files, &limits)),
            expected,
            "split at {at}"
        );
    }
    whole
}

#[test]
fn reads_a_gzipped_chart_however_it_is_cut() {
    let reading = however_cut(&gzip(&small_tar(), 6));
    assert_eq!(reading.fault, None);
    assert_eq!(reading.packing.compression, Compression::Gzip);
    assert_eq!(reading.packing.uncompressed, Digest::sha256(&small_tar()));
    assert_eq!(reading.packing.members, 1);
    let Content::Tar(listing) = &reading.content else {
        panic!("{:?}", reading.content)
    };
    assert_eq!(listing.entries.len(), 2);
    assert_eq!(listing.entries[1].path, b"tide/values.yaml");
    assert_eq!(listing.entries[1].kind, EntryKind::File);
    assert_eq!(listing.entries[1].bytes.as_deref(), Some(&b"replicas: 2\n"[..]));
    assert_eq!(
        Digest::from_sha256(&listing.entries[1].sha256),
        Digest::sha256(b"replicas: 2\n")
    );
    assert!(listing.facts.ended);
    assert_eq!(listing.facts.end_blocks, 2);
}

#[test]
fn every_cut_of_a_gzip_stream_is_malformed_and_never_equal() {
    let bytes = gzip(&small_tar(), 6);
    for end in 0..bytes.len() {
        let reading = read(&bytes[..end]);
        if end < 2 {
            assert!(matches!(reading.content, Content::Bytes(Some(_))), "{end}");
            continue;
        }
        assert_eq!(
            reading.fault.as_ref().map(|f| f.kind),
            Some(FaultKind::Malformed),
            "cut at {end}"
        );
    }
    assert_eq!(
        message(&read(&bytes[..5])),
        "gzip member 1 was cut inside its header"
    );
    assert_eq!(
        message(&read(&bytes[..bytes.len() - 9])),
        "gzip member 1 was cut inside its deflate stream"
    );
    assert_eq!(
        message(&read(&bytes[..bytes.len() - 1])),
        "gzip member 1 was cut inside its checksum"
    );
}

#[test]
fn reads_every_field_of_a_gzip_header() {
    let mut out = flate2::GzBuilder::new()
        .mtime(7)
        .operating_system(255)
        .extra(&b"+aHR0c"[..])
        .filename(&b"tide.tar"[..])
        .comment(&b"Helm"[..])
        .write(Vec::new(), Level::best());
    out.write_all(b"tide").unwrap();
    let reading = however_cut(&out.finish().unwrap());
    let header = reading.packing.gzip.unwrap();
    assert_eq!(
        (header.flags, header.mtime, header.extra_flags, header.os),
        (0x1c, 7, 2, 255)
    );
    assert_eq!(header.extra.as_deref(), Some(&b"+aHR0c"[..]));
    assert_eq!(header.name.as_deref(), Some(&b"tide.tar"[..]));
    assert_eq!(header.comment.as_deref(), Some(&b"Helm"[..]));
    assert!(matches!(reading.content, Content::Bytes(Some(kept)) if &*kept == b"tide"));
}

#[test]
fn verifies_the_crc_of_a_gzip_header() {
    let mut bytes = vec![0x1f, 0x8b, 8, 2, 0, 0, 0, 0, 0, 255];
    let mut crc = flate2::Crc::new();
    crc.update(&bytes);
    bytes.extend_from_slice(&(crc.sum() as u16).to_le_bytes());
    bytes.extend_from_slice(&gzip(b"tide", 6)[10..]);
    assert_eq!(however_cut(&bytes).fault, None);
    bytes[10] ^= 1;
    let sum = crc.sum() & 0xffff;
    assert_eq!(
        message(&however_cut(&bytes)),
        format!(
            "gzip header says CRC16 {:04x} at compressed offset 10, it has {sum:04x}",
            sum ^ 1
        )
    );
}

#[test]
fn counts_members_and_tells_what_follows_them() {
    let mut bytes = gzip(b"ti", 6);
    bytes.extend_from_slice(&gzip(b"de", 9));
    let reading = however_cut(&bytes);
    assert_eq!(reading.packing.members, 2);
    assert_eq!(reading.packing.uncompressed, Digest::sha256(b"tide"));
    assert_eq!(reading.packing.trailing, None);

    for tail in [&b"\0\0\0\0"[..], b"\x1f", b"\x1f\x1f\x8b", b"hidden"] {
        let mut bytes = bytes.clone();
        bytes.extend_from_slice(tail);
        let reading = however_cut(&bytes);
        assert_eq!(reading.fault, None, "{tail:?}");
        assert_eq!(
            reading.packing.trailing,
            Some((tail.len() as u64, Digest::sha256(tail)))
        );
        assert_eq!(reading.packing.uncompressed, Digest::sha256(b"tide"));
    }
}

#[test]
fn verifies_crc_and_size_of_each_member() {
    let mut bytes = gzip(b"tide", 6);
    let at = bytes.len() - 8;
    bytes[at] ^= 1;
    let mut crc = flate2::Crc::new();
    crc.update(b"tide");
    let (real, told) = (crc.sum(), crc.sum() ^ 1);
    assert_eq!(
        message(&read(&bytes)),
        format!("gzip says CRC32 {told:08x} at compressed offset {at}, the data has {real:08x}")
    );
    bytes[at] ^= 1;
    bytes[at + 4] = 5;
    assert_eq!(
        message(&read(&bytes)),
        format!(
            "gzip says 5 bytes at compressed offset {}, the data has 4 (modulo 2^32)",
            at + 4
        )
    );
}

#[test]
fn refuses_reserved_flags_and_other_methods() {
    let mut bytes = gzip(b"tide", 6);
    bytes[3] = 0x20;
    assert_eq!(
        message(&read(&bytes)),
        "reserved gzip flags 0x20 at compressed offset 3"
    );
    bytes[2] = 7;
    let reading = read(&bytes);
    assert_eq!(
        message(&reading),
        "gzip method 7 at compressed offset 2: only 8 (deflate) is defined"
    );
    assert_eq!(reading.fault.unwrap().kind, FaultKind::Unsupported);
}

#[test]
fn a_blob_of_other_bytes_is_never_shown() {
    let bytes = gzip(&small_tar(), 6);
    let mut wrong = bytes.clone();
    wrong[9] ^= 1; // The OS byte: everything still unpacks.
    let mut blob = BlobReader::new(&descriptor(&bytes), Purpose::Files, &Limits::default());
    blob.push(&wrong).unwrap();
    let reading = blob.finish();
    assert_eq!(
        message(&reading),
        format!(
            "{} was asked for, the bytes have {}",
            Digest::sha256(&bytes),
            Digest::sha256(&wrong)
        )
    );
    assert_eq!(reading.fault.as_ref().unwrap().kind, FaultKind::Mismatch);
    assert!(matches!(reading.content, Content::Bytes(None)));
}

#[test]
fn more_or_fewer_bytes_than_declared_are_a_mismatch() {
    let bytes = b"replicas: 2\n";
    let wanted = descriptor(bytes);
    let mut blob = BlobReader::new(&wanted, Purpose::Document, &Limits::default());
    blob.push(bytes).unwrap();
    let fault = blob.push(b"x").unwrap_err();
    let expected = format!(
        "{} has more bytes than the 12 it was declared with",
        wanted.digest
    );
    assert_eq!((fault.kind, &fault.message), (FaultKind::Mismatch, &expected));
    assert_eq!(blob.push(b"x").unwrap_err().message, expected);
    let reading = blob.finish();
    assert_eq!(message(&reading), expected);
    assert!(matches!(reading.content, Content::Bytes(None)));

    let mut blob = BlobReader::new(&wanted, Purpose::Document, &Limits::default());
    blob.push(&bytes[..5]).unwrap();
    let reading = blob.finish();
    assert_eq!(
        message(&reading),
        format!("{} ended after 5 of 12 bytes", wanted.digest)
    );
    assert!(matches!(reading.content, Content::Bytes(None)));
}

#[test]
fn sha512_digests_are_verified_too() {
    let mut wanted = descriptor(b"tide");
    wanted.digest = Digest::of(tagdrift::oci::Algorithm::Sha512, b"tide");
    let mut blob = BlobReader::new(&wanted, Purpose::Files, &Limits::default());
    blob.push(b"tide").unwrap();
    let reading = blob.finish();
    assert_eq!(reading.fault, None);
    assert_eq!(reading.packing.uncompressed, Digest::sha256(b"tide"));
}

#[test]
fn a_document_is_kept_and_never_unpacked() {
    let bytes = gzip(b"{}", 6);
    let reading = read_cut(&bytes, &[3], Purpose::Document, &Limits::default());
    assert_eq!(reading.packing.compression, Compression::None);
    assert!(matches!(reading.content, Content::Bytes(Some(kept)) if *kept == *bytes));

    let limits = Limits {
        config_bytes: 5,
        ..Limits::default()
    };
    let mut blob = BlobReader::new(&descriptor(b"too long"), Purpose::Document, &limits);
    let fault = blob.push(b"too long").unwrap_err();
    assert_eq!(
        fault.message,
        "the blob's declared size of 8 bytes exceeds the limit of 5 bytes"
    );
    let reading = blob.finish();
    assert_eq!(reading.fault.unwrap().kind, FaultKind::TooLarge);
    assert!(matches!(reading.content, Content::Bytes(None)));
}

#[test]
fn an_image_layer_keeps_hashes_only() {
    let bytes = gzip(&small_tar(), 6);
    let reading = read_cut(&bytes, &[], Purpose::Layer, &Limits::default());
    let Content::Tar(listing) = &reading.content else {
        panic!()
    };
    assert!(listing.entries.iter().all(|e| e.bytes.is_none()));
    assert_eq!(
        Digest::from_sha256(&listing.entries[0].sha256),
        Digest::sha256(b"name: tide\n")
    );
}

#[test]
fn holds_the_output_to_its_limits() {
    let zeros = gzip(&vec![0; 1 << 20], 9);
    let limits = Limits {
        unpacked_bytes: 100_000,
        ..Limits::default()
    };
    let reading = read_cut(&zeros, &[], Purpose::Files, &limits);
    assert_eq!(
        message(&reading),
        "the decompressed size exceeds the limit of 100000 bytes"
    );
    assert_eq!(reading.fault.as_ref().unwrap().kind, FaultKind::TooLarge);

    let limits = Limits {
        ratio: 10,
        ratio_grace_bytes: 70_000,
        ..Limits::default()
    };
    let reading = read_cut(&zeros, &[], Purpose::Files, &limits);
    assert!(message(&reading).starts_with("the decompression ratio at compressed offset "));
    assert!(message(&reading).ends_with(" exceeds the limit of 10:1"));

    let limits = Limits {
        entries: 1,
        ..Limits::default()
    };
    let reading = read_cut(&gzip(&small_tar(), 6), &[], Purpose::Files, &limits);
    assert_eq!(
        message(&reading),
        "the number of members before offset 1024 exceeds the limit of 1"
    );
    assert!(matches!(reading.content, Content::Tar(listing) if listing.entries.len() == 1));
}

#[test]
fn zeros_are_an_empty_tar_only_when_short_and_whole() {
    let tar = |n: usize| matches!(read(&vec![0; n]).content, Content::Tar(l) if l.entries.is_empty() && l.facts.ended);
    assert!(tar(1024) && tar(10240));
    assert!(!tar(512) && !tar(1025) && !tar(10752));
    // A disk image starts with zeros; what follows must not become "bytes after the end of an archive".
    let mut disk = vec![0; 4096];
    disk[2000] = 1;
    let reading = however_cut(&disk);
    assert!(matches!(reading.content, Content::Bytes(Some(kept)) if *kept == *disk));
    assert!(matches!(read(&vec![0; 20_000]).content, Content::Bytes(Some(kept)) if kept.len() == 20_000));
}

#[test]
fn reads_what_zstd_writes() {
    let text: Vec<u8> = (0..40_000u32)
        .flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 20).to_le_bytes())
        .collect();
    let Some(first) = zstd(&text, &["--check"]) else {
        return;
    };
    let second = zstd(b"and more", &["--no-check", "-19"]).unwrap();
    let mut bytes = first.clone();
    bytes.extend_from_slice(b"\x5a\x2a\x4d\x18\x03\0\0\0abc");
    bytes.extend_from_slice(&second);
    let mut all = text.clone();
    all.extend_from_slice(b"and more");
    let reading = read(&bytes);
    assert_eq!(reading.fault, None);
    assert_eq!(reading.packing.compression, Compression::Zstd);
    assert_eq!(reading.packing.uncompressed, Digest::sha256(&all));
    assert_eq!(
        (reading.packing.members, reading.packing.skippable_bytes),
        (2, 11)
    );
    let expected = told(&reading);
    let limits = Limits::default();
    let each: Vec<usize> = (1..bytes.len()).collect();
    assert_eq!(told(&read_cut(&bytes, &each, Purpose::Files, &limits)), expected);
    for at in (0..bytes.len())
        .step_by(997)
        .chain(bytes.len() - second.len() - 15..bytes.len())
    {
        assert_eq!(
            told(&read_cut(&bytes, &[at], Purpose::Files, &limits)),
            expected,
            "split at {at}"
        );
    }

    let mut trailing = bytes.clone();
    trailing.extend_from_slice(b"hidden");
    assert_eq!(
        read(&trailing).packing.trailing,
        Some((6, Digest::sha256(b"hidden")))
    );

    let mut wrong = first.clone();
    *wrong.last_mut().unwrap() ^= 1;
    assert!(
        message(&read(&wrong)).starts_with("zstd frame 1 says checksum "),
        "{}",
        message(&read(&wrong))
    );
}

#[test]
fn every_cut_of_a_zstd_stream_is_malformed() {
    let Some(bytes) = zstd(&small_tar(), &[]) else {
        return;
    };
    for end in 4..bytes.len() {
        let reading = read(&bytes[..end]);
        assert_eq!(
            reading.fault.map(|f| f.kind),
            Some(FaultKind::Malformed),
            "cut at {end}"
        );
    }
    assert_eq!(
        message(&read(&bytes[..5])),
        "zstd frame 1 was cut inside its header"
    );
    assert_eq!(
        message(&read(&bytes[..bytes.len() - 1])),
        "zstd frame 1 was cut inside block 1"
    );
}

#[test]
fn a_zstd_window_is_bounded() {
    // Window_Descriptor with exponent 21: 2 GiB.
    let bytes = b"\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00";
    let reading = read(bytes);
    assert_eq!(
        message(&reading),
        "zstd frame 1 at compressed offset 0 asks for a window of 2147483648 bytes, the limit is 134217728"
    );
    assert_eq!(reading.fault.unwrap().kind, FaultKind::TooLarge);
}

#[test]
fn a_run_length_bomb_is_held_to_the_ratio() {
    // One frame of 200 RLE blocks of 128 KiB each, 4 bytes a block: beyond deflate's ratio.
    let mut bytes = b"\x28\xb5\x2f\xfd\x00\x58".to_vec();
    for n in 0..200u32 {
        let header = (131_072 << 3) | (1 << 1) | u32::from(n == 199);
        bytes.extend_from_slice(&header.to_le_bytes()[..3]);
        bytes.push(0);
    }
    let reading = read(&bytes);
    assert_eq!(reading.fault.as_ref().unwrap().kind, FaultKind::TooLarge);
    assert!(
        message(&reading).ends_with(" exceeds the limit of 1100:1"),
        "{}",
        message(&reading)
    );
}
