//! The window's end of the worker: questions out, replies to whoever asked.
//!
//! A [`Ticket`] stands for a question that is still open; dropping it stops the work. So a view that goes
//! away, or asks something else, never hears of its old question again.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{File, MessageEvent, Worker, WorkerOptions, WorkerType};
use yew::Callback;

use super::protocol::{Ask, Message, Reply, Request};
use crate::fault::{Fault, FaultKind};

/// The worker, shared by all views.
#[derive(Clone)]
pub struct Client(Rc<Inner>);

impl PartialEq for Client {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

struct Inner {
    worker: RefCell<Option<Worker>>,
    waiting: RefCell<BTreeMap<u32, Callback<Reply>>>,
    next: Cell<u32>,
    broken: RefCell<Option<Fault>>,
}

/// An open question.
pub struct Ticket {
    id: u32,
    client: Client,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let open = self.client.0.waiting.borrow_mut().remove(&self.id);
        if open.is_some() {
            self.client.send(&Ask {
                id: self.id,
                request: Request::Cancel { id: self.id },
            });
        }
    }
}

impl Client {
    /// Starts the worker.
    pub fn start() -> Self {
        let client = Self(Rc::new(Inner {
            worker: RefCell::new(None),
            waiting: RefCell::default(),
            next: Cell::new(1),
            broken: RefCell::new(None),
        }));
        if let Err(error) = client.start_worker() {
            client.breaks(&reason(&error));
        }
        client
    }

    fn start_worker(&self) -> Result<(), JsValue> {
        let worker = running_worker()?;
        let listener = self.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                listener.hears(&text);
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let listener = self.clone();
        let on_error = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
            let message = js_sys::Reflect::get(&event, &"message".into())
                .ok()
                .and_then(|m| m.as_string())
                .unwrap_or_default();
            listener.breaks(&message);
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // Both live as long as the page.
        on_message.forget();
        on_error.forget();
        *self.0.worker.borrow_mut() = Some(worker);
        Ok(())
    }

    /// Asks; replies come to `hear` until the last one, or until the ticket is dropped.
    pub fn ask(&self, request: Request, hear: Callback<Reply>) -> Ticket {
        let id = self.0.next.get();
        self.0.next.set(id.wrapping_add(1));
        let ticket = Ticket {
            id,
            client: self.clone(),
        };
        let broken = self.0.broken.borrow().clone();
        if let Some(fault) = broken {
            hear.emit(Reply::Failed(fault));
            return ticket;
        }
        self.0.waiting.borrow_mut().insert(id, hear);
        self.send(&Ask { id, request });
        ticket
    }

    /// Asks about files, which go to the worker by reference: nothing is copied, nothing is sent.
    pub fn ask_about(&self, files: &[(String, File)], hear: Callback<Reply>) -> Ticket {
        let id = self.0.next.get();
        self.0.next.set(id.wrapping_add(1));
        self.0.waiting.borrow_mut().insert(id, hear);
        let ask = Ask {
            id,
            request: Request::Take,
        };
        if let (Ok(text), Some(worker)) = (serde_json::to_string(&ask), self.0.worker.borrow().as_ref()) {
            let message = Array::of1(&text.into());
            for (path, file) in files {
                message.push(&path.into());
                message.push(file);
            }
            let _ = worker.post_message(&message);
        }
        Ticket {
            id,
            client: self.clone(),
        }
    }

    /// Tells the worker something whose answer does not matter.
    pub fn tell(&self, request: Request) {
        let id = self.0.next.get();
        self.0.next.set(id.wrapping_add(1));
        self.send(&Ask { id, request });
    }

    fn send(&self, ask: &Ask) {
        let Ok(text) = serde_json::to_string(ask) else {
            return;
        };
        if let Some(worker) = self.0.worker.borrow().as_ref() {
            let _ = worker.post_message(&text.into());
        }
    }

    fn hears(&self, text: &str) {
        match serde_json::from_str(text) {
            Ok(Message::Answer { id, reply }) => {
                let mut waiting = self.0.waiting.borrow_mut();
                let hear = match &reply {
                    Reply::Progress(_) => waiting.get(&id).cloned(),
                    _ => waiting.remove(&id),
                };
                drop(waiting);
                if let Some(hear) = hear {
                    hear.emit(reply);
                }
            }
            Ok(Message::Broken(why)) => self.breaks(&why),
            Err(error) => self.breaks(&error.to_string()),
        }
    }

    /// The worker is gone: everyone who waits is told, and everyone who asks from now on.
    fn breaks(&self, why: &str) {
        let fault = Fault::new(
            FaultKind::Unsupported,
            format!("the comparing part of this page stopped: {why}"),
        );
        *self.0.broken.borrow_mut() = Some(fault.clone());
        let waiting = std::mem::take(&mut *self.0.waiting.borrow_mut());
        for hear in waiting.into_values() {
            hear.emit(Reply::Failed(fault.clone()));
        }
    }
}

/// The worker that `engine.js` started, or a new one where that script did not come first.
fn running_worker() -> Result<Worker, JsValue> {
    let (global, name) = (js_sys::global(), JsValue::from_str("tagdriftEngine"));
    if let Ok(worker) = js_sys::Reflect::get(&global, &name)?.dyn_into::<Worker>() {
        return Ok(worker);
    }
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(&worker_script()?, &options)?;
    js_sys::Reflect::set(&global, &name, &worker)?;
    Ok(worker)
}

/// The worker's script, as `index.html` names it for `engine.js`.
fn worker_script() -> Result<String, JsValue> {
    let document = web_sys::window().and_then(|window| window.document());
    let starter = document.and_then(|document| document.query_selector("script[data-worker]").ok().flatten());
    let name = starter.and_then(|script| script.get_attribute("data-worker"));
    name.ok_or_else(|| "index.html names no worker".into())
}

fn reason(error: &JsValue) -> String {
    js_sys::Reflect::get(error, &"message".into())
        .ok()
        .and_then(|m| m.as_string())
        .or_else(|| error.as_string())
        .unwrap_or_else(|| format!("{error:?}"))
}
