//! Which path of the left tree stands for which of the right.
//!
//! Purpose: Helm knows a subchart by the name in its Chart.yaml, not by its folder or archive: `charts/redis-1.2.3.tgz`,
//! `charts/redis-1.2.4.tgz` and the folder `charts/redis/` are the same subchart at other times. Compared by path alone
//! every file of it would be removed and added.
//!
//! Invariants: outside of subcharts a path stands for itself. Two subcharts of one name in the same chart keep their own
//! paths, and so does what is no chart. Each path is in exactly one row.

use std::collections::{BTreeMap, BTreeSet};

use super::text;
use crate::tree::Tree;
use crate::verdict::file_class::Place;

/// One file on the left, on the right, or both, by path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// The left side's path.
    pub left: Option<&'a [u8]>,
    /// The right side's path.
    pub right: Option<&'a [u8]>,
}

/// Every path of both trees, in order of the right side's path (or the left's, where there is no other).
pub fn rows<'a>(left: &'a Tree, right: &'a Tree) -> Vec<Row<'a>> {
    let (l, r) = (by_subchart(left), by_subchart(right));
    let keys = l.keys().chain(r.keys()).collect::<BTreeSet<_>>();
    let rows = keys.into_iter().map(|key| Row {
        left: l.get(key).copied(),
        right: r.get(key).copied(),
    });
    let mut rows = rows.collect::<Vec<_>>();
    rows.sort_by_key(|row| row.right.or(row.left));
    rows
}

/// Each path under the name it is compared by.
fn by_subchart(tree: &Tree) -> BTreeMap<Vec<u8>, &[u8]> {
    let names = names(tree);
    let mut paths = BTreeMap::new();
    for path in tree.nodes.keys() {
        let place = Place::of(path);
        // A packed subchart stands beside its members, under the same name.
        let own = [path.as_slice(), b"!/"].concat();
        let key = match (names.get(own.as_slice()), names.get(place.chart)) {
            (Some(name), _) => [name.as_slice(), b"!"].concat(),
            (None, Some(name)) => [name.as_slice(), place.inner].concat(),
            (None, None) => path.clone(),
        };
        // A file that is really called like that keeps its own path, and so does the second of two.
        let key = if paths.contains_key(&key) {
            [b"\0", path.as_slice()].concat()
        } else {
            key
        };
        paths.insert(key, path.as_slice());
    }
    paths
}

/// The prefix of each subchart with one that is made of chart names, where those are unique.
fn names(tree: &Tree) -> BTreeMap<&[u8], Vec<u8>> {
    let prefixes = tree
        .nodes
        .keys()
        .map(|path| Place::of(path).chart)
        .collect::<BTreeSet<_>>();
    let mut names: BTreeMap<&[u8], Vec<u8>> = BTreeMap::new();
    // Parents come first: a prefix sorts before what it begins.
    for prefix in prefixes.into_iter().filter(|prefix| !prefix.is_empty()) {
        let parent = parent(prefix);
        let above = if parent.is_empty() {
            Some(Vec::new())
        } else {
            names.get(parent).cloned()
        };
        if let (Some(above), Some(name)) = (above, chart_name(tree, prefix)) {
            names.insert(
                prefix,
                [above.as_slice(), b"charts/", name.as_bytes(), b"/"].concat(),
            );
        }
    }
    let mut count: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    names
        .values()
        .for_each(|name| *count.entry(name.clone()).or_insert(0) += 1);
    names.retain(|_, name| count.get(name) == Some(&1));
    names
}

/// The prefix of the chart that a subchart's prefix stands in.
fn parent(prefix: &[u8]) -> &[u8] {
    let folder = prefix.strip_suffix(b"/").unwrap_or(prefix);
    let start = folder
        .windows(b"charts/".len())
        .rposition(|w| w == b"charts/")
        .unwrap_or(0);
    prefix.get(..start).unwrap_or_default()
}

/// `name` in a subchart's Chart.yaml, where it is written plainly.
fn chart_name<'a>(tree: &'a Tree, prefix: &[u8]) -> Option<&'a str> {
    let source = text(tree.nodes.get([prefix, b"Chart.yaml"].concat().as_slice())?)?;
    super::survey::plain_name(source)
}

#[cfg(test)]
mod tests {
    use super::super::testing::tree;
    use super::*;

    fn told(left: &[(&str, &str)], right: &[(&str, &str)]) -> Vec<(String, String)> {
        let (left, right) = (tree(left), tree(right));
        let show = |path: Option<&[u8]>| {
            path.map(|p| String::from_utf8_lossy(p).into_owned())
                .unwrap_or_default()
        };
        rows(&left, &right)
            .iter()
            .map(|row| (show(row.left), show(row.right)))
            .collect()
    }

    fn pair(left: &str, right: &str) -> (String, String) {
        (left.to_owned(), right.to_owned())
    }

    #[test]
    fn a_subchart_is_known_by_its_name() {
        let old = [
            ("charts/r-1.tgz", ""),
            ("charts/r-1.tgz!/Chart.yaml", "name: r\n"),
            ("charts/r-1.tgz!/charts/s/Chart.yaml", "name: s"),
            ("a", ""),
        ];
        let new = [
            ("charts/r-2.tgz", ""),
            ("charts/r-2.tgz!/Chart.yaml", "name: r\n"),
            ("charts/r-2.tgz!/charts/s/Chart.yaml", "name: s"),
            ("b", ""),
        ];
        let folder = [("charts/x/Chart.yaml", "name: r\n")];
        assert_eq!(
            told(&old, &new),
            [
                pair("a", ""),
                pair("", "b"),
                pair("charts/r-1.tgz", "charts/r-2.tgz"),
                pair("charts/r-1.tgz!/Chart.yaml", "charts/r-2.tgz!/Chart.yaml"),
                pair(
                    "charts/r-1.tgz!/charts/s/Chart.yaml",
                    "charts/r-2.tgz!/charts/s/Chart.yaml"
                ),
            ]
        );
        assert_eq!(
            told(&old[1..2], &folder),
            [pair("charts/r-1.tgz!/Chart.yaml", "charts/x/Chart.yaml")]
        );
    }

    #[test]
    fn two_of_one_name_keep_their_paths() {
        let two = [
            ("charts/r-1.tgz!/Chart.yaml", "name: r\n"),
            ("charts/r-2.tgz!/Chart.yaml", "name: r\n"),
        ];
        assert_eq!(
            told(&two, &two),
            [pair(two[0].0, two[0].0), pair(two[1].0, two[1].0)]
        );
        let odd = [("charts/r/Chart.yaml", "name: {{}}\n")];
        assert_eq!(told(&odd, &odd), [pair(odd[0].0, odd[0].0)]);
    }
}
