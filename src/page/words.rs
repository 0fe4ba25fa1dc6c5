//! Every word that the page shows, in one place, so that a second language is one more value of [`Words`].
//!
//! `{}` stands for a value; [`fill`] puts values in, in their order. What the core says (messages of faults,
//! notes of causes, summaries) comes from the core in English.

use crate::input::Form;
use crate::oci::ArtifactKind;
use crate::report::FileStatus;
use crate::verdict::{Code, Level, Proven, Severity, Weight};

use super::protocol::Source;

/// The words of one language. Pairs are a title and what goes with it.
#[expect(
    missing_docs,
    reason = "each field's name says where it stands; its value is its documentation"
)]
pub struct Words {
    pub title: &'static str,
    pub skip: &'static str,
    pub home: &'static str,
    pub to_light: &'static str,
    pub to_dark: &'static str,
    pub hero_question: &'static str,
    pub hero_answer: &'static str,
    pub hero_lead: &'static str,
    pub input_label: &'static str,
    pub input_example: &'static str,
    pub input_hint: &'static str,
    pub input_nothing: &'static str,
    pub look: &'static str,
    pub registry: &'static str,
    pub repository: &'static str,
    pub tag: &'static str,
    pub digest: &'static str,
    pub sample_registry: &'static str,
    pub form_signature: &'static str,
    pub form_web_page: &'static str,
    pub form_page_link: &'static str,
    pub form_tool_output: &'static str,
    pub fragment_digest: &'static str,
    pub fragment_prefix: &'static str,
    pub fragment_tag: &'static str,
    pub samples: &'static str,
    pub samples_lead: &'static str,
    pub samples_more: &'static str,
    pub sample_go: &'static str,
    pub recent: &'static str,
    pub forget: &'static str,
    pub levels: &'static str,
    pub first_law: &'static str,
    pub working: &'static str,
    pub step_starting: &'static str,
    pub step_manifests: &'static str,
    pub step_tags: &'static str,
    pub step_content: &'static str,
    pub step_comparing: &'static str,
    pub step_waiting: &'static str,
    pub seconds: &'static str,
    pub bytes_of: &'static str,
    pub stop: &'static str,
    pub again: &'static str,
    pub points_to_now: &'static str,
    pub this_digest: &'static str,
    pub kind: &'static str,
    pub chart: &'static str,
    pub version: &'static str,
    pub size: &'static str,
    pub created: &'static str,
    pub platforms: &'static str,
    pub read_by: &'static str,
    pub way_direct: &'static str,
    pub way_relay: &'static str,
    pub way_layout: &'static str,
    pub timeline: &'static str,
    pub timeline_lead: &'static str,
    pub timeline_alone: &'static str,
    pub timeline_choice: &'static str,
    pub older: &'static str,
    pub newer: &'static str,
    pub as_older: &'static str,
    pub as_newer: &'static str,
    pub source_now: &'static str,
    pub source_signature: &'static str,
    pub source_registry: &'static str,
    pub source_seen: &'static str,
    pub source_added: &'static str,
    pub add_digest: &'static str,
    pub add: &'static str,
    pub compare: &'static str,
    pub compare_two: &'static str,
    pub tags: &'static str,
    pub filter_tags: &'static str,
    pub no_tags: &'static str,
    pub no_tag_fits: &'static str,
    pub show_more: &'static str,
    pub attached: &'static str,
    pub tags_cut: &'static str,
    pub both_sides: &'static str,
    pub content_digest: &'static str,
    pub detail: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub copy_by_hand: &'static str,
    pub copy_digest: &'static str,
    pub copy_link: &'static str,
    pub copy_summary: &'static str,
    pub copy_command: &'static str,
    pub copy_snippet: &'static str,
    pub unread: &'static str,
    pub ladder: &'static str,
    pub rung_equal: &'static str,
    pub rung_differs: &'static str,
    pub rung_unknown: &'static str,
    pub rung_digest: &'static str,
    pub rung_manifest: &'static str,
    pub rung_uncompressed: &'static str,
    pub rung_files: &'static str,
    pub rung_normalised: &'static str,
    pub rung_nothing: &'static str,
    pub check_yourself: &'static str,
    pub questions: &'static str,
    pub did_bytes: &'static str,
    pub did_content: &'static str,
    pub will_restart: &'static str,
    pub only_cosmetic: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub cannot_tell: &'static str,
    pub depends: &'static str,
    pub notes: &'static str,
    pub causes: &'static str,
    pub no_causes: &'static str,
    pub causes_left_off: &'static str,
    pub became: &'static str,
    pub absent: &'static str,
    pub empty_value: &'static str,
    pub severity: &'static str,
    pub severity_0: &'static str,
    pub severity_1: &'static str,
    pub severity_2: &'static str,
    pub severity_3: &'static str,
    pub severity_4: &'static str,
    pub cause_code: &'static str,
    pub files: &'static str,
    pub file_keys: &'static str,
    pub filter_files: &'static str,
    pub no_file_fits: &'static str,
    pub choose_file: &'static str,
    pub close_file: &'static str,
    pub was_called: &'static str,
    pub binary: &'static str,
    pub empty_file: &'static str,
    pub view: &'static str,
    pub split: &'static str,
    pub unified: &'static str,
    pub lines: &'static str,
    pub unchanged_lines: &'static str,
    pub status_added: &'static str,
    pub status_removed: &'static str,
    pub status_modified: &'static str,
    pub status_renamed: &'static str,
    pub status_same: &'static str,
    pub kind_chart: &'static str,
    pub kind_image: &'static str,
    pub kind_index: &'static str,
    pub kind_flux: &'static str,
    pub kind_artifact: &'static str,
    pub meaning_identical: &'static str,
    pub meaning_repackaged: &'static str,
    pub meaning_cosmetic: &'static str,
    pub meaning_changed: &'static str,
    pub meaning_breaking: &'static str,
    pub meaning_unknown: &'static str,
    pub fault_malformed: (&'static str, &'static str),
    pub fault_unsupported: (&'static str, &'static str),
    pub fault_too_large: (&'static str, &'static str),
    pub fault_mismatch: (&'static str, &'static str),
    pub fault_denied: (&'static str, &'static str),
    pub fault_gone: (&'static str, &'static str),
    pub fault_unreachable: (&'static str, &'static str),
    pub fault_busy: (&'static str, &'static str),
    pub fault_cancelled: (&'static str, &'static str),
    pub weight_unread: (&'static str, &'static str),
    pub weight_deployed: (&'static str, &'static str),
    pub weight_cosmetic: (&'static str, &'static str),
    pub weight_packaging: (&'static str, &'static str),
    cause_titles: fn(Code) -> &'static str,
    topics: fn(&str) -> Option<&'static str>,
}

/// The words of the reader's language.
pub fn words() -> &'static Words {
    &ENGLISH
}

/// Puts values into a text's `{}`, in their order.
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut parts = text.split("{}");
    let mut out = parts.next().unwrap_or_default().to_owned();
    let mut values = values.iter();
    for part in parts {
        out.push_str(values.next().copied().unwrap_or_default());
        out.push_str(part);
    }
    out
}

impl Words {
    /// How a text was read.
    pub fn form(&self, form: Form) -> &'static str {
        match form {
            Form::Reference => "",
            Form::SignatureTag => self.form_signature,
            Form::WebPage => self.form_web_page,
            Form::PageLink => self.form_page_link,
            Form::ToolOutput => self.form_tool_output,
        }
    }

    /// What an artifact is.
    pub fn kind_name(&self, kind: ArtifactKind) -> &'static str {
        match kind {
            ArtifactKind::Chart => self.kind_chart,
            ArtifactKind::Image => self.kind_image,
            ArtifactKind::Index => self.kind_index,
            ArtifactKind::Flux => self.kind_flux,
            ArtifactKind::Artifact => self.kind_artifact,
        }
    }

    /// Where a digest was learnt.
    pub fn source(&self, source: Source) -> &'static str {
        match source {
            Source::Now => self.source_now,
            Source::Signature => self.source_signature,
            Source::Registry => self.source_registry,
            Source::SeenHere => self.source_seen,
            Source::Added => self.source_added,
        }
    }

    /// What became of a file.
    pub fn status(&self, status: FileStatus) -> &'static str {
        match status {
            FileStatus::Added => self.status_added,
            FileStatus::Removed => self.status_removed,
            FileStatus::Modified => self.status_modified,
            FileStatus::Renamed => self.status_renamed,
            FileStatus::Same => self.status_same,
        }
    }

    /// A rung of the ladder.
    pub fn rung(&self, rung: Proven) -> &'static str {
        match rung {
            Proven::Nothing => self.rung_nothing,
            Proven::Normalised => self.rung_normalised,
            Proven::Files => self.rung_files,
            Proven::Uncompressed => self.rung_uncompressed,
            Proven::Manifest => self.rung_manifest,
            Proven::Digest => self.rung_digest,
        }
    }

    /// A severity in a word.
    pub fn severity_name(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Noise => self.severity_0,
            Severity::Info => self.severity_1,
            Severity::Review => self.severity_2,
            Severity::Behaviour => self.severity_3,
            Severity::Breaking => self.severity_4,
        }
    }

    /// What a level promises.
    pub fn meaning(&self, level: Level) -> &'static str {
        match level {
            Level::Identical => self.meaning_identical,
            Level::Repackaged => self.meaning_repackaged,
            Level::Cosmetic => self.meaning_cosmetic,
            Level::Changed => self.meaning_changed,
            Level::Breaking => self.meaning_breaking,
            Level::Unknown => self.meaning_unknown,
        }
    }

    /// A group of causes: its title, and what they have in common.
    pub fn weight(&self, weight: Weight) -> (&'static str, &'static str) {
        match weight {
            Weight::Packaging => self.weight_packaging,
            Weight::Cosmetic => self.weight_cosmetic,
            Weight::Deployed => self.weight_deployed,
            Weight::Unread => self.weight_unread,
        }
    }

    /// The headline of a level.
    pub fn headline(&self, level: Level) -> &'static str {
        level.headline()
    }

    /// A cause in a few words.
    pub fn cause(&self, code: Code) -> &'static str {
        (self.cause_titles)(code)
    }

    /// The topic of a note; unknown ones as they are.
    pub fn topic<'a>(&self, topic: &'a str) -> &'a str {
        (self.topics)(topic).unwrap_or(topic)
    }
}

/// English.
static ENGLISH: Words = Words {
    title: "Tagdrift: same tag, new digest. Did anything real change?",
    skip: "Skip to the content",
    home: "Tagdrift, start page",
    to_light: "Switch to the light theme",
    to_dark: "Switch to the dark theme",
    hero_question: "Same tag, new digest.",
    hero_answer: "Did anything real change?",
    hero_lead: "Paste a chart or an image. Tagdrift compares what its tag pointed to with what it points to now, down to the byte, and shows the proof.",
    input_label: "Chart or image",
    input_example: "ghcr.io/org/charts/name:1.2.3",
    input_hint: "A reference, a log line, a helm command, a registry’s web address, a digest: paste what you have.",
    input_nothing: "Nothing to look at yet. Write a reference such as ghcr.io/org/charts/name:1.2.3.",
    look: "Look",
    registry: "registry",
    repository: "repository",
    tag: "tag",
    digest: "digest",
    sample_registry: "sample",
    form_signature: "read from a signature’s tag",
    form_web_page: "read from a web address",
    form_page_link: "read from a link to this page",
    form_tool_output: "read from what a tool printed",
    fragment_digest: "A digest without its repository. Put the repository in front: registry/name@{}",
    fragment_prefix: "Only the first digits of a digest ({}), and no repository. Add the repository: a registry cannot look up a prefix, but its tags can be compared with it.",
    fragment_tag: "A version ({}) without its repository. Put the repository in front: registry/name:version",
    samples: "See it on a sample",
    samples_lead: "One tag, pushed three times. Each pair is compared here and now, in your browser.",
    samples_more: "More samples: comments only, image rebuilds, one platform of two",
    sample_go: "Compare",
    recent: "Looked at on this device",
    forget: "Clear what this device remembers",
    levels: "Five answers, and what each one promises",
    first_law: "What was not proven equal is never called equal. What could not be read is “cannot tell”, with what is known beside it.",
    working: "What is being done",
    step_starting: "Starting",
    step_manifests: "Asking for manifests",
    step_tags: "Listing tags",
    step_content: "Fetching and checking content",
    step_comparing: "Comparing",
    step_waiting: "The registry asked to wait",
    seconds: "{} s left",
    bytes_of: "{} of {}",
    stop: "Stop",
    again: "Try again",
    points_to_now: "Points to now",
    this_digest: "This digest",
    kind: "kind",
    chart: "chart",
    version: "version",
    size: "size",
    created: "created",
    platforms: "platforms",
    read_by: "read",
    way_direct: "directly from the registry",
    way_relay: "through the relay of {}",
    way_layout: "from the samples beside this page",
    timeline: "Its past",
    timeline_lead: "{} digests are known for this tag. Choose an older and a newer one.",
    timeline_alone: "No earlier digest is known. Registries rarely keep a tag’s past: add a digest from a lock file, a Flux status or a log, or look again after the next push. This device remembers what it saw.",
    timeline_choice: "Digests to compare",
    older: "older",
    newer: "newer",
    as_older: "{} as the older side",
    as_newer: "{} as the newer side",
    source_now: "points here now",
    source_signature: "signed here",
    source_registry: "kept without a tag",
    source_seen: "seen on this device",
    source_added: "added by you",
    add_digest: "Another digest of this tag",
    add: "Add",
    compare: "Compare",
    compare_two: "Choose two different digests.",
    tags: "Tags",
    filter_tags: "Filter tags",
    no_tags: "This repository has no tags.",
    no_tag_fits: "No tag fits this filter.",
    show_more: "Show more ({} left)",
    attached: "{} tags of signatures and the like are not listed.",
    tags_cut: "The list was cut at this page’s limit.",
    both_sides: "Both sides",
    content_digest: "content",
    detail: "How this was found",
    copy: "Copy",
    copied: "Copied",
    copy_by_hand: "The browser refused the clipboard: copy it from here",
    copy_digest: "Copy the digest",
    copy_link: "Copy link",
    copy_summary: "Copy summary for an issue",
    copy_command: "Copy the command",
    copy_snippet: "Copy the snippet",
    unread: "Could not be read",
    ladder: "How far equality is proven",
    rung_equal: "equal",
    rung_differs: "differs",
    rung_unknown: "cannot tell",
    rung_digest: "Same digest",
    rung_manifest: "Same config and layers",
    rung_uncompressed: "Same bytes once uncompressed",
    rung_files: "Same files",
    rung_normalised: "Same files apart from formatting",
    rung_nothing: "Nothing in common proven",
    check_yourself: "Check it yourself",
    questions: "Three questions",
    did_bytes: "Did bytes change?",
    did_content: "Did content change?",
    will_restart: "Will my pods restart?",
    only_cosmetic: "Only in what nothing deploys.",
    yes: "yes",
    no: "no",
    cannot_tell: "cannot tell",
    depends: "depends",
    notes: "Worth knowing",
    causes: "Why the digests differ",
    no_causes: "They do not differ.",
    causes_left_off: "{} more causes are not listed.",
    became: "became",
    absent: "absent",
    empty_value: "empty",
    severity: "Severity, from 0 (noise) to 4 (breaking)",
    severity_0: "noise",
    severity_1: "info",
    severity_2: "review",
    severity_3: "behaviour",
    severity_4: "breaking",
    cause_code: "Cause code",
    files: "Files",
    file_keys: "j and k step through the files, Escape closes",
    filter_files: "Filter files",
    no_file_fits: "No file fits these filters.",
    choose_file: "Choose a file to see its lines.",
    close_file: "Close the file",
    was_called: "was {}",
    binary: "Not shown as text: {}.",
    empty_file: "Both sides are empty.",
    view: "View",
    split: "Side by side",
    unified: "In one column",
    lines: "Lines of the file",
    unchanged_lines: "{} unchanged lines",
    status_added: "added",
    status_removed: "removed",
    status_modified: "modified",
    status_renamed: "renamed",
    status_same: "unchanged",
    kind_chart: "Helm chart",
    kind_image: "container image",
    kind_index: "index of several platforms",
    kind_flux: "Flux artifact",
    kind_artifact: "OCI artifact",
    meaning_identical: "The digests are equal.",
    meaning_repackaged: "Other bytes around it, the same files within: every path, kind and byte is proven equal.",
    meaning_cosmetic: "Files differ, but proven only in what nothing deploys: docs, comments, formatting, tests.",
    meaning_changed: "Something that can be deployed differs.",
    meaning_breaking: "Changed, and something that is known to break or to touch security is among it.",
    meaning_unknown: "A part could not be read or decoded, so nobody can say “no”. What is known is still shown.",
    fault_malformed: (
        "This does not follow its format",
        "Check the reference; if it is right, whoever published this artifact has to mend it.",
    ),
    fault_unsupported: (
        "This kind of artifact is not read",
        "Compare another tag or digest of the repository.",
    ),
    fault_too_large: (
        "This is larger than a browser should read",
        "The program `tagdrift compare` reads larger artifacts.",
    ),
    fault_mismatch: (
        "The content does not match its digest",
        "It is refused and not shown. Try again; if it stays so, the registry or something on the way to it alters content.",
    ),
    fault_denied: (
        "The registry does not let you in",
        "The repository is private, or it does not exist: registries often answer the same to both. Check the name, or sign in.",
    ),
    fault_gone: (
        "It is not there",
        "Check the name and the tag. A digest may have been removed since: registries clean up what no tag points to.",
    ),
    fault_unreachable: (
        "No answer",
        "Check the name of the registry and your network. Many registries do not let web pages read them: `tagdrift serve` on your machine does.",
    ),
    fault_busy: (
        "The registry asks to come back later",
        "Wait a moment, then try again.",
    ),
    fault_cancelled: ("Stopped", "Nothing was lost. Start again when you like."),
    weight_unread: (
        "Could not be read",
        "These keep the answer from being “no change”.",
    ),
    weight_deployed: ("What can be deployed", "These can change what a cluster runs."),
    weight_cosmetic: (
        "In files that nothing deploys",
        "Docs, comments, formatting, tests: proven not to reach a cluster.",
    ),
    weight_packaging: (
        "Packaging only",
        "Around the content: manifest, compression, archive headers, signatures. No file differs by these.",
    ),
    cause_titles: english_cause,
    topics: english_topic,
};

fn english_cause(code: Code) -> &'static str {
    match code {
        Code::ManifestFormatting => "Manifest is formatted differently",
        Code::ManifestMediaType => "Manifest has another media type",
        Code::ManifestField => "A manifest field differs",
        Code::AnnotationCreated => "Creation time differs",
        Code::AnnotationCreatedZone => "Creation time is written in another zone",
        Code::AnnotationRevision => "Source revision differs",
        Code::AnnotationValue => "An annotation differs",
        Code::ConfigFormatting => "Config is formatted differently",
        Code::ConfigValue => "A config value differs",
        Code::ConfigHistory => "Build history differs",
        Code::ConfigCreated => "Build time differs",
        Code::LayerAdded => "A layer was added",
        Code::LayerRemoved => "A layer was removed",
        Code::LayerOrder => "Layers stand in another order",
        Code::LayerMediaType => "A layer has another media type",
        Code::ProvenanceChanged => "Provenance file differs",
        Code::ProvenanceAdded => "Provenance file was added",
        Code::ProvenanceRemoved => "Provenance file was removed",
        Code::SignatureLost => "The signature is gone",
        Code::SignatureIdentity => "Signed by someone else",
        Code::IndexAttestation => "Only attestations differ",
        Code::IndexPlatformAdded => "A platform was added",
        Code::IndexPlatformRemoved => "A platform was removed",
        Code::IndexPlatformChanged => "A platform’s image differs",
        Code::IndexPlatformRepackaged => "A platform’s image was repackaged",
        Code::GzipHeader => "gzip header differs",
        Code::CompressionStream => "Compressed differently",
        Code::ArchiveTrailingBytes => "Bytes after the end of the archive",
        Code::TarFormat => "tar is written in another format",
        Code::TarMtime => "File times differ",
        Code::TarOwner => "File owners differ",
        Code::TarMode => "File permissions differ",
        Code::TarOrder => "Files are packed in another order",
        Code::TarDirectoryEntries => "Folder entries come or go",
        Code::TarDuplicate => "A name is packed twice",
        Code::TarLink => "A link differs",
        Code::TarPath => "A path leaves its folder, or misleads",
        Code::TarXattr => "Extended attributes differ",
        Code::FileAdded => "A file was added",
        Code::FileRemoved => "A file was removed",
        Code::FileRenamed => "A file was renamed",
        Code::FileBytes => "A file differs",
        Code::FileLineEndings => "Line ends differ",
        Code::FileDocs => "A document differs",
        Code::FileTests => "Tests or CI files differ",
        Code::YamlComments => "Comments differ",
        Code::YamlFormatting => "YAML is formatted differently",
        Code::YamlValue => "A YAML value differs",
        Code::JsonFormatting => "JSON is formatted differently",
        Code::JsonValue => "A JSON value differs",
        Code::ChartVersion => "Chart version differs",
        Code::ChartAppVersion => "App version differs",
        Code::ChartDependency => "A dependency differs",
        Code::ChartMetadata => "Chart metadata differs",
        Code::ChartLockGenerated => "Lock file’s time stamp differs",
        Code::ValuesValue => "A default value differs",
        Code::SchemaValue => "Values schema differs",
        Code::TemplateComments => "Template comments differ",
        Code::TemplateText => "A template differs",
        Code::CrdVersionUnserved => "A CRD version is no longer served",
        Code::CrdVersionRemoved => "A CRD version was removed",
        Code::CrdVersionAdded => "A CRD version was added",
        Code::CrdStorage => "Another CRD version is stored",
        Code::CrdSchema => "A CRD’s schema differs",
        Code::CrdAdded => "A CRD was added",
        Code::CrdRemoved => "A CRD was removed",
        Code::RbacWidened => "A role allows more",
        Code::RbacNarrowed => "A role allows less",
        Code::HookChanged => "A hook differs",
        Code::WebhookChanged => "An admission webhook differs",
        Code::ImageReference => "A deployed image differs",
        Code::WorkloadPrivilege => "Privileges of a workload differ",
        Code::TextInvisible => "Invisible characters",
        Code::LimitReached => "A limit was reached",
        Code::Unreadable => "Not readable",
    }
}

fn english_topic(topic: &str) -> Option<&'static str> {
    Some(match topic {
        "fingerprint" => "packed by",
        "proof" => "proof",
        "publisher" => "for the publisher",
        "source" => "source",
        "forgery" => "watch out",
        _ => return None,
    })
}
