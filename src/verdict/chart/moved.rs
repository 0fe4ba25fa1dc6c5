//! Subcharts that stand under another path: another archive name, a folder in place of an archive.
//!
//! One `file.renamed` (0, cosmetic) per subchart, with how many of its files are now elsewhere. What changed inside them is
//! told file by file, and a subchart's other version by its Chart.yaml.
//!
//! Proof: Helm takes a subchart's name from its Chart.yaml, and iterates over subcharts in no order at all.

use std::collections::BTreeMap;

use super::alignment::Row;
use super::{Cause, Code, Severity, Stage, Weight, shown};
use crate::verdict::file_class::Place;

pub(super) fn judge(rows: &[Row<'_>]) -> Vec<Cause> {
    let mut moved: BTreeMap<(&[u8], &[u8]), u64> = BTreeMap::new();
    for row in rows {
        let (Some(left), Some(right)) = (row.left, row.right) else {
            continue;
        };
        let (from, to) = (Place::of(left).chart, Place::of(right).chart);
        if from != to {
            *moved.entry((from, to)).or_insert(0) += 1;
        }
    }
    let told = moved.into_iter().map(|((from, to), count)| {
        let name = |prefix: &[u8]| {
            shown(prefix)
                .trim_end_matches('/')
                .trim_end_matches('!')
                .to_owned()
        };
        Cause::new(Code::FileRenamed, Severity::Noise, Stage::Files, Weight::Cosmetic)
            .path(name(to))
            .change(name(from), name(to))
            .count(count)
            .note("The same subchart under another path: Helm knows it by the name in its Chart.yaml.")
    });
    told.collect()
}
