//! Where files are asked for: dropped on it, or chosen. What falls beside it is taken as well, by
//! [`DropAnywhere`](super::drop_anywhere::DropAnywhere).

use web_sys::{DragEvent, HtmlInputElement};
use yew::prelude::*;

use super::taking::{Shown, use_taking};
use crate::page::picked::Picked;
use crate::page::words::words;

/// Properties of [`DropZone`].
#[derive(Properties, PartialEq)]
pub struct DropZoneProps {
    /// What it is for, where it is not the usual.
    #[prop_or_default]
    pub lead: Option<AttrValue>,
}

/// The zone. What was taken lies on the page's shelf.
#[component]
pub fn DropZone(props: &DropZoneProps) -> Html {
    let w = words();
    let taking = use_taking();
    let over = use_state_eq(|| false);
    let onchange = taking.take.reform(|event: Event| {
        let Some(field) = event.target_dyn_into::<HtmlInputElement>() else {
            return Picked::default();
        };
        let picked = Picked::chosen(field.files());
        // So that the same file can be chosen again.
        field.set_value("");
        picked
    });
    let ondrop = {
        let (take, over) = (taking.take.clone(), over.setter());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            if let Some(data) = event.data_transfer() {
                take.emit(Picked::dropped(&data));
            }
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
    html! {
        <div class={classes!("drop-zone", over.then_some("over"))} {ondrop} {ondragover} {ondragleave}>
            <p>{ props.lead.clone().unwrap_or(AttrValue::Static(w.drop_lead)) }</p>
            <p class="drop-choices">
                <label class="button"><input type="file" class="unseen" multiple={true} onchange={onchange.clone()} />{ w.choose_files }</label>
                <label class="button plain"><input type="file" class="unseen" webkitdirectory={true} {onchange} />{ w.choose_folder }</label>
            </p>
            <p class="muted small">{ w.drop_note }</p>
            <Shown doing={taking.doing} stop={taking.stop} />
        </div>
    }
}
