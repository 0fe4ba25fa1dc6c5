//! Pairs of charts made by hand to lead astray, each with the answer that is right: Helm is asked about every "no", so an
//! expectation that is wrong cannot stay.

use std::collections::BTreeMap;

/// The files of a chart by path.
pub type Files = BTreeMap<String, String>;

/// Two charts, and whether they deserve a "no".
pub struct Nasty {
    pub name: &'static str,
    pub left: Files,
    pub right: Files,
    pub no: bool,
}

const CHART: &str = "apiVersion: v2\nname: kelp\nversion: 1.0.0\nappVersion: \"1.10\"\ndescription: Grows\n";
const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kelp\ndata:\n";
const HELPERS: &str = "{{- define \"kelp.name\" -}}\nkelp\n{{- end }}\n";
const DEPENDENCY: &str =
    "dependencies:\n- name: sub\n  version: 0.1.0\n  repository: https://charts.example\n";

fn files(of: &[(&str, &str)]) -> Files {
    let mut files: Files = [
        ("Chart.yaml", CHART),
        ("values.yaml", "a: 1\n"),
        ("templates/_helpers.tpl", HELPERS),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .collect();
    files.extend(
        of.iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned())),
    );
    files
}

/// Two texts of values, shown by a template that prints them all.
fn values() -> Vec<Nasty> {
    const PAIRS: [(&str, &str, &str, bool); 34] = [
        (
            "an anchor written out",
            "x: &x {a: 1}\ny: *x\n",
            "x: {a: 1}\ny: {a: 1}\n",
            true,
        ),
        (
            "an anchor defined twice",
            "a: &x 1\nb: *x\nc: &x 2\nd: *x\n",
            "a: &x 1\nc: &x 2\nb: *x\nd: *x\n",
            false,
        ),
        (
            "merge keys in another order",
            "d: &d {a: 1}\ne: &e {a: 2}\nz:\n  <<: [*d, *e]\n",
            "d: &d {a: 1}\ne: &e {a: 2}\nz:\n  <<: [*e, *d]\n",
            false,
        ),
        (
            "a merge key in quotes",
            "d: &d {a: 1}\nz:\n  \"<<\": *d\n",
            "d: &d {a: 1}\nz:\n  <<: *d\n",
            false,
        ),
        ("octal in two ways", "m: 0644\n", "m: 0o644\n", true),
        ("octal as decimal", "m: 0644\n", "m: 644\n", false),
        ("hexadecimal", "m: 0x1F\n", "m: 31\n", true),
        ("yes and on", "m: yes\n", "m: on\n", true),
        ("n and \"n\"", "m: n\n", "m: \"n\"\n", false),
        ("a date in quotes", "m: 2020-01-01\n", "m: \"2020-01-01\"\n", true),
        ("a key twice", "m: 1\nm: 2\n", "m: 2\n", true),
        (
            "a key twice, the other last",
            "m: 1\nm: 2\n",
            "m: 2\nm: 1\n",
            false,
        ),
        (
            "mappings twice are not merged",
            "m: {a: 1}\nm: {b: 2}\n",
            "m: {a: 1, b: 2}\n",
            false,
        ),
        ("a tab between", "m:\t1\n", "m: 1\n", true),
        ("a tab in a text", "m: a\tb\n", "m: a b\n", false),
        (
            "CRLF in a block scalar",
            "m: |\r\n  a\r\n  b\r\n",
            "m: |\n  a\n  b\n",
            true,
        ),
        ("a byte order mark", "\u{feff}m: 1\n", "m: 1\n", true),
        (
            "a comment after a block scalar",
            "m: |\n  a\n# c\n",
            "m: |\n  a\n",
            true,
        ),
        (
            "a comment in a block scalar",
            "m: |\n  a\n  # c\n",
            "m: |\n  a\n",
            false,
        ),
        ("a kept line", "m: |+\n  a\n\n", "m: |+\n  a\n", false),
        (
            "a deeper line in a folded scalar",
            "m: >\n  a\n   b\n  c\n",
            "m: >\n  a\n  b\n  c\n",
            false,
        ),
        (
            "an indentation indicator",
            "m: |2\n    a\n",
            "m: |\n    a\n",
            false,
        ),
        ("a whole float", "m: 1.0\nn: 1e3\n", "m: 1\nn: 1000\n", true),
        ("a large whole float", "m: 1234567.0\n", "m: 1234567\n", true),
        ("a number in quotes", "m: 1234567\n", "m: \"1234567\"\n", false),
        ("minus zero", "m: -0.0\n", "m: 0\n", false),
        ("base 60", "m: 1:30\n", "m: 90\n", false),
        ("null in two ways", "m: ~\n", "m:\n", true),
        ("null and an empty text", "m: \"\"\n", "m:\n", false),
        ("a tag", "m: !!str 1\n", "m: \"1\"\n", true),
        ("no space in a flow mapping", "m: {a:1}\n", "m: {a: 1}\n", false),
        ("a no-break space", "m: a\u{a0}\n", "m: a\n", false),
        (
            "letters and their composition",
            "m: \u{e9}\n",
            "m: e\u{301}\n",
            false,
        ),
        ("a second document", "m: 1\n---\nm: 2\n", "m: 1\n", false),
    ];
    let dump = format!("{MAP}  all: {{{{ toJson .Values | quote }}}}\n");
    let side = |text: &str| files(&[("values.yaml", text), ("templates/dump.yaml", &dump)]);
    PAIRS
        .iter()
        .map(|(name, left, right, no)| Nasty {
            name,
            left: side(left),
            right: side(right),
            no: *no,
        })
        .collect()
}

/// Two bodies of a ConfigMap's data.
fn bodies() -> Vec<Nasty> {
    const PAIRS: [(&str, &str, &str, bool); 14] = [
        (
            "a trim marker in a block scalar",
            "  a: |\n    x\n    {{ \"y\" }}\n",
            "  a: |\n    x\n    {{- \"y\" }}\n",
            false,
        ),
        (
            "a trim marker that eats a comment's line",
            "  a: \"1\" # {{ \"x\" -}}\n  b: \"2\"\n",
            "  a: \"1\" # {{ \"x\" }}\n  b: \"2\"\n",
            false,
        ),
        (
            "an action in a comment that leaves it",
            "  a: \"1\"\n  # {{ \"x\\n  b: 2\" }}\n",
            "  a: \"1\"\n",
            false,
        ),
        (
            "a comment action on its line",
            "  a: \"1\"\n  {{/* a */}}\n  b: \"2\"\n",
            "  a: \"1\"\n  b: \"2\"\n",
            true,
        ),
        (
            "a trimmed comment action in a block scalar",
            "  a: |\n    x\n    {{- /* c */}}\n    y\n",
            "  a: |\n    x\n    y\n",
            true,
        ),
        (
            "a comment action that trims both",
            "  a: |\n    x\n    {{- /* c */ -}}\n    y\n",
            "  a: |\n    x\n    y\n",
            false,
        ),
        (
            "a comment action in a block scalar",
            "  a: |\n    x\n    {{/* c */}}\n    y\n",
            "  a: |\n    x\n    y\n",
            false,
        ),
        (
            "a comment that ends a plain scalar",
            "  a: x\n    # c\n    y\n",
            "  a: x\n    y\n",
            false,
        ),
        (
            "a blank line in a plain scalar",
            "  a: x\n\n    y\n",
            "  a: x\n    y\n",
            false,
        ),
        (
            "a document's end in a block scalar",
            "  a: |\n    x\n    y\n",
            "  a: |\n    x\n    ---\n    y\n",
            false,
        ),
        (
            "white space in an action",
            "  a: {{ .Values.a|quote }}\n",
            "  a: {{ .Values.a | quote }}\n",
            true,
        ),
        ("a key twice", "  a: b\n", "  a: c\n  a: b\n", false),
        ("a comment above", "  a: b\n", "  # {{/* c */}}\n  a: b\n", true),
        (
            "a line that only looks like a hook",
            "  a: b\n",
            "  a: b\n#helm.sh/hook: test\n",
            true,
        ),
    ];
    let side = |body: &str| files(&[("templates/map.yaml", &format!("{MAP}{body}"))]);
    PAIRS
        .iter()
        .map(|(name, left, right, no)| Nasty {
            name,
            left: side(left),
            right: side(right),
            no: *no,
        })
        .collect()
}

/// A document that changes beside a template with this expression, and whether nobody reads it.
fn readers() -> Vec<Nasty> {
    const EXPRESSIONS: [(&str, bool); 24] = [
        ("{{ .Files.Get \"x.md\" | quote }}", false),
        ("{{ .Files.Get `x.md` | quote }}", false),
        ("{{ .Files.Get \"\\x78.md\" | quote }}", false),
        ("{{ .Files.Get\n    \"x.md\" | quote }}", false),
        ("{{ (.Files.Glob \"?.md\").AsConfig | quote }}", false),
        ("{{ (.Files.Glob \"{x,y}.md\").AsConfig | quote }}", false),
        ("{{ (.Files.Glob \"**\").AsSecrets | quote }}", false),
        ("{{ range .Files.Lines \"x.md\" }}{{ . }}{{ end }}", false),
        ("{{ $f := .Files }}{{ $f.Get \"x.md\" | quote }}", false),
        ("{{ with .Files }}{{ .Get \"x.md\" | quote }}{{ end }}", false),
        ("{{ (index . \"Files\").Get \"x.md\" | quote }}", false),
        ("{{ (index . \"F\\x69les\").Get \"x.md\" | quote }}", false),
        ("{{ (index . (title \"files\")).Get \"x.md\" | quote }}", false),
        (
            "{{ (index . (b64dec \"RmlsZXM=\")).Get \"x.md\" | quote }}",
            false,
        ),
        (
            "{{ tpl (b64dec \"e3sgLkZpbGVzLkdldCAieC5tZCIgfX0=\") . | quote }}",
            false,
        ),
        (
            "{{ range $k, $v := . }}{{ if hasPrefix \"Fil\" $k }}{{ $v.Get \"x.md\" | quote }}{{ end }}{{ end }}",
            false,
        ),
        ("{{ (ternary . 1 true).Files.Get \"x.md\" | quote }}", false),
        (
            "{{ (get (dict \"r\" .) \"r\").Files.Get \"x.md\" | quote }}",
            false,
        ),
        (
            "{{ $_ := set .Values \"f\" .Files }}{{ .Values.f.Get \"x.md\" | quote }}",
            false,
        ),
        ("{{ . | toString | sha256sum }}", false),
        ("{{/* .Files.Get \"x.md\" */}}one", true),
        ("{{ .Files.Get \"y.md\" | quote }}", true),
        ("{{ (.Files.Glob \"y*\").AsConfig | quote }}", true),
        ("{{ lookup \"v1\" \"x\" \"\" \"\" | toJson | quote }}", true),
    ];
    let side = |expression: &str, text: &str| {
        files(&[
            ("x.md", text),
            ("templates/map.yaml", &format!("{MAP}  a: {expression}\n")),
        ])
    };
    EXPRESSIONS
        .iter()
        .map(|(expression, no)| Nasty {
            name: expression,
            left: side(expression, "one\n"),
            right: side(expression, "two\n"),
            no: *no,
        })
        .collect()
}

/// A pair that differs in these files, with further ones on both sides.
fn pair(
    name: &'static str,
    both: &[(&str, &str)],
    left: &[(&str, &str)],
    right: &[(&str, &str)],
    no: bool,
) -> Nasty {
    Nasty {
        name,
        left: files(&[both, left].concat()),
        right: files(&[both, right].concat()),
        no,
    }
}

/// Files whose place decides what they do.
fn places() -> Vec<Nasty> {
    let map = |body: &str| format!("{MAP}  a: {body}\n");
    let by_path = |name: &str| {
        map(&format!(
            "{{{{ include (print $.Template.BasePath \"/{name}\") . | sha256sum }}}}"
        ))
    };
    let (plain, other) = (map("b"), map("c"));
    let commented = format!("# c\n{plain}");
    let commented_helpers = format!("# who made it\n{HELPERS}\n\n");
    let (notes, helpers, same) = (
        by_path("NOTES.txt"),
        by_path("_helpers.tpl"),
        by_path("plain.yaml"),
    );
    let named = map("{{ .Template.Name }}");
    let two = format!("{CHART}{DEPENDENCY}");
    let conditional = format!("{two}  condition: sub.enabled\n");
    let sub = [
        ("Chart.yaml", two.as_str()),
        (
            "charts/sub/Chart.yaml",
            "apiVersion: v2\nname: sub\nversion: 0.1.0\n",
        ),
        ("charts/sub/values.yaml", "x: 1\n"),
        (
            "charts/sub/templates/map.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: sub\ndata:\n  x: {{ .Values.x | quote }}\n",
        ),
    ];
    let child = "{{ define \"d\" }}c{{ end }}";
    let user = map("{{ include \"d\" . }}");
    let enabled = [("Chart.yaml", conditional.as_str())];
    vec![
        pair(
            "a header above definitions",
            &[],
            &[],
            &[("templates/_helpers.tpl", &commented_helpers)],
            true,
        ),
        pair(
            "a header above definitions that are hashed",
            &[("templates/h.yaml", &helpers)],
            &[],
            &[("templates/_helpers.tpl", &commented_helpers)],
            false,
        ),
        pair(
            "notes that are hashed",
            &[("templates/h.yaml", &notes)],
            &[("templates/NOTES.txt", "c\n")],
            &[("templates/NOTES.txt", "d\n")],
            false,
        ),
        pair(
            "notes",
            &[],
            &[("templates/NOTES.txt", "c\n")],
            &[("templates/NOTES.txt", "d\n")],
            true,
        ),
        pair(
            "notes that fail",
            &[],
            &[("templates/NOTES.txt", "c\n")],
            &[("templates/NOTES.txt", "{{ fail \"x\" }}\n")],
            false,
        ),
        pair(
            "notes that define",
            &[("templates/h.yaml", &user)],
            &[("templates/NOTES.txt", "{{ define \"d\" }}1{{ end }}\n")],
            &[("templates/NOTES.txt", "{{ define \"d\" }}2{{ end }}\n")],
            false,
        ),
        pair(
            "notes by another name",
            &[],
            &[("templates/notes.txt", "kind: x\n")],
            &[("templates/notes.txt", "kind: y\n")],
            false,
        ),
        pair(
            "a comment in a template that is hashed",
            &[("templates/h.yaml", &same)],
            &[("templates/plain.yaml", &plain)],
            &[("templates/plain.yaml", &commented)],
            false,
        ),
        pair(
            "a comment in a template",
            &[],
            &[("templates/plain.yaml", &plain)],
            &[("templates/plain.yaml", &commented)],
            true,
        ),
        pair(
            "a template without an extension",
            &[],
            &[("templates/x", &plain)],
            &[("templates/x", &other)],
            false,
        ),
        pair(
            "a template in a folder with an underscore",
            &[],
            &[("templates/_d/x.yaml", &plain)],
            &[("templates/_d/x.yaml", &other)],
            false,
        ),
        pair(
            "a renamed template that prints its name",
            &[],
            &[("templates/x.yaml", &named)],
            &[("templates/y.yaml", &named)],
            false,
        ),
        pair(
            "a template that is a partial now",
            &[],
            &[("templates/x.yaml", &plain)],
            &[("templates/_x.yaml", &plain)],
            false,
        ),
        pair(
            "definitions in another order",
            &[("templates/h.yaml", &user)],
            &[(
                "templates/_a.tpl",
                "{{ define \"d\" }}1{{ end }}{{ define \"d\" }}2{{ end }}",
            )],
            &[(
                "templates/_a.tpl",
                "{{ define \"d\" }}2{{ end }}{{ define \"d\" }}1{{ end }}",
            )],
            false,
        ),
        pair(
            "a definition that shadowed a subchart's",
            &[
                &sub[..],
                &[
                    ("charts/sub/templates/_d.tpl", child),
                    ("templates/h.yaml", &user),
                ],
            ]
            .concat(),
            &[("templates/_d.tpl", "{{ define \"d\" }}p{{ end }}")],
            &[],
            false,
        ),
        pair(
            "a condition's value",
            &[&sub[..], &enabled].concat(),
            &[],
            &[("values.yaml", "a: 1\nsub: {enabled: false}\n")],
            false,
        ),
        pair(
            "a condition's value in the subchart",
            &[&sub[..], &enabled].concat(),
            &[],
            &[("charts/sub/values.yaml", "x: 1\nenabled: false\n")],
            false,
        ),
        pair(
            "a subchart's document",
            &sub,
            &[("charts/sub/README.md", "a\n")],
            &[("charts/sub/README.md", "b\n")],
            true,
        ),
        pair(
            "a subchart's document, read by its parent",
            &[
                &sub[..],
                &[(
                    "templates/h.yaml",
                    &map("{{ .Subcharts.sub.Files.Get \"README.md\" | quote }}"),
                )],
            ]
            .concat(),
            &[("charts/sub/README.md", "a\n")],
            &[("charts/sub/README.md", "b\n")],
            false,
        ),
        pair(
            "Kubernetes versions",
            &[],
            &[],
            &[("Chart.yaml", &format!("{CHART}kubeVersion: \">=99.0.0\"\n"))],
            false,
        ),
        pair(
            "a field in other letters",
            &[],
            &[("Chart.yaml", &format!("{CHART}KubeVersion: \">=1.0.0\"\n"))],
            &[("Chart.yaml", &format!("{CHART}KubeVersion: \">=99.0.0\"\n"))],
            false,
        ),
        pair(
            "a description that nobody reads",
            &[],
            &[],
            &[("Chart.yaml", &CHART.replace("Grows", "Grew"))],
            true,
        ),
        pair(
            "a description in a variable",
            &[("templates/h.yaml", &map("{{ $c := .Chart }}{{ $c.Description }}"))],
            &[],
            &[("Chart.yaml", &CHART.replace("Grows", "Grew"))],
            false,
        ),
        pair(
            "definitions of resources that are octal",
            &[],
            &[("crds/a.yaml", "kind: A\nm: 0644\n")],
            &[("crds/a.yaml", "kind: A\nm: 0o644\n")],
            true,
        ),
        pair(
            "a definition in crds/ that is text",
            &[],
            &[("crds/a.txt", "kind: A\n")],
            &[("crds/a.txt", "kind: B\n")],
            false,
        ),
        pair(
            "only words in the schema",
            &[],
            &[(
                "values.schema.json",
                "{\"description\": \"a\", \"type\": \"object\"}",
            )],
            &[("values.schema.json", "{\"type\": \"object\"}")],
            true,
        ),
        pair(
            "a title among names in the schema",
            &[],
            &[(
                "values.schema.json",
                "{\"properties\": {\"title\": {\"type\": \"string\"}}}",
            )],
            &[("values.schema.json", "{\"properties\": {}}")],
            false,
        ),
        pair(
            "an ignore file",
            &[],
            &[(".helmignore", "x\n")],
            &[(".helmignore", "templates/\n")],
            true,
        ),
    ]
}

/// All of them.
pub fn nasty() -> Vec<Nasty> {
    [values(), bodies(), readers(), places()]
        .into_iter()
        .flatten()
        .collect()
}
