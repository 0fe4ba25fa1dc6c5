//! Rules about the layers as the manifest lists them. Layers are chosen by media type, never by position:
//! Helm sorts them by digest, so a chart and its provenance file swap places by chance.

use std::collections::BTreeMap;

use crate::archive::Compression;
use crate::compare::evidence::{Artifact, Layer};
use crate::compare::layers::same;
use crate::oci::{Digest, media_type};
use crate::verdict::{Cause, Code, Note, Severity, Stage, Weight, signature};

/// Layers of both sides that belong together.
#[derive(Debug, Clone, Copy)]
pub struct LayerPair<'a> {
    /// The left layer.
    pub left: Option<&'a Layer>,
    /// The right layer.
    pub right: Option<&'a Layer>,
}

/// Pairs layers: equal digests first, then the n-th of a media type with the n-th of it, then whatever is
/// left in order.
pub fn pair<'a>(left: &'a Artifact, right: &'a Artifact) -> Vec<LayerPair<'a>> {
    let mut rest: Vec<Option<&Layer>> = right.layers.iter().map(Some).collect();
    let mut pairs: Vec<LayerPair<'a>> = left
        .layers
        .iter()
        .map(|l| LayerPair {
            left: Some(l),
            right: None,
        })
        .collect();
    let alike: [fn(&Layer, &Layer) -> bool; 3] = [
        same,
        |l, r| content_type(l) == content_type(r),
        |l, r| !is_provenance(l) && !is_provenance(r),
    ];
    for matches in alike {
        for pair in pairs.iter_mut().filter(|p| p.right.is_none()) {
            let Some(l) = pair.left else { continue };
            let found = rest.iter_mut().find(|r| r.is_some_and(|r| matches(l, r)));
            pair.right = found.and_then(Option::take);
        }
    }
    pairs.extend(rest.into_iter().flatten().map(|r| LayerPair {
        left: None,
        right: Some(r),
    }));
    pairs
}

/// What to know where layers were not read because the user takes claims about them for true.
pub fn trusted(pairs: &[LayerPair<'_>]) -> Option<Note> {
    let unread = |p: &&LayerPair<'_>| {
        p.left.zip(p.right).is_some_and(|(l, r)| {
            l.descriptor.digest != r.descriptor.digest && same(l, r) && (l.read.is_none() || r.read.is_none())
        })
    };
    let count = pairs.iter().filter(unread).count();
    (count > 0).then(|| Note {
        topic: "proof".to_owned(),
        text: format!(
            "Layers with another digest that were not read: {count}. Both sides declare that they unpack to the same bytes (diffIDs of the configs, or ORAS's annotation), and --trust-diff-ids takes that for true. Container runtimes refuse a layer that does not match its diffID."
        ),
        snippet: String::new(),
    })
}

/// The media type without its compression, in OCI's words.
fn content_type(layer: &Layer) -> String {
    let oci = media_type::as_oci(&layer.descriptor.media_type);
    oci.split('+').next().unwrap_or_default().to_owned()
}

/// True for Helm's provenance file.
pub fn is_provenance(layer: &Layer) -> bool {
    media_type::essence(&layer.descriptor.media_type) == media_type::HELM_PROVENANCE
}

/// Judges the descriptors of artifacts: added, removed, another type, foreign URLs. What is inside is judged
/// elsewhere. `annotations_count` where clients act on a layer's annotations: ORAS names the file by its
/// title, a Tekton bundle its task.
pub fn judge(pairs: &[LayerPair<'_>], annotations_count: bool) -> Vec<Cause> {
    pairs
        .iter()
        .flat_map(|pair| one(pair, annotations_count))
        .collect()
}

/// Judges the order of layers that both sides have. An image's counts by the file system that it makes,
/// which is compared besides; a chart with its provenance is chosen by type; of anything else some clients
/// take the first layer, and of two charts Helm takes the last.
pub fn order(left: &Artifact, right: &Artifact, pairs: &[LayerPair<'_>], image: bool) -> Option<Cause> {
    let place = |artifact: &Artifact, layer: Option<&Layer>| {
        layer.and_then(|layer| {
            artifact
                .layers
                .iter()
                .position(|other| std::ptr::eq(other, layer))
        })
    };
    let mut places: Vec<(usize, usize)> = pairs
        .iter()
        .filter_map(|p| Some((place(left, p.left)?, place(right, p.right)?)))
        .collect();
    places.sort_unstable();
    if !places.windows(2).any(|w| matches!(w, [(_, a), (_, b)] if a > b)) {
        return None;
    }
    let chosen_by_type = |artifact: &Artifact| {
        let charts = |l: &&Layer| media_type::is_helm_chart(&l.descriptor.media_type);
        artifact.layers.iter().all(|l| is_provenance(l) || charts(&l))
            && artifact.layers.iter().filter(charts).count() == 1
    };
    let (severity, weight, note) = if image {
        (
            Severity::Behaviour,
            Weight::Packaging,
            "upper layers hide lower ones; the file systems they make are compared",
        )
    } else if chosen_by_type(left) && chosen_by_type(right) {
        (
            Severity::Noise,
            Weight::Packaging,
            "Helm chooses layers by type, not by place",
        )
    } else {
        (
            Severity::Behaviour,
            Weight::Deployed,
            "some clients take the first layer, whatever it is",
        )
    };
    Some(Cause::new(Code::LayerOrder, severity, Stage::Layers, weight).note(note))
}

/// Digests that are declared with two sizes: clients refuse the one that is wrong.
pub fn two_sizes(left: &Artifact, right: &Artifact) -> Vec<(Digest, u64, u64)> {
    let mut known: BTreeMap<&Digest, u64> = BTreeMap::new();
    let mut found = Vec::new();
    for artifact in [left, right] {
        let config = artifact.manifest().map(|m| &m.config);
        for descriptor in config
            .into_iter()
            .chain(artifact.layers.iter().map(|l| &l.descriptor))
        {
            let first = *known.entry(&descriptor.digest).or_insert(descriptor.size);
            if first != descriptor.size {
                found.push((descriptor.digest.clone(), first, descriptor.size));
            }
        }
    }
    found
}

fn one(pair: &LayerPair<'_>, annotations_count: bool) -> Vec<Cause> {
    let show = |l: &Layer| format!("{} {}", l.descriptor.media_type, l.descriptor.digest);
    let cause = |code, severity, weight| Cause::new(code, severity, Stage::Layers, weight);
    match (pair.left, pair.right) {
        (None, Some(r)) if is_provenance(r) => vec![
            cause(Code::ProvenanceAdded, Severity::Noise, Weight::Packaging)
                .values(None, Some(show(r)))
                .note("signed since; the chart itself is another layer"),
        ],
        (Some(l), None) if is_provenance(l) => vec![
            cause(Code::ProvenanceRemoved, Severity::Review, Weight::Packaging)
                .values(Some(show(l)), None)
                .note("no longer signed: `helm install --verify` fails from now on"),
        ],
        (None, Some(r)) => vec![
            cause(Code::LayerAdded, Severity::Behaviour, Weight::Deployed)
                .values(None, Some(show(r)))
                .note("some clients take the first layer, whatever it is (Flux without a layerSelector)"),
        ],
        (Some(l), None) => {
            vec![cause(Code::LayerRemoved, Severity::Behaviour, Weight::Deployed).values(Some(show(l)), None)]
        }
        (Some(l), Some(r)) => both(l, r, annotations_count),
        (None, None) => Vec::new(),
    }
}

fn both(l: &Layer, r: &Layer, annotations_count: bool) -> Vec<Cause> {
    let mut causes = Vec::new();
    if is_provenance(l) && l.descriptor.digest != r.descriptor.digest {
        let (note, other) = signature::provenance(l, r);
        causes.push(
            Cause::new(
                Code::ProvenanceChanged,
                Severity::Noise,
                Stage::Signature,
                Weight::Packaging,
            )
            .change(l.descriptor.digest.to_string(), r.descriptor.digest.to_string())
            .note(note),
        );
        causes.extend(other);
    }
    if l.descriptor.media_type != r.descriptor.media_type {
        causes.push(media_types(l, r));
    }
    if l.descriptor.urls != r.descriptor.urls {
        causes.push(
            Cause::new(
                Code::LayerMediaType,
                Severity::Behaviour,
                Stage::Layers,
                Weight::Deployed,
            )
            .change(l.descriptor.urls.join(" "), r.descriptor.urls.join(" "))
            .note("the layer names places outside the registry from which clients may take it"),
        );
    }
    if fits_its_type(l) != fits_its_type(r) && l.whole().is_some() && r.whole().is_some() {
        causes.push(
            Cause::new(
                Code::CompressionStream,
                Severity::Behaviour,
                Stage::Layers,
                Weight::Deployed,
            )
            .change(&l.descriptor.media_type, &r.descriptor.media_type)
            .note(
                "a layer whose type says that it is not compressed is: containerd takes its word and fails",
            ),
        );
    }
    for (key, from, to) in changed_annotations(l, r) {
        let stamp = matches!(
            key.as_str(),
            "org.opencontainers.image.created" | "io.deis.oras.content.digest"
        );
        let (severity, weight, note) = match annotations_count && !stamp {
            true => (
                Severity::Review,
                Weight::Deployed,
                "clients name, place or choose the content by it",
            ),
            false => (Severity::Info, Weight::Packaging, ""),
        };
        causes.push(
            Cause::new(Code::AnnotationValue, severity, Stage::Layers, weight)
                .pointer(format!("/layers/annotations/{key}"))
                .values(from, to)
                .note(note),
        );
    }
    causes
}

/// False for what its type calls a plain tar archive, and is compressed.
fn fits_its_type(layer: &Layer) -> bool {
    let plain =
        is_image_layer(layer) && content_type(layer) == media_type::as_oci(&layer.descriptor.media_type);
    let compressed = layer
        .whole()
        .is_some_and(|r| r.packing.compression != Compression::None);
    !(plain && compressed)
}

fn is_image_layer(layer: &Layer) -> bool {
    content_type(layer).starts_with("application/vnd.oci.image.layer.")
}

/// A layer of another media type: harmless where only Docker's and OCI's words, or an image layer's
/// compression together with its bytes, differ.
fn media_types(l: &Layer, r: &Layer) -> Cause {
    let (from, to) = (&l.descriptor.media_type, &r.descriptor.media_type);
    let cause = |severity, weight| {
        Cause::new(Code::LayerMediaType, severity, Stage::Layers, weight).change(from.as_str(), to.as_str())
    };
    let recompressed = l.descriptor.digest != r.descriptor.digest && is_image_layer(l) && is_image_layer(r);
    if media_type::same_to_clients(from, to) {
        cause(Severity::Info, Weight::Packaging).note("Docker's and OCI's name of the same thing")
    } else if recompressed && content_type(l) == content_type(r) {
        cause(Severity::Info, Weight::Packaging).note("another compression of the same kind of content")
    } else if [from, to]
        .iter()
        .all(|t| [media_type::HELM_CHART, media_type::HELM_CHART_LEGACY].contains(&t.as_str()))
    {
        cause(Severity::Info, Weight::Packaging).note("Helm's name before and since version 3.7")
    } else {
        cause(Severity::Behaviour, Weight::Deployed).note("clients choose layers by their type")
    }
}

fn changed_annotations(l: &Layer, r: &Layer) -> Vec<(String, Option<String>, Option<String>)> {
    let (l, r) = (&l.descriptor.annotations, &r.descriptor.annotations);
    let keys: std::collections::BTreeSet<&String> = l.keys().chain(r.keys()).collect();
    keys.into_iter()
        .filter(|k| l.get(*k) != r.get(*k))
        .map(|k| (k.clone(), l.get(k).cloned(), r.get(k).cloned()))
        .collect()
}
