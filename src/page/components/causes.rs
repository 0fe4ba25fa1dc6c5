//! Why the digests differ: causes by weight, noise folded with its count.

use std::rc::Rc;

use yew::prelude::*;

use super::digest::shorten;
use super::goto::Goto;
use super::icons::{Icon, icon};
use super::noise::{FORGERY, NoiseFilters, hides};
use super::seen::{prose, seen};
use crate::input::link::Link;
use crate::oci::{Digest, Reference};
use crate::page::words::{fill, words};
use crate::page::written;
use crate::report::Comparison;
use crate::verdict::{Cause, Code, Severity, Weight};

/// Properties of [`Causes`].
#[derive(Properties, PartialEq)]
pub struct CausesProps {
    /// The comparison.
    pub comparison: Rc<Comparison>,
    /// Where the page is, for links to files.
    pub link: Link,
}

/// Causes shown at once in a group.
const PAGE: usize = 40;

/// What weighs most stands first.
const ORDER: [Weight; 4] = [
    Weight::Unread,
    Weight::Deployed,
    Weight::Cosmetic,
    Weight::Packaging,
];

/// All causes.
#[component]
pub fn Causes(props: &CausesProps) -> Html {
    let w = words();
    let c = &props.comparison;
    html! {
        <section class="panel causes" aria-labelledby="causes">
            <h2 id="causes">{ w.causes }</h2>
            if c.causes.is_empty() { <p class="muted">{ w.no_causes }</p> }
            <NoiseFilters comparison={c.clone()} link={props.link.clone()} />
            { for ORDER.into_iter().map(|weight| html! {
                <Group key={w.weight(weight).0} {weight} comparison={c.clone()} link={props.link.clone()} />
            }) }
            if c.causes_left_off > 0 {
                <p class="muted">{ fill(w.causes_left_off, &[&written::count(c.causes_left_off)]) }</p>
            }
        </section>
    }
}

/// Properties of [`Group`].
#[derive(Properties, PartialEq)]
struct GroupProps {
    weight: Weight,
    comparison: Rc<Comparison>,
    link: Link,
}

/// Causes of one weight. Packaging is folded when something weightier stands above it.
#[component]
fn Group(props: &GroupProps) -> Html {
    let w = words();
    let shown = use_state_eq(|| PAGE);
    let all: Vec<&Cause> = props
        .comparison
        .causes
        .iter()
        .filter(|c| c.weight == props.weight && !FORGERY.contains(&c.code) && !hides(&props.link, c))
        .collect();
    if all.is_empty() {
        return html! {};
    }
    let more = {
        let shown = shown.clone();
        Callback::from(move |_: MouseEvent| shown.set(*shown + PAGE))
    };
    let (title, lead) = w.weight(props.weight);
    let noise = props.weight == Weight::Packaging;
    let alone = props.comparison.causes.iter().all(|c| c.weight == props.weight);
    let list = html! {
        <>
            <p class="muted">{ lead }</p>
            <ul>{ for all.iter().take(*shown).map(|c| one(c, &props.comparison, &props.link)) }</ul>
            if all.len() > *shown {
                <button type="button" class="button" onclick={more}>
                    { fill(w.show_more, &[&written::count((all.len() - *shown) as u64)]) }
                </button>
            }
        </>
    };
    let heading = html! {
        <>{ title }<span class="count">{ written::count(all.len() as u64) }</span></>
    };
    if noise {
        html! {
            <details class="cause-group" open={alone && all.len() <= 8}>
                <summary><h3>{ heading }</h3></summary>
                { list }
            </details>
        }
    } else {
        html! { <div class="cause-group"><h3>{ heading }</h3>{ list }</div> }
    }
}

/// One cause with its place, its values and its note.
pub fn one(cause: &Cause, comparison: &Comparison, link: &Link) -> Html {
    let w = words();
    let shown_file = comparison
        .files
        .iter()
        .any(|f| f.path == cause.path)
        .then(|| of_platform(link, &cause.platform).opening(Some(cause.path.clone())));
    // A platform's cause without a file leads to that platform's own comparison.
    let alone = (shown_file.is_none() && !cause.platform.is_empty() && link.platform.is_none())
        .then(|| of_platform(link, &cause.platform).opening(None));
    html! {
        <li class="cause" data-code={cause.code.word()}>
            <p class="cause-head">
                { severity(cause.severity) }
                <strong>{ w.cause(cause.code) }</strong>
                if let Some(to) = alone { <Goto {to} class="chip">{ seen(&cause.platform) }</Goto> }
                else if !cause.platform.is_empty() { <span class="chip">{ seen(&cause.platform) }</span> }
                if cause.count > 1 { <span class="count">{ format!("×\u{202f}{}", written::count(cause.count)) }</span> }
                <code class="code" title={w.cause_code}>{ cause.code.word() }</code>
            </p>
            if !cause.path.is_empty() || !cause.pointer.is_empty() {
                <p class="cause-place">
                    if let Some(to) = shown_file { <Goto {to}><code>{ seen(&cause.path) }</code></Goto> }
                    else if !cause.path.is_empty() { <code>{ seen(&cause.path) }</code> }
                    if !cause.pointer.is_empty() { <code class="pointer">{ seen(&cause.pointer) }</code> }
                </p>
            }
            if cause.from.is_some() || cause.to.is_some() {
                <p class="change">
                    { value(cause, cause.from.as_deref(), "from") }
                    { icon(Icon::Arrow) }<span class="unseen">{ w.became }</span>
                    { value(cause, cause.to.as_deref(), "to") }
                </p>
            }
            { images(cause) }
            if !cause.note.is_empty() { <p class="cause-note">{ prose(&cause.note) }</p> }
        </li>
    }
}

/// The same comparison of one platform only; the whole one where there is no such platform to write.
pub fn of_platform(link: &Link, platform: &str) -> Link {
    Link {
        platform: platform.parse().ok().or_else(|| link.platform.clone()),
        ..link.clone()
    }
}

fn value(cause: &Cause, value: Option<&str>, class: &'static str) -> Html {
    if let Some(image) = value.and_then(|value| image(cause, value)) {
        return html! { <Goto to={Link::to(image)}><code {class}>{ value.map(seen) }</code></Goto> };
    }
    match value {
        Some("") => html! { <code class={classes!(class, "empty")}>{ words().empty_value }</code> },
        Some(value) if value.parse::<Digest>().is_ok() => {
            html! { <code {class} title={value.to_owned()}>{ shorten(value, 12) }</code> }
        }
        Some(value) => html! { <code {class}>{ seen(value) }</code> },
        None => html! { <span class={classes!(class, "absent")}>{ words().absent }</span> },
    }
}

/// The comparison of the images that a cause names, where both can be looked up.
fn images(cause: &Cause) -> Html {
    let w = words();
    let side = |value: &Option<String>| {
        image(cause, value.as_deref()?).filter(|image| image.manifest_name().is_some())
    };
    let (Some(from), Some(to)) = (side(&cause.from), side(&cause.to)) else {
        return html! {};
    };
    let pinned = from.digest.is_some() && to.digest.is_some();
    let said = if pinned {
        w.compare_images
    } else {
        w.compare_images_now
    };
    html! { <p class="cause-images"><Goto to={Link::between(from, to)}>{ said }</Goto></p> }
}

/// The image that a value of a cause names; nothing where a template has yet to fill it in.
fn image(cause: &Cause, value: &str) -> Option<Reference> {
    let word = |text: &str| text.contains(|c: char| c.is_ascii_alphabetic());
    let known =
        cause.code == Code::ImageReference && word(value) && !matches!(value, "true" | "false" | "null");
    known.then(|| value.parse().ok()).flatten()
}

/// The severity as figure and word.
fn severity(severity: Severity) -> Html {
    let n = u8::from(severity);
    html! {
        <span class={classes!("severity", format!("s{n}"))} title={words().severity}>
            <b>{ n }</b>{ words().severity_name(severity) }
        </span>
    }
}
