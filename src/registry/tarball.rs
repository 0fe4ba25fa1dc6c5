//! Where the members of an uncompressed tar archive are, found by stepping from header to header.
//!
//! This is no reader of layers (that is [`crate::archive`], which sees every byte): it only finds the
//! members of an archive that tools write around a layout, so it knows regular files and links under their
//! ustar, GNU and PAX names, and passes over the rest. The last of two equal names wins, as for `tar -x`.
//!
//! It reads nothing itself: [`Listing::wants`] names a span of the archive, [`Listing::take`] takes its bytes,
//! whoever they come from (a file of the native program, a file dropped on the page).
//!
//! ```
//! use tagdrift::{limits::Limits, registry::tarball::Listing};
//! let listing = Listing::new(3, Limits::default());
//! assert!(listing.wants().is_none(), "too short for a header");
//! assert!(listing.finish().is_none(), "no tar archive");
//! ```

use std::collections::HashMap;

use crate::fault::Fault;
use crate::limits::Limits;

const BLOCK: u64 = 512;

/// How many links are followed from a name: old `docker save` archives link equal layers to each other.
const LINKS: usize = 8;

/// The members of an archive by name.
#[derive(Debug, Default)]
pub struct Members(HashMap<String, Member>);

#[derive(Debug)]
enum Member {
    File { offset: u64, size: u64 },
    Link(String),
}

impl Members {
    /// Offset and size of a member's content.
    pub fn find(&self, name: &str) -> Option<(u64, u64)> {
        let mut name = clean(name);
        for _ in 0..=LINKS {
            match self.0.get(&name)? {
                Member::File { offset, size } => return Some((*offset, *size)),
                Member::Link(target) => name.clone_from(target),
            }
        }
        None
    }
}

/// The way through an archive.
#[derive(Debug)]
pub struct Listing {
    length: u64,
    /// The header that is looked at, or the one behind the last member.
    at: u64,
    limits: Limits,
    /// An extension header's kind, content and end, when its content is wanted next.
    extension: Option<(u8, u64, u64)>,
    ended: bool,
    is_tar: bool,
    long_name: Option<String>,
    long_link: Option<String>,
    long_size: Option<u64>,
    members: HashMap<String, Member>,
}

impl Listing {
    /// For an archive of so many bytes.
    pub fn new(length: u64, limits: Limits) -> Self {
        Self {
            length,
            at: 0,
            limits,
            extension: None,
            ended: length < BLOCK,
            is_tar: false,
            long_name: None,
            long_link: None,
            long_size: None,
            members: HashMap::new(),
        }
    }

    /// Offset and size of the bytes that are needed next; `None` at the end.
    pub fn wants(&self) -> Option<(u64, u64)> {
        match self.extension {
            _ if self.ended => None,
            Some((_, size, _)) => Some((self.at.saturating_add(BLOCK), size)),
            None => Some((self.at, BLOCK.min(self.length.saturating_sub(self.at)))),
        }
    }

    /// Takes the bytes that were wanted.
    ///
    /// # Errors
    /// `Malformed` with the offset when the archive breaks off or a later header is broken; `TooLarge`.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if let Some((kind, _, next)) = self.extension.take() {
            self.extend(kind, bytes)?;
            return self.go_on(next);
        }
        let first = self.at == 0;
        let Ok(header) = <&[u8; BLOCK as usize]>::try_from(bytes) else {
            self.ended = true;
            return if first {
                Ok(())
            } else {
                Err(self.broken("a header breaks off"))
            };
        };
        if header.iter().all(|b| *b == 0) {
            // The end; what follows it is no member (POSIX pax, "ustar Interchange Format").
            self.ended = true;
            return Ok(());
        }
        if !has_checksum(header) {
            self.ended = true;
            return if first {
                Ok(())
            } else {
                Err(self.broken("this is no header"))
            };
        }
        self.member(header)
    }

    /// What was found; `None` when the file does not start with a tar header.
    pub fn finish(self) -> Option<Members> {
        self.is_tar.then_some(Members(self.members))
    }

    fn go_on(&mut self, next: u64) -> Result<(), Fault> {
        self.at = next;
        self.is_tar = true;
        self.ended = self.at >= self.length;
        Ok(())
    }

    fn broken(&self, what: &str) -> Fault {
        Fault::malformed(format!("the tar archive is broken at offset {}: {what}", self.at))
    }

    fn member(&mut self, header: &[u8; BLOCK as usize]) -> Result<(), Fault> {
        let size = number(field(header, 124, 12)).ok_or_else(|| self.broken("the size is no number"))?;
        let kind = header.get(156).copied().unwrap_or_default();
        let extension = matches!(kind, b'x' | b'g' | b'L' | b'K');
        let size = if extension {
            size
        } else {
            self.long_size.take().unwrap_or(size)
        };
        let content = self.at.saturating_add(BLOCK);
        let next = size
            .checked_next_multiple_of(BLOCK)
            .and_then(|padded| content.checked_add(padded))
            .filter(|_| content.checked_add(size).is_some_and(|end| end <= self.length))
            .ok_or_else(|| self.broken("the content breaks off"))?;
        if !extension {
            self.keep(header, kind, content, size)?;
            return self.go_on(next);
        }
        if size > self.limits.extension_bytes {
            let limit = self.limits.extension_bytes;
            return Err(Fault::too_large(
                "a tar extension header",
                format!("{limit} bytes"),
            ));
        }
        self.extension = Some((kind, size, next));
        Ok(())
    }

    fn extend(&mut self, kind: u8, bytes: &[u8]) -> Result<(), Fault> {
        match kind {
            b'L' => self.long_name = Some(text(bytes)),
            b'K' => self.long_link = Some(text(bytes)),
            b'x' => {
                for (key, value) in records(bytes).ok_or_else(|| self.broken("a PAX record is broken"))? {
                    match key {
                        b"path" => self.long_name = Some(text(value)),
                        b"linkpath" => self.long_link = Some(text(value)),
                        b"size" => self.long_size = text(value).parse().ok(),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn keep(&mut self, header: &[u8; BLOCK as usize], kind: u8, offset: u64, size: u64) -> Result<(), Fault> {
        let name = self.long_name.take().unwrap_or_else(|| short_name(header));
        let link = self
            .long_link
            .take()
            .unwrap_or_else(|| text(field(header, 157, 100)));
        if name.len() > self.limits.path_bytes || link.len() > self.limits.path_bytes {
            let limit = self.limits.path_bytes;
            return Err(Fault::too_large(
                "a path in the tar archive",
                format!("{limit} bytes"),
            ));
        }
        let name = clean(&name);
        let member = match kind {
            b'0' | 0 | b'7' => Member::File { offset, size },
            b'1' => Member::Link(clean(&link)),
            b'2' => {
                let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
                Member::Link(clean(&format!("{folder}/{link}")))
            }
            _ => return Ok(()),
        };
        self.members.insert(name, member);
        if self.members.len() > self.limits.entries {
            return Err(Fault::too_large(
                "the number of files in the tar archive",
                self.limits.entries,
            ));
        }
        Ok(())
    }
}

fn field(header: &[u8], offset: usize, length: usize) -> &[u8] {
    header.get(offset..offset + length).unwrap_or_default()
}

/// Up to the first NUL.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

/// The name, led by the prefix where the header is POSIX's; GNU keeps times where the prefix would be.
fn short_name(header: &[u8]) -> String {
    let name = text(field(header, 0, 100));
    match (
        field(header, 257, 8) == b"ustar\x0000",
        text(field(header, 345, 155)),
    ) {
        (true, prefix) if !prefix.is_empty() => format!("{prefix}/{name}"),
        _ => name,
    }
}

/// Relative, without `.` and with `..` taken back; what leads outside the archive stays at its root.
fn clean(name: &str) -> String {
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Octal digits, or base 256 when the first bit is set (GNU tar's manual, "Extensions to tar format").
fn number(field: &[u8]) -> Option<u64> {
    match field.split_first() {
        Some((first, rest)) if first & 0x80 != 0 => rest.iter().try_fold(u64::from(first & 0x7f), |n, b| {
            n.checked_mul(256)?.checked_add(u64::from(*b))
        }),
        _ => {
            let digits = text(field);
            let digits = digits.trim();
            if digits.is_empty() {
                return Some(0);
            }
            u64::from_str_radix(digits, 8).ok()
        }
    }
}

/// The sum of all bytes with the checksum's own field as spaces.
fn has_checksum(header: &[u8]) -> bool {
    let sum: u64 = header
        .iter()
        .enumerate()
        .map(|(at, b)| {
            if (148..156).contains(&at) {
                32
            } else {
                u64::from(*b)
            }
        })
        .sum();
    number(field(header, 148, 8)) == Some(sum)
}

/// `<length> <key>=<value>\n`, one after another (POSIX pax, "Extended Header").
fn records(mut bytes: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let space = bytes.iter().position(|b| *b == b' ')?;
        let length: usize = std::str::from_utf8(bytes.get(..space)?).ok()?.parse().ok()?;
        let record = bytes.get(space + 1..length)?.strip_suffix(b"\n")?;
        let equals = record.iter().position(|b| *b == b'=')?;
        found.push((record.get(..equals)?, record.get(equals + 1..)?));
        bytes = bytes.get(length..)?;
    }
    Some(found)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn archive(build: impl FnOnce(&mut tar::Builder<Vec<u8>>)) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        build(&mut builder);
        builder.into_inner().unwrap()
    }

    fn add(builder: &mut tar::Builder<Vec<u8>>, name: &str, content: &[u8]) {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, content).unwrap();
    }

    fn read(bytes: &[u8]) -> Result<Option<Members>, Fault> {
        let mut listing = Listing::new(bytes.len() as u64, Limits::default());
        while let Some((offset, size)) = listing.wants() {
            let (offset, size) = (usize::try_from(offset).unwrap(), usize::try_from(size).unwrap());
            listing.take(&bytes[offset..offset + size])?;
        }
        Ok(listing.finish())
    }

    #[test]
    fn members_are_found_under_every_kind_of_name() {
        let long = format!("{}/layer.tar", "deep/".repeat(60));
        let bytes = archive(|builder| {
            add(builder, "./index.json", b"first");
            add(builder, &long, b"long");
            add(builder, "index.json", b"second");
            let mut link = tar::Header::new_gnu();
            link.set_entry_type(tar::EntryType::Symlink);
            link.set_size(0);
            builder
                .append_link(&mut link, "b/layer.tar", "../a/layer.tar")
                .unwrap();
            builder.append_link(&mut link, "loop", "loop").unwrap();
            add(builder, "a/layer.tar", b"linked");
            builder
                .append_pax_extensions([("path", b"named/by/pax".as_slice())])
                .unwrap();
            add(builder, "short", b"pax");
        });
        let tarball = read(&bytes).unwrap().unwrap();
        let content = |name: &str| {
            tarball.find(name).map(|(offset, size)| {
                let offset = usize::try_from(offset).unwrap();
                String::from_utf8(bytes[offset..offset + usize::try_from(size).unwrap()].to_vec()).unwrap()
            })
        };
        for (name, wanted) in [
            ("index.json", Some("second")),
            (long.as_str(), Some("long")),
            ("b/layer.tar", Some("linked")),
            ("named/by/pax", Some("pax")),
            ("short", None),
            ("loop", None),
            ("../../index.json", Some("second")),
        ] {
            assert_eq!(content(name).as_deref(), wanted, "{name}");
        }
    }

    #[test]
    fn cut_anywhere_it_is_a_fault_or_a_shorter_archive() {
        let bytes = archive(|builder| {
            add(builder, "a", &[b'x'; 700]);
            add(builder, "b", b"y");
        });
        let members = |cut: usize| match read(&bytes[..cut]) {
            Ok(Some(tarball)) => format!("{} members", tarball.0.len()),
            Ok(None) => "no archive".to_owned(),
            Err(fault) => fault.to_string(),
        };
        assert_eq!(members(bytes.len()), "2 members");
        assert_eq!(members(511), "no archive");
        assert_eq!(
            members(512 + 699),
            "the tar archive is broken at offset 0: the content breaks off"
        );
        assert_eq!(
            members(512 + 1024 + 100),
            "the tar archive is broken at offset 1536: a header breaks off"
        );
        for cut in 0..=bytes.len() {
            let said = members(cut);
            let known = ["no archive", "1 members", "2 members"].contains(&said.as_str())
                || said.starts_with("the tar archive is broken at offset ");
            assert!(known, "{cut}: {said}");
        }
    }

    #[test]
    fn what_is_no_archive_is_left_to_others() {
        assert!(read(b"\x1f\x8b\x08 compressed").unwrap().is_none());
        assert!(read(&[b'x'; 2048]).unwrap().is_none());
        assert!(read(b"").unwrap().is_none());
    }
}
