use super::testing::tree;
use super::*;

/// A chart that the tests edit.
const CHART: &[(&str, &str)] = &[
    ("Chart.yaml", "apiVersion: v2\nname: kelp\nversion: 1.0.0\n"),
    ("README.md", "Read me.\n"),
    ("files/app.conf", "a = 1\n"),
    ("ci/values.yaml", "x: 1\n"),
    ("templates/a.yaml", "a: 1\n"),
];

fn edited(path: &str, text: &str) -> Vec<(String, String)> {
    let mut files = CHART
        .iter()
        .map(|(p, t)| ((*p).to_owned(), (*t).to_owned()))
        .collect::<Vec<_>>();
    files.retain(|(p, _)| p != path);
    files.push((path.to_owned(), text.to_owned()));
    files
}

fn build(files: &[(String, String)]) -> Tree {
    tree(
        &files
            .iter()
            .map(|(p, t)| (p.as_str(), t.as_str()))
            .collect::<Vec<_>>(),
    )
}

fn told(left: &Tree, right: &Tree) -> Vec<(String, &'static str, u8, Weight)> {
    let judged = judge(left, right, &Limits::default());
    judged
        .causes
        .iter()
        .map(|c| (c.path.clone(), c.code.word(), c.severity.into(), c.weight))
        .collect()
}

#[test]
fn equal_trees_have_no_causes() {
    let judged = judge(&tree(CHART), &tree(CHART), &Limits::default());
    assert!(judged.causes.is_empty() && judged.classes.is_empty());
}

#[test]
fn a_readme_is_a_document_until_a_template_reads_it() {
    let right = edited("README.md", "Read me twice.\n");
    assert_eq!(
        told(&tree(CHART), &build(&right)),
        [("README.md".to_owned(), "file.docs", 1, Weight::Cosmetic)]
    );
    let mut both = [edited("README.md", "Read me.\n"), right];
    for files in &mut both {
        files.push((
            "templates/cm.yaml".to_owned(),
            "a:\n  b: {{ .Files.Get \"README.md\" }}\n".to_owned(),
        ));
    }
    let judged = judge(&build(&both[0]), &build(&both[1]), &Limits::default());
    assert_eq!(judged.causes.len(), 1);
    assert_eq!(judged.causes[0].weight, Weight::Deployed);
    assert_eq!(
        judged.causes[0].note,
        "templates/cm.yaml:2 may read it, so it is content."
    );
}

#[test]
fn what_cannot_be_read_leaves_a_document_open() {
    let mut both = [edited("README.md", "a"), edited("README.md", "b")];
    for files in &mut both {
        files.push(("templates/broken.yaml".to_owned(), "{{ x".to_owned()));
    }
    let judged = judge(&build(&both[0]), &build(&both[1]), &Limits::default());
    assert_eq!(judged.causes[0].weight, Weight::Unread);
    assert_eq!(
        judged.causes[0].note,
        "Whether a template reads it cannot be told: templates/broken.yaml: an action or a comment has no end."
    );
}

#[test]
fn tests_are_noise_and_unknown_files_are_content() {
    assert_eq!(
        told(&tree(CHART), &build(&edited("ci/values.yaml", "x: 2\n"))),
        [("ci/values.yaml".to_owned(), "file.tests", 0, Weight::Cosmetic)]
    );
    assert_eq!(
        told(&tree(CHART), &build(&edited("files/app.conf", "a = 2\n"))),
        [("files/app.conf".to_owned(), "file.bytes", 2, Weight::Deployed)]
    );
}

#[test]
fn invisible_characters_are_told_with_the_weight_of_the_file() {
    assert_eq!(
        told(&tree(CHART), &build(&edited("README.md", "Read\u{202e} me.\n"))),
        [
            ("README.md".to_owned(), "file.docs", 1, Weight::Cosmetic),
            ("README.md".to_owned(), "text.invisible", 2, Weight::Cosmetic)
        ]
    );
    let right = build(&edited("files/app.conf", "a = \u{200b}1\n"));
    let judged = judge(&tree(CHART), &right, &Limits::default());
    assert_eq!(judged.causes[1].to.as_deref(), Some("U+200B (line 1)"));
    assert_eq!(judged.causes[1].weight, Weight::Deployed);
}

#[test]
fn invisible_characters_in_a_comment_of_a_template_are_no_noise() {
    let left = build(&edited("templates/a.yaml", "# plain\na: 1\n"));
    let right = build(&edited("templates/a.yaml", "# pl\u{202e}ain\na: 1\n"));
    let causes = judge(&left, &right, &Limits::default()).causes;
    let told = causes.iter().find(|c| c.code == Code::TextInvisible);
    assert_eq!(told.map(|c| c.weight), Some(Weight::Deployed), "{causes:?}");
}

#[test]
fn a_document_does_not_make_a_subchart() {
    assert_eq!(
        told(&tree(CHART), &build(&edited("charts/none/README.md", "x"))),
        [(
            "charts/none/README.md".to_owned(),
            "file.added",
            3,
            Weight::Deployed
        )]
    );
}

#[test]
fn notes_that_print_what_is_not_there_are_content() {
    let notes = |more: &str| {
        let text = format!("{{{{ with .Values.image }}}}{more}{{{{ end }}}}\n");
        build(&edited("templates/NOTES.txt", &text))
    };
    for (more, weight) in [
        ("words", Weight::Cosmetic),
        ("{{ $.Release.Name }}", Weight::Cosmetic),
        ("{{ .Release.Name }}", Weight::Deployed),
    ] {
        let causes = judge(&notes(""), &notes(more), &Limits::default()).causes;
        assert_eq!(
            causes.iter().map(|c| c.weight).collect::<Vec<_>>(),
            [weight],
            "{more}: {causes:?}"
        );
    }
}

#[test]
fn added_and_removed_files() {
    let more = build(&edited("docs/x.md", "x"));
    assert_eq!(
        told(&tree(CHART), &more),
        [
            ("docs/x.md".to_owned(), "file.added", 1, Weight::Cosmetic),
            ("docs/x.md".to_owned(), "file.docs", 1, Weight::Cosmetic)
        ]
    );
    let more = build(&edited("files/b", "x"));
    assert_eq!(
        told(&more, &tree(CHART)),
        [("files/b".to_owned(), "file.removed", 2, Weight::Deployed)]
    );
}

#[test]
fn a_link_is_content() {
    let mut right = tree(CHART);
    right.nodes.get_mut(b"README.md".as_slice()).unwrap().kind = EntryKind::Symlink;
    right.nodes.get_mut(b"README.md".as_slice()).unwrap().link = b"/etc/passwd".to_vec();
    let judged = judge(&tree(CHART), &right, &Limits::default());
    assert_eq!(judged.causes[0].code, Code::TarLink);
    assert_eq!(judged.causes[0].to.as_deref(), Some("symlink → /etc/passwd"));
    assert_eq!(judged.causes[0].weight, Weight::Deployed);
}

#[test]
fn shown_paths_hide_nothing() {
    assert_eq!(shown(b"a\n\xff\xc2\x85b"), "a\\u{a}\\xff\\u{85}b");
}

#[test]
fn a_subchart_under_another_archive_name_is_the_same_subchart() {
    let packed = |archive: &str, values: &str| {
        let mut files = CHART
            .iter()
            .map(|(p, t)| ((*p).to_owned(), (*t).to_owned()))
            .collect::<Vec<_>>();
        files.push((format!("charts/{archive}"), values.to_owned()));
        files.push((
            format!("charts/{archive}!/Chart.yaml"),
            "name: r\nversion: 1.0.0\n".to_owned(),
        ));
        files.push((format!("charts/{archive}!/values.yaml"), values.to_owned()));
        let mut tree = build(&files);
        tree.nodes
            .get_mut(format!("charts/{archive}").as_bytes())
            .unwrap()
            .expanded = true;
        tree
    };
    assert_eq!(
        told(&packed("r-1.tgz", "a: 1\n"), &packed("r.tgz", "a: 2\n")),
        [
            ("charts/r.tgz".to_owned(), "file.renamed", 0, Weight::Cosmetic),
            (
                "charts/r.tgz!/values.yaml".to_owned(),
                "values.value",
                3,
                Weight::Deployed
            )
        ]
    );
    let judged = judge(
        &packed("r-1.tgz", "a: 1\n"),
        &packed("r-1.tgz", "a: 1 # x\n"),
        &Limits::default(),
    );
    assert_eq!(
        judged.causes.iter().map(|c| c.code).collect::<Vec<_>>(),
        [Code::YamlComments]
    );
    let mut repacked = packed("r-1.tgz", "a: 1\n");
    repacked
        .nodes
        .get_mut(b"charts/r-1.tgz".as_slice())
        .unwrap()
        .sha256 = [7; 32];
    let judged = judge(&packed("r-1.tgz", "a: 1\n"), &repacked, &Limits::default());
    assert_eq!(judged.causes.len(), 1);
    assert_eq!(
        (judged.causes[0].code, judged.causes[0].weight),
        (Code::CompressionStream, Weight::Cosmetic)
    );
    assert_eq!(
        judged.causes[0].note,
        "Only repacked: all 2 files in it are equal."
    );
    let fault = crate::fault::Fault::malformed("the gzip stream ends early");
    repacked.unread.push((b"charts/r-1.tgz".to_vec(), fault));
    let judged = judge(&packed("r-1.tgz", "a: 1\n"), &repacked, &Limits::default());
    assert_eq!(
        (judged.causes[0].code, judged.causes[0].weight),
        (Code::Unreadable, Weight::Unread)
    );
}

#[test]
fn renamed_files_are_harmless_only_where_proven() {
    let renamed = |from: &str, to: &str, with: &[(&str, &str)]| {
        let left = tree(&[CHART, with].concat());
        let mut right = left.clone();
        let node = right.nodes.remove(from.as_bytes()).unwrap();
        right.nodes.insert(to.as_bytes().to_vec(), node);
        judge(&left, &right, &Limits::default())
            .causes
            .into_iter()
            .map(|c| (c.code.word(), c.weight))
            .collect::<Vec<_>>()
    };
    let harmless = [("file.renamed", Weight::Cosmetic)];
    assert_eq!(renamed("templates/a.yaml", "templates/b.yaml", &[]), harmless);
    assert_eq!(renamed("README.md", "README", &[]), harmless);
    let deployed = |causes: Vec<(&str, Weight)>| causes.iter().any(|(_, w)| *w == Weight::Deployed);
    assert!(deployed(renamed("templates/a.yaml", "templates/x/a.yaml", &[])));
    assert!(deployed(renamed(
        "templates/a.yaml",
        "templates/c.yaml",
        &[("templates/b.yaml", "b: 1\n")]
    )));
    assert!(deployed(renamed("templates/a.yaml", "templates/_a.yaml", &[])));
    assert!(deployed(renamed(
        "templates/a.yaml",
        "templates/b.yaml",
        &[(
            "templates/z.yaml",
            "{{ include (print .Template.BasePath \"/a.yaml\") . }}"
        )]
    )));
    assert!(deployed(renamed("files/app.conf", "files/b.conf", &[])));
    assert!(deployed(renamed(
        "README.md",
        "LICENSE",
        &[("templates/z.yaml", "{{ .Files.Get \"README.md\" }}")]
    )));
}
