//! What went wrong: a title, the cause, the next step. The input stays as it was.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::fault::{Fault, FaultKind};
use crate::oci::Reference;
use crate::page::app::Page;
use crate::page::client::Ticket;
use crate::page::components::copy::Copy;
use crate::page::components::icons::{Icon, icon};
use crate::page::engine;
use crate::page::protocol::{Reply, Request};
use crate::page::words::{fill, words};

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
    /// What was asked for: whom to sign in to, and what to name in a command.
    #[prop_or_default]
    pub reference: Option<Reference>,
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
                if let Some(command) = command(*kind, props.reference.as_ref()) {
                    <div class="snippet"><pre>{ command.clone() }</pre><Copy text={command} label={w.copy_command} /></div>
                }
                if let (FaultKind::Denied, Some(reference), false) = (kind, &props.reference, props.small) {
                    <SignIn registry={reference.registry.clone()} done={props.again.clone()} />
                }
                <button type="button" class="button" onclick={again}>{ w.again }</button>
            </div>
        </section>
    }
}

/// A command of the native program that can do what a web page cannot.
fn command(kind: FaultKind, reference: Option<&Reference>) -> Option<String> {
    let reference = reference.filter(|r| r.registry != engine::SAMPLES)?;
    match kind {
        FaultKind::Unreachable => Some(format!("tagdrift serve --allow {}", reference.registry)),
        FaultKind::TooLarge => {
            let tag = reference
                .tag
                .as_ref()
                .map(|t| format!(":{t}"))
                .unwrap_or_default();
            let name = reference.name();
            Some(format!("tagdrift compare {name}@<older digest> {name}{tag}"))
        }
        _ => None,
    }
}

/// Properties of [`SignIn`].
#[derive(Properties, PartialEq)]
struct SignInProps {
    registry: String,
    done: Callback<()>,
}

/// Credentials for a registry. They go to the worker and stay in its memory; nothing else ever holds them.
#[component]
fn SignIn(props: &SignInProps) -> Html {
    let w = words();
    let page = use_context::<Page>();
    let (user, password) = (use_node_ref(), use_node_ref());
    let ticket = use_mut_ref(|| None::<Ticket>);
    let onsubmit = {
        let (user, password, registry) = (user.clone(), password.clone(), props.registry.clone());
        let done = props.done.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let value = |field: &NodeRef| field.cast::<HtmlInputElement>().map(|f| f.value());
            if let (Some(page), Some(user), Some(password)) = (&page, value(&user), value(&password)) {
                let done = done.clone();
                let hear = Callback::from(move |reply: Reply| {
                    if reply == Reply::SignedIn {
                        done.emit(());
                    }
                });
                let registry = registry.clone();
                let request = Request::SignIn {
                    registry,
                    user,
                    password,
                };
                *ticket.borrow_mut() = Some(page.client.ask(request, hear));
            }
        })
    };
    html! {
        <form class="sign-in" {onsubmit}>
            <label>{ w.user }<input ref={user} type="text" autocomplete="username" autocapitalize="none" spellcheck="false" required={true} /></label>
            <label>{ w.password }<input ref={password} type="password" autocomplete="current-password" required={true} /></label>
            <button type="submit" class="button main">{ fill(w.sign_in, &[&props.registry]) }</button>
            <p class="muted small">{ w.sign_in_note }</p>
        </form>
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
