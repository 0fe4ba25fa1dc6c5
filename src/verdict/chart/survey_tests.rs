use super::super::testing::tree;
use super::*;

fn survey(files: &[(&str, &str)]) -> Survey {
    let tree = tree(&[files, &[("Chart.yaml", "name: kelp\n")]].concat());
    Survey::of(&tree, &Limits::default())
}

fn reader(template: &str) -> Option<String> {
    survey(&[("templates/a.yaml", template)])
        .reads_file(b"README.md")
        .map(ToString::to_string)
}

#[test]
fn files_are_read_by_name_by_glob_or_unknown() {
    let hit = Some("templates/a.yaml:2".to_owned());
    for (template, read) in [
        ("\n{{ .Files.Get \"README.md\" }}", true),
        ("\n{{ $.Files.Get `README.md` | quote }}", true),
        ("\n{{ (.Files.Glob \"*.md\").AsConfig }}", true),
        ("\n{{ .Files.Lines \"config/a.txt\" }}", false),
        ("\n{{ (.Files.Glob \"config/**\").AsConfig }}", false),
        ("\n{{ .Files.Get .Values.file }}", true),
        ("\n{{ .Files.Get (printf \"config/%s\" .Values.x) }}", false),
        ("\n{{ .Files.Get (printf \"%s.md\" .Values.x) }}", true),
        ("\n{{ .Files.Glob (printf \"%s/*.json\" .Values.x) }}", false),
        ("\n{{ \"README.md\" | .Files.Get }}", true),
        ("\n{{ .Files.AsSecrets }}", true),
        ("\n{{ $f := .Files }}", true),
        ("\n{{ (index . \"Files\").Get \"README.md\" }}", true),
        ("\n{{ include \"x\" (dict \"files\" .Files) }}", true),
        ("\n{{ .Subcharts.x.Files.Get \"README.md\" }}", true),
        ("\n{{ tpl \"{{ .Files.Get \\\"README.md\\\" }}\" . }}", true),
        ("\n{{ tpl `{{ .Files.Get \"x\" }}` . }}", false),
        ("\n{{ toYaml . }}", true),
        ("\n{{ . | toJson }}", true),
        ("\n{{ toYaml $ }}", true),
        ("\n{{ range $k, $v := . }}{{ $v }}{{ end }}", true),
        ("\n{{ . }}", true),
        ("\n{{ printf \"%s-%s\" (include \"x\" .) .Chart.Name }}", false),
        ("{{ with .Values }}\n{{ toYaml . }}{{ end }}", false),
        ("{{ with .Values }}\n{{ toYaml $ }}{{ end }}", true),
        ("{{ if .Values }}\n{{ toYaml . }}{{ end }}", true),
        ("{{ define \"x\" }}\n{{ toYaml . }}{{ end }}", false),
        ("\n{{/* .Files.Get \"README.md\" */}}", false),
        ("\n# .Files.Get \"README.md\"", false),
        ("\n# {{ .Files.Get \"README.md\" }}", true),
        ("\n{{ .Values.extraFiles }}", false),
    ] {
        assert_eq!(reader(template), hit.clone().filter(|_| read), "{template}");
    }
}

#[test]
fn a_variable_that_ranges_over_a_glob_reads_only_what_the_glob_reads() {
    let ranged = "{{ range $path, $_ := .Files.Glob \"config/*\" }}{{ $.Files.Get $path }}{{ end }}";
    assert_eq!(reader(ranged), None);
    assert!(reader(&format!("{ranged}{{{{ $path := .Values.x }}}}")).is_some());
    assert!(reader("{{ range $i, $path := .Values.x }}{{ $.Files.Get $path }}{{ end }}").is_some());
}

#[test]
fn values_and_read_files_may_hold_templates_too() {
    let tpl = "{{ tpl .Values.extra . }}";
    let plain = survey(&[("templates/a.yaml", tpl), ("values.yaml", "extra: 1\n")]);
    assert_eq!(plain.reads_file(b"README.md"), None);
    let reading = survey(&[
        ("templates/a.yaml", tpl),
        ("values.yaml", "extra: '{{ .Files.Get \"README.md\" }}'\n"),
    ]);
    assert_eq!(
        reading.reads_file(b"README.md").map(ToString::to_string),
        Some("values.yaml:1".to_owned())
    );
    let chained = survey(&[
        ("templates/a.yaml", "{{ tpl (.Files.Get \"x.tpl\") . }}"),
        ("x.tpl", "{{ .Chart.Description }}"),
        ("y.tpl", "{{ .Chart.Home }}"),
    ]);
    assert_eq!(
        chained.reads_chart("Description").map(ToString::to_string),
        Some("x.tpl:1".to_owned())
    );
    assert_eq!(chained.reads_chart("Home"), None);
}

#[test]
fn fields_of_the_chart() {
    let named = survey(&[(
        "templates/a.yaml",
        "{{ .Chart.Name }}{{ $.Chart.AppVersion }}{{ .Subcharts.x.Chart.Home }}",
    )]);
    assert!(named.reads_chart("AppVersion").is_some());
    assert!(named.reads_chart("Home").is_some());
    assert_eq!(named.reads_chart("Description"), None);
    for whole in [
        "{{ toYaml .Chart }}",
        "{{ $c := .Chart }}",
        "{{ with $.Chart }}{{ end }}",
        "{{ (get . \"Chart\").Home }}",
        "{{ toJson $ }}",
    ] {
        assert!(
            survey(&[("templates/a.yaml", whole)])
                .reads_chart("Description")
                .is_some(),
            "{whole}"
        );
    }
    assert_eq!(
        survey(&[("templates/a.yaml", "Chart {{ fail \"Chart is broken\" }}")]).reads_chart("Description"),
        None
    );
}

#[test]
fn templates_included_by_path() {
    let hashed = |action: &str, inner: &str| {
        survey(&[("templates/a.yaml", action)])
            .includes_template(&Place::of(inner.as_bytes()))
            .is_some()
    };
    let cm = "templates/configmap.yaml";
    for (action, included) in [
        (
            "{{ include (print $.Template.BasePath \"/configmap.yaml\") . | sha256sum }}",
            true,
        ),
        (
            "{{ include (print $.Template.BasePath \"/other.yaml\") . | sha256sum }}",
            false,
        ),
        ("{{ include (print .Template.BasePath \"/\" .Values.x) . }}", true),
        (
            "{{ include (printf \"%s/configmap.yaml\" $.Template.BasePath) . }}",
            true,
        ),
        ("{{ include \"kelp/templates/configmap.yaml\" . }}", true),
        ("{{ include \"kelp/templates/other.yaml\" . }}", false),
        ("{{ include \"kelp.labels\" . }}", false),
        ("{{ include (printf \"common.%s\" .Values.kind) . }}", false),
        ("{{ include (printf \"kelp/%s\" .Values.kind) . }}", true),
        ("{{ include (printf \"%s\" .Values.kind) . }}", true),
        ("{{ include $name . }}", true),
        ("{{ $dir := .Template.Name | dir }}", true),
    ] {
        assert_eq!(hashed(action, cm), included, "{action}");
    }
}

#[test]
fn a_template_that_does_not_lex_is_told() {
    assert_eq!(
        survey(&[("templates/a.yaml", "{{ x")]).unreadable,
        [(
            "templates/a.yaml".to_owned(),
            "an action or a comment has no end".to_owned()
        )]
    );
}

#[test]
fn the_definition_of_a_use_is_known() {
    let survey = survey(&[(
        "templates/_a.tpl",
        "{{ define \"a\" }}\n{{ if x }}{{ .Chart.Version }}{{ end }}\n{{ end }}{{ .Chart.Name }}",
    )]);
    let uses = survey
        .uses
        .iter()
        .map(|u| (u.read.clone(), u.spot.line, u.definition.as_deref()))
        .collect::<Vec<_>>();
    assert_eq!(
        uses,
        [
            (Read::Chart(Some("Version".to_owned())), 2, Some("a")),
            (Read::Chart(Some("Name".to_owned())), 3, None),
        ]
    );
}

#[test]
fn a_templates_own_folder_is_that_of_its_chart() {
    let action = "{{ include (print $.Template.BasePath \"/configmap.yaml\") . | sha256sum }}";
    let included = |from: &str, source: &str, path: &str| {
        survey(&[(from, source)])
            .includes_template(&Place::of(path.as_bytes()))
            .is_some()
    };
    let sub = "charts/s/templates/configmap.yaml";
    assert!(!included("templates/a.yaml", action, sub));
    assert!(included("charts/s/templates/a.yaml", action, sub));
    let defined = format!("{{{{ define \"x\" }}}}{action}{{{{ end }}}}");
    assert!(included("templates/a.yaml", &defined, sub));
    assert!(included("templates/_a.tpl", action, sub));
    assert!(included("values.yaml", action, sub));
}

#[test]
fn a_template_by_a_computed_path_may_be_any() {
    let included = |template: &str| {
        let survey = survey(&[("templates/a.yaml", template)]);
        let place = Place::of(b"templates/cm.yaml");
        survey.includes_template(&place).is_some()
    };
    for (template, may) in [
        ("{{ include (print $.Template.BasePath \"/cm.yaml\") . }}", true),
        ("{{ include (print $.Template.BasePath \"/x.yaml\") . }}", false),
        (
            "{{ include (print $.Template.BasePath (printf \"/%s.yaml\" \"cm\")) . }}",
            true,
        ),
        (
            "{{ include (print .Template.BasePath \"/cm.tpl\" | replace \"tpl\" \"yaml\") . }}",
            true,
        ),
        (
            "{{ include (printf \"%s/%[3]s%[2]s\" .Template.BasePath \".yaml\" \"cm\") . }}",
            true,
        ),
        ("{{ include \"kelp\\u002ftemplates\\u002fcm.yaml\" . }}", true),
        ("{{ include \"kelp.labels\" . }}", false),
        ("{{ (index . \"Template\").Name }}", true),
        ("{{ toJson . }}", true),
    ] {
        assert_eq!(included(template), may, "{template}");
    }
}

#[test]
fn values_are_looked_at_as_they_are_read() {
    let reads = |values: &str| {
        let survey = survey(&[
            ("templates/a.yaml", "{{ tpl .Values.x . }}"),
            ("values.yaml", values),
        ]);
        survey.reads_chart("Icon").is_some()
    };
    assert!(reads("x: \"\\x7b\\u007b .Chart.Icon }}\"\n"));
    assert!(reads("x: \"{{ .Ch\\\n  art.Icon }}\"\n"));
    assert!(reads("x: '{{ toJson $ }}'\n"));
    assert!(!reads("x: \"\\x7b .Chart.Icon\"\n"));
}

#[test]
fn a_file_that_another_read_file_reads_is_read() {
    let chained = survey(&[
        ("templates/a.yaml", "{{ tpl (.Files.Get \"z\") . }}"),
        ("z", "{{ tpl (.Files.Get \"b\") . }}"),
        ("b", "{{ .Chart.Home }}"),
    ]);
    assert!(chained.reads_chart("Home").is_some());
}

/// The same with one bound lowered.
fn bounded(files: &[(&str, &str)], limits: Limits) -> Survey {
    Survey::of(
        &tree(&[files, &[("Chart.yaml", "name: kelp\n")]].concat()),
        &limits,
    )
}

#[test]
fn beyond_a_bound_a_template_may_read_anything() {
    let limits = Limits::default;
    // Patterns: the third is one too many.
    let globs = "{{ .Files.Glob \"a/*\" }}{{ .Files.Glob \"b/*\" }}\n{{ .Files.Glob \"c/*\" }}";
    let read = |most| {
        let limits = Limits {
            read_patterns: most,
            ..limits()
        };
        let survey = bounded(&[("templates/a.yaml", globs)], limits);
        survey.reads_file(b"README.md").map(ToString::to_string)
    };
    assert_eq!(read(3), None);
    assert_eq!(read(2), Some("templates/a.yaml:2".to_owned()));
    // Names that one variable stands for.
    let variable = "{{ range $f, $_ := .Files.Glob \"a/*\" }}{{ end }}{{ range $f, $_ := .Files.Glob \"b/*\" }}{{ end }}{{ range $f, $_ := .Files.Glob \"c/*\" }}{{ $.Files.Get $f }}{{ end }}";
    let read = |most| {
        let limits = Limits {
            computed_names: most,
            ..limits()
        };
        bounded(&[("templates/a.yaml", variable)], limits)
            .reads_file(b"README.md")
            .is_some()
    };
    assert!(!read(3));
    assert!(read(2));
    // Files that run and read the next.
    let chain = [
        ("templates/a.yaml", "{{ tpl (.Files.Get \"one\") . }}"),
        ("one", "{{ tpl (.Files.Get \"two\") . }}"),
        ("two", "{{ .Files.Get \"three\" }}"),
        ("README.md", "{{ .Files.Get \"four\" }}"),
    ];
    let read = |rounds, file: &[u8]| {
        let limits = Limits {
            template_rounds: rounds,
            ..limits()
        };
        bounded(&chain, limits).reads_file(file).is_some()
    };
    assert!(read(3, b"three"));
    assert!(!read(3, b"four"));
    // What was not followed far enough counts as read, README.md too.
    assert!(read(0, b"three"));
    assert!(read(0, b"four"));
}
