//! zip64, as Python's `zipfile` writes it: its bounds are lowered, so that small archives get the wide fields that others
//! get beyond 4 GiB.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod archive_support;

use archive_support::{filter, listing, read, read_cut};
use tagdrift::archive::Purpose;
use tagdrift::limits::Limits;

const WIDE: &str = r#"
import io, sys, zipfile
zipfile.ZIP64_LIMIT = 4
zipfile.ZIP_FILECOUNT_LIMIT = 1
out = io.BytesIO()
with zipfile.ZipFile(out, "w") as archive:
    archive.writestr(zipfile.ZipInfo("doc/"), "")
    archive.writestr(zipfile.ZipInfo("doc/a.txt"), "low tide\n")
    packed = zipfile.ZipInfo("doc/b.txt")
    packed.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(packed, "deflated " * 20)
with zipfile.ZipFile(io.BytesIO(out.getvalue())) as archive:
    assert archive.testzip() is None
sys.stdout.buffer.write(out.getvalue())
"#;

const MANY: &str = r#"
import io, sys, zipfile
out = io.BytesIO()
with zipfile.ZipFile(out, "w") as archive:
    for n in range(66000):
        archive.writestr(zipfile.ZipInfo("%x" % n), "")
sys.stdout.buffer.write(out.getvalue())
"#;

fn python(script: &str) -> Option<Vec<u8>> {
    let bytes = filter("python3", &["-c", script], b"");
    if bytes.is_none() {
        eprintln!("python3 is not installed: zip64 was not tried");
    }
    bytes
}

fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes
        .windows(what.len())
        .rposition(|window| window == what)
        .unwrap()
}

fn message(bytes: &[u8]) -> String {
    read(bytes).fault.map_or("none".to_owned(), |fault| fault.message)
}

#[test]
fn wide_fields_of_members_and_of_the_end_are_read() {
    let Some(bytes) = python(WIDE) else { return };
    assert!(
        bytes.windows(4).any(|w| w == [0xff; 4]),
        "nothing is saturated in it"
    );
    let expected = [
        ("doc/".to_owned(), String::new()),
        ("doc/a.txt".to_owned(), "low tide\n".to_owned()),
        ("doc/b.txt".to_owned(), "deflated ".repeat(20)),
    ];
    let members = |bytes: &[u8]| -> Vec<(String, String)> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let entries = listing(bytes).entries;
        entries
            .iter()
            .map(|e| (text(&e.path), text(e.bytes.as_ref().unwrap())))
            .collect()
    };
    assert_eq!(members(&bytes), expected);
    // The end as a writer leaves it whose numbers do not fit: all bits set.
    let mut saturated = bytes.clone();
    let end = find(&bytes, b"PK\x05\x06");
    saturated[end + 8..end + 20].fill(0xff);
    assert_eq!(members(&saturated), expected);
}

#[test]
fn two_ends_that_disagree_are_refused() {
    let Some(mut bytes) = python(WIDE) else { return };
    let end = find(&bytes, b"PK\x05\x06");
    bytes[end + 8] = 2;
    bytes[end + 10] = 2;
    assert_eq!(
        message(&bytes),
        format!("the two end records before offset {end} disagree: readers differ in which they take")
    );
}

#[test]
fn a_wide_end_that_is_elsewhere_or_split_is_refused() {
    let Some(bytes) = python(WIDE) else { return };
    let (locator, wide) = (find(&bytes, b"PK\x06\x07"), find(&bytes, b"PK\x06\x06"));
    let mut moved = bytes.clone();
    moved[locator + 8] ^= 1;
    assert_eq!(
        message(&moved),
        format!(
            "the zip64 end record at offset {}: it is not where its locator says",
            wide ^ 1
        )
    );
    let mut split = bytes;
    split[wide + 16] = 1;
    assert_eq!(
        message(&split),
        format!("the zip archive is one of several volumes (zip64 end record at offset {wide})")
    );
}

#[test]
fn a_member_without_its_wide_values_is_refused() {
    let Some(mut bytes) = python(WIDE) else { return };
    // The extra field of the last record gets an id that means nothing.
    let record = find(&bytes, b"PK\x01\x02");
    let name = usize::from(u16::from_le_bytes([bytes[record + 28], bytes[record + 29]]));
    bytes[record + 46 + name] = 2;
    assert_eq!(
        message(&bytes),
        format!(
            "zip member at offset {record}: its zip64 field does not hold what its other fields leave to it"
        )
    );
}

#[test]
fn however_it_is_cut_it_reads_the_same_and_a_part_of_it_never_reads_as_whole() {
    let Some(bytes) = python(WIDE) else { return };
    let whole = format!("{:?}", read(&bytes));
    let each: Vec<usize> = (1..bytes.len()).collect();
    let in_pieces = read_cut(&bytes, &each, Purpose::Files, &Limits::default());
    assert_eq!(format!("{in_pieces:?}"), whole);
    for end in 4..bytes.len() {
        assert!(
            read(&bytes[..end]).fault.is_some(),
            "{end} of {} bytes",
            bytes.len()
        );
    }
}

#[test]
fn more_members_than_sixteen_bits_count() {
    let Some(bytes) = python(MANY) else { return };
    let entries = listing(&bytes).entries;
    assert_eq!(entries.len(), 66_000);
    assert_eq!(entries[65_999].path, b"101cf");
    let few = Limits {
        entries: 65_999,
        ..Limits::default()
    };
    let fault = read_cut(&bytes, &[], Purpose::Files, &few).fault.unwrap();
    assert_eq!(
        fault.to_string(),
        "the number of zip members exceeds the limit of 65999"
    );
}
