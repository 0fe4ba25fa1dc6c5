//! The verdict, and what stands in its way.

use yew::prelude::*;

use super::icons::{Icon, icon, of_level};
use super::seen::{prose, seen};
use crate::page::words::words;
use crate::report::{Unread, Verdict as Model};

/// Properties of [`Verdict`].
#[derive(Properties, PartialEq)]
pub struct VerdictProps {
    /// What it comes to.
    pub verdict: Model,
}

/// The banner. The level is told by word, shape and colour.
#[component]
pub fn Verdict(props: &VerdictProps) -> Html {
    let v = &props.verdict;
    html! {
        <section id="verdict" class={classes!("verdict", v.level.word())} data-level={v.level.word()}
                 aria-labelledby="headline" tabindex="-1">
            <div class="verdict-sign">{ icon(of_level(v.level)) }</div>
            <div>
                <p class="verdict-level">{ v.level.word() }</p>
                <h2 id="headline">{ v.headline.clone() }</h2>
                <p class="verdict-summary">{ prose(&v.summary) }</p>
                if !v.detail.is_empty() {
                    <details><summary>{ words().detail }</summary><p>{ prose(&v.detail) }</p></details>
                }
            </div>
        </section>
    }
}

/// Properties of [`Unreads`].
#[derive(Properties, PartialEq)]
pub struct UnreadsProps {
    /// What could not be read.
    pub unread: Vec<Unread>,
}

/// What could not be read: shown in full, because it is why nobody can say "no change".
#[component]
pub fn Unreads(props: &UnreadsProps) -> Html {
    let w = words();
    if props.unread.is_empty() {
        return html! {};
    }
    html! {
        <section class="unread" aria-labelledby="unread">
            <h2 id="unread">{ icon(Icon::Unknown) }{ w.unread }</h2>
            <ul>{ for props.unread.iter().map(|u| html! {
                <li><code class="wrap">{ seen(&u.what) }</code><span>{ prose(&u.why) }</span></li>
            }) }</ul>
        </section>
    }
}
