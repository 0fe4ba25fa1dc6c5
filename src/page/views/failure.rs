//! What went wrong: a title, the cause, the next step. The input stays as it was.

use yew::prelude::*;

use crate::fault::{Fault, FaultKind};
use crate::page::components::icons::{Icon, icon};
use crate::page::words::words;

/// Properties of [`Failure`].
#[derive(Properties, PartialEq)]
pub struct FailureProps {
    /// What went wrong.
    pub fault: Fault,
    /// Tries again.
    pub again: Callback<()>,
    /// As a part of a view that goes on without it.
    #[prop_or_default]
    pub small: bool,
}

/// The state.
#[component]
pub fn Failure(props: &FailureProps) -> Html {
    let w = words();
    let Fault { kind, message, place } = &props.fault;
    let (title, next) = match kind {
        FaultKind::Malformed => w.fault_malformed,
        FaultKind::Unsupported => w.fault_unsupported,
        FaultKind::TooLarge => w.fault_too_large,
        FaultKind::Mismatch => w.fault_mismatch,
        FaultKind::Denied => w.fault_denied,
        FaultKind::Gone => w.fault_gone,
        FaultKind::Unreachable => w.fault_unreachable,
        FaultKind::Busy => w.fault_busy,
        FaultKind::Cancelled => w.fault_cancelled,
    };
    let word = serde_json::to_value(kind)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned));
    let again = props.again.reform(|_: MouseEvent| ());
    html! {
        <section class={classes!("failure", props.small.then_some("small"))} role="alert" data-fault={word}>
            <div class="failure-sign" aria-hidden="true">{ icon(Icon::Unknown) }</div>
            <div>
                if props.small { <h3>{ title }</h3> } else { <h1 tabindex="-1">{ title }</h1> }
                <p class="failure-cause">{ sentence(message) }</p>
                if !place.is_empty() { <p><code class="wrap">{ place.clone() }</code></p> }
                <p>{ next }</p>
                <button type="button" class="button" onclick={again}>{ w.again }</button>
            </div>
        </section>
    }
}

/// A fault's message as a sentence: the first letter large where a plain word begins it (and not a path, a
/// version or a name), a full stop at the end.
pub fn sentence(message: &str) -> String {
    let first = message.split(' ').next().unwrap_or_default();
    let plain = first.chars().all(|c| c.is_ascii_lowercase() || c == '\'');
    let mut chars = message.chars();
    let mut out: String = match chars.next() {
        Some(c) if plain => c.to_uppercase().collect(),
        Some(c) => c.to_string(),
        None => String::new(),
    };
    out.extend(chars);
    if !out.ends_with(['.', '!', '?', '…']) {
        out.push('.');
    }
    out
}
