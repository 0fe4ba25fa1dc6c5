//! A comparison: the verdict, how far equality was proven, why the digests differ, and the files.

use std::rc::Rc;

use yew::prelude::*;

use super::failure::Failure;
use super::tag::Heading;
use crate::input::link::Link;
use crate::oci::Reference;
use crate::page::app::Page;
use crate::page::components::asking::{Answer, use_asking};
use crate::page::components::causes::Causes;
use crate::page::components::copy::Copy;
use crate::page::components::digest::ShortDigest;
use crate::page::components::file_list::Files;
use crate::page::components::goto::Goto;
use crate::page::components::icons::{Icon, icon};
use crate::page::components::ladder::Ladder;
use crate::page::components::progress::Progress;
use crate::page::components::questions::{Forgery, Notes, Questions};
use crate::page::components::reading;
use crate::page::components::reports::Reports;
use crate::page::components::verdict::{Unreads, Verdict};
use crate::page::memory::{self, Recent};
use crate::page::protocol::{Reply, Request, Way};
use crate::page::words::{fill, words};
use crate::page::{device, route, written};
use crate::report::{Comparison, Side, markdown};

/// Properties of [`Compare`].
#[derive(Properties, PartialEq)]
pub struct CompareProps {
    /// With a reference and a left side.
    pub link: Link,
}

/// The view.
#[component]
pub fn Compare(props: &CompareProps) -> Html {
    let w = words();
    let page = use_context::<Page>();
    let link = &props.link;
    let (left, right) = link.sides().unzip();
    // A side without a digest is what its tag points to now; the address then says so.
    let resolve = |side: &Option<Reference>| {
        let side = side.as_ref().filter(|side| side.digest.is_none())?;
        Some(Request::Resolve {
            reference: side.clone(),
        })
    };
    let resolving = [use_asking(resolve(&left)), use_asking(resolve(&right))];
    {
        let found = resolving.each_ref().map(|side| match &side.answer {
            Answer::Done(reply) => match &**reply {
                Reply::Facts(facts) => Some(facts.digest.clone()),
                _ => None,
            },
            _ => None,
        });
        let (page, link) = (page.clone(), link.clone());
        use_effect_with(found, move |[from, to]| {
            if let (Some(page), true) = (page, from.is_some() || to.is_some()) {
                page.refine.emit(Link {
                    from: from.clone().or(link.from),
                    to: to.clone().or(link.to),
                    ..link
                });
            }
        });
    }
    let request = match (&left, &right) {
        (Some(left), Some(right)) if left.digest.is_some() && right.digest.is_some() => {
            Some(Request::Compare {
                left: left.clone(),
                right: right.clone(),
                platform: link.platform.clone(),
            })
        }
        _ => None,
    };
    let comparing = use_asking(request);
    let (asking, reference) = match resolving
        .iter()
        .zip([&left, &right])
        .find(|(a, _)| a.answer != Answer::Idle)
    {
        Some((resolving, side)) => (resolving, side),
        None => (&comparing, &right),
    };
    let body = match &asking.answer {
        Answer::Idle => html! {},
        Answer::Waiting(state) => html! { <Progress state={state.clone()} stop={asking.stop.clone()} /> },
        Answer::Failed(fault) => {
            html! { <Failure fault={fault.clone()} again={asking.again.clone()} reference={reference.clone()} /> }
        }
        Answer::Done(reply) => match &**reply {
            Reply::Compared { .. } => html! { <Result link={link.clone()} reply={reply.clone()} /> },
            _ => html! {},
        },
    };
    html! {
        <div class="compare-view">
            if let Some(right) = &right { <Heading reference={named(right)} /> }
            if let (Some(_), Some(left)) = (&link.against, &left) {
                <p class="against">{ w.against }{ " " }<Goto to={Link::to(named(left))}>{ named(left).to_string() }</Goto></p>
            }
            if let Some(platform) = &link.platform {
                <p class="against">{ fill(w.only_platform, &[&platform.to_string()]) }{ " " }
                    <Goto to={Link { platform: None, ..link.opening(None) }}>{ w.all_platforms }</Goto></p>
            }
            { body }
        </div>
    }
}

/// By its tag, where it has one: the digest stands with the side.
fn named(reference: &Reference) -> Reference {
    Reference {
        digest: reference.digest.clone().filter(|_| reference.tag.is_none()),
        ..reference.clone()
    }
}

/// Properties of [`Result`].
#[derive(Properties)]
struct ResultProps {
    link: Link,
    reply: Rc<Reply>,
}

impl PartialEq for ResultProps {
    fn eq(&self, other: &Self) -> bool {
        self.link == other.link && Rc::ptr_eq(&self.reply, &other.reply)
    }
}

/// The finished comparison.
#[component]
fn Result(props: &ResultProps) -> Html {
    let w = words();
    let page = use_context::<Page>();
    let Reply::Compared {
        comparison,
        same_files,
        ways,
        quota,
    } = &*props.reply
    else {
        return html! {};
    };
    let comparison: Rc<Comparison> = use_memo(Rc::as_ptr(&props.reply) as usize, |_| (**comparison).clone());
    {
        let (comparison, link, sides) = (comparison.clone(), props.link.clone(), ways.clone());
        use_effect_with(Rc::as_ptr(&props.reply) as usize, move |_| {
            arrived(&comparison, &link, &sides);
            if let Some(page) = page {
                page.say.emit(format!(
                    "{}. {}",
                    comparison.verdict.headline, comparison.verdict.summary
                ));
            }
        });
    }
    let address = route::absolute(&props.link);
    let markdown = markdown::short(&comparison, Some(&address));
    html! {
        <>
            <Verdict verdict={comparison.verdict.clone()} />
            <div class="actions">
                <Copy text={address} words={w.copy_link} label={w.copy_link} />
                <Copy text={markdown} words={w.copy_summary} label={w.copy_summary} />
                <Reports link={props.link.clone()} />
            </div>
            <Unreads unread={comparison.unread.clone()} />
            <Sides left={comparison.left.clone()} right={comparison.right.clone()} />
            <p class="read-by muted">
                <span>{ w.read_by }{ " " }{ reading::ways(ways) }</span>
                if let Some(quota) = quota { <span>{ reading::quota(quota) }</span> }
            </p>
            <Forgery comparison={comparison.clone()} link={props.link.clone()} />
            <Questions comparison={comparison.clone()} />
            <div class="reasons">
                <Causes comparison={comparison.clone()} link={props.link.clone()} />
                <Ladder rungs={comparison.ladder.clone()} proven={comparison.verdict.proven_equal} />
            </div>
            <Notes notes={comparison.notes.clone()} />
            <Files comparison={comparison.clone()} same={*same_files} link={props.link.clone()} />
        </>
    }
}

/// Remembers what was seen, and names the window after it.
fn arrived(comparison: &Comparison, link: &Link, ways: &[Way; 2]) {
    let Some((left, right)) = link.sides() else { return };
    // A file's digest is none of the tag's.
    for (side, way) in [&left, &right].into_iter().zip(ways) {
        if let (Some(digest), true) = (&side.digest, *way != Way::Device) {
            memory::remember(side, digest, false);
        }
    }
    let name = match link.against {
        Some(_) => format!("{} → {}", named(&left), named(&right)),
        None => Reference {
            digest: None,
            ..right
        }
        .to_string(),
    };
    let recent = Recent {
        query: Link {
            file: None,
            lines: None,
            ..link.clone()
        }
        .write(),
        name: name.clone(),
        level: Some(comparison.verdict.level),
    };
    memory::change(|m| m.visit(recent));
    device::title(&format!("{} · {name} · Tagdrift", comparison.verdict.headline));
    if link.file.is_none() {
        device::focus("#verdict");
    }
}

/// Properties of [`Sides`].
#[derive(Properties, PartialEq)]
struct SidesProps {
    left: Side,
    right: Side,
}

/// Both sides' facts beside each other.
#[component]
fn Sides(props: &SidesProps) -> Html {
    let w = words();
    html! {
        <section class="sides" aria-label={w.both_sides}>
            { one_side(w.older, &props.left) }
            <span class="sides-arrow" aria-hidden="true">{ icon(Icon::Arrow) }</span>
            { one_side(w.newer, &props.right) }
        </section>
    }
}

fn one_side(name: &str, side: &Side) -> Html {
    let w = words();
    // A reference stands in the heading already.
    let from_device = !side.name.contains('/') && !side.name.is_empty();
    let kind = match (&side.chart, &side.version) {
        (Some(chart), Some(version)) => format!("{} {chart} {version}", side.kind),
        _ => side.kind.clone(),
    };
    html! {
        <div class="side">
            <h2>{ name.to_owned() }</h2>
            if from_device { <p class="side-name">{ side.name.clone() }</p> }
            <ShortDigest digest={side.digest.clone()} digits={16} />
            <p class="side-facts">
                <span>{ kind }</span>
                <span>{ written::bytes(side.size) }</span>
                if let Some(created) = &side.created {
                    <time datetime={created.clone()}>{ written::instant(created) }</time>
                }
            </p>
            if let Some(packed_by) = &side.packed_by { <p class="side-facts">{ packed_by.clone() }</p> }
            if let Some(content) = &side.content_digest {
                <p class="side-facts"><span>{ w.content_digest }</span>{ " " }<ShortDigest digest={content.clone()} /></p>
            }
        </div>
    }
}
