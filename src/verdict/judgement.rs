//! What all rules together found, before it is put into words: the level follows from the causes alone.

use super::{
    Answer, Cause, Code, FileRow, Level, Note, Proven, Restarts, Rung, Severity, Stage, Unread, Weight,
};
use crate::fault::{Fault, FaultKind};

/// Everything that the rules found about two artifacts.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    /// True when both sides are the same digest.
    pub identical: bool,
    /// The causes.
    pub causes: Vec<Cause>,
    /// Causes beyond the limit.
    pub causes_left_off: u64,
    /// Files by path.
    pub files: Vec<FileRow>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// The ladder.
    pub ladder: Vec<Rung>,
    /// Things to know.
    pub notes: Vec<Note>,
    /// Content digests, left and right, where everything was read.
    pub content: (Option<String>, Option<String>),
    /// Whether pods restart, where the rules can say more than "it depends".
    pub restarts: Option<Restarts>,
}

impl Judgement {
    /// Adds a part that could not be read, as a cause and as an entry of the list.
    pub fn could_not_read(&mut self, what: &str, fault: &Fault) {
        let (code, severity) = match fault.kind {
            FaultKind::TooLarge => (Code::LimitReached, Severity::Review),
            _ => (Code::Unreadable, Severity::Review),
        };
        self.causes.push(
            Cause::new(code, severity, Stage::Layers, Weight::Unread)
                .pointer(what)
                .note(fault.to_string()),
        );
        self.unread.push(Unread {
            what: what.to_owned(),
            why: fault.to_string(),
        });
    }

    /// The level (contracts: "unknown outranks every no"). Something deployable that is proven to differ
    /// stands, whatever else could not be read.
    pub fn level(&self) -> Level {
        let has = |weight| self.causes.iter().any(|c| c.weight == weight);
        if self.identical {
            Level::Identical
        } else if has(Weight::Deployed) {
            if self.causes.iter().any(|c| c.severity == Severity::Breaking) {
                Level::Breaking
            } else {
                Level::Changed
            }
        } else if has(Weight::Unread) || !self.unread.is_empty() {
            Level::Unknown
        } else if has(Weight::Cosmetic) {
            Level::Cosmetic
        } else {
            Level::Repackaged
        }
    }

    /// How far equality was proven: the highest rung that holds, as far as the level allows any.
    pub fn proven(&self) -> Proven {
        let rung = |wanted: Proven| {
            self.ladder
                .iter()
                .any(|r| r.rung == wanted && r.equal == Some(true))
        };
        match self.level() {
            Level::Identical => Proven::Digest,
            Level::Repackaged if rung(Proven::Manifest) => Proven::Manifest,
            Level::Repackaged if rung(Proven::Uncompressed) => Proven::Uncompressed,
            Level::Repackaged => Proven::Files,
            Level::Cosmetic => Proven::Normalised,
            Level::Changed | Level::Breaking | Level::Unknown => Proven::Nothing,
        }
    }

    /// Sorts causes by weight, severity, then place, and keeps `limit` of them. The kinds of weight that
    /// decide the level come first, so that cutting never changes it.
    pub fn settle(&mut self, limit: usize) {
        let rank = |c: &Cause| match c.weight {
            Weight::Deployed => 0,
            Weight::Unread => 1,
            Weight::Cosmetic => 2,
            Weight::Packaging => 3,
        };
        self.causes.sort_by(|a, b| {
            rank(a)
                .cmp(&rank(b))
                .then(b.severity.cmp(&a.severity))
                .then(a.platform.cmp(&b.platform))
                .then(a.stage.cmp(&b.stage))
                .then(a.path.cmp(&b.path))
                .then(a.code.cmp(&b.code))
                .then(a.pointer.cmp(&b.pointer))
        });
        self.causes.dedup();
        if self.causes.len() > limit {
            self.causes_left_off += (self.causes.len() - limit) as u64;
            self.causes.truncate(limit);
        }
        self.files
            .sort_by(|a, b| a.platform.cmp(&b.platform).then_with(|| a.path.cmp(&b.path)));
    }

    /// The answer about restarts, with a cautious one where no rule said anything.
    pub fn restarts(&self) -> Restarts {
        if self.identical {
            return Restarts {
                answer: Answer::No,
                because: vec!["the digest did not change".to_owned()],
            };
        }
        self.restarts.clone().unwrap_or_else(|| Restarts {
            answer: Answer::Depends,
            because: vec![
                "a running pod keeps the image it was started with; whether a new digest starts it again depends on how it is deployed"
                    .to_owned(),
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(parts: &[(Weight, Severity)]) -> Level {
        let causes = parts
            .iter()
            .map(|(w, s)| Cause::new(Code::FileBytes, *s, Stage::Files, *w))
            .collect();
        Judgement {
            causes,
            ..Default::default()
        }
        .level()
    }

    #[test]
    fn the_level_follows_from_the_weights() {
        use Severity::{Behaviour, Breaking, Noise};
        use Weight::{Cosmetic, Deployed, Packaging, Unread};
        assert_eq!(level(&[]), Level::Repackaged);
        assert_eq!(level(&[(Packaging, Breaking)]), Level::Repackaged);
        assert_eq!(level(&[(Packaging, Noise), (Cosmetic, Noise)]), Level::Cosmetic);
        assert_eq!(level(&[(Cosmetic, Noise), (Unread, Noise)]), Level::Unknown);
        assert_eq!(level(&[(Unread, Noise), (Deployed, Behaviour)]), Level::Changed);
        assert_eq!(level(&[(Unread, Noise), (Deployed, Breaking)]), Level::Breaking);
        assert_eq!(
            level(&[(Packaging, Breaking), (Deployed, Behaviour)]),
            Level::Breaking
        );
    }

    #[test]
    fn an_unread_part_is_never_a_no() {
        let mut judgement = Judgement::default();
        judgement.could_not_read("layer", &Fault::too_large("the blob", "1 byte"));
        assert_eq!(judgement.level(), Level::Unknown);
        assert_eq!(judgement.causes[0].code, Code::LimitReached);
        assert_eq!(judgement.unread[0].why, "the blob exceeds the limit of 1 byte");
    }

    #[test]
    fn cutting_the_list_keeps_the_level() {
        let mut judgement = Judgement::default();
        for _ in 0..9 {
            judgement.causes.push(Cause::new(
                Code::TarMtime,
                Severity::Noise,
                Stage::Archive,
                Weight::Packaging,
            ));
        }
        for (i, severity) in [Severity::Behaviour, Severity::Breaking].into_iter().enumerate() {
            judgement.causes.push(
                Cause::new(Code::FileBytes, severity, Stage::Files, Weight::Deployed).path(i.to_string()),
            );
        }
        judgement.settle(1);
        assert_eq!(
            (judgement.level(), judgement.causes_left_off),
            (Level::Breaking, 2)
        );
    }
}
