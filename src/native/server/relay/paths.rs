//! Which paths the relay asks for, and what may come back from them.
//!
//! A path is compared as it was written. It may hold what registry paths hold and nothing that two parsers
//! could read differently: no `..`, no empty part, no backslash, no `%2F` (but for GitHub's package names)
//! and no other percent-encoding than that of `:` and `+`.

use super::refusal::Refusal;

/// What a path asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A manifest. `by_digest`: it never changes.
    Manifest {
        /// Named by digest instead of tag.
        by_digest: bool,
    },
    /// A blob; always by digest.
    Blob,
    /// A token.
    Token,
    /// Anything else below `/v2/`, and the listings of earlier digests.
    Listing,
}

impl Kind {
    /// True when the answer can never change.
    pub fn is_immutable(self) -> bool {
        matches!(self, Self::Blob | Self::Manifest { by_digest: true })
    }
}

/// Token endpoints, on any host that may be asked: GHCR, Docker Hub and Chainguard; ECR Public (with its
/// slash); GitLab; Harbor; Azure; docker_auth; NVIDIA; IBM. Those below `/v2/` (gcr.io, Quay, Gitea, Nexus)
/// need no entry; those with a name in the middle are in [`kind`].
const TOKEN_PATHS: [&str; 8] = [
    "/token",
    "/token/",
    "/jwt/auth",
    "/service/token",
    "/oauth2/token",
    "/auth",
    "/proxy_auth",
    "/oauth/token",
];

/// Sorts a path (with its leading slash, without query) of a host.
///
/// # Errors
/// `RELAY_MALFORMED` when it could be read in two ways, `RELAY_PATH` when it is none of a registry's.
pub fn kind(host: &str, path: &str) -> Result<Kind, Refusal> {
    let parts = plain_parts(host, path)?;
    if TOKEN_PATHS.contains(&path) {
        return Ok(Kind::Token);
    }
    match parts.as_slice() {
        ["v2", "token" | "auth"] => Ok(Kind::Token),
        // Keycloak, older ones below /auth; Red Hat's registries.
        ["realms", _, "protocol", protocol, "auth"] | ["auth", "realms", _, "protocol", protocol, "auth"]
            if matches!(*protocol, "docker-v2" | "redhat-docker-v2") =>
        {
            Ok(Kind::Token)
        }
        // Artifactory
        ["artifactory", "api", "docker", _, "v2", "token"] => Ok(Kind::Token),
        ["v2", _, .., "manifests", name] => Ok(Kind::Manifest {
            by_digest: name.contains(':') || name.contains('%'),
        }),
        ["v2", _, .., "blobs", _] => Ok(Kind::Blob),
        ["v2", ..] => Ok(Kind::Listing),
        // Quay: GET /api/v1/repository/{namespace}/{name}/tag/
        ["api", "v1", "repository", _, _, .., "tag"] => Ok(Kind::Listing),
        // Harbor: GET /api/v2.0/projects/{project}/repositories/{repository}/artifacts
        ["api", "v2.0", "projects", _, "repositories", _, "artifacts"] => Ok(Kind::Listing),
        // GitHub: GET /{orgs|users}/{owner}/packages/container/{name}/versions
        ["orgs" | "users", _, "packages", "container", _, "versions"] if host == GITHUB_API => {
            Ok(Kind::Listing)
        }
        _ => Err(Refusal::path(format!(
            "the relay asks registries for /v2/…, tokens and tag histories only, not for {path}"
        ))),
    }
}

const GITHUB_API: &str = "api.github.com";

/// The parts between the slashes; one trailing slash is no part.
fn plain_parts<'a>(host: &str, path: &'a str) -> Result<Vec<&'a str>, Refusal> {
    let wrong = |what: &str| Refusal::malformed(format!("{what} in the path {path:?}"));
    let inner = path.strip_prefix('/').unwrap_or(path);
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let parts: Vec<&str> = inner.split('/').collect();
    for part in &parts {
        if part.is_empty() {
            return Err(wrong("an empty part"));
        }
        if matches!(*part, "." | "..") {
            return Err(wrong("a dot part"));
        }
        if let Some(odd) = part.chars().find(|c| !is_plain(*c)) {
            return Err(wrong(&format!("the character {odd:?}")));
        }
        for (at, _) in part.match_indices('%') {
            let code = part.get(at + 1..at + 3).unwrap_or_default().to_ascii_uppercase();
            let fits = matches!(code.as_str(), "3A" | "2B") || (code == "2F" && host == GITHUB_API);
            if !fits {
                return Err(wrong(&format!("the percent-encoding %{code}")));
            }
        }
    }
    Ok(parts)
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '~' | ':' | '@' | '+' | '=' | '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reading_a_registry_needs() {
        let digest = "sha256:3b6cdcc7adcc9a84d3214ee1c029543789d90b5ae69debe9efa3f66e982875de";
        for (host, path, wanted) in [
            ("ghcr.io", "/v2/", Kind::Listing),
            ("ghcr.io", "/v2/a/b/tags/list", Kind::Listing),
            (
                "ghcr.io",
                "/v2/a/b/manifests/1.0.0_b",
                Kind::Manifest { by_digest: false },
            ),
            (
                "ghcr.io",
                &format!("/v2/a/b/manifests/{digest}"),
                Kind::Manifest { by_digest: true },
            ),
            (
                "ghcr.io",
                "/v2/a/b/manifests/sha256%3A00",
                Kind::Manifest { by_digest: true },
            ),
            ("ghcr.io", &format!("/v2/a/blobs/{digest}"), Kind::Blob),
            ("ghcr.io", "/token", Kind::Token),
            ("public.ecr.aws", "/token/", Kind::Token),
            ("gcr.io", "/v2/token", Kind::Token),
            ("quay.io", "/v2/auth", Kind::Token),
            ("gitlab.com", "/jwt/auth", Kind::Token),
            ("nvcr.io", "/proxy_auth", Kind::Token),
            ("icr.io", "/oauth/token", Kind::Token),
            (
                "registry.redhat.io",
                "/auth/realms/rhcc/protocol/redhat-docker-v2/auth",
                Kind::Token,
            ),
            (
                "keycloak.lan",
                "/realms/acme/protocol/docker-v2/auth",
                Kind::Token,
            ),
            (
                "artifactory.lan",
                "/artifactory/api/docker/charts/v2/token",
                Kind::Token,
            ),
            ("quay.io", "/api/v1/repository/acme/kelp/tag/", Kind::Listing),
            ("cgr.dev", "/v2/a/_chainguard/history/latest", Kind::Listing),
            (
                "hub.docker.com",
                "/v2/namespaces/a/repositories/b/tags/c",
                Kind::Listing,
            ),
            (
                "harbor.lan",
                "/api/v2.0/projects/p/repositories/r/artifacts",
                Kind::Listing,
            ),
            (
                "api.github.com",
                "/orgs/acme/packages/container/charts%2Fkelp/versions",
                Kind::Listing,
            ),
        ] {
            assert_eq!(kind(host, path).unwrap(), wanted, "{path}");
        }
    }

    #[test]
    fn all_else_is_refused() {
        for (path, code, message) in [
            (
                "/login",
                "RELAY_PATH",
                "the relay asks registries for /v2/…, tokens and tag histories only, not for /login",
            ),
            (
                "/realms/acme/protocol/openid-connect/auth",
                "RELAY_PATH",
                "the relay asks registries for /v2/…, tokens and tag histories only, not for /realms/acme/protocol/openid-connect/auth",
            ),
            (
                "/orgs/acme/packages/container/kelp/versions",
                "RELAY_PATH",
                "the relay asks registries for /v2/…, tokens and tag histories only, not for /orgs/acme/packages/container/kelp/versions",
            ),
            (
                "/v2/../admin",
                "RELAY_MALFORMED",
                "a dot part in the path \"/v2/../admin\"",
            ),
            (
                "/v2/%2e%2e/admin",
                "RELAY_MALFORMED",
                "the percent-encoding %2E in the path \"/v2/%2e%2e/admin\"",
            ),
            (
                "/v2/a%2Fb/tags/list",
                "RELAY_MALFORMED",
                "the percent-encoding %2F in the path \"/v2/a%2Fb/tags/list\"",
            ),
            (
                "/v2//a",
                "RELAY_MALFORMED",
                "an empty part in the path \"/v2//a\"",
            ),
            (
                "/v2/a\\b",
                "RELAY_MALFORMED",
                "the character '\\\\' in the path \"/v2/a\\\\b\"",
            ),
            (
                "/v2/a%",
                "RELAY_MALFORMED",
                "the percent-encoding % in the path \"/v2/a%\"",
            ),
            ("/", "RELAY_MALFORMED", "an empty part in the path \"/\""),
        ] {
            let refusal = kind("ghcr.io", path).unwrap_err();
            assert_eq!((refusal.code, refusal.message.as_str()), (code, message));
        }
    }
}
