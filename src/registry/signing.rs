//! The sign-in ladder of one exchange: nothing, an anonymous token, the user's credentials.
//!
//! Each rung is climbed once; one stale token is forgiven. What a registry says decides how (Bearer before
//! Basic), never to whom: credentials leave only by the rule in [`Signing::realm_allowed`].

use super::challenge::{self, Challenge};
use super::http::ResponseHead;
use super::refusal::{self, Refusal};
use super::step::ForeignRealm;
use super::token::Token;
use super::{Credentials, Repository, Secret, Session, Url, realms};
use crate::fault::{Fault, FaultKind};

/// How far up an exchange is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rung {
    Nothing,
    Anonymous,
    Credentials,
    Basic,
}

/// What the ladder wants done.
#[derive(Debug)]
pub(crate) enum Next {
    /// Send the goal's request again: there is something new to show.
    Again,
    /// Look for the user's credentials.
    WantCredentials,
    /// Ask the user.
    Ask(ForeignRealm),
    /// Ask a realm for a token.
    Token {
        challenge: Challenge,
        realm: Url,
        credentials: Option<Credentials>,
    },
    /// The ladder has no further rung.
    Denied { refusal: Refusal, refused: bool },
    /// It cannot go on.
    Fail(Fault),
}

/// The ladder.
#[derive(Debug)]
pub(crate) struct Signing {
    repository: Repository,
    rung: Rung,
    bearer: Option<Challenge>,
    basic: bool,
    refusal: Refusal,
    /// The token that was got last, in case it lives shorter than its way here.
    token: Option<Secret>,
    /// What the last request showed was known before this exchange, and may be stale.
    from_memory: bool,
    forgiven: bool,
}

impl Signing {
    pub(crate) fn new(repository: Repository) -> Self {
        Self {
            repository,
            rung: Rung::Nothing,
            bearer: None,
            basic: false,
            refusal: Refusal::default(),
            token: None,
            from_memory: false,
            forgiven: false,
        }
    }

    /// What the goal's request shows now.
    pub(crate) fn authorization(&mut self, now_ms: u64, session: &Session) -> Option<Secret> {
        self.from_memory = self.rung == Rung::Nothing;
        if self.rung != Rung::Basic
            && let Some(token) = session.token(&self.repository, now_ms)
        {
            self.rung = self.rung.max(if token.signed_in {
                Rung::Credentials
            } else {
                Rung::Anonymous
            });
            self.token = Some(token.secret);
        }
        if let (true, Some(token)) = (self.rung != Rung::Basic, &self.token) {
            return Some(Secret::new(format!("Bearer {}", token.reveal())));
        }
        let basic = session.basic(&self.repository.api_host);
        if basic.is_some() {
            self.rung = Rung::Basic;
        }
        basic
    }

    /// A 401 or 403 to the goal's request.
    pub(crate) fn challenged(&mut self, head: &ResponseHead, refusal: &Refusal, session: &Session) -> Next {
        self.refusal = refusal.clone();
        if let Some(token) = self.token.take() {
            session.forget_token(&self.repository, &token);
        }
        if self.rung == Rung::Basic {
            session.forget_basic(&self.repository.api_host);
        }
        if self.from_memory && self.rung > Rung::Nothing && !self.forgiven {
            self.forgiven = true;
            self.rung = Rung::Nothing;
        }
        let challenges: Vec<Challenge> = head
            .headers_named("www-authenticate")
            .flat_map(challenge::parse)
            .collect();
        let bearer = |c: &&Challenge| c.is("Bearer") && c.parameter("realm").is_some();
        // What was learnt on a lower rung still holds when this answer names nothing.
        if let Some(challenge) = challenges.iter().find(bearer) {
            self.bearer = Some(challenge.clone());
        }
        self.basic |= challenges.iter().any(|c| c.is("Basic"));
        if self.bearer.is_none() && !self.basic {
            // A browser may not have been allowed to read the challenge.
            self.bearer = realms::known(&self.repository.api_host, &self.repository.name);
            let foreign = |c: &&Challenge| !c.is("Bearer") && !c.is("Basic");
            if let (None, Some(other)) = (&self.bearer, challenges.iter().find(foreign)) {
                return Next::Fail(Fault::new(
                    FaultKind::Denied,
                    format!(
                        "{} wants a sign-in by {}, and only Bearer and Basic are spoken here",
                        self.repository.registry,
                        refusal::harmless(&other.scheme)
                    ),
                ));
            }
            // Where the registry is not known either, Basic is what is left to try.
            self.basic = self.bearer.is_none() && challenges.is_empty() && !head.all_headers;
        }
        self.climb(session)
    }

    /// The next rung.
    pub(crate) fn climb(&mut self, session: &Session) -> Next {
        let anonymous_is_in_vain = session.has_signed_in(&self.repository);
        if self.rung < Rung::Anonymous && self.bearer.is_some() && !anonymous_is_in_vain {
            self.rung = Rung::Anonymous;
            return self.token(None, session);
        }
        if self.rung >= Rung::Basic || (self.bearer.is_none() && !self.basic) {
            return self.denied();
        }
        let credentials = match session.credentials(&self.repository.api_host) {
            None => return Next::WantCredentials,
            Some(None) => return self.denied(),
            Some(Some(credentials)) => credentials,
        };
        if self.rung < Rung::Credentials && self.bearer.is_some() {
            self.rung = Rung::Credentials;
            if let Credentials::Access(token) = credentials {
                self.token = Some(token);
                return Next::Again;
            }
            return self.token(Some(credentials), session);
        }
        if self.basic && credentials.authorization().is_some() {
            self.rung = Rung::Basic;
            session.keep_basic(&self.repository.api_host);
            return Next::Again;
        }
        self.denied()
    }

    /// The user's answer about a foreign realm.
    pub(crate) fn answered(&mut self, yes: bool, session: &Session) -> Next {
        let host = self.realm().map(|r| r.authority()).unwrap_or_default();
        if yes {
            session.agree(&self.repository.registry, &host);
            let credentials = session.credentials(&self.repository.api_host).flatten();
            return self.token(credentials, session);
        }
        Next::Fail(
            Fault::new(
                FaultKind::Denied,
                format!(
                    "{} wants its credentials shown to {host}, another host: not done without your consent{}",
                    self.repository.registry,
                    session.how_to_agree(&host)
                ),
            )
            .at(self.realm_shown()),
        )
    }

    /// The realm gave no token.
    pub(crate) fn token_refused(&mut self, refusal: Refusal, session: &Session) -> Next {
        self.refusal = refusal;
        self.climb(session)
    }

    /// The realm gave one.
    pub(crate) fn token_came(&mut self, token: Token, session: &Session) {
        self.token = Some(token.secret.clone());
        session.keep_token(&self.repository, token);
    }

    /// True when the token that is asked for is asked for with credentials.
    pub(crate) fn shows_credentials(&self) -> bool {
        self.rung >= Rung::Credentials
    }

    /// The realm, for messages.
    pub(crate) fn realm_shown(&self) -> String {
        self.realm().map(|r| r.shown()).unwrap_or_default()
    }

    fn realm(&self) -> Result<Url, String> {
        let realm = self.bearer.as_ref().and_then(|c| c.parameter("realm"));
        Url::parse(realm.unwrap_or_default())
    }

    fn token(&self, credentials: Option<Credentials>, session: &Session) -> Next {
        let registry = &self.repository.registry;
        let realm = match self.realm() {
            Ok(realm) => realm,
            Err(e) => {
                return Next::Fail(Fault::malformed(format!(
                    "{registry} names a token realm that cannot be read: {e}"
                )));
            }
        };
        let plain = session.is_plain(&self.repository.api_host);
        let own_host =
            Url::of_registry(&self.repository.api_host, plain).is_ok_and(|url| url.host() == realm.host());
        let may_be_read_on_the_way = !(realm.is_tls() || realm.is_loopback() || (plain && own_host));
        if may_be_read_on_the_way {
            return Next::Fail(Fault::malformed(format!(
                "{registry} names a token realm without https, http://{}: refused",
                realm.authority()
            )));
        }
        if credentials.is_some()
            && !own_host
            && !realms::is_known(&self.repository.api_host, &realm)
            && !session.agreed(&self.repository.api_host, &realm.authority())
        {
            return Next::Ask(ForeignRealm {
                registry: registry.clone(),
                realm_host: realm.authority(),
            });
        }
        match &self.bearer {
            Some(challenge) => Next::Token {
                challenge: challenge.clone(),
                realm,
                credentials,
            },
            None => self.denied(),
        }
    }

    fn denied(&self) -> Next {
        Next::Denied {
            refusal: self.refusal.clone(),
            refused: self.rung >= Rung::Credentials,
        }
    }
}
