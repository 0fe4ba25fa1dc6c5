//! What eStargz puts into a layer for its own reader: the table of contents and the prefetch landmarks
//! (stargz-snapshotter, docs/estargz.md). They describe how the layer was packed and nothing runs them.
//!
//! Proof asked for: the layer's descriptor names the table's digest, and the file has it; a landmark is the
//! one byte that the format prescribes. Any other file of these names is a file like all others.

use crate::archive::EntryKind;
use crate::compare::evidence::Artifact;
use crate::compare::files::FilePair;
use crate::compare::packing::show_path;
use crate::oci::Digest;
use crate::tree::Node;
use crate::verdict::{Cause, Code, Severity, Stage, Weight};

const TABLE: &[u8] = b"stargz.index.json";
const LANDMARKS: [&[u8]; 2] = [b".prefetch.landmark", b".no.prefetch.landmark"];
const TABLE_DIGEST: &str = "containerd.io/snapshot/stargz/toc.digest";

/// The one cause for such a file, when that is what it is on every side that has it.
pub fn judge(pair: &FilePair<'_>, left: &Artifact, right: &Artifact) -> Option<Cause> {
    let is = |node: Option<&Node>, artifact: &Artifact| node.is_none_or(|n| belongs(pair.path, n, artifact));
    if !is(pair.left, left) || !is(pair.right, right) {
        return None;
    }
    let code = match (pair.left, pair.right) {
        (None, _) => Code::FileAdded,
        (_, None) => Code::FileRemoved,
        (Some(l), Some(r)) if l.sha256 != r.sha256 => Code::FileBytes,
        _ => return None,
    };
    Some(
        Cause::new(code, Severity::Noise, Stage::Files, Weight::Cosmetic)
            .path(show_path(pair.path))
            .note("eStargz' own file, as the layer's descriptor says: it tells how the layer is packed"),
    )
}

fn belongs(path: &[u8], node: &Node, artifact: &Artifact) -> bool {
    let layer = usize::try_from(node.layer)
        .ok()
        .and_then(|i| artifact.layers.get(i));
    let Some(named) = layer.and_then(|l| l.descriptor.annotations.get(TABLE_DIGEST)) else {
        return false;
    };
    let digest = Digest::from_sha256(&node.sha256);
    node.kind == EntryKind::File
        && match path {
            TABLE => *named == digest.to_string(),
            path => LANDMARKS.contains(&path) && digest == Digest::sha256(&[0x0f]),
        }
}
