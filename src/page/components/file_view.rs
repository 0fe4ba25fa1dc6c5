//! An opened file: what is known of it, and its lines side by side or in one column.

use std::ops::Range;
use std::rc::Rc;

use web_sys::window;
use yew::prelude::*;

use super::asking::{Answer, use_asking};
use super::goto::Goto;
use super::icons::{Icon, icon};
use super::progress::Progress;
use super::seen::seen;
use crate::compare::lines::LineEndings;
use crate::compare::text::{Row, RowKind};
use crate::input::link::{LineSide, Lines, Link, View};
use crate::page::app::Page;
use crate::page::client::Ticket;
use crate::page::components::digest::ShortDigest;
use crate::page::protocol::{Body, FileView, Reply, Request};
use crate::page::views::failure::Failure;
use crate::page::words::{fill, words};
use crate::page::{device, written};
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
    // Who opens a file goes on in it; who closes it, where it was chosen.
    use_effect_with((), |()| {
        let chosen = device::holder(".file.here a");
        device::arrive_at("#file-title");
        move || {
            if let Some(chosen) = chosen {
                let _ = chosen.focus();
            }
        }
    });
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
                <h3 id="file-title" tabindex="-1"><code class="wrap">{ seen(&props.path) }</code></h3>
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
            if marked.is_none() {
                // Only now the page is as long as the file.
                if let Some(title) = device::holder("#file-title:focus") {
                    device::show(&title);
                }
            } else {
                device::scroll_to(".diff .marked");
            }
        });
    }
    let (total, added, removed, ends) = match body {
        Body::Text {
            total,
            added,
            removed,
            endings: ends,
            ..
        } => (*total, *added, *removed, endings(ends)),
        Body::Binary(what) => return html! { <p class="file-note">{ fill(w.binary, &[what]) }</p> },
        Body::Missing(why) => return html! { <p class="file-note">{ why.clone() }</p> },
    };
    let expand = {
        let (rows, ticket, page, path) = (rows.clone(), ticket.clone(), page.clone(), file.path.clone());
        Callback::from(move |gap: Row| {
            let Some(page) = &page else { return };
            let request = Request::Between {
                path: path.clone(),
                left: gap.left_no.unwrap_or_default(),
                right: gap.right_no.unwrap_or_default(),
                count: gap.hidden,
            };
            let rows = rows.clone();
            let hear = Callback::from(move |reply: Reply| {
                if let Reply::Rows(between) = reply {
                    let mut now = (*rows).clone();
                    if let Some(at) = now.iter().position(|r| *r == gap) {
                        now.splice(at..=at, between);
                        rows.set(now);
                    }
                }
            });
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
                <span><ins>{ format!("+{}", written::count(added)) }</ins>{ " " }<del>{ format!("−{}", written::count(removed)) }</del></span>
                <span class="switch" role="group" aria-label={w.view}>
                    <Goto to={showing(View::Split)} class={classes!("quiet", split.then_some("on"))} label={w.split}>{ icon(Icon::Columns) }</Goto>
                    <Goto to={showing(View::Unified)} class={classes!("quiet", (!split).then_some("on"))} label={w.unified}>{ icon(Icon::Lines) }</Goto>
                </span>
            </div>
            if !ends.is_empty() { <ul class="file-note">{ for ends.iter().map(|note| html! { <li>{ *note }</li> }) }</ul> }
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
    expand: Callback<Row>,
}

impl Context {
    fn split(&self, row: &Row) -> Html {
        let (l, r) = (row.left_no, row.right_no);
        if row.kind == RowKind::Gap {
            return self.gap(row, 4);
        }
        let (left, right) = match row.kind {
            RowKind::Context => (
                text(row.left.as_deref(), &[], ""),
                text(row.left.as_deref(), &[], ""),
            ),
            _ => (
                text(row.left.as_deref(), &row.left_words, "removed"),
                text(row.right.as_deref(), &row.right_words, "added"),
            ),
        };
        html! {
            <tr key={format!("{l:?}-{r:?}")} class={self.class(l, r)}>
                { self.number(LineSide::Left, l) }{ left }{ self.number(LineSide::Right, r) }{ right }
            </tr>
        }
    }

    /// Rows in one column: of a run of differing lines, the left ones first.
    fn unified(&self, rows: &[Row]) -> Vec<Html> {
        let mut out = Vec::new();
        let mut held: Vec<&Row> = Vec::new();
        for row in rows {
            if matches!(row.kind, RowKind::Context | RowKind::Gap) {
                out.extend(held.drain(..).map(|row| self.one_column(row, LineSide::Right)));
            }
            match row.kind {
                RowKind::Gap => out.push(self.gap(row, 3)),
                RowKind::Context => {
                    let (l, r) = (row.left_no, row.right_no);
                    out.push(html! {
                        <tr key={format!("{l:?}-{r:?}")} class={self.class(l, r)}>
                            { self.number(LineSide::Left, l) }{ self.number(LineSide::Right, r) }
                            { text(row.left.as_deref(), &[], "") }
                        </tr>
                    });
                }
                RowKind::Removed | RowKind::Added | RowKind::Changed => {
                    if row.left.is_some() {
                        out.push(self.one_column(row, LineSide::Left));
                    }
                    if row.right.is_some() {
                        held.push(row);
                    }
                }
            }
        }
        out.extend(held.drain(..).map(|row| self.one_column(row, LineSide::Right)));
        out
    }

    fn one_column(&self, row: &Row, side: LineSide) -> Html {
        let (l, r, line) = match side {
            LineSide::Left => (
                row.left_no,
                None,
                text(row.left.as_deref(), &row.left_words, "removed"),
            ),
            LineSide::Right => (
                None,
                row.right_no,
                text(row.right.as_deref(), &row.right_words, "added"),
            ),
        };
        html! {
            <tr key={format!("{l:?}-{r:?}")} class={self.class(l, r)}>
                { self.number(LineSide::Left, l) }{ self.number(LineSide::Right, r) }{ line }
            </tr>
        }
    }

    fn class(&self, left: Option<u32>, right: Option<u32>) -> Classes {
        let marked = self.link.lines.is_some_and(|lines| {
            left.is_some_and(|n| lines.holds(LineSide::Left, n))
                || right.is_some_and(|n| lines.holds(LineSide::Right, n))
        });
        classes!(marked.then_some("marked"))
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

    fn gap(&self, gap: &Row, columns: u32) -> Html {
        let held = gap.clone();
        let onclick = self.expand.reform(move |_: MouseEvent| held.clone());
        html! {
            <tr key={format!("gap{:?}", gap.left_no)} class="gap"><td colspan={columns.to_string()}>
                <button type="button" {onclick}>{ icon(Icon::Expand) }
                    { fill(words().unchanged_lines, &[&written::count(u64::from(gap.hidden))]) }</button>
            </td></tr>
        }
    }
}

/// One side of a row; nothing where that side has no line.
fn text(line: Option<&str>, marks: &[Range<u32>], class: &'static str) -> Html {
    match line {
        None => html! { <td class="text none"></td> },
        Some(line) => html! { <td class={classes!("text", class)}>{ shown(line, marks) }</td> },
    }
}

/// How the lines of the sides end, where that differs: it cannot be seen in the lines.
fn endings(sides: &[LineEndings; 2]) -> Vec<&'static str> {
    let w = words();
    let [left, right] = sides;
    let mut out = Vec::new();
    if (left.crlf == 0) != (right.crlf == 0) {
        out.push(if left.crlf == 0 { w.crlf_came } else { w.crlf_went });
    }
    if left.final_newline != right.final_newline {
        out.push(if right.final_newline {
            w.newline_came
        } else {
            w.newline_went
        });
    }
    if left.bom != right.bom {
        out.push(if right.bom { w.bom_came } else { w.bom_went });
    }
    out
}

/// A line with its differing words marked, and with what cannot be seen made visible.
fn shown(text: &str, marks: &[Range<u32>]) -> Html {
    let mut out: Vec<Html> = Vec::new();
    let mut at = 0usize;
    let mut part = |range: Range<usize>, marked: bool| {
        let piece = text.get(range).unwrap_or_default();
        if !piece.is_empty() {
            out.push(if marked {
                html! { <mark>{ seen(piece) }</mark> }
            } else {
                html! { <>{ seen(piece) }</> }
            });
        }
    };
    for Range { start, end } in marks {
        part(at..*start as usize, false);
        part(*start as usize..*end as usize, true);
        at = *end as usize;
    }
    part(at..text.len(), false);
    html! { <>{ for out }</> }
}
