//! Rules about the layers as the manifest lists them. Layers are chosen by media type, never by position:
//! Helm sorts them by digest, so a chart and its provenance file swap places by chance.

use crate::compare::evidence::{Artifact, Layer};
use crate::oci::{Digest, media_type};
use crate::verdict::{Cause, Code, Severity, Stage, Weight};

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
    let same: [fn(&Layer, &Layer) -> bool; 3] = [
        |l, r| l.descriptor.digest == r.descriptor.digest,
        |l, r| content_type(l) == content_type(r),
        |l, r| !is_provenance(l) && !is_provenance(r),
    ];
    for matches in same {
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

/// The media type without its compression, in OCI's words.
fn content_type(layer: &Layer) -> String {
    let oci = media_type::as_oci(&layer.descriptor.media_type);
    oci.split('+').next().unwrap_or_default().to_owned()
}

/// True for Helm's provenance file.
pub fn is_provenance(layer: &Layer) -> bool {
    media_type::essence(&layer.descriptor.media_type) == media_type::HELM_PROVENANCE
}

/// Judges the descriptors of file artifacts (charts, Flux artifacts, anything): added, removed, another
/// type, another order, foreign URLs. What is inside is judged elsewhere.
pub fn judge(pairs: &[LayerPair<'_>]) -> Vec<Cause> {
    pairs.iter().flat_map(one).collect()
}

/// Judges the order of the same layers. `counts` is `None` for charts (clients choose by media type),
/// `Some(true)` for images (the file systems that they make are compared besides), `Some(false)` for other
/// artifacts, of which some clients take the first layer.
pub fn order(left: &Artifact, right: &Artifact, counts: Option<bool>) -> Option<Cause> {
    let digests = |a: &Artifact| {
        a.layers
            .iter()
            .map(|l| l.descriptor.digest.clone())
            .collect::<Vec<_>>()
    };
    let (l, r) = (digests(left), digests(right));
    let sorted = |digests: &[Digest]| {
        let mut sorted = digests.to_vec();
        sorted.sort();
        sorted
    };
    if l == r || sorted(&l) != sorted(&r) {
        return None;
    }
    let (severity, weight, note) = match counts {
        None => (
            Severity::Noise,
            Weight::Packaging,
            "Helm chooses layers by type, not by place",
        ),
        Some(true) => (
            Severity::Behaviour,
            Weight::Packaging,
            "upper layers hide lower ones; the file systems they make are compared",
        ),
        Some(false) => (
            Severity::Behaviour,
            Weight::Deployed,
            "some clients take the first layer, whatever it is",
        ),
    };
    Some(Cause::new(Code::LayerOrder, severity, Stage::Layers, weight).note(note))
}

fn one(pair: &LayerPair<'_>) -> Vec<Cause> {
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
        (Some(l), Some(r)) => both(l, r),
        (None, None) => Vec::new(),
    }
}

fn both(l: &Layer, r: &Layer) -> Vec<Cause> {
    let mut causes = Vec::new();
    if is_provenance(l) && l.descriptor.digest != r.descriptor.digest {
        causes.push(
            Cause::new(
                Code::ProvenanceChanged,
                Severity::Noise,
                Stage::Signature,
                Weight::Packaging,
            )
            .change(l.descriptor.digest.to_string(), r.descriptor.digest.to_string())
            .note("the provenance file is made anew for every package; who signed it was not checked"),
        );
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
    for (key, from, to) in changed_annotations(l, r) {
        causes.push(
            Cause::new(
                Code::AnnotationValue,
                Severity::Info,
                Stage::Layers,
                Weight::Packaging,
            )
            .pointer(format!("/layers/annotations/{key}"))
            .values(from, to),
        );
    }
    causes
}

/// A layer of another media type: harmless where only Docker's and OCI's words or the compression differ.
fn media_types(l: &Layer, r: &Layer) -> Cause {
    let (from, to) = (&l.descriptor.media_type, &r.descriptor.media_type);
    let cause = |severity, weight| {
        Cause::new(Code::LayerMediaType, severity, Stage::Layers, weight).change(from.as_str(), to.as_str())
    };
    if media_type::as_oci(from) == media_type::as_oci(to) {
        cause(Severity::Info, Weight::Packaging).note("Docker's and OCI's name of the same thing")
    } else if content_type(l) == content_type(r) {
        cause(Severity::Info, Weight::Packaging).note("another compression of the same kind of content")
    } else if media_type::is_helm_chart(from) && media_type::is_helm_chart(to) {
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
