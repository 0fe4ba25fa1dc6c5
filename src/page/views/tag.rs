//! A tag: what it points to now, what it pointed to before, and which two to compare.

use std::rc::Rc;

use yew::prelude::*;

use super::failure::Failure;
use crate::fault::FaultKind;
use crate::input::link::Link;
use crate::oci::{Digest, Reference};
use crate::page::app::Page;
use crate::page::components::add_digest::AddDigest;
use crate::page::components::asking::{Answer, use_asking};
use crate::page::components::contents::Contents;
use crate::page::components::digest::ShortDigest;
use crate::page::components::drop_zone::DropZone;
use crate::page::components::goto::Goto;
use crate::page::components::icons::{Icon, icon};
use crate::page::components::progress::Progress;
use crate::page::components::reading;
use crate::page::components::tag_list::TagList;
use crate::page::components::timeline::{self, Choice};
use crate::page::memory::{self, Seen};
use crate::page::protocol::{Facts, Known, Reply, Request, Source, Way};
use crate::page::words::{fill, words};
use crate::page::{device, engine, written};

/// Properties of [`Tag`].
#[derive(Properties, PartialEq)]
pub struct TagProps {
    /// With a tag, a digest, or both.
    pub reference: Reference,
}

/// The view.
#[component]
pub fn Tag(props: &TagProps) -> Html {
    // With a tag, the question is what it points to now; a digest beside it is one of its past.
    let subject = match &props.reference.tag {
        Some(_) => Reference {
            digest: None,
            ..props.reference.clone()
        },
        None => props.reference.clone(),
    };
    let asking = use_asking(Some(Request::Resolve {
        reference: subject.clone(),
    }));
    {
        let name = props.reference.to_string();
        use_effect_with(name, |name| {
            device::title(&format!("{name} · Tagdrift"));
            device::focus("#main");
        });
    }
    // Where the registry itself is the trouble, its tags would only say so again.
    let out_of_reach = matches!(&asking.answer, Answer::Failed(fault)
        if matches!(fault.kind, FaultKind::Unreachable | FaultKind::Denied | FaultKind::Busy));
    let body = match &asking.answer {
        Answer::Idle => html! {},
        Answer::Waiting(state) => html! { <Progress state={state.clone()} stop={asking.stop.clone()} /> },
        Answer::Failed(fault) => {
            html! { <Failure fault={fault.clone()} again={asking.again.clone()} reference={subject.clone()} /> }
        }
        Answer::Done(reply) => match &**reply {
            Reply::Facts(facts) => html! {
                <>
                    <Now facts={facts.clone()} />
                    <Past reference={subject.clone()} given={props.reference.digest.clone()} facts={facts.clone()} />
                </>
            },
            _ => html! {},
        },
    };
    html! {
        <div class="tag-view">
            <Heading reference={props.reference.clone()} />
            <div class="with-side">
                <div>{ body }</div>
                if !out_of_reach { <TagList reference={subject.clone()} /> }
            </div>
        </div>
    }
}

/// Properties of [`Heading`].
#[derive(Properties, PartialEq)]
pub struct HeadingProps {
    /// What is looked at.
    pub reference: Reference,
}

/// `registry / repository : tag` as a heading, the repository a link.
#[component]
pub fn Heading(props: &HeadingProps) -> Html {
    let r = &props.reference;
    let repository = Link::to(Reference {
        tag: None,
        digest: None,
        ..r.clone()
    });
    let registry = if r.registry == engine::SAMPLES {
        words().sample_registry.to_owned()
    } else if r.registry == engine::FILES {
        words().your_files.to_owned()
    } else {
        r.registry.clone()
    };
    let bare = r.tag.is_none() && r.digest.is_none();
    let tag = Link::to(Reference {
        digest: None,
        ..r.clone()
    });
    html! {
        <h1 class="subject" tabindex="-1">
            <span class="subject-registry">{ registry }{ " / " }</span>
            if bare { <span>{ r.repository.clone() }</span> } else { <Goto to={repository}>{ r.repository.clone() }</Goto> }
            if let Some(name) = &r.tag { <Goto to={tag} class="subject-tag">{ name.clone() }</Goto> }
            else if let Some(digest) = &r.digest { <ShortDigest digest={digest.to_string()} /> }
        </h1>
    }
}

/// Properties of [`Now`].
#[derive(Properties, PartialEq)]
struct NowProps {
    facts: Facts,
}

/// What it points to now.
#[component]
fn Now(props: &NowProps) -> Html {
    let w = words();
    let f = &props.facts;
    let by_digest = f.reference.tag.is_none();
    let row = |name: &str, value: Html| html! { <div><dt>{ name.to_owned() }</dt><dd>{ value }</dd></div> };
    html! {
        <section class="panel now" aria-labelledby="now">
            <h2 id="now">{ if by_digest { w.this_digest } else { w.points_to_now } }</h2>
            <p class="now-digest"><ShortDigest digest={f.digest.to_string()} digits={64} /></p>
            <dl class="facts">
                { row(w.kind, html! { w.kind_name(f.kind) }) }
                if let Some(chart) = &f.chart {
                    { row(w.chart, html! { <>{ chart.clone() }{ " " }{ f.version.clone() }</> }) }
                } else if let Some(version) = &f.version {
                    { row(w.version, html! { version.clone() }) }
                }
                { row(w.size, html! { written::bytes(f.size) }) }
                if let Some(created) = &f.created {
                    { row(w.created, html! { <time datetime={created.clone()}>{ written::instant(created) }</time> }) }
                }
                if !f.platforms.is_empty() {
                    { row(w.platforms, html! { f.platforms.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ") }) }
                }
                { row(w.read_by, html! { reading::way(&f.way) }) }
                if let Some(quota) = &f.quota { { row(w.quota, html! { reading::quota(quota) }) } }
            </dl>
        </section>
    }
}

/// Properties of [`Past`].
#[derive(Properties, PartialEq)]
struct PastProps {
    reference: Reference,
    /// A digest that stood beside the tag.
    given: Option<Digest>,
    facts: Facts,
}

/// Earlier digests, and the choice of two.
#[component]
fn Past(props: &PastProps) -> Html {
    let w = words();
    let page = use_context::<Page>();
    let reference = &props.reference;
    let seen = use_state(|| {
        // Before anything is asked: what is known is part of the question, which is then asked once.
        memory::remember(reference, &props.facts.digest, false);
        memory::digests(reference)
    });
    {
        let (reference, facts, given) = (reference.clone(), props.facts.clone(), props.given.clone());
        let page = page.clone();
        let seen = seen.setter();
        use_effect_with(props.facts.digest.clone(), move |_| {
            memory::remember(&reference, &facts.digest, false);
            learn_way(page.as_ref(), &reference, &facts.way);
            if let Some(given) = given {
                memory::remember(&reference, &given, true);
            }
            seen.set(memory::digests(&reference));
        });
    }
    let mut known: Vec<Digest> = seen.iter().map(|s| s.digest.clone()).collect();
    known.extend(
        props
            .given
            .iter()
            .filter(|d| !seen.iter().any(|s| s.digest == **d))
            .cloned(),
    );
    let request = Request::Timeline {
        reference: reference.clone(),
        known,
    };
    let asking = use_asking(Some(request));
    // While a longer list is fetched, the shorter one stays.
    let last = use_mut_ref(|| None::<Rc<Reply>>);
    if let Answer::Done(reply) = &asking.answer {
        *last.borrow_mut() = Some(reply.clone());
    }
    let mut listed: Vec<Known> = match last.borrow().as_deref() {
        Some(Reply::Timeline(list)) => list
            .iter()
            .map(|one| with_memory(one, &seen, &props.given))
            .collect(),
        _ => Vec::new(),
    };
    // Whatever lies on the reader's shelf can be either side.
    let shelf = page.as_ref().map(|p| p.shelf.clone()).unwrap_or_default();
    let of_registry = listed.len();
    listed.extend(shelf.iter().cloned());
    // What was read to tell contents apart stands until other digests are asked about.
    let readable: Vec<Digest> = listed
        .iter()
        .take(of_registry)
        .filter(|k| k.facts.is_some())
        .map(|k| k.digest.clone())
        .collect();
    let asked = use_state_eq(|| None::<Vec<Digest>>);
    let telling = use_asking((*asked).clone().map(|digests| Request::Contents {
        reference: reference.clone(),
        digests,
    }));
    let told = match &telling.answer {
        Answer::Done(reply) => Some(reply.clone()),
        _ => None,
    };
    let matrix = match told.as_deref() {
        Some(Reply::Contents(matrix)) => Some(&**matrix),
        _ => None,
    };
    let sides = use_state(|| (None::<Digest>, None::<Digest>));
    let right = sides
        .1
        .clone()
        .or_else(|| props.given.clone())
        .or_else(|| listed.first().map(|k| k.digest.clone()));
    let left = sides.0.clone().or_else(|| {
        let content = |digest: &Digest| matrix.and_then(|m| timeline::content_of(m, digest));
        let mut earlier = listed
            .iter()
            .skip_while(|k| Some(&k.digest) != right.as_ref())
            .skip(1);
        let next = earlier.clone().next();
        // Once contents are known, the next one of another content.
        earlier
            .find(|k| content(&k.digest) != right.as_ref().and_then(content))
            .or(next)
            .or_else(|| listed.iter().find(|k| Some(&k.digest) != right.as_ref()))
            .map(|k| k.digest.clone())
    });
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
    let compare = match (&left, &right) {
        (Some(left), Some(right)) if left != right => {
            Some(Link::to(reference.clone()).comparing(left.clone(), right.clone()))
        }
        _ => None,
    };
    let onclick = {
        let (page, compare) = (page.clone(), compare.clone());
        Callback::from(move |_: MouseEvent| {
            if let (Some(page), Some(link)) = (&page, &compare) {
                page.go.emit(link.clone());
            }
        })
    };
    let add = {
        let (reference, seen) = (reference.clone(), seen.setter());
        Callback::from(move |digest: Digest| {
            memory::remember(&reference, &digest, true);
            let mut now = memory::digests(&reference);
            if !now.iter().any(|s| s.digest == digest) {
                now.push(Seen {
                    digest,
                    added: true,
                    at: 0,
                });
            }
            seen.set(now);
        })
    };
    let other = {
        let (page, reference) = (page.clone(), reference.clone());
        Callback::from(move |other: Reference| {
            if let Some(page) = &page {
                page.go.emit(Link::between(other, reference.clone()));
            }
        })
    };
    let tell = {
        let (asked, readable) = (asked.setter(), readable.clone());
        Callback::from(move |_: MouseEvent| asked.set(Some(readable.clone())))
    };
    let choice = Choice {
        chosen: [left.clone(), right.clone()],
        choose: [choose(true), choose(false)],
    };
    let contents = of_registry;
    html! {
        <section class="panel past" aria-labelledby="past">
            <h2 id="past">{ w.timeline }</h2>
            if contents > 1 { <p class="muted">{ fill(w.timeline_lead, &[&contents.to_string()]) }</p> }
            if contents == 1 && matches!(asking.answer, Answer::Done(_)) { <p class="muted">{ w.timeline_alone }</p> }
            if let Answer::Failed(fault) = &asking.answer {
                <Failure fault={fault.clone()} again={asking.again.clone()} small={true} />
            }
            if !listed.is_empty() {
                <fieldset class="timeline">
                    <legend class="unseen">{ w.timeline_choice }</legend>
                    <div class="timeline-head" aria-hidden="true"><span>{ w.older }</span><span>{ w.newer }</span></div>
                    { timeline::list(&listed, &choice, matrix) }
                </fieldset>
            }
            if let Answer::Waiting(state) = &asking.answer {
                <Progress state={state.clone()} stop={asking.stop.clone()} />
            }
            if readable.len() > 1 && asked.as_ref() != Some(&readable) {
                <p class="contents-go">
                    <button type="button" class="button" onclick={tell}>{ fill(w.contents_go, &[&readable.len().to_string()]) }</button>
                </p>
            }
            { match &telling.answer {
                Answer::Waiting(state) => html! { <Progress state={state.clone()} stop={telling.stop.clone()} /> },
                Answer::Failed(fault) => html! { <Failure fault={fault.clone()} again={telling.again.clone()} small={true} /> },
                Answer::Done(reply) => html! { <Contents reference={reference.clone()} reply={reply.clone()} /> },
                Answer::Idle => html! {},
            } }
            <AddDigest reference={reference.clone()} {add} {other} />
            <details class="more" open={!shelf.is_empty()}>
                <summary>{ w.compare_file }</summary>
                <DropZone />
            </details>
            <p class="go-line">
                <button type="button" class="button main" disabled={compare.is_none()} {onclick}>{ w.compare }</button>
                if let (Some(left), Some(right), true) = (&left, &right, compare.is_some()) {
                    <span class="pair"><ShortDigest digest={left.to_string()} bare={true} />{ icon(Icon::Arrow) }
                    <ShortDigest digest={right.to_string()} bare={true} /></span>
                } else {
                    <span class="muted">{ w.compare_two }</span>
                }
            </p>
        </section>
    }
}

/// Remembers that a relay was needed, so that the next visit need not fail first.
fn learn_way(page: Option<&Page>, reference: &Reference, way: &Way) {
    let host = reference.api_host();
    if let (Some(page), Way::Relay | Way::RelayAt(_)) = (page, way)
        && !page.settings.relayed.contains_key(host)
    {
        let mut settings = page.settings.clone();
        settings.relayed.insert(host.to_owned(), true);
        page.settle.emit(settings);
    }
}

/// Adds what this device knows to what the registry said.
fn with_memory(one: &Known, seen: &[Seen], given: &Option<Digest>) -> Known {
    let mut one = one.clone();
    if let Some(seen) = seen.iter().find(|s| s.digest == one.digest) {
        let source = if seen.added {
            Source::Added
        } else {
            Source::SeenHere
        };
        if !one.sources.contains(&Source::Now) || seen.added {
            one.sources.push(source);
        }
    } else if given.as_ref() == Some(&one.digest) {
        one.sources.push(Source::Added);
    }
    one
}
