use super::*;

fn judged(left: &str, right: &str) -> Equality {
    compare(left, right, Renders::Yaml, &Limits::default()).rendered
}

const DEPLOYMENT: &str = "\
kind: Deployment
spec:
  template:
    spec:
      containers:
        - name: kelp
          image: \"{{ .Values.image }}:{{ .Values.tag }}\"
          pull: {{ .Values.pull }}
          args:
            # one flag a line
            - --metrics={{ .Values.path }}
            {{- range $k, $v := .Values.extra }}
            - --{{ $k }}={{ $v }}
            {{- end }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
";

#[test]
fn a_yaml_comment_between_the_items_of_a_list_is_harmless() {
    let right = DEPLOYMENT.replace("one flag a line", "a flag a line");
    let comparison = compare(DEPLOYMENT, &right, Renders::Yaml, &Limits::default());
    assert_eq!(comparison.rendered, Equality::Data, "{comparison:?}");
    assert!(comparison.comments && !comparison.whitespace);
    assert_eq!(
        comparison.text,
        [Hunk {
            left: 9..10,
            right: 9..10
        }]
    );
    assert_eq!(
        judged(
            DEPLOYMENT,
            &DEPLOYMENT.replace("            # one flag a line\n", "")
        ),
        Equality::Data
    );
}

#[test]
fn harmless_changes_are_proven() {
    for (left, right, equality) in [
        // Comments of the template.
        ("a: {{/* x */}}1\n", "a: 1\n", Equality::Text),
        (
            "a: 1\n{{- /* x */ -}}\nb: 2\n",
            "a: 1\n{{- /* y */ -}}\nb: 2\n",
            Equality::Text,
        ),
        ("{{/* x */}}\na: 1\n", "{{/* y\n z */}}\na: 1\n", Equality::Text),
        ("a: {{ .x }}\n", "a: {{.x}}\n", Equality::Text),
        (
            "a: {{ print  \"x  y\" }}\n",
            "a: {{ print \"x  y\" }}\n",
            Equality::Text,
        ),
        // YAML comments.
        ("# x\na: 1\n", "# y\na: 1\n", Equality::Data),
        ("a: 1\n", "# y\n\na: 1\n", Equality::Data),
        ("a: 1\n---\n# x\nb: 2\n", "a: 1\n---\nb: 2\n", Equality::Data),
        ("a:\n  b: 1 # x\n  c: 2\n", "a:\n  b: 1\n  c: 2\n", Equality::Data),
        (
            "a:\n  b: 1\n# x\n  c: 2\n",
            "a:\n  b: 1\n  # y\n  c: 2\n",
            Equality::Data,
        ),
        ("a: |\n  x\n# x\nb: 1\n", "a: |\n  x\n# y\nb: 1\n", Equality::Data),
        (
            "{{- if .a }}\n# x\nb: 1\n{{- end }}\n",
            "{{- if .a }}\n# y\nb: 1\n{{- end }}\n",
            Equality::Data,
        ),
        (
            "a:\n  # x\n  {{- if .b }}\n  c: 1\n  {{- end }}\n  d: 1\n",
            "a:\n  {{- if .b }}\n  c: 1\n  {{- end }}\n  d: 1\n",
            Equality::Data,
        ),
        (
            "a:\n  {{- include \"x\" . | nindent 2 }}\n  # x\n  b: 1\n",
            "a:\n  {{- include \"x\" . | nindent 2 }}\n  # y\n  b: 1\n",
            Equality::Data,
        ),
        (
            "a: {{ .x }}\n# x\nb: 1\n",
            "a: {{ .x }}\n# y\nb: 1\n",
            Equality::Data,
        ),
        (
            "# x\n{{- if .a }}\nb:\n  c: 1\n{{- end }}\n",
            "# y\n{{- if .a }}\nb:\n  c: 1\n{{- end }}\n",
            Equality::Data,
        ),
        // White space.
        (
            "a:\n  b: 1\n\n  c: 2\n",
            "a:\n  b: 1   \n  c: 2\n",
            Equality::Data,
        ),
        ("a: 1\r\nb: 2\r\n", "a: 1\nb: 2\n", Equality::Data),
    ] {
        let comparison = compare(left, right, Renders::Yaml, &Limits::default());
        assert_eq!(comparison.rendered, equality, "{left:?} {right:?} {comparison:?}");
    }
}

#[test]
fn what_may_be_content_is_not_proven() {
    for (left, right) in [
        // Inside block scalars, told by the text or not.
        (
            "data:\n  c: |\n    # x\n    t = {{ .p }}\n",
            "data:\n  c: |\n    # y\n    t = {{ .p }}\n",
        ),
        (
            "data:\n  {{ $k }}: |\n    # x\n    a: 1\n",
            "data:\n  {{ $k }}: |\n    # y\n    a: 1\n",
        ),
        (
            "data:\n  c: {{ .style }}\n    # x\n    a: 1\n",
            "data:\n  c: {{ .style }}\n    # y\n    a: 1\n",
        ),
        (
            "data:\n  {{- include \"h\" . | nindent 2 }}\n    # x\n    a: 1\n",
            "data:\n  {{- include \"h\" . | nindent 2 }}\n    # y\n    a: 1\n",
        ),
        (
            "data:\n{{ include \"h\" . }}\n    # x\n    a: 1\n",
            "data:\n{{ include \"h\" . }}\n    # y\n    a: 1\n",
        ),
        (
            "d:\n  {{- if .a }}\n  c: |\n  {{- else }}\n  c:\n  {{- end }}\n    # x\n    a: 1\n",
            "d:\n  {{- if .a }}\n  c: |\n  {{- else }}\n  c:\n  {{- end }}\n    # y\n    a: 1\n",
        ),
        (
            "d:\n  c: |\n    a\n  {{- if .a }}\n  o: 1\n  {{- end }}\n    # x\n",
            "d:\n  c: |\n    a\n  {{- if .a }}\n  o: 1\n  {{- end }}\n    # y\n",
        ),
        ("d:\n  - |\n    # x\n", "d:\n  - |\n    # y\n"),
        ("d:\n  c: &a |\n    # x\n", "d:\n  c: &a |\n    # y\n"),
        (
            "d:\n{{- range .a }}\n    # x\n  c: |\n{{- end }}\n",
            "d:\n{{- range .a }}\n    # y\n  c: |\n{{- end }}\n",
        ),
        // Inside quotes, brackets and plain scalars.
        ("a: \"x\n  # x\n  y\"\n", "a: \"x\n  # y\n  y\"\n"),
        ("a: \"x\n  b: 1\n  # x\n  y\"\n", "a: \"x\n  b: 1\n  # y\n  y\"\n"),
        ("a: 'x # x\n", "a: 'x # y\n"),
        ("a: x\n  # x\n  y\n", "a: x\n  y\n"),
        ("a: x # x\n  y\n", "a: x\n  y\n"),
        ("a: x#x\n", "a: x#y\n"),
        ("a: \"#x\"\n", "a: \"#y\"\n"),
        // Actions in comments run; definitions are rendered elsewhere.
        ("# {{ .x }}\na: 1\n", "# {{ .y }}\na: 1\n"),
        ("a: 1 # {{ .x }}\n", "a: 1 # {{ .y }}\n"),
        (
            "{{ define \"x\" }}\n# x\na: 1\n{{ end }}\n",
            "{{ define \"x\" }}\n# y\na: 1\n{{ end }}\n",
        ),
        // Helm cuts the indentation of a document's first line.
        ("---\n  # x\n  a: 1\nb: 1\n", "---\n  a: 1\nb: 1\n"),
        // Trimming.
        (
            "a: x{{ if .c }}\n# x{{ end }}y\n",
            "a: x{{ if .c }}\n# y{{ end }}y\n",
        ),
        ("a: |\n  x {{- /* c */}} y\n", "a: |\n  x {{/* c */}} y\n"),
        ("a: |\n  x\n  {{/* c */}}\n", "a: |\n  x\n"),
        ("a: |\n  x\n\n", "a: |+\n  x\n\n"),
        ("a: |+\n  x\n\nb: 1\n", "a: |+\n  x\nb: 1\n"),
        (
            "a: {{ toYaml .x | nindent 2 }}\n\nb: 1\n",
            "a: {{ toYaml .x | nindent 2 }}\nb: 1\n",
        ),
        // Line breaks only YAML 1.1 knows, in a comment.
        ("# x\u{85}b: 1\na: 1\n", "# x\u{85}b: 2\na: 1\n"),
        // Data.
        ("a: 1\n", "a: 2\n"),
        ("a:\n  b: 1\n", "a:\n   b: 1\n"),
        ("a: \"{{ .x }}\"\n", "a: {{ .x }}\n"),
        ("a: {{ .x }}\n", "a: {{ .x -}}\n"),
        ("a: {{ \"x y\" }}\n", "a: {{ \"x  y\" }}\n"),
    ] {
        assert_eq!(judged(left, right), Equality::NotProven, "{left:?} {right:?}");
        assert_eq!(judged(right, left), Equality::NotProven, "{right:?} {left:?}");
    }
}

#[test]
fn text_files_know_no_yaml_comments() {
    let comparison = compare(
        "# x\n",
        "# y\n",
        Renders::of("templates/NOTES.txt"),
        &Limits::default(),
    );
    assert_eq!(comparison.rendered, Equality::NotProven);
    assert_eq!(comparison.reasons, ["texts or actions differ"]);
    assert_eq!(Renders::of("templates/_x.yaml"), Renders::Definitions);
    assert_eq!(Renders::of("templates/x.yml"), Renders::Yaml);
}

#[test]
fn segments_are_those_of_the_go_lexer() {
    let text = "a {{- /* }} */ -}} b {{ \"}}\" `}}` '}' }}{{-3}}";
    let cut: Vec<_> = lex(text)
        .unwrap()
        .into_iter()
        .map(|s| (s.kind, &text[s.inner], s.trims_before, s.trims_after))
        .collect();
    assert_eq!(
        cut,
        [
            (SegmentKind::Text, "a ", false, false),
            (SegmentKind::Comment, "/* }} */", true, true),
            (SegmentKind::Text, " b ", false, false),
            (SegmentKind::Action, " \"}}\" `}}` '}' ", false, false),
            (SegmentKind::Action, "-3", false, false),
        ]
    );
    for (text, message) in [
        ("{{ x", "not a template at byte 0: an unclosed action"),
        ("a{{/* x", "not a template at byte 1: an unclosed comment"),
        (
            "{{/* x */ x}}",
            "not a template at byte 0: a comment that ends before its closing delimiter",
        ),
        (
            "{{ \"x\n\" }}",
            "not a template at byte 0: an unterminated string",
        ),
        ("{{ `x", "not a template at byte 0: an unterminated raw string"),
    ] {
        assert_eq!(lex(text).unwrap_err().message, message);
    }
}

#[test]
fn includes_by_path_are_found() {
    let found = includes_base_path(
        "a: {{ include (print $.Template.BasePath \"/configmap.yaml\") . | sha256sum }}\n\
         b: {{ include (printf \"%s/secret.yaml\" .Template.BasePath) $ }}{{ include \"kelp.labels\" . }}\n\
         c: {{ template \"kelp/templates/x.yaml\" . }}",
    );
    assert_eq!(
        found.paths,
        ["/configmap.yaml", "/secret.yaml", "kelp/templates/x.yaml"]
    );
    assert!(!found.unknown);
    assert!(includes_base_path("{{ include .Values.name . }}").unknown);
    assert!(includes_base_path("{{ include (print $.Template.BasePath .Values.x) . }}").unknown);
    assert!(includes_base_path("{{ x").unknown);
}

#[test]
fn a_file_of_definitions_renders_nothing_around_them() {
    let rendered = |left: &str, right: &str| {
        let compared = compare(left, right, Renders::Definitions, &Limits::default());
        (compared.rendered, compared.comments)
    };
    let plain = "{{ define \"x\" }}\n# kept\na\n{{ end }}\n";
    assert_eq!(
        rendered(plain, &format!("# who made it\n{plain}\n\n")),
        (Equality::Data, true)
    );
    assert_eq!(rendered(plain, &format!("{plain}\n\n")), (Equality::Data, false));
    assert_eq!(
        rendered(plain, &plain.replace("# kept", "# other")).0,
        Equality::NotProven
    );
    assert_eq!(
        rendered(plain, &format!("{{{{ if .x }}}}# a{{{{ end }}}}{plain}")).0,
        Equality::NotProven
    );
    let inside = |text: &str| format!("{{{{ if .x }}}}{text}{{{{ end }}}}{plain}");
    assert_eq!(rendered(&inside("a"), &inside("b")).0, Equality::NotProven);
    assert_eq!(
        rendered("# a\n{{ end }}\n", "# b\n{{ end }}\n").0,
        Equality::NotProven
    );
    assert_eq!(
        rendered("# a\n{{ if .x }}\n", "# b\n{{ if .x }}\n").0,
        Equality::NotProven
    );
}
