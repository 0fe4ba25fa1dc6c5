//! The session's requests on the wire, by fetch, in a worker as well as in a window.
//!
//! Two ways: **direct**, where the registry allows pages to read it (CORS), and **by the relay** on the
//! page's own origin (or the one the user set). Direct is tried first; what worked for a host is
//! remembered for the tab and can be handed out ([`PageTransport::ways`]) and in again. Redirects are
//! followed by the browser, which drops `Authorization` by itself when the host changes. No cookies, ever.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::lock::Mutex;
use gloo_net::http::Headers;
use js_sys::{Function, Promise, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStream, ReadableStreamDefaultReader, RequestCache, RequestCredentials,
    RequestInit, RequestMode, RequestRedirect, Response,
};

use super::chunk::Chunk;
use crate::fault::Fault;
use crate::registry::{
    Abilities, Body, Credentials, ForeignRealm, HttpRequest, Notice, Pause, ResponseHead, Tick, Transport,
    Url, WireFault, WireKind,
};

/// By which way a host is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// The registry allows pages to read it.
    Direct,
    /// The page's own host forwards.
    Relay,
}

/// Something to show while work goes on.
#[derive(Debug, Clone)]
pub enum Told {
    /// A pause before the next try: a countdown.
    Waiting(Pause),
    /// A host was reached, and by this way.
    Reached {
        /// The host.
        host: String,
        /// The way.
        way: Way,
    },
    /// A registry wants its credentials shown to another host. The request fails; ask the user, then call
    /// [`Session::agree`](crate::registry::Session::agree) and try again.
    ForeignRealm(ForeignRealm),
    /// Quota, resumed transfers.
    Notice(Notice),
}

/// What a browser does by itself.
pub const ABILITIES: Abilities = Abilities {
    follows_redirects: true,
    decodes: true,
};

/// Fetch, as the session wants it.
pub struct PageTransport {
    ways: RefCell<BTreeMap<String, Way>>,
    /// The relay's origin: the page's own, or the one the user set. Nothing else ever sees a request.
    relay_base: RefCell<String>,
    /// What the relay of an origin forwards to; asked for once. `None` inside: there is no relay.
    relay: Mutex<Option<(String, Option<Vec<String>>)>>,
    tell: Rc<dyn Fn(Told)>,
}

#[derive(Deserialize)]
struct RelayHosts {
    relay: u32,
    hosts: Vec<String>,
}

impl PageTransport {
    /// A transport with the relay of the page's own origin; `tell` hears what is worth showing.
    pub fn new(tell: impl Fn(Told) + 'static) -> Self {
        Self {
            ways: RefCell::default(),
            relay_base: RefCell::new(own_origin()),
            relay: Mutex::new(None),
            tell: Rc::new(tell),
        }
    }

    /// Takes the relay of another origin (`https://relay.example`), from the user's settings; without one,
    /// the page's own. What was learnt about hosts by another relay is forgotten.
    pub fn set_relay(&self, origin: Option<&str>) {
        let origin = origin.map_or_else(own_origin, |o| o.trim_end_matches('/').to_owned());
        if self.relay_base.replace(origin.clone()) != origin {
            self.ways.borrow_mut().retain(|_, way| *way != Way::Relay);
        }
    }

    /// The relay's origin, where it is not the page's own.
    pub fn other_relay(&self) -> Option<String> {
        Some(self.relay_base.borrow().clone()).filter(|base| *base != own_origin())
    }

    /// What was learnt about hosts, to be remembered.
    pub fn ways(&self) -> BTreeMap<String, Way> {
        self.ways.borrow().clone()
    }

    /// What was learnt about hosts at another time.
    pub fn learn(&self, ways: BTreeMap<String, Way>) {
        self.ways.borrow_mut().extend(ways);
    }

    /// True when there is a relay that forwards to this host.
    pub async fn relays(&self, url: &Url) -> bool {
        self.relay_for(url).await == Some(true)
    }

    /// Whether the relay forwards to this host; `None` when there is no relay. Asks it once.
    pub async fn relay_for(&self, url: &Url) -> Option<bool> {
        let base = self.relay_base.borrow().clone();
        let mut relay = self.relay.lock().await;
        if relay.as_ref().is_none_or(|(of, _)| *of != base) {
            *relay = Some((base.clone(), ask_relay(&base).await));
        }
        let hosts = relay.as_ref()?.1.as_ref()?;
        let this = |host: &String| *host == url.authority() || host == url.host();
        Some(hosts.iter().any(this))
    }

    fn reached(&self, url: &Url, way: Way) {
        let host = url.authority();
        let before = self.ways.borrow_mut().insert(host.clone(), way);
        if before != Some(way) {
            (self.tell)(Told::Reached { host, way });
        }
    }

    /// Where a URL is read by the relay.
    fn relayed(&self, url: &Url) -> String {
        format!(
            "{}/relay/v1/{}{}",
            self.relay_base.borrow(),
            url.authority(),
            url.path()
        )
    }

    async fn by(&self, way: Way, request: &HttpRequest) -> Result<(ResponseHead, FetchBody), WireFault> {
        let (address, same_origin) = match way {
            Way::Direct => {
                let address = request.url.to_string();
                let same = Url::parse(&own_origin()).is_ok_and(|own| own.same_origin(&request.url));
                (address, same)
            }
            Way::Relay => (
                self.relayed(&request.url),
                *self.relay_base.borrow() == own_origin(),
            ),
        };
        let (response, guard) = fetch(&address, &init_of(request)?).await?;
        let head = ResponseHead {
            status: response.status(),
            headers: Headers::from_raw(response.headers()).entries().collect(),
            // A page reads all headers of its own origin; of others only those they expose.
            all_headers: same_origin || exposes(&response),
        };
        let body = FetchBody::of(&response, Some(guard));
        self.reached(&request.url, way);
        Ok((head, body))
    }
}

async fn ask_relay(base: &str) -> Option<Vec<String>> {
    let init = init("GET", RequestCache::NoStore);
    let (response, _guard) = fetch(&format!("{base}/relay/v1/"), &init).await.ok()?;
    if response.status() != 200 {
        return None;
    }
    let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    let said: RelayHosts = serde_json::from_str(&text).ok()?;
    (said.relay == 1).then_some(said.hosts)
}

impl Transport for PageTransport {
    type Body = FetchBody;

    async fn send(&self, request: &HttpRequest) -> Result<(ResponseHead, FetchBody), WireFault> {
        let known = self.ways.borrow().get(&request.url.authority()).copied();
        // What was learnt at another time holds only while there still is a relay.
        let first = match known {
            Some(Way::Relay) if self.relays(&request.url).await => Way::Relay,
            _ => Way::Direct,
        };
        let blocked = match self.by(first, request).await {
            Err(fault) if fault.kind == WireKind::Blocked => fault,
            done => return done,
        };
        // Fetch does not say why it failed: CORS, DNS, TLS and refused connections all look the same.
        let other = match first {
            Way::Direct if self.relays(&request.url).await => Way::Relay,
            Way::Direct => return Err(blocked),
            Way::Relay => Way::Direct,
        };
        self.by(other, request).await.map_err(|_| blocked)
    }

    async fn wait(&self, pause: &Pause) {
        (self.tell)(Told::Waiting(pause.clone()));
        let milliseconds = u32::try_from(pause.milliseconds).unwrap_or(u32::MAX);
        gloo_timers::future::TimeoutFuture::new(milliseconds).await;
    }

    fn tick(&self) -> Tick {
        Tick {
            now_ms: js_sys::Date::now() as u64,
            random: (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64,
        }
    }

    async fn credentials(&self, _registry: &str) -> Result<Option<Credentials>, Fault> {
        // The user types them in after a refusal; the page hands them to the session.
        Ok(None)
    }

    async fn consent(&self, realm: &ForeignRealm) -> bool {
        (self.tell)(Told::ForeignRealm(realm.clone()));
        false
    }

    fn minds_long_accept(&self, api_host: &str) -> bool {
        self.ways.borrow().get(api_host) != Some(&Way::Relay)
    }

    fn notice(&self, notice: Notice) {
        (self.tell)(Told::Notice(notice));
    }
}

impl std::fmt::Debug for PageTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PageTransport")
            .field("ways", &self.ways)
            .finish_non_exhaustive()
    }
}

/// A body of fetch or of the Cache API; dropping it ends the transfer.
#[derive(Debug)]
pub struct FetchBody {
    reader: Option<ReadableStreamDefaultReader>,
    _guard: Option<AbortOnDrop>,
}

impl FetchBody {
    pub(crate) fn of(response: &Response, guard: Option<AbortOnDrop>) -> Self {
        let reader = |stream: ReadableStream| stream.get_reader().unchecked_into();
        Self {
            reader: response.body().map(reader),
            _guard: guard,
        }
    }
}

impl Body for FetchBody {
    type Chunk = Chunk;

    async fn chunk(&mut self) -> Result<Option<Chunk>, WireFault> {
        let Some(reader) = &self.reader else {
            return Ok(None);
        };
        let read = JsFuture::from(reader.read())
            .await
            .map_err(|e| WireFault::new(WireKind::Interrupted, message(&e)))?;
        let field = |name: &str| Reflect::get(&read, &JsValue::from_str(name)).unwrap_or_default();
        if field("done").is_truthy() {
            self.reader = None;
            if let Some(guard) = &self._guard {
                guard.finished.set(true);
            }
            return Ok(None);
        }
        Ok(Some(field("value").unchecked_into::<Uint8Array>().into()))
    }
}

/// Ends a transfer that nobody reads any more.
#[derive(Debug)]
pub(crate) struct AbortOnDrop {
    controller: AbortController,
    finished: Cell<bool>,
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if !self.finished.get() {
            self.controller.abort();
        }
    }
}

/// Fetches in whatever scope this runs in.
pub(crate) async fn fetch(address: &str, init: &RequestInit) -> Result<(Response, AbortOnDrop), WireFault> {
    let odd = |e: JsValue| WireFault::new(WireKind::Protocol, message(&e));
    let controller = AbortController::new().map_err(odd)?;
    init.set_signal(Some(&controller.signal()));
    let guard = AbortOnDrop {
        controller,
        finished: Cell::new(false),
    };
    let global = js_sys::global();
    let fetch: Function = Reflect::get(&global, &JsValue::from_str("fetch"))
        .map_err(odd)?
        .dyn_into()
        .map_err(odd)?;
    let promise: Promise = fetch
        .call2(&global, &JsValue::from_str(address), init)
        .map_err(odd)?
        .dyn_into()
        .map_err(odd)?;
    match JsFuture::from(promise).await {
        Ok(response) => Ok((response.dyn_into().map_err(odd)?, guard)),
        Err(_) if is_offline() => Err(WireFault::new(WireKind::Offline, "")),
        // The browser's own text says no more than "failed", in words that differ by browser.
        Err(_) => Err(WireFault::new(WireKind::Blocked, "")),
    }
}

fn init_of(request: &HttpRequest) -> Result<RequestInit, WireFault> {
    let by_digest = ["/sha256:", "/sha512:"]
        .iter()
        .any(|d| request.url.path().contains(d));
    // What a tag points to must be today's answer; what a digest names never changes.
    let cache = if by_digest {
        RequestCache::Default
    } else {
        RequestCache::NoStore
    };
    let init = init(request.method.word(), cache);
    let headers = Headers::new().into_raw();
    let set = |name: &str, value: &str| {
        headers
            .set(name, value)
            .map_err(|_| WireFault::new(WireKind::Protocol, format!("{name} cannot be sent")))
    };
    if let Some(accept) = request.accept {
        set("Accept", accept)?;
    }
    if let Some(secret) = &request.authorization {
        set("Authorization", secret.reveal())?;
    }
    if let Some(from) = request.range_from {
        set("Range", &format!("bytes={from}-"))?;
    }
    if let Some(form) = &request.form {
        set("Content-Type", "application/x-www-form-urlencoded")?;
        init.set_body(&JsValue::from_str(form.reveal()));
    }
    init.set_headers(&headers);
    Ok(init)
}

pub(crate) fn init(method: &str, cache: RequestCache) -> RequestInit {
    let init = RequestInit::new();
    init.set_method(method);
    init.set_mode(RequestMode::Cors);
    init.set_credentials(RequestCredentials::Omit);
    init.set_redirect(RequestRedirect::Follow);
    init.set_cache(cache);
    init
}

/// True when a registry exposes what the session would miss most.
fn exposes(response: &Response) -> bool {
    let headers = response.headers();
    let has = |name: &str| headers.has(name).unwrap_or(false);
    has("Link") || has("WWW-Authenticate")
}

/// The origin of the page, also from within a worker.
pub(crate) fn own_origin() -> String {
    let global = js_sys::global();
    let get = |from: &JsValue, name: &str| Reflect::get(from, &JsValue::from_str(name)).unwrap_or_default();
    get(&get(&global, "location"), "origin")
        .as_string()
        .unwrap_or_default()
}

fn is_offline() -> bool {
    let global = js_sys::global();
    let navigator = Reflect::get(&global, &JsValue::from_str("navigator")).unwrap_or_default();
    Reflect::get(&navigator, &JsValue::from_str("onLine")).is_ok_and(|on| on == JsValue::FALSE)
}

fn message(error: &JsValue) -> String {
    Reflect::get(error, &JsValue::from_str("message"))
        .ok()
        .and_then(|m| m.as_string())
        .unwrap_or_default()
}
