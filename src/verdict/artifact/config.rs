//! Rules about configs: what an image runs apart from history and stamps; a chart's config held against
//! the Chart.yaml in its archive.

use serde_json::{Map, Value};

use crate::compare::manifest::{Field, compare};
use crate::oci::spans::{ambiguous_key, spans};
use crate::verdict::{Cause, Code, Severity, Stage, Weight};

/// Judges two image configs (image-spec, config.md). `depth` bounds their nesting.
pub fn image(left: &[u8], right: &[u8], depth: usize) -> Vec<Cause> {
    let Some(difference) = compare(left, right, depth) else {
        return vec![unreadable("a config is no JSON, or nested too deeply")];
    };
    for side in [left, right] {
        if let Some(key) = spans(side, depth).as_deref().and_then(ambiguous_key) {
            return vec![unreadable(&format!(
                "a config has the key {key} twice, letter case aside: runtimes disagree on what it says"
            ))];
        }
    }
    if difference.formatting_only {
        return vec![formatting(left, right)];
    }
    let (Ok(from), Ok(to)) = (
        serde_json::from_slice::<Value>(left),
        serde_json::from_slice::<Value>(right),
    ) else {
        return vec![unreadable("a config is no JSON")];
    };
    let mut causes: Vec<Cause> = Vec::new();
    let mut history: Option<Cause> = None;
    for field in &difference.fields {
        let parts: Vec<&str> = field.pointer.split('/').skip(1).collect();
        let values = (from.pointer(&field.pointer), to.pointer(&field.pointer));
        match parts.as_slice() {
            ["history", ..] => add_history(&mut history, field),
            _ if mean_the_same(&parts, values) => {}
            _ => causes.extend(image_field(&parts, field)),
        }
    }
    causes.extend(history);
    if causes.is_empty() && !difference.fields.is_empty() {
        causes.push(formatting(left, right));
    }
    causes
}

fn unreadable(note: &str) -> Cause {
    Cause::new(Code::Unreadable, Severity::Review, Stage::Config, Weight::Unread).note(note)
}

fn formatting(left: &[u8], right: &[u8]) -> Cause {
    Cause::new(
        Code::ConfigFormatting,
        Severity::Noise,
        Stage::Config,
        Weight::Packaging,
    )
    .change(format!("{} bytes", left.len()), format!("{} bytes", right.len()))
    .note("white space, key order or empty fields of the JSON text; the data is equal")
}

fn add_history(history: &mut Option<Cause>, field: &Field) {
    let command = field.pointer.ends_with("/created_by");
    let cause = history.get_or_insert_with(|| {
        Cause::new(
            Code::ConfigHistory,
            Severity::Noise,
            Stage::Config,
            Weight::Packaging,
        )
        .pointer(&field.pointer)
        .values(field.from.clone(), field.to.clone())
        .count(0)
        .note("how the image was built; nothing reads it to run")
    });
    cause.count += 1;
    if command && cause.severity < Severity::Info {
        cause.severity = Severity::Info;
        cause.pointer = field.pointer.clone();
        cause.from = field.from.clone();
        cause.to = field.to.clone();
    }
}

/// Go writes an empty field as null, as an empty value of its own type, or not at all; all mean the same to
/// a runtime. That holds for the fields themselves, not for items of lists and maps: an exposed port's
/// value *is* `{}`. And not for an empty value of another type, which cannot be read at all.
fn mean_the_same(parts: &[&str], values: (Option<&Value>, Option<&Value>)) -> bool {
    let empty = |value: Option<&Value>| match (parts, value) {
        ([_] | ["config", _], None | Some(Value::Null)) => true,
        (
            ["config", "Env" | "Cmd" | "Entrypoint" | "OnBuild" | "Shell"] | ["history" | "os.features"],
            Some(Value::Array(items)),
        ) => items.is_empty(),
        (
            ["config"] | ["config", "ExposedPorts" | "Volumes" | "Labels" | "Healthcheck"],
            Some(Value::Object(members)),
        ) => members.is_empty(),
        (
            [
                "config",
                "User" | "WorkingDir" | "StopSignal" | "Hostname" | "Domainname" | "Image" | "MacAddress",
            ]
            | ["variant" | "os.version" | "author" | "comment" | "created"],
            Some(Value::String(text)),
        ) => text.is_empty(),
        (["config", ..], Some(Value::Bool(on))) => {
            let known = [
                "AttachStdin",
                "AttachStdout",
                "AttachStderr",
                "Tty",
                "OpenStdin",
                "StdinOnce",
                "ArgsEscaped",
                "NetworkDisabled",
            ];
            !on && parts.last().is_some_and(|field| known.contains(field))
        }
        _ => false,
    };
    // Members are told one by one.
    let told_by_members = match values {
        (Some(Value::Object(l)), Some(Value::Object(r))) => !l.is_empty() || !r.is_empty(),
        (Some(Value::Array(l)), Some(Value::Array(r))) => !l.is_empty() || !r.is_empty(),
        (Some(Value::Object(all)), None | Some(Value::Null))
        | (None | Some(Value::Null), Some(Value::Object(all))) => !all.is_empty(),
        (Some(Value::Array(all)), None | Some(Value::Null))
        | (None | Some(Value::Null), Some(Value::Array(all))) => !all.is_empty(),
        _ => false,
    };
    told_by_members || (empty(values.0) && empty(values.1))
}

fn image_field(parts: &[&str], field: &Field) -> Option<Cause> {
    let cause = |code, severity, weight| {
        Cause::new(code, severity, Stage::Config, weight)
            .pointer(&field.pointer)
            .values(field.from.clone(), field.to.clone())
    };
    let value = |severity, weight| cause(Code::ConfigValue, severity, weight);
    Some(match parts {
        ["created"] => cause(Code::ConfigCreated, Severity::Noise, Weight::Packaging)
            .note("when it was built; nothing reads it to run"),
        // Held against the layers themselves (`diff_ids`).
        ["rootfs", "diff_ids", ..] => return None,
        ["author" | "comment" | "docker_version" | "container" | "id" | "parent" | "throwaway" | "Size"]
        | ["container_config", ..] => {
            value(Severity::Noise, Weight::Packaging).note("a builder's note; nothing reads it to run")
        }
        ["moby.buildkit.buildinfo.v1" | "moby.buildkit.cache.v0", ..] => {
            value(Severity::Noise, Weight::Packaging).note("BuildKit's own record; nothing reads it to run")
        }
        // The id of the build container that docker leaves behind.
        ["config", "Image" | "Hostname"] => {
            value(Severity::Noise, Weight::Packaging).note("left by the builder")
        }
        ["config", "Labels", label] => label_cause(label, value),
        ["config", "User"] => user(field, value),
        ["config", ..] => value(Severity::Behaviour, Weight::Deployed).note("how the image runs"),
        [
            "architecture" | "os" | "variant" | "os.version" | "os.features",
            ..,
        ] => value(Severity::Behaviour, Weight::Deployed).note("what the image runs on"),
        _ => value(Severity::Review, Weight::Deployed).note("an unknown field: not proven to be harmless"),
    })
}

fn label_cause(label: &str, value: impl Fn(Severity, Weight) -> Cause) -> Cause {
    let label = label.replace("~1", "/").replace("~0", "~");
    if label.starts_with("org.opencontainers.image.") || label.starts_with("org.label-schema.") {
        value(Severity::Info, Weight::Cosmetic).note("a label that describes the image; nothing runs by it")
    } else {
        value(Severity::Review, Weight::Deployed).note("a label: rarely read, but tools can act on it")
    }
}

fn user(field: &Field, value: impl Fn(Severity, Weight) -> Cause) -> Cause {
    let root = |user: &Option<String>| {
        let name = user
            .as_deref()
            .unwrap_or_default()
            .split(':')
            .next()
            .unwrap_or_default();
        matches!(name, "" | "0" | "root") || (!name.is_empty() && name.bytes().all(|b| b == b'0'))
    };
    if root(&field.to) && !root(&field.from) {
        value(Severity::Breaking, Weight::Deployed).note("the image now runs as root")
    } else {
        value(Severity::Behaviour, Weight::Deployed).note("the image runs as another user")
    }
}

/// Judges two configs of artifacts that nothing runs by: charts, Flux artifacts, anything else. A chart's
/// config repeats its Chart.yaml, which is judged itself; `chart` has the data of both sides' Chart.yaml.
pub fn other(left: &[u8], right: &[u8], chart: Option<(&Value, &Value)>, depth: usize) -> Vec<Cause> {
    if left == right {
        return Vec::new();
    }
    let Some(difference) = compare(left, right, depth) else {
        // Not JSON: an opaque document.
        return vec![
            Cause::new(
                Code::ConfigValue,
                Severity::Review,
                Stage::Config,
                Weight::Deployed,
            )
            .note("the configs differ, and are no JSON that could be compared"),
        ];
    };
    for side in [left, right] {
        if let Some(key) = spans(side, depth).as_deref().and_then(ambiguous_key) {
            return vec![unreadable(&format!(
                "a config has the key {key} twice, letter case aside: clients disagree on what it says"
            ))];
        }
    }
    if difference.formatting_only {
        return vec![formatting(left, right)];
    }
    let data = |side: &[u8]| serde_json::from_slice::<Value>(side).unwrap_or_default();
    let (from, to) = (data(left), data(right));
    difference
        .fields
        .iter()
        .map(|field| {
            let cause = |severity, weight| {
                Cause::new(Code::ConfigValue, severity, Stage::Config, weight)
                    .pointer(&field.pointer)
                    .values(field.from.clone(), field.to.clone())
            };
            let key = field.pointer.split('/').nth(1).unwrap_or_default();
            match chart {
                Some((l, r)) if repeats(&from, l, key) && repeats(&to, r, key) => {
                    cause(Severity::Info, Weight::Packaging).note("repeats Chart.yaml, which changed too")
                }
                Some(_) => cause(Severity::Behaviour, Weight::Deployed).note(
                    "the config changed and does not repeat the Chart.yaml in the archive, as it should",
                ),
                None if field.pointer == "/created" => Cause {
                    code: Code::ConfigCreated,
                    ..cause(Severity::Noise, Weight::Packaging)
                },
                None => cause(Severity::Review, Weight::Deployed),
            }
        })
        .collect()
}

/// Whether a chart's config says of this field what its Chart.yaml says. Helm leaves empty fields out, and
/// writes numbers as the texts that its fields are.
fn repeats(config: &Value, chart_yaml: &Value, key: &str) -> bool {
    let shown = |value: &Value| match value.get(key) {
        None | Some(Value::Null | Value::Bool(false)) => None,
        Some(Value::String(text)) if text.is_empty() => None,
        Some(Value::Array(items)) if items.is_empty() => None,
        Some(Value::Object(members)) if members.is_empty() => None,
        Some(Value::Number(number)) => Some(Value::String(number.to_string())),
        Some(value) => Some(value.clone()),
    };
    shown(config) == shown(chart_yaml)
}

/// Which fields of a chart's config contradict the Chart.yaml of its archive: (field, config, archive).
/// Only texts are held against each other; anything else is Helm's business.
pub fn contradictions(config: &[u8], chart_yaml: &Map<String, Value>) -> Vec<(String, String, String)> {
    let Ok(Value::Object(config)) = serde_json::from_slice::<Value>(config) else {
        return Vec::new();
    };
    [
        "name",
        "version",
        "appVersion",
        "type",
        "kubeVersion",
        "description",
    ]
    .into_iter()
    .filter_map(|field| {
        let (ours, theirs) = (config.get(field)?.as_str()?, chart_yaml.get(field)?.as_str()?);
        (ours != theirs).then(|| (field.to_owned(), ours.to_owned(), theirs.to_owned()))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(from: &str, to: &str) -> Vec<(String, u8, &'static str, Weight)> {
        let (from, to) = (format!("{{{from}}}"), format!("{{{to}}}"));
        image(from.as_bytes(), to.as_bytes(), 16)
            .into_iter()
            .map(|c| (c.pointer, c.severity.into(), c.code.word(), c.weight))
            .collect()
    }

    #[test]
    fn who_runs_it() {
        let user = |u: &str| format!(r#""config":{{"User":"{u}"}}"#);
        let severity = |from: &str, to: &str| found(from, to)[0].1;
        assert_eq!(severity(&user("1000"), &user("0:0")), 4);
        assert_eq!(severity(&user("nobody"), r#""config":{}"#), 4);
        assert_eq!(severity(&user("0"), &user("1000")), 3);
        assert!(found(&user(""), r#""config":{}"#)[0].2 == "config.formatting");
    }

    #[test]
    fn stamps_are_noise_and_commands_are_not() {
        assert_eq!(
            found(
                r#""created":"a","history":[{"created":"a","created_by":"x"}],"config":{"Cmd":["a"]}"#,
                r#""created":"b","history":[{"created":"b","created_by":"y"}],"config":{"Cmd":["b"]}"#
            ),
            [
                ("/config/Cmd/0".to_owned(), 3, "config.value", Weight::Deployed),
                ("/created".to_owned(), 0, "config.created", Weight::Packaging),
                (
                    "/history/0/created_by".to_owned(),
                    1,
                    "config.history",
                    Weight::Packaging
                ),
            ]
        );
    }

    #[test]
    fn an_empty_value_in_a_map_is_a_value() {
        let ports = r#""config":{"ExposedPorts":{"80/tcp":{}}}"#;
        assert_eq!(
            found(r#""config":{"ExposedPorts":{}}"#, ports)
                .last()
                .map(|f| f.1),
            Some(3)
        );
        assert_eq!(
            found(r#""config":{"Cmd":null}"#, r#""config":{"Cmd":[""]}"#)
                .last()
                .map(|f| f.1),
            Some(3)
        );
    }

    #[test]
    fn an_empty_field_is_empty_in_its_own_type_only() {
        let same = |from: &str, to: &str| {
            found(
                &format!(r#""config":{{{from}}}"#),
                &format!(r#""config":{{{to}}}"#),
            )
            .iter()
            .all(|f| f.3 == Weight::Packaging)
        };
        assert!(same(r#""Cmd":null,"Labels":{}"#, r#""Cmd":[],"Tty":false"#));
        assert!(same(r#""User":"","Healthcheck":null"#, ""));
        for (from, to) in [
            (r#""User":"null""#, ""),
            (r#""User":"false""#, r#""User":"""#),
            (r#""Cmd":"""#, ""),
            (r#""ExposedPorts":[]"#, r#""ExposedPorts":{}"#),
            (r#""StopTimeout":0"#, ""),
            (r#""Cmd":["x"]"#, r#""Cmd":{"0":"x"}"#),
        ] {
            assert!(!same(from, to), "{from} against {to}");
        }
    }

    #[test]
    fn a_config_that_runtimes_read_in_two_ways_is_not_read() {
        let config = r#""config":{"User":"1000","user":"0"}"#;
        assert_eq!(
            found(config, &format!(r#"{config},"created":"x""#))[0].3,
            Weight::Unread
        );
        let labels = r#""config":{"Labels":{"a":"1","A":"2"}}"#;
        assert_eq!(
            found(labels, &format!(r#"{labels},"created":"x""#))[0].3,
            Weight::Packaging
        );
    }

    #[test]
    fn what_is_unknown_is_not_called_harmless() {
        assert_eq!(
            found(r#""Config":{"User":"0"}"#, r#""Config":{"User":"1"}"#)[0].3,
            Weight::Deployed
        );
    }
}
