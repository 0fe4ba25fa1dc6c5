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

use std::collections::{BTreeSet, HashMap};

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

/// What twins have in common: bytes, chart and class.
type Twin<'a> = (Option<(u64, [u8; 32])>, &'a [u8], FileClass);

fn twin<'a>(pair: &Pair<'a>) -> Twin<'a> {
    let node = pair.left.or(pair.right);
    (
        node.map(|n| (n.size, n.sha256)),
        pair.place.chart,
        pair.place.class,
    )
}

pub(super) fn judge<'a>(pairs: &[Pair<'a>], context: &Context<'a>) -> Renamed<'a> {
    let mut renamed = Renamed::default();
    let file = |pair: &&Pair<'a>| {
        [pair.left, pair.right]
            .into_iter()
            .flatten()
            .all(|n| n.kind == EntryKind::File && !n.expanded)
    };
    let gone = pairs.iter().filter(file).filter(|p| p.right.is_none());
    let came = pairs.iter().filter(file).filter(|p| p.left.is_none());
    let mut by_content: HashMap<_, Vec<&Pair<'a>>> = HashMap::new();
    for new in came {
        by_content.entry(twin(new)).or_default().push(new);
    }
    let ranks = Ranks::of(context);
    for old in gone {
        let Some([new]) = by_content.get(&twin(old)).map(Vec::as_slice) else {
            continue;
        };
        let severity = match old.place.class {
            FileClass::Docs | FileClass::Test if unread(old, context) && unread(new, context) => {
                Severity::Noise
            }
            FileClass::Template if harmless(old, new, context, &ranks) => Severity::Info,
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

fn harmless(old: &Pair<'_>, new: &Pair<'_>, context: &Context<'_>, ranks: &Ranks<'_>) -> bool {
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
        && ranks.equal(old, new)
}

/// The templates of both sides by path: between those before a renamed one nothing may move.
struct Ranks<'a> {
    left: Vec<&'a [u8]>,
    right: Vec<&'a [u8]>,
    /// How many both sides begin with.
    common: usize,
}

impl<'a> Ranks<'a> {
    fn of(context: &Context<'a>) -> Self {
        let [left, right] = context.trees.map(|tree| {
            let paths = tree.nodes.keys().map(Vec::as_slice);
            paths
                .filter(|path| Place::of(path).class.is_template())
                .collect::<Vec<_>>()
        });
        let common = left.iter().zip(&right).take_while(|(l, r)| l == r).count();
        Self { left, right, common }
    }

    /// True when the same templates stand before both.
    fn equal(&self, old: &Pair<'_>, new: &Pair<'_>) -> bool {
        let rank = |side: &[&[u8]], pair: &Pair<'_>| {
            let own = pair.row.left.or(pair.row.right)?;
            Some(side.partition_point(|path| *path < own))
        };
        match (rank(&self.left, old), rank(&self.right, new)) {
            (Some(l), Some(r)) => l == r && l <= self.common,
            _ => false,
        }
    }
}
