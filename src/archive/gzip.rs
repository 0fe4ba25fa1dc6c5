//! gzip (RFC 1952), pushed: headers read in full, members concatenated, checks verified.
//!
//! Invariants: every member's CRC32 and ISIZE are verified; a header is kept only for the first member;
//! the variable header fields are bounded by [`Limits::extension_bytes`]. Bytes after the last member are
//! no error (gzip(1) ignores zero padding and warns of anything else) but they are told.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::inflater::{Meter, Remainder, Sink};
use super::reading::GzipFacts;
use crate::fault::Fault;
use crate::limits::Limits;
use crate::oci::Digest;

/// ID1 and ID2 (RFC 1952, 2.3.1).
pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

const FHCRC: u8 = 1 << 1;
const FEXTRA: u8 = 1 << 2;
const FNAME: u8 = 1 << 3;
const FCOMMENT: u8 = 1 << 4;
/// Bits 5 to 7 "must be zero"; a decoder must refuse them (RFC 1952, 2.3.1.2).
const RESERVED: u8 = 0xe0;

/// One piece of output. The inflater reaches back for 32 KiB at most, into this piece at the speed of a copy, before its
/// start through a window kept apart: so the larger the better, as long as it stays in the second cache for whoever hashes it.
const PIECE: usize = 256 * 1024;

/// A gzip stream in the making.
pub(super) struct Gunzip {
    state: State,
    inflate: Decompress,
    crc: Crc,
    piece: Vec<u8>,
    first: Option<GzipFacts>,
    members: u32,
    remainder: Remainder,
    header_bytes: u64,
}

enum State {
    /// Collecting a member's header.
    Header(Vec<u8>),
    /// Inside the deflate stream.
    Body,
    /// Collecting CRC32 and ISIZE.
    Trailer(Vec<u8>),
    /// After a member: zero or one byte of what may be the next one's magic.
    Between(Option<u8>),
    /// After the last member.
    Rest,
}

impl Gunzip {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            state: State::Header(Vec::new()),
            inflate: Decompress::new(false),
            crc: Crc::new(),
            piece: vec![0; PIECE],
            first: None,
            members: 0,
            remainder: Remainder::default(),
            header_bytes: limits.extension_bytes,
        }
    }

    pub(super) fn members(&self) -> u32 {
        self.members
    }

    pub(super) fn first_header(&self) -> Option<&GzipFacts> {
        self.first.as_ref()
    }

    pub(super) fn trailing(&self) -> Option<(u64, Digest)> {
        self.remainder.told()
    }

    pub(super) fn push(
        &mut self,
        mut input: &[u8],
        meter: &mut Meter,
        sink: &mut Sink<'_>,
    ) -> Result<(), Fault> {
        while !input.is_empty() {
            let before = input.len();
            match &mut self.state {
                State::Header(seen) => {
                    let start = seen.len();
                    // A header is short, so looking at it byte by byte again costs nothing that shows, yet a
                    // long FNAME must not make it quadratic: whole headers are tried at growing lengths.
                    let room = start.max(64).min(input.len());
                    seen.extend_from_slice(input.get(..room).unwrap_or(input));
                    match parse_header(seen, meter.offset().saturating_sub(start as u64))? {
                        Some((facts, length)) => {
                            let used = length.saturating_sub(start);
                            input = input.get(used..).unwrap_or_default();
                            meter.take(used);
                            self.members = self.members.saturating_add(1);
                            self.first.get_or_insert(facts);
                            self.inflate.reset(false);
                            self.crc.reset();
                            self.state = State::Body;
                        }
                        None => {
                            if seen.len() as u64 > self.header_bytes {
                                return Err(Fault::too_large(
                                    "a gzip header",
                                    format_args!("{} bytes", self.header_bytes),
                                ));
                            }
                            input = input.get(room..).unwrap_or_default();
                            meter.take(room);
                        }
                    }
                }
                State::Body => input = self.inflate_some(input, meter, sink)?,
                State::Trailer(seen) => {
                    let need = 8usize.saturating_sub(seen.len()).min(input.len());
                    let (head, rest) = input.split_at_checked(need).unwrap_or((input, &[]));
                    seen.extend_from_slice(head);
                    input = rest;
                    meter.take(need);
                    if let Ok(trailer) = <[u8; 8]>::try_from(seen.as_slice()) {
                        verify(trailer, &self.crc, meter.offset().saturating_sub(8))?;
                        self.state = State::Between(None);
                    }
                }
                State::Between(held) => {
                    let Some((&byte, rest)) = input.split_first() else {
                        return Ok(());
                    };
                    input = rest;
                    meter.take(1);
                    self.state = match *held {
                        None if byte == MAGIC[0] => State::Between(Some(byte)),
                        Some(_) if byte == MAGIC[1] => State::Header(MAGIC.to_vec()),
                        held => {
                            self.remainder.take(held.as_slice());
                            self.remainder.take(&[byte]);
                            State::Rest
                        }
                    };
                }
                State::Rest => {
                    self.remainder.take(input);
                    meter.take(input.len());
                    input = &[];
                }
            }
            debug_assert!(input.len() <= before);
        }
        Ok(())
    }

    fn inflate_some<'i>(
        &mut self,
        mut input: &'i [u8],
        meter: &mut Meter,
        sink: &mut Sink<'_>,
    ) -> Result<&'i [u8], Fault> {
        loop {
            let (taken_before, given_before) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self
                .inflate
                .decompress(input, &mut self.piece, FlushDecompress::None);
            let taken = usize::try_from(self.inflate.total_in() - taken_before).unwrap_or(usize::MAX);
            let given = usize::try_from(self.inflate.total_out() - given_before).unwrap_or(usize::MAX);
            input = input.get(taken..).unwrap_or_default();
            meter.take(taken);
            // What was unpacked before an error counts too, or the cut of the input would decide how much.
            if let Some(piece) = self.piece.get(..given)
                && !piece.is_empty()
            {
                meter.give(given)?;
                self.crc.update(piece);
                sink(piece)?;
            }
            // The library's own sentence depends on how the input was cut.
            let status = status.map_err(|_| {
                Fault::malformed(format!(
                    "broken deflate stream in gzip member {} at compressed offset {}, after {} unpacked bytes",
                    self.members,
                    meter.offset(),
                    self.inflate.total_out()
                ))
            })?;
            match status {
                Status::StreamEnd => {
                    self.state = State::Trailer(Vec::with_capacity(8));
                    return Ok(input);
                }
                // A full piece means that more output may be waiting even when the input is used up.
                _ if input.is_empty() && given < self.piece.len() => return Ok(input),
                _ if taken == 0 && given == 0 => {
                    return Err(Fault::malformed(format!(
                        "the deflate stream in gzip member {} makes no progress at compressed offset {}",
                        self.members,
                        meter.offset()
                    )));
                }
                _ => {}
            }
        }
    }

    pub(super) fn finish(&mut self) -> Result<(), Fault> {
        let what = match &self.state {
            State::Between(None) | State::Rest => return Ok(()),
            State::Between(Some(byte)) => {
                self.remainder.take(&[*byte]);
                self.state = State::Rest;
                return Ok(());
            }
            State::Header(_) => "its header",
            State::Body => "its deflate stream",
            State::Trailer(_) => "its checksum",
        };
        let member = self.members + u32::from(matches!(self.state, State::Header(_)));
        Err(Fault::malformed(format!(
            "gzip member {member} was cut inside {what}"
        )))
    }
}

/// CRC32 and ISIZE (RFC 1952, 2.3.1).
fn verify(trailer: [u8; 8], crc: &Crc, offset: u64) -> Result<(), Fault> {
    let [a, b, c, d, e, f, g, h] = trailer;
    let (sum, size) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    if sum != crc.sum() {
        return Err(Fault::malformed(format!(
            "gzip says CRC32 {sum:08x} at compressed offset {offset}, the data has {:08x}",
            crc.sum()
        )));
    }
    // `amount` counts modulo 2^32, and so does ISIZE.
    if size != crc.amount() {
        return Err(Fault::malformed(format!(
            "gzip says {size} bytes at compressed offset {}, the data has {} (modulo 2^32)",
            offset + 4,
            crc.amount()
        )));
    }
    Ok(())
}

/// The header at the start of `bytes` and its length, or `None` when it goes on after them.
fn parse_header(bytes: &[u8], offset: u64) -> Result<Option<(GzipFacts, usize)>, Fault> {
    let mut rest = bytes;
    let Some(fixed) = split::<10>(&mut rest) else {
        return Ok(None);
    };
    let [id1, id2, method, flags, m0, m1, m2, m3, extra_flags, os] = fixed;
    if [id1, id2] != MAGIC {
        return Err(Fault::malformed(format!(
            "no gzip header at compressed offset {offset}: {id1:02x} {id2:02x}"
        )));
    }
    if method != 8 {
        return Err(Fault::unsupported(format!(
            "gzip method {method} at compressed offset {}: only 8 (deflate) is defined",
            offset + 2
        )));
    }
    if flags & RESERVED != 0 {
        return Err(Fault::malformed(format!(
            "reserved gzip flags {flags:#04x} at compressed offset {}",
            offset + 3
        )));
    }
    let mut facts = GzipFacts {
        flags,
        mtime: u32::from_le_bytes([m0, m1, m2, m3]),
        extra_flags,
        os,
        ..GzipFacts::default()
    };
    if flags & FEXTRA != 0 {
        let Some(length) = split::<2>(&mut rest) else {
            return Ok(None);
        };
        let Some((extra, after)) = rest.split_at_checked(usize::from(u16::from_le_bytes(length))) else {
            return Ok(None);
        };
        facts.extra = Some(extra.to_vec());
        rest = after;
    }
    for (flag, field) in [(FNAME, &mut facts.name), (FCOMMENT, &mut facts.comment)] {
        if flags & flag != 0 {
            let Some(end) = rest.iter().position(|&b| b == 0) else {
                return Ok(None);
            };
            *field = rest.get(..end).map(<[u8]>::to_vec);
            rest = rest.get(end + 1..).unwrap_or_default();
        }
    }
    if flags & FHCRC != 0 {
        let covered = bytes.len() - rest.len();
        let Some(sum) = split::<2>(&mut rest) else {
            return Ok(None);
        };
        let mut crc = Crc::new();
        crc.update(bytes.get(..covered).unwrap_or_default());
        let (told, real) = (u16::from_le_bytes(sum), (crc.sum() & 0xffff) as u16);
        if told != real {
            return Err(Fault::malformed(format!(
                "gzip header says CRC16 {told:04x} at compressed offset {}, it has {real:04x}",
                offset + covered as u64
            )));
        }
    }
    Ok(Some((facts, bytes.len() - rest.len())))
}

fn split<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}
