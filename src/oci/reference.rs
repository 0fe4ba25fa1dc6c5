//! References: `[oci://]registry[:port]/repository[:tag][@digest]`.
//!
//! What people write, not only what the specification lists: `oci://` in front, Docker Hub's short names
//! (`nginx:1.27` is `docker.io/library/nginx:1.27`), ports, `localhost`, IPv6 in brackets. Repository and
//! tag follow distribution-spec, "Pulling manifests"; Helm's `+` in a tag is written `_` in the registry.
//!
//! ```
//! use tagdrift::oci::Reference;
//! let r: Reference = "oci://ghcr.io/external-secrets/charts/external-secrets:0.16.2".parse().unwrap();
//! assert_eq!((r.registry.as_str(), r.tag.as_deref()), ("ghcr.io", Some("0.16.2")));
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Digest, DigestError};

/// The registry meant by a name without one.
pub const DEFAULT_REGISTRY: &str = "docker.io";

/// A repository in a registry, with a tag, a digest, both or neither.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reference {
    /// Host with optional port, lower-case: `ghcr.io`, `localhost:5000`, `[::1]:5000`.
    pub registry: String,
    /// Path below `/v2/`.
    pub repository: String,
    /// The tag, as the registry knows it.
    pub tag: Option<String>,
    /// The digest.
    pub digest: Option<Digest>,
}

/// Why a text is no reference; every variant knows the offending part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReferenceError {
    /// Nothing was given.
    Empty,
    /// A scheme other than `oci://`.
    Scheme(String),
    /// Bad registry host or port.
    Registry(String),
    /// No repository after the registry.
    NoRepository(String),
    /// A repository character that the specification does not allow, with its offset in the repository.
    Repository(String, char, usize),
    /// An empty part of a repository path, or one that starts or ends with a separator.
    RepositoryPart(String),
    /// The repository is longer than 255 bytes.
    RepositoryLength(usize),
    /// A tag character that is not allowed.
    Tag(String, char, usize),
    /// Nothing after the `:`.
    EmptyTag,
    /// The tag is longer than 128 characters.
    TagLength(usize),
    /// The part behind `@`.
    Digest(DigestError),
    /// White space or a control character at this offset of the input.
    Space(usize),
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("nothing to read: write registry/repository:tag"),
            Self::Scheme(s) => write!(
                f,
                "{s}:// is not a registry: write oci://… or leave the scheme out"
            ),
            Self::Registry(host) => write!(f, "{host:?} is no registry host: write host or host:port"),
            Self::NoRepository(host) => write!(f, "no repository after {host}: write {host}/name:tag"),
            Self::Repository(name, c, at) if c.is_ascii_uppercase() => write!(
                f,
                "repository {name:?} has an upper-case {c:?} at offset {at}: registries allow lower case only"
            ),
            Self::Repository(name, c, at) => {
                write!(
                    f,
                    "unexpected character {c:?} at offset {at} of repository {name:?}"
                )
            }
            Self::RepositoryPart(part) => write!(
                f,
                "{part:?} is no part of a repository: parts start and end with a letter or digit, with ., _, __ or - between"
            ),
            Self::RepositoryLength(n) => write!(f, "the repository has {n} bytes, registries allow 255"),
            Self::Tag(tag, c, at) => write!(f, "unexpected character {c:?} at offset {at} of tag {tag:?}"),
            Self::EmptyTag => f.write_str("no tag after the colon"),
            Self::TagLength(n) => write!(f, "the tag has {n} characters, registries allow 128"),
            Self::Digest(e) => e.fmt(f),
            Self::Space(at) => write!(f, "white space at offset {at}: a reference has none"),
        }
    }
}

impl std::error::Error for ReferenceError {}

impl Reference {
    /// `registry/repository`, without tag and digest.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// What follows `/manifests/`: the digest where there is one, else the tag.
    pub fn manifest_name(&self) -> Option<String> {
        self.digest
            .as_ref()
            .map(Digest::to_string)
            .or_else(|| self.tag.clone())
    }

    /// The same repository at a digest; the tag stays as a hint.
    #[must_use]
    pub fn at_digest(&self, digest: Digest) -> Self {
        Self {
            digest: Some(digest),
            ..self.clone()
        }
    }

    /// The host that answers the API: Docker Hub's differs from its name.
    pub fn api_host(&self) -> &str {
        match self.registry.as_str() {
            "docker.io" | "index.docker.io" => "registry-1.docker.io",
            other => other,
        }
    }

    /// The host without its port and brackets.
    pub fn host(&self) -> &str {
        split_port(&self.registry).0
    }

    /// True for `localhost` and loopback addresses, which are spoken to by plain http.
    pub fn is_loopback(&self) -> bool {
        is_loopback_host(self.host())
    }
}

/// Host without brackets, and the port's text.
fn split_port(registry: &str) -> (&str, Option<&str>) {
    if let Some(rest) = registry.strip_prefix('[') {
        return match rest.split_once(']') {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => (rest, None),
        };
    }
    match registry.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (registry, None),
    }
}

/// True for `localhost`, names below it, and loopback addresses. `host` has neither port nor brackets.
pub fn is_loopback_host(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let text = text.trim();
        if let Some((at, _)) = text
            .char_indices()
            .find(|(_, c)| c.is_whitespace() || c.is_control())
        {
            return Err(ReferenceError::Space(at));
        }
        let (rest, is_url) = match text.split_once("://") {
            Some(("oci" | "OCI", rest)) => (rest, true),
            Some((scheme, _)) => return Err(ReferenceError::Scheme(scheme.to_owned())),
            None => (text, false),
        };
        if rest.is_empty() {
            return Err(ReferenceError::Empty);
        }
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.parse().map_err(ReferenceError::Digest)?)),
            None => (rest, None),
        };
        let (registry, path) = split_registry(rest, is_url)?;
        let (repository, tag) = match path.split_once(':') {
            Some((repository, tag)) => (repository, Some(read_tag(tag)?)),
            None => (path.as_str(), None),
        };
        let repository = repository.strip_suffix('/').unwrap_or(repository);
        if repository.is_empty() {
            return Err(ReferenceError::NoRepository(registry));
        }
        check_repository(repository)?;
        let repository = match (is_docker_hub(&registry), repository.contains('/')) {
            (true, false) => format!("library/{repository}"),
            _ => repository.to_owned(),
        };
        // With `library/` before it: what does not fit then could not be written and read back.
        if repository.len() > 255 {
            return Err(ReferenceError::RepositoryLength(repository.len()));
        }
        Ok(Self {
            registry,
            repository,
            tag,
            digest,
        })
    }
}

fn is_docker_hub(registry: &str) -> bool {
    matches!(registry, "docker.io" | "index.docker.io" | "registry-1.docker.io")
}

/// Docker's rule: the first part is a registry when it has a `.` or a `:`, is `localhost`, or is an
/// address in brackets; otherwise the name is Docker Hub's. Behind `oci://` it always is one, as for Helm and
/// Flux: a URL's authority is never left out.
fn split_registry(rest: &str, is_url: bool) -> Result<(String, String), ReferenceError> {
    let (first, path) = match rest.split_once('/') {
        Some((first, path)) => (first, Some(path)),
        None => (rest, None),
    };
    let is_registry =
        is_url || first.starts_with('[') || first == "localhost" || (path.is_some() && is_host_like(first));
    match (is_registry, path) {
        (true, Some(path)) => {
            let registry = first.to_ascii_lowercase();
            check_registry(&registry)?;
            let registry = match registry.as_str() {
                "index.docker.io" | "registry-1.docker.io" => DEFAULT_REGISTRY.to_owned(),
                _ => registry,
            };
            Ok((registry, path.to_owned()))
        }
        (true, None) => Err(ReferenceError::NoRepository(first.to_owned())),
        (false, _) => Ok((DEFAULT_REGISTRY.to_owned(), rest.to_owned())),
    }
}

fn check_registry(registry: &str) -> Result<(), ReferenceError> {
    let bad = || ReferenceError::Registry(registry.to_owned());
    let (host, port) = split_port(registry);
    if registry.starts_with('[') {
        let closed = registry
            .split_once(']')
            .map(|(_, after)| after.is_empty() || after.starts_with(':'));
        if closed != Some(true) || host.parse::<std::net::Ipv6Addr>().is_err() {
            return Err(bad());
        }
    } else {
        let label = |l: &str| {
            !l.is_empty()
                && l.len() <= 63
                && !l.starts_with('-')
                && !l.ends_with('-')
                && l.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if host.len() > 253 || !host.split('.').all(label) {
            return Err(bad());
        }
    }
    match port {
        None => Ok(()),
        Some(p)
            if p.len() <= 5
                && p.bytes().all(|b| b.is_ascii_digit())
                && p.parse::<u16>().is_ok_and(|p| p > 0) =>
        {
            Ok(())
        }
        Some(_) => Err(bad()),
    }
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*` between slashes.
fn check_repository(repository: &str) -> Result<(), ReferenceError> {
    let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-' | '/');
    if let Some((at, c)) = repository.char_indices().find(|(_, c)| !allowed(*c)) {
        return Err(ReferenceError::Repository(repository.to_owned(), c, at));
    }
    for part in repository.split('/') {
        let alphanumeric = |c: char| matches!(c, 'a'..='z' | '0'..='9');
        let ends = part.starts_with(alphanumeric) && part.ends_with(alphanumeric);
        let separators = part
            .split(alphanumeric)
            .all(|s| matches!(s, "" | "." | "_" | "__") || s.bytes().all(|b| b == b'-'));
        if !ends || !separators {
            return Err(ReferenceError::RepositoryPart(part.to_owned()));
        }
    }
    Ok(())
}

/// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`; Helm's `+` becomes `_`, as Helm itself does when it pushes.
fn read_tag(tag: &str) -> Result<String, ReferenceError> {
    if tag.is_empty() {
        return Err(ReferenceError::EmptyTag);
    }
    let tag = tag.replace('+', "_");
    let allowed =
        |at: usize, c: char| c.is_ascii_alphanumeric() || c == '_' || (at > 0 && matches!(c, '.' | '-'));
    if let Some((at, c)) = tag.char_indices().find(|(at, c)| !allowed(*at, *c)) {
        return Err(ReferenceError::Tag(tag, c, at));
    }
    if tag.len() > 128 {
        return Err(ReferenceError::TagLength(tag.len()));
    }
    Ok(tag)
}

/// True for what can be told from a part of a repository's name.
fn is_host_like(first: &str) -> bool {
    first.contains('.') || first.contains(':')
}

/// Reads back as the same reference: `mirror/org/x` alone would be Docker Hub's.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.registry != "localhost" && !is_host_like(&self.registry) {
            f.write_str("oci://")?;
        }
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "3b6cdcc7adcc9a84d3214ee1c029543789d90b5ae69debe9efa3f66e982875de";

    fn read(text: &str) -> Reference {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn what_people_write() {
        for (text, full) in [
            ("nginx", "docker.io/library/nginx".to_owned()),
            ("nginx:1.27", "docker.io/library/nginx:1.27".to_owned()),
            ("bitnamicharts/nginx", "docker.io/bitnamicharts/nginx".to_owned()),
            ("localhost:5000/demo:1", "localhost:5000/demo:1".to_owned()),
            ("localhost/demo", "localhost/demo".to_owned()),
            ("[::1]:5000/a/b:t", "[::1]:5000/a/b:t".to_owned()),
            (
                "oci://GHCR.io/x/y:1.0.0+build",
                "ghcr.io/x/y:1.0.0_build".to_owned(),
            ),
            ("index.docker.io/nginx", "docker.io/library/nginx".to_owned()),
            ("oci://mirror/org/x:1", "oci://mirror/org/x:1".to_owned()),
            ("mirror/org/x:1", "docker.io/mirror/org/x:1".to_owned()),
        ] {
            assert_eq!(read(text).to_string(), full, "{text}");
        }
        let both = format!("ghcr.io/x/y:0.16.2@sha256:{HEX}");
        assert_eq!(read(&both).to_string(), both);
        assert_eq!(read(&both).manifest_name().unwrap(), format!("sha256:{HEX}"));
    }

    #[test]
    fn says_what_is_wrong() {
        let message = |text: &str| text.parse::<Reference>().unwrap_err().to_string();
        assert_eq!(message("  "), "nothing to read: write registry/repository:tag");
        assert_eq!(
            message("https://ghcr.io/x"),
            "https:// is not a registry: write oci://… or leave the scheme out"
        );
        assert_eq!(
            message("ghcr.io/X/y"),
            "repository \"X/y\" has an upper-case 'X' at offset 0: registries allow lower case only"
        );
        assert_eq!(
            message("ghcr.io/x//y"),
            "\"\" is no part of a repository: parts start and end with a letter or digit, with ., _, __ or - between"
        );
        assert_eq!(message("ghcr.io/x/y:"), "no tag after the colon");
        assert_eq!(
            message("ghcr.io/x/y:-1"),
            "unexpected character '-' at offset 0 of tag \"-1\""
        );
        assert_eq!(
            message("ghcr.io/x y"),
            "white space at offset 9: a reference has none"
        );
        assert_eq!(
            message("localhost:99999/x"),
            "\"localhost:99999\" is no registry host: write host or host:port"
        );
        assert_eq!(
            message("ghcr.io/x@sha256:3b"),
            "a sha256 digest has 64 hex digits, this one has 2"
        );
        assert_eq!(
            message("localhost"),
            "no repository after localhost: write localhost/name:tag"
        );
        assert_eq!(
            message("oci://ghcr.io"),
            "no repository after ghcr.io: write ghcr.io/name:tag"
        );
        assert_eq!(
            message("oci://nginx:1.27"),
            "no repository after nginx:1.27: write nginx:1.27/name:tag"
        );
    }

    #[test]
    fn the_length_counts_as_it_is_written() {
        let name = |n: usize| "a".repeat(n).parse::<Reference>();
        assert_eq!(name(247).unwrap().repository.len(), 255);
        assert_eq!(name(248).unwrap_err(), ReferenceError::RepositoryLength(256));
    }

    #[test]
    fn loopback_is_known() {
        assert!(read("127.0.0.1:5000/x").is_loopback());
        assert!(read("[::1]:5000/x").is_loopback());
        assert!(!read("127.0.0.1.example.com/x").is_loopback());
        assert_eq!(read("nginx").api_host(), "registry-1.docker.io");
    }
}
