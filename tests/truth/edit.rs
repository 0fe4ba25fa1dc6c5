//! Edits of a chart: most look like noise, and some of those are not.

use super::chart::Source;
use super::dice::Dice;

/// Makes one to three edits; says what they were.
pub fn edit(source: &mut Source, dice: &mut Dice) -> String {
    let mut told = Vec::new();
    for _ in 0..1 + dice.below(3) / 2 {
        told.push(match dice.below(20) {
            0..=6 => templates(source, dice),
            7..=8 => values(source, dice),
            9..=10 => metadata(source, dice),
            11..=13 => documents(source, dice),
            14 => packing(source, dice),
            15 => names(source, dice),
            16 => notes(source, dice),
            17 => data(source, dice),
            _ => line(source, dice, |_| true),
        });
    }
    told.join("; ")
}

fn text(source: &Source, path: &str) -> String {
    String::from_utf8_lossy(source.files.get(path).map_or(b"", Vec::as_slice)).into_owned()
}

fn put(source: &mut Source, path: &str, text: impl Into<Vec<u8>>) {
    source.files.insert(path.to_owned(), text.into());
}

fn replace(source: &mut Source, path: &str, from: &str, to: &str) -> String {
    let new = text(source, path).replacen(from, to, 1);
    put(source, path, new);
    format!("{path}: {from:?} → {to:?}")
}

fn templates(source: &mut Source, dice: &mut Dice) -> String {
    line(source, dice, |path| path.contains("templates/"))
}

fn any_path(source: &Source, dice: &mut Dice, wanted: impl Fn(&str) -> bool) -> String {
    let paths: Vec<&String> = source.files.keys().filter(|p| wanted(p)).collect();
    paths[dice.below(paths.len())].clone()
}

/// An edit of one line, or of all of a file's line ends.
fn line(source: &mut Source, dice: &mut Dice, wanted: impl Fn(&str) -> bool) -> String {
    let path = any_path(source, dice, wanted);
    let whole = text(source, &path);
    let mut lines: Vec<String> = whole.split('\n').map(str::to_owned).collect();
    let at = dice.below(lines.len());
    let indent = " ".repeat(dice.below(9));
    let depth = lines[at].len() - lines[at].trim_start().len();
    let same = " ".repeat(depth);
    let what = match dice.below(25) {
        0 => {
            lines.insert(at, format!("{indent}# new"));
            "a comment"
        }
        1 | 2 => {
            lines.insert(at, format!("{same}# new"));
            "a comment as deep as the next line"
        }
        3 => {
            let comment = dice.pick(&[
                "{{/* c */}}",
                "{{- /* c */ -}}",
                "{{- /* c */}}",
                "{{/* c */ -}}",
                "{{- /* c\n # d */}}",
            ]);
            lines.insert(at, format!("{same}{comment}"));
            "a template comment on a line of its own"
        }
        4 => {
            let column = dice.below(lines[at].len() + 1);
            if lines[at].is_char_boundary(column) {
                lines[at].insert_str(
                    column,
                    dice.pick(&["{{/* c */}}", "{{- /* c */}}", "{{/* c */ -}}"]),
                );
            }
            "a template comment within a line"
        }
        5 => {
            lines.insert(at, String::new());
            "a blank line"
        }
        6 => {
            lines[at].push_str(dice.pick(&[" ", "   ", "\t"]));
            "white space at the end"
        }
        7 => {
            lines[at].push_str(dice.pick(&[" # new", "# new", "\t# new"]));
            "a comment at the end"
        }
        8 | 9 => {
            let comments: Vec<usize> = (0..lines.len())
                .filter(|i| lines[*i].trim_start().starts_with('#'))
                .collect();
            if let Some(i) = comments.get(dice.below(comments.len())) {
                match dice.below(3) {
                    0 => lines[*i].push_str(" more"),
                    1 => drop(lines.remove(*i)),
                    _ => lines[*i].insert(0, ' '),
                }
            }
            "another comment"
        }
        10 => {
            let blanks: Vec<usize> = (0..lines.len().saturating_sub(1))
                .filter(|i| lines[*i].is_empty())
                .collect();
            if let Some(i) = blanks.get(dice.below(blanks.len())) {
                lines.remove(*i);
            }
            "a blank line less"
        }
        11 => {
            lines[at] = lines[at].replacen("{{ ", "{{- ", 1);
            "a trim marker before"
        }
        12 => {
            lines[at] = lines[at].replacen(" }}", " -}}", 1);
            "a trim marker after"
        }
        13 => {
            lines[at] = lines[at].replacen("{{- ", "{{ ", 1);
            "a trim marker less"
        }
        14 => {
            lines[at] = lines[at].replacen("{{ ", "{{", 1).replacen(" | ", "  |  ", 1);
            "white space in an action"
        }
        15 => {
            lines.insert(
                at,
                dice.pick(&["---", "--- # new", "...", "{{ \"\" }}", "{{- \"\" -}}"])
                    .to_owned(),
            );
            "a mark"
        }
        16 => {
            lines[at] = lines[at].replacen(": ", dice.pick(&[":  ", ":\t", ":\n    "]), 1);
            "white space in a line"
        }
        17 => {
            lines[at] = lines[at].replacen('"', "'", 2);
            "other quotes"
        }
        18 => {
            lines[at].insert_str(0, dice.pick(&[" ", "  "]));
            "deeper"
        }
        19 => {
            if at + 1 < lines.len() {
                lines.swap(at, at + 1);
            }
            "two lines swapped"
        }
        20 => {
            lines[at].push_str(dice.pick(&[
                " # {{ .Release.Name }}",
                " # {{ fail \"x\" }}",
                " # {{ .Values.list }}",
            ]));
            "an action in a comment"
        }
        21 => {
            let copy = lines[at].clone();
            lines.insert(at, copy);
            "a line twice"
        }
        22 => {
            put(source, &path, whole.replace('\n', "\r\n"));
            return format!("{path}: CRLF");
        }
        23 => {
            put(source, &path, format!("\u{feff}{whole}"));
            return format!("{path}: a byte order mark");
        }
        _ => {
            let end = whole.trim_end_matches('\n').to_owned() + dice.pick(&["", "\n\n", "\n\n\n", "\n  \n"]);
            put(source, &path, end);
            return format!("{path}: another end");
        }
    };
    put(source, &path, lines.join("\n"));
    format!("{path}:{}: {what}", at + 1)
}

fn values(source: &mut Source, dice: &mut Dice) -> String {
    const WAYS: [(&str, &str); 27] = [
        ("flag: yes", "flag: true"),
        ("flag: yes", "flag: \"yes\""),
        ("flag: yes", "flag: on"),
        ("word: \"yes\"", "word: yes"),
        ("word: \"yes\"", "word: 'yes'"),
        ("mode: 0644", "mode: 420"),
        ("mode: 0644", "mode: 0o644"),
        ("mode: 0644", "mode: 644"),
        ("big: 1234567", "big: 1234567.0"),
        ("big: 1234567", "big: 1_234_567"),
        ("big: 1234567", "big: 12345670000000001"),
        ("float: 1.50", "float: 1.5"),
        ("float: 1.50", "float: 15e-1"),
        ("nothing: ~", "nothing: null"),
        ("nothing: ~", "nothing:"),
        ("nothing: ~\n", ""),
        ("empty: \"\"", "empty: ''"),
        ("empty: \"\"", "empty:"),
        ("  - b\n  - a", "- b\n- a"),
        ("  - b\n  - a", "  - a\n  - b"),
        ("text: |\n", "text: |+\n"),
        ("text: |\n", "text: | # c\n"),
        ("  # in the text\n", ""),
        ("  one\n  two", "  one two"),
        ("labels: {x: \"1\", y: z}", "labels:\n  y: z\n  x: \"1\""),
        ("merged:\n  <<: *base\n  b: three", "merged:\n  a: 1\n  b: three"),
        ("# how many\nreplicas: 2\n", "replicas: 2\n"),
    ];
    if dice.one_in(5) {
        return line(source, dice, |path| path.ends_with("values.yaml"));
    }
    let (from, to) = WAYS[dice.below(WAYS.len())];
    replace(source, "values.yaml", from, to)
}

fn metadata(source: &mut Source, dice: &mut Dice) -> String {
    const WAYS: [(&str, &str); 20] = [
        ("description: Grows under water", "description: Grows"),
        ("description: Grows under water\n", ""),
        (
            "description: Grows under water",
            "description: >\n  Grows\n  under water",
        ),
        ("description: Grows under water", "description: 5"),
        ("home: https://kelp.example", "home: https://kelp.test"),
        ("icon: https://kelp.example/icon.svg\n", ""),
        ("icon.svg", "icon.png"),
        ("  - sea\n", ""),
        ("  - sea\n  - plant\n", "  - plant\n  - sea\n"),
        ("  - name: Ada\n", "  - name: Eve\n"),
        (
            "annotations:\n  category: Plants",
            "annotations:\n  category: Weeds",
        ),
        (
            "annotations:\n  category: Plants",
            "annotations: {\"category\": Plants}",
        ),
        ("type: application\n", "type: application\ndeprecated: true\n"),
        ("appVersion: \"1.10\"", "appVersion: 1.10"),
        ("appVersion: \"1.10\"", "appVersion: '1.10'"),
        ("    tags:\n      - below\n", ""),
        ("    version: 0.2.0\n", "    version: 0.2.0 # c\n"),
        ("version: 1.0.0\n", "version: 1.0.0\n# c\n"),
        ("  - https://git.example/kelp", "  - https://git.example/kelp2"),
        ("name: kelp\n", "name: kelp\nunknown: 1\n"),
    ];
    match dice.below(6) {
        0 => replace(
            source,
            "charts/reef/Chart.yaml",
            "description: Below",
            "description: Deep",
        ),
        1 => replace(source, "charts/common/Chart.yaml", "description: Shared\n", ""),
        _ => {
            let (from, to) = WAYS[dice.below(WAYS.len())];
            replace(source, "Chart.yaml", from, to)
        }
    }
}

fn documents(source: &mut Source, dice: &mut Dice) -> String {
    let path = dice.pick(&[
        "README.md",
        "README.md",
        "LICENSE",
        "docs/usage.md",
        "ci/on-values.yaml",
        "charts/reef/README.md",
        "charts/common/README.md",
        ".helmignore",
        "files/app.conf",
    ]);
    match dice.below(7) {
        0 => drop(source.files.remove(path)),
        1 => put(source, &format!("docs/{}", path.replace('/', "-")), "new\n"),
        2 => {
            // A folder of a subchart that is none: Helm does not load such a chart.
            let new = dice.pick(&[
                "charts/README.md",
                "charts/none/README.md",
                "charts/_x/README.md",
                "charts/.x/LICENSE",
            ]);
            put(source, new, "new\n");
            return format!("{new} is new");
        }
        3 => {
            let bytes = source.files.remove(path).unwrap_or_default();
            put(
                source,
                &path.replace("README", "CHANGES").replace("usage", "use"),
                bytes,
            );
            return format!("{path} has another name");
        }
        4 => {
            let new = dice.pick(&[
                "templates/README.md",
                "crds/README.md",
                "templates/_NOTES.md",
                "ci/other-values.yaml",
            ]);
            put(source, new, "some: text\n");
            return format!("{new} is new");
        }
        _ => {
            let more = dice.pick(&["\nMore.\n", "{{ .Chart.Icon }}", "{{ fail \"x\" }}", "# c\n"]);
            let new = text(source, path) + more;
            put(source, path, new);
        }
    }
    path.to_owned()
}

/// How the archive and its subcharts are packed.
fn packing(source: &mut Source, dice: &mut Dice) -> String {
    match dice.below(6) {
        0 => {
            source.folder = dice.pick(&["kelp-1.0.0", "x", "."]).to_owned();
            "another folder".to_owned()
        }
        1 | 2 => {
            let name = dice.pick(&["reef", "common"]);
            let folder = format!("charts/{name}/");
            if source.packed.remove(&folder).is_none() {
                let archive = dice.pick(&["0.1.0", "9", "x"]);
                source
                    .packed
                    .insert(folder, format!("charts/{name}-{archive}.tgz"));
            }
            format!("{name} is packed or not")
        }
        3 => {
            let files: Vec<String> = source
                .files
                .keys()
                .filter(|p| p.starts_with("charts/reef/"))
                .cloned()
                .collect();
            for path in files {
                let bytes = source.files.remove(&path).unwrap_or_default();
                put(source, &path.replace("charts/reef/", "charts/other/"), bytes);
            }
            if let Some(archive) = source.packed.remove("charts/reef/") {
                source.packed.insert("charts/other/".to_owned(), archive);
            }
            "another folder for reef".to_owned()
        }
        _ => {
            let path = any_path(source, dice, |p| !p.starts_with("charts/"));
            let bytes = match path.as_str() {
                "Chart.yaml" => {
                    "apiVersion: v2\nname: kelp\nversion: 1.0.0\nkubeVersion: \">= 99\"\n".to_owned()
                }
                _ => "apiVersion: v1\nkind: Secret\nmetadata: {name: shadow}\n".to_owned(),
            };
            source.shadowed.push((path.clone(), bytes.into_bytes()));
            format!("another {path} before the one that wins")
        }
    }
}

/// Other names for templates.
fn names(source: &mut Source, dice: &mut Dice) -> String {
    let path = any_path(source, dice, |p| p.contains("templates/"));
    let new = match dice.below(5) {
        0 => path.replace(".yaml", ".yml"),
        1 => path.replace("templates/", "templates/a"),
        2 => path.replace("templates/", "templates/sub/"),
        3 => path.replace("templates/", "templates/_"),
        _ => path.replace(".yaml", ".txt").replace(".tpl", ".yaml"),
    };
    let bytes = source.files.remove(&path).unwrap_or_default();
    put(source, &new, bytes);
    format!("{path} is now {new}")
}

fn notes(source: &mut Source, dice: &mut Dice) -> String {
    let path = dice.pick(&[
        "templates/NOTES.txt",
        "templates/NOTES.txt",
        "templates/tests/pod.yaml",
        "charts/reef/templates/NOTES.txt",
    ]);
    let old = text(source, path);
    let more = dice.pick(&[
        "More words",
        "{{ .Release.Name }}",
        "{{ .Chart.Description }}",
        "{{ $.Release.Namespace }}",
        "{{ fail \"x\" }}",
        "{{ .Values.none.none }}",
        "{{ $_ := set .Values \"replicas\" 7 }}",
        "{{ define \"kelp.labels\" }}x: y{{ end }}",
        "# words",
    ]);
    let lines: Vec<&str> = old.split_inclusive('\n').collect();
    let at = dice.below(lines.len() + 1);
    let new = [
        lines[..at].concat(),
        more.to_owned(),
        dice.pick(&["", "\n"]).to_owned(),
        lines[at..].concat(),
    ]
    .concat();
    put(source, path, new);
    format!("{path}:{}: {more}", at + 1)
}

/// Chart.lock, the schema, definitions.
fn data(source: &mut Source, dice: &mut Dice) -> String {
    match dice.below(9) {
        0 => replace(
            source,
            "Chart.lock",
            "2026-01-01T00:00:00Z",
            "2026-02-01T00:00:00+01:00",
        ),
        1 => replace(source, "Chart.lock", "\"2026-01-01T00:00:00Z\"", "yesterday"),
        2 => replace(source, "Chart.lock", "0a1b", "0a1c"),
        3 => replace(
            source,
            "values.schema.json",
            "\"type\": \"object\",\n  ",
            "\"type\":\"object\", ",
        ),
        4 => replace(
            source,
            "values.schema.json",
            "{\n  \"type\"",
            "\u{feff}{\n  \"type\"",
        ),
        5 => replace(source, "values.schema.json", "\"minimum\": 1", "\"minimum\": 1.0"),
        6 => replace(
            source,
            "values.schema.json",
            "\"type\": \"object\",",
            "\"type\": \"object\", \"type\": \"object\",",
        ),
        7 => line(source, dice, |path| path.starts_with("crds/")),
        _ => replace(source, "crds/buoy.yaml", "# a definition\n", "---\n"),
    }
}
