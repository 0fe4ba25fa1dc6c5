use std::{fs, process::Command};

use proptest::{collection, prelude::*};

use super::*;

fn limits() -> Limits {
    Limits::default()
}

/// Applies a patch to a text the way `patch` does, from the patch's words alone.
fn apply(left: &str, patch: &str) -> String {
    let source: Vec<&str> = left.split_inclusive('\n').collect();
    let (mut at, mut out) = (0, String::new());
    let mut lines = patch.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let ends_bare = lines.peek().is_some_and(|next| next.starts_with('\\'));
        let body = &line[1..];
        let body = if ends_bare {
            body.strip_suffix('\n').unwrap()
        } else {
            body
        };
        match line.as_bytes()[0] {
            b'@' => {
                let range = line.split(' ').nth(1).unwrap().trim_start_matches('-');
                let (start, count) = range.split_once(',').unwrap_or((range, "1"));
                let start = start.parse::<usize>().unwrap() - usize::from(count != "0");
                out.extend(source[at..start].iter().copied());
                at = start;
            }
            b' ' | b'-' => {
                assert_eq!(source[at], body);
                at += 1;
                if line.starts_with(' ') {
                    out.push_str(body);
                }
            }
            b'+' => out.push_str(body),
            b'\\' => {}
            other => panic!("{other}"),
        }
    }
    out.extend(source[at..].iter().copied());
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_patch_makes_the_right_text(
        left in collection::vec("[ab]{0,2}\n?", 0..30),
        right in collection::vec("[ab]{0,2}\n?", 0..30),
        context in 0u32..4,
    ) {
        let (left, right) = (left.concat(), right.concat());
        let diff = diff(&left, &right, &limits()).unwrap();
        prop_assert_eq!(diff.hunks.is_empty(), left == right);
        prop_assert_eq!(apply(&left, &unified(&left, &right, &diff, context)), right);
    }

    #[test]
    fn rows_hold_both_texts(
        left in collection::vec("[ab]{0,2}", 0..30),
        right in collection::vec("[ab]{0,2}", 0..30),
        context in 0u32..4,
    ) {
        let text = |lines: &[String]| lines.iter().map(|l| format!("{l}\n")).collect::<String>();
        let (a, b) = (text(&left), text(&right));
        let rows = rows(&a, &b, &diff(&a, &b, &limits()).unwrap(), context, &limits());
        let (mut at, mut other) = (0u32, 0u32);
        for row in rows {
            if row.kind == RowKind::Gap {
                prop_assert_eq!((row.left_no, row.right_no), (Some(at + 1), Some(other + 1)));
                prop_assert!(row.hidden > 0);
                at += row.hidden;
                other += row.hidden;
                continue;
            }
            if let Some(no) = row.left_no {
                at += 1;
                prop_assert_eq!(no, at);
                prop_assert_eq!(row.left.as_ref(), left.get(no as usize - 1));
            }
            if let Some(no) = row.right_no {
                other += 1;
                prop_assert_eq!(no, other);
                prop_assert_eq!(row.right.as_ref().or(row.left.as_ref()), right.get(no as usize - 1));
            }
        }
        prop_assert_eq!((at as usize, other as usize), (left.len(), right.len()));
    }
}

#[test]
fn hunks_are_those_of_git() {
    let deployment = include_str!("../../../tests/mutation/values.yaml");
    let samples = [
        (
            deployment.to_owned(),
            deployment.replace(
                "  - name: two\n",
                "  - name: three\n    value: 3\n  - name: two\n",
            ),
        ),
        (
            deployment.to_owned(),
            deployment.replace("config: |\n", "other: |\n  x\n\n  y\n\nconfig: |\n"),
        ),
        (deployment.to_owned(), deployment.replace('\n', "\r\n")),
        (deployment.to_owned(), deployment.trim_end().to_owned()),
        ("a\nb\n\nc\n".repeat(5), "a\nb\n\nc\n".repeat(6)),
        (
            "def a\n  x\nend\n\ndef b\n  y\nend\n".to_owned(),
            "def a\n  x\nend\n\ndef c\n  x\nend\n\ndef b\n  y\nend\n".to_owned(),
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (index, (left, right)) in samples.iter().enumerate() {
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&a, left).unwrap();
        fs::write(&b, right).unwrap();
        let output = Command::new("git")
            .args([
                "-c",
                "core.safecrlf=false",
                "diff",
                "--no-index",
                "--histogram",
                "--indent-heuristic",
                "--no-color",
                "-U3",
            ])
            .args([&a, &b])
            // Away from this repository, whose attributes speak of line ends.
            .current_dir(folder.path())
            .output()
            .expect("git is installed");
        let git = String::from_utf8(output.stdout).unwrap();
        // git writes the enclosing heading after a hunk's second @@.
        let strip = |line: &str| match line.strip_prefix("@@ ").and_then(|l| l.split_once(" @@")) {
            Some((ranges, _)) => format!("@@ {ranges} @@\n"),
            None => line.to_owned(),
        };
        let want: String = git
            .split_inclusive('\n')
            .skip_while(|l| !l.starts_with("@@"))
            .map(strip)
            .collect();
        assert!(!want.is_empty());
        let ours = unified(left, right, &diff(left, right, &limits()).unwrap(), 3);
        assert_eq!(ours, want, "sample {index}");
    }
}

#[test]
fn words_and_gaps_are_told() {
    let left = "1\n2\n3\nimage: a:1\n5\n6\n7\n";
    let right = "1\n2\n3\nimage: a:2\nmore\n5\n6\n7\n";
    let rows = rows(left, right, &diff(left, right, &limits()).unwrap(), 1, &limits());
    let kinds: Vec<_> = rows
        .iter()
        .map(|r| (r.kind, r.left_no, r.right_no, r.hidden))
        .collect();
    assert_eq!(
        kinds,
        [
            (RowKind::Gap, Some(1), Some(1), 2),
            (RowKind::Context, Some(3), Some(3), 0),
            (RowKind::Changed, Some(4), Some(4), 0),
            (RowKind::Added, None, Some(5), 0),
            (RowKind::Context, Some(5), Some(6), 0),
            (RowKind::Gap, Some(6), Some(7), 2),
        ]
    );
    let one = |ranges: &[Range<u32>]| ranges.iter().map(|r| (r.start, r.end)).collect::<Vec<_>>();
    assert_eq!(
        (one(&rows[2].left_words), one(&rows[2].right_words)),
        (vec![(9, 10)], vec![(9, 10)])
    );
}

#[test]
fn too_many_lines_are_refused() {
    let limits = Limits {
        diff_lines: 3,
        ..Limits::default()
    };
    assert!(diff("1\n2\n3", "", &limits).is_ok());
    assert_eq!(
        diff("", "1\n2\n3\n", &limits).unwrap_err().message,
        "the text exceeds the limit of 3 lines"
    );
}
