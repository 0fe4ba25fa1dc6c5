//! Blobs and what is in them: push decoders, which must not care how their input is cut.
//!
//! The first byte of an input says how: into pieces of that many bytes and one.

use tagdrift::archive::{BlobReader, Purpose, Reading, TarListing, TarReader};
use tagdrift::fault::Fault;
use tagdrift::limits::Limits;
use tagdrift::oci::Descriptor;
use tagdrift::tree::{archive, chart, content_digest, image, nested};

use super::steered;

const TAR_BLOCK: usize = 512;

fn limits() -> Limits {
    Limits {
        unpacked_bytes: 1 << 20,
        ratio_grace_bytes: 64 << 10,
        zstd_window_bytes: 1 << 20,
        entries: 64,
        extension_bytes: 16 << 10,
        metadata_bytes: 256 << 10,
        path_bytes: 1024,
        kept_file_bytes: 16 << 10,
        kept_bytes: 64 << 10,
        ..Limits::default()
    }
}

/// Any bytes as a blob: gzip, zstd, tar, zip, or none of them.
pub fn blob(data: &[u8]) {
    let (cut, bytes) = steered(data);
    read_both_ways(bytes, cut);
}

/// As [`blob`], but always behind gzip's magic, so that no mutation is lost on it.
pub fn gzip(data: &[u8]) {
    with_magic(data, b"\x1f\x8b\x08");
}

/// As [`blob`], but always behind the magic of a zstd frame.
pub fn zstd(data: &[u8]) {
    with_magic(data, b"\x28\xb5\x2f\xfd");
}

/// As [`blob`], but always behind the magic of a zip member.
pub fn zip(data: &[u8]) {
    with_magic(data, b"PK\x03\x04");
}

fn with_magic(data: &[u8], magic: &[u8]) {
    let (cut, rest) = steered(data);
    let mut bytes = magic.to_vec();
    bytes.extend_from_slice(rest.get(magic.len()..).unwrap_or_default());
    read_both_ways(&bytes, cut);
}

fn read_both_ways(bytes: &[u8], cut: u8) {
    let wanted = Descriptor::of(bytes);
    let whole = read_blob(&wanted, [bytes]);
    let cut = read_blob(&wanted, bytes.chunks(usize::from(cut) + 1));
    assert_eq!(format!("{cut:?}"), format!("{whole:?}"));
}

fn read_blob<'a>(wanted: &Descriptor, pieces: impl IntoIterator<Item = &'a [u8]>) -> Reading {
    let mut blob = BlobReader::new(wanted, Purpose::Files, &limits());
    for piece in pieces {
        // A fault is told again by the reading.
        let _ = blob.push(piece);
    }
    blob.finish()
}

/// Any bytes as a tar archive, and as the trees that are made of one. Half of the cuts mend the checksums of what
/// looks like a header, behind which most mutations would otherwise never get.
pub fn tar(data: &[u8]) {
    let (cut, bytes) = steered(data);
    let mut bytes = bytes.to_vec();
    if cut & 1 == 0 {
        mend_checksums(&mut bytes);
    }
    let limits = limits();
    let whole = read_tar([bytes.as_slice()], &limits);
    let pieces = bytes.chunks(usize::from(cut) + 1);
    assert_eq!(format!("{:?}", read_tar(pieces, &limits)), format!("{whole:?}"));

    let listing = whole.0;
    assert!(
        listing.entries.len() <= limits.entries,
        "more entries than allowed"
    );
    let _ = chart::tree(&listing, &limits);
    let mut tree = archive::tree(&listing);
    nested::expand(&mut tree, &limits);
    let _ = content_digest::files(&tree);
    let _ = image::flatten(&[(0, &listing), (1, &listing)]);
    let _ = image::overlay(&[(0, &listing), (1, &listing)]);
}

fn read_tar<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, limits: &Limits) -> (TarListing, Option<Fault>) {
    let mut reader = TarReader::new(true, limits);
    for piece in pieces {
        if let Err(fault) = reader.push(piece) {
            return (reader.stopped(), Some(fault));
        }
    }
    reader.finish()
}

/// POSIX ustar: the sum of a header's bytes, its own eight counted as spaces, in octal at 148.
fn mend_checksums(bytes: &mut [u8]) {
    for block in bytes.chunks_exact_mut(TAR_BLOCK) {
        if block.get(257..262) == Some(b"ustar".as_slice()) {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
}
