//! Whether the older digest was signed and the newer is not, and whether another signer is named. A signature names a digest, so
//! each digest has its own, or none.
//!
//! | what | cause | severity |
//! |---|---|---|
//! | a signature of the left digest, none of the right | `signature.lost` | 4 |
//! | no signer of the left is named on the right | `signature.identity` | 4 |
//! | the same, but it is the same workflow at another ref | `signature.identity` | 2 |
//! | a provenance file that names another key | `signature.identity` | 4 |
//!
//! Weight: packaging, since nothing that runs differs; what admits it may refuse it. Nothing is verified: a cause tells what is
//! *named*, and says so. Where a signer could not be read nothing is claimed.

use crate::archive::Content;
use crate::compare::evidence::{Layer, Signed};
use crate::signer::{Signers, openpgp};

use super::{Cause, Code, Note, Severity, Stage, Weight};

/// The cause, if a signature was lost or names somebody else.
pub(super) fn cause(signed: &Signed) -> Option<Cause> {
    let cause = |code, severity| Cause::new(code, severity, Stage::Signature, Weight::Packaging);
    match (&signed.left, &signed.right) {
        (Some(_), None) => Some(
            cause(Code::SignatureLost, Severity::Breaking)
                .change("signed", "not signed")
                .note("there is a signature of the left digest and none of the right one; who requires one refuses the right"),
        ),
        (Some(left), Some(right)) if left.is_told() && !right.unknown && !left.meet(right) => {
            let (severity, note) = match same_workflow(left, right) {
                true => (
                    Severity::Review,
                    "the certificates name one workflow at two refs; neither signature was verified",
                ),
                false => (
                    Severity::Breaking,
                    "the signatures name somebody else; neither was verified, so this is what they claim",
                ),
            };
            Some(
                cause(Code::SignatureIdentity, severity)
                    .change(left.to_string(), right.to_string())
                    .note(note),
            )
        }
        _ => None,
    }
}

/// True when some workflow signed both, at whatever ref.
fn same_workflow(left: &Signers, right: &Signers) -> bool {
    left.identities.iter().any(|l| {
        right
            .identities
            .iter()
            .any(|r| l.issuer == r.issuer && l.without_ref() == r.without_ref())
    })
}

/// What to know where there is no cause.
pub(super) fn note(signed: &Signed) -> Option<Note> {
    if cause(signed).is_some() {
        return None;
    }
    let text = match (&signed.left, &signed.right) {
        (Some(left), Some(right)) if left.is_told() && left == right => format!(
            "There is a signature of either digest, both by {left} as they say. Tagdrift does not verify them: `cosign verify` or `notation verify` does."
        ),
        (Some(left), Some(right)) if left.is_told() && left.meet(right) => format!(
            "There are signatures of either digest: as they say by {left} on the left, by {right} on the right. Tagdrift does not verify them: `cosign verify` or `notation verify` does."
        ),
        (Some(_), _) => "The registry has a signature of either digest. Tagdrift does not verify them: `cosign verify` or `notation verify` tells by whom.".to_owned(),
        (None, Some(right)) => format!("The right digest is signed, by {right} as it says; the left one is not."),
        (None, None) => "Neither digest is signed in this registry.".to_owned(),
    };
    Some(Note {
        topic: "signature".to_owned(),
        text,
        snippet: String::new(),
    })
}

/// What two provenance files say about who signed: the words for it, and the cause where it is somebody else.
pub(in crate::verdict) fn provenance(left: &Layer, right: &Layer) -> (&'static str, Option<Cause>) {
    let keys = |layer: &Layer| {
        let bytes = match &layer.whole()?.content {
            Content::Bytes(Some(bytes)) => bytes.clone(),
            _ => return None,
        };
        openpgp::keys(&bytes).ok()
    };
    let (Some(left), Some(right)) = (keys(left), keys(right)) else {
        return (
            "the provenance file is made anew for every package; who signed it could not be read",
            None,
        );
    };
    if left.iter().any(|l| right.iter().any(|r| l.may_be(r))) {
        return (
            "the provenance file is made anew for every package; both name the same key, which was not verified",
            None,
        );
    }
    let told = |keys: &std::collections::BTreeSet<openpgp::Key>| {
        keys.iter()
            .map(openpgp::Key::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let cause = Cause::new(
        Code::SignatureIdentity,
        Severity::Breaking,
        Stage::Signature,
        Weight::Packaging,
    )
    .change(told(&left), told(&right))
    .note("the provenance files name two keys; neither signature was verified: `helm verify` with a keyring of trusted keys does");
    ("the provenance file names another key", Some(cause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::evidence::{Evidence, Pair};
    use crate::fault::Fault;
    use crate::limits::Limits;
    use crate::signer::Identity;

    const CI: &str = "https://forge.example/kelp/.github/workflows/release.yml";

    fn by(subjects: &[&str]) -> Option<Signers> {
        let identity = |subject: &&str| Identity {
            subject: (*subject).to_owned(),
            issuer: "https://issuer.example".to_owned(),
        };
        Some(Signers {
            identities: subjects.iter().map(identity).collect(),
            ..Signers::default()
        })
    }

    fn key() -> Option<Signers> {
        Some(Signers {
            by_key: true,
            ..Signers::default()
        })
    }

    /// Codes and severities of the causes, and how many notes there are.
    fn told(left: Option<Signers>, right: Option<Signers>) -> (Vec<(&'static str, u8)>, usize) {
        let missing = || Err(Fault::unsupported("not part of this test"));
        let evidence = Evidence {
            left_name: String::new(),
            right_name: String::new(),
            pair: Pair::Unreadable {
                left: missing(),
                right: missing(),
            },
            signed: Some(Signed { left, right }),
        };
        let judgement = crate::verdict::judge(&evidence, &Limits::default());
        let causes = judgement.causes.iter().filter(|c| c.stage == Stage::Signature);
        (
            causes.map(|c| (c.code.word(), c.severity as u8)).collect(),
            judgement.notes.len(),
        )
    }

    #[test]
    fn a_lost_signature_is_a_cause() {
        assert_eq!(told(key(), None), (vec![("signature.lost", 4)], 0));
        assert_eq!(
            told(Some(Signers::unread()), None),
            (vec![("signature.lost", 4)], 0)
        );
        assert_eq!(told(None, key()), (vec![], 1));
        assert_eq!(told(None, None), (vec![], 1));
    }

    #[test]
    fn another_name_is_a_cause() {
        let other = (vec![("signature.identity", 4)], 0);
        assert_eq!(told(by(&["ada@kelp.example"]), by(&["eve@kelp.example"])), other);
        assert_eq!(told(by(&["ada@kelp.example"]), key()), other);
        assert_eq!(told(key(), by(&["ada@kelp.example"])), other);
        assert_eq!(told(by(&["a", "b"]), by(&["c"])), other);
    }

    #[test]
    fn what_is_not_named_is_not_claimed() {
        let none = (vec![], 1);
        assert_eq!(told(by(&["a"]), by(&["a"])), none);
        assert_eq!(told(by(&["a", "b"]), by(&["b"])), none);
        assert_eq!(told(key(), key()), none);
        assert_eq!(told(by(&["a"]), Some(Signers::unread())), none);
        assert_eq!(told(Some(Signers::unread()), by(&["a"])), none);
    }

    #[test]
    fn a_workflow_at_another_ref_is_less() {
        let at = |reference: &str| by(&[&format!("{CI}@refs/{reference}")]);
        assert_eq!(
            told(at("tags/v1"), at("heads/main")),
            (vec![("signature.identity", 2)], 0)
        );
        assert_eq!(
            told(at("tags/v1"), by(&["https://forge.example/other@refs/tags/v1"])),
            (vec![("signature.identity", 4)], 0)
        );
    }
}
