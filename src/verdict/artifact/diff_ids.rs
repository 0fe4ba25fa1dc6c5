//! `rootfs.diff_ids` of an image's config held against the layers: containerd, Docker and CRI-O refuse an
//! image whose layers do not unpack to what its config names (image-spec, config.md, "Layer DiffID").
//!
//! Invariant: told only where the sides differ in it. An image that no runtime unpacks, on both sides, is no
//! change.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::compare::evidence::Artifact;
use crate::oci::Digest;
use crate::verdict::{Cause, Code, Severity, Stage, Weight};

/// Judges two images whose configs were read.
pub fn judge(left: &Artifact, right: &Artifact) -> Vec<Cause> {
    let (Some(from), Some(to)) = (ids(left), ids(right)) else {
        return Vec::new();
    };
    let cause = |note: &str| {
        Cause::new(
            Code::ConfigValue,
            Severity::Behaviour,
            Stage::Config,
            Weight::Deployed,
        )
        .pointer("/rootfs/diff_ids")
        .note(note)
    };
    match (broken(left, &from), broken(right, &to)) {
        (None, Some(why)) => vec![cause("runtimes refuse the right image now").values(None, Some(why))],
        (Some(why), None) => vec![cause("runtimes refused the left image").values(Some(why), None)],
        (Some(_), Some(_)) => Vec::new(),
        (None, None) => disagreement(left, right, &from, &to)
            .map(|(from, to)| {
                cause("one layer unpacks to one thing: one side's config is wrong").change(from, to)
            })
            .into_iter()
            .collect(),
    }
}

/// The ids as they stand; `None` when the config was not read.
fn ids(artifact: &Artifact) -> Option<Vec<String>> {
    let config: Value = serde_json::from_slice(artifact.config_bytes()?).ok()?;
    let ids = config.pointer("/rootfs/diff_ids").and_then(Value::as_array);
    Some(
        ids.into_iter()
            .flatten()
            .map(|id| id.as_str().unwrap_or_default().to_owned())
            .collect(),
    )
}

/// Why runtimes refuse it, as far as its layers were read.
fn broken(artifact: &Artifact, ids: &[String]) -> Option<String> {
    if ids.len() != artifact.layers.len() {
        return Some(format!("{} ids for {} layers", ids.len(), artifact.layers.len()));
    }
    artifact.layers.iter().zip(ids).find_map(|(layer, id)| {
        let real = &layer.whole()?.packing.uncompressed;
        match id.parse::<Digest>() {
            Ok(named) if named.algorithm() != real.algorithm() => None,
            Ok(named) if named == *real => None,
            _ => Some(format!(
                "{} unpacks to {real}, not to {id:?}",
                layer.descriptor.digest
            )),
        }
    })
}

/// Two ids for one layer, which was not read.
fn disagreement(
    left: &Artifact,
    right: &Artifact,
    from: &[String],
    to: &[String],
) -> Option<(String, String)> {
    let known: BTreeMap<&Digest, &String> = left
        .layers
        .iter()
        .map(|l| &l.descriptor.digest)
        .zip(from)
        .collect();
    right.layers.iter().zip(to).find_map(|(layer, id)| {
        let other = known.get(&layer.descriptor.digest)?;
        (**other != *id).then(|| ((*other).clone(), id.clone()))
    })
}
