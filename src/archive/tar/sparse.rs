//! Sparse members of GNU tar: the map of what is stored, and the content with its holes filled in.
//!
//! Four layouts exist (GNU tar manual, "Storing Sparse Files"): the old header with extension blocks, and
//! PAX versions 0.0, 0.1 and 1.0. They all come down to a list of (offset, length) pairs over a real size.
//! The rules are Go's (`validateSparseEntries`): ascending, not overlapping, inside the real size, and
//! together exactly as long as what is stored.

use super::pax::decimal;
use crate::fault::Fault;

/// Where the stored bytes of a sparse file belong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Map {
    /// (offset, length), ascending.
    pub(super) fragments: Vec<(u64, u64)>,
    /// Size with holes.
    pub(super) real_size: u64,
}

/// What PAX records said about a sparse file.
#[derive(Debug, Clone, Default)]
pub(super) struct PaxSparse {
    pub(super) major: Option<u64>,
    pub(super) minor: Option<u64>,
    pub(super) size: Option<u64>,
    pub(super) real_size: Option<u64>,
    pub(super) name: Option<Vec<u8>>,
    /// Offsets and lengths of 0.0 in turn, or the list of 0.1.
    pub(super) numbers: Vec<u64>,
    pub(super) seen: bool,
}

/// Which layout the records ask for.
pub(super) enum Layout {
    /// Not sparse at all.
    None,
    /// The map is here (0.0, 0.1).
    Here(Map),
    /// The map leads the payload (1.0); only the real size is known.
    InPayload(u64),
}

impl PaxSparse {
    /// Takes a record whose key starts with `GNU.sparse.`; false when the key is not known.
    pub(super) fn take(&mut self, key: &[u8], value: &[u8], offset: u64) -> Result<bool, Fault> {
        let number = || {
            decimal(value).ok_or_else(|| {
                Fault::malformed(format!(
                    "PAX header at offset {offset}: {} {:?} is no number",
                    String::from_utf8_lossy(key),
                    String::from_utf8_lossy(value)
                ))
            })
        };
        match key {
            b"GNU.sparse.major" => self.major = Some(number()?),
            b"GNU.sparse.minor" => self.minor = Some(number()?),
            b"GNU.sparse.size" => self.size = Some(number()?),
            b"GNU.sparse.realsize" => self.real_size = Some(number()?),
            b"GNU.sparse.name" => self.name = Some(value.to_vec()),
            // Counts what follows; the map itself says it again.
            b"GNU.sparse.numblocks" => {
                number()?;
            }
            b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => {
                let is_offset = key.ends_with(b"offset");
                if self.numbers.len().is_multiple_of(2) != is_offset {
                    return Err(Fault::malformed(format!(
                        "PAX header at offset {offset}: sparse offsets and lengths do not take turns"
                    )));
                }
                self.numbers.push(number()?);
            }
            b"GNU.sparse.map" => {
                self.numbers = value
                    .split(|b| *b == b',')
                    .map(decimal)
                    .collect::<Option<_>>()
                    .ok_or_else(|| {
                        Fault::malformed(format!("PAX header at offset {offset}: broken sparse map"))
                    })?;
            }
            _ => return Ok(false),
        }
        self.seen = true;
        Ok(true)
    }

    /// What the records add up to.
    pub(super) fn layout(self, stored: u64, offset: u64) -> Result<Layout, Fault> {
        if !self.seen {
            return Ok(Layout::None);
        }
        let missing = || Fault::malformed(format!("sparse member at offset {offset} has no real size"));
        match (self.major, self.minor) {
            (Some(1), Some(0)) => Ok(Layout::InPayload(
                self.real_size.or(self.size).ok_or_else(missing)?,
            )),
            (None | Some(0), None | Some(0 | 1)) => {
                if !self.numbers.len().is_multiple_of(2) {
                    return Err(Fault::malformed(format!(
                        "sparse map at offset {offset} ends with an offset"
                    )));
                }
                let map = Map {
                    fragments: pairs(&self.numbers),
                    real_size: self.size.or(self.real_size).ok_or_else(missing)?,
                };
                map.check(stored, offset)?;
                Ok(Layout::Here(map))
            }
            (major, minor) => Err(Fault::unsupported(format!(
                "sparse format {}.{} at offset {offset}",
                major.unwrap_or(0),
                minor.unwrap_or(0)
            ))),
        }
    }
}

fn pairs(numbers: &[u64]) -> Vec<(u64, u64)> {
    numbers
        .chunks_exact(2)
        .filter_map(|pair| Some((*pair.first()?, *pair.get(1)?)))
        .collect()
}

impl Map {
    /// Takes the (offset, length) pairs of an old GNU header or of one of its extension blocks. They end
    /// at the first empty pair.
    pub(super) fn take_old(&mut self, fields: &[u8], offset: u64) -> Result<(), Fault> {
        for pair in fields.chunks_exact(24) {
            let (at, length) = pair.split_at(12);
            if at.first() == Some(&0) && length.first() == Some(&0) {
                break;
            }
            let number = |field| super::header::number(field).and_then(|n| u64::try_from(n).ok());
            let (Some(at), Some(length)) = (number(at), number(length)) else {
                return Err(Fault::malformed(format!("broken sparse map at offset {offset}")));
            };
            self.fragments.push((at, length));
        }
        Ok(())
    }

    /// Verifies the rules of the module's head.
    pub(super) fn check(&self, stored: u64, offset: u64) -> Result<(), Fault> {
        let bad = |why: String| Err(Fault::malformed(format!("sparse map at offset {offset}: {why}")));
        let (mut end, mut sum) = (0u64, 0u64);
        for &(at, length) in &self.fragments {
            if at < end {
                return bad(format!(
                    "offset {at} lies before {end}, the end of what precedes it"
                ));
            }
            let Some(next) = at.checked_add(length).filter(|next| *next <= self.real_size) else {
                return bad(format!(
                    "{length} bytes at {at} go beyond the real size of {}",
                    self.real_size
                ));
            };
            end = next;
            sum = sum.saturating_add(length);
        }
        if sum != stored {
            return bad(format!("it names {sum} bytes and {stored} are stored"));
        }
        Ok(())
    }
}

/// The map that leads the payload in format 1.0: decimal numbers, one a line, padded to a whole block.
#[derive(Debug, Clone, Default)]
pub(super) struct LeadingMap {
    numbers: Vec<u64>,
    digits: Vec<u8>,
    taken: u64,
    pub(super) done: bool,
}

impl LeadingMap {
    /// Takes one byte; true when the map and its padding are complete.
    pub(super) fn take(&mut self, byte: u8, offset: u64) -> Result<bool, Fault> {
        self.taken += 1;
        if !self.complete() {
            match byte {
                b'\n' => {
                    let number = decimal(&self.digits).ok_or_else(|| {
                        Fault::malformed(format!(
                            "sparse map at offset {offset}: {:?} is no number",
                            String::from_utf8_lossy(&self.digits)
                        ))
                    })?;
                    self.numbers.push(number);
                    self.digits.clear();
                }
                // Twenty digits hold every 64-bit number.
                _ if self.digits.len() < 20 => self.digits.push(byte),
                _ => {
                    return Err(Fault::malformed(format!(
                        "sparse map at offset {offset}: a number without an end"
                    )));
                }
            }
        }
        self.done = self.complete() && self.taken.is_multiple_of(512);
        Ok(self.done)
    }

    fn complete(&self) -> bool {
        self.numbers
            .split_first()
            .is_some_and(|(count, rest)| rest.len() as u64 >= count.saturating_mul(2))
    }

    /// Bytes the map took from the payload.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// The fragments.
    pub(super) fn fragments(&self) -> Vec<(u64, u64)> {
        pairs(self.numbers.get(1..).unwrap_or_default())
    }
}
