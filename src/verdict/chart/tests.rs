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
    assert_eq!(shown(b"a\n\xff\xc2\x85b"), "a\\x0a\\xff\\xc2\\x85b");
}
