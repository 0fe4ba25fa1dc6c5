//! The files of both sides, by folder, with a filter by status; and the opened one beside them.

use std::collections::BTreeMap;
use std::rc::Rc;

use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

use super::causes::of_platform;
use super::file_view::FilePane;
use super::goto::Goto;
use super::noise::{Hidden, hidden_files};
use super::seen::seen;
use crate::input::link::Link;
use crate::page::app::Page;
use crate::page::client::Ticket;
use crate::page::protocol::{Reply, Request};
use crate::page::words::{fill, words};
use crate::page::{device, written};
use crate::report::{Comparison, FileRow, FileStatus};

/// Properties of [`Files`].
#[derive(Properties, PartialEq)]
pub struct FilesProps {
    /// The comparison.
    pub comparison: Rc<Comparison>,
    /// How many unchanged files there are, listed or not.
    pub same: usize,
    /// Where the page is; its file is open.
    pub link: Link,
}

const STATUSES: [FileStatus; 5] = [
    FileStatus::Modified,
    FileStatus::Added,
    FileStatus::Removed,
    FileStatus::Renamed,
    FileStatus::Same,
];

/// Rows shown at once.
const PAGE: usize = 200;

/// List and opened file.
#[component]
pub fn Files(props: &FilesProps) -> Html {
    let w = words();
    let page = use_context::<Page>();
    let shown = use_state_eq(|| PAGE);
    let filter = use_state(String::new);
    let changed = props
        .comparison
        .files
        .iter()
        .any(|f| f.status != FileStatus::Same);
    let hidden = use_state(|| vec![FileStatus::Same]);
    // Unchanged files beyond the first ones are asked for.
    let further = use_state(Vec::<FileRow>::new);
    let ticket = use_mut_ref(|| None::<Ticket>);
    let listed_same = props
        .comparison
        .files
        .iter()
        .filter(|f| f.status == FileStatus::Same)
        .count()
        + further.len();
    let noise = hidden_files(&props.link, &props.comparison);
    let fitting: Vec<&FileRow> = props
        .comparison
        .files
        .iter()
        .chain(further.iter())
        .filter(|f| {
            !hidden.contains(&f.status) && f.path.contains(filter.trim()) && !noise.contains(f.path.as_str())
        })
        .collect();
    let more_same = {
        let (further, page) = (further.clone(), page.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(page) = &page else { return };
            let further = further.clone();
            let hear = Callback::from(move |reply: Reply| {
                if let Reply::Files(files) = reply {
                    let mut now = (*further).clone();
                    now.extend(files);
                    further.set(now);
                }
            });
            let request = Request::SameFiles { from: listed_same };
            *ticket.borrow_mut() = Some(page.client.ask(request, hear));
        })
    };
    let paths: Rc<Vec<String>> = Rc::new(fitting.iter().map(|f| f.path.clone()).collect());
    use_keys(paths, props.link.clone(), page);
    if props.comparison.files.is_empty() {
        return html! {};
    }
    let oninput = {
        let filter = filter.setter();
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                filter.set(field.value());
            }
        })
    };
    let more = {
        let shown = shown.clone();
        Callback::from(move |_: MouseEvent| shown.set(*shown + PAGE))
    };
    let count = |status: FileStatus| match status {
        FileStatus::Same => props.same,
        other => props
            .comparison
            .files
            .iter()
            .filter(|f| f.status == other)
            .count(),
    };
    let chip = |status: FileStatus| {
        let n = count(status);
        let on = !hidden.contains(&status);
        let toggle = {
            let hidden = hidden.clone();
            Callback::from(move |_: Event| {
                let mut now = (*hidden).clone();
                if !on {
                    now.retain(|s| *s != status);
                } else {
                    now.push(status);
                }
                hidden.set(now);
            })
        };
        html! {
            if n > 0 {
                <label class={classes!("status-filter", class(status))}>
                    <input type="checkbox" checked={on} onchange={toggle} />
                    <span class="status-sign" aria-hidden="true">{ sign(status) }</span>
                    { w.status(status) }<span class="count">{ written::count(n as u64) }</span>
                </label>
            }
        }
    };
    let open = props.link.file.as_deref();
    let row = open.and_then(|path| props.comparison.files.iter().find(|f| f.path == path));
    html! {
        <section id="files" class={classes!("files", open.map(|_| "open"))} aria-labelledby="files-title">
            <div class="heading">
                <h2 id="files-title">{ w.files }</h2>
                <p class="muted small keys">{ w.file_keys }</p>
            </div>
            <div class="filters">
                { for STATUSES.into_iter().map(chip) }
                <label class="filter"><span class="unseen">{ w.filter_files }</span>
                    <input type="search" value={(*filter).clone()} {oninput} placeholder={w.filter_files} />
                </label>
            </div>
            if !noise.is_empty() { <Hidden comparison={props.comparison.clone()} link={props.link.clone()} /> }
            <div class="files-body">
                <nav class="file-list" aria-label={w.files}>
                    { for folders(fitting.get(..*shown).unwrap_or(&fitting)).into_iter().map(|(folder, files)| html! {
                        <div class="folder" key={folder.clone()}>
                            if !folder.is_empty() { <h3><code>{ seen(&folder) }{ "/" }</code><span class="count">{ files.len() }</span></h3> }
                            <ul>{ for files.into_iter().map(|f| item(f, &folder, open, &props.link)) }</ul>
                        </div>
                    }) }
                    if fitting.is_empty() {
                        <p class="muted">{ if changed || !hidden.contains(&FileStatus::Same) {
                            w.no_file_fits.to_owned()
                        } else {
                            fill(w.all_files_same, &[&written::count(props.same as u64)])
                        } }</p>
                    }
                    if fitting.len() > *shown {
                        <button type="button" class="button" onclick={more}>
                            { fill(w.show_more, &[&written::count((fitting.len() - *shown) as u64)]) }
                        </button>
                    } else if !hidden.contains(&FileStatus::Same) && listed_same < props.same {
                        <button type="button" class="button" onclick={more_same}>
                            { fill(w.show_more, &[&written::count((props.same - listed_same) as u64)]) }
                        </button>
                    }
                </nav>
                if let Some(path) = open {
                    <FilePane key={path.to_owned()} path={path.to_owned()} row={row.cloned()} link={props.link.clone()} />
                } else {
                    <p class="file-none muted">{ w.choose_file }</p>
                }
            </div>
        </section>
    }
}

/// Files by folder, those of the root first.
fn folders<'a>(files: &[&'a FileRow]) -> Vec<(String, Vec<&'a FileRow>)> {
    let mut out: BTreeMap<&str, Vec<&FileRow>> = BTreeMap::new();
    for file in files {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        out.entry(folder).or_default().push(file);
    }
    out.into_iter()
        .map(|(folder, files)| (folder.to_owned(), files))
        .collect()
}

fn item(file: &FileRow, folder: &str, open: Option<&str>, link: &Link) -> Html {
    let w = words();
    let name = match folder {
        "" => file.path.as_str(),
        _ => file.path.get(folder.len() + 1..).unwrap_or(&file.path),
    };
    let here = open == Some(file.path.as_str());
    // A file of one platform of an index is shown in that platform's comparison.
    let to = of_platform(link, &file.platform).opening(Some(file.path.clone()));
    html! {
        <li key={format!("{}{}", file.platform, file.path)} class={classes!("file", class(file.status), here.then_some("here"))}>
            <Goto {to}>
                <span class="status-sign" aria-hidden="true">{ sign(file.status) }</span>
                <code>{ seen(name) }</code>
                <span class="unseen">{ w.status(file.status) }</span>
                if !file.platform.is_empty() { <small>{ seen(&file.platform) }</small> }
                <small>{ file.class.clone() }</small>
            </Goto>
        </li>
    }
}

/// The class and the letter of a status.
fn class(status: FileStatus) -> &'static str {
    match status {
        FileStatus::Added => "added",
        FileStatus::Removed => "removed",
        FileStatus::Modified => "modified",
        FileStatus::Renamed => "renamed",
        FileStatus::Same => "same",
    }
}

fn sign(status: FileStatus) -> &'static str {
    match status {
        FileStatus::Added => "+",
        FileStatus::Removed => "−",
        FileStatus::Modified => "±",
        FileStatus::Renamed => "→",
        FileStatus::Same => "=",
    }
}

/// `j` and `k` open the next and the previous file, Escape closes.
#[hook]
fn use_keys(paths: Rc<Vec<String>>, link: Link, page: Option<Page>) {
    use_effect_with((paths, link), move |(paths, link)| {
        let (paths, link) = (paths.clone(), link.clone());
        let on_key = Closure::<dyn Fn(KeyboardEvent)>::new(move |event: KeyboardEvent| {
            let typing = event
                .target()
                .and_then(|t| t.dyn_into::<web_sys::Element>().ok())
                .is_some_and(|e| matches!(e.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
            if typing || event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            let at = link.file.as_ref().and_then(|f| paths.iter().position(|p| p == f));
            let next = match (event.key().as_str(), at) {
                ("j", None) => paths.first().cloned(),
                ("j", Some(at)) => paths.get(at + 1).cloned(),
                ("k", Some(at)) => at.checked_sub(1).and_then(|at| paths.get(at).cloned()),
                ("Escape", Some(_)) => None,
                _ => return,
            };
            if let (Some(page), true) = (&page, next.is_some() || event.key() == "Escape") {
                page.go.emit(link.opening(next));
            }
        });
        let listener: &js_sys::Function = on_key.as_ref().unchecked_ref();
        if let Some(document) = device::document() {
            let _ = document.add_event_listener_with_callback("keydown", listener);
        }
        move || {
            if let Some(document) = device::document() {
                let listener: &js_sys::Function = on_key.as_ref().unchecked_ref();
                let _ = document.remove_event_listener_with_callback("keydown", listener);
            }
        }
    });
}
