//! Takes files: dropped on it, or chosen. They go to the worker by reference and never leave the device.

use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{DragEvent, File, FileList, HtmlInputElement};
use yew::prelude::*;

use super::progress::Progress;
use crate::fault::Fault;
use crate::page::app::Page;
use crate::page::client::Ticket;
use crate::page::protocol::{Known, Progress as State, Reply};
use crate::page::views::failure::sentence;
use crate::page::words::words;

/// Properties of [`DropZone`].
#[derive(Properties, PartialEq)]
pub struct DropZoneProps {
    /// Hears what the files hold, after the page has put it on its shelf.
    #[prop_or_default]
    pub taken: Callback<Vec<Known>>,
    /// What it is for, where it is not the usual.
    #[prop_or_default]
    pub lead: Option<AttrValue>,
}

#[derive(Clone, PartialEq)]
enum Doing {
    Nothing,
    Reading(State),
    Failed(Fault),
}

/// The zone.
#[component]
pub fn DropZone(props: &DropZoneProps) -> Html {
    let w = words();
    let page = use_context::<Page>();
    let doing = use_state(|| Doing::Nothing);
    let over = use_state_eq(|| false);
    let ticket = use_mut_ref(|| None::<Ticket>);
    let take = {
        let (doing, ticket, taken) = (doing.setter(), ticket.clone(), props.taken.clone());
        Callback::from(move |files: Vec<(String, File)>| {
            let Some(page) = page.clone().filter(|_| !files.is_empty()) else {
                return;
            };
            doing.set(Doing::Reading(State::default()));
            let (doing, taken, shelve) = (doing.clone(), taken.clone(), page.shelve.clone());
            let hear = Callback::from(move |reply: Reply| match reply {
                Reply::Progress(state) => doing.set(Doing::Reading(state)),
                Reply::Failed(fault) => doing.set(Doing::Failed(fault)),
                Reply::Taken(known) => {
                    doing.set(Doing::Nothing);
                    shelve.emit(known.clone());
                    taken.emit(known);
                }
                _ => {}
            });
            *ticket.borrow_mut() = Some(page.client.ask_about(&files, hear));
        })
    };
    let onchange = {
        let take = take.clone();
        Callback::from(move |event: Event| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                take.emit(listed(field.files()));
                // So that the same file can be chosen again.
                field.set_value("");
            }
        })
    };
    let ondrop = {
        let (take, over) = (take, over.setter());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            take.emit(listed(event.data_transfer().and_then(|data| data.files())));
        })
    };
    let ondragover = {
        let over = over.setter();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(true);
        })
    };
    let ondragleave = {
        let over = over.setter();
        Callback::from(move |_: DragEvent| over.set(false))
    };
    let stop = {
        let (doing, ticket) = (doing.setter(), ticket.clone());
        Callback::from(move |()| {
            ticket.borrow_mut().take();
            doing.set(Doing::Nothing);
        })
    };
    html! {
        <div class={classes!("drop-zone", over.then_some("over"))} {ondrop} {ondragover} {ondragleave}>
            <p>{ props.lead.clone().unwrap_or(AttrValue::Static(w.drop_lead)) }</p>
            <p class="drop-choices">
                <label class="button"><input type="file" class="unseen" multiple={true} onchange={onchange.clone()} />{ w.choose_files }</label>
                <label class="button plain"><input type="file" class="unseen" webkitdirectory={true} {onchange} />{ w.choose_folder }</label>
            </p>
            <p class="muted small">{ w.drop_note }</p>
            { match &*doing {
                Doing::Nothing => html! {},
                Doing::Reading(state) => html! { <Progress state={state.clone()} {stop} /> },
                Doing::Failed(fault) => html! {
                    <p class="wrong" role="alert">{ sentence(&fault.message) }
                    if !fault.place.is_empty() { {" "}<code>{ fault.place.clone() }</code> }</p>
                },
            } }
        </div>
    }
}

/// Files with their paths: below the chosen folder where there is one.
fn listed(files: Option<FileList>) -> Vec<(String, File)> {
    let Some(files) = files else { return Vec::new() };
    (0..files.length())
        .filter_map(|at| files.get(at))
        .map(|file| {
            let path = js_sys::Reflect::get(file.unchecked_ref::<JsValue>(), &"webkitRelativePath".into())
                .ok()
                .and_then(|path| path.as_string())
                .filter(|path| !path.is_empty());
            (path.unwrap_or_else(|| file.name()), file)
        })
        .collect()
}
