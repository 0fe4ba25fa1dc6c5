//! Digests: `sha256:<64 hex>` or `sha512:<128 hex>` (OCI image-spec, descriptor.md, "Digests").
//!
//! ```
//! use tagdrift::oci::{Algorithm, Digest};
//! let d = Digest::of(Algorithm::Sha256, b"");
//! assert_eq!(d.short(), "e3b0c44298fc");
//! assert_eq!("sha256:abc".parse::<Digest>().unwrap_err().to_string(),
//!            "a sha256 digest has 64 hex digits, this one has 3");
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256, Sha512};

/// A registered digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// `sha256`, 32 bytes.
    Sha256,
    /// `sha512`, 64 bytes.
    Sha512,
}

impl Algorithm {
    /// The name as it stands before the colon.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    fn hex_len(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha512 => 128,
        }
    }
}

/// A content digest. Lower-case hex by construction.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest {
    algorithm: Algorithm,
    hex: Box<str>,
}

/// Why a text is no digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DigestError {
    /// No `algorithm:` in front.
    NoAlgorithm,
    /// An algorithm other than sha256 and sha512.
    UnknownAlgorithm(String),
    /// Another number of digits than the algorithm has.
    Length(Algorithm, usize),
    /// A character that is no lower-case hex digit, with its offset in the whole text.
    Character(char, usize),
}

impl fmt::Display for DigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAlgorithm => f.write_str("a digest starts with its algorithm, as in sha256:…"),
            Self::UnknownAlgorithm(name) => {
                write!(
                    f,
                    "unknown digest algorithm {name:?}: sha256 and sha512 are supported"
                )
            }
            Self::Length(algorithm, n) => write!(
                f,
                "a {} digest has {} hex digits, this one has {n}",
                algorithm.name(),
                algorithm.hex_len()
            ),
            Self::Character(c, at) => {
                write!(
                    f,
                    "unexpected character {c:?} at offset {at}: a digest is lower-case hex"
                )
            }
        }
    }
}

impl std::error::Error for DigestError {}

impl Digest {
    /// The digest of these bytes.
    pub fn of(algorithm: Algorithm, bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(bytes);
        hasher.finish()
    }

    /// The sha256 of these bytes.
    pub fn sha256(bytes: &[u8]) -> Self {
        Self::of(Algorithm::Sha256, bytes)
    }

    /// A sha256 digest from its 32 bytes.
    pub fn from_sha256(bytes: &[u8; 32]) -> Self {
        Self {
            algorithm: Algorithm::Sha256,
            hex: hex(bytes).into(),
        }
    }

    /// The algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The encoded part, lower-case hex.
    pub fn hex(&self) -> &str {
        &self.hex
    }

    /// The first twelve hex digits: what Flux puts behind a chart's version, and enough for the eye.
    pub fn short(&self) -> &str {
        self.hex.get(..12).unwrap_or(&self.hex)
    }
}

/// Lower-case hex of some bytes. Not by `write!`, which took a twentieth of a comparison of many files.
fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' - 10 + half });
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .fold(String::with_capacity(bytes.len() * 2), |mut hex, digit| {
            hex.push(digit);
            hex
        })
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let (name, hex) = text.split_once(':').ok_or(DigestError::NoAlgorithm)?;
        let algorithm = match name {
            "sha256" => Algorithm::Sha256,
            "sha512" => Algorithm::Sha512,
            _ => return Err(DigestError::UnknownAlgorithm(name.to_owned())),
        };
        if let Some((i, c)) = hex
            .char_indices()
            .find(|(_, c)| !matches!(c, '0'..='9' | 'a'..='f'))
        {
            return Err(DigestError::Character(c, name.len() + 1 + i));
        }
        if hex.len() != algorithm.hex_len() {
            return Err(DigestError::Length(algorithm, hex.len()));
        }
        Ok(Self {
            algorithm,
            hex: hex.into(),
        })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), self.hex)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// A digest in the making, fed as the bytes arrive.
#[derive(Clone)]
pub struct Hasher(State);

#[derive(Clone)]
enum State {
    Sha256(Sha256),
    Sha512(Box<Sha512>),
}

impl Hasher {
    /// An empty hash.
    pub fn new(algorithm: Algorithm) -> Self {
        Self(match algorithm {
            Algorithm::Sha256 => State::Sha256(Sha256::new()),
            Algorithm::Sha512 => State::Sha512(Box::new(Sha512::new())),
        })
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(h) => h.update(bytes),
            State::Sha512(h) => h.update(bytes),
        }
    }

    /// The digest of all bytes taken.
    pub fn finish(self) -> Digest {
        match self.0 {
            State::Sha256(h) => Digest {
                algorithm: Algorithm::Sha256,
                hex: hex(&h.finalize()).into(),
            },
            State::Sha512(h) => Digest {
                algorithm: Algorithm::Sha512,
                hex: hex(&h.finalize()).into(),
            },
        }
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_prints() {
        for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
            let digest = Digest::of(algorithm, b"tide");
            assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let message = |text: &str| text.parse::<Digest>().unwrap_err().to_string();
        assert_eq!(
            message("3b6c"),
            "a digest starts with its algorithm, as in sha256:…"
        );
        assert_eq!(
            message("md5:3b6c"),
            "unknown digest algorithm \"md5\": sha256 and sha512 are supported"
        );
        assert_eq!(
            message("sha256:3B"),
            "unexpected character 'B' at offset 8: a digest is lower-case hex"
        );
        assert_eq!(
            message("sha512:00"),
            "a sha512 digest has 128 hex digits, this one has 2"
        );
    }

    #[test]
    fn chunks_do_not_matter() {
        let mut hasher = Hasher::new(Algorithm::Sha256);
        for b in b"tide table" {
            hasher.update(&[*b]);
        }
        assert_eq!(hasher.finish(), Digest::sha256(b"tide table"));
    }
}
