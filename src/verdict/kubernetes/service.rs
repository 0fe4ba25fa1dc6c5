//! How workloads are reached: Services, their types and ports, Ingresses, NetworkPolicies.
//!
//! | what | cause | severity |
//! |---|---|---|
//! | one that came or went | `service.changed` | 3 |
//! | each field of its `spec`: type, ports, selector, hosts, peers | `service.changed` | 3 |

use super::leaf::{leaves, shown};
use super::object::Matched;
use super::{Cause, Code, Severity, cause, named};
use crate::limits::Limits;

const KINDS: [&str; 3] = ["Service", "Ingress", "NetworkPolicy"];

/// Causes of one object on both sides.
pub fn judge(pair: &Matched<'_>, limits: &Limits) -> Vec<Cause> {
    let Some(object) = pair.any().filter(|o| KINDS.contains(&o.kind.as_str())) else {
        return Vec::new();
    };
    let name = named(object);
    let told = || cause(pair, Code::ServiceChanged, Severity::Behaviour);
    let (Some(left), Some(right)) = (pair.left, pair.right) else {
        let became = if pair.left.is_some() { "is gone" } else { "came" };
        return vec![told().note(format!("{name} {became}."))];
    };
    let spec = |value| serde_json::Value::get(value, "spec");
    leaves(spec(&left.value), spec(&right.value), limits)
        .iter()
        .map(|leaf| {
            told()
                .pointer(format!("/spec{}", leaf.pointer))
                .values(shown(leaf.from), shown(leaf.to))
                .note(format!("{name} is reached in another way."))
        })
        .collect()
}
