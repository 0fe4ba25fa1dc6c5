//! Sparse members: the four layouts come down to the same bytes, and maps that lie are refused.
#![cfg(not(target_arch = "wasm32"))]
// Tests fail by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod archive_support;

use archive_support::{Block, Tarball, one, refused};
use tagdrift::archive::{Entry, EntryKind};
use tagdrift::oci::Digest;

fn expanded() -> Vec<u8> {
    let mut content = vec![0; 10_000];
    content[1000..1003].copy_from_slice(b"abc");
    content[5000..5004].copy_from_slice(b"defg");
    content
}

fn assert_sparse(entry: &Entry) {
    assert_eq!(
        (entry.path.as_slice(), entry.kind, entry.size),
        (&b"holes"[..], EntryKind::File, 10_000)
    );
    assert_eq!(Digest::from_sha256(&entry.sha256), Digest::sha256(&expanded()));
    assert_eq!(entry.bytes.as_deref(), Some(&expanded()[..]));
}

#[test]
fn sparse_files_of_every_layout_are_filled_in() {
    let old = Block::gnu("holes", b'S', 7)
        .with(386, b"00000001750\x0000000000003\0")
        .with(410, b"00000011610\x0000000000004\0")
        .with(483, b"00000023420\0");
    assert_sparse(&one(&Tarball::new().raw(old, b"abcdefg").end()));

    let zero = [
        ("GNU.sparse.size", "10000"),
        ("GNU.sparse.numblocks", "2"),
        ("GNU.sparse.offset", "1000"),
        ("GNU.sparse.numbytes", "3"),
        ("GNU.sparse.offset", "5000"),
        ("GNU.sparse.numbytes", "4"),
    ];
    assert_sparse(&one(&Tarball::new().pax(&zero).file("holes", "abcdefg").end()));

    let one_list = [
        ("GNU.sparse.size", "10000"),
        ("GNU.sparse.numblocks", "2"),
        ("GNU.sparse.name", "holes"),
        ("GNU.sparse.map", "1000,3,5000,4"),
    ];
    assert_sparse(&one(&Tarball::new()
        .pax(&one_list)
        .file("GNUSparseFile.0/holes", "abcdefg")
        .end()));

    let leading = [
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "holes"),
        ("GNU.sparse.realsize", "10000"),
    ];
    let mut payload = b"2\n1000\n3\n5000\n4\n".to_vec();
    payload.resize(512, 0);
    payload.extend_from_slice(b"abcdefg");
    let block = Block::new("GNUSparseFile.0/holes", b'0', payload.len() as u64);
    assert_sparse(&one(&Tarball::new().pax(&leading).raw(block, &payload).end()));
}

#[test]
fn sparse_maps_that_lie_are_refused() {
    let with = |map: &str, size: &str, text: &str| {
        let records = [("GNU.sparse.size", size), ("GNU.sparse.map", map)];
        refused(&Tarball::new().pax(&records).file("holes", text).end()).1
    };
    assert_eq!(
        with("5,3,4,1", "10", "abcd"),
        "sparse map at offset 0: offset 4 lies before 8, the end of what precedes it"
    );
    assert_eq!(
        with("8,3", "10", "abc"),
        "sparse map at offset 0: 3 bytes at 8 go beyond the real size of 10"
    );
    assert_eq!(
        with("1,2", "10", "abc"),
        "sparse map at offset 0: it names 2 bytes and 3 are stored"
    );
    assert_eq!(
        with("1,3,9", "10", "abc"),
        "sparse map at offset 0 ends with an offset"
    );
    assert_eq!(
        with("0,3", "99999999999", "abc"),
        "the holes of sparse files up to offset 0 exceeds the limit of 4757504 bytes"
    );
}
