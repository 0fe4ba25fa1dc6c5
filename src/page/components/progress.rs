//! What is being done and how far it is, with a way to stop it.

use yew::prelude::*;

use crate::page::protocol::{Progress as State, Step};
use crate::page::words::{fill, words};
use crate::page::written;

/// Properties of [`Progress`].
#[derive(Properties, PartialEq)]
pub struct ProgressProps {
    /// How far it is.
    pub state: State,
    /// Stops it.
    pub stop: Callback<()>,
}

/// The steps a comparison goes through, in order.
const STEPS: [Step; 3] = [Step::Manifests, Step::Content, Step::Comparing];

/// The panel.
#[component]
pub fn Progress(props: &ProgressProps) -> Html {
    let w = words();
    let State {
        step,
        what,
        bytes,
        of,
    } = &props.state;
    let now = match step {
        Step::Starting => w.step_starting,
        Step::Manifests => w.step_manifests,
        Step::Tags => w.step_tags,
        Step::Content => w.step_content,
        Step::Comparing => w.step_comparing,
        Step::Waiting => w.step_waiting,
    };
    let stop = props.stop.reform(|_: MouseEvent| ());
    let figures = match of {
        _ if *step == Step::Waiting => {
            let seconds = of.unwrap_or_default().div_ceil(1000).to_string();
            Some(fill(w.seconds, &[&seconds]))
        }
        Some(of) if *of > 0 => Some(fill(w.bytes_of, &[&written::bytes(*bytes), &written::bytes(*of)])),
        _ if *bytes > 0 => Some(written::bytes(*bytes)),
        _ => None,
    };
    html! {
        <section class="progress" aria-label={w.working}>
            <p class="progress-now" role="status">
                <span class="spinner" aria-hidden="true"></span>
                <span>{ now }</span>
                if !what.is_empty() { <code>{ what.clone() }</code> }
                if let Some(figures) = figures { <span class="muted">{ figures }</span> }
            </p>
            if let (Some(of), true) = (of.filter(|of| *of > 0), *step == Step::Content) {
                <progress max={of.to_string()} value={bytes.to_string()} aria-label={w.step_content}></progress>
            } else if STEPS.contains(step) {
                <progress aria-label={now}></progress>
            }
            <button type="button" class="button" onclick={stop}>{ w.stop }</button>
        </section>
    }
}
