//! Token realms known by heart, for two cases: a browser may not read `WWW-Authenticate`, or the realm is
//! on another host than the registry and is still the registry's own.

use super::challenge::Challenge;

/// How a registry is addressed: as it stands in a reference, without port.
enum Hosts {
    Exactly(&'static str),
    EndsWith(&'static str),
}

/// registry, realm (`*` stands for the registry's host), service, scope (`*` stands for the repository).
const KNOWN: &[(Hosts, &str, &str, &str)] = &[
    (
        Hosts::Exactly("ghcr.io"),
        "https://ghcr.io/token",
        "ghcr.io",
        PULL,
    ),
    (
        Hosts::Exactly("registry-1.docker.io"),
        "https://auth.docker.io/token",
        "registry.docker.io",
        PULL,
    ),
    (
        Hosts::Exactly("quay.io"),
        "https://quay.io/v2/auth",
        "quay.io",
        PULL,
    ),
    (
        Hosts::Exactly("public.ecr.aws"),
        "https://public.ecr.aws/token/",
        "public.ecr.aws",
        "aws",
    ),
    (Hosts::Exactly("cgr.dev"), "https://cgr.dev/token", "", PULL),
    (
        Hosts::Exactly("gcr.io"),
        "https://gcr.io/v2/token",
        "gcr.io",
        PULL,
    ),
    (Hosts::EndsWith(".gcr.io"), "https://*/v2/token", "*", PULL),
    (Hosts::EndsWith(".pkg.dev"), "https://*/v2/token", "*", PULL),
    (
        Hosts::Exactly("registry.gitlab.com"),
        "https://gitlab.com/jwt/auth",
        "container_registry",
        PULL,
    ),
];

const PULL: &str = "repository:*:pull";

/// The challenge that this registry is known to answer with.
pub(crate) fn known(api_host: &str, repository: &str) -> Option<Challenge> {
    let (_, realm, service, scope) = KNOWN.iter().find(|(hosts, ..)| match hosts {
        Hosts::Exactly(host) => *host == api_host,
        Hosts::EndsWith(end) => api_host.ends_with(end) && !api_host.contains(':'),
    })?;
    let pair = |key: &str, value: String| (key.to_owned(), value);
    Some(Challenge {
        scheme: "Bearer".to_owned(),
        parameters: vec![
            pair("realm", realm.replace('*', api_host)),
            pair("service", service.replace('*', api_host)),
            pair("scope", scope.replace('*', repository)),
        ],
    })
}

/// True when this registry's own realm is known to be exactly there, so that credentials may go to it.
pub(crate) fn is_known(api_host: &str, realm: &super::Url) -> bool {
    known(api_host, "")
        .and_then(|c| super::Url::parse(c.parameter("realm")?).ok())
        .is_some_and(|own| own.same_origin(realm))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Url;

    #[test]
    fn realms_belong_to_their_registry_only() {
        let hub = Url::parse("https://auth.docker.io/token").unwrap();
        assert!(is_known("registry-1.docker.io", &hub));
        assert!(!is_known("evil.example", &hub));
        assert!(!is_known("ghcr.io", &hub));
        let dev = known("europe-docker.pkg.dev", "p/r").unwrap();
        assert_eq!(
            dev.parameter("realm"),
            Some("https://europe-docker.pkg.dev/v2/token")
        );
        assert_eq!(dev.parameter("scope"), Some("repository:p/r:pull"));
        assert_eq!(known("cgr.dev", "x").unwrap().parameter("service"), None);
        assert_eq!(known("evil-ghcr.io", "x"), None);
    }
}
