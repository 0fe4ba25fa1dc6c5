//! Rules about indexes: children paired by platform, attestations apart, each pair judged like an image of
//! its own.

use std::collections::{BTreeMap, BTreeSet};

use super::artifact::manifest;
use super::judgement::Judgement;
use super::{Cause, Code, Level, Note, Proven, Rung, Severity, Stage, Weight};
use crate::compare::evidence::{ChildPair, IndexPair, Pair};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::oci::{ArtifactKind, Descriptor, Digest, Document, Platform, media_type};

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
    let none_runs = |d: &Document| d.index().is_some_and(|i| i.runnable().next().is_none());
    let nothing_to_run = none_runs(&pair.left) && none_runs(&pair.right);
    if pair.children.is_empty() && !judgement.identical && !nothing_to_run {
        let fault = Fault::unsupported("no platform of one side has a counterpart on the other");
        judgement.could_not_read("the platforms", &fault);
    }
    let (left, right) = (by_platform(&pair.left), by_platform(&pair.right));
    let mut became: BTreeMap<Became, Vec<String>> = BTreeMap::new();
    for child in &pair.children {
        judgement.causes.extend(descriptors(child, &left, &right));
        if let Some(cause) = offered(child, shapes) {
            judgement.causes.push(cause);
        }
        let word = self::child(child, shapes, limits, &mut judgement);
        became.entry(word).or_default().push(platform_name(child));
    }
    if pair.children.len() > 1 {
        judgement.notes.insert(0, platforms(&became));
    }
    if pair.left_off > 0 {
        let fault = Fault::too_large("the number of platforms", limits.index_children);
        judgement.could_not_read(&format!("{} platforms", pair.left_off), &fault);
    }
    judgement.ladder = ladder(pair, &judgement);
    judgement
}

/// As files and causes name it; empty where the index names none.
pub(super) fn platform_name(child: &ChildPair) -> String {
    child
        .platform
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// What became of a platform, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Became {
    Unchanged,
    Repackaged,
    Cosmetic,
    Changed,
    Breaking,
    Unread,
    Added,
    Removed,
}

impl Became {
    fn word(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Repackaged => "rebuilt, with equal content",
            Self::Cosmetic => "rebuilt, differs only in what nothing runs",
            Self::Changed => "rebuilt, with other content",
            Self::Breaking => "rebuilt, with other content that can break",
            Self::Unread => "could not be read",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }
}

/// `linux/amd64: unchanged; linux/arm64: rebuilt, with other content.`
fn platforms(became: &BTreeMap<Became, Vec<String>>) -> Note {
    let told: Vec<String> = became
        .iter()
        .map(|(word, names)| {
            let names: Vec<&str> = names
                .iter()
                .map(|name| if name.is_empty() { "no platform" } else { name })
                .collect();
            format!("{}: {}", names.join(", "), word.word())
        })
        .collect();
    Note {
        topic: "platforms".to_owned(),
        text: format!("{}.", told.join("; ")),
        snippet: String::new(),
    }
}

/// Judges one platform; what became of it is answered.
fn child(child: &ChildPair, shapes: (bool, bool), limits: &Limits, judgement: &mut Judgement) -> Became {
    let platform = platform_name(child);
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
            return Became::Added;
        }
        (Some(_), None, _) => {
            judgement.causes.push(
                cause(Code::IndexPlatformRemoved, Severity::Behaviour, Weight::Deployed)
                    .note("pods on this platform can no longer pull"),
            );
            return Became::Removed;
        }
        (Some(l), Some(r), None) if l == r => return Became::Unchanged,
        (_, _, Some(pair)) => super::judge::pair(pair, limits),
        _ => return Became::Unread,
    };
    if found.identical && found.unread.is_empty() {
        return Became::Unchanged;
    }
    let level = found.level();
    let became = match level {
        Level::Identical => Became::Unchanged,
        Level::Repackaged => Became::Repackaged,
        Level::Cosmetic => Became::Cosmetic,
        Level::Changed => Became::Changed,
        Level::Breaking => Became::Breaking,
        Level::Unknown => Became::Unread,
    };
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
    judgement.notes.extend(found.notes.into_iter().map(|note| Note {
        text: match platform.as_str() {
            "" => note.text,
            platform => format!("{platform}: {}", note.text),
        },
        ..note
    }));
    became
}

/// What runs, by normalised platform and digest.
type ByPlatform<'a> = BTreeMap<(Option<Platform>, Digest), &'a Descriptor>;

fn by_platform(document: &Document) -> ByPlatform<'_> {
    let mut all = ByPlatform::new();
    for descriptor in document.index().into_iter().flat_map(|i| i.runnable()) {
        let key = (
            descriptor.platform.as_ref().map(Platform::normalised),
            descriptor.digest.clone(),
        );
        all.entry(key).or_insert(descriptor);
    }
    all
}

/// What the indexes say of a child besides its digest: the type by which clients read it, the platform's
/// name, the size.
fn descriptors(child: &ChildPair, left: &ByPlatform<'_>, right: &ByPlatform<'_>) -> Vec<Cause> {
    let platform = child.platform.as_ref().map(Platform::normalised);
    let find = |all: &ByPlatform<'_>, digest: &Option<Digest>| {
        let key = (platform.clone(), digest.clone()?);
        all.get(&key).map(|descriptor| Descriptor::clone(descriptor))
    };
    let (Some(l), Some(r)) = (find(left, &child.left), find(right, &child.right)) else {
        return Vec::new();
    };
    let cause = |code, severity, weight| Cause {
        platform: child
            .platform
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        ..Cause::new(code, severity, Stage::Manifest, weight)
    };
    let mut causes = Vec::new();
    if l.media_type != r.media_type {
        let same = media_type::same_to_clients(&l.media_type, &r.media_type);
        let (severity, weight, note) = match same {
            true => (
                Severity::Info,
                Weight::Packaging,
                "Docker's and OCI's name of the same thing",
            ),
            false => (
                Severity::Behaviour,
                Weight::Deployed,
                "clients choose how to read it by its type",
            ),
        };
        causes.push(
            cause(Code::ManifestMediaType, severity, weight)
                .change(&l.media_type, &r.media_type)
                .note(note),
        );
    }
    if l.platform != r.platform {
        let show = |d: &Descriptor| d.platform.as_ref().map(ToString::to_string);
        causes.push(
            cause(Code::ManifestField, Severity::Noise, Weight::Packaging)
                .values(show(&l), show(&r))
                .note("the same platform in other words"),
        );
    }
    if l.digest == r.digest && l.size != r.size {
        causes.push(
            cause(Code::Unreadable, Severity::Review, Weight::Unread)
                .change(l.size.to_string(), r.size.to_string())
                .note("two sizes for one digest: clients refuse the one that is wrong"),
        );
    }
    if l.urls != r.urls {
        causes.push(
            cause(Code::ManifestField, Severity::Behaviour, Weight::Deployed)
                .change(l.urls.join(" "), r.urls.join(" "))
                .note("the index names places outside the registry from which clients may take it"),
        );
    }
    causes
}

/// An index that wraps an image may offer it for a platform that it was not made for: then nobody who
/// pulled the image alone gets it through the index.
fn offered(child: &ChildPair, shapes: (bool, bool)) -> Option<Cause> {
    let (platform, Some(Pair::Artifacts(pair))) = (child.platform.as_ref()?, child.pair.as_ref()) else {
        return None;
    };
    let artifact = match shapes {
        (true, false) => &pair.left,
        (false, true) => &pair.right,
        _ => return None,
    };
    if artifact.document.as_ref()?.kind() != ArtifactKind::Image {
        return None;
    }
    let config: Platform = serde_json::from_slice(artifact.config_bytes()?).ok()?;
    let (made, offered) = (config.normalised(), platform.normalised());
    let same_variant =
        made.variant == offered.variant || config.variant.is_none() || platform.variant.is_none();
    if (&made.os, &made.architecture) == (&offered.os, &offered.architecture) && same_variant {
        return None;
    }
    Some(
        Cause {
            platform: platform.to_string(),
            ..Cause::new(
                Code::IndexPlatformChanged,
                Severity::Behaviour,
                Stage::Manifest,
                Weight::Deployed,
            )
        }
        .change(made.to_string(), offered.to_string())
        .note("the index offers the image for another platform than it was made for"),
    )
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
