//! Who signed, as a signature itself names its signer: a certificate's subject and the provider that vouched for it, an
//! OpenPGP key's fingerprint.
//!
//! Nothing here verifies anything. A name is what a signature *claims*, and whoever forges a signature may claim any name; but a
//! claim that changed between two digests of one tag is worth a look, and `cosign verify` or `helm verify` then tells the truth.
//!
//! Invariants: bounded by what is handed in (a certificate, a provenance file); every length is checked against the bytes that
//! are there; no signature is held for another's.

use std::collections::BTreeSet;
use std::fmt;

pub mod certificate;
mod der;
pub mod openpgp;

/// The signer that a certificate names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// Subject alternative name: a workflow's URL, an e-mail address; else the subject's common name.
    pub subject: String,
    /// The identity provider that Fulcio asked; empty for certificates of other authorities.
    pub issuer: String,
}

impl Identity {
    /// The subject without a Git ref at its end: the same workflow, whatever it ran on.
    pub fn without_ref(&self) -> &str {
        self.subject.split("@refs/").next().unwrap_or_default()
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.subject)?;
        if !self.issuer.is_empty() {
            write!(f, " (by {})", self.issuer)?;
        }
        Ok(())
    }
}

/// All signers of one digest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signers {
    /// Those that certificates name.
    pub identities: BTreeSet<Identity>,
    /// There is a signature by a bare key, which is named nowhere.
    pub by_key: bool,
    /// There is a signature whose signer could not be read.
    pub unknown: bool,
}

impl Signers {
    /// One signature whose signer could not be read.
    pub fn unread() -> Self {
        Self {
            unknown: true,
            ..Self::default()
        }
    }

    /// Takes in the signer of a further signature, by its certificate if it has one.
    pub fn add(&mut self, certificate: Option<&[u8]>) {
        match certificate.map(certificate::identity) {
            None => self.by_key = true,
            Some(Ok(identity)) => drop(self.identities.insert(identity)),
            Some(Err(_)) => self.unknown = true,
        }
    }

    /// True when at least one signer is known, be it only as a key.
    pub fn is_told(&self) -> bool {
        self.by_key || !self.identities.is_empty()
    }

    /// True when one of them signed both.
    pub fn meet(&self, other: &Self) -> bool {
        self.by_key && other.by_key || !self.identities.is_disjoint(&other.identities)
    }
}

impl fmt::Display for Signers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told: Vec<String> = self.identities.iter().map(Identity::to_string).collect();
        told.extend(self.by_key.then(|| "a key without a name".to_owned()));
        told.extend(self.unknown.then(|| "somebody who could not be read".to_owned()));
        f.write_str(&told.join(", "))
    }
}
