//! Files that have the same bytes under another path of the same chart.
//!
//! | what | cause | severity |
//! |---|---|---|
//! | a document or test that no template reads, still one | `file.renamed` | 0, cosmetic |
//! | a template, in the same folder, at the same place in Helm's order, that defines nothing and is included nowhere by path | `file.renamed` | 1, cosmetic |
//! | anything else | nothing: it was removed and added, and that is told of both paths | |
//!
//! Proof for templates: Helm renders and applies templates in the order of their paths (`SortManifests`, `sortTemplates`), and a
//! template's own name reaches its text only through `.Template`, which nothing in the chart mentions.

use std::collections::BTreeSet;

use super::template::defines;
use super::{Cause, Code, Context, Pair, Severity, Stage, Weight, shown, text};
use crate::archive::EntryKind;
use crate::verdict::file_class::{FileClass, Place};

/// What was proven harmless, with the paths it speaks for.
#[derive(Default)]
pub(super) struct Renamed<'a> {
    paths: BTreeSet<&'a [u8]>,
    pub causes: Vec<Cause>,
}

impl Renamed<'_> {
    /// True when the pair is one side of a renaming.
    pub fn covers(&self, pair: &Pair<'_>) -> bool {
        pair.one_sided()
            && pair
                .row
                .left
                .or(pair.row.right)
                .is_some_and(|path| self.paths.contains(path))
    }
}

pub(super) fn judge<'a>(pairs: &[Pair<'a>], context: &Context<'a>) -> Renamed<'a> {
    let mut renamed = Renamed::default();
    let file = |pair: &&Pair<'a>| {
        [pair.left, pair.right]
            .into_iter()
            .flatten()
            .all(|n| n.kind == EntryKind::File && !n.expanded)
    };
    let gone = pairs
        .iter()
        .filter(file)
        .filter(|p| p.right.is_none())
        .collect::<Vec<_>>();
    let came = pairs
        .iter()
        .filter(file)
        .filter(|p| p.left.is_none())
        .collect::<Vec<_>>();
    for old in &gone {
        let twins = |new: &&&Pair<'a>| {
            let bytes = |p: &Pair<'a>| p.left.or(p.right).map(|n| (n.size, n.sha256));
            bytes(old) == bytes(new)
                && old.place.chart == new.place.chart
                && old.place.class == new.place.class
        };
        let mut candidates = came.iter().filter(twins);
        let (Some(new), None) = (candidates.next(), candidates.next()) else {
            continue;
        };
        let severity = match old.place.class {
            FileClass::Docs | FileClass::Test if unread(old, context) && unread(new, context) => {
                Severity::Noise
            }
            FileClass::Template if harmless(old, new, context) => Severity::Info,
            _ => continue,
        };
        let (Some(from), Some(to)) = (old.row.left, new.row.right) else {
            continue;
        };
        if renamed.paths.contains(to) {
            continue;
        }
        renamed.paths.extend([from, to]);
        renamed.causes.push(
            Cause::new(Code::FileRenamed, severity, Stage::Files, Weight::Cosmetic)
                .path(&new.shown)
                .change(shown(from), shown(to))
                .note("The same bytes under another name."),
        );
    }
    renamed
}

fn unread(pair: &Pair<'_>, context: &Context<'_>) -> bool {
    context.content_because(pair).is_none()
}

fn harmless(old: &Pair<'_>, new: &Pair<'_>, context: &Context<'_>) -> bool {
    let folder = |place: &Place<'_>| {
        place
            .inner
            .iter()
            .rposition(|b| *b == b'/')
            .and_then(|at| place.inner.get(..at))
            .map(<[u8]>::to_vec)
    };
    folder(&old.place) == folder(&new.place)
        && old.left.and_then(text).is_some_and(|source| !defines(source))
        && context.template_included(old).is_none()
        && context.template_included(new).is_none()
        && rank(old, context, 0) == rank(new, context, 1)
}

/// The templates of the same folder before this one, by path: between them nothing may move.
fn rank(pair: &Pair<'_>, context: &Context<'_>, side: usize) -> Option<Vec<Vec<u8>>> {
    let tree = context.trees.get(side)?;
    let own = pair.row.left.or(pair.row.right)?;
    let before = tree
        .nodes
        .keys()
        .filter(|path| path.as_slice() < own && Place::of(path).class.is_template());
    Some(before.cloned().collect())
}
