//! Whether a registry has a signature of a digest: cosign's `sha256-<hex>.sig` tag, or a referrer that is one
//! (Notation, cosign's bundles). That there is one says nothing about who made it.

use super::client::is_missing;
use super::{Client, Transport};
use crate::fault::Fault;
use crate::oci::{Descriptor, Digest, Reference, media_type};

/// Artifact types of signatures (Notary Project's signature specification; cosign, "OCI 1.1 signatures").
const SIGNATURES: [&str; 2] = [
    "application/vnd.cncf.notary.signature",
    "application/vnd.dev.cosign.artifact.sig.v1+json",
];
/// A Sigstore bundle holds a signature or an attestation; the annotation tells which.
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle";
const BUNDLE_CONTENT: &str = "dev.sigstore.bundle.content";
const BUNDLE_PREDICATE: &str = "dev.sigstore.bundle.predicateType";
const SIGN_PREDICATE: &str = "https://sigstore.dev/cosign/sign/v1";

impl<T: Transport> Client<T> {
    /// Whether there is a signature of `digest` in the reference's repository.
    ///
    /// # Errors
    /// As [`Client::manifest`], but for "not there": a registry that could not be asked is no "unsigned".
    pub async fn is_signed(&self, reference: &Reference, digest: &Digest) -> Result<bool, Fault> {
        let tagged = Reference {
            tag: Some(format!("{}-{}.sig", digest.algorithm().name(), digest.hex())),
            digest: None,
            ..reference.clone()
        };
        match self.digest_of_tag(&tagged).await {
            Ok(_) => return Ok(true),
            Err(fault) if is_missing(&fault) => {}
            Err(fault) => return Err(fault),
        }
        let referrers = self.referrers(reference, digest).await?;
        Ok(referrers.descriptors.iter().any(is_signature))
    }
}

/// True for a referrer that is a signature.
fn is_signature(referrer: &Descriptor) -> bool {
    let Some(kind) = referrer.artifact_type.as_deref().map(media_type::essence) else {
        return false;
    };
    if !kind.starts_with(BUNDLE) {
        return SIGNATURES.contains(&kind.as_str());
    }
    let annotation = |key: &str| referrer.annotations.get(key).map(String::as_str);
    match annotation(BUNDLE_PREDICATE) {
        Some(predicate) => predicate == SIGN_PREDICATE,
        None => annotation(BUNDLE_CONTENT) == Some("message-signature"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn referrer(kind: &str, annotations: &[(&str, &str)]) -> Descriptor {
        Descriptor {
            media_type: media_type::OCI_MANIFEST.to_owned(),
            digest: Digest::sha256(b""),
            size: 1,
            annotations: annotations
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            urls: Vec::new(),
            artifact_type: Some(kind.to_owned()),
            platform: None,
        }
    }

    #[test]
    fn attestations_are_no_signatures() {
        let bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
        for (kind, annotations, signature) in [
            ("application/vnd.cncf.notary.signature", &[][..], true),
            ("application/spdx+json", &[], false),
            (bundle, &[], false),
            (bundle, &[(BUNDLE_PREDICATE, SIGN_PREDICATE)], true),
            (
                bundle,
                &[(BUNDLE_PREDICATE, "https://slsa.dev/provenance/v1")],
                false,
            ),
            (bundle, &[(BUNDLE_CONTENT, "message-signature")], true),
        ] {
            assert_eq!(
                is_signature(&referrer(kind, annotations)),
                signature,
                "{kind} {annotations:?}"
            );
        }
    }
}
