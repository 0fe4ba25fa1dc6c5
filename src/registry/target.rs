//! What one exchange is after, and the words for it.

use super::Url;
use super::http::Method;
use super::url::encode_query;
use crate::fault::Fault;
use crate::oci::{Digest, Reference, media_type};

/// OCI types only: 82 bytes, short enough and without forbidden bytes, so that a browser sends it without
/// a preflight (Fetch, "CORS-safelisted request-header").
pub(crate) const ACCEPT_OCI: &str =
    "application/vnd.oci.image.manifest.v1+json,application/vnd.oci.image.index.v1+json";
/// All four types that can be read.
pub(crate) const ACCEPT_ALL: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

/// A repository, as the API addresses it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Repository {
    /// The registry as it stands in references.
    pub registry: String,
    /// `host[:port]` that answers the API.
    pub api_host: String,
    /// The path below `/v2/`.
    pub name: String,
}

impl Repository {
    /// The repository of a reference.
    pub fn of(reference: &Reference) -> Self {
        Self {
            registry: reference.registry.clone(),
            api_host: reference.api_host().to_owned(),
            name: reference.repository.clone(),
        }
    }

    /// The least right that reads it (token specification, "Requesting a token").
    pub(crate) fn scope(&self) -> String {
        format!("repository:{}:pull", self.name)
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The manifest that a tag points to.
    Tag(String),
    /// A manifest by its digest.
    Manifest(Digest),
    /// A blob by its digest.
    Blob(Digest),
    /// A page of the tag list.
    Tags,
    /// The referrers of a digest.
    Referrers(Digest),
}

impl What {
    /// As the subject or object of a sentence.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Tag(tag) => format!("the tag {tag:?}"),
            Self::Manifest(_) => "this digest".to_owned(),
            Self::Blob(_) => "this blob".to_owned(),
            Self::Tags => "the tag list".to_owned(),
            Self::Referrers(_) => "the list of referrers".to_owned(),
        }
    }
}

/// One logical request: what, from where, how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    /// Of which repository.
    pub repository: Repository,
    /// What is asked for.
    pub what: What,
    /// GET, or HEAD for a tag's digest.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// Read from this byte on.
    pub range_from: Option<u64>,
}

impl Goal {
    /// The goal at the registry's own address. `plain` asks for http instead of https.
    ///
    /// # Errors
    /// `Malformed` when the registry's name is no host.
    pub fn new(repository: &Repository, what: What, plain: bool) -> Result<Self, Fault> {
        let root = Url::of_registry(&repository.api_host, plain).map_err(Fault::malformed)?;
        let name = &repository.name;
        let path = match &what {
            What::Tag(tag) => format!("/v2/{name}/manifests/{}", encode_query(tag)),
            What::Manifest(digest) => format!("/v2/{name}/manifests/{digest}"),
            What::Blob(digest) => format!("/v2/{name}/blobs/{digest}"),
            What::Tags => format!("/v2/{name}/tags/list"),
            What::Referrers(digest) => format!("/v2/{name}/referrers/{digest}"),
        };
        Ok(Self {
            repository: repository.clone(),
            what,
            method: Method::Get,
            url: root.with_path(&path),
            range_from: None,
        })
    }

    /// True for manifests, whose `Accept` decides what is found.
    pub(crate) fn is_manifest(&self) -> bool {
        matches!(self.what, What::Tag(_) | What::Manifest(_))
    }

    /// The `Accept` to send.
    pub(crate) fn accept(&self, wide: bool) -> Option<&'static str> {
        match self.what {
            What::Tag(_) | What::Manifest(_) if wide => Some(ACCEPT_ALL),
            What::Tag(_) | What::Manifest(_) => Some(ACCEPT_OCI),
            What::Referrers(_) => Some(media_type::OCI_INDEX),
            What::Tags => Some("application/json"),
            What::Blob(_) => None,
        }
    }

    /// For messages: the digest where there is one, else the URL without its query.
    pub(crate) fn place(&self) -> String {
        match &self.what {
            What::Manifest(digest) | What::Blob(digest) => digest.to_string(),
            _ => self.url.shown(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_accept_needs_no_preflight() {
        assert_eq!(ACCEPT_OCI.len(), 82);
        assert!(!ACCEPT_OCI.contains(['"', '(', ')', ':', '<', '>', '?', '@', '[', '\\', ']', '{', '}']));
    }

    #[test]
    fn paths() {
        let reference: Reference = "nginx:1.27".parse().unwrap();
        let repository = Repository::of(&reference);
        let goal = Goal::new(&repository, What::Tag("1.27".into()), false).unwrap();
        assert_eq!(
            goal.url.to_string(),
            "https://registry-1.docker.io/v2/library/nginx/manifests/1.27"
        );
        let goal = Goal::new(&repository, What::Tags, true).unwrap();
        assert_eq!(
            goal.url.to_string(),
            "http://registry-1.docker.io/v2/library/nginx/tags/list"
        );
    }
}
