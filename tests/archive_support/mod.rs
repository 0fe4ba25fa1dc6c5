//! What the archive tests share: a tar writer that can lie, and ways to feed a reader.

#![allow(dead_code)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use tagdrift::archive::{BlobReader, Content, Entry, Purpose, Reading, TarListing, TarReader};
use tagdrift::fault::Fault;
use tagdrift::limits::Limits;
use tagdrift::oci::{Descriptor, Digest};

pub fn descriptor(bytes: &[u8]) -> Descriptor {
    Descriptor {
        media_type: "application/octet-stream".into(),
        digest: Digest::sha256(bytes),
        size: bytes.len() as u64,
        annotations: BTreeMap::new(),
        urls: Vec::new(),
        artifact_type: None,
        platform: None,
    }
}

/// Reads a blob that is cut at these places.
pub fn read_cut(bytes: &[u8], cuts: &[usize], purpose: Purpose, limits: &Limits) -> Reading {
    let mut blob = BlobReader::new(&descriptor(bytes), purpose, limits);
    let mut start = 0;
    for &cut in cuts {
        blob.push(&bytes[start..cut]).unwrap();
        start = cut;
    }
    blob.push(&bytes[start..]).unwrap();
    blob.finish()
}

pub fn read(bytes: &[u8]) -> Reading {
    read_cut(bytes, &[], Purpose::Files, &Limits::default())
}

/// The listing of a tar archive that is whole.
pub fn listing(bytes: &[u8]) -> TarListing {
    let reading = read(bytes);
    assert_eq!(reading.fault, None);
    match reading.content {
        Content::Tar(listing) | Content::Zip(listing) => listing,
        other => panic!("no archive: {other:?}"),
    }
}

/// Feeds the tar reader alone, at these places cut.
pub fn untar(bytes: &[u8], cuts: &[usize]) -> (TarListing, Option<Fault>) {
    let mut reader = TarReader::new(true, &Limits::default());
    let mut start = 0;
    for cut in cuts.iter().copied().chain([bytes.len()]) {
        if let Err(fault) = reader.push(&bytes[start..cut]) {
            return (reader.stopped(), Some(fault));
        }
        start = cut;
    }
    reader.finish()
}

/// A header block, field by field.
#[derive(Clone)]
pub struct Block(pub [u8; 512]);

impl Block {
    pub fn new(path: &str, flag: u8, size: u64) -> Self {
        let mut block = Self([0; 512]);
        block.put(0, path.as_bytes());
        block.put(100, b"0000644\0");
        block.put(108, b"0000000\0");
        block.put(116, b"0000000\0");
        block.put(124, format!("{size:011o}\0").as_bytes());
        block.put(136, b"15006467633\0");
        block.0[156] = flag;
        block.put(257, b"ustar\x0000");
        block
    }

    pub fn gnu(path: &str, flag: u8, size: u64) -> Self {
        Self::new(path, flag, size).with(257, b"ustar  \0")
    }

    pub fn with(mut self, at: usize, bytes: &[u8]) -> Self {
        self.put(at, bytes);
        self
    }

    pub fn link(self, target: &str) -> Self {
        self.with(157, target.as_bytes())
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// The block with its checksum.
    pub fn sealed(mut self) -> [u8; 512] {
        self.put(148, b"        ");
        let sum: u32 = self.0.iter().map(|b| u32::from(*b)).sum();
        self.put(148, format!("{sum:06o}\0 ").as_bytes());
        self.0
    }
}

/// An archive in the making.
#[derive(Clone, Default)]
pub struct Tarball(pub Vec<u8>);

impl Tarball {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn raw(mut self, block: Block, payload: &[u8]) -> Self {
        self.0.extend_from_slice(&block.sealed());
        self.0.extend_from_slice(payload);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub fn file(self, path: &str, text: &str) -> Self {
        let block = Block::new(path, b'0', text.len() as u64);
        self.raw(block, text.as_bytes())
    }

    pub fn folder(self, path: &str) -> Self {
        self.raw(Block::new(path, b'5', 0).with(100, b"0000755\0"), b"")
    }

    pub fn symlink(self, path: &str, target: &str) -> Self {
        self.raw(Block::new(path, b'2', 0).link(target), b"")
    }

    pub fn hardlink(self, path: &str, target: &str) -> Self {
        self.raw(Block::new(path, b'1', 0).link(target), b"")
    }

    /// A PAX header with these records.
    pub fn pax(self, records: &[(&str, &str)]) -> Self {
        let text = pax_records(records);
        self.raw(Block::new("PaxHeaders/x", b'x', text.len() as u64), &text)
    }

    pub fn globals(self, records: &[(&str, &str)]) -> Self {
        let text = pax_records(records);
        self.raw(Block::new("pax_global_header", b'g', text.len() as u64), &text)
    }

    /// The archive with its two end blocks.
    pub fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(&[0; 1024]);
        self.0
    }
}

pub fn pax_records(records: &[(&str, &str)]) -> Vec<u8> {
    let mut text = Vec::new();
    for (key, value) in records {
        let rest = format!(" {key}={value}\n");
        let mut length = rest.len() + 1;
        while length != rest.len() + length.to_string().len() {
            length += 1;
        }
        text.extend_from_slice(format!("{length}{rest}").as_bytes());
    }
    text
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    gzip_at(bytes, 6)
}

pub fn gzip_at(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// Runs a program over bytes; `None` when it is not installed.
pub fn filter(program: &str, args: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    assert!(output.status.success(), "{program} {args:?}");
    Some(output.stdout)
}

/// Whole, byte by byte and split at every place; all must say the same.
pub fn tar_however_cut(bytes: &[u8]) -> (TarListing, Option<Fault>) {
    let whole = untar(bytes, &[]);
    let expected = format!("{whole:?}");
    let each: Vec<usize> = (1..bytes.len()).collect();
    assert_eq!(format!("{:?}", untar(bytes, &each)), expected, "byte by byte");
    for at in 0..bytes.len() {
        assert_eq!(format!("{:?}", untar(bytes, &[at])), expected, "split at {at}");
    }
    whole
}

pub fn good(bytes: &[u8]) -> TarListing {
    let (listing, fault) = tar_however_cut(bytes);
    assert_eq!(fault, None);
    listing
}

pub fn one(bytes: &[u8]) -> Entry {
    let mut listing = good(bytes);
    assert_eq!(listing.entries.len(), 1);
    listing.entries.remove(0)
}

/// The message of the fault, with the number of entries read before it.
pub fn refused(bytes: &[u8]) -> (usize, String) {
    let (listing, fault) = tar_however_cut(bytes);
    (listing.entries.len(), fault.expect("a fault").message)
}
