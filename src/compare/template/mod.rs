//! Go templates: what two of them differ in, and whether the difference can reach what they render.
//!
//! Two proofs, the first stronger:
//! 1. **The same text**: without its comments, with trimming applied, every text and every action is the same; the
//!    rendered bytes are equal for the same values (`piece`).
//! 2. **The same data**: besides, YAML comments and blank lines differ that are such in every rendering (`canon`).
//!    The one assumption about values is told in `line`: what an action renders stays where it stands.
//!
//! A file whose rendered *text* is used (`include (print $.Template.BasePath "/x.yaml") . | sha256sum`) needs the first
//! proof; [`includes_base_path`] finds who does that.

mod canon;
mod include;
mod layout;
mod lex;
mod line;
mod piece;

pub use include::{Includes, includes_base_path};
pub use lex::{Segment, SegmentKind, lex};
use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::text::{self, Hunk};
use crate::limits::Limits;

/// What a template renders to, which decides what a `#` means in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renders {
    /// Kubernetes objects: the file is named `*.yaml` or `*.yml`.
    Yaml,
    /// Nothing by itself, only what others include from it: the file is named `_*`. Text outside of definitions is dropped.
    Definitions,
    /// Anything else (`NOTES.txt`): only comments of the template are comments.
    Text,
}

impl Renders {
    /// By the file's name, as Helm goes.
    pub fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        if name.starts_with('_') {
            Self::Definitions
        } else if name.ends_with(".yaml") || name.ends_with(".yml") {
            Self::Yaml
        } else {
            Self::Text
        }
    }
}

/// How far equality of what is rendered is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Equality {
    /// Not at all.
    NotProven,
    /// The same data, once rendered and read as YAML.
    Data,
    /// The same bytes.
    Text,
}

/// How two templates compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateComparison {
    /// How far equality of what they render is proven.
    pub rendered: Equality,
    /// Of equal renderings: comments differ, those of the template or those of YAML.
    pub comments: bool,
    /// Of equal renderings: white space differs.
    pub whitespace: bool,
    /// The lines that differ.
    pub text: Vec<Hunk>,
    /// Why more is not proven.
    pub reasons: Vec<String>,
}

impl TemplateComparison {
    /// True when both render the same data for the same values.
    pub fn equal_rendered_data(&self) -> bool {
        self.rendered >= Equality::Data
    }
}

/// Compares two templates. Never fails: what cannot be lexed is not proven equal.
pub fn compare(left: &str, right: &str, renders: Renders, limits: &Limits) -> TemplateComparison {
    let mut comparison = TemplateComparison {
        rendered: if left == right {
            Equality::Text
        } else {
            Equality::NotProven
        },
        comments: false,
        whitespace: false,
        text: Vec::new(),
        reasons: Vec::new(),
    };
    if left == right {
        return comparison;
    }
    match text::diff(left, right, limits) {
        Ok(diff) => comparison.text = diff.hunks,
        Err(fault) => {
            comparison.reasons.push(fault.message);
            return comparison;
        }
    }
    let mut sides = Vec::new();
    for (name, text) in [("left", left), ("right", right)] {
        match Side::read(text) {
            Ok(side) => sides.push(side),
            Err(why) => comparison.reasons.push(format!("{name} side: {why}")),
        }
    }
    let (Some(right_side), Some(left_side), None) = (sides.pop(), sides.pop(), sides.pop()) else {
        return comparison;
    };
    let comments = left_side.comments != right_side.comments;
    if left_side.pieces == right_side.pieces {
        comparison.rendered = Equality::Text;
        comparison.comments = comments;
        comparison.whitespace = left_side.without_comments(left) != right_side.without_comments(right);
        return comparison;
    }
    if renders == Renders::Definitions
        && let (Some((l, left_around)), Some((r, right_around))) = (
            piece::defined(&left_side.pieces),
            piece::defined(&right_side.pieces),
        )
        && l == r
    {
        comparison.rendered = Equality::Data;
        comparison.comments = comments || left_around.contains('#') || right_around.contains('#');
        comparison.whitespace = !comparison.comments;
        return comparison;
    }
    if renders != Renders::Yaml {
        comparison.reasons.push("texts or actions differ".to_owned());
        return comparison;
    }
    let layouts = (
        layout::layout(&left_side.pieces, limits.data_depth),
        layout::layout(&right_side.pieces, limits.data_depth),
    );
    let (Some(left_layout), Some(right_layout)) = layouts else {
        comparison
            .reasons
            .push("its blocks do not match, or nest too deep".to_owned());
        return comparison;
    };
    let left_canon = canon::reduce(&left_side.pieces, &left_layout, limits.data_nodes);
    let right_canon = canon::reduce(&right_side.pieces, &right_layout, limits.data_nodes);
    if left_canon.tokens == right_canon.tokens {
        comparison.rendered = Equality::Data;
        comparison.comments = comments || left_canon.comments != right_canon.comments;
        comparison.whitespace = !comparison.comments;
        return comparison;
    }
    // A comment that stayed on one side only is why; anything else is a difference in its own right.
    let only = |name: &str, own: &[String], other: &[String]| {
        let other: HashSet<&String> = other.iter().collect();
        let own = own
            .iter()
            .filter(|kept| !other.contains(kept))
            .take(limits.causes);
        own.map(|kept| format!("{name} side: {kept}")).collect::<Vec<_>>()
    };
    comparison
        .reasons
        .extend(only("left", &left_canon.kept, &right_canon.kept));
    comparison
        .reasons
        .extend(only("right", &right_canon.kept, &left_canon.kept));
    if comparison.reasons.is_empty() {
        comparison.reasons.push("texts or actions differ".to_owned());
    }
    comparison
}

/// One side of a comparison.
struct Side {
    segments: Vec<Segment>,
    pieces: Vec<piece::Piece>,
    comments: Vec<String>,
}

impl Side {
    fn read(text: &str) -> Result<Self, String> {
        if text.contains(line::HOLE) {
            return Err("a control character".to_owned());
        }
        let segments = lex(text).map_err(|fault| fault.message)?;
        let comments = segments
            .iter()
            .filter(|segment| segment.kind == SegmentKind::Comment)
            .filter_map(|segment| text.get(segment.inner.clone()).map(str::to_owned))
            .collect();
        Ok(Self {
            pieces: piece::pieces(text, &segments),
            segments,
            comments,
        })
    }

    /// The source with its comments cut out.
    fn without_comments(&self, text: &str) -> String {
        let kept = self
            .segments
            .iter()
            .filter(|segment| segment.kind != SegmentKind::Comment);
        let whole: String = kept
            .filter_map(|segment| text.get(segment.span.clone()))
            .collect();
        whole
            .lines()
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }
}

#[cfg(test)]
mod tests;
