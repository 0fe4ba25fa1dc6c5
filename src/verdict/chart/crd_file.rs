//! A file in `crds/`: plain YAML, never rendered.
//!
//! Comments and layout are `yaml.comments` and `yaml.formatting`, cosmetic; any value is `yaml.value`, severity 3,
//! deployed, beside what [`kubernetes::crd`](crate::verdict::kubernetes::crd) says about it.

use super::data;
use super::{Cause, Code, Context, Pair, Severity, Weight};

pub(super) fn judge(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let Some(compared) = data::compare(pair, context) else {
        return Vec::new();
    };
    if let Some(causes) = data::equal(pair, context, &compared) {
        return causes;
    }
    let mut causes = compared
        .changes
        .iter()
        .map(|change| {
            data::cause(
                pair,
                change,
                Code::YamlValue,
                Severity::Behaviour,
                Weight::Deployed,
            )
            .note(data::lines(change))
        })
        .collect::<Vec<_>>();
    causes.extend(data::beyond(pair, &compared, Code::YamlValue));
    causes.extend(data::unproven(pair, &compared));
    causes
}
