//! What went wrong: a title, the cause, the next step. The input stays as it was.

use std::rc::Rc;

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::fault::{Fault, FaultKind};
use crate::input::link::Link;
use crate::oci::Reference;
use crate::page::app::Page;
use crate::page::client::Ticket;
use crate::page::components::asking::{Answer, use_asking};
use crate::page::components::copy::Copy;
use crate::page::components::drop_zone::DropZone;
use crate::page::components::icons::{Icon, icon};
use crate::page::components::reach_help::ReachHelp;
use crate::page::protocol::{Reply, Request};
use crate::page::sign_ins;
use crate::page::words::{fill, words};
use crate::page::{device, engine};

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
    let offline = use_state(device::is_offline);
    let offline = *offline && *kind == FaultKind::Unreachable;
    let (title, next) = match kind {
        FaultKind::Malformed => w.fault_malformed,
        FaultKind::Unsupported => w.fault_unsupported,
        FaultKind::TooLarge => w.fault_too_large,
        FaultKind::Mismatch => w.fault_mismatch,
        FaultKind::Denied => w.fault_denied,
        FaultKind::Gone => w.fault_gone,
        FaultKind::Unreachable if offline => w.fault_offline,
        FaultKind::Unreachable => w.fault_unreachable,
        FaultKind::Busy => w.fault_busy,
        FaultKind::Cancelled => w.fault_cancelled,
    };
    let again = props.again.reform(|_: MouseEvent| ());
    let named = props
        .reference
        .clone()
        .filter(|r| !props.small && r.registry != engine::SAMPLES);
    // What the worker knows about the way there.
    let asks = matches!(kind, FaultKind::Unreachable | FaultKind::Denied);
    let reach = use_asking(
        named
            .as_ref()
            .filter(|r| asks && !offline && r.registry != engine::FILES)
            .map(|r| Request::Reach {
                registry: r.registry.clone(),
            }),
    );
    let reach = match &reach.answer {
        Answer::Done(reply) => match &**reply {
            Reply::Reach(reach) => Some(reach.clone()),
            _ => None,
        },
        _ => None,
    };
    {
        // The button that was pressed is gone: the keyboard goes on from here.
        let stopped = *kind == FaultKind::Cancelled && !props.small;
        use_effect_with(stopped, |stopped| {
            if *stopped {
                device::focus(".failure h1");
            }
        });
    }
    let realm_host = reach.as_ref().and_then(|r| r.realm_host.clone());
    let takes_files = named.is_some() && matches!(kind, FaultKind::Unreachable | FaultKind::Gone);
    let page = use_context::<Page>();
    // A file that was dropped for this, and is another one.
    let others = match &page {
        Some(page) if takes_files && *kind == FaultKind::Gone && !page.shelf.is_empty() => {
            let names: Vec<&str> = page.shelf.iter().map(|k| k.name.as_str()).collect();
            Some(fill(w.drop_other, &[&names.join(", ")]))
        }
        _ => None,
    };
    {
        let (again, gone) = (props.again.clone(), *kind == FaultKind::Gone);
        let before = use_mut_ref(|| None::<usize>);
        let shelf = page.as_ref().map(|p| Rc::as_ptr(&p.shelf) as usize);
        use_effect_with(shelf, move |shelf| {
            let grew = before.borrow_mut().replace(shelf.unwrap_or_default()).is_some();
            match &page {
                // The address names a file's digest: with the file at hand, it works.
                _ if grew && takes_files && gone => again.emit(()),
                Some(page) if grew && takes_files => page.go.emit(Link::default()),
                _ => {}
            }
        });
    }
    html! {
        <>
        <section class={classes!("failure", props.small.then_some("small"))} role="alert" data-fault={word(*kind)}>
            <div class="failure-sign" aria-hidden="true">{ icon(Icon::Unknown) }</div>
            <div>
                if props.small { <h3>{ title }</h3> } else { <h1 tabindex="-1">{ title }</h1> }
                <p class="failure-cause">{ sentence(message) }</p>
                if !place.is_empty() { <p><code class="wrap">{ place.clone() }</code></p> }
                // A file has no name to check and no registry that cleaned up; a question is its own next step.
                if realm_host.is_none() && props.reference.as_ref().is_none_or(|r| r.registry != engine::FILES) {
                    <p>{ next }</p>
                }
                if let Some(command) = command(*kind, props.reference.as_ref()) {
                    <div class="snippet"><pre>{ command.clone() }</pre><Copy text={command} label={w.copy_command} /></div>
                }
                if let (FaultKind::Denied, Some(reference)) = (kind, &named) {
                    if let Some(host) = realm_host {
                        <Realm registry={reference.registry.clone()} realm_host={host} done={props.again.clone()} />
                    } else {
                        <SignIn registry={reference.registry.clone()} done={props.again.clone()} />
                    }
                }
                <button type="button" class="button" onclick={again}>{ w.again }</button>
            </div>
        </section>
        // Beside the alert: a screen reader would read all of it out at once.
        if let (FaultKind::Unreachable, Some(reference), Some(reach)) = (kind, &named, &reach) {
            <ReachHelp reference={reference.clone()} relay={reach.relay} />
        }
        if let Some(others) = others { <p class="wrong">{ others }</p> }
        if takes_files {
            <DropZone lead={if *kind == FaultKind::Gone { w.drop_again } else { w.drop_instead }} />
        }
        </>
    }
}

/// A kind in one word, as tests and style sheets know it.
pub fn word(kind: FaultKind) -> Option<String> {
    let value = serde_json::to_value(kind).ok()?;
    value.as_str().map(str::to_owned)
}

/// A command of the native program that can do what a web page cannot.
fn command(kind: FaultKind, reference: Option<&Reference>) -> Option<String> {
    let reference = reference.filter(|r| r.registry != engine::SAMPLES)?;
    match kind {
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
    let (user, password, stay) = (use_node_ref(), use_node_ref(), use_node_ref());
    let ticket = use_mut_ref(|| None::<Ticket>);
    let onsubmit = {
        let (user, password, registry) = (user.clone(), password.clone(), props.registry.clone());
        let (done, stay) = (props.done.clone(), stay.clone());
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
                if stay.cast::<HtmlInputElement>().is_some_and(|f| f.checked()) {
                    sign_ins::keep(&registry, &user, &password);
                }
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
            <label class="tick"><input ref={stay} type="checkbox" />{ w.sign_in_stay }</label>
            <p class="muted small">{ w.sign_in_note }</p>
        </form>
    }
}

/// Properties of [`Realm`].
#[derive(Properties, PartialEq)]
struct RealmProps {
    registry: String,
    realm_host: String,
    done: Callback<()>,
}

/// Asks whether a registry's credentials may be shown to the host that it names.
#[component]
fn Realm(props: &RealmProps) -> Html {
    let w = words();
    let page = use_context::<Page>();
    let ticket = use_mut_ref(|| None::<Ticket>);
    let refused = use_state_eq(|| false);
    let refuse = {
        let refused = refused.setter();
        Callback::from(move |_: MouseEvent| refused.set(true))
    };
    let onclick = {
        let (registry, realm_host) = (props.registry.clone(), props.realm_host.clone());
        let done = props.done.clone();
        Callback::from(move |_: MouseEvent| {
            let Some(page) = &page else { return };
            let done = done.clone();
            let hear = Callback::from(move |reply: Reply| {
                if reply == Reply::Done {
                    done.emit(());
                }
            });
            let request = Request::Agree {
                registry: registry.clone(),
                realm_host: realm_host.clone(),
            };
            *ticket.borrow_mut() = Some(page.client.ask(request, hear));
        })
    };
    use_effect_with(*refused, |refused| {
        if *refused {
            device::focus(".realm");
        }
    });
    if *refused {
        return html! {
            <p class="realm" role="status" tabindex="-1">{ fill(w.realm_refused, &[&props.realm_host, &props.registry]) }</p>
        };
    }
    html! {
        <div class="realm">
            <p>{ fill(w.realm_question, &[&props.registry, &props.realm_host]) }</p>
            <button type="button" class="button main" {onclick}>{ fill(w.realm_agree, &[&props.realm_host]) }</button>
            <button type="button" class="button" onclick={refuse}>{ w.realm_refuse }</button>
        </div>
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
