//! Whether the older digest was signed and the newer is not. A signature names a digest, so each digest has
//! its own, or none; who signed is not looked at here.

use super::{Cause, Code, Note, Severity, Stage, Weight};
use crate::compare::evidence::Signed;

/// The cause, if a signature was lost.
pub(super) fn cause(signed: Signed) -> Option<Cause> {
    (signed.left && !signed.right).then(|| {
        Cause::new(
            Code::SignatureLost,
            Severity::Breaking,
            Stage::Signature,
            Weight::Packaging,
        )
        .change("signed", "not signed")
        .note("the registry has a signature of the left digest and none of the right one; who requires one refuses the right")
    })
}

/// What to know where nothing was lost.
pub(super) fn note(signed: Signed) -> Option<Note> {
    let text = match (signed.left, signed.right) {
        (true, false) => return None,
        (true, true) => {
            "The registry has a signature of either digest. Tagdrift does not verify them: `cosign verify` or `notation verify` tells by whom."
        }
        (false, true) => "The right digest is signed, the left one is not.",
        (false, false) => "Neither digest is signed in this registry.",
    };
    Some(Note {
        topic: "signature".to_owned(),
        text: text.to_owned(),
        snippet: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::evidence::{Evidence, Pair};
    use crate::fault::Fault;
    use crate::limits::Limits;

    fn causes(left: bool, right: bool) -> (Vec<&'static str>, usize) {
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
        let codes = judgement.causes.iter().filter(|c| c.stage == Stage::Signature);
        (codes.map(|c| c.code.word()).collect(), judgement.notes.len())
    }

    #[test]
    fn only_a_lost_signature_is_a_cause() {
        assert_eq!(causes(true, false), (vec!["signature.lost"], 0));
        assert_eq!(causes(true, true), (vec![], 1));
        assert_eq!(causes(false, true), (vec![], 1));
        assert_eq!(causes(false, false), (vec![], 1));
    }
}
