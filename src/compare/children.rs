//! Which child of one index belongs to which of the other: by platform, in the words that runtimes compare.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::evidence::ChildPair;
use crate::fault::Fault;
use crate::oci::{Digest, Document, Index, Platform, Shape};

/// Clients refuse a child whose size is not the one its index declares.
pub(super) fn declared_size_fits(index: &Document, child: Document) -> Result<Document, Fault> {
    let declared = index
        .index()
        .and_then(|index| index.manifests.iter().find(|d| d.digest == child.digest));
    match declared {
        Some(descriptor) if descriptor.size != child.raw.len() as u64 => Err(Fault::mismatch(format!(
            "the index declares {} bytes for {}, which has {}",
            descriptor.size,
            child.digest,
            child.raw.len()
        ))),
        _ => Ok(child),
    }
}

type Child = (Option<Platform>, Digest);

/// Pairs the children that run by platform, never by position. Two children of one platform (or of none)
/// pair in their order. An index against a single manifest pairs that with its own digest, else with the
/// only child there is.
pub(super) fn pair_children(left: &Document, right: &Document, only: Option<&Platform>) -> Vec<ChildPair> {
    let (left, right) = (children(left, right), children(right, left));
    let mut pairs: Vec<ChildPair> = Vec::new();
    let mut waiting: BTreeMap<Option<Platform>, VecDeque<usize>> = BTreeMap::new();
    for (i, (platform, _)) in right.iter().enumerate() {
        waiting.entry(normal(platform.as_ref())).or_default().push_back(i);
    }
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    for (platform, digest) in left {
        let partner = waiting
            .get_mut(&normal(platform.as_ref()))
            .and_then(VecDeque::pop_front);
        taken.extend(partner);
        pairs.push(ChildPair {
            platform,
            left: Some(digest),
            right: partner.and_then(|i| right.get(i)).map(|(_, d)| d.clone()),
            pair: None,
        });
    }
    for (i, (platform, digest)) in right.into_iter().enumerate() {
        if !taken.contains(&i) {
            pairs.push(ChildPair {
                platform,
                left: None,
                right: Some(digest),
                pair: None,
            });
        }
    }
    if let Some(only) = only {
        pairs.retain(|p| p.platform.as_ref().is_some_and(|p| only.asks_for(p)));
    }
    pairs
}

fn normal(platform: Option<&Platform>) -> Option<Platform> {
    platform.map(Platform::normalised)
}

/// The children of an index, each once; a manifest counts as the child of the other side's index that it
/// stands for.
fn children(document: &Document, other: &Document) -> Vec<Child> {
    let of = |index: &Index| -> Vec<Child> {
        // Of equal children the first is taken, whatever follows.
        let mut known: BTreeSet<(Option<Platform>, &Digest)> = BTreeSet::new();
        index
            .runnable()
            .filter(|d| known.insert((normal(d.platform.as_ref()), &d.digest)))
            .map(|d| (d.platform.clone(), d.digest.clone()))
            .collect()
    };
    match (&document.shape, &other.shape) {
        (Shape::Index(index), _) => of(index),
        (Shape::Manifest(_), Shape::Index(index)) => {
            let theirs = of(index);
            let platform = match theirs.iter().find(|(_, d)| *d == document.digest) {
                Some((platform, _)) => platform.clone(),
                None if theirs.len() == 1 => theirs.into_iter().next().and_then(|(p, _)| p),
                None => None,
            };
            vec![(platform, document.digest.clone())]
        }
        _ => Vec::new(),
    }
}
