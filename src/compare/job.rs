//! The flow of a comparison as a state machine: it says what it wants to read next, and takes what was
//! read. Whoever drives it (the page's worker, the native program) fetches; nothing here does.
//!
//! Invariants: nothing is wanted twice, and what both sides share (by digest) is wanted once or not at
//! all. Layers that are equal on both sides are not read unless another difference makes their content
//! matter. A driver that cannot get something hands in the fault; the job goes on with the rest.
//!
//! ```
//! use tagdrift::{compare::job::{Entry, Job, Options, Start, What}, limits::Limits};
//! let start = |name: &str| Start { name: name.into(), entry: Entry::Manifest(name.into()) };
//! let mut job = Job::new(start("left"), start("right"), Options::default(), Limits::default());
//! let wants = job.wants();
//! assert!(matches!(&wants[0].what, What::Document { name } if name == "left"));
//! assert!(job.wants().is_empty(), "nothing is wanted twice");
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::children::{declared_size_fits, pair_children};
use super::evidence::{Artifact, ArtifactPair, Evidence, IndexPair, Layer, Pair, Read};
use super::layers;
use crate::archive::{Purpose, Reading};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::oci::{ArtifactKind, Descriptor, Digest, Document, Platform, Shape, media_type};

/// Which side of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SideId {
    /// The older.
    Left,
    /// The newer.
    Right,
}

/// Where a side starts.
#[derive(Debug, Clone)]
pub struct Start {
    /// How the person named it, without secrets.
    pub name: String,
    /// What to read first.
    pub entry: Entry,
}

/// What a side is at first sight.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "a handful live at a time")]
pub enum Entry {
    /// A manifest by tag or digest.
    Manifest(String),
    /// A bare archive (a chart's `.tgz`): one blob and no manifest.
    Archive(Descriptor),
}

/// What the user asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only this platform of indexes.
    pub platform: Option<Platform>,
    /// Take the artifact's own word for what a layer unpacks to (diffIDs of an image's config, ORAS's
    /// annotation): a layer with another digest and the same claim on both sides is not read. Without this,
    /// equality is proven by reading.
    pub trust_diff_ids: bool,
}

/// Something the driver has to read.
#[derive(Debug, Clone)]
pub struct Want {
    /// Hands the answer back to [`Job::take`].
    pub id: u32,
    /// Whose source has it.
    pub side: SideId,
    /// What it is.
    pub what: What,
}

/// What a [`Want`] asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "a handful live at a time")]
pub enum What {
    /// A manifest or index, by tag or digest.
    Document {
        /// The tag or digest.
        name: String,
    },
    /// A blob, read through [`BlobReader`](crate::archive::BlobReader).
    Blob {
        /// Names and sizes it.
        descriptor: Descriptor,
        /// What for.
        purpose: Purpose,
    },
}

/// What the driver got.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a handful live at a time")]
pub enum Got {
    /// Answers [`What::Document`].
    Document(Result<Document, Fault>),
    /// Answers [`What::Blob`].
    Blob(Result<Reading, Fault>),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Document(SideId, String),
    Blob(Digest),
}

/// A comparison under way.
#[derive(Debug)]
pub struct Job {
    left: Start,
    right: Start,
    options: Options,
    limits: Limits,
    documents: BTreeMap<(SideId, String), Result<Document, Fault>>,
    blobs: BTreeMap<Digest, Read>,
    asked: BTreeMap<u32, Key>,
    ever_asked: BTreeSet<Key>,
    next_id: u32,
}

impl Job {
    /// A job that has read nothing yet.
    pub fn new(left: Start, right: Start, options: Options, limits: Limits) -> Self {
        Self {
            left,
            right,
            options,
            limits,
            documents: BTreeMap::new(),
            blobs: BTreeMap::new(),
            asked: BTreeMap::new(),
            ever_asked: BTreeSet::new(),
            next_id: 0,
        }
    }

    /// The bounds this job keeps.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What to read next, each want once. Empty while answers are missing that decide what comes next, and
    /// for good when [`Job::is_done`].
    pub fn wants(&mut self) -> Vec<Want> {
        let (_, needs) = self.survey();
        let mut wants = Vec::new();
        for (key, side, what) in needs {
            if self.ever_asked.insert(key.clone()) {
                let id = self.next_id;
                self.next_id += 1;
                self.asked.insert(id, key);
                wants.push(Want { id, side, what });
            }
        }
        wants
    }

    /// Takes an answer. One for an unknown id, or of the wrong kind, is ignored.
    pub fn take(&mut self, id: u32, got: Got) {
        match (self.asked.remove(&id), got) {
            (Some(Key::Document(side, name)), Got::Document(document)) => {
                self.documents.insert((side, name), document);
            }
            (Some(Key::Blob(digest)), Got::Blob(read)) => {
                self.blobs.insert(digest, read.map(Arc::new));
            }
            _ => {}
        }
    }

    /// Takes over what another job has read or failed to read, for comparing many digests of one
    /// repository without fetching anything twice. Only for jobs whose sides all read from that repository:
    /// what one side read by digest answers the other too.
    pub fn remember(&mut self, earlier: &Self) {
        for ((_, name), document) in &earlier.documents {
            if name.parse::<Digest>().is_ok() {
                for side in [SideId::Left, SideId::Right] {
                    self.documents
                        .entry((side, name.clone()))
                        .or_insert_with(|| document.clone());
                }
            }
        }
        for (digest, read) in &earlier.blobs {
            self.blobs.entry(digest.clone()).or_insert_with(|| read.clone());
        }
    }

    /// True when nothing is asked for and nothing more is wanted.
    pub fn is_done(&mut self) -> bool {
        self.asked.is_empty() && self.survey().1.is_empty()
    }

    /// What was gathered. Parts that were never handed in count as not read.
    pub fn evidence(&self) -> Evidence {
        Evidence {
            left_name: self.left.name.clone(),
            right_name: self.right.name.clone(),
            pair: self.survey().0,
            signed: None,
        }
    }

    /// One walk over everything that is known: the evidence as far as it goes, and what is missing.
    fn survey(&self) -> (Pair, Vec<(Key, SideId, What)>) {
        let mut survey = Survey {
            job: self,
            needs: Vec::new(),
        };
        let left = survey.start(SideId::Left, &self.left);
        let right = survey.start(SideId::Right, &self.right);
        let pair = survey.starts(left, right);
        (pair, survey.needs)
    }
}

/// What stands at the start of a side.
#[allow(clippy::large_enum_variant, reason = "two live at a time")]
enum Found {
    Document(Result<Document, Fault>),
    Archive(Descriptor),
}

struct Survey<'a> {
    job: &'a Job,
    needs: Vec<(Key, SideId, What)>,
}

impl Survey<'_> {
    fn start(&mut self, side: SideId, start: &Start) -> Found {
        match &start.entry {
            Entry::Manifest(name) => Found::Document(self.document(side, name)),
            Entry::Archive(descriptor) => Found::Archive(descriptor.clone()),
        }
    }

    fn document(&mut self, side: SideId, name: &str) -> Result<Document, Fault> {
        let key = (side, name.to_owned());
        if let Some(document) = self.job.documents.get(&key) {
            return document.clone();
        }
        let key = Key::Document(side, name.to_owned());
        self.needs.push((
            key,
            side,
            What::Document {
                name: name.to_owned(),
            },
        ));
        Err(not_read())
    }

    fn blob(&mut self, side: SideId, descriptor: &Descriptor, purpose: Purpose) -> Read {
        if let Some(read) = self.job.blobs.get(&descriptor.digest) {
            return read.clone();
        }
        let what = What::Blob {
            descriptor: descriptor.clone(),
            purpose,
        };
        self.needs
            .push((Key::Blob(descriptor.digest.clone()), side, what));
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
        let config = |survey: &mut Self, side, descriptor: &Descriptor| {
            Some(survey.blob(side, descriptor, Purpose::Document))
        };
        let left_config = config(self, SideId::Left, &l.config);
        let right_config = config(self, SideId::Right, &r.config);
        let trusting = self.job.options.trust_diff_ids;
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
            config: left_config,
            layers: unread(&l.layers),
        };
        let mut right_artifact = Artifact {
            document: Some(right),
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
        let trusting = self.job.options.trust_diff_ids;
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
        if self.job.options.trust_diff_ids {
            let configs = [left.manifest(), right.manifest()].map(|m| m.map(|m| &m.config.digest));
            if configs
                .into_iter()
                .flatten()
                .any(|c| !self.job.blobs.contains_key(c))
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
        if layers::equal_without_the_rest(left, right, &plan) {
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
        let mut pairs = pair_children(&left, &right, self.job.options.platform.as_ref());
        let limit = self.job.limits.index_children;
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
            let of = |survey: &mut Self, side, whole: &Document, digest: &Digest| {
                let document = if whole.digest == *digest {
                    Ok(whole.clone())
                } else {
                    survey.document(side, &digest.to_string())
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
