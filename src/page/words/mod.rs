//! Every word that the page shows, in one place, so that a second language is one more value of [`Words`].
//!
//! `{}` stands for a value; [`fill`] puts values in, in their order. What the core says (messages of faults,
//! notes of causes, summaries) comes from the core in English.

mod english;
mod english_causes;

use crate::input::Form;
use crate::oci::ArtifactKind;
use crate::report::FileStatus;
use crate::verdict::{Code, Level, Proven, Severity, Weight};

use super::protocol::Source;

/// The words of one language. Pairs are a title and what goes with it.
#[allow(missing_docs)] // Each name says where it stands; the value is the documentation.
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
    pub remembered: &'static str,
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
    pub user: &'static str,
    pub password: &'static str,
    pub sign_in: &'static str,
    pub sign_in_note: &'static str,
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
    pub contents_go: &'static str,
    pub content_number: &'static str,
    pub content_against: &'static str,
    pub content_doubtful: &'static str,
    pub content_unread: &'static str,
    pub contents_left_off: &'static str,
    pub same_content: &'static str,
    pub pairs: &'static str,
    pub pair_label: &'static str,
    pub pair_same: &'static str,
    pub pair_other: &'static str,
    pub pair_doubt: &'static str,
    pub vary: &'static str,
    pub vary_file: &'static str,
    pub variant_absent: &'static str,
    pub variant_unread: &'static str,
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
    pub copied: &'static str,
    pub copy_by_hand: &'static str,
    pub copy_digest: &'static str,
    pub copy_link: &'static str,
    pub copy_summary: &'static str,
    pub reports: &'static str,
    pub report_as: &'static str,
    pub report_kept: &'static str,
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
    pub more_reasons: &'static str,
    pub all_files_same: &'static str,
    pub notes: &'static str,
    pub causes: &'static str,
    pub no_causes: &'static str,
    pub causes_left_off: &'static str,
    pub became: &'static str,
    pub compare_images: &'static str,
    pub compare_images_now: &'static str,
    pub against: &'static str,
    pub only_platform: &'static str,
    pub all_platforms: &'static str,
    pub add_bad: &'static str,
    pub add_example: &'static str,
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
    pub crlf_came: &'static str,
    pub crlf_went: &'static str,
    pub newline_came: &'static str,
    pub newline_went: &'static str,
    pub bom_came: &'static str,
    pub bom_went: &'static str,
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
    pub fault_offline: (&'static str, &'static str),
    pub fault_busy: (&'static str, &'static str),
    pub fault_cancelled: (&'static str, &'static str),
    pub weight_unread: (&'static str, &'static str),
    pub weight_deployed: (&'static str, &'static str),
    pub weight_cosmetic: (&'static str, &'static str),
    pub weight_packaging: (&'static str, &'static str),
    pub settings: &'static str,
    pub close: &'static str,
    pub save: &'static str,
    pub settings_relay: &'static str,
    pub settings_relay_note: &'static str,
    pub settings_relay_bad: &'static str,
    pub settings_saved: &'static str,
    pub settings_kept: &'static str,
    pub keep_nothing: &'static str,
    pub kept_now: &'static str,
    pub kept_none: &'static str,
    pub clear_kept: &'static str,
    pub kept_cleared: &'static str,
    pub signed_in_to: &'static str,
    pub sign_out: &'static str,
    pub signed_out: &'static str,
    pub forgotten: &'static str,
    pub sign_in_stay: &'static str,
    pub realm_question: &'static str,
    pub realm_agree: &'static str,
    pub realm_refuse: &'static str,
    pub realm_refused: &'static str,
    pub asking_again: &'static str,
    pub quota: &'static str,
    pub quota_window: &'static str,
    pub quota_of: &'static str,
    pub quota_left: &'static str,
    pub way_relay_at: &'static str,
    pub way_device: &'static str,
    pub way_kept: &'static str,
    pub ways_apart: &'static str,
    pub reach_help: &'static str,
    pub reach_no_relay: &'static str,
    pub reach_relay_elsewhere: &'static str,
    pub reach_relay_failed: &'static str,
    pub reach_serve: &'static str,
    pub reach_serve_lead: &'static str,
    pub reach_admin: &'static str,
    pub reach_distribution: &'static str,
    pub reach_distribution_lead: &'static str,
    pub reach_zot: &'static str,
    pub reach_zot_lead: &'static str,
    pub reach_proxy: &'static str,
    pub reach_proxy_lead: &'static str,
    pub drop_lead: &'static str,
    pub drop_again: &'static str,
    pub drop_other: &'static str,
    pub drop_instead: &'static str,
    pub choose_files: &'static str,
    pub choose_folder: &'static str,
    pub drop_note: &'static str,
    pub drop_anywhere: &'static str,
    pub taken: &'static str,
    pub taken_unread: &'static str,
    pub compare_with: &'static str,
    pub compare_files: &'static str,
    pub file_malformed: (&'static str, &'static str),
    pub file_unsupported: (&'static str, &'static str),
    pub file_too_large: (&'static str, &'static str),
    pub file_gone: (&'static str, &'static str),
    pub shelf: &'static str,
    pub shelf_one: &'static str,
    pub your_files: &'static str,
    pub source_device: &'static str,
    pub compare_file: &'static str,
    pub noise: &'static str,
    pub noise_hidden: &'static str,
    pub noise_show: &'static str,
    pub forgery: &'static str,
    pub forgery_lead: &'static str,
    families: fn(&str) -> Option<&'static str>,
    cause_titles: fn(Code) -> &'static str,
    topics: fn(&str) -> Option<&'static str>,
}

/// The words of the reader's language.
pub fn words() -> &'static Words {
    &english::ENGLISH
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
            Source::Device => self.source_device,
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

    /// A family of causes; unknown ones as they are.
    pub fn family<'a>(&self, family: &'a str) -> &'a str {
        (self.families)(family).unwrap_or(family)
    }

    /// The topic of a note; unknown ones as they are.
    pub fn topic<'a>(&self, topic: &'a str) -> &'a str {
        (self.topics)(topic).unwrap_or(topic)
    }
}
