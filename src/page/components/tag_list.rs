//! A repository's tags, newest version first, with a filter and a bounded number shown.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::asking::{Answer, use_asking};
use super::goto::Goto;
use super::progress::Progress;
use crate::input::link::Link;
use crate::oci::Reference;
use crate::page::protocol::{Reply, Request, Tags};
use crate::page::views::failure::{Failure, sentence};
use crate::page::words::{fill, words};
use crate::page::written;

/// Properties of [`TagList`].
#[derive(Properties, PartialEq)]
pub struct TagListProps {
    /// Tag and digest only mark where one is.
    pub reference: Reference,
    /// As the main thing on the page.
    #[prop_or_default]
    pub whole: bool,
}

/// Tags shown at once, and added by "show more".
const PAGE: usize = 60;

/// The list.
#[component]
pub fn TagList(props: &TagListProps) -> Html {
    let w = words();
    let repository = Reference {
        tag: None,
        digest: None,
        ..props.reference.clone()
    };
    let asking = use_asking(Some(Request::ListTags {
        reference: repository.clone(),
    }));
    let filter = use_state(String::new);
    let shown = use_state_eq(|| PAGE);
    let oninput = {
        let (filter, shown) = (filter.setter(), shown.setter());
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                shown.set(PAGE);
                filter.set(field.value());
            }
        })
    };
    let more = {
        let shown = shown.clone();
        Callback::from(move |_: MouseEvent| shown.set(*shown + PAGE))
    };
    let body = match &asking.answer {
        Answer::Idle => html! {},
        Answer::Waiting(state) => html! { <Progress state={state.clone()} stop={asking.stop.clone()} /> },
        Answer::Failed(fault) => {
            html! { <Failure fault={fault.clone()} again={asking.again.clone()} small={!props.whole}
            reference={repository.clone()} /> }
        }
        Answer::Done(reply) => match &**reply {
            Reply::Tags(tags) => {
                let fitting: Vec<&String> = tags.tags.iter().filter(|t| t.contains(filter.trim())).collect();
                html! {
                    <>
                        if tags.tags.len() > 12 {
                            <label class="filter"><span class="unseen">{ w.filter_tags }</span>
                                <input type="search" value={(*filter).clone()} {oninput} placeholder={w.filter_tags} />
                            </label>
                        }
                        <ul class="tags">{ for fitting.iter().take(*shown).map(|tag| item(tag, &repository, props.reference.tag.as_deref())) }</ul>
                        if fitting.is_empty() { <p class="muted">{ if tags.tags.is_empty() { w.no_tags } else { w.no_tag_fits } }</p> }
                        if fitting.len() > *shown {
                            <button type="button" class="button" onclick={more}>
                                { fill(w.show_more, &[&written::count((fitting.len() - *shown) as u64)]) }
                            </button>
                        }
                        { footnote(tags) }
                    </>
                }
            }
            _ => html! {},
        },
    };
    html! {
        <section class={classes!("panel", "tag-list", props.whole.then_some("whole"))} aria-labelledby="tags">
            <h2 id="tags">{ w.tags }</h2>
            { body }
        </section>
    }
}

fn item(tag: &str, repository: &Reference, here: Option<&str>) -> Html {
    let to = Link::to(Reference {
        tag: Some(tag.to_owned()),
        ..repository.clone()
    });
    html! {
        <li key={tag.to_owned()} class={classes!((here == Some(tag)).then_some("here"))}>
            <Goto {to}>{ tag.to_owned() }</Goto>
        </li>
    }
}

fn footnote(tags: &Tags) -> Html {
    let w = words();
    html! {
        <>
            if tags.attached > 0 {
                <p class="muted small">{ fill(w.attached, &[&written::count(tags.attached as u64)]) }</p>
            }
            if let Some(fault) = &tags.cut { <p class="wrong small">{ fill(w.tags_cut, &[&sentence(&fault.message)]) }</p> }
        </>
    }
}
