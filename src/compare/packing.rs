//! How two blobs were packed: compression and tar headers, without a word about file contents.

use std::collections::BTreeMap;

use crate::archive::{Content, Entry, EntryKind, GzipFacts, Packing, Reading, TarFacts, TarListing, Time};

/// What differs in the packing of two blobs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PackingDifference {
    /// The uncompressed bytes are equal.
    pub uncompressed_equal: bool,
    /// The compressed bytes differ though they unpack to the same, or the kind of compression differs.
    pub stream: Option<(String, String)>,
    /// gzip header fields that differ: name, left, right.
    pub gzip: Vec<(&'static str, String, String)>,
    /// Bytes after the end, of stream or archive, that differ.
    pub trailing: Option<(String, String)>,
    /// What differs between the entries' headers, where both are archives.
    pub headers: Option<HeaderDifference>,
}

/// What differs between the headers of two archives. Entries are paired by path, the n-th with the n-th.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeaderDifference {
    /// Pairs of entries that were held against each other.
    pub paired: u64,
    /// Dialect, padding, extended records.
    pub format: Vec<(String, String, String)>,
    /// Modification times.
    pub mtime: Changes,
    /// Owner, group, by number.
    pub owner: Changes,
    /// Owner, group, by name only.
    pub owner_name: Changes,
    /// Permission bits.
    pub mode: Changes,
    /// True when the entries that both have come in another order.
    pub order: bool,
    /// Directory entries left and right, when other directories are named.
    pub directories: Option<(u64, u64)>,
    /// Names that stand more than once, left and right, when they differ.
    pub duplicates: Option<(Vec<String>, Vec<String>)>,
}

/// How often a header field differs, and the first example.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Entries in which it differs.
    pub count: u64,
    /// The first: path, left, right.
    pub first: Option<(String, String, String)>,
    /// How many of `count` are on regular files.
    pub files: u64,
}

impl Changes {
    fn add(&mut self, entry: &Entry, values: impl FnOnce() -> (String, String)) {
        self.count += 1;
        if entry.kind == EntryKind::File {
            self.files += 1;
        }
        if self.first.is_none() {
            let (from, to) = values();
            self.first = Some((show_path(&entry.path), from, to));
        }
    }
}

/// A raw path for the eye: what is no UTF-8, and control characters, as `\xNN` or `\u{…}`.
pub fn show_path(path: &[u8]) -> String {
    let mut shown = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() || is_deceptive(c) {
                shown.extend(c.escape_unicode());
            } else {
                shown.push(c);
            }
        }
        for b in chunk.invalid() {
            shown.push_str(&format!("\\x{b:02x}"));
        }
    }
    shown
}

/// Bidirectional controls and zero-width characters: they make a path read as another one.
fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// Compares the packing of two blobs that were both read whole.
pub fn compare(left: &Reading, right: &Reading) -> PackingDifference {
    let (l, r) = (&left.packing, &right.packing);
    let mut difference = PackingDifference {
        uncompressed_equal: l.uncompressed == r.uncompressed,
        ..Default::default()
    };
    if let (Some(l), Some(r)) = (&l.gzip, &r.gzip) {
        difference.gzip = gzip_fields(l, r);
    }
    let other_kind = l.compression != r.compression;
    let other_stream = difference.uncompressed_equal
        && left.digest != right.digest
        && (difference.gzip.is_empty() || deflated(left) != deflated(right));
    if other_kind || other_stream {
        difference.stream = Some((describe(left), describe(right)));
    }
    let trailing = |packing: &Packing, facts: Option<&TarFacts>| {
        let all: Vec<String> = packing
            .trailing
            .iter()
            .chain(facts.and_then(|f| f.trailing.as_ref()))
            .map(|(n, digest)| format!("{n} bytes, {digest}"))
            .collect();
        all.join("; ")
    };
    let (lt, rt) = (trailing(l, facts(left)), trailing(r, facts(right)));
    if lt != rt {
        difference.trailing = Some((lt, rt));
    }
    if let (Some(l), Some(r)) = (listing(left), listing(right))
        && !difference.uncompressed_equal
    {
        difference.headers = Some(headers(l, r));
    }
    difference
}

/// How long the deflate stream of a single gzip member is: the blob without its header (RFC 1952, 2.3) and
/// its eight bytes of trailer. Where only header fields differ, this is equal on both sides.
fn deflated(reading: &Reading) -> Option<u64> {
    let header = reading.packing.gzip.as_ref()?;
    let extra = header.extra.as_ref().map_or(0, |e| e.len() + 2);
    let text = |field: &Option<Vec<u8>>| field.as_ref().map_or(0, |f| f.len() + 1);
    let checksum = if header.flags & 0x02 != 0 { 2 } else { 0 };
    let length = 10 + extra + text(&header.name) + text(&header.comment) + checksum + 8;
    let trailing = reading.packing.trailing.as_ref().map_or(0, |(n, _)| *n);
    (reading.packing.members == 1).then(|| reading.size.checked_sub(length as u64 + trailing))?
}

fn listing(reading: &Reading) -> Option<&TarListing> {
    match &reading.content {
        Content::Tar(listing) | Content::Zip(listing) => Some(listing),
        Content::Bytes(_) => None,
    }
}

fn facts(reading: &Reading) -> Option<&TarFacts> {
    listing(reading).map(|l| &l.facts)
}

fn describe(reading: &Reading) -> String {
    let packing = &reading.packing;
    let kind = format!("{:?}", packing.compression).to_lowercase();
    let members = if packing.members > 1 {
        format!(", {} members", packing.members)
    } else {
        String::new()
    };
    let xfl = match packing.gzip.as_ref().map(|g| g.extra_flags) {
        Some(2) => ", best compression",
        Some(4) => ", fastest compression",
        _ => "",
    };
    format!("{kind}{xfl}{members}, {} bytes", reading.size)
}

fn gzip_fields(left: &GzipFacts, right: &GzipFacts) -> Vec<(&'static str, String, String)> {
    let bytes = |b: &Option<Vec<u8>>| {
        b.as_deref()
            .map_or("none".to_owned(), |b| format!("{:?}", show_path(b)))
    };
    let mut fields = Vec::new();
    let mut field = |name, l: String, r: String| {
        if l != r {
            fields.push((name, l, r));
        }
    };
    field(
        "flags",
        format!("{:#04x}", left.flags),
        format!("{:#04x}", right.flags),
    );
    field("mtime", left.mtime.to_string(), right.mtime.to_string());
    field(
        "extra flags",
        left.extra_flags.to_string(),
        right.extra_flags.to_string(),
    );
    field("system", left.os.to_string(), right.os.to_string());
    field("extra", bytes(&left.extra), bytes(&right.extra));
    field("name", bytes(&left.name), bytes(&right.name));
    field("comment", bytes(&left.comment), bytes(&right.comment));
    fields
}

/// Compares headers of entries paired by path.
fn headers(left: &TarListing, right: &TarListing) -> HeaderDifference {
    let mut difference = HeaderDifference::default();
    let by_path = |listing: &TarListing| {
        let mut by: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
        for (i, entry) in listing.entries.iter().enumerate() {
            by.entry(key(entry)).or_default().push(i);
        }
        by
    };
    let (l, r) = (by_path(left), by_path(right));
    let mut places: Vec<(usize, usize)> = Vec::new();
    let mut records: BTreeMap<String, (String, String)> = BTreeMap::new();
    for (path, lefts) in &l {
        let Some(rights) = r.get(path) else { continue };
        for (i, j) in lefts.iter().zip(rights) {
            let (Some(a), Some(b)) = (left.entries.get(*i), right.entries.get(*j)) else {
                continue;
            };
            places.push((*i, *j));
            entry(a, b, &mut difference, &mut records);
        }
    }
    difference.paired = places.len() as u64;
    places.sort_unstable();
    difference.order = places.windows(2).any(|w| matches!(w, [(_, a), (_, b)] if a > b));
    let directories = |listing: &TarListing| {
        let mut names: Vec<Vec<u8>> = listing
            .entries
            .iter()
            .filter(|e| e.kind == EntryKind::Directory)
            .map(key)
            .collect();
        names.sort_unstable();
        names
    };
    let (ld, rd) = (directories(left), directories(right));
    if ld != rd {
        difference.directories = Some((ld.len() as u64, rd.len() as u64));
    }
    let twice = |by: &BTreeMap<Vec<u8>, Vec<usize>>| -> Vec<String> {
        by.iter()
            .filter(|(_, n)| n.len() > 1)
            .map(|(p, _)| show_path(p))
            .collect()
    };
    let (lt, rt) = (twice(&l), twice(&r));
    if lt != rt {
        difference.duplicates = Some((lt, rt));
    }
    archive_format(&left.facts, &right.facts, &mut difference.format);
    difference
        .format
        .extend(records.into_iter().map(|(name, (from, to))| (name, from, to)));
    difference
}

/// `./a/` and `a` are one entry to every reader.
fn key(entry: &Entry) -> Vec<u8> {
    let mut path: &[u8] = &entry.path;
    while let Some(rest) = path.strip_prefix(b"./") {
        path = rest;
    }
    path.strip_suffix(b"/").unwrap_or(path).to_vec()
}

fn entry(
    a: &Entry,
    b: &Entry,
    into: &mut HeaderDifference,
    records: &mut BTreeMap<String, (String, String)>,
) {
    if a.mtime != b.mtime {
        into.mtime.add(b, || (show_time(a.mtime), show_time(b.mtime)));
    }
    if (a.uid, a.gid) != (b.uid, b.gid) {
        into.owner.add(b, || {
            (format!("{}:{}", a.uid, a.gid), format!("{}:{}", b.uid, b.gid))
        });
    } else if (&a.uname, &a.gname) != (&b.uname, &b.gname) {
        let names = |e: &Entry| format!("{}:{}", show_path(&e.uname), show_path(&e.gname));
        into.owner_name.add(b, || (names(a), names(b)));
    }
    if a.mode != b.mode {
        into.mode
            .add(b, || (format!("{:04o}", a.mode), format!("{:04o}", b.mode)));
    }
    if a.records != b.records {
        for name in a.records.keys().chain(b.records.keys()) {
            let value = |e: &Entry| e.records.get(name).map_or("none".to_owned(), |v| show_path(v));
            if a.records.get(name) != b.records.get(name) {
                records
                    .entry(format!("record {}", show_path(name)))
                    .or_insert_with(|| (value(a), value(b)));
            }
        }
    }
}

fn archive_format(left: &TarFacts, right: &TarFacts, into: &mut Vec<(String, String, String)>) {
    let mut field = |name: &str, l: String, r: String| {
        if l != r {
            into.push((name.to_owned(), l, r));
        }
    };
    let formats = |f: &TarFacts| {
        f.formats
            .iter()
            .map(|f| format!("{f:?}").to_lowercase())
            .collect::<Vec<_>>()
            .join(" and ")
    };
    let globals = |f: &TarFacts| {
        f.globals
            .iter()
            .map(|(k, v)| format!("{}={}", show_path(k), show_path(v)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let end = |f: &TarFacts| {
        if f.ended {
            format!("{} zero blocks", f.end_blocks)
        } else {
            "no end mark".to_owned()
        }
    };
    field("dialect", formats(left), formats(right));
    field("global records", globals(left), globals(right));
    field("end", end(left), end(right));
}

/// An instant as RFC 3339 in UTC, nanoseconds only where there are some.
pub fn show_time(time: Time) -> String {
    super::instant::format(time)
}
