//! What a command comes to, as an exit code.

use std::process::ExitCode;

use clap::ValueEnum;

use crate::verdict::Level;

/// What a command comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing at or above `--fail-on`.
    Below,
    /// Something at or above `--fail-on`.
    AtOrAbove,
    /// Cannot tell, or the work could not be done.
    CannotTell,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Below => 0,
            Outcome::AtOrAbove => 1,
            Outcome::CannotTell => 2,
        })
    }
}

/// From which level on a result counts as a failure. `unknown` is not among them: it always ends with 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum FailOn {
    /// Digests differ, nothing else.
    Repackaged,
    /// Files differ in what nothing deploys.
    Cosmetic,
    /// Something that can be deployed differs.
    Changed,
    /// Changed, with a cause of severity 4.
    Breaking,
}

impl FailOn {
    /// The outcome of a result of this level.
    pub fn judge(self, level: Level) -> Outcome {
        let reached = match level {
            Level::Unknown => return Outcome::CannotTell,
            Level::Identical => return Outcome::Below,
            Level::Repackaged => Self::Repackaged,
            Level::Cosmetic => Self::Cosmetic,
            Level::Changed => Self::Changed,
            Level::Breaking => Self::Breaking,
        };
        if reached >= self {
            Outcome::AtOrAbove
        } else {
            Outcome::Below
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_is_never_a_pass() {
        for fail_on in FailOn::value_variants() {
            assert_eq!(fail_on.judge(Level::Unknown), Outcome::CannotTell);
            assert_eq!(fail_on.judge(Level::Identical), Outcome::Below);
            assert_eq!(fail_on.judge(Level::Breaking), Outcome::AtOrAbove);
        }
    }

    #[test]
    fn the_default_lets_noise_pass() {
        assert_eq!(FailOn::Changed.judge(Level::Repackaged), Outcome::Below);
        assert_eq!(FailOn::Changed.judge(Level::Cosmetic), Outcome::Below);
        assert_eq!(FailOn::Changed.judge(Level::Changed), Outcome::AtOrAbove);
        assert_eq!(FailOn::Cosmetic.judge(Level::Cosmetic), Outcome::AtOrAbove);
    }
}
