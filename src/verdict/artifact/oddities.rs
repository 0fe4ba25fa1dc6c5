//! Rules about what should make a reader suspicious: names that stand twice, paths outside the root, links
//! in charts, deceptive characters. Never counted as noise; told also when both sides have them.

use std::collections::BTreeSet;

use crate::compare::packing::show_path;
use crate::tree::{Oddity, OddityKind, Tree};
use crate::verdict::{Cause, Code, Note, Severity, Stage, Weight};

/// Causes for oddities that only one side has, and a note for every oddity of the right side.
pub fn judge(left: &Tree, right: &Tree) -> (Vec<Cause>, Vec<Note>) {
    let key = |o: &Oddity| {
        let told_apart = (o.kind == OddityKind::EarlierCounts).then(|| o.note.clone());
        (o.kind, o.path.clone(), told_apart)
    };
    let known: BTreeSet<_> = left.oddities.iter().map(key).collect();
    let now: BTreeSet<_> = right.oddities.iter().map(key).collect();
    let came = right
        .oddities
        .iter()
        .filter(|o| !known.contains(&key(o)))
        .map(|o| cause(o, true));
    let went = left
        .oddities
        .iter()
        .filter(|o| !now.contains(&key(o)))
        .map(|o| cause(o, false));
    let causes = came.chain(went).flatten().collect();
    let notes = right
        .oddities
        .iter()
        .map(|o| Note {
            topic: "forgery".to_owned(),
            text: format!("{}: {}", show_path(&o.path), o.note),
            snippet: String::new(),
        })
        .collect();
    (causes, notes)
}

fn cause(oddity: &Oddity, came: bool) -> Option<Cause> {
    let code = match oddity.kind {
        // Told by the packing rules, with both sides' lists.
        OddityKind::Duplicate | OddityKind::TrailingBytes => return None,
        OddityKind::EarlierCounts => Code::TarDuplicate,
        OddityKind::LinkInChart => Code::TarLink,
        OddityKind::CaseCollision
        | OddityKind::OutsideRoot
        | OddityKind::OutsideChart
        | OddityKind::DeceptivePath
        | OddityKind::Refused
        | OddityKind::Other => Code::TarPath,
    };
    let there = Some("yes".to_owned());
    let weight = match oddity.kind {
        OddityKind::EarlierCounts | OddityKind::Refused => Weight::Deployed,
        _ => Weight::Packaging,
    };
    let (from, to) = if came { (None, there) } else { (there, None) };
    Some(
        Cause::new(code, Severity::Behaviour, Stage::Archive, weight)
            .path(show_path(&oddity.path))
            .values(from, to)
            .note(oddity.note.clone()),
    )
}
