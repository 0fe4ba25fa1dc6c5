//! The key that an OpenPGP signature names (RFC 9580): Helm's provenance file is a message signed in clear text (section 7),
//! whose signature packets name their key in a subpacket.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::fault::Fault;

/// A key, as far as a signature names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Eight octets. Anybody can make a key with a wanted one.
    id: [u8; 8],
    /// The whole fingerprint, where it is named.
    fingerprint: Vec<u8>,
}

impl Key {
    /// True when both can be the same key: equal fingerprints, or equal ids where one has no fingerprint.
    pub fn may_be(&self, other: &Self) -> bool {
        match self.fingerprint.is_empty() || other.fingerprint.is_empty() {
            true => self.id == other.id,
            false => self.fingerprint == other.fingerprint,
        }
    }

    /// From a fingerprint; its id lies at its end (version 4), or at its start (version 6; section 5.5.4).
    fn of_fingerprint(version: u8, fingerprint: &[u8]) -> Option<Self> {
        let id = match version {
            4 => fingerprint.last_chunk::<8>()?,
            _ => fingerprint.first_chunk::<8>()?,
        };
        Some(Self {
            id: *id,
            fingerprint: fingerprint.to_vec(),
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let octets: &[u8] = match self.fingerprint.is_empty() {
            true => &self.id,
            false => &self.fingerprint,
        };
        f.write_str("key ")?;
        octets.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
    }
}

/// The keys that a clear-text signed message names.
///
/// # Errors
/// `Malformed` when it holds no signature, or one that ends early or names no key.
pub fn keys(message: &[u8]) -> Result<BTreeSet<Key>, Fault> {
    let packets = armoured(message)?;
    let mut rest = packets.as_slice();
    let mut found = BTreeSet::new();
    while !rest.is_empty() {
        let (tag, body) = packet(&mut rest).ok_or_else(|| cut(&packets, rest))?;
        if tag == SIGNATURE {
            found.insert(signature(body).ok_or_else(|| cut(&packets, rest))?);
        }
    }
    if found.is_empty() {
        return Err(Fault::malformed("there is no signature packet in it"));
    }
    Ok(found)
}

/// Packet type of a signature (section 5.2).
const SIGNATURE: u8 = 2;
/// Subpackets: issuer key id, issuer fingerprint.
const ISSUER_ID: u8 = 16;
const ISSUER_FINGERPRINT: u8 = 33;

fn cut(all: &[u8], rest: &[u8]) -> Fault {
    let at = all.len() - rest.len();
    Fault::malformed(format!("the signature cannot be read before byte {at}"))
}

/// The octets of the armoured signature (section 6).
fn armoured(message: &[u8]) -> Result<Vec<u8>, Fault> {
    let text = String::from_utf8_lossy(message);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    // The signed text may not hold such a line: its own dashes are escaped (section 7.2).
    let begin = lines
        .iter()
        .position(|line| *line == "-----BEGIN PGP SIGNATURE-----");
    let after = begin.and_then(|at| lines.get(at + 1..));
    let after = after.ok_or_else(|| Fault::malformed("there is no OpenPGP signature in it"))?;
    let mut packed = String::new();
    // Headers end with an empty line; the checksum and the end begin with signs that base64 has not.
    for line in after.iter().skip_while(|line| !line.is_empty()).skip(1) {
        if line.starts_with(['=', '-']) {
            break;
        }
        packed.push_str(line);
    }
    BASE64_STANDARD
        .decode(packed)
        .map_err(|e| Fault::malformed(format!("the signature is no base64: {e}")))
}

/// The next packet: its type and body (section 4.2).
fn packet<'a>(rest: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let head = take(rest, 1)?.first().copied()?;
    if head & 0x80 == 0 {
        return None;
    }
    let (tag, length) = if head & 0x40 != 0 {
        (head & 0x3f, length(rest)?)
    } else {
        let octets = match head & 3 {
            0 => 1,
            1 => 2,
            2 => 4,
            // Up to the end: no tool writes a signature so.
            _ => return None,
        };
        ((head >> 2) & 0x0f, number(rest, octets)?)
    };
    Some((tag, take(rest, length)?))
}

/// The key that a signature packet names.
fn signature(mut body: &[u8]) -> Option<Key> {
    let version = number(&mut body, 1)?;
    if version == 3 {
        // One octet, the type, four octets of time, then the key.
        take(&mut body, 6)?;
        return Some(Key {
            id: take(&mut body, 8)?.try_into().ok()?,
            fingerprint: Vec::new(),
        });
    }
    // Type, algorithm, hash; then subpackets that are signed, and others that are not.
    take(&mut body, 3)?;
    let octets = match version {
        4 => 2,
        6 => 4,
        _ => return None,
    };
    let mut named: Option<Key> = None;
    for _ in 0..2 {
        let length = number(&mut body, octets)?;
        let mut area = take(&mut body, length)?;
        while !area.is_empty() {
            let length = length_of_subpacket(&mut area)?;
            let (kind, value) = take(&mut area, length)?.split_first()?;
            match kind & 0x7f {
                ISSUER_FINGERPRINT => {
                    let (version, fingerprint) = value.split_first()?;
                    named = Key::of_fingerprint(*version, fingerprint);
                }
                ISSUER_ID if named.is_none() => {
                    named = Some(Key {
                        id: value.try_into().ok()?,
                        fingerprint: Vec::new(),
                    });
                }
                _ => {}
            }
        }
    }
    named
}

/// A length of the new form; partial ones are for data only (section 4.2.1).
fn length(rest: &mut &[u8]) -> Option<usize> {
    match number(rest, 1)? {
        short @ 0..=191 => Some(short),
        high @ 192..=223 => Some(((high - 192) << 8) + number(rest, 1)? + 192),
        255 => number(rest, 4),
        _ => None,
    }
}

/// A subpacket's length (section 5.2.3.7): as of packets, but without partial ones.
fn length_of_subpacket(rest: &mut &[u8]) -> Option<usize> {
    match number(rest, 1)? {
        short @ 0..=191 => Some(short),
        255 => number(rest, 4),
        high => Some(((high - 192) << 8) + number(rest, 1)? + 192),
    }
}

fn number(rest: &mut &[u8], octets: usize) -> Option<usize> {
    let taken = take(rest, octets)?;
    Some(taken.iter().fold(0, |n, octet| (n << 8) | usize::from(*octet)))
}

fn take<'a>(rest: &mut &'a [u8], octets: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(octets)?;
    *rest = left;
    Some(taken)
}

#[cfg(test)]
#[path = "openpgp_tests.rs"]
mod tests;
