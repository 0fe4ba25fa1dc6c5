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

use super::evidence::Evidence;
use super::survey::{Derived, Key, Known, Need, Survey, survey};
use crate::archive::{Purpose, Reading};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, Document, Platform};

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
    /// A manifest that was made up for what has none (a `docker save` archive): it names config and layers, and what
    /// else it says is nobody's.
    MadeUp(String),
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

/// A comparison under way.
#[derive(Debug)]
pub struct Job {
    left: Start,
    right: Start,
    known: Known,
    derived: Derived,
    /// The last walk, as long as nothing came in since.
    surveyed: Option<Survey>,
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
            known: Known::new(options, limits),
            derived: Derived::default(),
            surveyed: None,
            asked: BTreeMap::new(),
            ever_asked: BTreeSet::new(),
            next_id: 0,
        }
    }

    /// The bounds this job keeps.
    pub fn limits(&self) -> &Limits {
        &self.known.limits
    }

    /// What to read next, each want once. Empty while answers are missing that decide what comes next, and
    /// for good when [`Job::is_done`].
    pub fn wants(&mut self) -> Vec<Want> {
        let mut wants = Vec::new();
        for Need { key, side, what } in self.survey().needs.clone() {
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
        self.surveyed = None;
        match (self.asked.remove(&id), got) {
            (Some(Key::Document(side, name)), Got::Document(document)) => {
                self.known.documents.insert((side, name), document);
            }
            (Some(Key::Blob(digest)), Got::Blob(read)) => {
                self.known.blobs.insert(digest, read.map(Arc::new));
            }
            _ => {}
        }
    }

    /// Takes over what another job has read or failed to read, for comparing many digests of one
    /// repository without fetching anything twice. Only for jobs whose sides all read from that repository:
    /// what one side read by digest answers the other too.
    pub fn remember(&mut self, earlier: &Self) {
        self.surveyed = None;
        for ((_, name), document) in &earlier.known.documents {
            if name.parse::<Digest>().is_ok() {
                for side in [SideId::Left, SideId::Right] {
                    self.known
                        .documents
                        .entry((side, name.clone()))
                        .or_insert_with(|| document.clone());
                }
            }
        }
        for (digest, read) in &earlier.known.blobs {
            self.known
                .blobs
                .entry(digest.clone())
                .or_insert_with(|| read.clone());
        }
    }

    /// True when nothing is asked for and nothing more is wanted.
    pub fn is_done(&mut self) -> bool {
        self.asked.is_empty() && self.survey().needs.is_empty()
    }

    /// What was gathered. Parts that were never handed in count as not read.
    pub fn evidence(&self) -> Evidence {
        let pair = match &self.surveyed {
            Some(survey) => survey.pair.clone(),
            None => survey(&self.left, &self.right, &self.known, &mut self.derived.clone()).pair,
        };
        Evidence {
            left_name: self.left.name.clone(),
            right_name: self.right.name.clone(),
            pair,
            signed: None,
        }
    }

    fn survey(&mut self) -> &Survey {
        let walk = || survey(&self.left, &self.right, &self.known, &mut self.derived);
        self.surveyed.get_or_insert_with(walk)
    }
}
