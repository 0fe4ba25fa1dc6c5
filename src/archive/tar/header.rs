//! One 512-byte tar header block: fields, numbers, checksum, dialect.
//!
//! Field offsets are those of POSIX.1-1988 `ustar`; the GNU and star layouts differ after offset 345.

use crate::archive::reading::TarFormat;
use crate::fault::Fault;

/// Bytes of a block.
pub(crate) const BLOCK: usize = 512;

/// A header block whose checksum is right.
#[derive(Clone, Copy)]
pub(super) struct Header<'b> {
    block: &'b [u8; BLOCK],
    /// Where the block stands in the archive, for messages.
    offset: u64,
    pub(super) format: TarFormat,
}

/// Whether the block carries a correct header checksum: what tells a tar archive from other bytes.
pub(crate) fn is_header(block: &[u8; BLOCK]) -> bool {
    told_checksum(block).is_some_and(|told| {
        let (unsigned, signed) = checksums(block);
        told == unsigned || i64::try_from(told).is_ok_and(|told| told == signed)
    })
}

fn told_checksum(block: &[u8; BLOCK]) -> Option<u64> {
    let field = block.get(148..156)?;
    // An empty field would read as 0, and no header sums up to that.
    field.iter().any(u8::is_ascii_digit).then_some(())?;
    octal(field)
}

/// The sum of all bytes with the checksum field as blanks: unsigned as POSIX has it, and signed as some
/// old writers (Sun) computed it, which Go, CPython and GNU tar accept too.
fn checksums(block: &[u8; BLOCK]) -> (u64, i64) {
    // Whole-block sums are what the compiler turns into vectors; the field is put right afterwards.
    let sum = |bytes: &[u8]| bytes.iter().map(|b| u32::from(*b)).sum::<u32>();
    let high = |bytes: &[u8]| bytes.iter().map(|b| u32::from(b >> 7)).sum::<u32>();
    let field = block.get(148..156).unwrap_or_default();
    let unsigned = sum(block) - sum(field) + 8 * u32::from(b' ');
    // A byte with its top bit counts 256 less when it is signed.
    let signed = i64::from(unsigned) - 256 * i64::from(high(block) - high(field));
    (u64::from(unsigned), signed)
}

impl<'b> Header<'b> {
    /// Reads a block that is not all zeros.
    pub(super) fn parse(block: &'b [u8; BLOCK], offset: u64) -> Result<Self, Fault> {
        if !is_header(block) {
            let (unsigned, _) = checksums(block);
            let told = told_checksum(block).map_or_else(
                || format!("{:?}", text(block.get(148..156).unwrap_or_default())),
                |told| format!("{told:o}"),
            );
            return Err(Fault::malformed(format!(
                "tar header at offset {offset} says checksum {told}, its bytes sum up to {unsigned:o}"
            )));
        }
        let mut header = Self {
            block,
            offset,
            format: TarFormat::V7,
        };
        header.format = match header.field(257, 8) {
            // "ustar\0" with any version: Go and libarchive do not look at the version either.
            [b'u', b's', b't', b'a', b'r', 0, ..] => {
                if header.field(508, 4) == b"tar\0" {
                    TarFormat::Star
                } else {
                    TarFormat::Ustar
                }
            }
            b"ustar  \0" => TarFormat::Gnu,
            _ => TarFormat::V7,
        };
        Ok(header)
    }

    fn field(&self, start: usize, length: usize) -> &'b [u8] {
        self.block.get(start..start + length).unwrap_or_default()
    }

    pub(super) fn type_flag(&self) -> u8 {
        self.field(156, 1).first().copied().unwrap_or(0)
    }

    /// The path, with the prefix of ustar (155 bytes) or star (131 bytes) before it.
    pub(super) fn path(&self) -> Vec<u8> {
        let name = text(self.field(0, 100));
        let prefix = match self.format {
            TarFormat::Ustar | TarFormat::Pax => text(self.field(345, 155)),
            TarFormat::Star => text(self.field(345, 131)),
            TarFormat::V7 | TarFormat::Gnu => &[],
        };
        if prefix.is_empty() {
            return name.to_vec();
        }
        let mut path = Vec::with_capacity(prefix.len() + 1 + name.len());
        path.extend_from_slice(prefix);
        path.push(b'/');
        path.extend_from_slice(name);
        path
    }

    pub(super) fn link(&self) -> &'b [u8] {
        text(self.field(157, 100))
    }

    pub(super) fn mode(&self) -> Result<u32, Fault> {
        let mode = self.unsigned(100, 8, "mode")?;
        Ok((mode & 0o7777) as u32)
    }

    /// The type in the upper bits of the mode, which POSIX leaves to the type flag, is a folder's.
    pub(super) fn says_folder(&self) -> bool {
        number(self.field(100, 8)).is_some_and(|mode| mode & 0o170_000 == 0o040_000)
    }

    pub(super) fn uid(&self) -> Result<u64, Fault> {
        self.unsigned(108, 8, "uid")
    }

    pub(super) fn gid(&self) -> Result<u64, Fault> {
        self.unsigned(116, 8, "gid")
    }

    pub(super) fn size(&self) -> Result<u64, Fault> {
        self.unsigned(124, 12, "size")
    }

    /// The size field as it stands, for members where it means nothing.
    pub(super) fn size_or_zero(&self) -> u64 {
        self.size().unwrap_or(0)
    }

    pub(super) fn mtime(&self) -> Result<i64, Fault> {
        self.signed(136, 12, "mtime")
    }

    /// atime and ctime of GNU (`--incremental`) and star headers; absent when the fields hold no number.
    pub(super) fn other_times(&self) -> [Option<i64>; 2] {
        let at = |start| {
            let field = self.field(start, 12);
            field
                .iter()
                .any(|b| *b != 0 && *b != b' ')
                .then(|| number(field))
                .flatten()
        };
        match self.format {
            TarFormat::Gnu => [at(345), at(357)],
            TarFormat::Star => [at(476), at(488)],
            _ => [None, None],
        }
    }

    pub(super) fn uname(&self) -> &'b [u8] {
        if self.format == TarFormat::V7 {
            &[]
        } else {
            text(self.field(265, 32))
        }
    }

    pub(super) fn gname(&self) -> &'b [u8] {
        if self.format == TarFormat::V7 {
            &[]
        } else {
            text(self.field(297, 32))
        }
    }

    pub(super) fn device(&self) -> Result<(u32, u32), Fault> {
        let part = |start, what: &str| {
            let value = self.unsigned(start, 8, what)?;
            u32::try_from(value).map_err(|_| {
                Fault::malformed(format!(
                    "tar header at offset {}: {what} {value} is too large",
                    self.offset
                ))
            })
        };
        if self.format == TarFormat::V7 {
            return Ok((0, 0));
        }
        Ok((part(329, "device major")?, part(337, "device minor")?))
    }

    /// The four fragments of an old GNU sparse header, whether more blocks follow, and the real size.
    pub(super) fn sparse(&self) -> Result<(&'b [u8], bool, u64), Fault> {
        let extended = self.field(482, 1).first().is_some_and(|b| *b != 0);
        Ok((
            self.field(386, 96),
            extended,
            self.unsigned(483, 12, "real size")?,
        ))
    }

    fn unsigned(&self, start: usize, length: usize, what: &str) -> Result<u64, Fault> {
        let value = self.signed(start, length, what)?;
        u64::try_from(value).map_err(|_| {
            Fault::malformed(format!(
                "tar header at offset {}: {what} {value} is negative",
                self.offset
            ))
        })
    }

    fn signed(&self, start: usize, length: usize, what: &str) -> Result<i64, Fault> {
        let field = self.field(start, length);
        number(field).ok_or_else(|| {
            Fault::malformed(format!(
                "tar header at offset {}: {what} {:?} is no number",
                self.offset,
                String::from_utf8_lossy(field)
            ))
        })
    }
}

/// A field up to its first NUL.
fn text(field: &[u8]) -> &[u8] {
    field.split(|b| *b == 0).next().unwrap_or_default()
}

/// A numeric field: octal, or base-256 as GNU tar and star write what octal cannot hold.
pub(super) fn number(field: &[u8]) -> Option<i64> {
    match field.first() {
        Some(first) if first & 0x80 != 0 => base256(field),
        _ => octal(field).and_then(|n| i64::try_from(n).ok()),
    }
}

/// Two's complement, big-endian, with the top bit of the first byte as the mark and the next as the sign.
fn base256(field: &[u8]) -> Option<i64> {
    let (&first, rest) = field.split_first()?;
    // Bit 0x40 is the sign; the mark above it takes the sign's value.
    let negative = first & 0x40 != 0;
    let lead = if negative { first | 0x80 } else { first & 0x7f };
    let mut value = i64::from(lead.cast_signed());
    for &byte in rest {
        value = value.checked_mul(256)?.checked_add(i64::from(byte))?;
    }
    Some(value)
}

/// Octal digits with blanks or NULs before, ended by a blank, a NUL or the field's end. Nothing but blanks
/// may stand between the digits and the first NUL; what follows that NUL is ignored, as Go and CPython do.
/// An empty field is 0 (star and old writers leave device numbers and owners empty).
pub(super) fn octal(field: &[u8]) -> Option<u64> {
    let start = field
        .iter()
        .position(|b| *b != b' ' && *b != 0)
        .unwrap_or(field.len());
    let digits = text(field.get(start..)?).trim_ascii_end();
    let mut value = 0u64;
    for &digit in digits {
        if !matches!(digit, b'0'..=b'7') {
            return None;
        }
        value = value.checked_mul(8)?.checked_add(u64::from(digit - b'0'))?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_octal_as_the_peers_do() {
        assert_eq!(octal(b"0000644\0"), Some(0o644));
        assert_eq!(octal(b"   644 \0"), Some(0o644));
        assert_eq!(octal(b"77777777"), Some(0o77_777_777));
        assert_eq!(octal(b"644\0junk"), Some(0o644));
        assert_eq!(octal(b"\0\0\0\0\0\0\0\0"), Some(0));
        assert_eq!(octal(b"644 9\0"), None);
        assert_eq!(octal(b"0000648\0"), None);
        assert_eq!(octal(b"-000644\0"), None);
        assert_eq!(octal(b"+000644\0"), None);
        assert_eq!(octal(b"1777777777777777777777"), Some(u64::MAX));
        assert_eq!(octal(b"2000000000000000000000"), None);
    }

    #[test]
    fn reads_base_256_with_its_sign() {
        assert_eq!(number(b"\x80\0\0\0\0\0\0\0\0\0\x01\x02"), Some(0x102));
        assert_eq!(
            number(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe"),
            Some(-2)
        );
        assert_eq!(
            number(b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff"),
            Some(i64::MAX)
        );
        assert_eq!(number(b"\x80\0\0\0\x80\0\0\0\0\0\0\0"), None);
        assert_eq!(number(b"\x80\x20\0\0\0\0\0\0"), Some(0x20_0000_0000_0000));
    }
}
