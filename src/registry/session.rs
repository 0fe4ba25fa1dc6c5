//! What is remembered between exchanges: tokens, credentials, and what was learnt about hosts.
//!
//! Lives as long as the tab or the program and is never written anywhere. The lock is held for single
//! look-ups only, never while something is awaited.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::retry::Patience;
use super::token::Token;
use super::{Credentials, Repository, Secret};
use crate::limits::Limits;

/// Tokens kept at once; one repository needs one.
const MOST_TOKENS: usize = 1024;

/// What the platform underneath does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// It follows redirects by itself and does not show them (a browser).
    pub follows_redirects: bool,
    /// It undoes content codings by itself (a browser).
    pub decodes: bool,
}

/// State shared by all exchanges of one user.
#[derive(Debug)]
pub struct Session {
    /// The bounds.
    pub limits: Limits,
    /// How patient it is.
    pub patience: Patience,
    /// What the platform does by itself.
    pub abilities: Abilities,
    plain_http: Vec<String>,
    consent_option: Option<&'static str>,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    tokens: HashMap<(String, String), Token>,
    credentials: HashMap<String, Option<Credentials>>,
    basic: HashSet<String>,
    agreed: HashSet<(String, String)>,
    signed_in: HashSet<(String, String)>,
}

impl Session {
    /// A session without any memory.
    pub fn new(limits: Limits, patience: Patience, abilities: Abilities) -> Self {
        Self {
            limits,
            patience,
            abilities,
            plain_http: Vec::new(),
            consent_option: None,
            memory: Mutex::default(),
        }
    }

    /// The same session, speaking plain http to these registries (`host` or `host:port`) as well.
    #[must_use]
    pub fn with_plain_http(mut self, hosts: impl IntoIterator<Item = String>) -> Self {
        self.plain_http.extend(hosts);
        self
    }

    /// The same session, on a platform where the user agrees to a foreign realm beforehand, by this option
    /// with the realm's host behind it: a refusal then names it.
    #[must_use]
    pub fn with_consent_option(mut self, option: &'static str) -> Self {
        self.consent_option = Some(option);
        self
    }

    /// What to do about a foreign realm that was refused, as the end of a sentence.
    pub(crate) fn how_to_agree(&self, realm_host: &str) -> String {
        self.consent_option.map_or_else(String::new, |option| {
            format!("; to give it, add {option} {realm_host}")
        })
    }

    /// True when a registry is spoken to by http: loopback, or named by the user.
    pub fn is_plain(&self, api_host: &str) -> bool {
        let named = |plain: &String| {
            plain == api_host || api_host.rsplit_once(':').is_some_and(|(host, _)| plain == host)
        };
        super::Url::of_registry(api_host, true).is_ok_and(|url| url.is_loopback())
            || self.plain_http.iter().any(named)
    }

    /// Gives the user's credentials for a registry, or takes them away. Tokens got with older ones go.
    pub fn set_credentials(&self, registry: &str, credentials: Option<Credentials>) {
        let api_host = api_host(registry);
        let mut memory = self.memory();
        memory.tokens.retain(|(host, _), _| *host != api_host);
        memory.signed_in.retain(|(host, _)| *host != api_host);
        memory.basic.remove(&api_host);
        memory.credentials.insert(api_host, credentials);
    }

    /// Remembers that the user agreed to show a registry's credentials to this foreign realm host.
    pub fn agree(&self, registry: &str, realm_host: &str) {
        self.memory()
            .agreed
            .insert((api_host(registry), realm_host.to_owned()));
    }

    pub(crate) fn agreed(&self, api_host: &str, realm_host: &str) -> bool {
        self.memory()
            .agreed
            .contains(&(api_host.to_owned(), realm_host.to_owned()))
    }

    /// `None`: the driver was not asked yet. `Some(None)`: there are none.
    pub(crate) fn credentials(&self, api_host: &str) -> Option<Option<Credentials>> {
        self.memory().credentials.get(api_host).cloned()
    }

    pub(crate) fn learn_credentials(&self, api_host: &str, credentials: Option<Credentials>) {
        self.memory().credentials.insert(api_host.to_owned(), credentials);
    }

    pub(crate) fn token(&self, repository: &Repository, now_ms: u64) -> Option<Token> {
        let mut memory = self.memory();
        memory.tokens.retain(|_, token| token.until_ms > now_ms);
        memory.tokens.get(&key(repository)).cloned()
    }

    pub(crate) fn keep_token(&self, repository: &Repository, token: Token) {
        let mut memory = self.memory();
        if memory.tokens.len() >= MOST_TOKENS {
            memory.tokens.clear();
            memory.signed_in.clear();
        }
        if token.signed_in {
            memory.signed_in.insert(key(repository));
        }
        memory.tokens.insert(key(repository), token);
    }

    /// True when an anonymous token did not do for this repository before.
    pub(crate) fn has_signed_in(&self, repository: &Repository) -> bool {
        self.memory().signed_in.contains(&key(repository))
    }

    /// Forgets a token that was refused, unless a newer one took its place meanwhile.
    pub(crate) fn forget_token(&self, repository: &Repository, secret: &Secret) {
        let mut memory = self.memory();
        if memory.tokens.get(&key(repository)).map(|t| &t.secret) == Some(secret) {
            memory.tokens.remove(&key(repository));
        }
    }

    /// The Basic header for a registry that was seen to accept it.
    pub(crate) fn basic(&self, api_host: &str) -> Option<Secret> {
        let memory = self.memory();
        if !memory.basic.contains(api_host) {
            return None;
        }
        memory.credentials.get(api_host)?.as_ref()?.authorization()
    }

    pub(crate) fn keep_basic(&self, api_host: &str) {
        self.memory().basic.insert(api_host.to_owned());
    }

    pub(crate) fn forget_basic(&self, api_host: &str) {
        self.memory().basic.remove(api_host);
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(repository: &Repository) -> (String, String) {
    (repository.api_host.clone(), repository.scope())
}

/// The host that answers for a registry's name.
fn api_host(registry: &str) -> String {
    match registry {
        "docker.io" | "index.docker.io" => "registry-1.docker.io",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        let abilities = Abilities {
            follows_redirects: false,
            decodes: false,
        };
        Session::new(Limits::default(), Patience::default(), abilities)
    }

    fn token(text: &str, until_ms: u64) -> Token {
        Token {
            secret: Secret::new(text),
            until_ms,
            signed_in: false,
        }
    }

    #[test]
    fn plain_http_is_for_loopback_and_named_hosts() {
        let session = session().with_plain_http(["r.lan:5000".to_owned(), "mirror".to_owned()]);
        for host in [
            "localhost:5000",
            "127.0.0.1",
            "[::1]:5000",
            "r.lan:5000",
            "mirror:80",
            "mirror",
        ] {
            assert!(session.is_plain(host), "{host}");
        }
        for host in ["r.lan", "r.lan:5001", "ghcr.io", "localhost.example.com"] {
            assert!(!session.is_plain(host), "{host}");
        }
    }

    #[test]
    fn tokens_end_with_their_life_or_with_other_credentials() {
        let session = session();
        let repository = Repository::of(&"docker.io/a/b".parse().unwrap());
        session.keep_token(&repository, token("t", 100));
        assert_eq!(session.token(&repository, 99), Some(token("t", 100)));
        assert_eq!(session.token(&repository, 100), None);
        session.keep_token(&repository, token("t", 100));
        session.forget_token(&repository, &Secret::new("other"));
        assert!(session.token(&repository, 0).is_some());
        session.set_credentials("docker.io", None);
        assert_eq!(session.token(&repository, 0), None);
        assert_eq!(session.credentials("registry-1.docker.io"), Some(None));
    }
}
