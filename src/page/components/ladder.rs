//! The ladder of equality: how far the two sides were proven the same, with the hashes that say so.

use yew::prelude::*;

use super::copy::Copy;
use super::digest::ShortDigest;
use super::icons::{Icon, icon};
use crate::page::words::words;
use crate::report::Rung;
use crate::verdict::Proven;

/// Properties of [`Ladder`].
#[derive(Properties, PartialEq)]
pub struct LadderProps {
    /// From the whole to the parts.
    pub rungs: Vec<Rung>,
    /// The highest rung that holds.
    pub proven: Proven,
}

/// The ladder.
#[component]
pub fn Ladder(props: &LadderProps) -> Html {
    let w = words();
    if props.rungs.is_empty() {
        return html! {};
    }
    html! {
        <section class="panel ladder" aria-labelledby="ladder">
            <h2 id="ladder">{ w.ladder }</h2>
            <ol>{ for props.rungs.iter().map(|rung| one(rung, rung.rung == props.proven)) }</ol>
        </section>
    }
}

fn one(rung: &Rung, highest: bool) -> Html {
    let w = words();
    let (sign, word, class) = match rung.equal {
        Some(true) => (Icon::Check, w.rung_equal, "equal"),
        Some(false) => (Icon::Cross, w.rung_differs, "differs"),
        None => (Icon::Unknown, w.rung_unknown, "unsure"),
    };
    html! {
        <li class={classes!("rung", class, highest.then_some("highest"))}>
            <span class="rung-sign">{ icon(sign) }</span>
            <div>
                <p><strong>{ w.rung(rung.rung) }</strong>{ " " }<span class="muted">{ word }</span></p>
                if !rung.left.is_empty() || !rung.right.is_empty() {
                    <p class="rung-hashes">
                        if rung.left == rung.right {
                            { hash(&rung.left) }
                        } else {
                            { hash(&rung.left) }{ icon(Icon::Arrow) }{ hash(&rung.right) }
                        }
                    </p>
                }
                if !rung.check.is_empty() {
                    <details><summary>{ w.check_yourself }</summary>
                        <div class="snippet"><pre>{ rung.check.clone() }</pre><Copy text={rung.check.clone()} label={w.copy_command} /></div>
                    </details>
                }
            </div>
        </li>
    }
}

/// One hash, or several in a text: each shortened.
fn hash(text: &str) -> Html {
    if text.is_empty() {
        return html! { <span class="muted">{ "–" }</span> };
    }
    let parts: Vec<&str> = text.split([' ', ',']).filter(|p| !p.is_empty()).collect();
    html! {
        <span class="hashes">{ for parts.iter().take(3).map(|p| html! { <ShortDigest digest={(*p).to_owned()} bare={true} /> }) }
            if parts.len() > 3 { <span class="muted">{ format!("+{}", parts.len() - 3) }</span> }
        </span>
    }
}
