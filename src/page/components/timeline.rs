//! Digests in their order, each of which can be either side of a comparison.

use yew::prelude::*;

use super::digest::ShortDigest;
use crate::oci::Digest;
use crate::page::protocol::{Known, Source};
use crate::page::views::failure::sentence;
use crate::page::words::{fill, words};
use crate::page::written;
use crate::report::matrix::Matrix;

/// Which two are chosen, and how that is changed.
pub struct Choice {
    /// The older and the newer side.
    pub chosen: [Option<Digest>; 2],
    /// Chooses the older and the newer side.
    pub choose: [Callback<Digest>; 2],
}

/// All of them. Where it is known which hold the same content, those after the first of a content are folded.
pub fn list(all: &[Known], choice: &Choice, matrix: Option<&Matrix>) -> Html {
    let mut groups: Vec<(Option<usize>, Vec<&Known>)> = Vec::new();
    for one in all {
        let content = matrix.and_then(|m| content_of(m, &one.digest));
        match groups
            .iter_mut()
            .find(|(of, _)| content.is_some() && *of == content)
        {
            Some((_, group)) => group.push(one),
            None => groups.push((content, vec![one])),
        }
    }
    html! { <ol>{ for groups.iter().map(|(content, group)| html! {
        <>
            { for group.iter().take(1).map(|one| entry(one, choice, *content)) }
            if group.len() > 1 {
                <li class="same-content">
                    <details>
                        <summary>{ fill(words().same_content, &[&(group.len() - 1).to_string()]) }</summary>
                        <ol>{ for group.iter().skip(1).map(|one| entry(one, choice, *content)) }</ol>
                    </details>
                </li>
            }
        </>
    }) }</ol> }
}

/// The number of the content that a digest holds.
pub fn content_of(matrix: &Matrix, digest: &Digest) -> Option<usize> {
    let digest = digest.to_string();
    let row = matrix.digests.iter().find(|row| row.digest == digest)?;
    (row.content > 0).then_some(row.content)
}

/// One digest that can be either side.
fn entry(one: &Known, choice: &Choice, content: Option<usize>) -> Html {
    let w = words();
    let [left, right] = choice.chosen.each_ref().map(Option::as_ref);
    let [choose_left, choose_right] = &choice.choose;
    let is_now = one.sources.contains(&Source::Now);
    let radio = |name: &'static str, label: &str, chosen: Option<&Digest>, choose: &Callback<Digest>| {
        let digest = one.digest.clone();
        let onchange = choose.reform(move |_: Event| digest.clone());
        html! {
            <input type="radio" {name} checked={chosen == Some(&one.digest)} {onchange}
                   disabled={one.fault.is_some()} aria-label={fill(label, &[one.digest.short()])} />
        }
    };
    html! {
        <li key={one.digest.to_string()} class={classes!("past-entry", is_now.then_some("current"))}>
            { radio("left", w.as_older, left, choose_left) }
            { radio("right", w.as_newer, right, choose_right) }
            <div>
                if !one.name.is_empty() { <p class="past-name">{ one.name.clone() }</p> }
                <ShortDigest digest={one.digest.to_string()} />
                <div class="past-facts">
                    if let Some(facts) = &one.facts {
                        if let Some(created) = &facts.created {
                            <time datetime={created.clone()}>{ written::instant(created) }</time>
                        }
                        if let (Some(chart), Some(version)) = (&facts.chart, &facts.version) {
                            <span>{ format!("{chart} {version}") }</span>
                        }
                        <span>{ written::bytes(facts.size) }</span>
                    }
                    if let Some(fault) = &one.fault {
                        <span class="wrong">{ sentence(&fault.message) }</span>
                    }
                </div>
            </div>
            <div class="chips">
            if let Some(n) = content { <span class="chip">{ fill(w.content_number, &[&n.to_string()]) }</span> }
            { for one.sources.iter().map(|s| html! {
                <span class={classes!("chip", (*s == Source::Now).then_some("strong"))}>{ w.source(*s) }</span>
            }) }</div>
        </li>
    }
}
