//! Judges what changed inside the files of a chart, file by file.
//!
//! Purpose: a path that differs is handed to the rule for its class (see [`file_class`](super::file_class)); the rule
//! answers with causes. What Kubernetes objects say is added by [`kubernetes`](super::kubernetes).
//!
//! Invariants:
//! - every path whose node differs in kind or bytes has at least one cause with that path;
//! - a path is called [`Weight::Cosmetic`] only by a rule that proved it; where no rule speaks, it is
//!   [`Weight::Deployed`];
//! - rules only ever add causes: no rule takes back what another said.
//!
//! | rule | looks at |
//! |---|---|
//! | `metadata` | Chart.yaml, requirements.yaml |
//! | `lock` | Chart.lock, requirements.lock |
//! | `values` | values.yaml |
//! | `schema` | values.schema.json |
//! | `template` | templates and partials |
//! | `notes` | NOTES.txt |
//! | `test_hooks` | templates/tests |
//! | `crd_file` | crds/ |
//! | `documents` | documents, tests, files, packed subcharts |
//! | `invisible` | characters that a reader does not see, in any of them |
//! | `moved` | subcharts under another path (see `alignment`) |
//! | `renamed` | the same bytes under another name |

use std::collections::BTreeMap;

use self::alignment::Row;
use super::file_class::{FileClass, Place};
use super::kubernetes::{self, Changed};
use super::{Cause, Code, Severity, Stage, Weight};
use crate::archive::EntryKind;
use crate::limits::Limits;
use crate::tree::{Node, Tree};

pub mod actions;
mod alignment;
mod crd_file;
mod data;
mod documents;
mod flow;
mod invisible;
mod lock;
mod metadata;
mod moved;
mod notes;
mod pattern;
mod reads;
mod renamed;
mod schema;
pub mod survey;
mod template;
mod test_hooks;
#[cfg(test)]
pub(crate) mod testing;
mod values;

pub use pattern::Pattern;
pub use survey::Survey;

/// What the rules said.
#[derive(Debug, Clone, Default)]
pub struct ChartJudgement {
    /// In path order, for each path in the order of the rules.
    pub causes: Vec<Cause>,
    /// The class of every path that differs.
    pub classes: BTreeMap<Vec<u8>, FileClass>,
    /// What the right side's templates read, where the rules had to ask.
    pub survey: Option<Survey>,
}

/// One file that differs.
pub(crate) struct Pair<'a> {
    /// Its path as it is shown: the right side's, or the left's where there is no other.
    pub shown: String,
    /// Chart and class.
    pub place: Place<'a>,
    /// The left side's node.
    pub left: Option<&'a Node>,
    /// The right side's node.
    pub right: Option<&'a Node>,
    /// The paths it has on either side.
    pub row: Row<'a>,
}

/// What every rule may ask.
pub(crate) struct Context<'a> {
    /// Left and right.
    pub trees: [&'a Tree; 2],
    /// Every file of both.
    pub rows: &'a [Row<'a>],
    /// For each archive of either side, by path, the rows of what is in it.
    pub members: [BTreeMap<&'a [u8], Vec<usize>>; 2],
    /// What the templates of either side read.
    pub surveys: [Survey; 2],
    /// Bounds.
    pub limits: &'a Limits,
}

/// Judges every file that differs between two trees of a chart.
pub fn judge(left: &Tree, right: &Tree, limits: &Limits) -> ChartJudgement {
    let mut judgement = ChartJudgement::default();
    let rows = alignment::rows(left, right);
    let pairs = rows
        .iter()
        .filter_map(|row| differing(row, left, right))
        .collect::<Vec<_>>();
    let moved = moved::judge(&rows);
    if pairs.is_empty() && moved.is_empty() {
        return judgement;
    }
    judgement.causes = moved;
    for row in &rows {
        if row.left != row.right {
            let paths = [row.left, row.right].into_iter().flatten();
            judgement
                .classes
                .extend(paths.map(|path| (path.to_vec(), Place::of(path).class)));
        }
    }
    let context = Context {
        trees: [left, right],
        rows: &rows,
        members: [members(&rows, |row| row.left), members(&rows, |row| row.right)],
        surveys: [Survey::of(left, limits), Survey::of(right, limits)],
        limits,
    };
    let renamed = renamed::judge(&pairs, &context);
    let mut changed = Vec::new();
    for pair in &pairs {
        let paths = [pair.row.left, pair.row.right].into_iter().flatten();
        judgement
            .classes
            .extend(paths.map(|path| (path.to_vec(), pair.place.class)));
        if renamed.covers(pair) {
            continue;
        }
        let causes = causes(pair, &context);
        // Where nothing that is deployed differs, objects have nothing to say.
        if causes.iter().any(|cause| cause.weight != Weight::Cosmetic) {
            changed.push(Changed {
                path: pair.shown.clone(),
                class: pair.place.class,
                left: pair.left.and_then(text),
                right: pair.right.and_then(text),
            });
        }
        judgement.causes.extend(causes);
    }
    judgement.causes.extend(renamed.causes);
    judgement.causes.extend(kubernetes::judge(&changed, limits));
    judgement.causes.sort_by(|a, b| a.path.cmp(&b.path));
    let [_, survey] = context.surveys;
    judgement.survey = Some(survey);
    judgement
}

/// The nodes of a row, unless they are equal in kind, bytes and link. Modes, owners and times are the archive's business.
fn differing<'a>(row: &Row<'a>, left: &'a Tree, right: &'a Tree) -> Option<Pair<'a>> {
    let (l, r) = (
        row.left.and_then(|p| left.nodes.get(p)),
        row.right.and_then(|p| right.nodes.get(p)),
    );
    if let (Some(l), Some(r)) = (l, r)
        && same(l, r)
    {
        return None;
    }
    let path = row.right.or(row.left)?;
    Some(Pair {
        shown: shown(path),
        place: Place::of(path),
        left: l,
        right: r,
        row: row.clone(),
    })
}

fn same(l: &Node, r: &Node) -> bool {
    l.kind == r.kind && l.size == r.size && l.sha256 == r.sha256 && l.link == r.link
}

fn causes(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let nodes = [pair.left, pair.right];
    if nodes.iter().flatten().all(|n| n.kind == EntryKind::Directory) {
        // Helm does not look at directory entries.
        return vec![
            Cause::new(
                Code::TarDirectoryEntries,
                Severity::Noise,
                Stage::Archive,
                Weight::Packaging,
            )
            .path(&pair.shown),
        ];
    }
    if nodes.iter().flatten().any(|n| n.kind != EntryKind::File) {
        return vec![odd_kind(pair)];
    }
    let mut causes = by_class(pair, context);
    if causes.is_empty()
        && !(pair.place.class == FileClass::Subchart || nodes.iter().flatten().any(|n| n.expanded))
    {
        causes = unjudged(pair);
    }
    causes.extend(invisible::judge(pair, &causes));
    causes
}

/// What the rule for its class says; nothing when that rule has no proof and no words.
fn by_class(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let class = pair.place.class;
    let rendered = match class {
        FileClass::Notes => notes::judge(pair, context),
        FileClass::TestTemplate => test_hooks::judge(pair, context),
        _ => Vec::new(),
    };
    if !rendered.is_empty() {
        return rendered;
    }
    match class {
        FileClass::Docs | FileClass::Test | FileClass::Other | FileClass::Subchart => {
            documents::judge(pair, context)
        }
        _ if pair.one_sided() => Vec::new(),
        FileClass::Chart | FileClass::Requirements => metadata::judge(pair, context),
        FileClass::Lock => lock::judge(pair, context),
        FileClass::Values => values::judge(pair, context),
        FileClass::Schema => schema::judge(pair, context),
        FileClass::Crd => crd_file::judge(pair, context),
        FileClass::Template | FileClass::TestTemplate | FileClass::Partial | FileClass::Notes => {
            template::judge(pair, context)
        }
    }
}

/// No rule proved anything: content.
fn unjudged(pair: &Pair<'_>) -> Vec<Cause> {
    if pair.one_sided() {
        return vec![pair.presence(Severity::Behaviour, Weight::Deployed)];
    }
    vec![
        pair.cause(Code::FileBytes, Severity::Behaviour, Weight::Deployed)
            .note("It could not be looked into, so it counts as content."),
    ]
}

/// Links and devices: Helm packs none, and readers disagree on them.
fn odd_kind(pair: &Pair<'_>) -> Cause {
    let told = |node: Option<&Node>| {
        node.map(|n| match n.link.as_slice() {
            [] => n.kind.word().to_owned(),
            link => format!("{} → {}", n.kind.word(), shown(link)),
        })
    };
    Cause::new(
        Code::TarLink,
        Severity::Behaviour,
        Stage::Archive,
        Weight::Deployed,
    )
    .path(&pair.shown)
    .values(told(pair.left), told(pair.right))
    .note("Only files are expected in a chart.")
}

/// A path as text, as the file list has it: a cause must name the file that the list shows.
pub(crate) use crate::compare::packing::show_path as shown;

/// Whether a template reads a file.
pub(crate) enum Readers {
    /// Proven: none does.
    None,
    /// There one may.
    At(survey::Spot),
    /// A template could not be read.
    Unknown(String),
}

/// Which rows lie in which archive of one side.
fn members<'a>(
    rows: &[Row<'a>],
    side: impl Fn(&Row<'a>) -> Option<&'a [u8]>,
) -> BTreeMap<&'a [u8], Vec<usize>> {
    let mut members: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        let Some(path) = side(row) else { continue };
        let ends = path.windows(2).enumerate().filter(|(_, two)| *two == b"!/");
        for archive in ends.filter_map(|(end, _)| path.get(..end)) {
            members.entry(archive).or_default().push(at);
        }
    }
    members
}

impl Context<'_> {
    /// The rows of what lies in an archive, on either side, in their order.
    pub fn members_of(&self, pair: &Pair<'_>) -> Vec<&Row<'_>> {
        let [left, right] = &self.members;
        let of = |side: &BTreeMap<&[u8], Vec<usize>>, path: Option<&[u8]>| {
            path.and_then(|path| side.get(path)).cloned().unwrap_or_default()
        };
        let mut rows = of(left, pair.row.left);
        rows.extend(of(right, pair.row.right));
        rows.sort_unstable();
        rows.dedup();
        rows.into_iter().filter_map(|at| self.rows.get(at)).collect()
    }

    /// Who may read a file through `.Files`.
    pub fn readers(&self, pair: &Pair<'_>) -> Readers {
        let spot = self
            .surveys
            .iter()
            .find_map(|survey| survey.reads_file(pair.place.inner));
        match (spot, self.unreadable()) {
            (Some(spot), _) => Readers::At(spot.clone()),
            (None, Some(why)) => Readers::Unknown(why),
            (None, None) => Readers::None,
        }
    }

    /// True when a file stands in a folder of `charts/` without a Chart.yaml, on any side that has the file.
    pub fn is_no_chart(&self, pair: &Pair<'_>) -> bool {
        let paths = [pair.row.left, pair.row.right];
        self.trees.iter().zip(paths).any(|(tree, path)| {
            let chart = path.map(|path| Place::of(path).chart).unwrap_or_default();
            !chart.is_empty()
                && !tree
                    .nodes
                    .contains_key([chart, b"Chart.yaml"].concat().as_slice())
        })
    }

    /// Why a file's bytes count whatever its data says, with the weight that gives.
    pub fn content_because(&self, pair: &Pair<'_>) -> Option<(Weight, String)> {
        if !pair.place.in_files() {
            return None;
        }
        match self.readers(pair) {
            Readers::None => None,
            Readers::At(spot) => Some((Weight::Deployed, format!("{spot} may read the file as it stands"))),
            Readers::Unknown(why) => Some((
                Weight::Unread,
                format!("whether a template reads it cannot be told ({why})"),
            )),
        }
    }

    /// Why a field of Chart.yaml counts, by its name in templates, with the weight that gives.
    pub fn chart_field_because(&self, field: &str) -> Option<(Weight, String)> {
        let spot = self.surveys.iter().find_map(|survey| survey.reads_chart(field));
        match (spot, self.unreadable()) {
            (Some(spot), _) => Some((Weight::Deployed, format!("{spot} may read .Chart.{field}"))),
            (None, Some(why)) => Some((
                Weight::Unread,
                format!("whether a template reads it cannot be told ({why})"),
            )),
            (None, None) => None,
        }
    }

    /// Why a template's rendered text counts beyond the objects in it: something includes it by path, usually for a hash.
    pub fn template_included(&self, pair: &Pair<'_>) -> Option<String> {
        let spot = self
            .surveys
            .iter()
            .find_map(|survey| survey.includes_template(&pair.place));
        spot.map(|spot| format!("{spot} may include it by path"))
            .or_else(|| self.unreadable())
    }

    fn unreadable(&self) -> Option<String> {
        let (path, why) = self.surveys.iter().find_map(|survey| survey.unreadable.first())?;
        Some(format!("{path}: {why}"))
    }
}

impl<'a> Pair<'a> {
    /// Both sides as text, when both are there, were kept, and are UTF-8.
    pub fn texts(&self) -> Option<(&'a str, &'a str)> {
        Some((text(self.left?)?, text(self.right?)?))
    }

    /// True when it is on one side only.
    pub fn one_sided(&self) -> bool {
        self.left.is_none() || self.right.is_none()
    }

    /// A cause at this path.
    pub fn cause(&self, code: Code, severity: Severity, weight: Weight) -> Cause {
        Cause::new(code, severity, Stage::Content, weight).path(&self.shown)
    }

    /// `file.added` or `file.removed`.
    pub fn presence(&self, severity: Severity, weight: Weight) -> Cause {
        let code = if self.left.is_none() {
            Code::FileAdded
        } else {
            Code::FileRemoved
        };
        Cause::new(code, severity, Stage::Files, weight).path(&self.shown)
    }
}

/// A node's bytes as text.
pub(crate) fn text(node: &Node) -> Option<&str> {
    std::str::from_utf8(node.bytes.as_deref()?).ok()
}

#[cfg(test)]
#[path = "invariant_tests.rs"]
mod invariant_tests;
#[cfg(test)]
#[path = "rule_tests.rs"]
mod rule_tests;
#[cfg(test)]
mod tests;
