//! Whether a digest has a signature, and whom it names: cosign's `sha256-<hex>.sig` tag, or a referrer that is one (Notation,
//! cosign's bundles). Nothing is verified here; see [`signer`](crate::signer) for what a name is worth.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::client::is_missing;
use super::{Client, Source, Transport, source};
use crate::fault::{Fault, FaultKind};
use crate::oci::{Descriptor, Digest, Document, Reference, media_type};
use crate::signer::Signers;

/// cosign's manifests as referrers ("OCI 1.1 signatures"): as those behind its tags.
const COSIGN: &str = "application/vnd.dev.cosign.artifact.sig.v1+json";
/// Artifact types of signatures; the first is the Notary Project's, whose envelopes are not read.
const SIGNATURES: [&str; 2] = ["application/vnd.cncf.notary.signature", COSIGN];
/// A Sigstore bundle holds a signature or an attestation; the annotation tells which.
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle";
const BUNDLE_CONTENT: &str = "dev.sigstore.bundle.content";
const BUNDLE_PREDICATE: &str = "dev.sigstore.bundle.predicateType";
const SIGN_PREDICATE: &str = "https://sigstore.dev/cosign/sign/v1";

/// The annotation of a signature's layer that holds the certificate of a keyless one (cosign, "Signature spec").
const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";

/// Who signed `digest`, by cosign's tag beside it; `None` when there is no such tag.
///
/// # Errors
/// As [`Source::manifest`], but for "not there"; a signature that is there and cannot be read is one by somebody unknown.
pub async fn by_tag<S: Source>(
    source: &S,
    reference: &Reference,
    digest: &Digest,
) -> Result<Option<Signers>, Fault> {
    let tagged = Reference {
        tag: Some(format!("{}-{}.sig", digest.algorithm().name(), digest.hex())),
        digest: None,
        ..reference.clone()
    };
    match source.manifest(&tagged).await {
        Ok(served) => Ok(Some(of_manifest(&served.document))),
        Err(fault) if is_missing(&fault) => Ok(None),
        Err(fault) => unread(fault).map(Some),
    }
}

/// Signers of a manifest that keeps a signature in each layer.
fn of_manifest(document: &Document) -> Signers {
    let layers = document
        .manifest()
        .map(|m| m.layers.as_slice())
        .unwrap_or_default();
    let mut signers = Signers {
        unknown: layers.is_empty(),
        ..Signers::default()
    };
    for layer in layers {
        signers.add(layer.annotations.get(CERTIFICATE).map(String::as_bytes));
    }
    signers
}

/// What is there and makes no sense was signed by somebody unknown; what could not be reached says nothing.
fn unread(fault: Fault) -> Result<Signers, Fault> {
    match fault.kind {
        FaultKind::Denied | FaultKind::Busy | FaultKind::Unreachable => Err(fault),
        _ => Ok(Signers::unread()),
    }
}

/// The signer of a Sigstore bundle (sigstore_bundle.proto, `VerificationMaterial`).
fn of_bundle(bundle: &[u8]) -> Signers {
    let mut signers = Signers::default();
    let Ok(bundle) = serde_json::from_slice::<Value>(bundle) else {
        return Signers::unread();
    };
    let certificate = ["certificate", "x509CertificateChain/certificates/0"]
        .iter()
        .find_map(|place| bundle.pointer(&format!("/verificationMaterial/{place}/rawBytes")));
    match certificate.and_then(Value::as_str) {
        Some(packed) => match BASE64_STANDARD.decode(packed) {
            Ok(der) => signers.add(Some(&der)),
            Err(_) => signers.unknown = true,
        },
        None if bundle.pointer("/verificationMaterial/publicKey").is_some() => signers.by_key = true,
        None => signers.unknown = true,
    }
    signers
}

impl<T: Transport> Client<T> {
    /// Who signed `digest` in the reference's repository, as the signatures name them; `None` where there is no signature.
    ///
    /// # Errors
    /// As [`Client::manifest`], but for "not there": a registry that could not be asked is no "unsigned".
    pub async fn signers(&self, reference: &Reference, digest: &Digest) -> Result<Option<Signers>, Fault> {
        if let Some(signers) = by_tag(self, reference, digest).await? {
            return Ok(Some(signers));
        }
        let referrers = self.referrers(reference, digest).await?.descriptors;
        let mut found: Option<Signers> = None;
        for referrer in referrers.iter().filter(|referrer| is_signature(referrer)) {
            let signers = self.of_referrer(reference, referrer).await?;
            let all = found.get_or_insert_default();
            all.identities.extend(signers.identities);
            all.by_key |= signers.by_key;
            all.unknown |= signers.unknown;
        }
        Ok(found)
    }

    async fn of_referrer(&self, reference: &Reference, referrer: &Descriptor) -> Result<Signers, Fault> {
        let kind = referrer.artifact_type.as_deref().unwrap_or_default();
        let bundle = kind.starts_with(BUNDLE);
        if !bundle && kind != COSIGN {
            return Ok(Signers::unread());
        }
        let at = reference.at_digest(referrer.digest.clone());
        let document = match self.manifest(&at).await {
            Ok(served) => served.document,
            Err(fault) => return unread(fault),
        };
        let layer = document.manifest().and_then(|m| m.layers.first());
        match layer {
            Some(layer) if bundle => {
                let limit = self.session.limits.config_bytes;
                match source::document(self, &at, layer, limit).await {
                    Ok(bytes) => Ok(of_bundle(&bytes)),
                    Err(fault) => unread(fault),
                }
            }
            _ => Ok(of_manifest(&document)),
        }
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
    use serde_json::json;

    use super::*;
    use crate::signer::certificate::tests::PLAIN;

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
    fn a_bundle_names_its_signer() {
        let packed: String = PLAIN.lines().filter(|line| !line.starts_with('-')).collect();
        let told =
            |material: Value| of_bundle(json!({ "verificationMaterial": material }).to_string().as_bytes());
        for material in [
            json!({"certificate": {"rawBytes": packed}}),
            json!({"x509CertificateChain": {"certificates": [{"rawBytes": packed}]}}),
        ] {
            assert_eq!(told(material).to_string(), "keeper");
        }
        assert_eq!(
            told(json!({"publicKey": {"hint": "x"}})).to_string(),
            "a key without a name"
        );
        for material in [json!({}), json!({"certificate": {"rawBytes": "?"}})] {
            assert_eq!(told(material), Signers::unread());
        }
        assert_eq!(of_bundle(b"{"), Signers::unread());
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
