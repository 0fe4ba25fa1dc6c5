//! Every file that differs has a cause; and what is called cosmetic was not touched where it counts.

use proptest::prelude::*;

use super::testing::tree_of_bytes;
use super::*;

type Files = BTreeMap<String, Vec<u8>>;

const CHART: &[(&str, &str)] = &[
    (
        "Chart.yaml",
        "apiVersion: v2\nname: kelp\nversion: 1.0.0\ndescription: x # y\n",
    ),
    (
        "Chart.lock",
        "dependencies: []\ndigest: sha256:a\ngenerated: \"2026-01-01T00:00:00Z\"\n",
    ),
    (
        "values.yaml",
        "# a\nreplicas: 1\nimage: {repository: a, tag: \"1\"}\nlist:\n  - a\n  - b\ntext: |\n  # no comment\n  b\n",
    ),
    ("values.schema.json", "{\"type\": \"object\"}\n"),
    ("README.md", "read me\n"),
    ("LICENSE", "do\n"),
    (".helmignore", "*.bak\n"),
    ("ci/a-values.yaml", "a: 1\n"),
    ("files/a.conf", "a = 1\n"),
    (
        "crds/a.yaml",
        "apiVersion: v1\nkind: CustomResourceDefinition\nspec: {versions: [{name: v1, served: true}]} # c\n",
    ),
    ("templates/_h.tpl", "{{ define \"h\" }}\na: b\n{{ end }}\n"),
    ("templates/NOTES.txt", "hello {{ .Release.Name }}\n"),
    (
        "templates/cm.yaml",
        "kind: ConfigMap\ndata:\n  # c\n  a: {{ .Values.replicas }}\n  s: |\n    # content\n",
    ),
    (
        "templates/d.yaml",
        "kind: Deployment\nspec:\n  template:\n    a: {{ include (print .Template.BasePath \"/cm.yaml\") . | sha256sum }}\n",
    ),
    (
        "templates/tests/t.yaml",
        "kind: Pod\nmetadata:\n  annotations:\n    helm.sh/hook: test\n",
    ),
    ("charts/s/Chart.yaml", "apiVersion: v2\nname: s\nversion: 1.0.0\n"),
    ("charts/s/values.yaml", "a: 1\n"),
    ("charts/s/templates/x.yaml", "kind: Secret\ndata: {}\n"),
    ("charts/_gone/x", "x"),
    ("charts/x.prov", "x"),
];

#[derive(Debug, Clone)]
enum Edit {
    Byte(usize, usize, u8),
    Insert(usize, usize, &'static str),
    Cut(usize, usize),
    Remove(usize),
    Add(usize, &'static str),
    Move(usize, usize),
}

const TEXTS: [&str; 12] = [
    "# c\n",
    "\r\n",
    "x: 1\n",
    "{{/* c */}}",
    "{{ .Values.x }}",
    "\"",
    "---\n",
    "\u{202e}",
    "  ",
    "{{",
    "helm.sh/hook: test\n",
    "a: &x [*x]\n",
];
const PATHS: [&str; 10] = [
    "templates/b.yaml",
    "templates/_x.tpl",
    "docs/a.md",
    "values.yaml",
    "charts/s/b",
    "charts/s-1.tgz",
    "crds/b.yaml",
    "x",
    "templates/tests/b",
    "tests/a",
];

fn edit() -> impl Strategy<Value = Edit> {
    let at = 0..CHART.len();
    prop_oneof![
        4 => (at.clone(), any::<usize>(), any::<u8>()).prop_map(|(f, n, b)| Edit::Byte(f, n, b)),
        6 => (at.clone(), any::<usize>(), prop::sample::select(&TEXTS[..])).prop_map(|(f, n, t)| Edit::Insert(f, n, t)),
        3 => (at.clone(), any::<usize>()).prop_map(|(f, n)| Edit::Cut(f, n)),
        1 => at.clone().prop_map(Edit::Remove),
        1 => (0..PATHS.len(), prop::sample::select(&TEXTS[..])).prop_map(|(p, t)| Edit::Add(p, t)),
        1 => (at, 0..PATHS.len()).prop_map(|(f, p)| Edit::Move(f, p)),
    ]
}

fn apply(files: &mut Files, edit: &Edit) {
    let name = |at: usize| CHART[at].0;
    match edit {
        Edit::Byte(f, n, byte) => {
            if let Some(bytes) = files.get_mut(name(*f)).filter(|b| !b.is_empty()) {
                let at = n % bytes.len();
                bytes[at] = *byte;
            }
        }
        Edit::Insert(f, n, text) => {
            if let Some(bytes) = files.get_mut(name(*f)) {
                let at = n % (bytes.len() + 1);
                bytes.splice(at..at, text.bytes());
            }
        }
        Edit::Cut(f, n) => {
            if let Some(bytes) = files.get_mut(name(*f)) {
                bytes.truncate(n % (bytes.len() + 1));
            }
        }
        Edit::Remove(f) => drop(files.remove(name(*f))),
        Edit::Add(p, text) => drop(files.insert(PATHS[*p].to_owned(), text.as_bytes().to_vec())),
        Edit::Move(f, p) => {
            if let Some(bytes) = files.remove(name(*f)) {
                files.insert(PATHS[*p].to_owned(), bytes);
            }
        }
    }
}

fn build(files: &Files) -> Tree {
    tree_of_bytes(
        &files
            .iter()
            .map(|(p, b)| (p.as_str(), b.as_slice()))
            .collect::<Vec<_>>(),
    )
}

/// Paths that nothing deploys, whatever is in them.
fn is_free(path: &str) -> bool {
    matches!(
        path,
        "README.md" | "LICENSE" | ".helmignore" | "ci/a-values.yaml" | "docs/a.md" | "tests/a"
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn every_file_that_differs_has_a_cause(edits in prop::collection::vec(edit(), 1..5)) {
        let before = CHART.iter().map(|(p, t)| ((*p).to_owned(), t.as_bytes().to_vec())).collect::<Files>();
        let mut after = before.clone();
        edits.iter().for_each(|edit| apply(&mut after, edit));
        let (left, right) = (build(&before), build(&after));
        for (l, r) in [(&left, &right), (&right, &left)] {
            let judged = judge(l, r, &Limits::default());
            for path in l.nodes.keys().chain(r.nodes.keys()) {
                let differs = l.nodes.get(path) != r.nodes.get(path);
                let name = shown(path);
                let told = judged.causes.iter().filter(|c| c.path == name || c.code == Code::FileRenamed && c.from.as_deref() == Some(&name));
                let told = told.collect::<Vec<_>>();
                prop_assert_eq!(differs, !told.is_empty(), "{} {:?}", name, told);
                prop_assert_eq!(differs, judged.classes.contains_key(path), "{}", name);
                let cosmetic = differs && told.iter().all(|c| c.weight == Weight::Cosmetic);
                if cosmetic && !is_free(&name) {
                    // A weak second opinion: something of the file is the same once comments, spaces and quotes are gone.
                    let bare = |side: &Tree| side.nodes.get(path).map_or_else(String::new, |n| bare(&name, n));
                    let renamed = told.iter().any(|c| c.code == Code::FileRenamed);
                    prop_assert!(renamed || bare(l) == bare(r), "{} {:?}\n{:?}\n{:?}", name, told, bare(l), bare(r));
                }
            }
            prop_assert_eq!(judged.causes.is_empty(), before == after);
        }
    }
}

/// The text without comments, spaces and quotes; for files whose text is free in places, without those.
fn bare(path: &str, node: &Node) -> String {
    let text = text(node).unwrap_or("\u{fffd}").replace("{{/* c */}}", "");
    let free = |line: &str| match path {
        "Chart.yaml" | "charts/s/Chart.yaml" => line.starts_with("description"),
        "Chart.lock" => line.starts_with("generated") || line.starts_with("digest"),
        "templates/NOTES.txt" | "templates/tests/t.yaml" | "templates/tests/b" => true,
        _ => false,
    };
    text.lines()
        .filter(|line| !free(line) && !line.trim_start().starts_with('#'))
        .map(|line| {
            let line = line.split(" #").next().unwrap_or_default();
            line.chars()
                .filter(|c| !matches!(c, ' ' | '\r' | '"' | '\u{feff}'))
                .collect::<String>()
        })
        .filter(|line| line != "---")
        .collect()
}
