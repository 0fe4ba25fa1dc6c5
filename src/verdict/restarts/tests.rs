use super::super::chart::testing::tree;
use super::*;

const CHART: &[(&str, &str)] = &[
    ("Chart.yaml", "name: kelp\nversion: 1.0.0\nappVersion: v1\n"),
    ("values.yaml", "replicas: 1\nimage: {tag: a}\n"),
    (
        "templates/_h.tpl",
        "{{ define \"labels\" }}\nhelm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}\n{{ end }}\n{{ define \"outer\" }}{{ include \"labels\" . }}{{ end }}\n",
    ),
    ("templates/cm.yaml", "kind: ConfigMap\ndata:\n  a: b\n"),
    (
        "templates/d.yaml",
        "kind: Deployment\nmetadata:\n  labels:\n    {{- include \"labels\" . | nindent 4 }}\nspec:\n  replicas: {{ .Values.replicas }}\n  template:\n    metadata:\n      annotations:\n        c: {{ include (print $.Template.BasePath \"/cm.yaml\") . | sha256sum }}\n    spec:\n      containers:\n        - image: x:{{ .Values.image.tag | default .Chart.AppVersion }}\n",
    ),
];

fn edited(path: &str, old: &str, new: &str) -> Tree {
    edited_from(CHART, path, old, new)
}

fn edited_from(files: &[(&str, &str)], path: &str, old: &str, new: &str) -> Tree {
    let files = files.iter().map(|(p, t)| {
        let text = if *p == path {
            assert!(t.contains(old), "{path} {old}");
            t.replacen(old, new, 1)
        } else {
            (*t).to_owned()
        };
        (*p, text)
    });
    let files = files.collect::<Vec<_>>();
    tree(&files.iter().map(|(p, t)| (*p, t.as_str())).collect::<Vec<_>>())
}

fn judged(left: &Tree, right: &Tree, content: Content) -> Restarts {
    let limits = Limits::default();
    judge([left, right], &Survey::of(right, &limits), content, &limits)
}

#[test]
fn the_version_outside_of_pod_templates_rolls_nothing() {
    let restarts = judged(&tree(CHART), &tree(CHART), Content::Equal);
    assert_eq!(restarts.answer, Answer::No);
    assert_eq!(
        restarts.because,
        [
            "No pod template (templates/d.yaml:7) uses the chart's version, and nothing that can be deployed differs."
        ]
    );
}

#[test]
fn the_version_in_a_pod_template_rolls_under_flux() {
    let right = edited(
        "templates/d.yaml",
        "      annotations:",
        "      labels:\n        {{- include \"outer\" . | nindent 8 }}\n      annotations:",
    );
    let restarts = judged(&right, &right, Content::Equal);
    assert_eq!(restarts.answer, Answer::Depends);
    assert_eq!(
        restarts.because,
        [
            "templates/d.yaml:10, through \"outer\" (templates/_h.tpl:2), puts the chart's version into a pod template.",
            FLUX,
            OTHERS_EQUAL
        ]
    );
}

#[test]
fn a_hash_over_a_file_with_the_version_rolls_under_flux() {
    let right = edited(
        "templates/cm.yaml",
        "data:",
        "metadata:\n  labels:\n    {{- include \"labels\" . | nindent 4 }}\ndata:",
    );
    let restarts = judged(&right, &right, Content::Equal);
    assert_eq!(restarts.answer, Answer::Depends);
    assert_eq!(
        restarts.because[0],
        "templates/d.yaml:10, which includes templates/cm.yaml (templates/_h.tpl:2), puts the chart's version into a pod template."
    );
}

#[test]
fn random_values_roll_at_each_upgrade() {
    let right = edited(
        "templates/d.yaml",
        "annotations:",
        "annotations:\n        r: {{ randAlphaNum 5 | quote }}",
    );
    let restarts = judged(&right, &right, Content::Equal);
    assert_eq!(restarts.answer, Answer::Depends);
    assert_eq!(
        restarts.because[0],
        "templates/d.yaml:10 uses randAlphaNum in a pod template: another value at each upgrade, so each upgrade rolls these pods."
    );
}

#[test]
fn changes_that_reach_a_pod_template() {
    for (path, old, new, because) in [
        (
            "Chart.yaml",
            "v1",
            "v2",
            "templates/d.yaml:13 uses .Chart.AppVersion in a pod template, and it differs.",
        ),
        (
            "values.yaml",
            "tag: a",
            "tag: b",
            "templates/d.yaml:13 reads .Values.image.tag in a pod template, and its default differs.",
        ),
        (
            "templates/cm.yaml",
            "a: b",
            "a: c",
            "templates/d.yaml:10 includes templates/cm.yaml in a pod template, and that file differs.",
        ),
        (
            "templates/d.yaml",
            "image: x",
            "image: y",
            "templates/d.yaml:7: the pod template of this Deployment itself differs.",
        ),
    ] {
        let restarts = judged(&tree(CHART), &edited(path, old, new), Content::Changed);
        assert_eq!(restarts.answer, Answer::Yes, "{path}");
        assert_eq!(restarts.because, [because, OTHERS_CHANGED], "{path}");
    }
}

#[test]
fn changes_elsewhere_depend() {
    let restarts = judged(
        &tree(CHART),
        &edited("values.yaml", "replicas: 1", "replicas: 2"),
        Content::Changed,
    );
    assert_eq!(restarts.answer, Answer::Depends);
    assert_eq!(
        judged(&tree(CHART), &tree(CHART), Content::Unknown).answer,
        Answer::Depends
    );
}

#[test]
fn flux_changes_the_root_charts_version_only() {
    let sub = CHART
        .iter()
        .map(|(p, t)| {
            (
                format!("charts/s/{p}"),
                t.replace("- image", "- name: {{ .Chart.Version }}\n          image"),
            )
        })
        .collect::<Vec<_>>();
    let mut files = sub
        .iter()
        .map(|(p, t)| (p.as_str(), t.as_str()))
        .collect::<Vec<_>>();
    files.push(("Chart.yaml", "name: a\n"));
    let both = tree(&files);
    assert_eq!(judged(&both, &both, Content::Equal).answer, Answer::No);
}

#[test]
fn a_broken_template_leaves_it_open() {
    let both = edited("templates/cm.yaml", "a: b", "a: {{ b");
    let restarts = judged(&both, &both, Content::Equal);
    assert_eq!(restarts.answer, Answer::Depends);
    assert_eq!(
        restarts.because[0],
        "templates/cm.yaml could not be looked at: an action or a comment has no end."
    );
}
