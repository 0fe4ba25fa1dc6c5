//! What readers disagree on: the first of each kind as a sentence, the others counted, so that a hostile
//! archive cannot fill the memory with complaints.

use std::collections::BTreeMap;

/// Kinds of disagreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Disagreement {
    Size,
    Mode,
    Padding,
    Globals,
    NoEnd,
}

#[derive(Debug, Default)]
pub(super) struct Oddities(BTreeMap<Disagreement, (String, u64)>);

impl Oddities {
    pub(super) fn note(&mut self, kind: Disagreement, sentence: impl FnOnce() -> String) {
        self.0.entry(kind).or_insert_with(|| (sentence(), 0)).1 += 1;
    }

    pub(super) fn told(self) -> Vec<String> {
        self.0
            .into_values()
            .map(|(sentence, count)| match count {
                1 => sentence,
                n => format!("{sentence} (and {} more like it)", n - 1),
            })
            .collect()
    }
}
