//! From evidence to a judgement: calls each body of rules on what it is about, and nothing else.

use super::artifact::layers::LayerPair;
use super::artifact::{claims, config, diff_ids, files, flux, layers, manifest, oddities, packing, stargz};
use super::judgement::Judgement;
use super::{Cause, Code, FileFacts, FileRow, FileStatus, Note, Proven, Rung, Severity, Stage, Weight};
use super::{Level, index, renames, restarts, signature, trees};
use crate::compare::evidence::{Artifact, ArtifactPair, Evidence, Layer, Pair};
use crate::compare::files::{FilePair, pairs};
use crate::compare::layers::same;
use crate::compare::packing::{compare as compare_packing, show_path};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::oci::{ArtifactKind, Digest};
use crate::tree::Node;
use serde_json::Value;

/// Judges everything that was gathered. Deterministic: the same evidence gives the same judgement.
pub fn judge(evidence: &Evidence, limits: &Limits) -> Judgement {
    let mut judgement = pair(&evidence.pair, limits);
    if judgement.identical {
        judgement.causes.clear();
    } else if let Some(signed) = &evidence.signed {
        judgement.causes.extend(signature::cause(signed));
        judgement.notes.extend(signature::note(signed));
    }
    judgement
}

/// Judges one pair; also the children of indexes.
pub(super) fn pair(pair: &Pair, limits: &Limits) -> Judgement {
    match pair {
        Pair::Unreadable { left, right } => {
            let mut judgement = Judgement::default();
            for (side, document) in [("left", left), ("right", right)] {
                if let Err(fault) = document {
                    judgement.could_not_read(&format!("the {side} manifest"), fault);
                }
            }
            if judgement.unread.is_empty() {
                let fault = Fault::unsupported("these two cannot be held against each other");
                judgement.could_not_read("the manifests", &fault);
            }
            judgement
        }
        Pair::Artifacts(artifacts) => artifact(artifacts, limits),
        Pair::Indexes(indexes) => index::judge(indexes, limits),
    }
}

/// What an artifact is, for the choice of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// A chart on both sides (one may be a bare archive).
    Chart,
    /// An image on both sides.
    Image,
    /// A Flux artifact on both sides.
    Flux,
    /// Anything else, and unlike kinds.
    Files,
}

pub(super) fn flavour(pair: &ArtifactPair) -> Flavour {
    let kind = |a: &Artifact| a.document.as_ref().map(crate::oci::Document::kind);
    match (kind(&pair.left), kind(&pair.right)) {
        (Some(ArtifactKind::Chart) | None, Some(ArtifactKind::Chart) | None) => Flavour::Chart,
        (Some(ArtifactKind::Image), Some(ArtifactKind::Image)) => Flavour::Image,
        (Some(ArtifactKind::Flux), Some(ArtifactKind::Flux)) => Flavour::Flux,
        _ => Flavour::Files,
    }
}

/// Why nothing is said of the manifests.
fn made_up(pair: &ArtifactPair) -> Note {
    let sides = match (pair.left.made_up, pair.right.made_up) {
        (true, true) => "Both manifests were",
        (true, false) => "The left manifest was",
        _ => "The right manifest was",
    };
    Note {
        topic: "manifest".to_owned(),
        text: format!(
            "{sides} made up for an archive that has none: config and layers are compared, other fields of the manifests are not."
        ),
        snippet: String::new(),
    }
}

fn artifact(pair: &ArtifactPair, limits: &Limits) -> Judgement {
    let flavour = flavour(pair);
    let mut judgement = Judgement::default();
    if let (Some(l), Some(r)) = (&pair.left.document, &pair.right.document) {
        judgement.identical = l.digest == r.digest;
        if pair.made_up() {
            judgement.notes.push(made_up(pair));
        } else {
            let (causes, notes) = manifest::judge(l, r, limits.data_depth);
            judgement.causes.extend(causes);
            judgement.notes.extend(notes);
        }
    } else if let ([l], [r]) = (pair.left.layers.as_slice(), pair.right.layers.as_slice()) {
        judgement.identical = l.descriptor.digest == r.descriptor.digest;
    }
    let layer_pairs = layers::pair(&pair.left, &pair.right);
    match flavour {
        Flavour::Image => {
            let causes = image_layers(&layer_pairs).into_iter();
            // What a made-up manifest says of a layer was read from the layer, which is judged itself.
            judgement.causes.extend(causes.filter(|cause| {
                !(pair.made_up() && matches!(cause.code, Code::LayerMediaType | Code::AnnotationValue))
            }));
            judgement.causes.extend(diff_ids::judge(&pair.left, &pair.right));
        }
        _ if pair.left.document.is_some() && pair.right.document.is_some() => {
            judgement
                .causes
                .extend(layers::judge(&layer_pairs, flavour == Flavour::Files));
        }
        _ => {}
    }
    let images = flavour == Flavour::Image;
    judgement
        .causes
        .extend(layers::order(&pair.left, &pair.right, &layer_pairs, images));
    for (digest, first, other) in layers::two_sizes(&pair.left, &pair.right) {
        let fault = Fault::mismatch(format!(
            "it is declared with {first} and with {other} bytes: clients refuse what is wrong"
        ));
        judgement.could_not_read(&digest.to_string(), &fault);
    }
    for (side, artifact, other) in [
        ("left", &pair.left, &pair.right),
        ("right", &pair.right, &pair.left),
    ] {
        unread(side, artifact, other, images, &mut judgement);
    }
    for p in &layer_pairs {
        if let (Some(l), Some(r)) = (p.left.and_then(Layer::whole), p.right.and_then(Layer::whole))
            && l.digest != r.digest
            && !p.left.is_some_and(layers::is_provenance)
        {
            let archives = matches!(flavour, Flavour::Chart | Flavour::Flux);
            judgement
                .causes
                .extend(packing::judge(&compare_packing(l, r), archives));
            judgement
                .causes
                .extend(archives.then(|| packing::unpacked_by_its_reader(l, r)).flatten());
        }
    }
    let trees = trees::of(pair, &layer_pairs, flavour, limits);
    configs(pair, flavour, trees.as_ref(), limits, &mut judgement);
    if let Some(trees) = &trees {
        let whole = layer_pairs
            .iter()
            .all(|p| p.left.into_iter().chain(p.right).all(|l| l.fault().is_none()));
        content(trees, pair, flavour, whole, limits, &mut judgement);
        judgement.content.clone_from(&trees.content);
    } else if judgement.unread.is_empty() && !judgement.identical {
        let fault = Fault::unsupported("a layer is no archive, so its files cannot be compared");
        judgement.could_not_read("the layers", &fault);
    }
    if trees.is_none() && flavour == Flavour::Chart {
        judgement.restarts = Some(restarts::unread());
    }
    judgement.notes.extend(layers::trusted(&layer_pairs));
    judgement.ladder = ladder(pair, &layer_pairs, &judgement);
    judgement
}

/// Layers and configs that could not be read to their end. What both sides share by digest is equal, read or
/// not; of an image's layers the shared ones are only read where they decide something.
fn unread(side: &str, artifact: &Artifact, other: &Artifact, images: bool, judgement: &mut Judgement) {
    let shared = |digest: &Digest| other.layers.iter().any(|l| l.descriptor.digest == *digest);
    let faults = artifact
        .layers
        .iter()
        .filter(|l| images || !shared(&l.descriptor.digest))
        .filter_map(|l| l.fault().map(|f| (&l.descriptor.digest, "layer", f)));
    let config = artifact
        .config
        .as_ref()
        .zip(artifact.manifest())
        .filter(|(_, m)| {
            other
                .manifest()
                .is_none_or(|o| o.config.digest != m.config.digest)
        })
        .and_then(|(read, manifest)| {
            let fault = match read {
                Err(fault) => Some(fault),
                Ok(reading) => reading.fault.as_ref(),
            };
            fault.map(|f| (&manifest.config.digest, "config", f))
        });
    for (digest, what, fault) in faults.chain(config) {
        judgement.could_not_read(&format!("{side} {what} {digest}"), fault);
    }
}

/// An image's layers by number: more, fewer, another type. What they hold is judged on the whole file
/// system.
fn image_layers(layer_pairs: &[LayerPair<'_>]) -> Vec<Cause> {
    layers::judge(layer_pairs, false)
        .into_iter()
        .map(|cause| match cause.code {
            Code::LayerAdded | Code::LayerRemoved => Cause {
                severity: Severity::Info,
                weight: Weight::Packaging,
                note: "what the layers hold together is compared as one file system".to_owned(),
                ..cause
            },
            _ => cause,
        })
        .collect()
}

fn configs(
    pair: &ArtifactPair,
    flavour: Flavour,
    trees: Option<&trees::Trees>,
    limits: &Limits,
    judgement: &mut Judgement,
) {
    let (Some(l), Some(r)) = (pair.left.config_bytes(), pair.right.config_bytes()) else {
        let config = |a: &Artifact| a.manifest().map(|m| m.config.digest.clone());
        let (l, r) = (config(&pair.left), config(&pair.right));
        if l.is_some() && r.is_some() && l != r && judgement.unread.is_empty() {
            judgement.could_not_read("the configs", &Fault::unsupported("a config was not kept whole"));
        }
        return;
    };
    let causes = match flavour {
        Flavour::Image => config::image(l, r, limits.data_depth),
        Flavour::Chart => {
            let yaml = trees.map_or((Value::Null, Value::Null), |t| t.chart_yaml(limits));
            if let Some(manifest) = pair.right.manifest() {
                let notes = claims::judge(&mut judgement.causes, &manifest.annotations, &yaml.1);
                judgement.notes.extend(notes);
            }
            config::other(l, r, Some((&yaml.0, &yaml.1)), limits.data_depth)
        }
        Flavour::Flux | Flavour::Files => config::other(l, r, None, limits.data_depth),
    };
    judgement.causes.extend(causes);
    let config_type = |a: &Artifact| {
        a.manifest()
            .map(|m| m.config.media_type.clone())
            .unwrap_or_default()
    };
    let (from, to) = (config_type(&pair.left), config_type(&pair.right));
    if !crate::oci::media_type::same_to_clients(&from, &to) {
        let raw = |a: &Artifact| a.manifest().map(|m| m.config.media_type.clone());
        judgement.causes.push(
            Cause::new(
                Code::ManifestMediaType,
                Severity::Behaviour,
                Stage::Config,
                Weight::Deployed,
            )
            .pointer("/config/mediaType")
            .values(raw(&pair.left), raw(&pair.right))
            .note("the artifact is of another kind now"),
        );
    }
}

/// Judges the file trees and lists the files.
fn content(
    trees: &trees::Trees,
    artifacts: &ArtifactPair,
    flavour: Flavour,
    whole: bool,
    limits: &Limits,
    judgement: &mut Judgement,
) {
    let (causes, notes) = oddities::judge(&trees.left, &trees.right);
    judgement.causes.extend(causes);
    judgement.notes.extend(notes);
    for tree in [&trees.left, &trees.right] {
        for (path, fault) in &tree.unread {
            // A nested archive that is equal on both sides hides no change.
            if trees.differs(path) {
                judgement.could_not_read(&show_path(path), fault);
            }
        }
    }
    let all = pairs(&trees.left, &trees.right);
    let mut classes = std::collections::BTreeMap::new();
    let mut survey = None;
    match flavour {
        Flavour::Chart => {
            let chart = super::chart::judge(&trees.left, &trees.right, limits);
            judgement.causes.extend(chart.causes);
            classes = chart.classes;
            survey = chart.survey;
        }
        Flavour::Flux => judgement
            .causes
            .extend(flux::judge(&trees.left, &trees.right, &all, limits)),
        Flavour::Image | Flavour::Files => {
            for (i, file) in all.iter().enumerate() {
                // The root is there whether an entry names it or not.
                let children =
                    file.path == b"." || all.get(i + 1).is_some_and(|next| is_below(next.path, file.path));
                let packers = (flavour == Flavour::Image)
                    .then(|| stargz::judge(file, &artifacts.left, &artifacts.right))
                    .flatten();
                match packers {
                    Some(cause) => judgement.causes.push(cause),
                    None => judgement.causes.extend(files::judge(file, children)),
                }
            }
        }
    }
    let mut rows: Vec<FileRow> = all
        .iter()
        .map(|file| row(file, classes.get(file.path).map(|c| c.word().to_owned()), flavour))
        .collect();
    renames::tell(&mut rows, &mut judgement.causes, &all, limits);
    judgement.files.extend(rows);
    if flavour == Flavour::Chart {
        let content = match judgement.level() {
            _ if !whole => restarts::Content::Unknown,
            Level::Unknown => restarts::Content::Unknown,
            level if level.is_no() => restarts::Content::Equal,
            _ => restarts::Content::Changed,
        };
        let survey = survey.unwrap_or_else(|| super::chart::Survey::of(&trees.right, limits));
        let sides = [&trees.left, &trees.right];
        judgement.restarts = Some(restarts::judge(sides, &survey, content, limits));
    }
}

/// True when `path` lies below the folder. In byte order a folder's first child need not follow it at once
/// (`a`, `a-b`, `a/c`), so a missing neighbour only means that the folder counts as a change: fail safe.
fn is_below(path: &[u8], folder: &[u8]) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.first() == Some(&b'/'))
}

fn row(pair: &FilePair<'_>, class: Option<String>, flavour: Flavour) -> FileRow {
    let facts = |node: &Node| FileFacts {
        sha256: Digest::from_sha256(&node.sha256).hex().to_owned(),
        size: node.size,
        mode: format!("{:04o}", node.mode),
        layer: (flavour == Flavour::Image).then_some(node.layer),
    };
    let status = match (pair.left, pair.right, pair.difference()) {
        (None, _, _) => FileStatus::Added,
        (_, None, _) => FileStatus::Removed,
        (_, _, Some(d)) if d.content() || (matches!(flavour, Flavour::Image | Flavour::Files) && d.any()) => {
            FileStatus::Modified
        }
        _ => FileStatus::Same,
    };
    let class = class.unwrap_or_else(|| {
        pair.right
            .or(pair.left)
            .map_or("other", |n| n.kind.word())
            .to_owned()
    });
    FileRow {
        path: show_path(pair.path),
        platform: String::new(),
        status,
        from_path: None,
        class,
        from: pair.left.map(facts),
        to: pair.right.map(facts),
    }
}

/// The ladder of equality, as far as hashes tell it.
fn ladder(pair: &ArtifactPair, layer_pairs: &[LayerPair<'_>], judgement: &Judgement) -> Vec<Rung> {
    let mut rungs = Vec::new();
    let mut rung = |rung, equal, left: String, right: String| {
        rungs.push(Rung {
            rung,
            equal,
            left,
            right,
            check: String::new(),
        });
    };
    let own = |a: &Artifact| match &a.document {
        Some(document) => document.digest.to_string(),
        None => a
            .layers
            .first()
            .map(|l| l.descriptor.digest.to_string())
            .unwrap_or_default(),
    };
    rung(
        Proven::Digest,
        Some(judgement.identical),
        own(&pair.left),
        own(&pair.right),
    );
    let parts = |a: &Artifact| {
        let mut digests: Vec<String> = a.manifest().iter().map(|m| m.config.digest.to_string()).collect();
        let mut layers: Vec<String> = a.layers.iter().map(|l| l.descriptor.digest.to_string()).collect();
        // An image's layers have an order that counts; a chart's do not (Helm sorts them by digest).
        if a.document.as_ref().map(crate::oci::Document::kind) != Some(ArtifactKind::Image) {
            layers.sort();
        }
        digests.append(&mut layers);
        digests.join(" ")
    };
    let (l, r) = (parts(&pair.left), parts(&pair.right));
    rung(Proven::Manifest, Some(l == r), l, r);
    let content: Vec<&LayerPair<'_>> = layer_pairs
        .iter()
        .filter(|p| !p.left.or(p.right).is_some_and(layers::is_provenance))
        .collect();
    let uncompressed = |layer: Option<&Layer>| {
        layer
            .and_then(Layer::whole)
            .map(|r| r.packing.uncompressed.to_string())
    };
    let equal = content.iter().try_fold(true, |all, p| {
        let same_digest = p.left.zip(p.right).is_some_and(|(l, r)| {
            // A claim is no match for what was read.
            let read = l.whole().is_some() && r.whole().is_some();
            l.descriptor.digest == r.descriptor.digest || (!read && same(l, r))
        });
        match (uncompressed(p.left), uncompressed(p.right)) {
            _ if same_digest => Some(all),
            (Some(l), Some(r)) => Some(all && l == r),
            _ if p.left.is_none() || p.right.is_none() => Some(false),
            _ => None,
        }
    });
    let shown = |side: fn(&LayerPair<'_>) -> Option<String>| {
        content
            .iter()
            .filter_map(|p| side(p))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let left = shown(|p| uncompressed_of(p.left));
    let right = shown(|p| uncompressed_of(p.right));
    rung(Proven::Uncompressed, equal, left, right);
    let (l, r) = judgement.content.clone();
    let has = |weight| judgement.causes.iter().any(|c| c.weight == weight);
    let undecided = has(Weight::Unread);
    let differs = has(Weight::Deployed) || has(Weight::Cosmetic);
    let files = if differs {
        Some(false)
    } else if undecided {
        None
    } else {
        Some(true)
    };
    rung(
        Proven::Files,
        files,
        l.clone().unwrap_or_default(),
        r.clone().unwrap_or_default(),
    );
    let normalised = if has(Weight::Deployed) {
        Some(false)
    } else if undecided {
        None
    } else {
        Some(true)
    };
    rung(Proven::Normalised, normalised, String::new(), String::new());
    rungs
}

fn uncompressed_of(layer: Option<&Layer>) -> Option<String> {
    layer
        .and_then(Layer::whole)
        .map(|r| r.packing.uncompressed.to_string())
        .or_else(|| layer?.claimed.as_ref().map(Digest::to_string))
}
