//! What window and worker say to each other: one JSON text a message.
//!
//! Every [`Ask`] has a number; any count of [`Reply::Progress`] follows under it, then exactly one other
//! reply. `Cancel` takes the number of the question it stops and is itself not answered; the stopped
//! question is (by a fault of kind `Cancelled`), though the window no longer listens.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::compare::lines::LineEndings;
use crate::compare::text::Row;
use crate::fault::Fault;
use crate::oci::{ArtifactKind, Digest, Platform, Reference};
use crate::report::matrix::Matrix;
use crate::report::{Comparison, FileRow};

/// From the window to the worker.
#[derive(Serialize, Deserialize)]
pub struct Ask {
    /// Which question this is.
    pub id: u32,
    /// What is wanted.
    pub request: Request,
}

/// From the worker to the window.
#[derive(Debug, Serialize, Deserialize)]
pub enum Message {
    /// The worker could not start; the browser's reason.
    #[serde(rename = "broken")]
    Broken(String),
    /// An answer to a question.
    #[serde(rename = "answer")]
    Answer {
        /// The question's number.
        id: u32,
        /// What there is to say.
        reply: Reply,
    },
}

/// What the window wants.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// What a tag or digest points to.
    Resolve {
        /// With a tag or a digest.
        reference: Reference,
    },
    /// All tags of a repository.
    ListTags {
        /// Tag and digest do not matter.
        reference: Reference,
    },
    /// Earlier digests of a tag, from every source the registry offers.
    Timeline {
        /// With a tag.
        reference: Reference,
        /// Digests known otherwise (seen here, added by hand), to be described too.
        known: Vec<Digest>,
    },
    /// Two artifacts, compared to the end.
    Compare {
        /// The older side, with a digest.
        left: Reference,
        /// The newer side.
        right: Reference,
        /// For indexes: only this platform.
        platform: Option<Platform>,
    },
    /// Which contents many digests of a repository hold.
    Contents {
        /// The repository, and the tag whose digests they are.
        reference: Reference,
        /// The newest first.
        digests: Vec<Digest>,
    },
    /// One file of the comparison that was answered last.
    OpenFile {
        /// As it stands in the file list.
        path: String,
    },
    /// Further rows of the opened file.
    MoreRows {
        /// The file.
        path: String,
        /// How many rows the window has.
        from: usize,
    },
    /// Unchanged lines that a gap of the opened file stands for.
    Between {
        /// The file.
        path: String,
        /// The first left line, from 1.
        left: u32,
        /// The first right line, from 1.
        right: u32,
        /// How many lines.
        count: u32,
    },
    /// Further unchanged files of the comparison that was answered last.
    SameFiles {
        /// How many the window has.
        from: usize,
    },
    /// The whole report of the comparison that was answered last.
    Report {
        /// In which form.
        form: ReportForm,
        /// The address that opens the comparison.
        link: String,
    },
    /// Credentials for a registry, for as long as the worker lives. Kept nowhere else.
    SignIn {
        /// The registry.
        registry: String,
        /// The user's name.
        user: String,
        /// The password or token.
        password: String,
    },
    /// The user agrees that a registry's credentials are shown to this other host.
    Agree {
        /// The registry.
        registry: String,
        /// The host that signs in for it, with its port.
        realm_host: String,
    },
    /// Forgets the credentials of these registries.
    SignOut {
        /// The registries.
        registries: Vec<String>,
    },
    /// What the user set, before anything else is asked and after every change.
    Settle(Settings),
    /// How this registry could be reached, after it could not.
    Reach {
        /// The registry.
        registry: String,
    },
    /// What is kept in the browser.
    Stored {
        /// Forget it first.
        clear: bool,
    },
    /// Files that the user dropped or chose; they come beside this message.
    Take,
    /// Stops the question with this number.
    Cancel {
        /// Its number.
        id: u32,
    },
}

/// What the worker says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// Not done yet.
    Progress(Progress),
    /// To `Resolve`.
    Facts(Facts),
    /// To `ListTags`: sorted as versions, newest first; signatures and the like are only counted.
    Tags(Tags),
    /// To `Timeline`: newest first as far as that is known.
    Timeline(Vec<Known>),
    /// To `Compare`. Unchanged files may be left off; see `same_files`.
    Compared {
        /// The result.
        comparison: Box<Comparison>,
        /// How many unchanged files there are, listed or not.
        same_files: usize,
        /// How the older and the newer side were read.
        ways: Box<[Way; 2]>,
        /// The registry's quota, when it told one.
        quota: Option<Quota>,
    },
    /// To `Contents`.
    Contents(Box<Matrix>),
    /// To `OpenFile`.
    File(Box<FileView>),
    /// To `MoreRows` and `Between`.
    Rows(Vec<Row>),
    /// To `SameFiles`.
    Files(Vec<FileRow>),
    /// To `Report`.
    Report(Report),
    /// To `SignIn`.
    SignedIn,
    /// To `Agree`, `SignOut` and `Settle`.
    Done,
    /// To `Reach`.
    Reach(Reach),
    /// To `Stored`; nothing where the browser keeps nothing.
    Stored(Option<Stored>),
    /// To `Take`.
    Taken {
        /// What the files hold, the last one first.
        known: Vec<Known>,
        /// Why others were not taken.
        faults: Vec<Fault>,
    },
    /// It did not work.
    Failed(Fault),
}

/// A form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReportForm {
    /// For an issue.
    Markdown,
    /// One file that needs no network.
    Html,
    /// The published schema.
    Json,
}

/// A report as a file to keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The file's name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// What is in it.
    pub text: String,
}

/// How far a question is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// What it is done to: a file name, a short digest. May be empty.
    pub what: String,
    /// Bytes read so far.
    pub bytes: u64,
    /// Bytes to read, as far as that is known.
    pub of: Option<u64>,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Step {
    /// Waiting for the worker.
    #[default]
    Starting,
    /// Asking the registry for manifests.
    Manifests,
    /// Listing tags.
    Tags,
    /// Fetching and checking content.
    Content,
    /// Comparing.
    Comparing,
    /// The registry asked to wait; `of` holds the milliseconds.
    Waiting,
}

/// What a tag or digest points to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// What was asked for.
    pub reference: Reference,
    /// The manifest's digest.
    pub digest: Digest,
    /// Its media type.
    pub media_type: String,
    /// What it is.
    pub kind: ArtifactKind,
    /// Manifest, config and layers together, in bytes, as declared.
    pub size: u64,
    /// RFC 3339, from annotation or config.
    pub created: Option<String>,
    /// A chart's name.
    pub chart: Option<String>,
    /// A chart's version, or the version annotation.
    pub version: Option<String>,
    /// The platforms of an index.
    pub platforms: Vec<Platform>,
    /// How it was read.
    pub way: Way,
    /// The registry's quota, when it told one.
    pub quota: Option<Quota>,
}

/// What a registry says about requests that are left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Requests left.
    pub remaining: u64,
    /// Requests in a window, where told.
    pub limit: Option<u64>,
    /// The window in seconds, where told.
    pub window_s: Option<u64>,
}

/// What the user set. Never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The origin of a relay elsewhere; without it, the page's own.
    pub relay: Option<String>,
    /// Bytes of verified content kept in the browser at most.
    pub kept_bytes: u64,
    /// Registries that a relay was needed for before.
    pub relayed: BTreeMap<String, bool>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            relay: None,
            kept_bytes: 250_000_000,
            relayed: BTreeMap::new(),
        }
    }
}

/// How a registry could be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// What the relay says.
    pub relay: Relay,
    /// A host that the registry wants its credentials shown to, and that nobody agreed to yet.
    pub realm_host: Option<String>,
}

/// What there is to forward requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relay {
    /// Nothing.
    None,
    /// A relay, but not to this registry.
    Elsewhere,
    /// A relay to this registry.
    Here,
}

/// What is kept in the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// How many items.
    pub items: usize,
    /// Their bytes.
    pub bytes: u64,
    /// At most so many bytes.
    pub bound: u64,
}

/// By which way a registry is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// From the browser to the registry.
    Direct,
    /// Through the relay of the page's own host.
    Relay,
    /// Through a relay that the user set.
    RelayAt(String),
    /// An OCI layout beside the page.
    Layout,
    /// From a file on the user's device.
    Device,
    /// From what this browser kept; the registry was not asked.
    Kept,
}

/// Tags of a repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tags {
    /// Newest version first.
    pub tags: Vec<String>,
    /// Tags that are signatures, attestations or SBOMs.
    pub attached: usize,
    /// Why there may be more than these.
    pub cut: Option<Fault>,
}

/// One digest that a tag has, had, or may have had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// A file's name, as the user knows it; empty for what a registry has.
    pub name: String,
    /// The manifest's digest.
    pub digest: Digest,
    /// Where it was learnt.
    pub sources: Vec<Source>,
    /// What it is, where it could be read.
    pub facts: Option<Facts>,
    /// Why it could not be read.
    pub fault: Option<Fault>,
}

/// Where a digest was learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Source {
    /// The tag points to it.
    Now,
    /// A signature or another attachment was made for it.
    Signature,
    /// The registry's own history, or a manifest it keeps without a tag.
    Registry,
    /// This device saw the tag point to it.
    SeenHere,
    /// The user added it.
    Added,
    /// A file on the user's device.
    Device,
}

/// One opened file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileView {
    /// Its line of the file list.
    pub file: FileRow,
    /// What can be shown of it.
    pub body: Body,
}

/// What can be shown of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Body {
    /// Lines side by side, the first rows of them.
    Text {
        /// The first rows.
        rows: Vec<Row>,
        /// How many rows there are.
        total: usize,
        /// Lines only on the right.
        added: u64,
        /// Lines only on the left.
        removed: u64,
        /// How the lines of either side end.
        endings: [LineEndings; 2],
    },
    /// Not text: what it is, in a few words.
    Binary(String),
    /// The bytes are not there, and why.
    Missing(String),
}
