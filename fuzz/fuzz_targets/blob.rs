//! Any bytes as a blob: gzip, zstd, tar, zip or none of them, whole and cut in two.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use tagdrift::archive::{BlobReader, Purpose, Reading};
use tagdrift::limits::Limits;
use tagdrift::oci::{Descriptor, Digest};

fuzz_target!(|data: (u16, &[u8])| {
    let (cut, bytes) = data;
    let (head, tail) = bytes.split_at(usize::from(cut).min(bytes.len()));
    assert_eq!(
        format!("{:?}", read(&[head, tail])),
        format!("{:?}", read(&[bytes]))
    );
});

fn read(pieces: &[&[u8]]) -> Reading {
    let bytes = pieces.concat();
    let wanted = Descriptor {
        media_type: String::new(),
        digest: Digest::sha256(&bytes),
        size: bytes.len() as u64,
        annotations: BTreeMap::new(),
        urls: Vec::new(),
        artifact_type: None,
        platform: None,
    };
    let limits = Limits {
        unpacked_bytes: 1 << 20,
        zstd_window_bytes: 1 << 20,
        entries: 256,
        kept_bytes: 1 << 20,
        ..Limits::default()
    };
    let mut blob = BlobReader::new(&wanted, Purpose::Files, &limits);
    for piece in pieces {
        let _ = blob.push(piece);
    }
    blob.finish()
}
