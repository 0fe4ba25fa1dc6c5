//! URLs as far as registries need them: http and https, a host, a port, a path with its query.
//!
//! Every URL that a registry hands out (`Location`, `Link`, a token realm) is hostile until read here:
//! user names in it, white space, numeric host tricks and other schemes are refused.
//!
//! ```
//! use tagdrift::registry::Url;
//! let page = Url::parse("https://quay.io/v2/a/b/tags/list?n=100").unwrap();
//! let next = page.join("/v2/a/b/tags/list?last=1.2").unwrap();
//! assert_eq!(next.to_string(), "https://quay.io/v2/a/b/tags/list?last=1.2");
//! assert!(next.same_origin(&page));
//! ```

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::oci::is_loopback_host;

/// A longer URL is nobody's: signed storage URLs stay below 3 KiB.
const LONGEST: usize = 8 * 1024;

/// An absolute http(s) URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Url {
    tls: bool,
    host: String,
    port: u16,
    path: String,
}

impl Url {
    /// Reads an absolute URL. The fragment is dropped.
    ///
    /// # Errors
    /// One sentence that says what is wrong; the URL itself is not in it, as it may hold a signature.
    pub fn parse(text: &str) -> Result<Self, String> {
        check_characters(text)?;
        let (scheme, rest) = text.split_once("://").ok_or("the URL has no scheme")?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            other => return Err(format!("{other}:// is neither http nor https")),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err("the URL carries a user name".to_owned());
        }
        let (host, port) = split_authority(authority)?;
        let port = match port {
            Some(port) => port,
            None if tls => 443,
            None => 80,
        };
        Ok(Self {
            tls,
            host,
            port,
            path: rooted(path),
        })
    }

    /// The API root of a registry as it stands in a reference (`ghcr.io`, `[::1]:5000`).
    ///
    /// # Errors
    /// When the registry's name is no host.
    pub fn of_registry(api_host: &str, plain: bool) -> Result<Self, String> {
        Self::parse(&format!(
            "{}://{api_host}/v2/",
            if plain { "http" } else { "https" }
        ))
    }

    /// Resolves what a header points to: absolute, `//host/…`, `/path`, `?query`, or relative.
    ///
    /// # Errors
    /// As [`Url::parse`].
    pub fn join(&self, target: &str) -> Result<Self, String> {
        check_characters(target)?;
        let scheme_ends = target.find("://");
        let path_starts = target.find(['/', '?', '#']).unwrap_or(target.len());
        if scheme_ends.is_some_and(|at| at < path_starts) {
            return Self::parse(target);
        }
        if let Some(rest) = target.strip_prefix("//") {
            let scheme = if self.tls { "https" } else { "http" };
            return Self::parse(&format!("{scheme}://{rest}"));
        }
        let path = if target.starts_with('/') {
            rooted(target)
        } else if target.starts_with('?') {
            let base = self.path.split('?').next().unwrap_or_default();
            rooted(&format!("{base}{target}"))
        } else {
            let base = self.path.split('?').next().unwrap_or_default();
            let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
            rooted(&format!("{folder}/{target}"))
        };
        Ok(Self {
            path: without_dots(&path),
            ..self.clone()
        })
    }

    /// The same origin with another path (and query), which starts with `/`.
    #[must_use]
    pub fn with_path(&self, path: &str) -> Self {
        Self {
            path: rooted(path),
            ..self.clone()
        }
    }

    /// True for https.
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// Host without port; IPv6 in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Port, the scheme's own where none was written.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host, and port where it is not the scheme's own.
    pub fn authority(&self) -> String {
        let usual = if self.tls { 443 } else { 80 };
        if self.port == usual {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Path with its query, starts with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The URL without its query: fit for a message, as signatures and tokens live in the query.
    pub fn shown(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!(
            "{}://{}{path}",
            if self.tls { "https" } else { "http" },
            self.authority()
        )
    }

    /// Same scheme, host and port: the only case in which credentials may follow.
    pub fn same_origin(&self, other: &Self) -> bool {
        (self.tls, &self.host, self.port) == (other.tls, &other.host, other.port)
    }

    /// True for `localhost` and loopback addresses.
    pub fn is_loopback(&self) -> bool {
        is_loopback_host(self.host.trim_matches(['[', ']']))
    }

    /// The address, when the host is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.trim_matches(['[', ']']).parse().ok()
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}://{}{}",
            if self.tls { "https" } else { "http" },
            self.authority(),
            self.path
        )
    }
}

fn check_characters(text: &str) -> Result<(), String> {
    if text.len() > LONGEST {
        return Err(format!("the URL has {} bytes", text.len()));
    }
    match text.char_indices().find(|(_, c)| !c.is_ascii_graphic()) {
        Some((at, c)) => Err(format!("unexpected character {c:?} at offset {at} of the URL")),
        None if text.contains('\\') => Err("the URL holds a backslash".to_owned()),
        None => Ok(()),
    }
}

fn split_authority(authority: &str) -> Result<(String, Option<u16>), String> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (inner, after) = rest.split_once(']').ok_or("an unclosed [ in the URL")?;
        let address: Ipv6Addr = inner
            .parse()
            .map_err(|_| format!("[{inner}] is no IPv6 address"))?;
        let port = match after.strip_prefix(':') {
            Some(port) => Some(port),
            None if after.is_empty() => None,
            None => return Err(format!("unexpected {after:?} after the address in the URL")),
        };
        (format!("[{address}]"), port)
    } else {
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        (check_host(host)?, port)
    };
    let port = match port {
        None | Some("") => None,
        Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => Some(
            port.parse::<u16>()
                .ok()
                .filter(|p| *p > 0)
                .ok_or_else(|| format!("{port:?} is no port"))?,
        ),
        Some(port) => return Err(format!("{port:?} is no port")),
    };
    Ok((host, port))
}

fn check_host(host: &str) -> Result<String, String> {
    let host = host.to_ascii_lowercase();
    let fine = !host.is_empty()
        && host.len() <= 253
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    if !fine {
        return Err(format!("{host:?} is no host"));
    }
    // `0x7f.1` and `2130706433` are 127.0.0.1 to resolvers: only the plain form of an address is let in.
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let numeric = last.bytes().all(|b| b.is_ascii_digit())
        || last
            .strip_prefix("0x")
            .is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if numeric && host.parse::<Ipv4Addr>().is_err() {
        return Err(format!("{host:?} is no host"));
    }
    Ok(host)
}

fn rooted(path: &str) -> String {
    let path = path.split('#').next().unwrap_or_default();
    if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    }
}

/// Removes `.` and `..` parts (RFC 3986, 5.2.4), the query untouched.
fn without_dots(path: &str) -> String {
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').skip(1) {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    let mut clean = format!("/{}", parts.join("/"));
    if path.ends_with("/.") || path.ends_with("/..") {
        clean.push('/');
    }
    if let Some(query) = query {
        clean.push('?');
        clean.push_str(query);
    }
    clean
}

/// Percent-encodes a query value: everything but RFC 3986's unreserved characters, and `:` and `/`, which
/// registries expect readable in a scope.
pub fn encode_query(value: &str) -> String {
    encode(value, |b| matches!(b, b':' | b'/'))
}

/// Percent-encodes a value of `application/x-www-form-urlencoded`.
pub fn encode_form(value: &str) -> String {
    encode(value, |_| false)
}

fn encode(value: &str, also: fn(u8) -> bool) -> String {
    use fmt::Write as _;
    value.bytes().fold(String::new(), |mut out, b| {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~') || also(b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn reads_back_in_its_plain_form() {
        for (text, plain) in [
            ("HTTPS://Ghcr.IO:443/v2/", "https://ghcr.io/v2/"),
            ("http://localhost:5000", "http://localhost:5000/"),
            ("http://[0:0::1]:5000/v2/?n=1#x", "http://[::1]:5000/v2/?n=1"),
            ("https://quay.io?x=y", "https://quay.io/?x=y"),
        ] {
            assert_eq!(url(text).to_string(), plain);
        }
    }

    #[test]
    fn refuses_what_hides_a_host() {
        for (text, why) in [
            ("ftp://x/", "ftp:// is neither http nor https"),
            ("https://ghcr.io@evil.example/", "the URL carries a user name"),
            ("https://0x7f.1/", "\"0x7f.1\" is no host"),
            ("https://2130706433/", "\"2130706433\" is no host"),
            ("https://127.1/", "\"127.1\" is no host"),
            ("https://[::1/", "an unclosed [ in the URL"),
            ("https://x:99999/", "\"99999\" is no port"),
            ("https://x\\y/", "the URL holds a backslash"),
            (
                "https://x/\u{7f}",
                "unexpected character '\\u{7f}' at offset 10 of the URL",
            ),
            ("https:///v2", "\"\" is no host"),
            ("/v2/", "the URL has no scheme"),
        ] {
            assert_eq!(Url::parse(text).unwrap_err(), why, "{text}");
        }
    }

    #[test]
    fn joins_as_browsers_do() {
        let base = url("https://r.example/v2/a/tags/list?n=2");
        for (target, joined) in [
            ("/v2/b?x=1", "https://r.example/v2/b?x=1"),
            ("?n=2&last=b", "https://r.example/v2/a/tags/list?n=2&last=b"),
            ("list?last=c", "https://r.example/v2/a/tags/list?last=c"),
            ("../blobs/x", "https://r.example/v2/a/blobs/x"),
            ("../../../../../x", "https://r.example/x"),
            ("//cdn.example/x", "https://cdn.example/x"),
            ("http://cdn.example/x", "http://cdn.example/x"),
            (
                "?next=http://x/",
                "https://r.example/v2/a/tags/list?next=http://x/",
            ),
        ] {
            assert_eq!(base.join(target).unwrap().to_string(), joined, "{target}");
        }
    }

    #[test]
    fn messages_carry_no_query() {
        assert_eq!(
            url("https://s3.example/blob?X-Signature=abc").shown(),
            "https://s3.example/blob"
        );
    }

    #[test]
    fn scopes_stay_readable() {
        assert_eq!(
            encode_query("repository:a/b c:pull,push"),
            "repository:a/b%20c:pull%2Cpush"
        );
        assert_eq!(encode_form("a:b/+"), "a%3Ab%2F%2B");
    }

    // The page's tests have no proptest.
    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]
        #[test]
        fn what_is_read_reads_back(text in "(https?://)?[a-z0-9.:@/?#\\[\\]%_-]{0,40}", target in "[ -~é]{0,40}") {
            if let Ok(url) = Url::parse(&text) {
                proptest::prop_assert_eq!(Url::parse(&url.to_string()), Ok(url.clone()));
                if let Ok(joined) = url.join(&target) {
                    proptest::prop_assert_eq!(Url::parse(&joined.to_string()), Ok(joined.clone()));
                    let leaves = target.starts_with("//") || target.contains("://");
                    proptest::prop_assert!(leaves || joined.same_origin(&url));
                }
            }
        }
    }
}
