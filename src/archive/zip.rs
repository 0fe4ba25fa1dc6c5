//! zip (PKWARE APPNOTE 6.3), small: the central directory rules, members stored or deflated.
//!
//! A zip archive is read from its end, so its bytes are collected first, bounded by
//! [`Limits::kept_bytes`]; a larger one is a `TooLarge` fault. Invariants: CRC-32 and sizes of every member
//! are verified; members may not overlap (that is how small archives unpack to anything); names in the
//! directory and before the data must agree, since readers differ in which they take. Encryption, several volumes
//! and other methods are `Unsupported`.

use std::collections::BTreeMap;
use std::sync::Arc;

use flate2::{Crc, Decompress, FlushDecompress, Status};
use sha2::{Digest as _, Sha256};

use super::reading::{Entry, EntryKind, TarFormat, TarListing, Time};
use super::zip64;
use crate::fault::Fault;
use crate::limits::Limits;

/// Takes a zip archive's bytes.
pub(super) struct ZipCollector {
    limits: Limits,
    keep: bool,
    bytes: Vec<u8>,
}

/// One record of the central directory (APPNOTE 4.3.12).
struct Record<'b> {
    made_by: u16,
    flags: u16,
    method: u16,
    time: u16,
    date: u16,
    crc: u32,
    packed: u64,
    size: u64,
    name: &'b [u8],
    attributes: u32,
    start: u64,
    /// Where the record itself stands.
    at: u64,
}

impl ZipCollector {
    pub(super) fn new(keep: bool, limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            keep,
            bytes: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if (self.bytes.len() as u64).saturating_add(bytes.len() as u64) > self.limits.kept_bytes {
            self.bytes = Vec::new();
            return Err(Fault::too_large(
                "the zip archive",
                format_args!("{} bytes", self.limits.kept_bytes),
            ));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn finish(self) -> (TarListing, Option<Fault>) {
        let mut listing = TarListing::default();
        let fault = self.read(&mut listing).err();
        listing.facts.ended = fault.is_none();
        (listing, fault)
    }

    fn read(&self, listing: &mut TarListing) -> Result<(), Fault> {
        let (mut at, count) = self.end_record()?;
        if count > self.limits.entries {
            return Err(Fault::too_large("the number of zip members", self.limits.entries));
        }
        let mut ranges = BTreeMap::new();
        let (mut kept_bytes, mut unpacked) = (0u64, 0u64);
        for _ in 0..count {
            let (record, next) = self.record(at)?;
            at = next;
            let data = self.data(&record)?;
            ranges.insert(
                (record.start, at),
                (record.start + 30 + data.len() as u64, record.at),
            );
            unpacked = unpacked.saturating_add(record.size);
            if unpacked > self.limits.unpacked_bytes {
                return Err(Fault::too_large(
                    "the unpacked size of the zip archive",
                    format_args!("{} bytes", self.limits.unpacked_bytes),
                ));
            }
            let keep = self.keep
                && record.size <= self.limits.kept_file_bytes
                && kept_bytes.saturating_add(record.size) <= self.limits.kept_bytes;
            let entry = self.entry(&record, data, keep)?;
            kept_bytes += entry.bytes.as_ref().map_or(0, |b| b.len() as u64);
            listing.entries.push(entry);
        }
        let mut end = 0;
        for (&(start, _), &(stop, at)) in &ranges {
            if start < end {
                return Err(bad(at, "its data overlaps that of another member"));
            }
            end = stop;
        }
        Ok(())
    }

    /// The start of the central directory and the number of its records (APPNOTE 4.3.16).
    fn end_record(&self) -> Result<(u64, usize), Fault> {
        let bytes = &self.bytes;
        // The record's comment has at most 65535 bytes, and nothing may follow it.
        let lowest = bytes.len().saturating_sub(22 + usize::from(u16::MAX));
        let at = (lowest..=bytes.len().saturating_sub(22))
            .rev()
            .find(|&at| {
                bytes.get(at..).is_some_and(|rest| {
                    rest.starts_with(b"PK\x05\x06")
                        && u16_at(rest, 20).is_some_and(|comment| rest.len() == 22 + usize::from(comment))
                })
            })
            .ok_or_else(|| {
                Fault::malformed("the zip archive has no end record: it was cut, or bytes follow it")
            })?;
        let field = |offset| u16_at(bytes, at + offset).unwrap_or(0);
        let start = u32_at(bytes, at + 16).unwrap_or(0);
        if field(4) != 0 || field(6) != 0 || field(8) != field(10) {
            return Err(Fault::unsupported(format!(
                "the zip archive is one of several volumes (end record at offset {at})"
            )));
        }
        let wide = zip64::end(bytes, at)?;
        let (records, directory) = wide.map_or((None, None), |e| (Some(e.records), Some(e.directory)));
        let two = || {
            Fault::unsupported(format!(
                "the two end records before offset {at} disagree: readers differ in which they take"
            ))
        };
        let count = zip64::settled(u64::from(field(10)), u64::from(u16::MAX), records).ok_or_else(two)?;
        let start = zip64::settled(u64::from(start), u64::from(u32::MAX), directory).ok_or_else(two)?;
        Ok((start, usize::try_from(count).unwrap_or(usize::MAX)))
    }

    fn record(&self, at: u64) -> Result<(Record<'_>, u64), Fault> {
        let cut = || bad(at, "the central directory ends inside it");
        let rest = usize::try_from(at)
            .ok()
            .and_then(|at| self.bytes.get(at..))
            .ok_or_else(cut)?;
        if !rest.starts_with(b"PK\x01\x02") {
            return Err(bad(at, "no central directory record"));
        }
        let short = |offset| u16_at(rest, offset).ok_or_else(cut);
        let long = |offset| u32_at(rest, offset).ok_or_else(cut);
        let (name, extra, comment) = (
            usize::from(short(28)?),
            usize::from(short(30)?),
            usize::from(short(32)?),
        );
        let extra_at = 46 + name;
        let narrow = [long(24)?, long(20)?, long(42)?].map(u64::from);
        let fields = rest.get(extra_at..extra_at + extra).ok_or_else(cut)?;
        let [size, packed, start] = zip64::widen(narrow, fields).ok_or_else(|| {
            bad(
                at,
                "its zip64 field does not hold what its other fields leave to it",
            )
        })?;
        let record = Record {
            made_by: short(4)?,
            flags: short(8)?,
            method: short(10)?,
            time: short(12)?,
            date: short(14)?,
            crc: long(16)?,
            packed,
            size,
            name: rest.get(46..46 + name).ok_or_else(cut)?,
            attributes: long(38)?,
            start,
            at,
        };
        if record.name.len() > self.limits.path_bytes {
            return Err(Fault::too_large(
                &format!("the path of the zip member at offset {at}"),
                format_args!("{} bytes", self.limits.path_bytes),
            ));
        }
        Ok((record, at + (46 + name + extra + comment) as u64))
    }

    /// The packed bytes of a member, found by its local header (APPNOTE 4.3.7).
    fn data(&self, record: &Record<'_>) -> Result<&[u8], Fault> {
        let rest = usize::try_from(record.start)
            .ok()
            .and_then(|start| self.bytes.get(start..))
            .filter(|rest| rest.starts_with(b"PK\x03\x04"))
            .ok_or_else(|| bad(record.at, "no local header where it says"))?;
        let lengths = u16_at(rest, 26).zip(u16_at(rest, 28));
        let (name, extra) = lengths.ok_or_else(|| bad(record.at, "its local header was cut"))?;
        let (name, extra) = (usize::from(name), usize::from(extra));
        if rest.get(30..30 + name) != Some(record.name) {
            return Err(bad(
                record.at,
                "its name differs from the one in its local header",
            ));
        }
        let start = 30 + name + extra;
        usize::try_from(record.packed)
            .ok()
            .and_then(|length| rest.get(start..start.checked_add(length)?))
            .ok_or_else(|| bad(record.at, "its data was cut"))
    }

    fn entry(&self, record: &Record<'_>, data: &[u8], keep: bool) -> Result<Entry, Fault> {
        if record.flags & 1 != 0 {
            return Err(Fault::unsupported(format!(
                "the zip member at offset {} is encrypted",
                record.at
            )));
        }
        let mut content = Member {
            hasher: Sha256::new(),
            crc: Crc::new(),
            kept: Vec::new(),
            keep,
            size: 0,
        };
        match record.method {
            0 => content.take(data),
            8 => inflate(record, data, &mut content)?,
            method => {
                return Err(Fault::unsupported(format!(
                    "the zip member at offset {} is packed by method {method}: 0 and 8 are supported",
                    record.at
                )));
            }
        }
        if content.size != record.size {
            return Err(bad(
                record.at,
                &format!("it declares {} bytes and has {}", record.size, content.size),
            ));
        }
        if content.crc.sum() != record.crc {
            return Err(bad(
                record.at,
                &format!(
                    "it says CRC32 {:08x}, the data has {:08x}",
                    record.crc,
                    content.crc.sum()
                ),
            ));
        }
        // The high half of the external attributes is st_mode when the maker's system is Unix (3).
        let mode = if record.made_by >> 8 == 3 {
            record.attributes >> 16
        } else {
            0o644
        };
        let kind = match mode & 0o170_000 {
            0o120_000 => EntryKind::Symlink,
            _ if record.name.ends_with(b"/") => EntryKind::Directory,
            _ => EntryKind::File,
        };
        let is_link = kind == EntryKind::Symlink;
        let none: Arc<[u8]> = Arc::default();
        Ok(Entry {
            path: record.name.to_vec(),
            kind,
            mode: mode & 0o7777,
            uid: 0,
            gid: 0,
            uname: none.clone(),
            gname: none,
            mtime: Time {
                seconds: dos_time(record.date, record.time),
                nanos: 0,
            },
            link: if is_link && keep {
                content.kept.clone()
            } else {
                Vec::new()
            },
            size: content.size,
            sha256: content.hasher.finalize().into(),
            bytes: keep.then(|| Arc::from(content.kept)),
            xattrs: BTreeMap::new(),
            records: BTreeMap::new(),
            device: (0, 0),
            format: TarFormat::V7,
            offset: record.start,
        })
    }
}

struct Member {
    hasher: Sha256,
    crc: Crc,
    kept: Vec<u8>,
    keep: bool,
    size: u64,
}

impl Member {
    fn take(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.crc.update(bytes);
        self.size += bytes.len() as u64;
        if self.keep {
            self.kept.extend_from_slice(bytes);
        }
    }
}

fn inflate(record: &Record<'_>, mut data: &[u8], content: &mut Member) -> Result<(), Fault> {
    let mut inflate = Decompress::new(false);
    let mut piece = vec![0; 64 * 1024];
    loop {
        let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
        let status = inflate
            .decompress(data, &mut piece, FlushDecompress::None)
            .map_err(|_| bad(record.at, "broken deflate stream"))?;
        let taken = usize::try_from(inflate.total_in() - before_in).unwrap_or(usize::MAX);
        let given = usize::try_from(inflate.total_out() - before_out).unwrap_or(usize::MAX);
        data = data.get(taken..).unwrap_or_default();
        content.take(piece.get(..given).unwrap_or_default());
        if content.size > record.size {
            return Err(bad(
                record.at,
                &format!("it has more than the {} bytes it declares", record.size),
            ));
        }
        match status {
            Status::StreamEnd if data.is_empty() => return Ok(()),
            Status::StreamEnd => return Err(bad(record.at, "bytes follow its deflate stream")),
            _ if taken == 0 && given == 0 => return Err(bad(record.at, "its deflate stream was cut")),
            _ => {}
        }
    }
}

fn bad(at: u64, why: &str) -> Fault {
    Fault::malformed(format!("zip member at offset {at}: {why}"))
}

/// MS-DOS date and time (two seconds fine, no zone: taken as UTC) in seconds since 1970.
fn dos_time(date: u16, time: u16) -> i64 {
    let (day, month, year) = (
        i64::from(date & 31),
        i64::from((date >> 5) & 15),
        1980 + i64::from(date >> 9),
    );
    // Days from the civil calendar, with years that start in March so that leap days come last.
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    let (hour, minute, second) = (
        i64::from(time >> 11),
        i64::from((time >> 5) & 63),
        i64::from(time & 31) * 2,
    );
    days * 86_400 + hour * 3600 + minute * 60 + second
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes
        .get(at..)?
        .first_chunk::<2>()
        .map(|b| u16::from_le_bytes(*b))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..)?
        .first_chunk::<4>()
        .map(|b| u32::from_le_bytes(*b))
}
