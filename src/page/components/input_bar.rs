//! The one input: takes whatever is pasted, says at once what it understood.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::digest::shorten;
use super::icons::{Icon, icon};
use crate::input::link::Link;
use crate::input::{Form, Fragment, Target, Understanding, understand};
use crate::page::app::Page;
use crate::page::engine;
use crate::page::memory;
use crate::page::views::failure::sentence;
use crate::page::words::{fill, words};

/// Properties of [`InputBar`].
#[derive(Properties, PartialEq)]
pub struct InputBarProps {
    /// What stands in it at first.
    #[prop_or_default]
    pub start: AttrValue,
    /// In the top bar: one line, and words only when something is typed.
    #[prop_or_default]
    pub small: bool,
}

/// The input with its button and its line of words.
#[component]
pub fn InputBar(props: &InputBarProps) -> Html {
    let w = words();
    let page = use_context::<Page>();
    let text = use_state(|| props.start.to_string());
    let insisted = use_state_eq(|| false);
    let field = use_node_ref();
    {
        let (field, small) = (field.clone(), props.small);
        use_effect_with((), move |()| {
            if let (false, Some(field)) = (small, field.cast::<HtmlInputElement>()) {
                let _ = field.focus();
            }
        });
    }
    let understood = understand(&text);
    let touched = *text != *props.start || !props.small;
    let oninput = {
        let (text, insisted) = (text.setter(), insisted.setter());
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                insisted.set(false);
                text.set(field.value());
            }
        })
    };
    // A one-line field swallows line breaks, and a pasted log has meaning in its lines.
    let onsubmit = {
        let (understood, insisted) = (understood.clone(), insisted.setter());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match (&understood, &page) {
                (Understanding::Target(target), Some(page)) => {
                    for digest in &target.digests {
                        memory::remember(&target.reference, digest, true);
                    }
                    page.go.emit(destination(target));
                }
                _ => insisted.set(true),
            }
        })
    };
    let wrong = matches!(understood, Understanding::Wrong(_) | Understanding::Fragment(_))
        || (*insisted && understood == Understanding::Nothing);
    html! {
        <form class={classes!("ask", props.small.then_some("small"))} role="search" {onsubmit} novalidate={true}>
            <label for="reference" class={props.small.then_some("unseen")}>{ w.input_label }</label>
            <div class="ask-line">
                <input ref={field} id="reference" type="text" name="reference" value={(*text).clone()} {oninput}
                       placeholder={w.input_example} autocomplete="off" autocapitalize="none" spellcheck="false"
                       aria-invalid={wrong.then_some("true")} aria-describedby="understood" enterkeyhint="go" />
                <button type="submit" class="button main" aria-label={props.small.then_some(w.look)}>
                    if props.small { { icon(Icon::Arrow) } } else { { w.look } }
                </button>
            </div>
            <div id="understood" class={classes!("understood", wrong.then_some("wrong"))} aria-live="polite">
                if touched { { explain(&understood, *insisted) } }
            </div>
        </form>
    }
}

/// Where a target leads.
fn destination(target: &Target) -> Link {
    target
        .link
        .clone()
        .unwrap_or_else(|| Link::to(target.reference.clone()))
}

fn explain(understood: &Understanding, insisted: bool) -> Html {
    let w = words();
    match understood {
        Understanding::Nothing if insisted => html! { <p>{ w.input_nothing }</p> },
        Understanding::Nothing => html! { <p class="muted">{ w.input_hint }</p> },
        Understanding::Wrong(why) => html! { <p>{ icon(Icon::Cross) }<span>{ sentence(why) }</span></p> },
        Understanding::Fragment(fragment) => {
            html! { <p>{ icon(Icon::Unknown) }<span>{ missing(fragment) }</span></p> }
        }
        Understanding::Target(target) => {
            let r = &target.reference;
            let registry = if r.registry == engine::SAMPLES {
                w.sample_registry.to_owned()
            } else {
                r.registry.clone()
            };
            html! {
                <dl class="parts">
                    { part(w.registry, &registry) }
                    { part(w.repository, &r.repository) }
                    if let Some(tag) = &r.tag { { part(w.tag, tag) } }
                    if let Some(digest) = &r.digest { { part(w.digest, &shorten(&digest.to_string(), 12)) } }
                    if target.form != Form::Reference {
                        <div class="muted">{ w.form(target.form) }</div>
                    }
                </dl>
            }
        }
    }
}

fn part(name: &str, value: &str) -> Html {
    html! { <div><dt>{ name }</dt><dd><code>{ value }</code></dd></div> }
}

/// What is there, and what has to be put in front of it.
fn missing(fragment: &Fragment) -> String {
    let w = words();
    if let Some(digest) = &fragment.digest {
        return fill(w.fragment_digest, &[&digest.to_string()]);
    }
    if let Some(prefix) = &fragment.prefix {
        return fill(w.fragment_prefix, &[prefix]);
    }
    fill(w.fragment_tag, &[fragment.tag.as_deref().unwrap_or_default()])
}
