//! What a relayed request asks for: `/relay/v1/<host>/<path>?<query>`, read strictly.
//!
//! ```text
//! /relay/v1/ghcr.io/v2/acme/kelp/tags/list?n=100   →   https://ghcr.io/v2/acme/kelp/tags/list?n=100
//! /relay/v1/localhost:5000/v2/                     →   http://localhost:5000/v2/
//! ```

use reqwest::Url;

use super::hosts::Authority;
use super::paths::{self, Kind};
use super::refusal::Refusal;

/// Where the relay's own description is.
pub const ROOT: &str = "/relay/v1/";

/// A request that is well-formed and asks for something a registry has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Host and port, as asked for.
    pub authority: Authority,
    /// What the path asks for.
    pub kind: Kind,
    /// The whole URL.
    pub url: Url,
}

impl Target {
    /// Reads the path and query of a request to the relay.
    ///
    /// # Errors
    /// `RELAY_MALFORMED`, `RELAY_PATH`.
    pub fn read(path: &str, query: Option<&str>) -> Result<Self, Refusal> {
        let rest = path.strip_prefix(ROOT).unwrap_or_default();
        let Some((host, _)) = rest.split_once('/') else {
            return Err(Refusal::malformed("write /relay/v1/<host>/v2/…"));
        };
        let path = rest.get(host.len()..).unwrap_or_default();
        let authority: Authority = unescape(host).parse().map_err(Refusal::malformed)?;
        let kind = paths::kind(&authority.host, path)?;
        let scheme = if authority.is_loopback() { "http" } else { "https" };
        let query = query.map_or(String::new(), |query| format!("?{query}"));
        let url = Url::parse(&format!("{scheme}://{authority}{path}{query}"))
            .map_err(|error| Refusal::malformed(format!("{authority} makes no URL: {error}")))?;
        Ok(Self { authority, kind, url })
    }
}

/// Browsers leave `:` and brackets in a path alone; careful clients encode them.
fn unescape(host: &str) -> String {
    let mut host = host.to_owned();
    for (code, plain) in [
        ("%3A", ":"),
        ("%3a", ":"),
        ("%5B", "["),
        ("%5b", "["),
        ("%5D", "]"),
        ("%5d", "]"),
    ] {
        host = host.replace(code, plain);
    }
    host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_urls() {
        for (path, query, url) in [
            (
                "ghcr.io/v2/a/tags/list",
                Some("n=100&last=b%2Fc"),
                "https://ghcr.io/v2/a/tags/list?n=100&last=b%2Fc",
            ),
            ("GHCR.io/v2/", None, "https://ghcr.io/v2/"),
            ("localhost:5000/v2/", None, "http://localhost:5000/v2/"),
            ("%5B::1%5D%3A5000/v2/", None, "http://[::1]:5000/v2/"),
            (
                "registry.lan:8443/token",
                Some("scope=a"),
                "https://registry.lan:8443/token?scope=a",
            ),
        ] {
            let target = Target::read(&format!("/relay/v1/{path}"), query).unwrap();
            assert_eq!(target.url.as_str(), url);
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig {
            cases: 2000,
            failure_persistence: None,
            ..Default::default()
        })]

        /// What was checked is what is asked for: nothing that the URL's parser reads in another way.
        #[test]
        fn no_path_is_read_twice(
            host in "[a-z0-9.-]{1,8}(:[0-9]{1,4})?|[a-z0-9.:@%\\[\\]\\\\-]{1,12}",
            path in "/(v2|token)(/(v2|token|\\.|\\.\\.|%2e|[a-z0-9.%@:?#\\\\;\\t é-]{0,8})){0,4}/?",
            query in proptest::option::of("[a-z0-9=&%/:#]{0,12}"),
        ) {
            if let Ok(target) = Target::read(&format!("{ROOT}{host}{path}"), query.as_deref()) {
                proptest::prop_assert_eq!(target.url.path(), path.as_str());
                proptest::prop_assert!(target.url.username().is_empty() && target.url.password().is_none());
                let own = target.url.host_str().unwrap_or_default().trim_matches(['[', ']']);
                let literal = own.parse::<std::net::IpAddr>().is_ok();
                proptest::prop_assert!(literal || own == target.authority.host, "{own}");
            }
        }
    }

    #[test]
    fn what_is_no_target_is_said() {
        let message = |path: &str| Target::read(path, None).unwrap_err().message;
        assert_eq!(message("/relay/v1/ghcr.io"), "write /relay/v1/<host>/v2/…");
        assert_eq!(
            message("/relay/v1/user@ghcr.io/v2/"),
            "\"user@ghcr.io\" is no host: write host or host:port"
        );
        assert_eq!(
            message("/relay/v1/ghcr.io%2Fv2/v2/"),
            "\"ghcr.io%2Fv2\" is no host: write host or host:port"
        );
        assert_eq!(
            message("/relay/v1//v2/"),
            "\"\" is no host: write host or host:port"
        );
    }
}
