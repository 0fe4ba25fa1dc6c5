//! Any pasted text → what to look at.
//!
//! One word is read as a reference, a digest, a signature's tag or an address. More than one word is read as
//! what a tool printed: the repository, the tag and the digests in it are collected and put together, so
//! that a `helm pull` line, a Flux event, an `image:` line or two lines of `helm push` all lead somewhere.
//!
//! Invariant: a [`Target`] always names a repository. What does not is a [`Fragment`], and the page asks for
//! the rest instead of guessing.
//!
//! ```
//! use tagdrift::input::{Understanding, understand};
//! let Understanding::Target(t) = understand("helm pull oci://ghcr.io/org/kelp --version 0.16.2") else { panic!() };
//! assert_eq!(t.reference.to_string(), "ghcr.io/org/kelp:0.16.2");
//! ```

use crate::oci::{Digest, DigestError, Reference, ReferenceError};

use super::link::Link;

/// What a text was understood as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Understanding {
    /// Nothing was given.
    Nothing,
    /// Enough to act on.
    Target(Box<Target>),
    /// A digest or a tag whose repository is not in the text.
    Fragment(Fragment),
    /// Neither; one sentence says why.
    Wrong(String),
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The repository with what is known of tag and digest.
    pub reference: Reference,
    /// Other digests that stood in the text, in their order: candidates for the tag's past.
    pub digests: Vec<Digest>,
    /// What kind of text it was.
    pub form: Form,
    /// The comparison, if the text was a link to one.
    pub link: Option<Link>,
}

/// A part of a reference without its repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fragment {
    /// A whole digest.
    pub digest: Option<Digest>,
    /// The first digits of a digest, lower-case hex. A registry cannot look these up.
    pub prefix: Option<String>,
    /// A tag or chart version.
    pub tag: Option<String>,
}

/// What kind of text was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// A reference as it stands.
    Reference,
    /// The tag under which a signature, an attestation or an SBOM is kept: `sha256-<hex>.sig`.
    SignatureTag,
    /// The address of a package page at a forge or a registry.
    WebPage,
    /// A link to this page.
    PageLink,
    /// A command or what a tool printed.
    ToolOutput,
}

/// Reads a pasted text.
pub fn understand(text: &str) -> Understanding {
    let text = text.trim();
    let mut words = text.split_whitespace();
    match (words.next(), words.next()) {
        (None, _) => Understanding::Nothing,
        (Some(word), None) => one_word(unquoted(word)),
        _ => many_words(text),
    }
}

fn one_word(word: &str) -> Understanding {
    let fragment = |digest| {
        Understanding::Fragment(Fragment {
            digest: Some(digest),
            ..Fragment::default()
        })
    };
    // `sha256:3b6c` would do as a short name of Docker Hub, but nobody means that.
    if word.starts_with("sha256:") || word.starts_with("sha512:") {
        return match word.parse() {
            Ok(digest) => fragment(digest),
            Err(error) => Understanding::Wrong(DigestError::to_string(&error)),
        };
    }
    if let Some(digest) = signature_tag(word) {
        return fragment(digest);
    }
    if let Some(address) = word
        .strip_prefix("https://")
        .or_else(|| word.strip_prefix("http://"))
        && let Some(understood) = web_page(address)
    {
        return understood;
    }
    match word.parse::<Reference>() {
        // Docker Hub has no official image with a dot in its name; `ghcr.io` is a reference half typed.
        Ok(reference) if !word.contains('/') && reference.repository.contains('.') => {
            let host = reference.repository.trim_start_matches("library/").to_owned();
            Understanding::Wrong(ReferenceError::NoRepository(host).to_string())
        }
        Ok(reference) => Understanding::Target(Box::new(target(reference))),
        Err(error) => Understanding::Wrong(error.to_string()),
    }
}

/// A reference as it stands; a signature's tag is led back to what was signed.
fn target(mut reference: Reference) -> Target {
    let signed = reference.tag.as_deref().and_then(signature_tag);
    let form = match signed {
        Some(digest) => {
            reference.tag = None;
            reference.digest = Some(digest);
            Form::SignatureTag
        }
        None => Form::Reference,
    };
    Target {
        reference,
        digests: Vec::new(),
        form,
        link: None,
    }
}

/// The digest that a tag of the form `sha256-<hex>`, `sha256-<hex>.sig`, `.att` or `.sbom` names: cosign's
/// scheme and the referrers tag schema of the distribution-spec.
fn signature_tag(tag: &str) -> Option<Digest> {
    let stem = [".sig", ".att", ".sbom"]
        .iter()
        .find_map(|suffix| tag.strip_suffix(suffix))
        .unwrap_or(tag);
    let (algorithm, hex) = stem.split_once('-')?;
    format!("{algorithm}:{hex}").parse().ok()
}

/// Addresses of package pages, without their scheme. Nothing for addresses that are not known here.
fn web_page(address: &str) -> Option<Understanding> {
    let (place, query) = match address.split_once('?') {
        Some((place, query)) => (place, query.split('#').next().unwrap_or(query)),
        None => (address.split('#').next().unwrap_or(address), ""),
    };
    let link = Link::read(query);
    if let Some(reference) = link.reference.clone() {
        return Some(Understanding::Target(Box::new(Target {
            reference,
            digests: Vec::new(),
            form: Form::PageLink,
            link: Some(link),
        })));
    }
    let parts: Vec<&str> = place.split('/').filter(|part| !part.is_empty()).collect();
    let tag = link.unread("tag").map(str::to_owned);
    let name = match parts.as_slice() {
        // https://github.com/<org>/<repo>/pkgs/container/<name>[/<version id>]?tag=<tag>
        [
            "github.com",
            "orgs" | "users",
            org,
            "packages",
            "container",
            "package",
            name,
            ..,
        ]
        | [
            "github.com",
            "orgs" | "users",
            org,
            "packages",
            "container",
            name,
            ..,
        ]
        | ["github.com", org, _, "pkgs", "container", name, ..] => {
            format!("ghcr.io/{org}/{}", name.replace("%2F", "/").replace("%2f", "/"))
        }
        ["hub.docker.com", "r", org, name, ..] => format!("docker.io/{org}/{name}"),
        ["hub.docker.com", "_", name, ..] => format!("docker.io/library/{name}"),
        ["hub.docker.com", "layers", org, name, tag, ..] => format!("docker.io/{org}/{name}:{tag}"),
        ["quay.io", "repository", rest @ ..] => format!("quay.io/{}", rest.join("/")),
        ["gallery.ecr.aws", org, name, ..] => format!("public.ecr.aws/{org}/{name}"),
        _ => return None,
    };
    let name = match tag {
        Some(tag) if !name.contains(':') => format!("{name}:{tag}"),
        _ => name,
    };
    Some(match lower_name(&name).parse::<Reference>() {
        Ok(reference) => Understanding::Target(Box::new(Target {
            form: Form::WebPage,
            ..target(reference)
        })),
        Err(error) => Understanding::Wrong(error.to_string()),
    })
}

/// Forges show `Org/Repo` and registries serve `org/repo`; a tag keeps its case.
fn lower_name(name: &str) -> String {
    match name.split_once(':') {
        Some((name, tag)) => format!("{}:{tag}", name.to_ascii_lowercase()),
        None => name.to_ascii_lowercase(),
    }
}

/// What stood in a text of several words.
#[derive(Default)]
struct Finds {
    /// A reference that is surely one: with scheme, or with a host.
    reference: Option<Reference>,
    /// A word that is one if nothing better turns up: `org/name:tag`.
    weak: Option<Reference>,
    tag: Option<String>,
    prefix: Option<String>,
    digests: Vec<Digest>,
    /// The first complaint about a word that starts with `oci://`.
    complaint: Option<String>,
}

fn many_words(text: &str) -> Understanding {
    let mut finds = Finds::default();
    let mut before = "";
    for word in text.split_whitespace() {
        finds.word(bare(word), before);
        before = word;
    }
    // `ghcr.io/org/my chart`: no tool prints that, so it is a slip of the hand and is told as one.
    let words = text.split_whitespace().count();
    if words == 2 && finds.digests.is_empty() && finds.tag.is_none() && text.starts_with(is_name_character) {
        let first = text.split_whitespace().next().unwrap_or_default();
        if let (true, Err(error)) = (
            first.parse::<Reference>().is_ok() && first.contains('/'),
            text.parse::<Reference>(),
        ) {
            return Understanding::Wrong(error.to_string());
        }
    }
    finds.conclude(text)
}

/// Keys whose next word is a tag.
const TAG_KEYS: [&str; 6] = [
    "--version",
    "tag:",
    "version:",
    "targetRevision:",
    "--tag",
    "semver:",
];

/// Labels that look like `host/path` and are none.
const LABELS: [&str; 3] = [
    "helm.sh/chart",
    "app.kubernetes.io/version",
    "source.toolkit.fluxcd.io/v1",
];

impl Finds {
    fn word(&mut self, word: &str, before: &str) {
        if LABELS.contains(&word) || word.is_empty() {
            return;
        }
        if TAG_KEYS.contains(&before) && is_tag(word) {
            self.tag.get_or_insert_with(|| word.replace('+', "_"));
            return;
        }
        if let Some(version) = word.strip_prefix("--version=").filter(|v| is_tag(v)) {
            self.tag.get_or_insert_with(|| version.replace('+', "_"));
        } else if let Some(digest) = word.parse().ok().or_else(|| signature_tag(word)) {
            self.digest(digest);
        } else if word.starts_with("oci://") {
            match word.parse() {
                Ok(reference) => self.reference(reference),
                Err(error) => {
                    self.complaint.get_or_insert(error.to_string());
                }
            }
        } else if word.starts_with("https://") || word.starts_with("http://") {
            if let Some(Understanding::Target(target)) =
                word.split_once("://").and_then(|(_, address)| web_page(address))
            {
                self.reference(target.reference);
            }
        } else if !self.revision(word) && !self.chart_label(word, before) {
            self.name(word, before);
        }
    }

    /// `TAG@sha256:<hex>`, `TAG@sha256:<8 hex>` and the old `TAG/<hex>`: Flux revisions.
    fn revision(&mut self, word: &str) -> bool {
        if let Some((tag, rest)) = word.split_once('@')
            && is_tag(tag)
        {
            if let Ok(digest) = rest.parse() {
                self.tag.get_or_insert_with(|| tag.to_owned());
                self.digest(digest);
                return true;
            }
            if let Some(prefix) = rest.strip_prefix("sha256:").map(|p| p.trim_end_matches('…'))
                && is_prefix(prefix)
            {
                self.tag.get_or_insert_with(|| tag.to_owned());
                self.prefix.get_or_insert_with(|| prefix.to_owned());
                return true;
            }
        }
        if let Some((tag, hex)) = word.split_once('/')
            && is_tag(tag)
            && hex.len() == 64
            && let Ok(digest) = format!("sha256:{hex}").parse()
        {
            self.tag.get_or_insert_with(|| tag.to_owned());
            self.digest(digest);
            return true;
        }
        false
    }

    /// `chart external-secrets@0.16.2+<12 hex>` (helm-controller) and `helm.sh/chart: name-0.13.5_<12 hex>`.
    fn chart_label(&mut self, word: &str, before: &str) -> bool {
        let version = if before == "chart" {
            word.split_once('@').map(|(_, version)| version)
        } else if before == "helm.sh/chart:" {
            word.match_indices('-')
                .map(|(at, _)| word.get(at + 1..).unwrap_or_default())
                .find(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        } else {
            None
        };
        let Some((version, prefix)) = version.and_then(|v| v.rsplit_once(['+', '_'])) else {
            return false;
        };
        if !is_tag(version) || !is_prefix(prefix) {
            return false;
        }
        self.tag.get_or_insert_with(|| version.to_owned());
        self.prefix.get_or_insert_with(|| prefix.to_owned());
        true
    }

    /// `host/name[:tag]`, or `org/name:tag` where a tool says that it is a name.
    fn name(&mut self, word: &str, before: &str) {
        let Ok(reference) = word.parse::<Reference>() else {
            return;
        };
        let Some((first, _)) = word.split_once('/') else {
            // `docker pull nginx:1.27`, `image: nginx`: one part, and only where it must be a name.
            if matches!(before, "pull" | "image:" | "-image" | "inspect" | "run") {
                self.weak.get_or_insert(reference);
            }
            return;
        };
        if first.contains(['.', ':']) || first == "localhost" {
            self.reference(reference);
        } else if reference.tag.is_some() || reference.digest.is_some() || before == "image:" {
            self.weak.get_or_insert(reference);
        }
    }

    fn reference(&mut self, reference: Reference) {
        let Target { reference, .. } = target(reference);
        match &mut self.reference {
            None => self.reference = Some(reference),
            // A later mention of the same repository may add its tag or digest.
            Some(known) if known.name() == reference.name() => {
                known.tag = known.tag.take().or(reference.tag);
                known.digest = known.digest.take().or(reference.digest);
            }
            Some(_) => {}
        }
    }

    fn digest(&mut self, digest: Digest) {
        if !self.digests.contains(&digest) {
            self.digests.push(digest);
        }
    }

    fn conclude(self, text: &str) -> Understanding {
        if let Some(mut reference) = self.reference.or(self.weak) {
            reference.tag = reference.tag.or(self.tag);
            let mut digests = self.digests;
            if reference.digest.is_none() && digests.len() == 1 {
                reference.digest = digests.pop();
            }
            digests.retain(|digest| Some(digest) != reference.digest.as_ref());
            return Understanding::Target(Box::new(Target {
                reference,
                digests,
                form: Form::ToolOutput,
                link: None,
            }));
        }
        if let Some(complaint) = self.complaint {
            return Understanding::Wrong(complaint);
        }
        let fragment = Fragment {
            digest: self.digests.into_iter().next(),
            prefix: self.prefix,
            tag: self.tag,
        };
        if fragment.digest.is_some() || fragment.prefix.is_some() {
            return Understanding::Fragment(fragment);
        }
        // Two words that are no tool's output: most likely a reference with a space in it.
        match text.parse::<Reference>() {
            Err(error) if text.lines().count() == 1 => Understanding::Wrong(error.to_string()),
            _ => Understanding::Wrong("no repository and no digest in this text".to_owned()),
        }
    }
}

/// A word without the quotes and brackets around it.
fn unquoted(word: &str) -> &str {
    word.trim_matches(|c: char| {
        matches!(
            c,
            '\'' | '"' | '`' | ',' | ';' | '(' | ')' | '<' | '>' | '“' | '”'
        )
    })
}

/// A word of a sentence or a log line: without quotes and without the punctuation behind it.
fn bare(word: &str) -> &str {
    unquoted(word).trim_end_matches(['.', ':'])
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '['
}

fn is_tag(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+'))
}

fn is_prefix(text: &str) -> bool {
    (7..64).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
#[path = "understand_tests.rs"]
mod tests;
