//! The rules for charts, on two charts that are changed file by file.
//!
//! Both sides start as the same small chart. An input is a list of files with [`SIDES`] between them; the first line of
//! each is `l`, `r` or `b` (left, right, both) and a path, the rest its new content. Content `-` takes the file away.

use std::collections::BTreeMap;
use std::sync::Arc;

use tagdrift::archive::EntryKind;
use tagdrift::limits::Limits;
use tagdrift::oci::Digest;
use tagdrift::tree::{Node, Tree};
use tagdrift::verdict::{Code, Weight, chart};

use super::{SIDES, sides};

const CHART: &[(&str, &str)] = &[
    (
        "Chart.yaml",
        "apiVersion: v2\nname: kelp\nversion: 1.0.0\ndescription: x # y\n",
    ),
    (
        "values.yaml",
        "# a\nreplicas: 1\nimage: {repository: a, tag: \"1\"}\nlist:\n  - a\n  - b\n",
    ),
    ("README.md", "read me\n"),
    ("templates/_h.tpl", "{{ define \"h\" }}\na: b\n{{ end }}\n"),
    (
        "templates/cm.yaml",
        "kind: ConfigMap\ndata:\n  # c\n  a: {{ .Values.replicas }}\n",
    ),
    (
        "templates/d.yaml",
        "kind: Deployment\nspec:\n  template:\n    a: {{ include (print .Template.BasePath \"/cm.yaml\") . | sha256sum }}\n",
    ),
    ("charts/s/Chart.yaml", "apiVersion: v2\nname: s\nversion: 1.0.0\n"),
];

/// More files than this are not the point, and the slow way to find it.
const MOST_FILES: usize = 12;

/// A chart has no cause against itself, and where a file differs there is a cause, deployed both ways or neither.
pub fn judge(data: &[u8]) {
    let limits = Limits {
        data_nodes: 20_000,
        diff_lines: 5_000,
        causes: 50,
        ..Limits::default()
    };
    let base: BTreeMap<&[u8], &[u8]> = CHART
        .iter()
        .map(|(path, text)| (path.as_bytes(), text.as_bytes()))
        .collect();
    let (mut left, mut right) = (base.clone(), base);
    let mut rest = data;
    for _ in 0..MOST_FILES {
        let (file, later) = if rest.windows(SIDES.len()).any(|window| window == SIDES) {
            sides(rest)
        } else {
            (rest, &[][..])
        };
        put(file, &mut left, &mut right);
        rest = later;
    }
    let equal = left == right;
    let (left, right) = (tree(left), tree(right));
    assert!(
        chart::judge(&left, &left, &limits).causes.is_empty(),
        "a chart differs from itself"
    );
    let there = chart::judge(&left, &right, &limits).causes;
    let back = chart::judge(&right, &left, &limits).causes;
    assert_eq!(there.is_empty(), equal, "{there:?}");
    assert_eq!(back.is_empty(), equal, "{back:?}");
    let proven = |causes: &[tagdrift::verdict::Cause]| {
        causes
            .iter()
            // Told where they come in, not where they go.
            .filter(|cause| cause.code != Code::TextInvisible)
            .all(|cause| matches!(cause.weight, Weight::Packaging | Weight::Cosmetic))
    };
    assert_eq!(proven(&there), proven(&back), "{there:?} but {back:?}");
}

fn put<'a>(
    file: &'a [u8],
    left: &mut BTreeMap<&'a [u8], &'a [u8]>,
    right: &mut BTreeMap<&'a [u8], &'a [u8]>,
) {
    let end = file.iter().position(|byte| *byte == b'\n').unwrap_or(file.len());
    let (head, content) = file.split_at(end);
    let content = content.strip_prefix(b"\n").unwrap_or(content);
    let Some((side, path)) = head.split_first() else {
        return;
    };
    let path = path.strip_prefix(b" ").unwrap_or(path);
    if path.is_empty() {
        return;
    }
    for (tree, name) in [(left, b'l'), (right, b'r')] {
        if *side != name && *side != b'b' {
            continue;
        }
        if content == b"-" {
            tree.remove(path);
        } else {
            tree.insert(path, content);
        }
    }
}

fn tree(files: BTreeMap<&[u8], &[u8]>) -> Tree {
    let mut tree = Tree::default();
    for (path, bytes) in files {
        let mut sha256 = [0; 32];
        let digest = Digest::sha256(bytes);
        for (byte, pair) in sha256.iter_mut().zip(digest.hex().as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).expect("hex digits");
            *byte = u8::from_str_radix(pair, 16).expect("hex digits");
        }
        let node = Node {
            kind: EntryKind::File,
            mode: 0o644,
            uid: 0,
            gid: 0,
            size: bytes.len() as u64,
            sha256,
            bytes: Some(Arc::from(bytes)),
            link: Vec::new(),
            xattrs: BTreeMap::new(),
            layer: 0,
            expanded: false,
        };
        tree.nodes.insert(path.to_vec(), node);
    }
    tree
}
