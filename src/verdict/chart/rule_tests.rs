//! Each rule by example: one edit in one file, and what is said of it.

use super::testing::tree;
use super::*;

const CHART: &[(&str, &str)] = &[
    (
        "Chart.yaml",
        "apiVersion: v2 # api\nname: kelp\nversion: 1.0.0\nappVersion: \"1\"\ndescription: Grows\nhome: https://a.example.com\nkubeVersion: \">=1.20\"\ntype: application\nannotations:\n  a: b\nmaintainers:\n  - name: me\ndependencies:\n  - name: s\n    version: 1.0.0\n    repository: \"\"\n",
    ),
    (
        "Chart.lock",
        "dependencies:\n- name: s\n  version: 1.0.0\ndigest: sha256:a\ngenerated: \"2026-01-01T00:00:00Z\"\n",
    ),
    (
        "values.yaml",
        "# how many\nreplicas: 1\nimage: {registry: r.example.com, repository: a/b, tag: \"1\"}\nsidecarImage: c:1\nsecurityContext:\n  runAsNonRoot: true\n  capabilities: {drop: [ALL]}\nargs: [a, b]\nscript: |\n  # run\n  go\non: yes\n",
    ),
    (
        "values.schema.json",
        "{\"type\": \"object\", \"required\": [\"a\"]}\n",
    ),
    (
        "crds/a.yaml",
        "# crd\nkind: CustomResourceDefinition\nmetadata: {name: x}\nspec: {versions: [{name: v1, served: true}]}\n",
    ),
    (
        "templates/_h.tpl",
        "{{/* labels */}}\n{{ define \"h\" }}\n# yaml comment\na: b\n{{ end }}\n",
    ),
    (
        "templates/NOTES.txt",
        "Thanks for {{ .Release.Name }}.\n{{ if .Values.x }}x{{ end }}\n",
    ),
    ("templates/hashed.yaml", "kind: ConfigMap\n# c\na: b\n"),
    (
        "templates/d.yaml",
        "{{/* made by us */}}\nkind: ConfigMap\nmetadata:\n  # the name\n  name: {{ .Release.Name }}-x\ndata:\n  sum: {{ include (print $.Template.BasePath \"/hashed.yaml\") . | sha256sum }}\n  a: |\n    # content\n    b\n",
    ),
    (
        "templates/tests/t.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}-t\n  annotations:\n    helm.sh/hook: test\nspec: {a: 1}\n",
    ),
];

use Weight::{Cosmetic, Deployed, Unread};

type Told = Vec<(&'static str, u8, Weight)>;

fn judged(path: &str, old: &str, new: &str, with: &[(&str, &str)]) -> Vec<Cause> {
    let left = [CHART, with].concat();
    let right = left.iter().map(|(p, t)| {
        let hit = *p == path;
        assert!(!hit || t.contains(old), "{path} {old}");
        (
            *p,
            if hit {
                t.replacen(old, new, 1)
            } else {
                (*t).to_owned()
            },
        )
    });
    let right = right.collect::<Vec<_>>();
    let right = tree(&right.iter().map(|(p, t)| (*p, t.as_str())).collect::<Vec<_>>());
    let judged = judge(&tree(&left), &right, &Limits::default());
    assert!(
        judged.causes.iter().all(|c| c.path == path),
        "{:?}",
        judged.causes
    );
    judged.causes
}

#[test]
fn a_cause_names_its_file_as_the_file_list_does() {
    let mut files = CHART.to_vec();
    files.push(("templates/a\u{200b}.yaml", "a: b\n"));
    let judged = judge(&tree(CHART), &tree(&files), &Limits::default());
    let paths: Vec<&str> = judged.causes.iter().map(|c| c.path.as_str()).collect();
    assert_eq!(paths, ["templates/a\\u{200b}.yaml"]);
}

fn told(path: &str, old: &str, new: &str) -> Told {
    judged(path, old, new, &[])
        .iter()
        .map(|c| (c.code.word(), c.severity.into(), c.weight))
        .collect()
}

#[test]
fn chart_yaml_by_field() {
    let table: &[(&str, &str, Told)] = &[
        (
            "version: 1.0.0\napp",
            "version: 1.0.1\napp",
            vec![("chart.version", 3, Deployed)],
        ),
        ("\"1\"", "\"2\"", vec![("chart.app-version", 3, Deployed)]),
        (
            "version: 1.0.0\n    repo",
            "version: 1.1.0\n    repo",
            vec![("chart.dependency", 3, Deployed)],
        ),
        (
            "repository: \"\"",
            "repository: \"\"\n    condition: s.on",
            vec![("chart.dependency", 3, Deployed)],
        ),
        (">=1.20", ">=1.21", vec![("chart.metadata", 3, Deployed)]),
        ("application", "library", vec![("chart.metadata", 3, Deployed)]),
        ("type:", "engine: x\ntype:", vec![("chart.metadata", 3, Deployed)]),
        ("Grows", "Grows well", vec![("chart.metadata", 1, Cosmetic)]),
        ("a: b", "a: c", vec![("chart.metadata", 1, Cosmetic)]),
        (
            "name: me",
            "name: me\n    email: a@b",
            vec![("chart.metadata", 1, Cosmetic)],
        ),
        // Helm cannot load a chart whose description is a list.
        ("Grows", "[Grows]", vec![("chart.metadata", 3, Deployed)]),
        ("a: b", "a: 1", vec![("chart.metadata", 3, Deployed)]),
        (" # api", " # API", vec![("yaml.comments", 1, Cosmetic)]),
        (
            "name: kelp",
            "name: \"kelp\"",
            vec![("yaml.formatting", 1, Cosmetic)],
        ),
    ];
    for (old, new, expected) in table {
        assert_eq!(&told("Chart.yaml", old, new), expected, "{old} → {new}");
    }
}

#[test]
fn a_field_that_a_template_reads_counts() {
    let reading = [("templates/r.yaml", "kind: A\nd: {{ .Chart.Description }}\n")];
    let causes = judged("Chart.yaml", "Grows", "Grew", &reading);
    assert_eq!(
        (causes[0].code, causes[0].weight),
        (Code::ChartMetadata, Deployed)
    );
    assert_eq!(
        causes[0].note,
        "It counts: templates/r.yaml:2 may read .Chart.Description."
    );
    assert_eq!(
        judged("Chart.yaml", "https://a", "https://b", &reading)[0].weight,
        Cosmetic
    );
    let broken = [("templates/r.yaml", "{{ if")];
    assert_eq!(
        judged("Chart.yaml", "https://a", "https://b", &broken)[0].weight,
        Unread
    );
}

#[test]
fn the_lock_by_field() {
    for (old, new, expected) in [
        (
            "2026-01-01T",
            "2026-01-02T",
            ("chart.lock-generated", 0, Cosmetic),
        ),
        ("2026-01-01T", "yesterday ", ("chart.dependency", 3, Deployed)),
        ("sha256:a", "sha256:b", ("chart.dependency", 1, Cosmetic)),
        (
            "version: 1.0.0",
            "version: 1.0.1",
            ("chart.dependency", 3, Deployed),
        ),
    ] {
        assert_eq!(told("Chart.lock", old, new), [expected], "{old} → {new}");
    }
}

#[test]
fn values_as_helm_reads_them() {
    let value = ("values.value", 3, Deployed);
    let table: &[(&str, &str, Told)] = &[
        ("# how many", "# number", vec![("yaml.comments", 1, Cosmetic)]),
        ("[a, b]", "[\"a\",   b]", vec![("yaml.formatting", 1, Cosmetic)]),
        ("on: yes", "on: true", vec![("yaml.formatting", 1, Cosmetic)]),
        ("on: yes", "on: \"yes\"", vec![value]),
        ("replicas: 1", "replicas: 2", vec![value]),
        ("replicas: 1", "replicas: \"1\"", vec![value]),
        ("  # run", "  # walk", vec![value]),
        ("[a, b]", "[b, a]", vec![value]),
        (
            "tag: \"1\"",
            "tag: \"2\"",
            vec![value, ("image.reference", 3, Deployed)],
        ),
        ("c:1", "c:2", vec![value, ("image.reference", 3, Deployed)]),
        (
            "runAsNonRoot: true",
            "runAsNonRoot: false",
            vec![value, ("workload.privilege", 4, Deployed)],
        ),
        (
            "drop: [ALL]",
            "drop: []",
            vec![value, ("workload.privilege", 4, Deployed)],
        ),
        ("\n", "\r\n", vec![("file.line-endings", 1, Cosmetic)]),
        ("replicas: 1", "replicas: [", vec![("unreadable", 2, Unread)]),
    ];
    for (old, new, expected) in table {
        assert_eq!(&told("values.yaml", old, new), expected, "{old} → {new}");
    }
    let causes = judged("values.yaml", "tag: \"1\"", "tag: \"2\"", &[]);
    assert_eq!(causes[0].pointer, "/image/tag");
    assert_eq!(causes[1].pointer, "/image");
    assert_eq!(causes[1].from.as_deref(), Some("r.example.com/a/b:1"));
    assert_eq!(causes[1].to.as_deref(), Some("r.example.com/a/b:2"));
}

#[test]
fn schema_and_crd_files() {
    assert_eq!(
        told("values.schema.json", ": ", ":"),
        [("json.formatting", 1, Cosmetic)]
    );
    assert_eq!(
        told("values.schema.json", "[\"a\"]", "[]"),
        [("schema.value", 2, Deployed)]
    );
    assert_eq!(
        told("crds/a.yaml", "# crd", "# CRD"),
        [("yaml.comments", 1, Cosmetic)]
    );
    assert_eq!(
        told("crds/a.yaml", "served: true", "served: false"),
        [("yaml.value", 3, Deployed), ("crd.version-unserved", 4, Deployed)]
    );
    let reading = [(
        "templates/r.yaml",
        "{{ range $p, $b := .Files.Glob \"crds/*\" }}{{ $b }}{{ end }}\n",
    )];
    let causes = judged("crds/a.yaml", "# crd", "# CRD", &reading);
    assert_eq!((causes[0].code, causes[0].weight), (Code::YamlComments, Deployed));
    assert_eq!(
        causes[0].note,
        "The data is equal, but templates/r.yaml:1 may read the file as it stands."
    );
}

#[test]
fn templates_by_what_they_render() {
    let table: &[(&str, &str, &str, Told)] = &[
        (
            "templates/d.yaml",
            "made by us",
            "made by them",
            vec![("template.comments", 1, Cosmetic)],
        ),
        (
            "templates/d.yaml",
            "# the name",
            "# its name",
            vec![("template.comments", 1, Cosmetic)],
        ),
        (
            "templates/d.yaml",
            "# content",
            "# text",
            vec![("template.text", 3, Deployed)],
        ),
        (
            "templates/d.yaml",
            "-x",
            "-y",
            vec![("template.text", 3, Deployed)],
        ),
        (
            "templates/d.yaml",
            "\n",
            "\r\n",
            vec![("file.line-endings", 2, Deployed)],
        ),
        (
            "templates/hashed.yaml",
            "# c",
            "# d",
            vec![("template.comments", 2, Deployed)],
        ),
        (
            "templates/hashed.yaml",
            "a: b",
            "a: c",
            vec![("template.text", 3, Deployed)],
        ),
        (
            "templates/_h.tpl",
            "{{/* labels */}}",
            "{{/* all labels */}}",
            vec![("template.comments", 1, Cosmetic)],
        ),
        (
            "templates/_h.tpl",
            "# yaml comment",
            "# comment",
            vec![("template.text", 3, Deployed)],
        ),
        (
            "templates/NOTES.txt",
            "Thanks",
            "Thank you",
            vec![("file.docs", 1, Cosmetic)],
        ),
        (
            "templates/NOTES.txt",
            "{{ .Release.Name }}",
            "{{ $.Release.Namespace }}",
            vec![("file.docs", 1, Cosmetic)],
        ),
        (
            "templates/NOTES.txt",
            "{{ if .Values.x }}",
            "{{ if .Values.y }}",
            vec![("template.text", 3, Deployed)],
        ),
        (
            "templates/NOTES.txt",
            "Thanks",
            "{{ fail \"no\" }}",
            vec![("template.text", 3, Deployed)],
        ),
        (
            "templates/tests/t.yaml",
            "a: 1",
            "a: 2",
            vec![("file.tests", 1, Cosmetic)],
        ),
        (
            "templates/tests/t.yaml",
            "a: 1",
            "a: [",
            vec![("template.text", 3, Deployed)],
        ),
        (
            "templates/tests/t.yaml",
            "a: 1",
            "a: {{ .Values.x }}",
            vec![("template.text", 3, Deployed)],
        ),
        (
            "templates/tests/t.yaml",
            "a: 1",
            "a: {{ .Release.Name }}",
            vec![("file.tests", 1, Cosmetic)],
        ),
        (
            "templates/tests/t.yaml",
            "spec:",
            "spec:{{- /* x */ -}}",
            vec![("template.text", 3, Deployed)],
        ),
        (
            "templates/tests/t.yaml",
            "apiVersion: v1",
            "x: 1",
            vec![("template.text", 3, Deployed)],
        ),
        (
            "templates/tests/t.yaml",
            "hook: test",
            "hook: pre-install",
            vec![("template.text", 3, Deployed), ("hook.changed", 3, Deployed)],
        ),
    ];
    for (path, old, new, expected) in table {
        assert_eq!(&told(path, old, new), expected, "{path}: {old} → {new}");
    }
}

#[test]
fn places_and_counts_of_a_template() {
    let causes = judged("templates/d.yaml", "    # content\n    b\n", "    c\n", &[]);
    assert_eq!((causes[0].pointer.as_str(), causes[0].count), ("R9", 2));
    assert_eq!(causes[0].note, "Lines: 1 came, 2 went.");
    let causes = judged("templates/d.yaml", "    # content\n", "", &[]);
    assert_eq!(causes[0].pointer, "L9");
}
