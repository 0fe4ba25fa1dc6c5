//! A file in `crds/`: plain YAML, never rendered.
//!
//! Comments and layout are `yaml.comments` and `yaml.formatting`, cosmetic; any value is `yaml.value`, severity 3,
//! deployed, beside what [`kubernetes::crd`](crate::verdict::kubernetes::crd) says about it.

use super::data;
use super::{Cause, Code, Context, Pair};

pub(super) fn judge(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    data::values(pair, context, Code::YamlValue).unwrap_or_default()
}
