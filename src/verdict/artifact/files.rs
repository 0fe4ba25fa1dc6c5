//! Rules about files whose place and bytes are all that can be said: an image's, and those of artifacts
//! that are neither chart nor Flux. Modes, owners, links and attributes are content here.

use crate::archive::EntryKind;
use crate::compare::files::{FilePair, NodeDifference};
use crate::compare::packing::show_path;
use crate::tree::Node;
use crate::verdict::{Cause, Code, Severity, Stage, Weight};

/// Judges one path. Empty when nothing differs, or when only a folder's own entry is missing that a
/// runtime makes in the same way.
pub fn judge(pair: &FilePair<'_>, has_children: bool) -> Vec<Cause> {
    match (pair.left, pair.right) {
        (None, Some(node)) => vec![one_sided(pair, node, Code::FileAdded, has_children)],
        (Some(node), None) => vec![one_sided(pair, node, Code::FileRemoved, has_children)],
        (Some(left), Some(right)) => both(pair, left, right, NodeDifference::of(left, right)),
        (None, None) => Vec::new(),
    }
}

fn one_sided(pair: &FilePair<'_>, node: &Node, code: Code, has_children: bool) -> Cause {
    let path = show_path(pair.path);
    let facts = describe(node);
    let (from, to) = if code == Code::FileAdded {
        (None, Some(facts))
    } else {
        (Some(facts), None)
    };
    // Runtimes make missing parents as root with 0755 (containerd's archive package, docker's likewise).
    if has_children && is_plain_folder(node) {
        return Cause::new(
            Code::TarDirectoryEntries,
            Severity::Noise,
            Stage::Archive,
            Weight::Packaging,
        )
        .path(path)
        .values(from, to)
        .note("the folder's own entry; without it a runtime makes the same folder");
    }
    let place = place(pair.path);
    let severity = match code {
        Code::FileAdded if node.mode & 0o6000 != 0 => Severity::Breaking,
        _ if node.kind == EntryKind::Directory => Severity::Review,
        _ => place.severity,
    };
    Cause::new(code, severity, Stage::Files, Weight::Deployed)
        .path(path)
        .values(from, to)
        .note(place.note)
}

/// A folder as a runtime makes it by itself.
fn is_plain_folder(node: &Node) -> bool {
    node.kind == EntryKind::Directory
        && node.mode == 0o755
        && node.uid == 0
        && node.gid == 0
        && node.xattrs.is_empty()
}

fn both(pair: &FilePair<'_>, left: &Node, right: &Node, difference: NodeDifference) -> Vec<Cause> {
    let path = show_path(pair.path);
    let place = place(pair.path);
    let cause =
        |code, severity| Cause::new(code, severity, Stage::Files, Weight::Deployed).path(path.clone());
    let mut causes = Vec::new();
    if difference.kind {
        causes.push(
            cause(Code::TarLink, Severity::Behaviour)
                .change(left.kind.word(), right.kind.word())
                .note("it is another kind of thing now"),
        );
    } else if difference.bytes {
        causes.push(
            cause(Code::FileBytes, place.severity)
                .change(describe(left), describe(right))
                .note(place.note),
        );
    }
    if difference.link && !difference.kind {
        causes.push(
            cause(Code::TarLink, Severity::Behaviour)
                .change(show_path(&left.link), show_path(&right.link))
                .note("it points elsewhere now"),
        );
    }
    if difference.mode {
        let gained = right.mode & !left.mode & 0o6000 != 0;
        let severity = if gained {
            Severity::Breaking
        } else {
            Severity::Behaviour
        };
        let note = if gained {
            "it now runs with its owner's or group's rights"
        } else {
            ""
        };
        causes.push(
            cause(Code::TarMode, severity)
                .change(format!("{:04o}", left.mode), format!("{:04o}", right.mode))
                .note(note),
        );
    }
    if difference.owner {
        let owner = |n: &Node| format!("{}:{}", n.uid, n.gid);
        causes.push(cause(Code::TarOwner, Severity::Behaviour).change(owner(left), owner(right)));
    }
    if difference.xattrs {
        causes.push(xattrs(cause(Code::TarXattr, Severity::Behaviour), left, right));
    }
    causes
}

fn xattrs(cause: Cause, left: &Node, right: &Node) -> Cause {
    let capability: &[u8] = b"security.capability";
    let names = |n: &Node| {
        n.xattrs
            .keys()
            .map(|k| show_path(k))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut cause = cause.change(names(left), names(right));
    if left.xattrs.get(capability) != right.xattrs.get(capability) {
        cause.severity = Severity::Breaking;
        cause.note = "file capabilities: what it may do as root does".to_owned();
    }
    cause
}

fn describe(node: &Node) -> String {
    match node.kind {
        EntryKind::File => format!("{} bytes, sha256 {}", node.size, short_hex(&node.sha256)),
        EntryKind::Symlink | EntryKind::Hardlink => {
            format!("{} to {}", node.kind.word(), show_path(&node.link))
        }
        kind => format!("{} {:04o}", kind.word(), node.mode),
    }
}

fn short_hex(sha256: &[u8; 32]) -> String {
    crate::oci::Digest::from_sha256(sha256).short().to_owned()
}

struct Place {
    severity: Severity,
    note: &'static str,
}

/// What a path in a root file system stands for (Filesystem Hierarchy Standard 3.0).
fn place(path: &[u8]) -> Place {
    let starts = |prefixes: &[&[u8]]| prefixes.iter().any(|p| path.starts_with(p));
    let ends = |suffixes: &[&[u8]]| suffixes.iter().any(|s| path.ends_with(s));
    let (severity, note) = if starts(&[
        b"var/cache/",
        b"var/log/",
        b"tmp/",
        b"var/tmp/",
        b"root/.cache/",
        b"var/lib/apt/lists/",
    ]) || ends(&[b".pyc", b"/ld.so.cache"])
        || path == b"etc/ld.so.cache"
    {
        (Severity::Review, "a cache or a log")
    } else if starts(&[
        b"var/lib/dpkg/",
        b"lib/apk/db/",
        b"var/lib/rpm/",
        b"usr/lib/sysimage/",
    ]) {
        (
            Severity::Behaviour,
            "the package database: other packages are installed",
        )
    } else if starts(&[
        b"etc/ssl/",
        b"etc/pki/",
        b"usr/share/ca-certificates/",
        b"usr/local/share/ca-certificates/",
    ]) {
        (Severity::Behaviour, "certificates that the image trusts")
    } else if starts(&[b"etc/"]) {
        (Severity::Behaviour, "configuration")
    } else if starts(&[
        b"bin/",
        b"sbin/",
        b"usr/bin/",
        b"usr/sbin/",
        b"usr/local/bin/",
        b"usr/local/sbin/",
    ]) {
        (Severity::Behaviour, "an executable")
    } else if starts(&[b"lib/", b"lib64/", b"usr/lib/", b"usr/lib64/", b"usr/local/lib/"]) {
        (Severity::Behaviour, "a library")
    } else if starts(&[b"usr/share/doc/", b"usr/share/man/", b"usr/share/info/"]) {
        (Severity::Review, "a document inside the image")
    } else {
        (Severity::Behaviour, "")
    };
    Place { severity, note }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(mode: u32, bytes: u8) -> Node {
        Node {
            kind: EntryKind::File,
            mode,
            uid: 0,
            gid: 0,
            size: 1,
            sha256: [bytes; 32],
            bytes: None,
            link: Vec::new(),
            xattrs: Default::default(),
            layer: 0,
            expanded: false,
        }
    }

    fn found(left: Option<&Node>, right: Option<&Node>) -> Vec<(&'static str, u8)> {
        judge(
            &FilePair {
                path: b"usr/bin/x",
                left,
                right,
            },
            true,
        )
        .into_iter()
        .map(|c| (c.code.word(), c.severity.into()))
        .collect()
    }

    #[test]
    fn every_property_counts() {
        let plain = node(0o755, 1);
        assert_eq!(found(Some(&plain), Some(&node(0o755, 2))), [("file.bytes", 3)]);
        assert_eq!(found(Some(&plain), Some(&node(0o4755, 1))), [("tar.mode", 4)]);
        assert_eq!(found(Some(&node(0o4755, 1)), Some(&plain)), [("tar.mode", 3)]);
        assert_eq!(
            found(
                Some(&plain),
                Some(&Node {
                    uid: 7,
                    ..plain.clone()
                })
            ),
            [("tar.owner", 3)]
        );
        assert_eq!(found(None, Some(&node(0o2755, 1))), [("file.added", 4)]);
        let capable = Node {
            xattrs: [(b"security.capability".to_vec(), vec![1])].into(),
            ..plain.clone()
        };
        assert_eq!(found(Some(&plain), Some(&capable)), [("tar.xattr", 4)]);
        assert_eq!(found(Some(&plain), Some(&plain)), []);
    }

    #[test]
    fn a_folder_that_is_made_anyway_is_noise() {
        let folder = Node {
            kind: EntryKind::Directory,
            ..node(0o755, 0)
        };
        assert_eq!(found(None, Some(&folder)), [("tar.directory-entries", 0)]);
        assert_eq!(
            found(
                None,
                Some(&Node {
                    mode: 0o700,
                    ..folder
                })
            ),
            [("file.added", 2)]
        );
    }
}
