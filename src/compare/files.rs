//! Two file trees side by side: which files are on both sides, and which of their properties differ.

use std::collections::BTreeMap;

use crate::tree::{Node, Tree};

/// One path of either tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilePair<'a> {
    /// The raw path.
    pub path: &'a [u8],
    /// The left node.
    pub left: Option<&'a Node>,
    /// The right node.
    pub right: Option<&'a Node>,
}

/// Which properties of a node differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NodeDifference {
    /// What it is: file, link, directory …
    pub kind: bool,
    /// Size or sha256.
    pub bytes: bool,
    /// Permission bits.
    pub mode: bool,
    /// Owner or group, by number.
    pub owner: bool,
    /// Link target or device numbers.
    pub link: bool,
    /// Extended attributes.
    pub xattrs: bool,
}

impl NodeDifference {
    /// Compares two nodes.
    pub fn of(left: &Node, right: &Node) -> Self {
        Self {
            kind: left.kind != right.kind,
            bytes: left.size != right.size || left.sha256 != right.sha256,
            mode: left.mode != right.mode,
            owner: (left.uid, left.gid) != (right.uid, right.gid),
            link: left.link != right.link,
            xattrs: left.xattrs != right.xattrs,
        }
    }

    /// True when what a reader of file contents sees differs.
    pub fn content(self) -> bool {
        self.kind || self.bytes || self.link
    }

    /// True when anything differs.
    pub fn any(self) -> bool {
        self.content() || self.mode || self.owner || self.xattrs
    }
}

impl FilePair<'_> {
    /// What differs, when the path is on both sides.
    pub fn difference(&self) -> Option<NodeDifference> {
        Some(NodeDifference::of(self.left?, self.right?))
    }
}

/// All paths of both trees in order.
pub fn pairs<'a>(left: &'a Tree, right: &'a Tree) -> Vec<FilePair<'a>> {
    let mut all: BTreeMap<&[u8], FilePair<'a>> = BTreeMap::new();
    for (path, node) in &left.nodes {
        all.insert(
            path,
            FilePair {
                path,
                left: Some(node),
                right: None,
            },
        );
    }
    for (path, node) in &right.nodes {
        all.entry(path)
            .or_insert(FilePair {
                path,
                left: None,
                right: None,
            })
            .right = Some(node);
    }
    all.into_values().collect()
}
