//! Rules about the manifest's own fields: media types, annotations, everything but layers and config.

use crate::compare::instant;
use crate::compare::manifest::{Difference, Field, compare, counterfactual};
use crate::oci::{Document, media_type};
use crate::verdict::{Cause, Code, Note, Severity, Stage, Weight};

const CREATED: &str = "org.opencontainers.image.created";

/// Judges the fields of two manifests or indexes. Descriptors of layers and children are judged by
/// content, elsewhere; here only their annotations count. `None` of it says anything about files.
pub fn judge(left: &Document, right: &Document, depth: usize) -> (Vec<Cause>, Vec<Note>) {
    let Some(difference) = compare(&left.raw, &right.raw, depth) else {
        let cause = Cause::new(
            Code::Unreadable,
            Severity::Review,
            Stage::Manifest,
            Weight::Unread,
        )
        .note("the manifests are nested too deeply to be compared field by field");
        return (vec![cause], Vec::new());
    };
    let mut causes = fields(&difference);
    if difference.formatting_only {
        causes.push(
            packaging(Code::ManifestFormatting, Severity::Noise)
                .change(
                    format!("{} bytes", left.raw.len()),
                    format!("{} bytes", right.raw.len()),
                )
                .note("white space or key order of the JSON text; the data is equal"),
        );
    }
    let mut notes = Vec::new();
    if let Some(proof) = counterfactual(left, right, depth) {
        notes.push(Note {
            topic: "proof".to_owned(),
            text: format!(
                "Putting the right side's {} into the left manifest's bytes and hashing gives {}: exactly the right digest. Nothing else in the manifest differs.",
                list(&proof.pointers),
                proof.digest
            ),
            snippet: String::new(),
        });
    }
    (causes, notes)
}

/// Names at most four pointers.
fn list(pointers: &[String]) -> String {
    let shown: Vec<&str> = pointers.iter().take(4).map(String::as_str).collect();
    let rest = pointers.len().saturating_sub(shown.len());
    let names = shown.join(", ");
    if rest > 0 {
        format!("{names} and {rest} more fields")
    } else {
        names
    }
}

fn packaging(code: Code, severity: Severity) -> Cause {
    Cause::new(code, severity, Stage::Manifest, Weight::Packaging)
}

fn fields(difference: &Difference) -> Vec<Cause> {
    difference.fields.iter().filter_map(field).collect()
}

fn field(field: &Field) -> Option<Cause> {
    let cause = |code, severity| {
        packaging(code, severity)
            .pointer(&field.pointer)
            .values(field.from.clone(), field.to.clone())
    };
    if let Some(key) = field.pointer.strip_prefix("/annotations/") {
        return Some(annotation(&key.replace("~1", "/").replace("~0", "~"), field));
    }
    let parts: Vec<&str> = field.pointer.split('/').skip(1).collect();
    match parts.as_slice() {
        // Digest, size and type of layers and config are judged by what they point to.
        [
            "layers",
            _,
            "digest" | "size" | "mediaType" | "annotations" | "urls",
            ..,
        ] => None,
        ["config", "digest" | "size" | "mediaType"] => None,
        ["manifests", _, "digest" | "size"] => None,
        // Children are paired by platform, and what their descriptors say is judged pair by pair.
        ["manifests", _, "mediaType" | "urls", ..] => None,
        [
            "manifests",
            _,
            "platform",
            "os" | "architecture" | "variant" | "os.version" | "os.features",
            ..,
        ] => None,
        ["manifests", _, "annotations", ..] => Some(cause(Code::AnnotationValue, Severity::Noise)),
        ["mediaType"] => Some(media_type_field(
            field,
            cause(Code::ManifestMediaType, Severity::Info),
        )),
        ["schemaVersion"] => Some(Cause {
            weight: Weight::Deployed,
            ..cause(Code::ManifestField, Severity::Behaviour).note("clients refuse versions they do not know")
        }),
        _ => Some(cause(Code::ManifestField, Severity::Review)),
    }
}

fn media_type_field(field: &Field, cause: Cause) -> Cause {
    match (&field.from, &field.to) {
        (Some(from), Some(to)) if media_type::same_to_clients(from, to) => {
            cause.note("Docker's and OCI's name of the same thing")
        }
        (None, Some(_)) | (Some(_), None) => cause.note("the field is optional"),
        _ => Cause {
            severity: Severity::Behaviour,
            weight: Weight::Deployed,
            ..cause.note("clients choose how to read it by its type")
        },
    }
}

fn annotation(key: &str, field: &Field) -> Cause {
    let cause = |code, severity| {
        packaging(code, severity)
            .pointer(&field.pointer)
            .values(field.from.clone(), field.to.clone())
    };
    match key {
        CREATED => created(field, cause(Code::AnnotationCreated, Severity::Noise)),
        "org.opencontainers.image.revision" | "org.opencontainers.image.source" => {
            cause(Code::AnnotationRevision, Severity::Info).note("built from another commit or repository")
        }
        "org.opencontainers.image.title" | "org.opencontainers.image.version" => {
            cause(Code::AnnotationValue, Severity::Review)
        }
        _ => cause(Code::AnnotationValue, Severity::Info),
    }
}

fn created(field: &Field, cause: Cause) -> Cause {
    let instant = |text: &Option<String>| text.as_deref().and_then(instant::parse);
    match (instant(&field.from), instant(&field.to)) {
        (Some(from), Some(to)) if from == to => Cause {
            code: Code::AnnotationCreatedZone,
            ..cause
        }
        .note("the same instant written in another time zone"),
        (None, _) if field.from.is_some() => cause.note("the left value is no RFC 3339 instant"),
        (_, None) if field.to.is_some() => cause.note("the right value is no RFC 3339 instant"),
        _ => cause.note("when it was pushed or packed; nothing reads it to run"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(from: &str, to: &str) -> Vec<(&'static str, u8, String)> {
        let difference = compare(from.as_bytes(), to.as_bytes(), 16).unwrap();
        fields(&difference)
            .into_iter()
            .map(|c| (c.code.word(), c.severity.into(), c.note))
            .collect()
    }

    fn with_annotation(key: &str, value: &str) -> String {
        format!(r#"{{"annotations":{{"{key}":"{value}"}},"layers":[{{"digest":"x"}}]}}"#)
    }

    #[test]
    fn creation_times() {
        let at = |value| with_annotation(CREATED, value);
        assert_eq!(
            codes(&at("2025-05-07T12:00:00Z"), &at("2025-05-07T14:00:00+02:00")),
            [(
                "annotation.created-zone",
                0,
                "the same instant written in another time zone".to_owned()
            )]
        );
        assert_eq!(
            codes(&at("2025-05-07T12:00:00Z"), &at("2025-05-08T12:00:00Z"))[0].0,
            "annotation.created"
        );
        assert_eq!(
            codes(&at("x"), &at("2025-05-08T12:00:00Z"))[0].2,
            "the left value is no RFC 3339 instant"
        );
    }

    #[test]
    fn other_fields() {
        let revision = |value| with_annotation("org.opencontainers.image.revision", value);
        assert_eq!(codes(&revision("a"), &revision("b"))[0].0, "annotation.revision");
        assert_eq!(
            codes(
                r#"{"mediaType":"application/vnd.docker.distribution.manifest.v2+json","x":1}"#,
                r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","x":2}"#
            ),
            [
                (
                    "manifest.media-type",
                    1,
                    "Docker's and OCI's name of the same thing".to_owned()
                ),
                ("manifest.field", 2, String::new())
            ]
        );
        assert!(codes(r#"{"layers":[{"digest":"a"}]}"#, r#"{"layers":[{"digest":"b"}]}"#).is_empty());
    }
}
