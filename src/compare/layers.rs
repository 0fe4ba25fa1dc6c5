//! Which layers of two images have to be read.
//!
//! Two stacks of layers share a beginning and an end more often than not. What lies between decides: if
//! applying the middle of the left and the middle of the right to *any* lower layers gives the same
//! result, the images hold the same files, whatever the shared layers hold.

use super::evidence::{Artifact, Layer};
use super::files::NodeDifference;
use crate::archive::{Content, TarListing};
use crate::oci::{Descriptor, Digest};
use crate::tree::image::{Overlay, overlay};

/// The middle of both stacks, by index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Layers of the left that have no equal at the same place.
    pub left: Vec<usize>,
    /// Layers of the right that have none.
    pub right: Vec<usize>,
    /// How many equal layers lie above the middle.
    pub above: usize,
}

/// Takes the common beginning and end away.
pub fn differing(left: &[Layer], right: &[Layer]) -> Plan {
    let below = left.iter().zip(right).take_while(|(l, r)| same(l, r)).count();
    let room = left.len().min(right.len()) - below;
    let above = left
        .iter()
        .rev()
        .zip(right.iter().rev())
        .take(room)
        .take_while(|(l, r)| same(l, r))
        .count();
    Plan {
        left: (below..left.len() - above).collect(),
        right: (below..right.len() - above).collect(),
        above,
    }
}

/// True when two layers hold the same by their digests, or by claims that the user takes for true.
pub fn same(left: &Layer, right: &Layer) -> bool {
    left.descriptor.digest == right.descriptor.digest
        || (left.claimed.is_some() && left.claimed == right.claimed)
}

/// Puts the diffIDs that an image's config declares to its layers; false when there is not one for each.
pub fn claim_diff_ids(artifact: &mut Artifact) -> bool {
    let ids = || -> Option<Vec<Digest>> {
        let config: serde_json::Value = serde_json::from_slice(artifact.config_bytes()?).ok()?;
        let ids = config.pointer("/rootfs/diff_ids")?.as_array()?;
        ids.iter().map(|id| id.as_str()?.parse().ok()).collect()
    };
    match ids() {
        Some(ids) if ids.len() == artifact.layers.len() => {
            for (layer, id) in artifact.layers.iter_mut().zip(ids) {
                layer.claimed = Some(id);
            }
            true
        }
        _ => false,
    }
}

/// What ORAS says that a layer unpacks to.
pub fn oras_claim(descriptor: &Descriptor) -> Option<Digest> {
    descriptor
        .annotations
        .get("io.deis.oras.content.digest")?
        .parse()
        .ok()
}

/// The entries of these layers, lowest first; `None` if one of them was not read whole or is no archive.
pub fn listings<'a>(artifact: &'a Artifact, which: &[usize]) -> Option<Vec<(u32, &'a TarListing)>> {
    which
        .iter()
        .map(|i| {
            let reading = artifact.layers.get(*i)?.whole()?;
            match &reading.content {
                Content::Tar(listing) => Some((u32::try_from(*i).ok()?, listing)),
                _ => None,
            }
        })
        .collect()
}

/// The middle of one side as an overlay.
pub fn middle(artifact: &Artifact, which: &[usize]) -> Option<Overlay> {
    Some(overlay(&listings(artifact, which)?))
}

/// True when the equal layers need not be read: the middles have the same effect on anything, or they
/// touch the same paths with nothing above them, so that each difference is final.
pub fn equal_without_the_rest(left: &Artifact, right: &Artifact, plan: &Plan) -> bool {
    let (Some(l), Some(r)) = (middle(left, &plan.left), middle(right, &plan.right)) else {
        return false;
    };
    decided(&l, &r, plan)
}

/// True when two middles decide without the layers that both sides share.
pub fn decided(left: &Overlay, right: &Overlay, plan: &Plan) -> bool {
    let reach = left.upper.nodes.keys().eq(right.upper.nodes.keys())
        && left.removed == right.removed
        && left.opaque == right.opaque
        // A hard link into the shared layers has content that only they know.
        && left.needs_lower.is_empty()
        && right.needs_lower.is_empty();
    let equal = || {
        let nodes = left.upper.nodes.values().zip(right.upper.nodes.values());
        nodes.into_iter().all(|(l, r)| !NodeDifference::of(l, r).any())
    };
    reach && (plan.above == 0 || equal())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(names: &str) -> Vec<Layer> {
        names
            .bytes()
            .map(|b| Layer {
                descriptor: Descriptor {
                    media_type: String::new(),
                    digest: Digest::sha256(&[b]),
                    size: 1,
                    annotations: Default::default(),
                    urls: Vec::new(),
                    artifact_type: None,
                    platform: None,
                },
                read: None,
                claimed: None,
            })
            .collect()
    }

    #[test]
    fn only_the_middle_is_read() {
        let plan = |l: &str, r: &str| {
            let plan = differing(&stack(l), &stack(r));
            (plan.left, plan.right, plan.above)
        };
        assert_eq!(plan("abc", "axc"), (vec![1], vec![1], 1));
        assert_eq!(plan("ab", "abcd"), (vec![], vec![2, 3], 0));
        assert_eq!(plan("aa", "aaa"), (vec![], vec![2], 0));
        assert_eq!(plan("ab", "ba"), (vec![0, 1], vec![0, 1], 0));
        assert_eq!(plan("", "a"), (vec![], vec![0], 0));
    }
}
