//! The start page: one input, the samples, how it decides, what was looked at before.

use yew::prelude::*;

use crate::input::link::Link;
use crate::oci::{Digest, Reference};
use crate::page::app::Page;
use crate::page::components::drop_zone::DropZone;
use crate::page::components::goto::Goto;
use crate::page::components::icons::{icon, of_level};
use crate::page::components::input_bar::InputBar;
use crate::page::components::timeline::{self, Choice};
use crate::page::words::words;
use crate::page::{device, memory, samples};
use crate::verdict::Level;

/// Properties of [`Start`].
#[derive(Properties, PartialEq)]
pub struct StartProps {
    /// The address; a reference in it that could not be read stands in the input.
    pub link: Link,
}

/// The view.
#[component]
pub fn Start(props: &StartProps) -> Html {
    let w = words();
    let listed = use_state(Vec::new);
    let recent = use_state(|| memory::load().recent);
    {
        let listed = listed.setter();
        use_effect_with((), move |()| {
            device::title(words().title);
            wasm_bindgen_futures::spawn_local(async move { listed.set(samples::list().await) });
        });
    }
    let forget = {
        let recent = recent.setter();
        Callback::from(move |_: MouseEvent| {
            memory::clear();
            device::wear(None);
            recent.set(Vec::new());
        })
    };
    let (first, others) = listed.split_at(listed.len().min(3));
    html! {
        <div class="start">
            <section class="hero">
                <h1>{ w.hero_question }<br /><em>{ w.hero_answer }</em></h1>
                <p class="lead">{ w.hero_lead }</p>
                <InputBar start={props.link.unread("ref").unwrap_or_default().to_owned()} />
            </section>
            if !listed.is_empty() {
                <section aria-labelledby="samples">
                    <h2 id="samples">{ w.samples }</h2>
                    <p class="muted">{ w.samples_lead }</p>
                    <ul class="cards">{ for first.iter().map(card) }</ul>
                    if !others.is_empty() {
                        <details class="more"><summary>{ w.samples_more }</summary>
                            <ul class="cards">{ for others.iter().map(card) }</ul>
                        </details>
                    }
                </section>
            }
            <Shelf />
            if !recent.is_empty() {
                <section aria-labelledby="recent">
                    <div class="heading">
                        <h2 id="recent">{ w.recent }</h2>
                        <button type="button" class="button plain" onclick={forget}>{ w.forget }</button>
                    </div>
                    <ul class="recent">{ for recent.iter().map(visited) }</ul>
                </section>
            }
            <section aria-labelledby="levels">
                <h2 id="levels">{ w.levels }</h2>
                <dl class="levels">{ for LEVELS.into_iter().map(level) }</dl>
                <p class="law">{ w.first_law }</p>
            </section>
        </div>
    }
}

/// The reader's own files: two of them are compared here, one of them with a tag on the tag's page.
#[component]
fn Shelf() -> Html {
    let w = words();
    let page = use_context::<Page>();
    let shelf = page.as_ref().map(|p| p.shelf.clone()).unwrap_or_default();
    let sides = use_state(|| (None::<Digest>, None::<Digest>));
    // What was dropped last is the newer one, until someone chooses.
    let right = sides
        .1
        .clone()
        .or_else(|| shelf.first().map(|k| k.digest.clone()));
    let other = shelf.iter().find(|k| Some(&k.digest) != right.as_ref());
    let left = sides.0.clone().or_else(|| other.map(|k| k.digest.clone()));
    let choose = |is_left: bool| {
        let sides = sides.clone();
        Callback::from(move |digest: Digest| {
            let (l, r) = (*sides).clone();
            sides.set(if is_left {
                (Some(digest), r)
            } else {
                (l, Some(digest))
            });
        })
    };
    let subject = shelf
        .iter()
        .find(|k| Some(&k.digest) == right.as_ref())
        .and_then(|k| k.facts.as_ref())
        .map(|f| Reference {
            digest: None,
            ..f.reference.clone()
        });
    let compare = match (&left, &right, subject) {
        (Some(left), Some(right), Some(subject)) if left != right => {
            Some(Link::to(subject).comparing(left.clone(), right.clone()))
        }
        _ => None,
    };
    let onclick = {
        let compare = compare.clone();
        Callback::from(move |_: MouseEvent| {
            if let (Some(page), Some(link)) = (&page, &compare) {
                page.go.emit(link.clone());
            }
        })
    };
    html! {
        <section class="shelf" aria-labelledby="shelf">
            <h2 id="shelf">{ w.shelf }</h2>
            <DropZone />
            if !shelf.is_empty() {
                <fieldset class="timeline">
                    <legend class="unseen">{ w.timeline_choice }</legend>
                    <div class="timeline-head" aria-hidden="true"><span>{ w.older }</span><span>{ w.newer }</span></div>
                    { timeline::list(&shelf, &Choice { chosen: [left.clone(), right.clone()], choose: [choose(true), choose(false)] }, None) }
                </fieldset>
                <p class="go-line">
                    <button type="button" class="button main" disabled={compare.is_none()} {onclick}>{ w.compare }</button>
                    if compare.is_none() { <span class="muted">{ w.shelf_one }</span> }
                </p>
            }
        </section>
    }
}

const LEVELS: [Level; 5] = [
    Level::Repackaged,
    Level::Cosmetic,
    Level::Changed,
    Level::Breaking,
    Level::Unknown,
];

fn level(level: Level) -> Html {
    let w = words();
    html! {
        <div class={classes!("level", level.word())}>
            <dt>{ icon(of_level(level)) }<span>{ w.headline(level) }<small>{ level.word() }</small></span></dt>
            <dd>{ w.meaning(level) }</dd>
        </div>
    }
}

fn card(sample: &samples::Sample) -> Html {
    let w = words();
    html! {
        <li>
            <Goto to={sample.link()} class="card">
                <strong>{ sample.title.clone() }</strong>
                <span>{ sample.blurb.clone() }</span>
                <code>{ format!("{}:{}", sample.repository, sample.tag) }</code>
                <span class="card-go">{ w.sample_go }</span>
            </Goto>
        </li>
    }
}

fn visited(recent: &memory::Recent) -> Html {
    let w = words();
    html! {
        <li>
            <Goto to={Link::read(&recent.query)}>
                <span class={classes!("level-sign", recent.level.map(Level::word))}>
                    { icon(of_level(recent.level.unwrap_or(Level::Unknown))) }
                </span>
                <code>{ recent.name.clone() }</code>
                if let Some(level) = recent.level { <span class="muted">{ w.headline(level) }</span> }
            </Goto>
        </li>
    }
}
