//! Which hosts the relay speaks to.
//!
//! A rule is a host (any port), a host with a port, or `*.domain` (every name below the domain, not the
//! domain itself). Matching is by whole labels: `*.gcr.io` does not match `evilgcr.io`.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use crate::oci::is_loopback_host;

/// Public registries with their token and history hosts (see "Auth" and "earlier digests" in the
/// registries' own documentation). Blob storage is not among them: a registry may redirect there.
const PUBLIC: [&str; 32] = [
    "registry-1.docker.io",
    "auth.docker.io",
    "hub.docker.com",
    "ghcr.io",
    "api.github.com",
    "quay.io",
    "public.ecr.aws",
    "gcr.io",
    "*.gcr.io",
    "*.pkg.dev",
    "registry.k8s.io",
    "mcr.microsoft.com",
    "*.azurecr.io",
    "registry.gitlab.com",
    "gitlab.com",
    "cgr.dev",
    "registry.access.redhat.com",
    "registry.redhat.io",
    "registry.connect.redhat.com",
    "sso.redhat.com",
    "icr.io",
    "*.icr.io",
    "nvcr.io",
    "authn.nvidia.com",
    "registry.suse.com",
    "registry.opensuse.org",
    "codeberg.org",
    "lscr.io",
    "docker.elastic.co",
    "docker-auth.elastic.co",
    "container-registry.oracle.com",
    "registry.fedoraproject.org",
];

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRule {
    /// Without brackets; lower-case.
    host: String,
    below: bool,
    port: Option<u16>,
}

/// Host and port as they stand in a URL's authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Without brackets; lower-case.
    pub host: String,
    /// Where it is named.
    pub port: Option<u16>,
}

impl Authority {
    /// True for `localhost` and loopback addresses: those are spoken to by plain http.
    pub fn is_loopback(&self) -> bool {
        is_loopback_host(&self.host)
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Authority {
    type Err = String;

    /// Letters, digits, `.`, `-`, `_`, or an IPv6 address in brackets: nothing that a URL parser could read
    /// as something else (user names, percent signs, other alphabets).
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no host: write host or host:port");
        let lower = text.to_ascii_lowercase();
        let (host, port) = if let Some(rest) = lower.strip_prefix('[') {
            let (host, port) = rest.split_once(']').ok_or_else(wrong)?;
            host.parse::<Ipv6Addr>().map_err(|_| wrong())?;
            let port = match port.strip_prefix(':') {
                Some(port) => Some(port),
                None if port.is_empty() => None,
                None => return Err(wrong()),
            };
            (host.to_owned(), port)
        } else {
            let (host, port) = match lower.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (lower.as_str(), None),
            };
            let label = |label: &str| {
                (1..=63).contains(&label.len())
                    && label
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            };
            if host.len() > 253 || !host.split('.').all(label) {
                return Err(wrong());
            }
            (host.to_owned(), port)
        };
        let port = match port {
            None => None,
            Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => Some(
                digits
                    .parse::<u16>()
                    .ok()
                    .filter(|port| *port > 0)
                    .ok_or_else(wrong)?,
            ),
            Some(_) => return Err(wrong()),
        };
        Ok(Self { host, port })
    }
}

impl FromStr for HostRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (below, rest) = match text.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let Authority { host, port } = rest.parse::<Authority>().map_err(|_| {
            format!(
                "{text:?} is no host: write host, host:port or *.domain, without https:// and without a path"
            )
        })?;
        Ok(Self { host, below, port })
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = Authority {
            host: self.host.clone(),
            port: self.port,
        };
        write!(f, "{}{authority}", if self.below { "*." } else { "" })
    }
}

impl HostRule {
    /// `port` is the one that would be connected to.
    fn matches(&self, host: &str, port: u16) -> bool {
        let host_fits = if self.below {
            host.strip_suffix(&self.host)
                .is_some_and(|front| front.len() > 1 && front.ends_with('.'))
        } else {
            host == self.host
        };
        host_fits && self.port.is_none_or(|only| only == port)
    }
}

/// The hosts that may be asked for.
#[derive(Debug, Clone)]
pub struct AllowList {
    public: Vec<HostRule>,
    added: Vec<HostRule>,
}

impl AllowList {
    /// The public registries and these.
    pub fn new(added: Vec<HostRule>) -> Self {
        let public = PUBLIC.iter().filter_map(|rule| rule.parse().ok()).collect();
        Self { public, added }
    }

    /// True when the host may be spoken to on this port. Public registries are on 443 only; a rule that
    /// was added without a port allows every port, because that is how people write a registry's name.
    pub fn allows(&self, host: &str, port: u16) -> bool {
        self.is_added(host, port) || (port == 443 && self.public.iter().any(|rule| rule.matches(host, port)))
    }

    /// True when whoever runs the relay named the host.
    pub fn is_added(&self, host: &str, port: u16) -> bool {
        self.added.iter().any(|rule| rule.matches(host, port))
    }

    /// All rules as they are written, public ones first.
    pub fn iter(&self) -> impl Iterator<Item = &HostRule> {
        self.public.iter().chain(&self.added)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(added: &[&str]) -> AllowList {
        AllowList::new(added.iter().map(|rule| rule.parse().unwrap()).collect())
    }

    #[test]
    fn every_public_rule_is_one() {
        assert_eq!(list(&[]).iter().count(), PUBLIC.len());
    }

    #[test]
    fn whole_labels_match() {
        let list = list(&["registry.lan", "other.lan:5000", "*.lab.lan", "[::1]:5000"]);
        for (host, port, allowed) in [
            ("ghcr.io", 443, true),
            ("ghcr.io", 8443, false),
            ("eu.gcr.io", 443, true),
            ("evilgcr.io", 443, false),
            (".gcr.io", 443, false),
            ("gcr.io.evil.example", 443, false),
            ("europe-docker.pkg.dev", 443, true),
            ("registry.lan", 443, true),
            ("registry.lan", 8443, true),
            ("other.lan", 443, false),
            ("other.lan", 5000, true),
            ("a.b.lab.lan", 443, true),
            ("lab.lan", 443, false),
            ("::1", 5000, true),
        ] {
            assert_eq!(list.allows(host, port), allowed, "{host}:{port}");
        }
        assert!(!list.is_added("ghcr.io", 443));
    }

    #[test]
    fn authorities_are_plain() {
        for text in ["ghcr.io", "localhost:5000", "[::1]:5000", "127.0.0.1"] {
            assert_eq!(text.parse::<Authority>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "a@b",
            "a:b",
            "a:",
            "a:0",
            "a:65536",
            "a:+1",
            "a b",
            "a/b",
            "a%2eb",
            "[::1",
            "[::1]x",
            "[1]",
            ".a",
            "a.",
            "ä.example",
            "a\\b",
        ] {
            assert_eq!(
                text.parse::<Authority>().unwrap_err(),
                format!("{text:?} is no host: write host or host:port")
            );
        }
        assert_eq!(
            "https://registry.lan".parse::<HostRule>().unwrap_err(),
            "\"https://registry.lan\" is no host: write host, host:port or *.domain, without https:// and without a path"
        );
    }
}
