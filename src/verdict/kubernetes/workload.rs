//! Fields of workloads that touch security, the images they run, and Secrets.
//!
//! | what | cause | severity |
//! |---|---|---|
//! | more privilege: `privileged`, host namespaces, `hostPath`, capabilities added or not dropped, root, escalation, unconfined profiles | `workload.privilege` | 4 |
//! | less of it, or another user | `workload.privilege` | 3 |
//! | an image | `image.reference` | 3 |
//! | a Secret's content or type | `yaml.value` | 4 |
//!
//! [`privilege`] also serves the rule for values, where the same names stand for the same fields.

use serde_json::Value;

use super::leaf::{Leaf, leaves, shown};
use super::object::Matched;
use super::{Cause, Code, Severity, cause, named};
use crate::limits::Limits;

/// Causes of one object on both sides.
pub fn judge(pair: &Matched<'_>, limits: &Limits) -> Vec<Cause> {
    let changed = leaves(pair.left.map(|o| &o.value), pair.right.map(|o| &o.value), limits);
    let name = pair.any().map(named).unwrap_or_default();
    let secret =
        pair.any().is_some_and(|o| o.kind == "Secret") && pair.left.is_some() && pair.right.is_some();
    // A CRD's schema has fields of these names that are no settings.
    if pair.any().is_some_and(|o| o.kind == "CustomResourceDefinition") {
        return Vec::new();
    }
    let mut causes = Vec::new();
    for leaf in &changed {
        let keys = leaf.keys();
        if let Some((severity, what)) = privilege(leaf) {
            causes.push(told(pair, Code::WorkloadPrivilege, severity, leaf).note(format!("{name}: {what}.")));
        } else if keys.last() == Some(&"image")
            && keys
                .iter()
                .any(|k| k.to_ascii_lowercase().ends_with("containers") || *k == "spec")
        {
            causes.push(
                told(pair, Code::ImageReference, Severity::Behaviour, leaf)
                    .note(format!("{name} runs another image.")),
            );
        } else if secret && matches!(keys.first(), Some(&("data" | "stringData" | "type"))) {
            causes.push(
                cause(pair, Code::YamlValue, Severity::Breaking)
                    .pointer(&leaf.pointer)
                    .note(format!("{name}: a Secret's content changed (not shown here).")),
            );
        }
    }
    causes
}

fn told(pair: &Matched<'_>, code: Code, severity: Severity, leaf: &Leaf<'_>) -> Cause {
    cause(pair, code, severity)
        .pointer(&leaf.pointer)
        .values(shown(leaf.from), shown(leaf.to))
}

/// Whether a changed scalar gives more privilege (4), or less or other (3), and what it is in words.
pub fn privilege(leaf: &Leaf<'_>) -> Option<(Severity, String)> {
    let keys = leaf.keys();
    let (from, to) = (leaf.from, leaf.to);
    let is = |side: Option<&Value>, flag: bool| side == Some(&Value::Bool(flag));
    let last = match keys.last()? {
        // `hostNetwork: {enabled: true}` in values.
        &"enabled" => *keys.get(keys.len().checked_sub(2)?)?,
        other => *other,
    };
    let judged = |more: bool, less: bool, what: &str| match (more, less) {
        (true, _) => Some((Severity::Breaking, format!("more privilege, {what}"))),
        (_, true) => Some((Severity::Behaviour, format!("less privilege, {what}"))),
        _ => None,
    };
    if keys.contains(&"hostPath") {
        return judged(to.is_some(), from.is_some(), "hostPath");
    }
    if keys.ends_with(&["capabilities", "add", "-"]) {
        return judged(to.is_some(), from.is_some(), "capabilities added");
    }
    if keys.ends_with(&["capabilities", "drop", "-"]) {
        return judged(from.is_some(), to.is_some(), "capabilities dropped");
    }
    if keys.contains(&"seccompProfile") || keys.contains(&"appArmorProfile") {
        let open = |side: Option<&Value>| {
            side.and_then(Value::as_str)
                .is_some_and(|t| t.eq_ignore_ascii_case("unconfined"))
        };
        return judged(open(to), true, "security profile");
    }
    match last {
        "privileged" | "hostNetwork" | "hostPID" | "hostIPC" => judged(is(to, true), is(from, true), last),
        // Without a word from the chart Kubernetes allows escalation.
        "allowPrivilegeEscalation" => judged(is(to, true) || is(from, false), is(to, false), last),
        "runAsNonRoot" | "readOnlyRootFilesystem" => judged(is(from, true), is(to, true), last),
        "hostUsers" => judged(is(from, false), is(to, false), last),
        "procMount" => judged(to.is_some_and(|v| v == "Unmasked"), from.is_some(), last),
        "runAsUser" | "runAsGroup" => {
            let root = |side: Option<&Value>| side.and_then(Value::as_f64) == Some(0.0);
            match (root(to), root(from)) {
                (true, _) => judged(true, false, &format!("{last} 0 is root")),
                (_, true) => judged(false, true, last),
                _ => Some((Severity::Behaviour, format!("another {last}"))),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn privilege_goes_up_or_down() {
        for (pointer, from, to, severity) in [
            ("/securityContext/privileged", json!(false), json!(true), Some(4)),
            ("/securityContext/privileged", json!(null), json!(true), Some(4)),
            ("/securityContext/privileged", json!(true), json!(null), Some(3)),
            ("/securityContext/privileged", json!(null), json!(false), None),
            ("/spec/hostNetwork", json!(false), json!(true), Some(4)),
            ("/hostNetwork/enabled", json!(false), json!(true), Some(4)),
            ("/x/enabled", json!(false), json!(true), None),
            ("/s/allowPrivilegeEscalation", json!(false), json!(null), Some(4)),
            ("/s/allowPrivilegeEscalation", json!(null), json!(false), Some(3)),
            ("/s/runAsNonRoot", json!(true), json!(false), Some(4)),
            ("/s/runAsNonRoot", json!(false), json!(true), Some(3)),
            ("/s/readOnlyRootFilesystem", json!(true), json!(null), Some(4)),
            ("/s/runAsUser", json!(1000), json!(0), Some(4)),
            ("/s/runAsUser", json!(0), json!(1000), Some(3)),
            ("/s/runAsUser", json!(1000), json!(1001), Some(3)),
            ("/s/capabilities/add/-", json!(null), json!("NET_ADMIN"), Some(4)),
            ("/s/capabilities/drop/-", json!("ALL"), json!(null), Some(4)),
            ("/volumes/x/hostPath/path", json!("/a"), json!("/"), Some(4)),
            (
                "/s/seccompProfile/type",
                json!("RuntimeDefault"),
                json!("Unconfined"),
                Some(4),
            ),
            ("/s/hostUsers", json!(false), json!(true), Some(4)),
            ("/replicas", json!(1), json!(0), None),
        ] {
            let side = |v: &'_ Value| !v.is_null();
            let leaf = Leaf {
                pointer: pointer.to_owned(),
                from: Some(&from).filter(|v| side(v)),
                to: Some(&to).filter(|v| side(v)),
            };
            assert_eq!(
                privilege(&leaf).map(|(s, _)| u8::from(s)),
                severity,
                "{pointer} {from} {to}"
            );
        }
    }
}
