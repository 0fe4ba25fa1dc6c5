//! The content digest: `content:sha256:<hex>`, equal for the same content whoever packed it.
//!
//! **Charts and other file archives** ([`files`]): the sha256 of what coreutils' `sha256sum` prints for every
//! regular file, with paths as they are in the archive (the chart's folder included, `./` not), sorted by
//! path bytes. So anyone can check it:
//!
//! ```text
//! tar xzf x.tgz && find * -type f | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum
//! ```
//!
//! Take the tree from [`tree::archive`](super::archive::tree), which keeps the first folder; a chart's tree
//! drops it. coreutils puts a backslash before the line of a name that has a backslash, a newline or a
//! carriage return, and writes those as `\\`, `\n` and `\r`.
//!
//! **Images** ([`image`]): one line for each path of the flattened root, sorted by path bytes:
//!
//! ```text
//! <type> <mode> <uid>:<gid> <what> <path>\n
//! ```
//!
//! `type` is file, dir, symlink, hardlink, char, block, fifo or other; `mode` has four octal digits; `what`
//! is the sha256 of a file, the target of a link, `major:minor` of a device, `-` for the rest. A path with extended
//! attributes, such as capabilities, has a line `xattr <name> <sha256 of the value> <path>` for each after its own. As in
//! `/proc/mounts`, backslash, newline and (in `what`) space are written `\134`, `\012`, `\040`, so that no two
//! trees give one text. After the last line follows the canonical JSON (keys sorted, no white space) of
//! an object with the config's `config`, `architecture`, `os` and `variant`, without those that are absent or
//! null. Of the names of one inode the first by bytes is the file, the others are its hard links.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::place::is_outside;
use super::{Node, Tree};
use crate::archive::EntryKind;
use crate::oci::Digest;

/// The content digest of a file archive; see the module's head. Members of nested archives are not part of
/// it: they count as bytes.
pub fn files(tree: &Tree) -> String {
    let mut text = Text::default();
    for (path, node) in own(tree) {
        let Some(sha256) = regular(tree, node) else {
            continue;
        };
        let escaped = path.iter().any(|b| matches!(b, b'\\' | b'\n' | b'\r'));
        if escaped {
            text.put(b"\\");
        }
        text.put(Digest::from_sha256(sha256).hex().as_bytes());
        text.put(b"  ");
        for byte in path {
            match byte {
                b'\\' if escaped => text.put(b"\\\\"),
                b'\n' => text.put(b"\\n"),
                b'\r' => text.put(b"\\r"),
                byte => text.put(&[*byte]),
            }
        }
        text.put(b"\n");
    }
    text.digest()
}

/// The content digest of an image: its flattened root and what of its config runs.
pub fn image(tree: &Tree, config: &Value) -> String {
    let mut text = Text::default();
    for (path, node) in own(tree) {
        text.put(
            format!(
                "{} {:04o} {}:{} ",
                node.kind.word(),
                node.mode,
                node.uid,
                node.gid
            )
            .as_bytes(),
        );
        match node.kind {
            EntryKind::File | EntryKind::Other(_) => {
                text.put(Digest::from_sha256(&node.sha256).hex().as_bytes());
            }
            EntryKind::Directory | EntryKind::Fifo => text.put(b"-"),
            _ => text.put_escaped(&node.link, true),
        }
        text.put(b" ");
        text.put_escaped(path, false);
        text.put(b"\n");
        for (name, value) in &node.xattrs {
            text.put(b"xattr ");
            text.put_escaped(name, true);
            let value = Digest::from_sha256(&Sha256::digest(value).into());
            text.put(format!(" {} ", value.hex()).as_bytes());
            text.put_escaped(path, false);
            text.put(b"\n");
        }
    }
    let kept: BTreeMap<&str, &Value> = ["architecture", "config", "os", "variant"]
        .into_iter()
        .filter_map(|key| Some((key, config.get(key).filter(|value| !value.is_null())?)))
        .collect();
    text.put(canonical_object(kept).as_bytes());
    text.digest()
}

/// Nodes of the archive itself, sorted by path.
fn own(tree: &Tree) -> impl Iterator<Item = (&Vec<u8>, &Node)> {
    tree.nodes
        .iter()
        .filter(|(path, _)| !is_outside(path) && !is_nested(path, tree))
}

/// Whether the path lies inside a nested archive that the tree was expanded with.
fn is_nested(path: &[u8], tree: &Tree) -> bool {
    path.windows(2)
        .enumerate()
        .filter(|(_, pair)| *pair == b"!/")
        .filter_map(|(at, _)| path.get(..at))
        .any(|outer| tree.nodes.get(outer).is_some_and(|node| node.expanded))
}

/// The hash of what `find -type f` would list: a file, or another name of one.
fn regular<'t>(tree: &'t Tree, node: &'t Node) -> Option<&'t [u8; 32]> {
    match node.kind {
        EntryKind::File => Some(&node.sha256),
        EntryKind::Hardlink => tree
            .nodes
            .get(&node.link)
            .filter(|target| target.kind == EntryKind::File)
            .map(|_| &node.sha256),
        _ => None,
    }
}

#[derive(Default)]
struct Text(Sha256);

impl Text {
    fn put(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn put_escaped(&mut self, bytes: &[u8], space: bool) {
        for byte in bytes {
            match byte {
                b'\\' => self.put(b"\\134"),
                b'\n' => self.put(b"\\012"),
                b' ' if space => self.put(b"\\040"),
                byte => self.put(&[*byte]),
            }
        }
    }

    fn digest(self) -> String {
        format!("content:{}", Digest::from_sha256(&self.0.finalize().into()))
    }
}

fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => canonical_object(members.iter().map(|(k, v)| (k.as_str(), v)).collect()),
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

fn canonical_object(members: BTreeMap<&str, &Value>) -> String {
    let members: Vec<String> = members
        .into_iter()
        .map(|(key, value)| format!("{}:{}", Value::from(key), canonical(value)))
        .collect();
    format!("{{{}}}", members.join(","))
}
