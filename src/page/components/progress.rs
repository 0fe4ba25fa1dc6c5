//! What is being done and how far it is, with a way to stop it.

use gloo_timers::callback::Interval;
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
        _ if *step == Step::Waiting => None,
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
                if *step == Step::Waiting { <Countdown key={format!("{what}{of:?}")} milliseconds={of.unwrap_or_default()} /> }
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

/// Properties of [`Countdown`].
#[derive(Properties, PartialEq)]
struct CountdownProps {
    milliseconds: u64,
}

/// The seconds that are left of a pause, then that it goes on.
#[component]
fn Countdown(props: &CountdownProps) -> Html {
    let w = words();
    let passed = use_state_eq(|| 0_u64);
    {
        let (set, count) = (passed.setter(), use_mut_ref(|| 0_u64));
        use_effect_with((), move |()| {
            let timer = Interval::new(1000, move || {
                let mut count = count.borrow_mut();
                *count += 1;
                set.set(*count);
            });
            move || drop(timer)
        });
    }
    let left = props.milliseconds.div_ceil(1000).saturating_sub(*passed);
    // Told once, not every second: a screen reader would never stop.
    html! {
        <span class="muted countdown" aria-live="off">
            { if left > 0 { fill(w.seconds, &[&left.to_string()]) } else { w.asking_again.to_owned() } }
        </span>
    }
}
