//! tar, pushed: every dialect that containers and charts are packed in, and what readers disagree on.
//!
//! v7, ustar, PAX, GNU (long names, base-256 numbers, sparse files) and star. Invariants: payloads are
//! hashed where they lie, never copied; memory grows with the entries; how the input is cut changes
//! nothing; a member is listed only when it is whole. Anything that could make two readers see different
//! members is either refused (with the offset) or told in [`TarFacts::oddities`](crate::archive::TarFacts).
//!
//! Where peers differ, Go's archive/tar decides, because Helm, containerd and Docker read with it.

mod budget;
mod header;
mod member;
mod oddities;
mod pax;
mod payload;
mod sparse;
mod tail;
mod unfinished;

use sha2::{Digest as _, Sha256};

use budget::Budget;
use header::Header;
pub(crate) use header::{BLOCK, is_header};
pub(super) use member::Names;
use member::{Extensions, Member};
use oddities::{Disagreement, Oddities};
use payload::FileContent;
use sparse::{Layout, Map};
use tail::Tail;
use unfinished::Unfinished;

use super::reading::{EntryKind, Keep, TarFormat, TarListing};
use super::sha256::{Lanes, Running};
use crate::fault::Fault;
use crate::limits::Limits;

/// Reads one tar archive.
pub struct TarReader {
    limits: Limits,
    lanes: Lanes,
    keep: Keep,
    budget: Budget,
    offset: u64,
    block: [u8; BLOCK],
    filled: usize,
    state: State,
    extensions: Extensions,
    names: Names,
    listing: TarListing,
    unfinished: Unfinished,
    oddities: Oddities,
    empty: [u8; 32],
}

enum State {
    /// Filling a header block.
    Header,
    /// Filling an extension block of an old GNU sparse header.
    SparseBlock(Box<(Member, Map)>),
    /// Inside a payload, with so many bytes to go and so many bytes of padding after it.
    Payload(Payload, u64, u16),
    /// Inside the padding, with so many bytes to go, and whether one of them was not zero.
    Padding(u16, bool),
    /// After the end.
    Tail(Box<Tail>),
}

enum Payload {
    File(Box<FileContent>),
    Pax(Vec<u8>),
    Globals(Vec<u8>),
    LongName(Vec<u8>),
    LongLink(Vec<u8>),
    Skipped(Box<Member>),
}

impl TarReader {
    /// A reader that keeps the bytes of files (up to the limits) or only their hashes.
    pub fn new(keep: bool, limits: &Limits) -> Self {
        let keep = if keep { Keep::Everything } else { Keep::Nothing };
        Self::keeping(keep, &Lanes::default(), limits)
    }

    /// A reader whose digests wait beside others in these lanes.
    pub(super) fn keeping(keep: Keep, lanes: &Lanes, limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            lanes: lanes.clone(),
            keep,
            budget: Budget::new(limits),
            offset: 0,
            block: [0; BLOCK],
            filled: 0,
            state: State::Header,
            extensions: Extensions::default(),
            names: Names::default(),
            listing: TarListing::default(),
            unfinished: Unfinished::default(),
            oddities: Oddities::default(),
            empty: Sha256::digest([]).into(),
        }
    }

    /// Takes the next bytes of the archive.
    ///
    /// # Errors
    /// An archive that breaks its format or a limit; nothing may be pushed after that.
    pub fn push(&mut self, input: &[u8]) -> Result<(), Fault> {
        self.take(input, None)
    }

    /// The same, with the digest of the whole archive, which goes along with those of the files. After a fault the
    /// caller goes on with the bytes that `whole` has not taken.
    pub(super) fn push_hashing(&mut self, input: &[u8], whole: &mut Running) -> Result<(), Fault> {
        self.take(input, Some(whole))
    }

    fn take(&mut self, mut input: &[u8], mut whole: Option<&mut Running>) -> Result<(), Fault> {
        while !input.is_empty() {
            let mut hash = |n: usize| {
                if let Some(whole) = whole.as_deref_mut() {
                    whole.update(input.get(..n).unwrap_or_default());
                }
            };
            let taken = match &mut self.state {
                State::Header | State::SparseBlock(_) => {
                    let need = BLOCK.saturating_sub(self.filled).min(input.len());
                    hash(need);
                    if let (Some(into), Some(from)) = (
                        self.block.get_mut(self.filled..self.filled + need),
                        input.get(..need),
                    ) {
                        into.copy_from_slice(from);
                    }
                    self.filled += need;
                    self.offset += need as u64;
                    if self.filled == BLOCK {
                        self.filled = 0;
                        let block = self.block;
                        self.take_block(&block)?;
                    }
                    need
                }
                State::Payload(payload, left, _) => {
                    let n = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
                    let bytes = input.get(..n).unwrap_or_default();
                    if !matches!(payload, Payload::File(_)) {
                        hash(n);
                    }
                    match payload {
                        Payload::File(file) => file.take(bytes, whole.as_deref_mut())?,
                        Payload::Pax(held)
                        | Payload::Globals(held)
                        | Payload::LongName(held)
                        | Payload::LongLink(held) => held.extend_from_slice(bytes),
                        Payload::Skipped(_) => {}
                    }
                    *left -= n as u64;
                    let done = *left == 0;
                    self.offset += n as u64;
                    if done {
                        self.end_payload()?;
                    }
                    n
                }
                State::Padding(left, told) => {
                    let n = usize::from(*left).min(input.len());
                    hash(n);
                    if !*told && input.get(..n).is_some_and(|pad| pad.iter().any(|b| *b != 0)) {
                        *told = true;
                        self.oddities.note(Disagreement::Padding, || {
                            format!(
                                "the padding before offset {} is not zero",
                                self.offset + u64::from(*left)
                            )
                        });
                    }
                    *left -= u16::try_from(n).unwrap_or(*left);
                    if *left == 0 {
                        self.state = State::Header;
                    }
                    self.offset += n as u64;
                    n
                }
                State::Tail(tail) => {
                    hash(input.len());
                    tail.take(input);
                    self.offset += input.len() as u64;
                    input.len()
                }
            };
            input = input.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    /// Ends the archive: what was in it, and the fault if it was cut.
    pub fn finish(mut self) -> (TarListing, Option<Fault>) {
        let fault = self.cut();
        if let State::Tail(tail) = &self.state {
            self.listing.facts.ended = tail.ended();
            self.listing.facts.end_blocks = tail.end_blocks();
            self.listing.facts.trailing = tail.trailing();
        }
        let facts = &self.listing.facts;
        if !facts.ended && facts.end_blocks == 1 && facts.trailing.is_some() {
            self.oddities.note(Disagreement::NoEnd, || {
                "a single zero block ends the archive and other bytes follow: Go refuses it, others stop there"
                    .to_owned()
            });
        }
        if fault.is_none() && matches!(self.state, State::Header) {
            self.oddities.note(Disagreement::NoEnd, || {
                format!(
                    "the archive stops at offset {} without the two zero blocks that end it",
                    self.offset
                )
            });
        }
        (self.stopped(), fault)
    }

    /// What was read until a fault stopped the reading.
    pub fn stopped(mut self) -> TarListing {
        self.unfinished.finish(0, &mut self.listing.entries);
        let mut listing = self.listing;
        listing.facts.oddities = self.oddities.told();
        listing
    }

    fn cut(&mut self) -> Option<Fault> {
        let at = self.offset;
        match &self.state {
            State::Header if self.filled > 0 => Some(Fault::malformed(format!(
                "the archive was cut inside the header before offset {at}"
            ))),
            State::SparseBlock(_) => Some(Fault::malformed(format!(
                "the archive was cut inside a sparse map at offset {at}"
            ))),
            State::Payload(_, left, _) => Some(Fault::malformed(format!(
                "the archive was cut at offset {at}: {left} bytes of a member are missing"
            ))),
            State::Padding(left, _) => {
                // Go and GNU tar accept this (all content is there).
                let left = *left;
                self.oddities.note(Disagreement::NoEnd, || {
                    format!("the archive was cut at offset {at}: {left} bytes of padding are missing")
                });
                self.dangling()
            }
            State::Header => self.dangling(),
            State::Tail(_) => None,
        }
    }

    /// Extension headers without a member: what they were for is missing.
    fn dangling(&self) -> Option<Fault> {
        self.extensions.start.map(|start| {
            Fault::malformed(format!(
                "the extension header at offset {start} is followed by no member"
            ))
        })
    }

    fn take_block(&mut self, block: &[u8; BLOCK]) -> Result<(), Fault> {
        let start = self.offset - BLOCK as u64;
        if let State::SparseBlock(_) = &self.state {
            return self.take_sparse_block(block, start);
        }
        if block.iter().all(|b| *b == 0) {
            if let Some(fault) = self.dangling() {
                return Err(fault);
            }
            self.state = State::Tail(Box::new(Tail::new()));
            return Ok(());
        }
        let header = Header::parse(block, start)?;
        self.format_seen(header.format);
        match header.type_flag() {
            // `X` is Solaris' own name for `x`.
            b'x' | b'X' => {
                self.format_seen(TarFormat::Pax);
                self.start_extension(&header, start, Payload::Pax)
            }
            b'g' => {
                if let Some(at) = self.extensions.start {
                    return Err(Fault::malformed(format!(
                        "a global PAX header at offset {start} stands between a member and its extension header at offset {at}"
                    )));
                }
                self.format_seen(TarFormat::Pax);
                self.start_extension(&header, start, Payload::Globals)
            }
            b'L' => self.start_extension(&header, start, Payload::LongName),
            b'K' => self.start_extension(&header, start, Payload::LongLink),
            _ => self.start_member(&header, start),
        }
    }

    fn format_seen(&mut self, format: TarFormat) {
        if !self.listing.facts.formats.contains(&format) {
            self.listing.facts.formats.push(format);
            self.listing.facts.formats.sort_unstable();
        }
    }

    fn start_extension(
        &mut self,
        header: &Header<'_>,
        start: u64,
        payload: fn(Vec<u8>) -> Payload,
    ) -> Result<(), Fault> {
        let size = header.size()?;
        if size > self.limits.extension_bytes {
            return Err(Fault::too_large(
                &format!("the extension header at offset {start}"),
                format_args!("{} bytes", self.limits.extension_bytes),
            ));
        }
        if header.type_flag() != b'g' {
            self.extensions.start.get_or_insert(start);
        }
        self.start_payload(payload(Vec::new()), size)
    }

    fn start_member(&mut self, header: &Header<'_>, start: u64) -> Result<(), Fault> {
        if self.listing.entries.len() >= self.limits.entries {
            return Err(Fault::too_large(
                &format!("the number of members before offset {start}"),
                self.limits.entries,
            ));
        }
        let member =
            std::mem::take(&mut self.extensions).apply(header, start, &mut self.names, &self.limits)?;
        if let Some(oddity) = &member.oddity {
            self.oddities.note(Disagreement::Size, || oddity.clone());
        }
        if member.entry.kind == EntryKind::File && header.says_folder() {
            self.oddities.note(Disagreement::Mode, || {
                format!("the mode of the file at offset {start} says folder: Go, and so Helm, skips it")
            });
        }
        self.budget.take_names(&member.entry)?;
        if header.type_flag() == b'S' {
            if header.format != TarFormat::Gnu {
                return Err(Fault::unsupported(format!(
                    "the sparse member at offset {start} is in a format other than GNU's"
                )));
            }
            let (fields, extended, real_size) = header.sparse()?;
            let mut map = Map {
                fragments: Vec::new(),
                real_size,
            };
            map.take_old(fields, start)?;
            if extended {
                self.state = State::SparseBlock(Box::new((member, map)));
                return Ok(());
            }
            return self.start_sparse(member, map);
        }
        self.start_content(member)
    }

    fn take_sparse_block(&mut self, block: &[u8; BLOCK], start: u64) -> Result<(), Fault> {
        let State::SparseBlock(held) = std::mem::replace(&mut self.state, State::Header) else {
            return Ok(());
        };
        let (member, mut map) = *held;
        let (fields, rest) = block.split_at(504);
        map.take_old(fields, start)?;
        if map.fragments.len() as u64 > self.limits.extension_bytes / 24 {
            return Err(Fault::too_large(
                &format!("the sparse map before offset {start}"),
                format_args!("{} bytes", self.limits.extension_bytes),
            ));
        }
        if rest.first().is_some_and(|b| *b != 0) {
            self.state = State::SparseBlock(Box::new((member, map)));
            return Ok(());
        }
        self.start_sparse(member, map)
    }

    fn start_sparse(&mut self, mut member: Member, map: Map) -> Result<(), Fault> {
        map.check(member.stored, member.entry.offset)?;
        member.layout = Layout::Here(map);
        self.start_content(member)
    }

    fn start_content(&mut self, member: Member) -> Result<(), Fault> {
        let Member {
            entry,
            stored,
            layout,
            oddity,
        } = member;
        if !matches!(entry.kind, EntryKind::File | EntryKind::Other(_)) {
            let member = Member {
                entry,
                stored,
                layout,
                oddity,
            };
            return self.start_payload(Payload::Skipped(Box::new(member)), stored);
        }
        let real_size = match &layout {
            Layout::None => stored,
            Layout::Here(map) => map.real_size,
            Layout::InPayload(size) => *size,
        };
        self.budget
            .take_holes(real_size.saturating_sub(stored), entry.offset)?;
        let keep = self.keep.may(real_size) && entry.kind == EntryKind::File && self.budget.keep(real_size);
        let content = FileContent::new(entry, keep, &self.lanes);
        let content = match layout {
            Layout::None => content,
            Layout::Here(map) => content.with_map(map),
            Layout::InPayload(size) => content.with_leading_map(size, stored),
        };
        self.start_payload(Payload::File(Box::new(content)), stored)
    }

    fn start_payload(&mut self, payload: Payload, size: u64) -> Result<(), Fault> {
        let padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
        self.state = State::Payload(payload, size, u16::try_from(padding).unwrap_or(0));
        if size == 0 { self.end_payload() } else { Ok(()) }
    }

    fn end_payload(&mut self) -> Result<(), Fault> {
        let State::Payload(payload, _, padding) = std::mem::replace(&mut self.state, State::Header) else {
            return Ok(());
        };
        if padding > 0 {
            self.state = State::Padding(padding, false);
        }
        let at = |bytes: &[u8]| self.offset - bytes.len() as u64;
        match payload {
            Payload::File(file) => {
                let (mut entry, hash) = file.finish()?;
                if entry.bytes.is_some() {
                    entry.sha256 = hash.finish();
                    if !self.keep.does(&entry) {
                        entry.bytes = None;
                        self.budget.give_back(entry.size);
                    }
                    self.listing.entries.push(entry);
                } else {
                    let at = self.listing.entries.len();
                    self.listing.entries.push(entry);
                    self.unfinished.take(at, hash, &mut self.listing.entries);
                }
            }
            Payload::Skipped(member) => {
                let mut entry = member.entry;
                entry.sha256 = self.empty;
                entry.size = 0;
                self.listing.entries.push(entry);
            }
            Payload::Pax(bytes) => self.extensions.take_pax(&bytes, at(&bytes))?,
            Payload::LongName(bytes) => self.extensions.take_gnu(false, &bytes, at(&bytes))?,
            Payload::LongLink(bytes) => self.extensions.take_gnu(true, &bytes, at(&bytes))?,
            Payload::Globals(bytes) => self.take_globals(&bytes, at(&bytes))?,
        }
        Ok(())
    }

    /// Global records. POSIX and GNU tar let them hold for all members that follow, Go (Helm, the container
    /// runtimes) does not. What would move or rename members is therefore refused, other fields are told.
    fn take_globals(&mut self, bytes: &[u8], offset: u64) -> Result<(), Fault> {
        for (key, value) in pax::records(bytes, offset)? {
            let name = String::from_utf8_lossy(key);
            match key {
                b"path" | b"linkpath" | b"size" => {
                    return Err(Fault::unsupported(format!(
                        "a global {name} record at offset {offset}: readers disagree whether it counts"
                    )));
                }
                _ if key.starts_with(b"GNU.sparse.") => {
                    return Err(Fault::unsupported(format!(
                        "a global {name} record at offset {offset}: readers disagree whether it counts"
                    )));
                }
                b"uid" | b"gid" | b"uname" | b"gname" | b"mtime" => {
                    self.oddities.note(Disagreement::Globals, || {
                        format!("a global {name} record at offset {offset} is not applied, as Go does not; GNU tar applies it")
                    });
                }
                _ => {}
            }
            let grown = (key.len() + value.len()) as u64;
            self.budget.take_metadata(grown, offset)?;
            self.listing.facts.globals.insert(key.to_vec(), value.to_vec());
        }
        Ok(())
    }
}
