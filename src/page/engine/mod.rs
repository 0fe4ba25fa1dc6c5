//! The worker's engine: every question of [`super::protocol`] is answered here.
//!
//! It chooses where to read from (a registry by the transport, or an OCI layout beside the page), drives the
//! core's state machines over it, and decides nothing about a comparison. What was compared last stays
//! open, so that its files can be shown without fetching the pair again.
//!
//! The registry name `sample.invalid` (reserved by RFC 2606, so it never resolves) stands for the layouts
//! beside the page: `sample.invalid/charts/kelp:1.0.0` is the tag `1.0.0` in `demo/charts/kelp/`. So the
//! samples work on any static host, and a link to one is a link like any other.

mod describe;
mod drive;
mod opened;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::lock::Mutex;

use super::kept::PageStore;
use super::protocol::{Progress, Reply, Request, Step, Way};
use super::site_files::SiteFiles;
use super::transport::{ABILITIES, PageTransport, Told};
use super::worker::Line;
use crate::compare::job::{Entry, Job, Options, Start};
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::{Digest, Platform, Reference};
use crate::registry::{Client, Credentials, Kept, LayoutSource, Patience, Secret, Session};
use crate::report::{self, Comparison, FileRow, FileStatus};
use opened::Opened;

/// The registry name that stands for the layouts beside the page.
pub const SAMPLES: &str = "sample.invalid";

/// Where the layouts are, relative to the page.
const SAMPLES_FOLDER: &str = "demo";

/// Unchanged files sent with a comparison, and with each further question for more.
const SAME_FILES: usize = 500;

/// Bytes of verified content kept in the browser.
const KEPT_BYTES: u64 = 256 << 20;

/// A registry with what is kept of it.
type Registries = Kept<PageTransport, PageStore>;

/// The engine, one for the life of the worker.
pub struct Engine {
    limits: Limits,
    /// Made at the first question for a registry.
    registries: Mutex<Option<Rc<Registries>>>,
    /// Whom the transport tells of pauses and ways: the question asked last.
    listener: Rc<RefCell<Option<Line>>>,
    /// Counts comparisons, so that a slow older one cannot take a newer one's place.
    turn: Cell<u32>,
    compared: RefCell<Option<Rc<Compared>>>,
}

/// The comparison that was answered last.
struct Compared {
    comparison: Comparison,
    left: Reference,
    right: Reference,
    opened: Opened,
}

/// Runs the same code over either kind of source.
macro_rules! over_source {
    ($engine:expr, $reference:expr, $source:ident => $work:expr) => {
        if $reference.registry == SAMPLES {
            let $source = &$engine.samples($reference);
            $work
        } else {
            let kept = $engine.registries().await;
            let $source = &*kept;
            $work
        }
    };
}

impl Default for Engine {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            registries: Mutex::new(None),
            listener: Rc::default(),
            turn: Cell::new(0),
            compared: RefCell::new(None),
        }
    }
}

impl Engine {
    /// Answers one question.
    ///
    /// # Errors
    /// Whatever stood in the way; the page shows it.
    pub async fn answer(&self, request: Request, line: &Line) -> Result<Reply, Fault> {
        *self.listener.borrow_mut() = Some(line.clone());
        match request {
            Request::Resolve { reference } => {
                line.tell(asking_for(&reference.manifest_name().unwrap_or_default()));
                let mut facts =
                    over_source!(self, &reference, source => describe::facts(source, &reference).await)?;
                facts.way = self.way(&reference).await;
                Ok(Reply::Facts(facts))
            }
            Request::ListTags { reference } => {
                line.tell(Progress {
                    step: Step::Tags,
                    ..Progress::default()
                });
                over_source!(self, &reference, source => describe::tags(source, &reference, line).await)
                    .map(Reply::Tags)
            }
            Request::Timeline { reference, known } => self.timeline(&reference, &known, line).await,
            Request::Compare {
                left,
                right,
                platform,
            } => self.compare(left, right, platform, line).await,
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
            Request::Cancel { .. } => Err(Fault::new(FaultKind::Cancelled, "stopped")),
        }
    }

    fn samples(&self, reference: &Reference) -> LayoutSource<SiteFiles> {
        let base = format!("{}{SAMPLES_FOLDER}/{}", page_base(), reference.repository);
        LayoutSource::new(SiteFiles::new(&base), self.limits.clone())
    }

    async fn registries(&self) -> Rc<Registries> {
        let mut place = self.registries.lock().await;
        if let Some(registries) = place.as_ref() {
            return registries.clone();
        }
        let listener = self.listener.clone();
        let tell = move |told: Told| {
            if let (Told::Waiting(pause), Some(line)) = (told, listener.borrow().as_ref()) {
                line.tell(Progress {
                    step: Step::Waiting,
                    what: String::new(),
                    bytes: 0,
                    of: Some(pause.milliseconds),
                });
            }
        };
        let session = Session::new(self.limits.clone(), Patience::default(), ABILITIES);
        let registries = Rc::new(Kept {
            client: Client::new(PageTransport::new(tell), session),
            store: PageStore::open(KEPT_BYTES).await,
        });
        *place = Some(registries.clone());
        registries
    }

    /// By which way a registry was read.
    async fn way(&self, reference: &Reference) -> Way {
        use super::transport::Way as Read;
        if reference.registry == SAMPLES {
            return Way::Layout;
        }
        let kept = self.registries().await;
        match kept.client.transport.ways().get(reference.api_host()) {
            Some(Read::Relay) => Way::Relay,
            _ => Way::Direct,
        }
    }

    async fn timeline(&self, reference: &Reference, known: &[Digest], line: &Line) -> Result<Reply, Fault> {
        let untagged = if reference.registry == SAMPLES {
            let layout = self.samples(reference).layout().await?;
            describe::untagged(&layout)
        } else {
            Vec::new()
        };
        let way = self.way(reference).await;
        let mut list = over_source!(self, reference, source =>
            describe::timeline(source, reference, known, &untagged, line).await)?;
        for one in &mut list {
            if let Some(facts) = &mut one.facts {
                facts.way = way.clone();
            }
        }
        Ok(Reply::Timeline(list))
    }

    async fn compare(
        &self,
        left: Reference,
        right: Reference,
        platform: Option<Platform>,
        line: &Line,
    ) -> Result<Reply, Fault> {
        let turn = self.turn.get() + 1;
        self.turn.set(turn);
        let start = |reference: &Reference| Start {
            name: reference.to_string(),
            entry: Entry::Manifest(reference.manifest_name().unwrap_or_default()),
        };
        let options = Options {
            platform,
            ..Options::default()
        };
        let mut job = Job::new(start(&left), start(&right), options, self.limits.clone());
        line.tell(asking_for(&left.manifest_name().unwrap_or_default()));
        // Both sides of a link are of one repository.
        over_source!(self, &right, source => drive::run(&mut job, source, &left, &right, line).await)?;
        line.tell(Progress {
            step: Step::Comparing,
            ..Progress::default()
        });
        drive::breathe().await;
        line.check()?;
        let evidence = job.evidence();
        // A side that is not there is a state of the page, not a verdict about two sides.
        if let crate::compare::evidence::Pair::Unreadable { left, right } = &evidence.pair
            && let Some(fault) = left.as_ref().err().or(right.as_ref().err())
        {
            return Err(fault.clone());
        }
        let comparison = report::comparison(&evidence, Some(&right), &self.limits);
        let (listed, same_files) = shortened(&comparison);
        if self.turn.get() == turn {
            *self.compared.borrow_mut() = Some(Rc::new(Compared {
                comparison,
                left,
                right,
                opened: Opened::new(evidence, self.limits.clone()),
            }));
        }
        Ok(Reply::Compared {
            comparison: Box::new(listed),
            same_files,
        })
    }

    fn compared(&self) -> Result<Rc<Compared>, Fault> {
        self.compared
            .borrow()
            .clone()
            .ok_or_else(|| Fault::new(FaultKind::Gone, "no comparison is open"))
    }

    fn same_files(&self, from: usize) -> Result<Vec<FileRow>, Fault> {
        let compared = self.compared()?;
        Ok(compared
            .comparison
            .files
            .iter()
            .filter(|f| f.status == FileStatus::Same)
            .skip(from)
            .take(SAME_FILES)
            .cloned()
            .collect())
    }

    async fn open_file(&self, path: &str, line: &Line) -> Result<Reply, Fault> {
        let compared = self.compared()?;
        let Some(row) = compared.comparison.files.iter().find(|f| f.path == path) else {
            return Err(Fault::new(FaultKind::Gone, "neither side has this file").at(path));
        };
        // Layers of images are hashed, not kept: the one that holds the file is read again.
        for (reference, descriptor) in compared.opened.missing(row, &compared.left, &compared.right) {
            let reading = over_source!(self, &reference, source =>
                drive::files(source, &reference, &descriptor, line).await)?;
            compared.opened.supply(&descriptor.digest, reading);
        }
        Ok(Reply::File(Box::new(compared.opened.view(row))))
    }
}

/// The comparison with the first unchanged files only, and how many there are.
fn shortened(comparison: &Comparison) -> (Comparison, usize) {
    let mut same = 0;
    let mut listed = comparison.clone();
    listed.files.retain(|file| {
        let is_same = file.status == FileStatus::Same;
        same += usize::from(is_same);
        !is_same || same <= SAME_FILES
    });
    (listed, same)
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
