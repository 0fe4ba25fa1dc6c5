//! Bounded fuzzing that every `cargo test` runs: valid archives with bytes changed, dropped, repeated and
//! moved, by a generator with a fixed seed. No input may panic, hang, or list more than its limits allow, and
//! none may make the reading depend on how it was cut.
#![cfg(not(target_arch = "wasm32"))]
// Tests fail by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod archive_support;

use archive_support::{Block, Tarball, descriptor, filter, gzip, untar};
use tagdrift::archive::{BlobReader, Content, Purpose, Reading, TarListing};
use tagdrift::limits::Limits;
use tagdrift::tree::{archive, chart, content_digest, image, nested};

/// xorshift64*: the same sequence everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        (high as usize) % sides.max(1)
    }
}

fn limits() -> Limits {
    Limits {
        unpacked_bytes: 1 << 20,
        ratio_grace_bytes: 64 << 10,
        zstd_window_bytes: 1 << 20,
        entries: 64,
        extension_bytes: 16 << 10,
        path_bytes: 1024,
        kept_file_bytes: 64 << 10,
        kept_bytes: 256 << 10,
        ..Limits::default()
    }
}

fn mutated(seed: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.roll(4) {
        if bytes.is_empty() {
            break;
        }
        let at = dice.roll(bytes.len());
        match dice.roll(7) {
            0 => bytes[at] ^= 1 << dice.roll(8),
            1 => bytes[at] = [0, 0xff, 0x80, b'0', b'7', b'=', b'\n'][dice.roll(7)],
            2 => bytes.truncate(at),
            3 => {
                let end = (at + dice.roll(600)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let end = (at + 512).min(bytes.len());
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            5 => {
                let other = dice.roll(bytes.len());
                bytes.swap(at, other);
            }
            _ => bytes.insert(at, dice.roll(256) as u8),
        }
    }
    bytes
}

/// Mutated headers would all stop at their checksum: mend it, so that what lies behind is reached.
fn mended(mut bytes: Vec<u8>) -> Vec<u8> {
    for block in bytes.chunks_exact_mut(512) {
        if block[257..262] == *b"ustar" {
            let whole: [u8; 512] = block.try_into().unwrap();
            block.copy_from_slice(&Block(whole).sealed());
        }
    }
    bytes
}

fn read(bytes: &[u8], step: usize) -> Reading {
    let mut blob = BlobReader::new(&descriptor(bytes), Purpose::Files, &limits());
    for piece in bytes.chunks(step.max(1)) {
        blob.push(piece).unwrap();
    }
    blob.finish()
}

fn walk(listing: &TarListing) {
    assert!(listing.entries.len() <= limits().entries);
    let _ = chart::tree(listing, &limits());
    let mut tree = archive::tree(listing);
    nested::expand(&mut tree, &limits());
    let _ = content_digest::files(&tree);
    let root = image::flatten(&[(0, listing), (1, listing)]);
    let _ = content_digest::image(&root, &serde_json::Value::Null);
    let _ = image::overlay(&[(0, listing), (1, listing)]);
}

fn try_all(seed: &[u8], rounds: usize, start: u64, mend: bool) {
    let mut dice = Dice(start);
    for round in 0..rounds {
        let mut bytes = mutated(seed, &mut dice);
        if mend {
            bytes = mended(bytes);
        }
        let whole = read(&bytes, bytes.len());
        let step = 1 + dice.roll(700);
        assert_eq!(
            format!("{:?}", read(&bytes, step)),
            format!("{whole:?}"),
            "round {round} of {start}, step {step}"
        );
        if let Content::Tar(listing) | Content::Zip(listing) = &whole.content {
            walk(listing);
        }
    }
}

fn awkward_tar() -> Vec<u8> {
    let sparse = [
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "h"),
        ("GNU.sparse.realsize", "900"),
    ];
    let mut map = b"1\n100\n3\n".to_vec();
    map.resize(512, 0);
    map.extend_from_slice(b"abc");
    let inner = gzip(&Tarball::new().file("r/Chart.yaml", "a").end());
    Tarball::new()
        .globals(&[("comment", "c")])
        .folder("t/")
        .file("t/Chart.yaml", "name: t\n")
        .pax(&[("path", "t/long"), ("mtime", "1.5"), ("SCHILY.xattr.a", "b")])
        .file("x", "1")
        .raw(Block::gnu("L", b'L', 6), b"t/gnu\0")
        .raw(Block::gnu("x", b'0', 2), b"ab")
        .raw(
            Block::gnu("t/s", b'S', 7)
                .with(386, b"00000000144\x0000000000007\0")
                .with(483, b"00000001000\0"),
            b"abcdefg",
        )
        .pax(&sparse)
        .raw(Block::new("g", b'0', map.len() as u64), &map)
        .symlink("t/l", "..")
        .hardlink("t/h", "t/Chart.yaml")
        .file("t/l/through", "2")
        .file("t/.wh.gone", "")
        .file("t/d/.wh..wh..opq", "")
        .raw(Block::new("t/charts/r.tgz", b'0', inner.len() as u64), &inner)
        .end()
}

#[test]
fn mutated_tars() {
    try_all(&awkward_tar(), 1500, 0x7469_6465, false);
    try_all(&awkward_tar(), 2500, 0x6d6f_6f6e, true);
}

#[test]
fn mutated_gzip() {
    let mut bytes = gzip(&awkward_tar());
    bytes.extend_from_slice(&gzip(b"second member"));
    try_all(&bytes, 1500, 0x677a, false);
}

#[test]
fn mutated_zstd() {
    let Some(bytes) = filter("zstd", &["-q", "-c", "--check"], &awkward_tar()) else {
        return;
    };
    try_all(&bytes, 1500, 0x7a73, false);
}

#[test]
fn a_tar_reader_alone_takes_anything() {
    let seed = awkward_tar();
    let mut dice = Dice(0x61_6c6f_6e65);
    for _ in 0..1500 {
        let bytes = mended(mutated(&seed, &mut dice));
        let mut cuts = [dice.roll(bytes.len()), dice.roll(bytes.len())];
        cuts.sort_unstable();
        assert_eq!(
            format!("{:?}", untar(&bytes, &cuts)),
            format!("{:?}", untar(&bytes, &[]))
        );
    }
}
