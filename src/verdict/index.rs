//! Rules about indexes: children paired by platform, attestations apart, each pair judged like an image of
//! its own.

use std::collections::BTreeSet;

use super::artifact::manifest;
use super::judgement::Judgement;
use super::{Cause, Code, Level, Proven, Rung, Severity, Stage, Weight};
use crate::compare::evidence::{ChildPair, IndexPair};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::oci::{Digest, Document};

/// Judges two indexes, or an index and the manifest it wraps.
pub(super) fn judge(pair: &IndexPair, limits: &Limits) -> Judgement {
    let mut judgement = Judgement {
        identical: pair.left.digest == pair.right.digest,
        ..Default::default()
    };
    let shapes = (pair.left.index().is_some(), pair.right.index().is_some());
    if shapes == (true, true) {
        let (causes, notes) = manifest::judge(&pair.left, &pair.right, limits.data_depth);
        judgement.causes.extend(causes);
        judgement.notes.extend(notes);
        judgement.causes.extend(attestations(&pair.left, &pair.right));
    } else if !judgement.identical {
        judgement.causes.push(
            Cause::new(
                Code::ManifestMediaType,
                Severity::Info,
                Stage::Manifest,
                Weight::Packaging,
            )
            .change(pair.left.media_type.clone(), pair.right.media_type.clone())
            .note("an index that wraps a manifest, against a manifest: the images inside are compared"),
        );
    }
    if pair.children.is_empty() && !judgement.identical {
        let fault = Fault::unsupported("no platform of one side has a counterpart on the other");
        judgement.could_not_read("the platforms", &fault);
    }
    for child in &pair.children {
        self::child(child, shapes, limits, &mut judgement);
    }
    if pair.left_off > 0 {
        let fault = Fault::too_large("the number of platforms", limits.index_children);
        judgement.could_not_read(&format!("{} platforms", pair.left_off), &fault);
    }
    judgement.ladder = ladder(pair, &judgement);
    judgement
}

fn child(child: &ChildPair, shapes: (bool, bool), limits: &Limits, judgement: &mut Judgement) {
    let platform = child
        .platform
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let cause = |code, severity, weight| {
        let show = |d: &Option<Digest>| d.as_ref().map(Digest::to_string);
        let cause = Cause::new(code, severity, Stage::Manifest, weight);
        Cause {
            platform: platform.clone(),
            ..cause.values(show(&child.left), show(&child.right))
        }
    };
    let found = match (&child.left, &child.right, &child.pair) {
        // A lone manifest stands for one platform; that the index has more is no loss by itself.
        (None, Some(_), _) => {
            let note = if shapes.0 {
                "pods on this platform can be scheduled now"
            } else {
                "beside the image that was there alone"
            };
            judgement
                .causes
                .push(cause(Code::IndexPlatformAdded, Severity::Info, Weight::Deployed).note(note));
            return;
        }
        (Some(_), None, _) => {
            judgement.causes.push(
                cause(Code::IndexPlatformRemoved, Severity::Behaviour, Weight::Deployed)
                    .note("pods on this platform can no longer pull"),
            );
            return;
        }
        (Some(l), Some(r), _) if l == r => return,
        (_, _, Some(pair)) => super::judge::pair(pair, limits),
        _ => return,
    };
    let level = found.level();
    let summary = match level {
        Level::Identical | Level::Repackaged | Level::Cosmetic => {
            let weight = if level == Level::Cosmetic {
                Weight::Cosmetic
            } else {
                Weight::Packaging
            };
            Some(
                cause(Code::IndexPlatformRepackaged, Severity::Info, weight)
                    .note("rebuilt, with the same content"),
            )
        }
        Level::Changed => Some(
            cause(Code::IndexPlatformChanged, Severity::Behaviour, Weight::Deployed)
                .note("its content changed"),
        ),
        Level::Breaking => Some(
            cause(Code::IndexPlatformChanged, Severity::Breaking, Weight::Deployed)
                .note("its content changed"),
        ),
        Level::Unknown => None,
    };
    judgement.causes.extend(summary);
    judgement.causes.extend(found.causes.into_iter().map(|c| Cause {
        platform: platform.clone(),
        ..c
    }));
    judgement.causes_left_off += found.causes_left_off;
    judgement.files.extend(found.files.into_iter().map(|mut f| {
        f.platform.clone_from(&platform);
        f
    }));
    judgement.unread.extend(found.unread.into_iter().map(|mut u| {
        u.what = format!("{platform}: {}", u.what);
        u
    }));
    judgement.notes.extend(found.notes);
}

/// BuildKit's attestations differ at each build; losing them is worth a look.
fn attestations(left: &Document, right: &Document) -> Option<Cause> {
    let of = |d: &Document| -> BTreeSet<Digest> {
        d.index()
            .map(|i| i.attestations().map(|d| d.digest.clone()).collect())
            .unwrap_or_default()
    };
    let (l, r) = (of(left), of(right));
    if l == r {
        return None;
    }
    let show = |set: &BTreeSet<Digest>| match set.len() {
        1 => set.first().map(Digest::to_string).unwrap_or_default(),
        n => format!("{n} attestations"),
    };
    let lost = r.is_empty();
    let severity = if lost { Severity::Review } else { Severity::Noise };
    let note = if lost {
        "the build's attestations are gone"
    } else {
        "build attestations; nothing runs them"
    };
    Some(
        Cause::new(
            Code::IndexAttestation,
            severity,
            Stage::Manifest,
            Weight::Packaging,
        )
        .change(show(&l), show(&r))
        .count(l.symmetric_difference(&r).count() as u64)
        .note(note),
    )
}

fn ladder(pair: &IndexPair, judgement: &Judgement) -> Vec<Rung> {
    let children = |d: &Document| match d.index() {
        Some(index) => {
            let mut all: Vec<String> = index.runnable().map(|d| d.digest.to_string()).collect();
            all.sort();
            all.join(" ")
        }
        None => d.digest.to_string(),
    };
    let (l, r) = (children(&pair.left), children(&pair.right));
    let same_children = l == r;
    let has = |weight| judgement.causes.iter().any(|c| c.weight == weight);
    let undecided = has(Weight::Unread);
    let proven = |differs: bool| {
        if differs {
            Some(false)
        } else if undecided {
            None
        } else {
            Some(true)
        }
    };
    let rung = |rung, equal, left: &str, right: &str| Rung {
        rung,
        equal,
        left: left.to_owned(),
        right: right.to_owned(),
        check: String::new(),
    };
    vec![
        rung(
            Proven::Digest,
            Some(judgement.identical),
            &pair.left.digest.to_string(),
            &pair.right.digest.to_string(),
        ),
        rung(Proven::Manifest, Some(same_children), &l, &r),
        rung(Proven::Uncompressed, same_children.then_some(true), "", ""),
        rung(
            Proven::Files,
            proven(has(Weight::Deployed) || has(Weight::Cosmetic)),
            "",
            "",
        ),
        rung(Proven::Normalised, proven(has(Weight::Deployed)), "", ""),
    ]
}
