//! The worker's loop: hears questions, runs the engine, says what came of it. A worker that was started as a decoder
//! decodes instead.
//!
//! Questions run side by side as tasks on the worker's own event loop, so that a cancellation is heard
//! between two chunks of a download.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent};

use super::decoder;
use super::engine::Engine;
use super::protocol::{Ask, Message, Progress, Reply, Request};
use crate::fault::{Fault, FaultKind};

/// The line on which a running question reports, and hears that it should stop.
#[derive(Clone)]
pub struct Line {
    id: u32,
    scope: DedicatedWorkerGlobalScope,
    stopped: Rc<Cell<bool>>,
    /// When the last progress was sent, in milliseconds since the worker began.
    told: Rc<Cell<f64>>,
}

/// At most so many progress messages a second: more would only make the window busy.
const PROGRESS_PAUSE_MS: f64 = 60.0;

/// How often a question that waits for the network looks whether it was stopped.
const STOP_PAUSE_MS: u32 = 100;

impl Line {
    /// Tells how far it is. Calls in quick succession are dropped, except the first of a step.
    pub fn tell(&self, progress: Progress) {
        let now = js_sys::Date::now();
        if progress.bytes == 0 || now - self.told.get() >= PROGRESS_PAUSE_MS {
            self.told.set(now);
            self.send(Reply::Progress(progress));
        }
    }

    /// # Errors
    /// `Cancelled` when the user stopped the question.
    pub fn check(&self) -> Result<(), Fault> {
        if self.stopped.get() {
            return Err(Fault::new(FaultKind::Cancelled, "stopped"));
        }
        Ok(())
    }

    /// Ends when the user stops the question, with the fault to tell.
    pub async fn stopped(&self) -> Fault {
        loop {
            if let Err(fault) = self.check() {
                return fault;
            }
            gloo_timers::future::TimeoutFuture::new(STOP_PAUSE_MS).await;
        }
    }

    /// True for another handle of the same question.
    pub fn is(&self, other: &Self) -> bool {
        self.id == other.id
    }

    fn send(&self, reply: Reply) {
        post(&self.scope, &Message::Answer { id: self.id, reply });
    }
}

/// Listens until the page goes away.
pub fn run() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else {
        return;
    };
    if scope.name() == decoder::NAME {
        return decoder::run(&scope);
    }
    let engine = Rc::new(Engine::default());
    let running: Rc<RefCell<BTreeMap<u32, Rc<Cell<bool>>>>> = Rc::default();
    let speaker = scope.clone();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let (text, files) = parts(&event.data());
        let Some(Ask { id, request }) = text.and_then(|text| serde_json::from_str(&text).ok()) else {
            return;
        };
        if let Request::Cancel { id } = request {
            if let Some(stop) = running.borrow().get(&id) {
                stop.set(true);
            }
            return;
        }
        let line = Line {
            id,
            scope: speaker.clone(),
            stopped: Rc::default(),
            told: Rc::default(),
        };
        running.borrow_mut().insert(id, line.stopped.clone());
        let (engine, running) = (engine.clone(), running.clone());
        wasm_bindgen_futures::spawn_local(async move {
            let reply = match engine.answer(request, files, &line).await {
                Ok(reply) => reply,
                Err(fault) => Reply::Failed(fault),
            };
            running.borrow_mut().remove(&id);
            line.send(reply);
        });
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
}

/// A message's text, and the files beside it: `[text, path, file, path, file, …]`.
fn parts(data: &JsValue) -> (Option<String>, Vec<(String, File)>) {
    let Some(array) = data.dyn_ref::<Array>() else {
        return (data.as_string(), Vec::new());
    };
    let files = (1..array.length())
        .step_by(2)
        .filter_map(|at| Some((array.get(at).as_string()?, array.get(at + 1).dyn_into().ok()?)))
        .collect();
    (array.get(0).as_string(), files)
}

fn post(scope: &DedicatedWorkerGlobalScope, message: &Message) {
    if let Ok(text) = serde_json::to_string(message) {
        let _ = scope.post_message(&text.into());
    }
}
