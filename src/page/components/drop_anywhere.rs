//! The whole page takes files: a browser would leave it for a file that falls beside a drop zone.
//!
//! A view with a drop zone shows the shelf by itself. On any other, what came is named here, with the ways
//! to a comparison.

use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::DragEvent;
use yew::prelude::*;

use super::goto::Goto;
use super::icons::{Icon, icon};
use super::taking::{Doing, Shown, use_taking};
use crate::input::link::Link;
use crate::oci::Reference;
use crate::page::picked::Picked;
use crate::page::protocol::Known;
use crate::page::words::{fill, words};
use crate::page::{device, engine};

/// Properties of [`DropAnywhere`].
#[derive(Properties, PartialEq)]
pub struct DropAnywhereProps {
    /// Where the page is.
    pub link: Link,
}

/// Listens on the window while it lives.
struct Listener {
    event: &'static str,
    hear: Closure<dyn Fn(DragEvent)>,
}

impl Listener {
    fn new(event: &'static str, hear: impl Fn(DragEvent) + 'static) -> Self {
        let hear = Closure::new(hear);
        if let Some(window) = web_sys::window() {
            let _ = window.add_event_listener_with_callback(event, hear.as_ref().unchecked_ref());
        }
        Self { event, hear }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            let _ =
                window.remove_event_listener_with_callback(self.event, self.hear.as_ref().unchecked_ref());
        }
    }
}

/// The listeners, what shows while something is dragged, and what came of it.
#[component]
pub fn DropAnywhere(props: &DropAnywhereProps) -> Html {
    let w = words();
    let taking = use_taking();
    let over = use_state_eq(|| false);
    {
        let (take, over) = (taking.take.clone(), over.setter());
        // Nothing that the callbacks hold ever changes.
        use_effect_with((), move |()| {
            let (entered, left) = (over.clone(), over.clone());
            let listeners = [
                Listener::new("dragover", move |event| {
                    if let Some(data) = event.data_transfer().filter(|_| brings_files(&event)) {
                        // A drop zone, which shows by itself that it is meant.
                        entered.set(!event.default_prevented());
                        event.prevent_default();
                        data.set_drop_effect("copy");
                    }
                }),
                Listener::new("dragleave", move |event| {
                    if event.related_target().is_none() {
                        left.set(false);
                    }
                }),
                Listener::new("drop", move |event| {
                    over.set(false);
                    let beside = brings_files(&event) && !event.default_prevented();
                    if let Some(data) = event.data_transfer().filter(|_| beside) {
                        event.prevent_default();
                        take.emit(Picked::dropped(&data));
                    }
                }),
            ];
            move || drop(listeners)
        });
    }
    {
        let stop = taking.stop.clone();
        use_effect_with(taking.doing.clone(), move |doing| {
            if let Doing::Taken(known, faults) = doing
                && !known.is_empty()
                && device::scroll_to(".drop-zone")
                && faults.is_empty()
            {
                stop.emit(());
            }
        });
    }
    {
        // Elsewhere, the ways that were offered here mean nothing.
        let (stop, told) = (taking.stop.clone(), matches!(taking.doing, Doing::Taken(..)));
        use_effect_with(props.link.clone(), move |_| {
            if told {
                stop.emit(());
            }
        });
    }
    let at_hand = match &taking.doing {
        Doing::Taken(known, _) if !known.is_empty() => at_hand(known, props.link.reference.as_ref()),
        _ => html! {},
    };
    let close = taking.stop.reform(|_: MouseEvent| ());
    html! {
        <>
            if *over {
                <div class="drop-anywhere" aria-hidden="true"><p>{ w.drop_anywhere }</p></div>
            }
            if taking.doing != Doing::Nothing {
                <section class="panel taken" aria-label={w.shelf}>
                    { at_hand }
                    <Shown doing={taking.doing.clone()} stop={taking.stop} />
                    if matches!(taking.doing, Doing::Taken(..)) {
                        <button type="button" class="quiet" onclick={close} aria-label={w.close}>{ icon(Icon::Cross) }</button>
                    }
                </section>
            }
        </>
    }
}

/// What came, and where it can be compared.
fn at_hand(known: &[Known], here: Option<&Reference>) -> Html {
    let w = words();
    let names: Vec<&str> = known.iter().map(|k| k.name.as_str()).collect();
    let tag = here
        .filter(|r| r.registry != engine::FILES && r.tag.is_some())
        .map(|r| Reference {
            digest: None,
            ..r.clone()
        });
    html! {
        <div>
            <p>{ fill(w.taken, &[&names.join(", ")]) }</p>
            <p class="taken-ways">
                if let Some(tag) = tag {
                    <Goto to={Link::to(tag.clone())}>{ fill(w.compare_with, &[&tag.to_string()]) }</Goto>
                }
                <Goto to={Link::default()}>{ w.compare_files }</Goto>
            </p>
        </div>
    }
}

/// A dragged text or link is none of ours: it may be on its way into a field.
fn brings_files(event: &DragEvent) -> bool {
    event
        .data_transfer()
        .is_some_and(|data| data.types().includes(&"Files".into(), 0))
}
