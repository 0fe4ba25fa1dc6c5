//! Filters for named noise. They hide lines of the lists and nothing else: the verdict was made before, and
//! what could deploy, was not read, or smells of forgery is never hidden.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use yew::prelude::*;

use crate::input::link::Link;
use crate::page::app::Page;
use crate::page::words::{fill, words};
use crate::page::written;
use crate::report::{Comparison, FileRow};
use crate::verdict::{Cause, Code, Weight};

/// Causes that stand in a panel of their own.
pub const FORGERY: [Code; 4] = [
    Code::TextInvisible,
    Code::TarPath,
    Code::TarDuplicate,
    Code::ArchiveTrailingBytes,
];

/// The family of a cause that may be hidden: the first part of its code.
pub fn family(cause: &Cause) -> Option<&'static str> {
    let noise = matches!(cause.weight, Weight::Packaging | Weight::Cosmetic);
    if !noise || FORGERY.contains(&cause.code) {
        return None;
    }
    let word = cause.code.word();
    Some(word.split_once('.').map_or(word, |(family, _)| family))
}

/// True when the link hides a cause.
pub fn hides(link: &Link, cause: &Cause) -> bool {
    family(cause).is_some_and(|family| link.hide.iter().any(|name| name == family))
}

/// Files of which nothing but hidden noise is told.
pub fn hidden_files<'c>(link: &Link, comparison: &'c Comparison) -> BTreeSet<&'c str> {
    if link.hide.is_empty() {
        return BTreeSet::new();
    }
    let mut told: BTreeMap<&str, bool> = BTreeMap::new();
    for cause in comparison.causes.iter().filter(|c| !c.path.is_empty()) {
        let all = told.entry(cause.path.as_str()).or_insert(true);
        *all &= hides(link, cause);
    }
    let is_row = |path: &str| comparison.files.iter().any(|f: &FileRow| f.path == path);
    told.into_iter()
        .filter(|(path, all)| *all && is_row(path))
        .map(|(path, _)| path)
        .collect()
}

/// Properties of [`NoiseFilters`] and [`Hidden`].
#[derive(Properties, PartialEq)]
pub struct NoiseProps {
    /// The comparison.
    pub comparison: Rc<Comparison>,
    /// Where the page is; it names what is hidden.
    pub link: Link,
}

/// One box for each family of noise that there is, with how many causes it stands for.
#[component]
pub fn NoiseFilters(props: &NoiseProps) -> Html {
    let w = words();
    let page = use_context::<Page>();
    let mut families: BTreeMap<&str, u64> = BTreeMap::new();
    for cause in &props.comparison.causes {
        if let Some(family) = family(cause) {
            *families.entry(family).or_default() += 1;
        }
    }
    if families.is_empty() {
        return html! {};
    }
    let one = |(family, count): (&str, u64)| {
        let shown = !props.link.hide.iter().any(|name| name == family);
        let (page, link, name) = (page.clone(), props.link.clone(), family.to_owned());
        let onchange = Callback::from(move |_: Event| {
            let mut link = link.clone();
            if shown {
                link.hide.push(name.clone());
            } else {
                link.hide.retain(|hidden| *hidden != name);
            }
            if let Some(page) = &page {
                page.refine.emit(link);
            }
        });
        html! {
            <label class="status-filter" key={family.to_owned()}>
                <input type="checkbox" checked={shown} {onchange} />
                { w.family(family).to_owned() }<span class="count">{ written::count(count) }</span>
            </label>
        }
    };
    html! {
        <>
            <fieldset class="filters noise"><legend>{ w.noise }</legend>{ for families.into_iter().map(one) }</fieldset>
            <Hidden comparison={props.comparison.clone()} link={props.link.clone()} />
        </>
    }
}

/// How much is hidden, and one click that brings it back.
#[component]
pub fn Hidden(props: &NoiseProps) -> Html {
    let w = words();
    let page = use_context::<Page>();
    let causes = props
        .comparison
        .causes
        .iter()
        .filter(|c| hides(&props.link, c))
        .count();
    let files = hidden_files(&props.link, &props.comparison).len();
    let onclick = {
        let link = props.link.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(page) = &page {
                page.refine.emit(Link {
                    hide: Vec::new(),
                    ..link.clone()
                });
            }
        })
    };
    if causes == 0 && files == 0 {
        return html! {};
    }
    let (causes, files) = (written::count(causes as u64), written::count(files as u64));
    html! {
        <p class="hidden-noise" role="status">
            { fill(w.noise_hidden, &[&causes, &files]) }{ " " }
            <button type="button" class="button plain" {onclick}>{ w.noise_show }</button>
        </p>
    }
}
