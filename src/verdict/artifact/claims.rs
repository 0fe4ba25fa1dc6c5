//! What the annotations of a chart's manifest claim about it, against the Chart.yaml in its archive.
//!
//! Helm copies name and version into `org.opencontainers.image.title` and `…version` when it pushes; registries and people show
//! those. Where they contradict the archive, one of the two was made by hand.
//!
//! An annotation that changed into a contradiction is told with severity 3 in its own cause; one that contradicts on both sides is
//! a note.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::verdict::{Cause, Code, Note, Severity};

/// Annotations (image-spec, annotations.md) and the fields of Chart.yaml that they repeat.
const REPEATED: [(&str, &str); 2] = [
    ("org.opencontainers.image.title", "name"),
    ("org.opencontainers.image.version", "version"),
];

/// Raises the causes of annotations that contradict; answers notes for those that are no cause.
pub fn judge(causes: &mut [Cause], annotations: &BTreeMap<String, String>, chart_yaml: &Value) -> Vec<Note> {
    let mut notes = Vec::new();
    for (key, field) in REPEATED {
        let (Some(claim), Some(truth)) = (
            annotations.get(key),
            chart_yaml.get(field).and_then(Value::as_str),
        ) else {
            continue;
        };
        if claim == truth {
            continue;
        }
        let pointer = format!("/annotations/{key}");
        let cause = causes
            .iter_mut()
            .find(|c| c.code == Code::AnnotationValue && c.pointer == pointer);
        match cause {
            Some(cause) => {
                cause.severity = Severity::Behaviour;
                cause.note = format!("it contradicts Chart.yaml in the archive, whose {field} is {truth}");
            }
            None => notes.push(Note {
                topic: "claims".to_owned(),
                text: format!(
                    "The annotation {key} says {claim}, and Chart.yaml in the archive says {truth}, as on the other side."
                ),
                snippet: String::new(),
            }),
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::verdict::{Stage, Weight};

    #[test]
    fn a_claim_against_the_archive_is_raised_or_noted() {
        let version = "org.opencontainers.image.version";
        let cause = Cause::new(
            Code::AnnotationValue,
            Severity::Review,
            Stage::Manifest,
            Weight::Packaging,
        )
        .pointer(format!("/annotations/{version}"));
        let told = |claim: &str, causes: &mut [Cause]| {
            let annotations = [(version.to_owned(), claim.to_owned())].into();
            judge(causes, &annotations, &json!({"name": "kelp", "version": "1.0.0"})).len()
        };
        let mut causes = [cause];
        assert_eq!(told("1.0.0", &mut causes), 0);
        assert_eq!(causes[0].severity, Severity::Review);
        assert_eq!(told("9.9.9", &mut causes), 0);
        assert_eq!(causes[0].severity, Severity::Behaviour);
        assert_eq!(
            causes[0].note,
            "it contradicts Chart.yaml in the archive, whose version is 1.0.0"
        );
        assert_eq!((told("9.9.9", &mut []), told("1.0.0", &mut [])), (1, 0));
    }
}
