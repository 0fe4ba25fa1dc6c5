//! Decoders beside the engine: large blobs are read here and decoded there, each decoder on a core of its own.
//!
//! A decoder is a worker with the same module ([`crate::page::decoder`]), started when the first large blob needs it and
//! kept. At most [`ON_THE_WAY`] bytes of a blob wait for its decoder, then the network waits too. A reading that is
//! dropped, because the user stopped it, is dropped there as well. Where workers cannot start workers, and once a decoder
//! broke down, the engine decodes by itself.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::{Poll, Waker};

use futures_util::future::poll_fn;
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::archive::{Assembly, Purpose, Reading};
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::Descriptor;
use crate::page::chunk::array_of;
use crate::page::decoder::{NAME, Opened};
use crate::registry::{Chunks, Fragment as _};

/// Blobs below this size are decoded before a decoder would have started.
pub(super) const LARGE: u64 = 1 << 20;

/// Bytes of one blob that may wait for its decoder: enough that both layers of a pair are at hand there, whichever of them
/// the network brings first, so that their digests are computed together.
const ON_THE_WAY: usize = 8 << 20;

/// Decoders at most: as many blobs are read at the same time.
const MOST: usize = 4;

/// The decoders of an engine.
pub(super) struct Crew {
    decoders: RefCell<Vec<Rc<Decoder>>>,
    most: usize,
}

impl Default for Crew {
    fn default() -> Self {
        Self {
            decoders: RefCell::default(),
            most: cores().min(MOST),
        }
    }
}

/// Cores that the browser tells of.
fn cores() -> usize {
    told("navigator", "hardwareConcurrency")
        .as_f64()
        .map_or(1, |cores| cores as usize)
}

/// The script that this worker runs, which decoders run, too.
fn own_script() -> String {
    told("location", "href").as_string().unwrap_or_default()
}

/// What this worker's surroundings say.
fn told(by: &str, field: &str) -> JsValue {
    let get = |from: &JsValue, name: &str| Reflect::get(from, &name.into()).unwrap_or_default();
    get(&get(&js_sys::global(), by), field)
}

impl Crew {
    /// A blob's place at the decoder that has least to do; `None` where the engine had better decode it itself.
    pub(super) fn open(&self, wanted: &Descriptor, purpose: Purpose, limits: &Limits) -> Option<Task> {
        let mut decoders = self.decoders.borrow_mut();
        // With one core there is nothing to share.
        if self.most < 2 || decoders.iter().any(|decoder| decoder.broken.get()) {
            return None;
        }
        let idlest = decoders.iter().min_by_key(|decoder| decoder.busy()).cloned();
        let decoder = match idlest {
            Some(decoder) if decoder.busy() == 0 || decoders.len() >= self.most => decoder,
            _ => {
                let decoder = Decoder::start().ok()?;
                decoders.push(decoder.clone());
                decoder
            }
        };
        Task::open(decoder, wanted, purpose, limits)
    }
}

struct Decoder {
    worker: Worker,
    tasks: RefCell<BTreeMap<u32, Rc<RefCell<Progress>>>>,
    next: Cell<u32>,
    broken: Cell<bool>,
}

/// How far a blob is.
#[derive(Default)]
struct Progress {
    /// Sent, and not taken yet.
    waiting: usize,
    /// The decoder wants no more.
    stopped: bool,
    assembly: Assembly,
    whole: Option<Result<Reading, Fault>>,
    waker: Option<Waker>,
}

impl Decoder {
    fn start() -> Result<Rc<Self>, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(NAME);
        let worker = Worker::new_with_options(&own_script(), &options)?;
        let module = js_sys::Object::new();
        Reflect::set(&module, &"engine".into(), &wasm_bindgen::module())?;
        worker.post_message(&module)?;
        let decoder = Rc::new(Self {
            worker,
            tasks: RefCell::default(),
            next: Cell::new(0),
            broken: Cell::new(false),
        });
        let listener = decoder.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            match event.data().dyn_into::<Array>() {
                Ok(said) => listener.hear(&said),
                // The words of a module that could not be loaded.
                Err(other) => listener.breaks(&other.as_string().unwrap_or_default()),
            }
        });
        decoder
            .worker
            .set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let listener = decoder.clone();
        let on_error = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
            // Else it would count as an error of this worker, too, and the window would take the engine for broken.
            event.prevent_default();
            let why = Reflect::get(&event, &"message".into()).unwrap_or_default();
            listener.breaks(&why.as_string().unwrap_or_default());
        });
        decoder
            .worker
            .set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // Both live as long as the decoder, which is as long as the engine.
        on_message.forget();
        on_error.forget();
        Ok(decoder)
    }

    fn busy(&self) -> usize {
        self.tasks.borrow().len()
    }

    fn hear(&self, said: &Array) {
        let (Some(word), Some(number)) = (said.get(0).as_string(), said.get(1).as_f64()) else {
            return;
        };
        let Some(progress) = self.tasks.borrow().get(&(number as u32)).cloned() else {
            return;
        };
        let mut progress = progress.borrow_mut();
        if word == "taken" {
            let taken = said.get(2).as_f64().unwrap_or_default() as usize;
            progress.waiting = progress.waiting.saturating_sub(taken);
            progress.stopped |= said.get(3).is_falsy();
        } else if let Ok(part) = said.get(2).dyn_into::<Uint8Array>() {
            progress.whole = progress.assembly.take(&part.to_vec()).transpose();
        }
        if let Some(waker) = progress.waker.take() {
            waker.wake();
        }
    }

    /// The decoder is gone, and all that it was at.
    fn breaks(&self, why: &str) {
        self.broken.set(true);
        self.worker.terminate();
        for progress in self.tasks.borrow().values() {
            let mut progress = progress.borrow_mut();
            progress.stopped = true;
            progress.whole = Some(Err(Fault::new(
                FaultKind::Unsupported,
                format!("a decoding part of this page stopped: {why}"),
            )));
            if let Some(waker) = progress.waker.take() {
                waker.wake();
            }
        }
    }
}

/// A blob at its decoder. Dropping it gives the blob up.
pub(super) struct Task {
    decoder: Rc<Decoder>,
    id: u32,
    progress: Rc<RefCell<Progress>>,
}

impl Drop for Task {
    fn drop(&mut self) {
        self.decoder.tasks.borrow_mut().remove(&self.id);
        self.say("drop", &JsValue::UNDEFINED, None);
    }
}

impl Task {
    fn open(decoder: Rc<Decoder>, wanted: &Descriptor, purpose: Purpose, limits: &Limits) -> Option<Self> {
        let opened = Opened {
            wanted: wanted.clone(),
            purpose,
            limits: limits.clone(),
        };
        let text = serde_json::to_string(&opened).ok()?;
        let id = decoder.next.get();
        decoder.next.set(id.wrapping_add(1));
        let progress = Rc::<RefCell<Progress>>::default();
        decoder.tasks.borrow_mut().insert(id, progress.clone());
        let task = Self {
            decoder,
            id,
            progress,
        };
        task.say("open", &text.into(), None);
        Some(task)
    }

    fn say(&self, word: &str, what: &JsValue, moved: Option<&JsValue>) {
        let said = Array::of3(&word.into(), &self.id.into(), what);
        let moved: Array = moved.into_iter().collect();
        let _ = self.decoder.worker.post_message_with_transfer(&said, &moved);
    }

    /// Has a blob decoded, to its end or as far as that makes sense.
    ///
    /// # Errors
    /// What fetching can give, and a decoder that broke down. What is wrong with the content stands in the reading.
    pub(super) async fn read<C: Chunks>(
        self,
        blob: &mut C,
        on_bytes: &impl Fn(u64),
    ) -> Result<Reading, Fault> {
        while let Some(piece) = blob.chunk().await? {
            let count = piece.count();
            on_bytes(count as u64);
            self.progress.borrow_mut().waiting += count;
            let bytes = array_of(&piece);
            self.say("bytes", &bytes, Some(&bytes.buffer()));
            self.until(|progress| progress.stopped || progress.waiting < ON_THE_WAY)
                .await;
            if self.progress.borrow().stopped {
                break;
            }
        }
        self.say("end", &JsValue::UNDEFINED, None);
        self.until(|progress| progress.whole.is_some()).await;
        let whole = self.progress.borrow_mut().whole.take();
        whole.unwrap_or_else(|| Err(Fault::new(FaultKind::Cancelled, "stopped")))
    }

    async fn until(&self, done: impl Fn(&Progress) -> bool) {
        poll_fn(|context| {
            let mut progress = self.progress.borrow_mut();
            if done(&progress) {
                return Poll::Ready(());
            }
            progress.waker = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
