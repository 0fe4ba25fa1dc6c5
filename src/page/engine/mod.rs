//! The worker's engine: every question of [`super::protocol`] is answered here.
//!
//! It chooses where to read from (a registry by the transport, or an OCI layout beside the page), drives the
//! core's state machines over it, and decides nothing about a comparison.
//!
//! The registry name `sample.invalid` (reserved by RFC 2606, so it never resolves) stands for the layouts
//! beside the page: `sample.invalid/charts/kelp:1.0.0` is the tag `1.0.0` in `demo/charts/kelp/`. So the
//! samples work on any static host, and a link to one is a link like any other.

mod comparing;
mod crew;
mod describe;
mod drive;
mod heard;
mod opened;
mod place;
mod reports;
mod shelf;
mod signatures;
mod taking;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::lock::Mutex;
use web_sys::File;

use super::kept::PageStore;
use super::protocol::{Progress, Quota, Reach, Relay, Reply, Request, Settings, Step, Stored, Way};
use super::site_files::SiteFiles;
use super::transport::{ABILITIES, PageTransport, Way as Read};
use super::worker::Line;
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::{Digest, Reference};
use crate::registry::{Client, Credentials, Kept, LayoutSource, Patience, Secret, Session, Url};
use comparing::Compared;
use crew::Crew;
use heard::Heard;
use place::{Gate, Place, Registries};
pub use shelf::FILES;
use shelf::Shelved;

/// The registry name that stands for the layouts beside the page.
pub const SAMPLES: &str = "sample.invalid";

/// Where the layouts are, relative to the page.
const SAMPLES_FOLDER: &str = "demo";

/// The engine, one for the life of the worker.
#[derive(Default)]
pub struct Engine {
    limits: Limits,
    settings: RefCell<Settings>,
    /// Made at the first question for a registry.
    registries: Mutex<Option<Rc<Registries>>>,
    gate: Gate,
    /// Decoders for large blobs.
    crew: Crew,
    heard: Rc<Heard>,
    /// Dropped files by the digests that they hold.
    shelf: RefCell<BTreeMap<Digest, Rc<Shelved>>>,
    /// Counts comparisons, so that a slow older one cannot take a newer one's place.
    turn: Cell<u32>,
    compared: RefCell<Option<Rc<Compared>>>,
}

impl Engine {
    /// Answers one question.
    ///
    /// # Errors
    /// Whatever stood in the way; the page shows it.
    pub async fn answer(
        &self,
        request: Request,
        files: Vec<(String, File)>,
        line: &Line,
    ) -> Result<Reply, Fault> {
        self.heard.lines.borrow_mut().push(line.clone());
        let reply = self.work(request, files, line).await;
        self.heard.lines.borrow_mut().retain(|l| !l.is(line));
        reply
    }

    async fn work(&self, request: Request, files: Vec<(String, File)>, line: &Line) -> Result<Reply, Fault> {
        match request {
            Request::Resolve { reference } => {
                line.tell(asking_for(&reference.manifest_name().unwrap_or_default()));
                let place = self.place(&reference).await?;
                let mut facts = describe::facts(&place, &reference).await?;
                facts.way = way(&place, &reference);
                facts.quota = self.quota(&reference);
                Ok(Reply::Facts(facts))
            }
            Request::ListTags { reference } => {
                line.tell(Progress {
                    step: Step::Tags,
                    ..Progress::default()
                });
                let place = self.place(&reference).await?;
                describe::tags(&place, &reference, line).await.map(Reply::Tags)
            }
            Request::Timeline { reference, known } => self.timeline(&reference, &known, line).await,
            Request::Compare {
                left,
                right,
                platform,
            } => self.compare(left, right, platform, line).await,
            Request::Contents { reference, digests } => {
                let place = self.place(&reference).await?;
                let matrix =
                    drive::contents(&place, &reference, digests, &self.limits, (&self.crew, line)).await?;
                Ok(Reply::Contents(Box::new(matrix)))
            }
            Request::SameFiles { from } => Ok(Reply::Files(self.same_files(from)?)),
            Request::OpenFile { path } => self.open_file(&path, line).await,
            Request::MoreRows { path, from } => Ok(Reply::Rows(self.compared()?.opened.more(&path, from))),
            Request::Between {
                path,
                left,
                right,
                count,
            } => Ok(Reply::Rows(
                self.compared()?.opened.between(&path, left, right, count),
            )),
            Request::Report { form, link } => self.report(form, &link, line).await.map(Reply::Report),
            Request::SignIn {
                registry,
                user,
                password,
            } => {
                let credentials = Credentials::Password {
                    user,
                    password: Secret::new(password),
                };
                let kept = self.registries().await;
                kept.client.session.set_credentials(&registry, Some(credentials));
                Ok(Reply::SignedIn)
            }
            Request::Agree { registry, realm_host } => {
                let kept = self.registries().await;
                kept.client.session.agree(&registry, &realm_host);
                self.heard.realms.borrow_mut().remove(&registry);
                Ok(Reply::Done)
            }
            Request::SignOut { registries } => {
                let kept = self.registries().await;
                for registry in registries {
                    kept.client.session.set_credentials(&registry, None);
                }
                Ok(Reply::Done)
            }
            Request::Settle(settings) => {
                *self.settings.borrow_mut() = settings;
                if let Some(registries) = self.registries.lock().await.as_ref() {
                    self.settle(registries).await;
                }
                Ok(Reply::Done)
            }
            Request::Reach { registry } => Ok(Reply::Reach(self.reach(&registry).await)),
            Request::Stored { clear } => {
                let registries = self.registries().await;
                if let (true, Some(store)) = (clear, &registries.store) {
                    store.empty().await;
                }
                let Some(store) = &registries.store else {
                    return Ok(Reply::Stored(None));
                };
                let (items, bytes) = store.usage().await;
                let bound = self.settings.borrow().kept_bytes;
                Ok(Reply::Stored(Some(Stored { items, bytes, bound })))
            }
            Request::Take => self.take(files, line).await,
            Request::Cancel { .. } => Err(Fault::new(FaultKind::Cancelled, "stopped")),
        }
    }

    fn samples(&self, reference: &Reference) -> LayoutSource<SiteFiles> {
        let base = format!("{}{SAMPLES_FOLDER}/{}", page_base(), reference.repository);
        LayoutSource::new(SiteFiles::new(&base), self.limits.clone())
    }

    /// Where a reference is read from. What was dropped is found by its digest, whatever the name before it.
    async fn place(&self, reference: &Reference) -> Result<Place, Fault> {
        let shelved = reference
            .digest
            .as_ref()
            .and_then(|digest| self.shelf.borrow().get(digest).cloned());
        match (shelved, reference.registry.as_str()) {
            (Some(shelved), _) => Ok(Place::Device(shelved)),
            (None, SAMPLES) => Ok(Place::Sample(Rc::new(self.samples(reference)))),
            (None, FILES) => Err(Fault::new(
                FaultKind::Gone,
                "this is a file of somebody's device, which never left it",
            )
            .at(reference.repository.clone())),
            (None, _) => Ok(Place::Registry(self.registries().await, self.gate.clone())),
        }
    }

    async fn registries(&self) -> Rc<Registries> {
        let mut place = self.registries.lock().await;
        if let Some(registries) = place.as_ref() {
            return registries.clone();
        }
        let heard = self.heard.clone();
        let session = Session::new(self.limits.clone(), Patience::default(), ABILITIES);
        let kept_bytes = self.settings.borrow().kept_bytes;
        let registries = Rc::new(Kept {
            client: Client::new(PageTransport::new(move |told| heard.take(told)), session),
            store: PageStore::open(kept_bytes).await,
        });
        self.settle(&registries).await;
        *place = Some(registries.clone());
        registries
    }

    async fn settle(&self, registries: &Registries) {
        let settings = self.settings.borrow().clone();
        let transport = &registries.client.transport;
        transport.set_relay(settings.relay.as_deref());
        let relayed = settings.relayed.keys().map(|host| (host.clone(), Read::Relay));
        transport.learn(relayed.collect());
        if let Some(store) = &registries.store {
            store.set_bound(settings.kept_bytes).await;
        }
    }

    /// What could be done about a registry that was not read.
    async fn reach(&self, registry: &str) -> Reach {
        let kept = self.registries().await;
        let host = match registry {
            "docker.io" => "registry-1.docker.io",
            other => other,
        };
        let plain = kept.client.session.is_plain(host);
        let relay = match Url::of_registry(host, plain) {
            Ok(url) => kept.client.transport.relay_for(&url).await,
            Err(_) => None,
        };
        Reach {
            relay: match relay {
                None => Relay::None,
                Some(false) => Relay::Elsewhere,
                Some(true) => Relay::Here,
            },
            realm_host: self.heard.realms.borrow().get(registry).cloned(),
        }
    }

    fn quota(&self, reference: &Reference) -> Option<Quota> {
        self.heard.quotas.borrow().get(&reference.registry).cloned()
    }

    async fn timeline(&self, reference: &Reference, known: &[Digest], line: &Line) -> Result<Reply, Fault> {
        let place = self.place(reference).await?;
        let untagged = match &place {
            Place::Sample(layout) => describe::untagged(&layout.layout().await?),
            _ => Vec::new(),
        };
        let mut list = describe::timeline(&place, reference, known, &untagged, line).await?;
        let way = way(&place, reference);
        for one in &mut list {
            if let Some(facts) = &mut one.facts {
                facts.way = way.clone();
            }
        }
        Ok(Reply::Timeline(list))
    }
}

/// By which way a place is read, as far as it was read yet.
fn way(place: &Place, reference: &Reference) -> Way {
    match place {
        Place::Device(_) => Way::Device,
        Place::Sample(_) => Way::Layout,
        Place::Registry(kept, _) => {
            let transport = &kept.client.transport;
            match (
                transport.ways().get(reference.api_host()),
                transport.other_relay(),
            ) {
                (Some(Read::Relay), Some(origin)) => Way::RelayAt(origin),
                (Some(Read::Relay), None) => Way::Relay,
                (Some(Read::Direct), _) => Way::Direct,
                (None, _) => Way::Kept,
            }
        }
    }
}

fn asking_for(name: &str) -> Progress {
    Progress {
        step: Step::Manifests,
        what: name.chars().take(24).collect(),
        ..Progress::default()
    }
}

/// The folder of the page with a slash at its end: the worker's script lies beside the page.
fn page_base() -> String {
    let location = js_sys::Reflect::get(&js_sys::global(), &"location".into()).unwrap_or_default();
    let address = js_sys::Reflect::get(&location, &"href".into())
        .ok()
        .and_then(|href| href.as_string())
        .unwrap_or_default();
    let end = address.rfind('/').map_or(0, |at| at + 1);
    address.get(..end).unwrap_or_default().to_owned()
}
