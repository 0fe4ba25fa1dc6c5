//! One walk over what a [`Job`](super::job::Job) has read: the evidence as far as it goes, and what is missing for the
//! rest.
//!
//! Invariants: a walk reads nothing and changes nothing but [`Derived`], which only saves work: what was read never
//! changes, so what was found out from it holds for all later walks.

use std::collections::{BTreeMap, BTreeSet};

use super::children::{declared_size_fits, pair_children};
use super::evidence::{Artifact, ArtifactPair, IndexPair, Layer, Pair, Read};
use super::job::{Entry, Options, SideId, Start, What};
use super::layers;
use crate::archive::Purpose;
use crate::fault::Fault;
use crate::limits::Limits;
use crate::oci::{ArtifactKind, Descriptor, Digest, Document, Shape, media_type};

/// What was asked for and what came.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) options: Options,
    pub(super) limits: Limits,
    pub(super) documents: BTreeMap<(SideId, String), Result<Document, Fault>>,
    pub(super) blobs: BTreeMap<Digest, Read>,
}

impl Known {
    /// Nothing came yet.
    pub(super) fn new(options: Options, limits: Limits) -> Self {
        Self {
            options,
            limits,
            documents: BTreeMap::new(),
            blobs: BTreeMap::new(),
        }
    }
}

/// Under which name something missing will be known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Document(SideId, String),
    Blob(Digest),
}

/// Something missing.
#[derive(Debug, Clone)]
pub(super) struct Need {
    pub(super) key: Key,
    pub(super) side: SideId,
    pub(super) what: What,
}

/// What a walk gave.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) pair: Pair,
    pub(super) needs: Vec<Need>,
}

/// What took work to find out: layers applied to each other cost as much as they have entries.
#[derive(Debug, Clone, Default)]
pub(super) struct Derived {
    /// By the manifests of both sides: whether the layers that differ decide without the rest.
    decided: BTreeMap<(Digest, Digest), bool>,
}

impl Derived {
    fn decides(&mut self, left: &Artifact, right: &Artifact, plan: &layers::Plan) -> bool {
        let work = || layers::equal_without_the_rest(left, right, plan);
        match (&left.document, &right.document) {
            (Some(l), Some(r)) => *self
                .decided
                .entry((l.digest.clone(), r.digest.clone()))
                .or_insert_with(work),
            _ => work(),
        }
    }
}

/// Walks from both starts as far as what is known leads.
pub(super) fn survey(left: &Start, right: &Start, known: &Known, derived: &mut Derived) -> Survey {
    let mut walk = Walk {
        known,
        derived,
        needs: Vec::new(),
    };
    let l = walk.start(SideId::Left, left);
    let r = walk.start(SideId::Right, right);
    let mut pair = walk.starts(l, r);
    mark(
        &mut pair,
        [left, right].map(|start| matches!(start.entry, Entry::MadeUp(_))),
    );
    Survey {
        pair,
        needs: walk.needs,
    }
}

/// Says of which sides the manifest was made up.
fn mark(pair: &mut Pair, made_up: [bool; 2]) {
    match pair {
        Pair::Artifacts(pair) => [pair.left.made_up, pair.right.made_up] = made_up,
        // An index is never made up: it is the other side's image that stands against each of its children.
        Pair::Indexes(indexes) => indexes
            .children
            .iter_mut()
            .filter_map(|child| child.pair.as_mut())
            .for_each(|pair| mark(pair, made_up)),
        Pair::Unreadable { .. } => {}
    }
}

/// What stands at the start of a side.
#[allow(clippy::large_enum_variant, reason = "two live at a time")]
enum Found {
    Document(Result<Document, Fault>),
    Archive(Descriptor),
}

struct Walk<'a> {
    known: &'a Known,
    derived: &'a mut Derived,
    needs: Vec<Need>,
}

impl Walk<'_> {
    fn start(&mut self, side: SideId, start: &Start) -> Found {
        match &start.entry {
            Entry::Manifest(name) | Entry::MadeUp(name) => Found::Document(self.document(side, name)),
            Entry::Archive(descriptor) => Found::Archive(descriptor.clone()),
        }
    }

    fn document(&mut self, side: SideId, name: &str) -> Result<Document, Fault> {
        let key = (side, name.to_owned());
        if let Some(document) = self.known.documents.get(&key) {
            return document.clone();
        }
        let key = Key::Document(side, name.to_owned());
        let what = What::Document {
            name: name.to_owned(),
        };
        self.needs.push(Need { key, side, what });
        Err(not_read())
    }

    fn blob(&mut self, side: SideId, descriptor: &Descriptor, purpose: Purpose) -> Read {
        if let Some(read) = self.known.blobs.get(&descriptor.digest) {
            return read.clone();
        }
        let what = What::Blob {
            descriptor: descriptor.clone(),
            purpose,
        };
        let key = Key::Blob(descriptor.digest.clone());
        self.needs.push(Need { key, side, what });
        Err(not_read())
    }

    fn starts(&mut self, left: Found, right: Found) -> Pair {
        match (left, right) {
            (Found::Document(left), Found::Document(right)) => self.documents(left, right),
            (left, right) => {
                let left = self.lone(SideId::Left, left);
                let right = self.lone(SideId::Right, right);
                match (left, right) {
                    (Ok(left), Ok(right)) => Pair::Artifacts(Box::new(ArtifactPair { left, right })),
                    (left, right) => {
                        let missing = |side: Result<Artifact, Fault>| {
                            side.and_then(|a| a.document.ok_or_else(|| Fault::unsupported("a bare archive")))
                        };
                        Pair::Unreadable {
                            left: missing(left),
                            right: missing(right),
                        }
                    }
                }
            }
        }
    }

    /// A side whose partner is a bare archive: everything it has is read.
    fn lone(&mut self, side: SideId, found: Found) -> Result<Artifact, Fault> {
        match found {
            Found::Archive(descriptor) => {
                let read = Some(self.blob(side, &descriptor, Purpose::Files));
                Ok(Artifact {
                    document: None,
                    made_up: false,
                    config: None,
                    layers: vec![Layer {
                        descriptor,
                        read,
                        claimed: None,
                    }],
                })
            }
            Found::Document(document) => {
                let document = document?;
                let Shape::Manifest(manifest) = &document.shape else {
                    return Err(Fault::unsupported(
                        "an index cannot be compared with a bare archive: name a platform's digest",
                    ));
                };
                let config = Some(self.blob(side, &manifest.config, Purpose::Document));
                let purpose = purpose_of(manifest.kind());
                let layers = manifest
                    .layers
                    .iter()
                    .map(|descriptor| Layer {
                        descriptor: descriptor.clone(),
                        read: Some(self.blob(side, descriptor, layer_purpose(descriptor, purpose))),
                        claimed: None,
                    })
                    .collect();
                Ok(Artifact {
                    document: Some(document),
                    made_up: false,
                    config,
                    layers,
                })
            }
        }
    }

    fn documents(&mut self, left: Result<Document, Fault>, right: Result<Document, Fault>) -> Pair {
        let (left, right) = match (left, right) {
            (Ok(left), Ok(right)) => (left, right),
            (left, right) => return Pair::Unreadable { left, right },
        };
        match (&left.shape, &right.shape) {
            (Shape::Manifest(_), Shape::Manifest(_)) => self.artifacts(left, right),
            _ => self.indexes(left, right),
        }
    }

    fn artifacts(&mut self, left: Document, right: Document) -> Pair {
        let (Some(l), Some(r)) = (left.manifest().cloned(), right.manifest().cloned()) else {
            return Pair::Unreadable {
                left: Ok(left),
                right: Ok(right),
            };
        };
        let image = l.kind() == ArtifactKind::Image && r.kind() == ArtifactKind::Image;
        let config = |walk: &mut Self, side, descriptor: &Descriptor| {
            Some(walk.blob(side, descriptor, Purpose::Document))
        };
        let left_config = config(self, SideId::Left, &l.config);
        let right_config = config(self, SideId::Right, &r.config);
        let trusting = self.known.options.trust_diff_ids;
        let unread = |layers: &[Descriptor]| -> Vec<Layer> {
            layers
                .iter()
                .map(|d| Layer {
                    descriptor: d.clone(),
                    read: None,
                    claimed: layers::oras_claim(d).filter(|_| trusting && !image),
                })
                .collect()
        };
        let mut left_artifact = Artifact {
            document: Some(left),
            made_up: false,
            config: left_config,
            layers: unread(&l.layers),
        };
        let mut right_artifact = Artifact {
            document: Some(right),
            made_up: false,
            config: right_config,
            layers: unread(&r.layers),
        };
        if image {
            if left_artifact.document.as_ref().map(|d| &d.digest)
                != right_artifact.document.as_ref().map(|d| &d.digest)
            {
                self.image_layers(&mut left_artifact, &mut right_artifact);
            }
        } else {
            // A chart's files answer "will my pods restart", also when only the manifest differs.
            let shared: BTreeSet<&Digest> = l.layers.iter().map(|d| &d.digest).collect();
            for layer in &mut left_artifact.layers {
                layer.read = self.file_layer(SideId::Left, &layer.descriptor, &r.layers);
            }
            for layer in &mut right_artifact.layers {
                layer.read = if shared.contains(&layer.descriptor.digest) {
                    self.file_layer(SideId::Left, &layer.descriptor, &l.layers)
                } else {
                    self.file_layer(SideId::Right, &layer.descriptor, &l.layers)
                };
            }
        }
        Pair::Artifacts(Box::new(ArtifactPair {
            left: left_artifact,
            right: right_artifact,
        }))
    }

    /// Layers of charts and other file artifacts: charts always, the others where they differ.
    fn file_layer(&mut self, side: SideId, descriptor: &Descriptor, others: &[Descriptor]) -> Option<Read> {
        let trusting = self.known.options.trust_diff_ids;
        let claim = layers::oras_claim(descriptor).filter(|_| trusting);
        let same = others
            .iter()
            .any(|o| o.digest == descriptor.digest || (claim.is_some() && layers::oras_claim(o) == claim));
        if same && !media_type::is_helm_chart(&descriptor.media_type) {
            return None;
        }
        Some(self.blob(side, descriptor, layer_purpose(descriptor, Purpose::Files)))
    }

    /// Layers of images: first those that differ; the equal ones only where they decide something.
    fn image_layers(&mut self, left: &mut Artifact, right: &mut Artifact) {
        if self.known.options.trust_diff_ids {
            let configs = [left.manifest(), right.manifest()].map(|m| m.map(|m| &m.config.digest));
            if configs
                .into_iter()
                .flatten()
                .any(|c| !self.known.blobs.contains_key(c))
            {
                // Which layers to read is known when the configs are.
                return;
            }
            // A claim counts against the other side's only.
            let _ = layers::claim_diff_ids(left) && layers::claim_diff_ids(right);
        }
        let plan = layers::differing(&left.layers, &right.layers);
        self.read_layers(left, SideId::Left, &plan.left);
        self.read_layers(right, SideId::Right, &plan.right);
        let all_there = |artifact: &Artifact, wanted: &[usize]| {
            wanted
                .iter()
                .all(|i| artifact.layers.get(*i).is_some_and(|l| l.whole().is_some()))
        };
        if !all_there(left, &plan.left) || !all_there(right, &plan.right) {
            return;
        }
        // Where the sides share no layer, all of them are read by now, and nothing hangs on what these decide.
        let all = plan.left.len() == left.layers.len() && plan.right.len() == right.layers.len();
        if all || self.derived.decides(left, right, &plan) {
            return;
        }
        let rest = |artifact: &Artifact| (0..artifact.layers.len()).collect::<Vec<_>>();
        let (l, r) = (rest(left), rest(right));
        self.read_layers(left, SideId::Left, &l);
        self.read_layers(right, SideId::Right, &r);
    }

    fn read_layers(&mut self, artifact: &mut Artifact, side: SideId, which: &[usize]) {
        for i in which {
            if let Some(layer) = artifact.layers.get_mut(*i) {
                layer.read = Some(self.blob(side, &layer.descriptor, Purpose::Layer));
            }
        }
    }

    fn indexes(&mut self, left: Document, right: Document) -> Pair {
        if left.digest == right.digest {
            return Pair::Indexes(Box::new(IndexPair {
                left,
                right,
                children: Vec::new(),
                left_off: 0,
            }));
        }
        let mut pairs = pair_children(&left, &right, self.known.options.platform.as_ref());
        let limit = self.known.limits.index_children;
        let wrapped = left.index().is_some() != right.index().is_some();
        let mut read = 0usize;
        let mut left_off = 0usize;
        pairs.retain(|child| {
            let needed = child.left.is_some() && child.right.is_some() && child.left != child.right;
            read += usize::from(needed);
            let kept = !needed || read <= limit;
            left_off += usize::from(!kept);
            kept
        });
        for child in &mut pairs {
            let (Some(l), Some(r)) = (&child.left, &child.right) else {
                continue;
            };
            // An index may offer an image for a platform that it was not made for: its config tells.
            if l == r && !(wrapped && child.platform.is_some()) {
                continue;
            }
            let (lone, indexed) = match wrapped {
                true if left.index().is_none() => (Some(&left), Some(&right)),
                true => (Some(&right), Some(&left)),
                false => (None, None),
            };
            let of = |walk: &mut Self, side, whole: &Document, digest: &Digest| {
                let document = if whole.digest == *digest {
                    Ok(whole.clone())
                } else {
                    walk.document(side, &digest.to_string())
                };
                document.and_then(|document| declared_size_fits(whole, document))
            };
            let (l, r) = match (lone, indexed) {
                (Some(lone), Some(indexed)) if l == r => {
                    let same = declared_size_fits(indexed, lone.clone());
                    (same.clone(), same)
                }
                _ => (
                    of(self, SideId::Left, &left, l),
                    of(self, SideId::Right, &right, r),
                ),
            };
            child.pair = Some(match (l, r) {
                (Ok(l), Ok(r)) if l.manifest().is_some() && r.manifest().is_some() => self.artifacts(l, r),
                (l, r) => Pair::Unreadable { left: l, right: r },
            });
        }
        Pair::Indexes(Box::new(IndexPair {
            left,
            right,
            children: pairs,
            left_off,
        }))
    }
}

fn purpose_of(kind: ArtifactKind) -> Purpose {
    if kind == ArtifactKind::Image {
        Purpose::Layer
    } else {
        Purpose::Files
    }
}

/// Provenance files are small documents, everything else what its artifact makes of it.
fn layer_purpose(descriptor: &Descriptor, otherwise: Purpose) -> Purpose {
    if media_type::essence(&descriptor.media_type) == media_type::HELM_PROVENANCE {
        Purpose::Document
    } else {
        otherwise
    }
}

fn not_read() -> Fault {
    Fault::new(crate::fault::FaultKind::Cancelled, "not read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_layers_decide_is_worked_out_once() {
        let artifact = |annotation: &str| {
            let empty = Digest::sha256(b"{}");
            let config = format!(r#"{{"mediaType":"application/json","digest":"{empty}","size":2}}"#);
            let raw = format!(
                r#"{{"schemaVersion":2,"config":{config},"layers":[],"annotations":{{"a":"{annotation}"}}}}"#
            );
            Artifact {
                document: Some(Document::parse(raw.into_bytes(), None, &Limits::default()).unwrap()),
                made_up: false,
                config: None,
                layers: Vec::new(),
            }
        };
        let (left, right) = (artifact("l"), artifact("r"));
        let all_read = layers::Plan::default();
        let unread = layers::Plan {
            left: vec![0],
            ..layers::Plan::default()
        };
        let mut derived = Derived::default();
        assert!(derived.decides(&left, &right, &all_read));
        // Asked anew, a layer that is not there decides nothing: the answer that was found stands, for this pair alone.
        assert!(!Derived::default().decides(&left, &right, &unread));
        assert!(derived.decides(&left, &right, &unread));
        assert!(!derived.decides(&right, &left, &unread));
    }
}
