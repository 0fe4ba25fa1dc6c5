//! Which contents the digests of a tag hold: each content with its digests, every pair with its comparison,
//! the files that vary.

use std::rc::Rc;

use yew::prelude::*;

use super::digest::{ShortDigest, shorten};
use super::goto::Goto;
use super::icons::{icon, of_level};
use super::seen::{prose, seen};
use crate::input::link::Link;
use crate::oci::{Digest, Reference};
use crate::page::app::Page;
use crate::page::protocol::Reply;
use crate::page::words::{fill, words};
use crate::page::written;
use crate::report::matrix::{ContentRow, FileVariants, Matrix, Variant};

/// Digests whose pairs fit into a table.
const IN_TABLE: usize = 12;

/// Files shown at once.
const FILES: usize = 40;

/// Digits of a digest at the edge of a table.
const DIGITS: usize = 7;

/// Properties of [`Contents`].
#[derive(Properties)]
pub struct ContentsProps {
    /// Whose digests.
    pub reference: Reference,
    /// With the matrix.
    pub reply: Rc<Reply>,
}

impl PartialEq for ContentsProps {
    fn eq(&self, other: &Self) -> bool {
        self.reference == other.reference && Rc::ptr_eq(&self.reply, &other.reply)
    }
}

/// The matrix.
#[component]
pub fn Contents(props: &ContentsProps) -> Html {
    let w = words();
    let page = use_context::<Page>();
    let shown = use_state_eq(|| FILES);
    let headline = match &*props.reply {
        Reply::Contents(matrix) => Some(matrix.headline()),
        _ => None,
    };
    use_effect_with(headline, move |headline| {
        if let (Some(page), Some(headline)) = (page, headline) {
            page.say.emit(headline.clone());
        }
    });
    let Reply::Contents(matrix) = &*props.reply else {
        return html! {};
    };
    let more = {
        let shown = shown.clone();
        Callback::from(move |_: MouseEvent| shown.set(*shown + FILES))
    };
    html! {
        <section class="contents" aria-labelledby="contents">
            <h3 id="contents">{ matrix.headline() }</h3>
            <ol class="content-list">{ for matrix.contents.iter().map(|row| content(row, matrix, &props.reference)) }</ol>
            if matrix.digests_left_off > 0 {
                <p class="muted">{ fill(w.contents_left_off, &[&matrix.digests_left_off.to_string()]) }</p>
            }
            if matrix.digests.len() > 2 && matrix.digests.len() <= IN_TABLE { { pairs(matrix, &props.reference) } }
            if !matrix.files.is_empty() {
                <div class="wide-table" role="region" tabindex="0" aria-label={w.vary}>
                    <table class="vary">
                        <caption>{ w.vary }<span class="count">{ written::count(matrix.files.len() as u64) }</span></caption>
                        <thead><tr>
                            <th scope="col">{ w.vary_file }</th>
                            { for matrix.contents.iter().map(|row| html! { <th scope="col">{ number(row) }</th> }) }
                        </tr></thead>
                        <tbody>{ for matrix.files.iter().take(*shown).map(file) }</tbody>
                    </table>
                </div>
                if matrix.files.len() > *shown {
                    <button type="button" class="button" onclick={more}>
                        { fill(w.show_more, &[&written::count((matrix.files.len() - *shown) as u64)]) }
                    </button>
                }
            }
        </section>
    }
}

fn number(row: &ContentRow) -> String {
    fill(words().content_number, &[&row.number.to_string()])
}

/// One content: what it is called, who holds it, how it stands to the first.
fn content(row: &ContentRow, matrix: &Matrix, reference: &Reference) -> Html {
    let w = words();
    let newest = matrix.contents.first().and_then(|first| first.digests.first());
    let compared = row
        .level
        .and_then(|level| Some((level, link(reference, row.digests.first()?, newest?)?)));
    html! {
        <li class={classes!("content", row.level.map(|level| level.word()))}>
            <p class="content-name"><strong>{ number(row) }</strong>
                if let Some(digest) = &row.content_digest { <ShortDigest digest={digest.clone()} /> }
                else { <span class="muted">{ w.content_unread }</span> }
            </p>
            <p class="content-digests">{ for row.digests.iter().map(|digest| html! { <ShortDigest digest={digest.clone()} /> }) }</p>
            if row.doubtful { <p class="muted">{ w.content_doubtful }</p> }
            if let Some((level, to)) = compared {
                <p><span class="level-sign">{ icon(of_level(level)) }</span>{ " " }
                    <Goto {to}>{ w.content_against }</Goto>{ ": " }{ w.headline(level) }{ ". " }{ prose(&row.summary) }</p>
            }
            { for row.unread.iter().map(|unread| html! {
                <p class="wrong"><code class="wrap">{ seen(&unread.what) }</code>{ " " }{ prose(&unread.why) }</p>
            }) }
        </li>
    }
}

/// A table with a cell for each pair of digests.
fn pairs(matrix: &Matrix, reference: &Reference) -> Html {
    let w = words();
    let doubtful = |content: usize| {
        matrix
            .contents
            .iter()
            .any(|row| row.number == content && row.doubtful)
    };
    let newer = || matrix.digests.iter().take(matrix.digests.len() - 1);
    let cell = |older: usize, left: &str, at: usize| {
        let Some(right) = matrix.digests.get(at).filter(|_| at < older) else {
            return html! { <td></td> };
        };
        let content = matrix.digests.get(older).map_or(0, |row| row.content);
        let (sign, said, class) = if content == right.content {
            ("=", w.pair_same, "same")
        } else if doubtful(content) || doubtful(right.content) {
            ("?", w.pair_doubt, "doubt")
        } else {
            ("≠", w.pair_other, "other")
        };
        let label = fill(
            w.pair_label,
            &[&shorten(left, DIGITS), &shorten(&right.digest, DIGITS), said],
        );
        match link(reference, left, &right.digest) {
            Some(to) => html! { <td class={class}><Goto {to} {label}>{ sign }</Goto></td> },
            None => html! { <td class={class}>{ sign }</td> },
        }
    };
    let head = |digest: &str| {
        html! { <th scope="col"><code title={digest.to_owned()}>{ digits(digest) }</code></th> }
    };
    html! {
        <div class="wide-table" role="region" tabindex="0" aria-label={w.pairs}>
            <table class="pairs">
                <caption>{ w.pairs }</caption>
                <thead><tr><td></td>{ for newer().map(|row| head(&row.digest)) }</tr></thead>
                <tbody>{ for matrix.digests.iter().enumerate().skip(1).map(|(older, row)| html! {
                    <tr>
                        <th scope="row"><code title={row.digest.clone()}>{ digits(&row.digest) }</code></th>
                        { for newer().enumerate().map(|(at, _)| cell(older, &row.digest, at)) }
                    </tr>
                }) }</tbody>
            </table>
        </div>
    }
}

fn file(file: &FileVariants) -> Html {
    let w = words();
    let variant = |variant: &Variant| match variant {
        Variant::File { sha256, size, .. } => html! {
            <td><code title={sha256.clone()}>{ digits(sha256) }</code>{ " " }<small>{ written::bytes(*size) }</small></td>
        },
        Variant::Absent => html! { <td class="absent">{ w.variant_absent }</td> },
        Variant::Unread => html! { <td class="absent">{ w.variant_unread }</td> },
    };
    html! {
        <tr>
            <th scope="row">
                if !file.platform.is_empty() { <small>{ file.platform.clone() }{ " " }</small> }
                <code>{ seen(&file.path) }</code>
            </th>
            { for file.variants.iter().map(variant) }
        </tr>
    }
}

/// The first digits of a digest or hash.
fn digits(digest: &str) -> String {
    let hex = digest.rsplit(':').next().unwrap_or(digest);
    hex.get(..DIGITS).unwrap_or(hex).to_owned()
}

fn link(reference: &Reference, older: &str, newer: &str) -> Option<Link> {
    let (older, newer): (Digest, Digest) = (older.parse().ok()?, newer.parse().ok()?);
    Some(Link::to(reference.clone()).comparing(older, newer))
}
