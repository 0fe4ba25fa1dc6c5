//! The three questions, answered apart, and notes: what to know that is no cause.

use std::rc::Rc;

use yew::prelude::*;

use super::causes::one;
use super::copy::Copy;
use super::icons::{Icon, icon};
use super::noise::FORGERY;
use super::seen::prose;
use crate::input::link::Link;
use crate::page::words::{fill, words};
use crate::report::{Answer, Comparison, Note};
use crate::verdict::{Level, Weight};

/// Properties of [`Questions`].
#[derive(Properties, PartialEq)]
pub struct QuestionsProps {
    /// The comparison.
    pub comparison: Rc<Comparison>,
}

#[derive(Clone, Copy, PartialEq)]
enum Said {
    Yes,
    No,
    Unsure,
}

/// Did bytes change, did content change, will pods restart.
#[component]
pub fn Questions(props: &QuestionsProps) -> Html {
    let w = words();
    let c = &props.comparison;
    let bytes = if c.verdict.level == Level::Identical {
        Said::No
    } else {
        Said::Yes
    };
    let content = match c.verdict.level {
        Level::Identical | Level::Repackaged => Said::No,
        Level::Cosmetic | Level::Changed | Level::Breaking => Said::Yes,
        // Something is unread, but a file may be known to differ all the same.
        Level::Unknown
            if c.causes
                .iter()
                .any(|c| matches!(c.weight, Weight::Cosmetic | Weight::Deployed)) =>
        {
            Said::Yes
        }
        Level::Unknown => Said::Unsure,
    };
    let (restart, depends) = match c.restarts.answer {
        Answer::Yes => (Said::Yes, false),
        Answer::No => (Said::No, false),
        Answer::Depends => (Said::Unsure, true),
    };
    let content_note = match c.verdict.level {
        Level::Cosmetic => Some(w.only_cosmetic),
        _ => None,
    };
    html! {
        <section class="panel questions" aria-labelledby="questions">
            <h2 id="questions">{ w.questions }</h2>
            <dl>
                { question(w.did_bytes, bytes, None, html! {}) }
                { question(w.did_content, content, None, html! { if let Some(note) = content_note { <p class="muted">{ note }</p> } }) }
                { question(w.will_restart, restart, depends.then_some(w.depends), html! {
                    { because(&c.restarts.because) }
                }) }
            </dl>
        </section>
    }
}

/// Reasons shown at once; the others are folded.
const REASONS: usize = 2;

fn because(reasons: &[String]) -> Html {
    let list = |reasons: &[String]| {
        html! { <ul class="because">{ for reasons.iter().map(|b| html! { <li>{ prose(b) }</li> }) }</ul> }
    };
    let (first, others) = reasons.split_at(reasons.len().min(REASONS));
    html! {
        <>
            if !first.is_empty() { { list(first) } }
            if !others.is_empty() {
                <details><summary>{ fill(words().more_reasons, &[&others.len().to_string()]) }</summary>{ list(others) }</details>
            }
        </>
    }
}

fn question(asked: &str, said: Said, word: Option<&str>, more: Html) -> Html {
    let w = words();
    let (sign, plain, class) = match said {
        Said::Yes => (Icon::Delta, w.yes, "yes"),
        Said::No => (Icon::Equal, w.no, "no"),
        Said::Unsure => (Icon::Unknown, w.cannot_tell, "unsure"),
    };
    let answer = word.unwrap_or(plain).to_owned();
    html! {
        <div class="question">
            <dt>{ asked.to_owned() }</dt>
            <dd><span class={classes!("answer", class)}>{ icon(sign) }{ answer }</span>{ more }</dd>
        </div>
    }
}

/// Properties of [`Notes`].
#[derive(Properties, PartialEq)]
pub struct NotesProps {
    /// In their order.
    pub notes: Vec<Note>,
}

/// The topic of what could mislead a reader.
const FORGERY_TOPIC: &str = "forgery";

/// Properties of [`Forgery`].
#[derive(Properties, PartialEq)]
pub struct ForgeryProps {
    /// The comparison.
    pub comparison: Rc<Comparison>,
    /// Where the page is, for links to files.
    pub link: Link,
}

/// What could hide something from a reader or a tool: never noise, whatever its weight.
#[component]
pub fn Forgery(props: &ForgeryProps) -> Html {
    let w = words();
    let c = &props.comparison;
    let causes = c.causes.iter().filter(|c| FORGERY.contains(&c.code));
    // What a cause has said already is not said again.
    let said = |text: &str| {
        let mut told = causes.clone();
        told.any(|c| !c.path.is_empty() && text.starts_with(&c.path) && text.ends_with(&c.note))
    };
    let notes = c
        .notes
        .iter()
        .filter(|n| n.topic == FORGERY_TOPIC && !said(&n.text));
    if causes.clone().next().is_none() && notes.clone().next().is_none() {
        return html! {};
    }
    html! {
        <section class="panel causes forgery" aria-labelledby="forgery">
            <h2 id="forgery">{ icon(Icon::Stop) }{ w.forgery }</h2>
            <p class="muted">{ w.forgery_lead }</p>
            <ul>
                { for causes.clone().map(|cause| one(cause, c, &props.link)) }
                { for notes.map(|n| html! { <li class="cause"><p>{ prose(&n.text) }</p></li> }) }
            </ul>
        </section>
    }
}

/// Notes by topic, each with what there is to copy.
#[component]
pub fn Notes(props: &NotesProps) -> Html {
    let w = words();
    let mut notes = props.notes.iter().filter(|n| n.topic != FORGERY_TOPIC).peekable();
    if notes.peek().is_none() {
        return html! {};
    }
    html! {
        <section class="panel notes" aria-labelledby="notes">
            <h2 id="notes">{ w.notes }</h2>
            <ul>{ for notes.map(note) }</ul>
        </section>
    }
}

/// One note. Proofs are for those who check, so they are folded.
fn note(note: &Note) -> Html {
    let w = words();
    let topic = html! { <span class="chip">{ w.topic(&note.topic).to_owned() }</span> };
    let body = html! {
        <>
            <p>{ prose(&note.text) }</p>
            if !note.snippet.is_empty() {
                <div class="snippet"><pre>{ note.snippet.clone() }</pre><Copy text={note.snippet.clone()} label={w.copy_snippet} /></div>
            }
        </>
    };
    if note.topic == "proof" {
        html! { <li><details><summary>{ topic }</summary>{ body }</details></li> }
    } else {
        html! { <li>{ topic }{ body }</li> }
    }
}
