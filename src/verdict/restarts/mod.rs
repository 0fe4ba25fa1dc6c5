//! Will my pods restart? Answered from what the chart's pod templates do, apart from whether content changed.
//!
//! Purpose: under Flux with `chartRef`, helm-controller appends the digest to the chart's version
//! (`0.16.2+0cc9a8446c95`), so a pod template that carries the version rolls on *any* new digest, also when every file is
//! equal. Under everything else equal content rolls nothing.
//!
//! Invariants: every answer names a file and line, or says that none was found; "no" is only said when every template could
//! be read and nothing that can be deployed differs; "yes" only where something that differs stands in a pod template, or is
//! read or hashed there.

use std::collections::{BTreeMap, BTreeSet};

use self::graph::{FIELDS, Graph};
use self::pod_template::{PodTemplate, pod_templates};
use super::chart::actions::{PieceKind, Token, pieces, tokens};
use super::chart::survey::{Read, Survey, Use};
use super::chart::{shown, text};
use super::file_class::{FileClass, Place};
use crate::compare::yaml;
use crate::limits::Limits;
use crate::report::{Answer, Restarts};
use crate::tree::Tree;

mod graph;
pub mod pod_template;

/// What the verdict found, as far as pods are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Every file is equal, or differs only in what nothing deploys.
    Equal,
    /// Something that can be deployed differs.
    Changed,
    /// Not everything could be read.
    Unknown,
}

const FLUX: &str = "Flux with chartRef rolls these pods on every new digest, also when the content is equal: helm-controller puts the \
    digest behind the chart's version. Its feature gate DisableChartDigestTracking=true (since 1.3.0) stops that.";
const OTHERS_EQUAL: &str = "With equal content nothing rolls under a Flux HelmRepository of type oci (the same version is cached), \
    under Argo CD (the moved tag renders the same objects), or with plain Helm (it does not track digests).";
const OTHERS_CHANGED: &str = "A Flux HelmRepository of type oci keeps the cached chart while the version is the same; Argo CD takes the moved \
    tag up (a classic Helm source only after a hard refresh); plain Helm at the next upgrade.";

const UNREAD: &str = "Not everything could be read, so what reaches the pods is not known.";

/// The answer about a chart of which no file was read.
pub fn unread() -> Restarts {
    Restarts {
        answer: Answer::Depends,
        because: vec![UNREAD.to_owned()],
    }
}

/// Whether a chart's pods restart when the right side is deployed in place of the left; `survey` is the right side's.
pub fn judge([left, right]: [&Tree; 2], survey: &Survey, content: Content, limits: &Limits) -> Restarts {
    let workloads = workloads(right);
    let graph = Graph::of(survey);
    let mut carriers = Vec::new();
    let mut varying = Vec::new();
    for workload in &workloads {
        for reading in workload.uses(&graph) {
            if workload.own_version {
                carriers.extend(graph.carries(reading, "Version"));
            }
            if let Read::Varying(function) = &reading.read {
                varying.push(format!(
                    "{} uses {function} in a pod template: another value at each upgrade, so each upgrade rolls these pods.",
                    reading.spot
                ));
            }
        }
    }
    let mut because = Vec::new();
    if !survey.unreadable.is_empty() {
        because.extend(
            survey
                .unreadable
                .iter()
                .map(|(path, why)| format!("{path} could not be looked at: {why}.")),
        );
    }
    let changed = if content == Content::Changed {
        reached(left, right, &graph, &workloads, limits)
    } else {
        Vec::new()
    };
    let certain = !changed.is_empty();
    because.extend(changed);
    let carried = !carriers.is_empty();
    because.extend(
        carriers
            .into_iter()
            .map(|place| format!("{place} puts the chart's version into a pod template.")),
    );
    if carried {
        because.push(FLUX.to_owned());
    }
    let varies = !varying.is_empty();
    because.extend(varying);
    let answer = match content {
        Content::Equal if carried || varies || !survey.unreadable.is_empty() => {
            because.push(OTHERS_EQUAL.to_owned());
            Answer::Depends
        }
        Content::Equal => {
            because.push(if workloads.is_empty() {
                "No template of this chart has a pod template in its text, and nothing that can be deployed differs.".to_owned()
            } else {
                let places = workloads.iter().map(|w| format!("{}:{}", w.path, w.template.first)).collect::<Vec<_>>().join(", ");
                format!("No pod template ({places}) uses the chart's version, and nothing that can be deployed differs.")
            });
            Answer::No
        }
        Content::Changed if certain => {
            because.push(OTHERS_CHANGED.to_owned());
            Answer::Yes
        }
        Content::Changed => {
            because.push(
                "Nothing that differs was found in a pod template; what else differs may still reach one when it is rendered with your values."
                    .to_owned(),
            );
            because.push(OTHERS_CHANGED.to_owned());
            Answer::Depends
        }
        Content::Unknown => {
            because.push(UNREAD.to_owned());
            Answer::Depends
        }
    };
    let mut known = BTreeSet::new();
    because.retain(|sentence| known.insert(sentence.clone()));
    Restarts { answer, because }
}

/// A pod template in a file.
struct Workload<'a> {
    path: String,
    source: &'a str,
    template: PodTemplate,
    /// The template's lines (see [`PodTemplate::text`]).
    text: String,
    /// False in a subchart's own templates: Flux changes the root chart's version only. A partial may be the root's body.
    own_version: bool,
}

impl Workload<'_> {
    fn uses<'s>(&self, graph: &'s Graph<'_>) -> impl Iterator<Item = &'s Use> {
        let all = graph.of_file.get(self.path.as_str());
        let all = all.map(Vec::as_slice).unwrap_or_default();
        // In the order of their lines, but that files which `tpl` runs may be looked at twice.
        all.iter().copied().filter(|u| self.template.holds(u.spot.line))
    }
}

fn workloads(tree: &Tree) -> Vec<Workload<'_>> {
    let mut found = Vec::new();
    for (path, node) in &tree.nodes {
        let place = Place::of(path);
        let (true, Some(source)) = (
            place.class.is_template() && place.class != FileClass::Notes,
            text(node),
        ) else {
            continue;
        };
        let templates = pod_templates(source);
        let lines = source.lines().collect::<Vec<_>>();
        for template in templates {
            let own_version = place.chart.is_empty() || place.class == FileClass::Partial;
            found.push(Workload {
                path: shown(path),
                source,
                text: template.text(&lines),
                template,
                own_version,
            });
        }
    }
    found
}

/// Sentences for everything that differs and certainly stands in, or is read or hashed by, a pod template.
fn reached(
    left: &Tree,
    right: &Tree,
    graph: &Graph<'_>,
    workloads: &[Workload<'_>],
    limits: &Limits,
) -> Vec<String> {
    let mut told = Vec::new();
    if workloads.is_empty() {
        return told;
    }
    let changed = |path: &str| differs(left, right, path.as_bytes());
    let fields = FIELDS.into_iter().filter(|field| {
        changed("Chart.yaml") && chart_field(left, field, limits) != chart_field(right, field, limits)
    });
    let fields = fields.collect::<Vec<_>>();
    let values = changed_values(left, right, limits);
    // Asked once for each file, however many pod templates and readings stand in it.
    let templates = right.nodes.keys().map(|path| shown(path));
    let templates = templates
        .filter(|path| Place::of(path.as_bytes()).class.is_template() && changed(path))
        .collect::<Vec<_>>();
    let mut before: BTreeMap<&str, Option<BTreeSet<String>>> = BTreeMap::new();
    let mut read_values: BTreeMap<&str, Vec<(u64, String)>> = BTreeMap::new();
    for workload in workloads {
        let here = format!("{}:{}", workload.path, workload.template.first);
        let before = before.entry(&workload.path).or_insert_with(|| {
            let source = left.nodes.get(workload.path.as_bytes()).and_then(text)?;
            Some(texts(&pod_templates(source), source))
        });
        if before
            .as_ref()
            .is_some_and(|before| !before.contains(&workload.text))
        {
            told.push(format!(
                "{here}: the pod template of this {} itself differs.",
                workload.template.kind
            ));
        }
        for reading in workload.uses(graph) {
            for field in &fields {
                if let Some(place) = graph.carries(reading, field) {
                    told.push(format!(
                        "{place} uses .Chart.{field} in a pod template, and it differs."
                    ));
                }
            }
            if let Read::Template(pattern) | Read::Sibling(pattern) = &reading.read {
                let hashed = templates.iter().find(|path| {
                    **path != workload.path
                        && !pattern.is_open()
                        && graph.survey.may_include(reading, &Place::of(path.as_bytes()))
                });
                told.extend(hashed.map(|path| {
                    format!(
                        "{} includes {path} in a pod template, and that file differs.",
                        reading.spot
                    )
                }));
            }
        }
        let own_values = Place::of(workload.path.as_bytes()).chart.is_empty();
        let all = read_values
            .entry(&workload.path)
            .or_insert_with(|| value_paths(workload.source));
        let here = all.iter().filter(|(line, _)| workload.template.holds(*line));
        for (line, path) in here.filter(|_| own_values) {
            let below = format!("{path}/");
            let above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
            let touched = values.contains(path)
                || values
                    .range(below.clone()..)
                    .next()
                    .is_some_and(|v| v.starts_with(&below))
                || above.into_iter().any(|v| values.contains(v));
            if touched {
                told.push(format!(
                    "{}:{line} reads .Values{} in a pod template, and its default differs.",
                    workload.path,
                    path.replace('/', ".")
                ));
            }
        }
    }
    told
}

/// True unless both sides have these bytes there, or neither has a file there.
fn differs(left: &Tree, right: &Tree, path: &[u8]) -> bool {
    let side = |tree: &Tree| tree.nodes.get(path).map(|node| (node.size, node.sha256));
    side(left) != side(right)
}

fn texts(templates: &[PodTemplate], source: &str) -> BTreeSet<String> {
    let lines = source.lines().collect::<Vec<_>>();
    templates.iter().map(|template| template.text(&lines)).collect()
}

fn document(tree: &Tree, path: &[u8], limits: &Limits) -> Option<serde_json::Value> {
    let source = text(tree.nodes.get(path)?)?;
    yaml::read(source, limits)
        .ok()?
        .into_iter()
        .next()
        .map(|d| d.value)
}

fn chart_field(tree: &Tree, field: &str, limits: &Limits) -> Option<serde_json::Value> {
    let name = if field == "Version" {
        "version"
    } else {
        "appVersion"
    };
    document(tree, b"Chart.yaml", limits)?.get(name).cloned()
}

/// Pointers of the root chart's changed defaults.
fn changed_values(left: &Tree, right: &Tree, limits: &Limits) -> BTreeSet<String> {
    if !differs(left, right, b"values.yaml") {
        return BTreeSet::new();
    }
    let (Some(l), Some(r)) = (
        document(left, b"values.yaml", limits),
        document(right, b"values.yaml", limits),
    ) else {
        return BTreeSet::new();
    };
    let leaves = super::kubernetes::leaf::leaves(Some(&l), Some(&r), limits);
    leaves.into_iter().map(|leaf| leaf.pointer).collect()
}

/// `/image/tag` for every `.Values.image.tag` in a template, with its line.
fn value_paths(source: &str) -> Vec<(u64, String)> {
    let pieces = pieces(source).unwrap_or_default();
    let mut found = Vec::new();
    for piece in pieces.iter().filter(|p| p.kind == PieceKind::Action) {
        for token in tokens(piece.body) {
            let Token::Word(word) = token else { continue };
            let word = word.strip_prefix('$').unwrap_or(word);
            if let Some(path) = word.strip_prefix(".Values.").filter(|p| !p.is_empty()) {
                found.push((piece.line, format!("/{}", path.replace('.', "/"))));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
