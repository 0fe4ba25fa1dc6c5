//! Taking files, as a hook: from what was dropped or chosen to what is on the shelf, and what to show
//! meanwhile. They go to the worker by reference and never leave the device.

use std::cell::Cell;
use std::rc::Rc;

use yew::prelude::*;

use super::icons::{Icon, icon};
use super::progress::Progress;
use crate::fault::{Fault, FaultKind};
use crate::page::app::Page;
use crate::page::client::Ticket;
use crate::page::picked::Picked;
use crate::page::protocol::{Known, Progress as State, Reply};
use crate::page::views::failure::{sentence, word};
use crate::page::words::{fill, words};

/// How far it is.
#[derive(Clone, PartialEq)]
pub enum Doing {
    /// Nothing was given yet.
    Nothing,
    /// Being looked at.
    Reading(State),
    /// What was taken, and what was not.
    Taken(Rc<Vec<Known>>, Rc<Vec<Fault>>),
}

/// The hook's result.
#[derive(Clone)]
pub struct Taking {
    /// How far it is.
    pub doing: Doing,
    /// Takes files.
    pub take: Callback<Picked>,
    /// Stops, or forgets what is shown.
    pub stop: Callback<()>,
}

/// What stops a question: the one under way in the worker, and the walk before it.
#[derive(Default)]
struct Stops {
    ticket: Option<Ticket>,
    walk: Rc<Cell<bool>>,
}

impl Stops {
    fn stop(&mut self) {
        self.ticket = None;
        self.walk.set(true);
    }
}

impl Drop for Stops {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Takes files and puts what they hold on the page's shelf; a screen reader hears of it.
#[hook]
pub fn use_taking() -> Taking {
    let page = use_context::<Page>();
    let doing = use_state(|| Doing::Nothing);
    let stops = use_mut_ref(Stops::default);
    let take = {
        let (doing, stops) = (doing.setter(), stops.clone());
        Callback::from(move |picked: Picked| {
            let Some(page) = page.clone().filter(|_| !picked.is_empty()) else {
                return;
            };
            let walk = Rc::new(Cell::new(false));
            {
                let mut stops = stops.borrow_mut();
                stops.stop();
                stops.walk = walk.clone();
            }
            doing.set(Doing::Reading(State::default()));
            let (doing, stops) = (doing.clone(), stops.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let files = picked.files(&walk).await;
                // Stopped, or something else was given since.
                if walk.get() {
                    return;
                }
                let ended = ended(page.clone(), doing.clone());
                match files {
                    Err(fault) => ended(Vec::new(), vec![fault]),
                    Ok(files) => {
                        let hear = Callback::from(move |reply: Reply| match reply {
                            Reply::Progress(state) => doing.set(Doing::Reading(state)),
                            Reply::Taken { known, faults } => ended(known, faults),
                            Reply::Failed(fault) => ended(Vec::new(), vec![fault]),
                            _ => {}
                        });
                        let ticket = page.client.ask_about(&files, hear);
                        stops.borrow_mut().ticket = Some(ticket);
                    }
                }
            });
        })
    };
    let stop = {
        let (doing, stops) = (doing.setter(), stops);
        Callback::from(move |()| {
            stops.borrow_mut().stop();
            doing.set(Doing::Nothing);
        })
    };
    Taking {
        doing: (*doing).clone(),
        take,
        stop,
    }
}

fn ended(page: Page, doing: UseStateSetter<Doing>) -> impl Fn(Vec<Known>, Vec<Fault>) + 'static {
    move |known, faults| {
        // Faults are alerts, which are read out by themselves.
        if !known.is_empty() {
            page.say.emit(said(&known));
            page.shelve.emit(known.clone());
        }
        doing.set(Doing::Taken(Rc::new(known), Rc::new(faults)));
    }
}

fn said(known: &[Known]) -> String {
    let w = words();
    let names: Vec<&str> = known.iter().map(|k| k.name.as_str()).collect();
    let unread = known.iter().filter(|k| k.fault.is_some()).count();
    let taken = fill(w.taken, &[&names.join(", ")]);
    match unread {
        0 => taken,
        n => format!("{taken} {}", fill(w.taken_unread, &[&n.to_string()])),
    }
}

/// Properties of [`Shown`].
#[derive(Properties, PartialEq)]
pub struct ShownProps {
    /// How far it is.
    pub doing: Doing,
    /// Stops it.
    pub stop: Callback<()>,
}

/// Progress, or what could not be taken.
#[component]
pub fn Shown(props: &ShownProps) -> Html {
    match &props.doing {
        Doing::Nothing => html! {},
        Doing::Reading(state) => html! { <Progress state={state.clone()} stop={props.stop.clone()} /> },
        Doing::Taken(_, faults) => html! { { for faults.iter().map(failure) } },
    }
}

/// A file that was not taken: a title, the cause, the file, the next step.
fn failure(fault: &Fault) -> Html {
    let w = words();
    let (title, next) = match fault.kind {
        FaultKind::Unsupported => w.file_unsupported,
        FaultKind::TooLarge => w.file_too_large,
        FaultKind::Gone => w.file_gone,
        FaultKind::Mismatch => w.fault_mismatch,
        FaultKind::Cancelled => w.fault_cancelled,
        _ => w.file_malformed,
    };
    html! {
        <div class="failure small" role="alert" data-fault={word(fault.kind)}>
            <div class="failure-sign" aria-hidden="true">{ icon(Icon::Unknown) }</div>
            <div>
                <p><strong>{ title }</strong></p>
                <p class="failure-cause">
                    if !fault.place.is_empty() { <code class="wrap">{ fault.place.clone() }</code>{ ": " } }
                    { sentence(&fault.message) }
                </p>
                <p>{ next }</p>
            </div>
        </div>
    }
}
