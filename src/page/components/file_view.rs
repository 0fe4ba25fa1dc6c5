//! An opened file: what is known of it, and its lines side by side or in one column.

use std::rc::Rc;

use web_sys::window;
use yew::prelude::*;

use super::asking::{Answer, use_asking};
use super::goto::Goto;
use super::icons::{Icon, icon};
use super::progress::Progress;
use crate::input::link::{LineSide, Lines, Link, View};
use crate::page::app::Page;
use crate::page::client::Ticket;
use crate::page::components::digest::ShortDigest;
use crate::page::protocol::{Body, FileView, Reply, Request};
use crate::page::views::failure::Failure;
use crate::page::words::{fill, words};
use crate::page::{device, written};
use crate::report::rows::{Gap, Half, Row};
use crate::report::{FileFacts, FileRow};

/// Properties of [`FilePane`].
#[derive(Properties, PartialEq)]
pub struct FilePaneProps {
    /// The opened path.
    pub path: AttrValue,
    /// Its line in the file list; nothing when there is no such file.
    pub row: Option<FileRow>,
    /// Where the page is.
    pub link: Link,
}

/// The pane.
#[component]
pub fn FilePane(props: &FilePaneProps) -> Html {
    let w = words();
    let asking = use_asking(Some(Request::OpenFile {
        path: props.path.to_string(),
    }));
    let body = match &asking.answer {
        Answer::Idle => html! {},
        Answer::Waiting(state) => html! { <Progress state={state.clone()} stop={asking.stop.clone()} /> },
        Answer::Failed(fault) => {
            html! { <Failure fault={fault.clone()} again={asking.again.clone()} small={true} /> }
        }
        Answer::Done(reply) => match &**reply {
            Reply::File(_) => html! { <Opened reply={reply.clone()} link={props.link.clone()} /> },
            _ => html! {},
        },
    };
    html! {
        <article class="file-pane" aria-labelledby="file-title">
            <header>
                <h3 id="file-title"><code class="wrap">{ props.path.clone() }</code></h3>
                <Goto to={props.link.opening(None)} class="quiet" label={w.close_file}>{ icon(Icon::Cross) }</Goto>
            </header>
            if let Some(row) = &props.row { { facts(row) } }
            { body }
        </article>
    }
}

fn facts(row: &FileRow) -> Html {
    let w = words();
    let side = |name: &str, facts: &Option<FileFacts>| match facts {
        None => html! {},
        Some(f) => html! {
            <span>{ name.to_owned() }{ " " }{ written::bytes(f.size) }{ ", " }{ f.mode.clone() }{ ", " }
                <ShortDigest digest={f.sha256.clone()} bare={true} /></span>
        },
    };
    html! {
        <p class="file-facts">
            <span>{ w.status(row.status) }</span>
            if let Some(from) = &row.from_path { <span>{ fill(w.was_called, &[from]) }</span> }
            { side(w.older, &row.from) }
            { side(w.newer, &row.to) }
        </p>
    }
}

/// Properties of [`Opened`].
#[derive(Properties)]
struct OpenedProps {
    reply: Rc<Reply>,
    link: Link,
}

impl PartialEq for OpenedProps {
    fn eq(&self, other: &Self) -> bool {
        self.link == other.link && Rc::ptr_eq(&self.reply, &other.reply)
    }
}

/// Below this width two columns of code cannot be read.
const SPLIT_FROM_PX: f64 = 1000.0;

fn wide() -> bool {
    window()
        .and_then(|w| w.inner_width().ok())
        .and_then(|width| width.as_f64())
        .is_some_and(|width| width >= SPLIT_FROM_PX)
}

/// The body of an opened file, with rows that were asked for later.
#[component]
fn Opened(props: &OpenedProps) -> Html {
    let w = words();
    let page = use_context::<Page>();
    let Reply::File(view) = &*props.reply else {
        return html! {};
    };
    let FileView { file, body } = &**view;
    // Rows as they stand now: gaps opened, further rows appended.
    let rows = use_state(|| match body {
        Body::Text { rows, .. } => rows.clone(),
        _ => Vec::new(),
    });
    // How many of the worker's rows are there, opened gaps not counted.
    let fetched = use_state(|| rows.len());
    let ticket = use_mut_ref(|| None::<Ticket>);
    let split = match props.link.view {
        Some(View::Split) => true,
        Some(View::Unified) => false,
        _ => wide(),
    };
    {
        let marked = props.link.lines;
        use_effect_with(marked, move |marked| {
            if marked.is_some() {
                device::scroll_to(".diff .marked");
            }
        });
    }
    let (total, added, removed) = match body {
        Body::Text {
            total,
            added,
            removed,
            ..
        } => (*total, *added, *removed),
        Body::Binary(what) => return html! { <p class="file-note">{ fill(w.binary, &[what]) }</p> },
        Body::Missing(why) => return html! { <p class="file-note">{ why.clone() }</p> },
    };
    let expand = {
        let (rows, ticket, page, path) = (rows.clone(), ticket.clone(), page.clone(), file.path.clone());
        Callback::from(move |gap: Gap| {
            let Some(page) = &page else { return };
            let rows = rows.clone();
            let hear = Callback::from(move |reply: Reply| {
                if let Reply::Rows(between) = reply {
                    let mut now = (*rows).clone();
                    if let Some(at) = now.iter().position(|r| *r == Row::Gap(gap)) {
                        now.splice(at..=at, between);
                        rows.set(now);
                    }
                }
            });
            let request = Request::Between {
                path: path.clone(),
                gap,
            };
            *ticket.borrow_mut() = Some(page.client.ask(request, hear));
        })
    };
    let more = {
        let (rows, fetched, ticket, page, path) = (
            rows.clone(),
            fetched.clone(),
            ticket.clone(),
            page.clone(),
            file.path.clone(),
        );
        Callback::from(move |_: MouseEvent| {
            let Some(page) = &page else { return };
            let (rows, fetched, from) = (rows.clone(), fetched.clone(), *fetched);
            let hear = Callback::from(move |reply: Reply| {
                if let Reply::Rows(further) = reply {
                    fetched.set(from + further.len());
                    let mut now = (*rows).clone();
                    now.extend(further);
                    rows.set(now);
                }
            });
            let request = Request::MoreRows {
                path: path.clone(),
                from,
            };
            *ticket.borrow_mut() = Some(page.client.ask(request, hear));
        })
    };
    let showing = |view: View| Link {
        view: Some(view),
        ..props.link.clone()
    };
    let context = Context {
        link: props.link.clone(),
        page,
        expand,
    };
    html! {
        <>
            <div class="diff-bar">
                <span><ins>{ format!("+{}", written::count(added as u64)) }</ins>{ " " }<del>{ format!("−{}", written::count(removed as u64)) }</del></span>
                <span class="switch" role="group" aria-label={w.view}>
                    <Goto to={showing(View::Split)} class={classes!("quiet", split.then_some("on"))} label={w.split}>{ icon(Icon::Columns) }</Goto>
                    <Goto to={showing(View::Unified)} class={classes!("quiet", (!split).then_some("on"))} label={w.unified}>{ icon(Icon::Lines) }</Goto>
                </span>
            </div>
            if rows.is_empty() { <p class="file-note">{ w.empty_file }</p> }
            <div class="diff-scroll" tabindex="0" role="region" aria-label={w.lines}>
                <table class={classes!("diff", if split { "split" } else { "unified" })}>
                    if split {
                        <colgroup><col class="n" /><col class="t" /><col class="n" /><col class="t" /></colgroup>
                        <tbody>{ for rows.iter().map(|row| context.split(row)) }</tbody>
                    } else {
                        <tbody>{ for context.unified(&rows) }</tbody>
                    }
                </table>
            </div>
            if *fetched < total {
                <button type="button" class="button" onclick={more}>
                    { fill(w.show_more, &[&written::count((total - *fetched) as u64)]) }
                </button>
            }
        </>
    }
}

/// What rows need to be drawn.
struct Context {
    link: Link,
    page: Option<Page>,
    expand: Callback<Gap>,
}

impl Context {
    fn split(&self, row: &Row) -> Html {
        match row {
            Row::Same { left, right, text } => html! {
                <tr key={format!("s{left}-{right}")} class={self.class("same", Some(*left), Some(*right))}>
                    { self.number(LineSide::Left, Some(*left)) }<td class="text">{ shown(text, &[]) }</td>
                    { self.number(LineSide::Right, Some(*right)) }<td class="text">{ shown(text, &[]) }</td>
                </tr>
            },
            Row::Differs { left, right } => {
                let (l, r) = (left.as_ref().map(|h| h.number), right.as_ref().map(|h| h.number));
                html! {
                    <tr key={format!("d{l:?}-{r:?}")} class={self.class("differs", l, r)}>
                        { self.number(LineSide::Left, l) }{ half(left.as_ref(), "removed") }
                        { self.number(LineSide::Right, r) }{ half(right.as_ref(), "added") }
                    </tr>
                }
            }
            Row::Gap(gap) => self.gap(*gap, 4),
        }
    }

    /// Rows in one column: of a run of differing lines, the left ones first.
    fn unified(&self, rows: &[Row]) -> Vec<Html> {
        let mut out = Vec::new();
        let mut held: Vec<&Half> = Vec::new();
        for row in rows {
            if let Row::Differs { left, right } = row {
                out.extend(left.as_ref().map(|h| self.one_column(h, LineSide::Left)));
                held.extend(right.as_ref());
                continue;
            }
            out.extend(held.drain(..).map(|h| self.one_column(h, LineSide::Right)));
            out.push(match row {
                Row::Same { left, right, text } => html! {
                    <tr key={format!("s{left}-{right}")} class={self.class("same", Some(*left), Some(*right))}>
                        { self.number(LineSide::Left, Some(*left)) }{ self.number(LineSide::Right, Some(*right)) }
                        <td class="text">{ shown(text, &[]) }</td>
                    </tr>
                },
                Row::Gap(gap) => self.gap(*gap, 3),
                Row::Differs { .. } => html! {},
            });
        }
        out.extend(held.drain(..).map(|h| self.one_column(h, LineSide::Right)));
        out
    }

    fn one_column(&self, line: &Half, side: LineSide) -> Html {
        let (l, r, class) = match side {
            LineSide::Left => (Some(line.number), None, "removed"),
            LineSide::Right => (None, Some(line.number), "added"),
        };
        html! {
            <tr key={format!("{class}{}", line.number)} class={self.class("differs", l, r)}>
                { self.number(LineSide::Left, l) }{ self.number(LineSide::Right, r) }{ half(Some(line), class) }
            </tr>
        }
    }

    fn class(&self, class: &'static str, left: Option<u32>, right: Option<u32>) -> Classes {
        let marked = self.link.lines.is_some_and(|lines| {
            left.is_some_and(|n| lines.holds(LineSide::Left, n))
                || right.is_some_and(|n| lines.holds(LineSide::Right, n))
        });
        classes!(class, marked.then_some("marked"))
    }

    /// A line number: a link to the line. With shift, a link to the span from the marked line to this one.
    fn number(&self, side: LineSide, number: Option<u32>) -> Html {
        let Some(number) = number else {
            return html! { <td class="n"></td> };
        };
        let one = Lines {
            side,
            first: number,
            last: number,
        };
        let to = Link {
            lines: Some(one),
            ..self.link.clone()
        };
        let span = match self.link.lines {
            Some(lines) if lines.side == side => Lines {
                side,
                first: lines.first.min(number),
                last: lines.first.max(number),
            },
            _ => one,
        };
        let (plain, spanned) = (
            to.clone(),
            Link {
                lines: Some(span),
                ..to.clone()
            },
        );
        let page = self.page.clone();
        let onclick = Callback::from(move |event: MouseEvent| {
            if event.button() != 0 || event.ctrl_key() || event.meta_key() {
                return;
            }
            if let Some(page) = &page {
                event.prevent_default();
                page.refine.emit(if event.shift_key() {
                    spanned.clone()
                } else {
                    plain.clone()
                });
            }
        });
        html! {
            <td class="n"><a href={crate::page::route::relative(&to)} {onclick} tabindex="-1" data-line={one.to_string()}>{ number }</a></td>
        }
    }

    fn gap(&self, gap: Gap, columns: u32) -> Html {
        let onclick = self.expand.reform(move |_: MouseEvent| gap);
        html! {
            <tr key={format!("g{}", gap.left)} class="gap"><td colspan={columns.to_string()}>
                <button type="button" {onclick}>{ icon(Icon::Expand) }
                    { fill(words().unchanged_lines, &[&written::count(u64::from(gap.count))]) }</button>
            </td></tr>
        }
    }
}

fn half(half: Option<&Half>, class: &'static str) -> Html {
    match half {
        None => html! { <td class="text none"></td> },
        Some(half) => html! { <td class={classes!("text", class)}>{ shown(&half.text, &half.marks) }</td> },
    }
}

/// A line with its differing words marked, and with what cannot be seen made visible.
fn shown(text: &str, marks: &[(u32, u32)]) -> Html {
    let mut out: Vec<Html> = Vec::new();
    let mut at = 0usize;
    let mut part = |range: std::ops::Range<usize>, marked: bool| {
        let piece = text.get(range).unwrap_or_default();
        if !piece.is_empty() {
            out.push(if marked {
                html! { <mark>{ for visible(piece) }</mark> }
            } else {
                html! { <>{ for visible(piece) }</> }
            });
        }
    };
    for (from, to) in marks {
        part(at..*from as usize, false);
        part(*from as usize..*to as usize, true);
        at = *to as usize;
    }
    part(at..text.len(), false);
    html! { <>{ for out }</> }
}

/// Control, bidirectional and zero-width characters as named boxes: text that hides is the oldest trick.
fn visible(text: &str) -> Vec<Html> {
    let mut out = Vec::new();
    let mut plain = String::new();
    for c in text.chars() {
        if is_hidden(c) {
            out.push(Html::from(std::mem::take(&mut plain)));
            let name = if c == '\r' {
                "CR".to_owned()
            } else {
                format!("U+{:04X}", u32::from(c))
            };
            out.push(html! { <span class="hidden-character">{ name }</span> });
        } else {
            plain.push(c);
        }
    }
    out.push(Html::from(plain));
    out
}

fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
