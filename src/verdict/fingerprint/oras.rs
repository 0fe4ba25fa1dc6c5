//! ORAS. It names each layer by the file it came from, and keeps the uncompressed digest of a packed folder.

use super::marks::Marks;
use super::{Builder, Tool};
use crate::oci::ArtifactKind;

const TITLE: &str = "org.opencontainers.image.title";
const UNPACKED: &str = "io.deis.oras.content.digest";

pub(super) fn pushed(marks: &Marks<'_>) -> Option<(Tool, String)> {
    let manifest = marks.manifest?;
    if manifest
        .layers
        .iter()
        .any(|l| l.annotations.contains_key(UNPACKED))
    {
        return Some((
            Tool::any(Builder::Oras),
            "a layer carries the annotation in which ORAS keeps a folder's uncompressed digest".to_owned(),
        ));
    }
    let titled =
        !manifest.layers.is_empty() && manifest.layers.iter().all(|l| l.annotations.contains_key(TITLE));
    let created = marks.annotations()?.contains_key(super::helm::CREATED);
    (marks.kind == Some(ArtifactKind::Artifact) && titled && created).then(|| {
        (
            Tool::any(Builder::Oras),
            "each layer is named after a file and the manifest is stamped, as ORAS does".to_owned(),
        )
    })
}
