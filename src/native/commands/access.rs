//! How registries are spoken to: plain http, credentials given on the command line, and where else those
//! may be shown.

use std::fmt;
use std::io::BufRead;

use crate::fault::{Fault, FaultKind};
use crate::oci::is_loopback_host;

/// A password or token longer than this is a mistake (a whole file on standard input).
const LONGEST_PASSWORD: u64 = 64 * 1024;

/// How registries are spoken to.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Hosts, with or without port, that get plain http beside loopback.
    pub plain_http: Vec<String>,
    /// Token realms on other hosts that may be shown a registry's credentials.
    pub trust_realm: Vec<String>,
    /// Credentials from the command line. Without them, those of the Docker and Helm configuration apply.
    pub login: Option<Login>,
}

/// A user name and its password.
#[derive(Clone)]
pub struct Login {
    /// The name.
    pub username: String,
    /// The password or access token.
    pub password: String,
}

/// Never shows the password.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl Access {
    /// From the options; the password is the first line of `input`, without its line end.
    ///
    /// # Errors
    /// `Malformed` when only one half of the credentials was given, or `input` has no password.
    pub fn read(
        plain_http: Vec<String>,
        trust_realm: Vec<String>,
        username: Option<String>,
        password_stdin: bool,
        input: impl BufRead,
    ) -> Result<Self, Fault> {
        let login = match (username, password_stdin) {
            (None, false) => None,
            (Some(username), true) => Some(Login {
                username,
                password: first_line(input)?,
            }),
            (Some(_), false) => {
                return Err(Fault::malformed(
                    "--username without a password: add --password-stdin and give the password on standard input",
                ));
            }
            (None, true) => {
                return Err(Fault::malformed(
                    "--password-stdin without a user: add --username NAME",
                ));
            }
        };
        Ok(Self {
            plain_http,
            trust_realm,
            login,
        })
    }

    /// `http` or `https` for a registry host, with or without port.
    pub fn scheme(&self, registry: &str) -> &'static str {
        let host = match registry.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or(rest),
            None => registry.split(':').next().unwrap_or(registry),
        };
        let listed = self
            .plain_http
            .iter()
            .any(|plain| plain.eq_ignore_ascii_case(registry) || plain.eq_ignore_ascii_case(host));
        if listed || is_loopback_host(host) {
            "http"
        } else {
            "https"
        }
    }
}

fn first_line(input: impl BufRead) -> Result<String, Fault> {
    let mut line = String::new();
    input
        .take(LONGEST_PASSWORD)
        .read_line(&mut line)
        .map_err(|error| {
            Fault::new(
                FaultKind::Unreachable,
                format!("the password cannot be read from standard input: {error}"),
            )
        })?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Fault::malformed(
            "standard input has no password: pipe it in, as in `tagdrift … --password-stdin < token.txt`",
        ));
    }
    Ok(password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_one_line_and_never_shown() {
        let access = Access::read(
            vec![],
            vec![],
            Some("mara".to_owned()),
            true,
            &b"tide\r\nmore\n"[..],
        )
        .unwrap();
        let login = access.login.unwrap();
        assert_eq!(login.password, "tide");
        assert_eq!(format!("{login:?}"), "Login { username: \"mara\", .. }");
    }

    #[test]
    fn half_a_login_is_refused() {
        let message = |name: Option<&str>, stdin: bool, input: &[u8]| {
            Access::read(vec![], vec![], name.map(str::to_owned), stdin, input)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            message(Some("mara"), false, b""),
            "--username without a password: add --password-stdin and give the password on standard input"
        );
        assert_eq!(
            message(None, true, b"tide"),
            "--password-stdin without a user: add --username NAME"
        );
        assert_eq!(
            message(Some("mara"), true, b"\n"),
            "standard input has no password: pipe it in, as in `tagdrift … --password-stdin < token.txt`"
        );
    }

    #[test]
    fn loopback_and_listed_hosts_get_plain_http() {
        let access = Access {
            plain_http: vec!["registry.lan".to_owned(), "other.lan:5000".to_owned()],
            ..Access::default()
        };
        for (registry, scheme) in [
            ("ghcr.io", "https"),
            ("localhost:5000", "http"),
            ("[::1]:5000", "http"),
            ("127.0.0.1", "http"),
            ("registry.lan:8443", "http"),
            ("other.lan:5000", "http"),
            ("other.lan", "https"),
        ] {
            assert_eq!(access.scheme(registry), scheme, "{registry}");
        }
    }
}
