//! Causes: one difference, or one kind of difference with a count, each with its proof in from → to.

use serde::{Deserialize, Serialize};

/// How much a cause matters, 0 to 4 (docs/causes.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum Severity {
    /// 0: noise.
    Noise,
    /// 1: good to know.
    Info,
    /// 2: look at it.
    Review,
    /// 3: likely changes behaviour.
    Behaviour,
    /// 4: breaking, or touches security.
    Breaking,
}

impl From<Severity> for u8 {
    fn from(severity: Severity) -> u8 {
        severity as u8
    }
}

impl TryFrom<u8> for Severity {
    type Error = String;

    fn try_from(n: u8) -> Result<Self, String> {
        match n {
            0 => Ok(Self::Noise),
            1 => Ok(Self::Info),
            2 => Ok(Self::Review),
            3 => Ok(Self::Behaviour),
            4 => Ok(Self::Breaking),
            _ => Err(format!("{n} is no severity: 0 to 4")),
        }
    }
}

/// What kind of difference a cause is. Only this decides between the levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Around the content: manifest, compression, tar headers, signatures. No file differs.
    Packaging,
    /// A file differs, proven only in what nothing deploys.
    Cosmetic,
    /// Something that can be deployed differs, or could not be proven not to.
    Deployed,
    /// Could not be read or decided: the verdict is `unknown` unless a change is already proven.
    Unread,
}

/// Where on the way from the manifest to a line the cause was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The manifest's or index's own bytes.
    Manifest,
    /// The config blob.
    Config,
    /// Layer descriptors.
    Layers,
    /// gzip, zstd.
    Compression,
    /// tar headers and order.
    Archive,
    /// The set of files.
    Files,
    /// Inside a file.
    Content,
    /// Signatures and provenance.
    Signature,
}

macro_rules! codes {
    ($($variant:ident $text:literal $doc:literal,)*) => {
        /// Cause codes: dotted, stage first, never renamed once released.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code {
            $(#[doc = $doc] #[serde(rename = $text)] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the contract.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// The published word.
            pub fn word(self) -> &'static str {
                match self { $(Code::$variant => $text),* }
            }
        }
    };
}

codes! {
    ManifestFormatting "manifest.formatting" "White space or key order of the manifest.",
    ManifestMediaType "manifest.media-type" "OCI against Docker types, or manifest against index wrap.",
    ManifestField "manifest.field" "Any other field of a manifest or index (subject, artifactType, unknown keys).",
    AnnotationCreated "annotation.created" "The creation time annotation: another instant.",
    AnnotationCreatedZone "annotation.created-zone" "The creation time annotation: the same instant written in another zone.",
    AnnotationRevision "annotation.revision" "Source revision or source URL.",
    AnnotationValue "annotation.value" "Any other annotation.",
    ConfigFormatting "config.formatting" "White space or key order of the config.",
    ConfigValue "config.value" "A config value that matters.",
    ConfigHistory "config.history" "An image config's history.",
    ConfigCreated "config.created" "An image config's creation time.",
    LayerAdded "layer.added" "A layer more.",
    LayerRemoved "layer.removed" "A layer less.",
    LayerOrder "layer.order" "The same layers in another order.",
    LayerMediaType "layer.media-type" "A layer of another media type.",
    ProvenanceChanged "provenance.changed" "Another Helm provenance file.",
    ProvenanceAdded "provenance.added" "A Helm provenance file came.",
    ProvenanceRemoved "provenance.removed" "A Helm provenance file went.",
    SignatureLost "signature.lost" "Signed before, not now.",
    SignatureIdentity "signature.identity" "Signed by somebody else.",
    IndexAttestation "index.attestation" "Only attestation manifests differ.",
    IndexPlatformAdded "index.platform-added" "A platform more.",
    IndexPlatformRemoved "index.platform-removed" "A platform less.",
    IndexPlatformChanged "index.platform-changed" "A platform's image differs in content.",
    IndexPlatformRepackaged "index.platform-repackaged" "A platform's image has another digest and the same content.",
    GzipHeader "gzip.header" "gzip header fields: time, system, name, comment, extra.",
    CompressionStream "compression.stream" "Another compressed stream of the same bytes.",
    ArchiveTrailingBytes "archive.trailing-bytes" "Bytes after the end of the gzip stream or of the tar archive.",
    TarFormat "tar.format" "tar dialect, padding, PAX names.",
    TarMtime "tar.mtime" "Modification times.",
    TarOwner "tar.owner" "User and group, by number or name.",
    TarMode "tar.mode" "Permission bits.",
    TarOrder "tar.order" "The same entries in another order.",
    TarDirectoryEntries "tar.directory-entries" "Directory entries present or not.",
    TarDuplicate "tar.duplicate" "A name stands twice; the last wins.",
    TarLink "tar.link" "A link, its target, or a device.",
    TarPath "tar.path" "A path outside the root, or one that readers disagree on.",
    TarXattr "tar.xattr" "Extended attributes and capabilities.",
    FileAdded "file.added" "A file more.",
    FileRemoved "file.removed" "A file less.",
    FileRenamed "file.renamed" "The same content under another path.",
    FileBytes "file.bytes" "A file's bytes.",
    FileLineEndings "file.line-endings" "Line ends, byte order mark or the final newline only.",
    FileDocs "file.docs" "A document that nothing deploys.",
    FileTests "file.tests" "Tests, ci values, ignore files.",
    YamlComments "yaml.comments" "Comments of a YAML file.",
    YamlFormatting "yaml.formatting" "Key order, quotes, layout of a YAML file; equal data.",
    YamlValue "yaml.value" "A value of a YAML file.",
    JsonFormatting "json.formatting" "Layout or key order of a JSON file; equal data.",
    JsonValue "json.value" "A value of a JSON file.",
    ChartVersion "chart.version" "Chart.yaml's version, or one that contradicts the artifact's.",
    ChartAppVersion "chart.app-version" "Chart.yaml's appVersion.",
    ChartDependency "chart.dependency" "A dependency in Chart.yaml or Chart.lock.",
    ChartMetadata "chart.metadata" "Any other field of Chart.yaml.",
    ChartLockGenerated "chart.lock-generated" "Chart.lock's time stamp.",
    ValuesValue "values.value" "A default value.",
    SchemaValue "schema.value" "The schema of the values.",
    TemplateComments "template.comments" "Comments of a template.",
    TemplateText "template.text" "A template's text or actions.",
    CrdVersionUnserved "crd.version-unserved" "A CRD version is no longer served.",
    CrdVersionRemoved "crd.version-removed" "A CRD version is gone.",
    CrdVersionAdded "crd.version-added" "A CRD version more.",
    CrdStorage "crd.storage" "Another CRD version is stored.",
    CrdSchema "crd.schema" "A CRD's schema.",
    CrdAdded "crd.added" "A CRD more.",
    CrdRemoved "crd.removed" "A CRD less.",
    RbacWidened "rbac.widened" "A role allows more.",
    RbacNarrowed "rbac.narrowed" "A role allows less.",
    HookChanged "hook.changed" "A hook: when it runs, its weight, its deletion, or what it runs.",
    WebhookChanged "webhook.changed" "An admission webhook: failure policy, scope, rules.",
    ServiceChanged "service.changed" "A Service, an Ingress, a NetworkPolicy: how workloads are reached.",
    ImageReference "image.reference" "A container image that the chart deploys.",
    WorkloadPrivilege "workload.privilege" "Privilege, host access, capabilities, user.",
    TextInvisible "text.invisible" "Invisible or bidirectional control characters.",
    LimitReached "limit.reached" "A bound was reached; what lies behind it was not read.",
    Unreadable "unreadable" "Something could not be read or decoded.",
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// One reason why the digests differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// What it is.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// Where it was found.
    pub stage: Stage,
    /// What kind of difference it is.
    pub weight: Weight,
    /// The platform, as `os/arch[/variant]`, where the cause belongs to one child of an index.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub platform: String,
    /// The file, where there is one; nested archives joined with `!/`. Empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Where in the document: a JSON pointer, or a field's name. Empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pointer: String,
    /// The left side's value, shortened for the eye.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The right side's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// How many places it stands for.
    pub count: u64,
    /// One sentence: what it means, or what proves it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Cause {
    /// A cause without place or values; add them with the methods below.
    pub fn new(code: Code, severity: Severity, stage: Stage, weight: Weight) -> Self {
        Self {
            code,
            severity,
            stage,
            weight,
            platform: String::new(),
            path: String::new(),
            pointer: String::new(),
            from: None,
            to: None,
            count: 1,
            note: String::new(),
        }
    }

    /// Sets the file.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Sets the place in the document.
    #[must_use]
    pub fn pointer(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = pointer.into();
        self
    }

    /// Sets both values.
    #[must_use]
    pub fn values(mut self, from: Option<String>, to: Option<String>) -> Self {
        self.from = from;
        self.to = to;
        self
    }

    /// Sets both values from texts.
    #[must_use]
    pub fn change(self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.values(Some(from.into()), Some(to.into()))
    }

    /// Sets how many places it stands for.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.count = count;
        self
    }

    /// Sets the sentence.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}
