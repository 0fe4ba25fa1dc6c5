//! One logical request as a state machine: requests out, responses in.
//!
//! The driver calls [`Exchange::advance`] with what happened and does what the returned [`Step`] says. In
//! between lie challenges, tokens, redirects, retries and the second, wider `Accept`. Nothing here knows a
//! socket or a clock; [`Tick`] brings the time and a random number.
//!
//! Invariants
//! - Every way through ends: retries, redirects and rungs of the sign-in ladder are each bounded.
//! - Credentials go to the registry's own origin, to a realm on its host, to its known realm, or to a
//!   realm on a host that the user agreed to ([`Step::Ask`]); never anywhere else.
//! - `Authorization` is dropped as soon as scheme, host or port change.
//!
//! The ladder: nothing at first, then an anonymous token, then the user's credentials.

use super::address::is_private_address;
use super::challenge::Challenge;
use super::http::{HttpRequest, Method, ResponseHead, WireFault, WireKind};
use super::refusal::{self, Refusal};
use super::signing::{Next, Signing};
use super::step::{Event, Pause, Step, Tick};
use super::target::{Goal, What};
use super::{Credentials, Session, Url, retry, token};
use crate::fault::{Fault, FaultKind};

/// Redirects followed in one exchange.
const MOST_HOPS: u32 = 10;

/// What is being waited for.
#[derive(Debug)]
enum State {
    Fresh,
    /// The response to the goal's request.
    Response,
    /// The body of a refusal of the goal's request.
    Refused(ResponseHead),
    /// The response to a request for a token.
    TokenResponse,
    /// The body of such a response.
    TokenBody(ResponseHead),
    /// The end of a pause; then `out` is sent again.
    Pausing {
        token: bool,
    },
    /// The driver's or the user's word on credentials.
    Asking,
    Done,
}

/// One logical request on its way.
#[derive(Debug)]
pub struct Exchange {
    goal: Goal,
    state: State,
    /// The request that is out, or goes out next.
    out: Option<HttpRequest>,
    wide: bool,
    hops: u32,
    retries: u32,
    signing: Signing,
    /// The refusal to the narrow `Accept`, told when the wide one cannot even be sent.
    narrow_fault: Option<Fault>,
}

impl Exchange {
    /// An exchange for this goal. `wide` sends all four manifest types from the start: right wherever
    /// `Accept` costs no preflight.
    pub fn new(goal: Goal, wide: bool) -> Self {
        let signing = Signing::new(goal.repository.clone());
        Self {
            goal,
            state: State::Fresh,
            out: None,
            wide,
            hops: 0,
            retries: 0,
            signing,
            narrow_fault: None,
        }
    }

    /// What it is after.
    pub fn goal(&self) -> &Goal {
        &self.goal
    }

    /// Takes what happened, says what to do next.
    pub fn advance(&mut self, event: Event, tick: Tick, session: &Session) -> Step {
        let state = std::mem::replace(&mut self.state, State::Done);
        match (state, event) {
            (State::Fresh, Event::Start) => self.send_goal(tick, session),
            (State::Response, Event::Head(head)) => self.response(head, tick, session),
            (State::TokenResponse, Event::Head(head)) => self.token_response(head, tick, session),
            (State::Refused(head), Event::Reply { bytes, .. }) => {
                self.refused(&head, &Refusal::read(&bytes), tick, session)
            }
            // The status alone says enough when the body of a refusal cannot be read.
            (State::Refused(head), Event::Failed(_)) => {
                self.refused(&head, &Refusal::default(), tick, session)
            }
            (State::TokenBody(head), Event::Reply { bytes, whole }) => {
                self.token_body(&head, &bytes, whole, tick, session)
            }
            (State::Response, Event::Failed(wire)) => self.broken(&wire, false, tick, session),
            (State::TokenResponse | State::TokenBody(_), Event::Failed(wire)) => {
                self.broken(&wire, true, tick, session)
            }
            (State::Pausing { token: false }, Event::Waited) => self.send_out(State::Response),
            (State::Pausing { token: true }, Event::Waited) => self.send_out(State::TokenResponse),
            (State::Asking, Event::Answered(yes)) => {
                let next = self.signing.answered(yes, session);
                self.follow(next, tick, session)
            }
            (State::Asking, Event::Credentials(credentials)) => {
                session.learn_credentials(&self.goal.repository.api_host, credentials);
                let next = self.signing.climb(session);
                self.follow(next, tick, session)
            }
            (state, event) => Step::Fail(Fault::unsupported(format!(
                "the driver brought {} while {} was awaited",
                event.name(),
                state.name()
            ))),
        }
    }

    fn send_goal(&mut self, tick: Tick, session: &Session) -> Step {
        self.hops = 0;
        self.out = Some(HttpRequest {
            method: self.goal.method,
            url: self.goal.url.clone(),
            accept: self.goal.accept(self.wide),
            authorization: self.signing.authorization(tick.now_ms, session),
            range_from: self.goal.range_from,
            form: None,
            chosen_by: None,
            bulk: matches!(self.goal.what, What::Blob(_)),
        });
        self.send_out(State::Response)
    }

    fn send_out(&mut self, state: State) -> Step {
        match &self.out {
            Some(request) => {
                self.state = state;
                Step::Send(request.clone())
            }
            None => Step::Fail(Fault::unsupported("nothing to send")),
        }
    }

    fn response(&mut self, head: ResponseHead, tick: Tick, session: &Session) -> Step {
        match head.status {
            200..=299 => match head.content_encoding() {
                Some(coding) if !session.abilities.decodes => Step::Fail(
                    Fault::malformed(format!(
                        "{} sends {} as {:?} though it was asked for the plain bytes",
                        self.goal.repository.registry,
                        self.goal.what.words(),
                        refusal::harmless(coding)
                    ))
                    .at(self.goal.place()),
                ),
                _ => Step::Answer(head),
            },
            301 | 302 | 303 | 307 | 308 => match self.redirect(&head, State::Response) {
                Ok(step) => step,
                Err(fault) => Step::Fail(fault.at(self.goal.place())),
            },
            408 | 429 | 500..=599 => match self.come_back(&head, false, tick, session) {
                Some(step) => step,
                None => self.read_refusal(head, tick, session),
            },
            _ => self.read_refusal(head, tick, session),
        }
    }

    fn read_refusal(&mut self, head: ResponseHead, tick: Tick, session: &Session) -> Step {
        if self.goal.method == Method::Head {
            return self.refused(&head, &Refusal::default(), tick, session);
        }
        self.state = State::Refused(head);
        Step::ReadReply
    }

    /// The registry said no, and why is known as far as it will be.
    fn refused(&mut self, head: &ResponseHead, refusal: &Refusal, tick: Tick, session: &Session) -> Step {
        let at_home = self
            .out
            .as_ref()
            .is_some_and(|r| r.url.same_origin(&self.goal.url));
        if matches!(head.status, 401 | 403) && at_home {
            let next = self.signing.challenged(head, refusal, session);
            return self.follow(next, tick, session);
        }
        let fault = refusal::fault(&self.goal, head, refusal, tick.now_ms);
        let types_matter = match head.status {
            404 => refusal.has("MANIFEST_UNKNOWN") || refusal.is_mute(),
            406 | 415 => true,
            _ => false,
        };
        if self.goal.is_manifest() && !self.wide && types_matter {
            self.wide = true;
            self.narrow_fault = Some(fault);
            return self.send_goal(tick, session);
        }
        Step::Fail(fault)
    }

    /// The next request of a redirect, or why it is not followed.
    fn redirect(&mut self, head: &ResponseHead, state: State) -> Result<Step, Fault> {
        let registry = &self.goal.repository.registry;
        let Some(request) = self.out.as_mut() else {
            return Err(Fault::unsupported("nothing to redirect"));
        };
        let location = head.header("location").ok_or_else(|| {
            Fault::malformed(format!(
                "{registry} answers with status {} and no place to go to",
                head.status
            ))
        })?;
        self.hops += 1;
        if self.hops > MOST_HOPS {
            return Err(Fault::malformed(format!(
                "{registry} redirects in circles: given up after {MOST_HOPS} redirects"
            )));
        }
        let target = request.url.join(location).map_err(|e| {
            Fault::malformed(format!(
                "{registry} redirects to a place that cannot be read: {e}"
            ))
        })?;
        if request.url.is_tls() && !target.is_tls() {
            return Err(Fault::malformed(format!(
                "{registry} redirects from https to http://{}: refused",
                target.authority()
            )));
        }
        if !target.same_origin(&request.url) {
            request.authorization = None;
            request.form = None;
        }
        if target.same_origin(&self.goal.url) {
            request.chosen_by = None;
        } else {
            check_public(&self.goal, &target)?;
            request.chosen_by = Some(self.goal.url.authority());
        }
        request.url = target;
        Ok(self.send_out(state))
    }

    /// A pause before the same request is sent again, unless patience is at its end.
    fn come_back(&mut self, head: &ResponseHead, token: bool, tick: Tick, session: &Session) -> Option<Step> {
        let asked = head
            .header("retry-after")
            .and_then(|v| retry::retry_after(v, tick.now_ms));
        let why = match head.status {
            429 => "too many requests".to_owned(),
            status => format!("status {status}"),
        };
        self.pause(asked, why, token, tick, session)
    }

    fn pause(
        &mut self,
        asked: Option<u64>,
        why: String,
        token: bool,
        tick: Tick,
        session: &Session,
    ) -> Option<Step> {
        let patience = &session.patience;
        if self.retries >= patience.retries || asked.is_some_and(|ms| ms > patience.longest_ms) {
            return None;
        }
        let drawn = patience.pause(self.retries, tick.random);
        self.retries += 1;
        self.state = State::Pausing { token };
        Some(Step::Wait(Pause {
            // Not before the registry wants it, and not all readers at once.
            milliseconds: asked.map_or(drawn, |ms| ms.max(drawn)),
            host: self.out_host(),
            why,
        }))
    }

    fn out_host(&self) -> String {
        self.out
            .as_ref()
            .map_or_else(|| self.goal.url.authority(), |r| r.url.authority())
    }

    /// No (whole) response came.
    fn broken(&mut self, wire: &WireFault, token: bool, tick: Tick, session: &Session) -> Step {
        if wire.is_passing() {
            let why = match wire.kind {
                WireKind::Timeout => "no answer in time",
                _ => "the connection broke",
            };
            if let Some(step) = self.pause(None, why.to_owned(), token, tick, session) {
                return step;
            }
        }
        match self.narrow_fault.take() {
            Some(fault) if wire.kind == WireKind::Blocked => Step::Fail(fault),
            _ => Step::Fail(refusal::unreachable(&self.out_host(), wire).at(self.goal.place())),
        }
    }

    fn token_response(&mut self, head: ResponseHead, tick: Tick, session: &Session) -> Step {
        match head.status {
            301 | 302 | 303 | 307 | 308 => {
                // A POST must not silently become a GET, and a secret in it must not travel on.
                let posts = self.out.as_ref().is_some_and(|r| r.method == Method::Post);
                let redirected = if posts {
                    Err(Fault::malformed("the token realm redirects a sign-in: refused"))
                } else {
                    self.redirect(&head, State::TokenResponse)
                };
                match redirected {
                    Ok(step) => step,
                    Err(fault) => Step::Fail(fault.at(self.signing.realm_shown())),
                }
            }
            408 | 429 | 500..=599 => match self.come_back(&head, true, tick, session) {
                Some(step) => step,
                None => {
                    self.state = State::TokenBody(head);
                    Step::ReadReply
                }
            },
            _ => {
                self.state = State::TokenBody(head);
                Step::ReadReply
            }
        }
    }

    fn token_body(
        &mut self,
        head: &ResponseHead,
        bytes: &[u8],
        whole: bool,
        tick: Tick,
        session: &Session,
    ) -> Step {
        if !(200..=299).contains(&head.status) {
            let refusal = Refusal::read(bytes);
            if matches!(head.status, 408 | 429 | 500..=599) {
                let fault = refusal::fault(&self.goal, head, &refusal, tick.now_ms);
                return Step::Fail(Fault {
                    place: self.signing.realm_shown(),
                    ..fault
                });
            }
            let next = self.signing.token_refused(refusal, session);
            return self.follow(next, tick, session);
        }
        if !whole {
            return Step::Fail(
                Fault::too_large("the token reply", format!("{} bytes", session.limits.reply_bytes))
                    .at(self.signing.realm_shown()),
            );
        }
        match token::read(bytes, tick.now_ms, self.signing.shows_credentials()) {
            Ok(token) => {
                self.signing.token_came(token, session);
                self.send_goal(tick, session)
            }
            Err(fault) => Step::Fail(fault.at(self.signing.realm_shown())),
        }
    }

    /// Does what the sign-in ladder wants next.
    fn follow(&mut self, next: Next, tick: Tick, session: &Session) -> Step {
        match next {
            Next::Again => self.send_goal(tick, session),
            Next::WantCredentials => {
                self.state = State::Asking;
                Step::WantCredentials(self.goal.repository.registry.clone())
            }
            Next::Ask(realm) => {
                self.state = State::Asking;
                Step::Ask(realm)
            }
            Next::Token {
                challenge,
                realm,
                credentials,
            } => match self.token_request(&challenge, &realm, credentials.as_ref()) {
                Ok(step) => step,
                Err(fault) => Step::Fail(fault),
            },
            Next::Denied { refusal, refused } => Step::Fail(refusal::denied(&self.goal, &refusal, refused)),
            Next::Fail(fault) => Step::Fail(fault),
        }
    }

    fn token_request(
        &mut self,
        challenge: &Challenge,
        realm: &Url,
        credentials: Option<&Credentials>,
    ) -> Result<Step, Fault> {
        let own_host = realm.host() == self.goal.url.host();
        let mut request = token::request(challenge, realm, &self.goal.repository.scope(), credentials);
        if !own_host {
            check_public(&self.goal, realm)?;
            request.chosen_by = Some(self.goal.url.authority());
        }
        self.out = Some(request);
        self.hops = 0;
        Ok(self.send_out(State::TokenResponse))
    }
}

/// A host that a public registry chose must not be a private address. Names are looked up, and checked
/// again, by the driver that connects.
fn check_public(goal: &Goal, target: &Url) -> Result<(), Fault> {
    let private = |url: &Url| url.is_loopback() || url.address().is_some_and(is_private_address);
    let is_named_by_user = goal.url.host() == target.host();
    if private(target) && !private(&goal.url) && !is_named_by_user {
        return Err(Fault::new(
            FaultKind::Unreachable,
            format!(
                "{} points to the private address {}: refused",
                goal.repository.registry,
                target.authority()
            ),
        ));
    }
    Ok(())
}

impl State {
    fn name(&self) -> &'static str {
        match self {
            Self::Fresh => "a start",
            Self::Response | Self::TokenResponse => "a response",
            Self::Refused(_) | Self::TokenBody(_) => "a body",
            Self::Pausing { .. } => "the end of a pause",
            Self::Asking => "an answer",
            Self::Done => "nothing",
        }
    }
}
