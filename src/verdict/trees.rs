//! The file trees of both sides, built the way the artifact's own reader would see them.

use super::artifact::layers::{LayerPair, is_provenance};
use serde_json::Value;

use super::judge::Flavour;
use crate::archive::{Content, EntryKind, Reading};
use crate::compare::evidence::{Artifact, ArtifactPair, Layer};
use crate::compare::files::NodeDifference;
use crate::compare::layers::{decided, differing, listings, middle};
use crate::compare::yaml;
use crate::limits::Limits;
use crate::oci::ArtifactKind;
use crate::tree::{Node, Tree, archive, chart, content_digest, image, nested};

/// Both trees.
pub(super) struct Trees {
    pub left: Tree,
    pub right: Tree,
    /// Content digests (contracts, section 5), where everything was read.
    pub content: (Option<String>, Option<String>),
}

/// Builds the trees. `None` when a layer that decides was not read whole: then nothing is said of files.
pub(super) fn of(
    pair: &ArtifactPair,
    layer_pairs: &[LayerPair<'_>],
    flavour: Flavour,
    limits: &Limits,
) -> Option<Trees> {
    if flavour == Flavour::Image {
        return images(pair);
    }
    let is_chart = |a: &Artifact| {
        a.document
            .as_ref()
            .is_none_or(|d| d.kind() == ArtifactKind::Chart)
    };
    // What both sides share and nobody could read adds nothing to either.
    let shared = |p: &&LayerPair<'_>| {
        p.left.zip(p.right).is_some_and(|(l, r)| {
            l.descriptor.digest == r.descriptor.digest && (l.whole().is_none() || r.whole().is_none())
        })
    };
    // A provenance file that only one side has leaves no gap on the other: the chart is the first layer of both.
    let content = |p: &&LayerPair<'_>| !p.left.into_iter().chain(p.right).all(is_provenance);
    let (unreadable, rest): (Vec<&LayerPair<'_>>, Vec<&LayerPair<'_>>) =
        layer_pairs.iter().filter(content).partition(shared);
    let lefts: Vec<Option<&Layer>> = rest.iter().map(|p| p.left).collect();
    let rights: Vec<Option<&Layer>> = rest.iter().map(|p| p.right).collect();
    let left = file_tree(&lefts, is_chart(&pair.left), limits)?;
    let right = file_tree(&rights, is_chart(&pair.right), limits)?;
    Some(Trees {
        content: match unreadable.is_empty() {
            true => (file_digest(&lefts, &left), file_digest(&rights, &right)),
            false => (None, None),
        },
        left,
        right,
    })
}

impl Trees {
    /// Both sides' Chart.yaml as data; null where it is none, or where readers of YAML may part.
    pub fn chart_yaml(&self, limits: &Limits) -> (Value, Value) {
        let data = |tree: &Tree| {
            let bytes = tree.nodes.get(b"Chart.yaml".as_slice())?.bytes.clone()?;
            match yaml::read(&bytes, limits).ok()?.as_slice() {
                [only] if only.exact() => Some(only.value.clone()),
                _ => None,
            }
        };
        (
            data(&self.left).unwrap_or_default(),
            data(&self.right).unwrap_or_default(),
        )
    }

    /// True when the path differs in any way between the sides.
    pub fn differs(&self, path: &[u8]) -> bool {
        match (self.left.nodes.get(path), self.right.nodes.get(path)) {
            (Some(l), Some(r)) => NodeDifference::of(l, r).any(),
            (None, None) => false,
            _ => true,
        }
    }
}

/// The content digest of a side's file layers. The recipe that anyone can repeat with `tar` and `sha256sum`
/// keeps a chart's own folder in the paths, which Helm (and so the chart's tree) drops.
fn file_digest(layers: &[Option<&Layer>], tree: &Tree) -> Option<String> {
    let content: Vec<&Layer> = layers
        .iter()
        .flatten()
        .copied()
        .filter(|l| !is_provenance(l))
        .collect();
    if content.iter().any(|l| l.read.is_none()) {
        return None;
    }
    match content.as_slice() {
        [only] => match &only.whole()?.content {
            Content::Tar(listing) | Content::Zip(listing) => {
                Some(content_digest::files(&archive::tree(listing)))
            }
            Content::Bytes(_) => Some(content_digest::files(tree)),
        },
        _ => Some(content_digest::files(tree)),
    }
}

/// The content layers of one side as one tree, in the order of the layer pairs. Files of the first content
/// layer stand at the root; those of further ones below `layer-N/`, so that no layer hides another's. A
/// layer that was not needed is the same on both sides and adds nothing to either.
fn file_tree(layers: &[Option<&Layer>], is_chart: bool, limits: &Limits) -> Option<Tree> {
    let mut all = Tree::default();
    for (place, layer) in layers.iter().enumerate() {
        let Some(layer) = layer.filter(|l| l.read.is_some() && !is_provenance(l)) else {
            continue;
        };
        let reading = layer.whole()?;
        let mut tree = match &reading.content {
            Content::Tar(listing) | Content::Zip(listing) if is_chart => chart::tree(listing, limits),
            Content::Tar(listing) | Content::Zip(listing) => archive::tree(listing),
            // Helm reads nothing but an archive: what else stands in its place is not understood.
            Content::Bytes(_) if is_chart => return None,
            Content::Bytes(_) => single(layer, reading, place),
        };
        nested::expand(&mut tree, limits);
        let at = |path: Vec<u8>| match place {
            0 => path,
            n => [format!("layer-{n}/").as_bytes(), &path].concat(),
        };
        // Files of the first layer may be named like that: nothing may hide another.
        let taken = tree
            .nodes
            .keys()
            .any(|path| all.nodes.contains_key(&at(path.clone())));
        let at = |path: Vec<u8>| match taken {
            true => [format!("layer-{place}//").as_bytes(), &path].concat(),
            false => at(path),
        };
        all.nodes
            .extend(tree.nodes.into_iter().map(|(path, node)| (at(path), node)));
        all.oddities.append(&mut tree.oddities);
        all.unread
            .extend(tree.unread.into_iter().map(|(path, fault)| (at(path), fault)));
    }
    Some(all)
}

/// A blob that is no archive, as a tree of one file. Its name is the title that ORAS gives, else its
/// place.
fn single(layer: &Layer, reading: &Reading, index: usize) -> Tree {
    let title = layer.descriptor.annotations.get("org.opencontainers.image.title");
    let name = title.cloned().unwrap_or_else(|| format!("layer-{index}"));
    let bytes = match &reading.content {
        Content::Bytes(bytes) => bytes.clone(),
        _ => None,
    };
    let mut sha256 = [0u8; 32];
    for (to, pair) in sha256
        .iter_mut()
        .zip(reading.packing.uncompressed.hex().as_bytes().chunks(2))
    {
        *to = std::str::from_utf8(pair)
            .ok()
            .and_then(|p| u8::from_str_radix(p, 16).ok())
            .unwrap_or_default();
    }
    let node = Node {
        kind: EntryKind::File,
        mode: 0o644,
        uid: 0,
        gid: 0,
        size: reading.packing.uncompressed_size,
        sha256,
        bytes,
        link: Vec::new(),
        xattrs: Default::default(),
        layer: u32::try_from(index).unwrap_or(u32::MAX),
        expanded: false,
    };
    Tree {
        nodes: [(name.into_bytes(), node)].into(),
        ..Default::default()
    }
}

/// The file systems of two images: whole where all layers were read, else what the differing layers do.
fn images(pair: &ArtifactPair) -> Option<Trees> {
    let all = |a: &Artifact| (0..a.layers.len()).collect::<Vec<_>>();
    let whole = |a: &Artifact| a.layers.iter().all(|l| l.whole().is_some());
    if whole(&pair.left) && whole(&pair.right) {
        let left = image::flatten(&listings(&pair.left, &all(&pair.left))?);
        let right = image::flatten(&listings(&pair.right, &all(&pair.right))?);
        let digest = |tree: &Tree, artifact: &Artifact| {
            let config = serde_json::from_slice(artifact.config_bytes()?).ok()?;
            Some(content_digest::image(tree, &config))
        };
        return Some(Trees {
            content: (digest(&left, &pair.left), digest(&right, &pair.right)),
            left,
            right,
        });
    }
    let plan = differing(&pair.left.layers, &pair.right.layers);
    let (left, right) = (middle(&pair.left, &plan.left)?, middle(&pair.right, &plan.right)?);
    // Anything else would compare halves: the job reads all layers where these two do not decide.
    decided(&left, &right, &plan).then_some(Trees {
        left: left.upper,
        right: right.upper,
        content: (None, None),
    })
}
