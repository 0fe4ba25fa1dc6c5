//! Builds trees for tests out of texts.

use std::sync::Arc;

use crate::archive::EntryKind;
use crate::tree::{Node, Tree};

/// A tree with these files.
pub fn tree(files: &[(&str, &str)]) -> Tree {
    tree_of_bytes(&files.iter().map(|(p, t)| (*p, t.as_bytes())).collect::<Vec<_>>())
}

/// A tree with these files, as bytes.
pub fn tree_of_bytes(files: &[(&str, &[u8])]) -> Tree {
    let mut tree = Tree::default();
    for (path, bytes) in files {
        tree.nodes.insert(path.as_bytes().to_vec(), node(bytes));
    }
    tree
}

/// A file's node.
pub fn node(bytes: &[u8]) -> Node {
    Node {
        kind: EntryKind::File,
        mode: 0o644,
        uid: 0,
        gid: 0,
        size: bytes.len() as u64,
        sha256: sha256(bytes),
        bytes: Some(Arc::from(bytes)),
        link: Vec::new(),
        xattrs: std::collections::BTreeMap::new(),
        layer: 0,
        expanded: false,
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).into()
}
