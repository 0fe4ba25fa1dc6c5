//! Chart.lock and requirements.lock: a time stamp is no change of a dependency.
//!
//! | field | cause | severity |
//! |---|---|---|
//! | `generated` | `chart.lock-generated` | 0, cosmetic |
//! | `digest` | `chart.dependency` | 1, cosmetic: a hash over Chart.yaml's dependencies and the locked ones, which are compared themselves |
//! | `dependencies`, anything else | `chart.dependency` | 3, deployed: whoever builds the dependencies again gets others |
//!
//! Proof of "cosmetic": Helm's engine never reads the lock; only `helm dependency` does.

use super::data;
use super::{Cause, Code, Context, Pair, Severity, Weight};

pub(super) fn judge(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let Some(compared) = data::compare(pair, context) else {
        return Vec::new();
    };
    if let Some(causes) = data::equal(pair, context, &compared) {
        return causes;
    }
    let read = context.content_because(pair);
    let mut causes = Vec::new();
    for change in &compared.changes {
        let (code, severity, weight, note) = match change.pointer.as_str() {
            "/generated" => (
                Code::ChartLockGenerated,
                Severity::Noise,
                Weight::Cosmetic,
                "Only when it was generated.",
            ),
            "/digest" => (
                Code::ChartDependency,
                Severity::Info,
                Weight::Cosmetic,
                "A hash over the dependencies, which are compared themselves; Helm does not read it when it deploys.",
            ),
            _ => (
                Code::ChartDependency,
                Severity::Behaviour,
                Weight::Deployed,
                "Another dependency is locked.",
            ),
        };
        let (weight, note) = match &read {
            Some((because, why)) if weight == Weight::Cosmetic => (*because, format!("It counts: {why}.")),
            _ => (weight, note.to_owned()),
        };
        causes.push(data::cause(pair, change, code, severity, weight).note(note));
    }
    causes.extend(data::beyond(pair, &compared, Code::ChartDependency));
    causes.extend(data::unproven(pair, &compared));
    causes
}
