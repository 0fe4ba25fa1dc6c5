//! Builds the matrix: says which two digests to compare next, takes the evidence, and puts together what
//! the comparisons proved.

use std::collections::{BTreeMap, BTreeSet};

use super::super::build::{sides, subject};
use super::super::sentence;
use super::{ContentRow, DigestRow, FileVariants, Matrix, SCHEMA, Variant};
use crate::compare::evidence::Evidence;
use crate::compare::matrix::{Held, Plan};
use crate::limits::Limits;
use crate::oci::{Digest, Reference};
use crate::report::Side;
use crate::verdict::{FileFacts, FileRow, FileStatus, Level, Unread, judge};

/// Platform and path of a file.
type FileKey = (String, String);

/// A matrix under way.
#[derive(Debug)]
pub struct Builder {
    digests: Vec<Digest>,
    limits: Limits,
    plan: Plan,
    sides: Vec<Option<Side>>,
    /// Each digest's comparison with the first one.
    with_first: BTreeMap<usize, WithFirst>,
    /// A lone digest is read for its content digest.
    lone_read: bool,
}

#[derive(Debug)]
struct WithFirst {
    level: Level,
    summary: String,
    files: Vec<FileRow>,
    unread: Vec<Unread>,
}

impl Builder {
    /// For these digests, the newest first and none twice.
    pub fn new(digests: Vec<Digest>, limits: Limits) -> Self {
        Self {
            plan: Plan::new(digests.len()),
            sides: vec![None; digests.len()],
            with_first: BTreeMap::new(),
            lone_read: digests.len() != 1,
            digests,
            limits,
        }
    }

    /// The two digests to compare next, older and newer; `None` when all is known.
    pub fn wants(&self) -> Option<(Digest, Digest)> {
        let (older, newer) = self.next()?;
        Some((self.digests.get(older)?.clone(), self.digests.get(newer)?.clone()))
    }

    fn next(&self) -> Option<(usize, usize)> {
        if self.lone_read {
            self.plan.next()
        } else {
            Some((0, 0))
        }
    }

    /// What was gathered about the two that [`Builder::wants`] named.
    pub fn take(&mut self, evidence: &Evidence) {
        let Some((older, newer)) = self.next() else {
            return;
        };
        let judgement = judge(evidence, &self.limits);
        let level = judgement.level();
        let (left, right) = sides(&evidence.pair);
        let content = judgement.content.clone();
        for (at, side, content) in [(older, left, content.0), (newer, right, content.1)] {
            if let Some(known) = self.sides.get_mut(at) {
                let known = known.get_or_insert(side);
                // An image's is known only from a comparison that needed all layers.
                known.content_digest = known.content_digest.take().or(content);
            }
        }
        if newer == 0 {
            self.with_first.insert(
                older,
                WithFirst {
                    level,
                    summary: sentence::summary(level, &judgement),
                    files: judgement.files,
                    unread: judgement.unread,
                },
            );
        }
        if !self.lone_read {
            self.lone_read = true;
            return;
        }
        self.plan.take(match level {
            Level::Identical | Level::Repackaged => Held::Same,
            Level::Cosmetic | Level::Changed | Level::Breaking => Held::Differs,
            Level::Unknown => Held::CannotTell,
        });
    }

    /// The matrix. `reference` names the repository, and the tag where there is one.
    pub fn finish(mut self, reference: Option<&Reference>) -> Matrix {
        let groups = self.plan.groups().to_vec();
        let firsts: Vec<usize> = groups.iter().filter_map(|g| g.members.first().copied()).collect();
        let files = self.files(&firsts);
        let text = |i: &usize| self.digests.get(*i).map(ToString::to_string);
        let contents = groups.iter().enumerate().map(|(n, group)| {
            let digests = group.members.iter().filter_map(text).collect();
            let known = |i: &usize| self.sides.get(*i)?.as_ref()?.content_digest.clone();
            let content_digest = group.members.iter().find_map(known);
            let first = group.members.first().copied().unwrap_or_default();
            let with_first = self.with_first.get(&first);
            ContentRow {
                number: n + 1,
                content_digest,
                digests,
                doubtful: group.doubtful,
                level: with_first.filter(|_| n > 0).map(|w| w.level),
                summary: with_first
                    .filter(|_| n > 0)
                    .map_or_else(String::new, |w| w.summary.clone()),
                unread: with_first.map_or_else(Vec::new, |w| w.unread.clone()),
            }
        });
        let contents: Vec<ContentRow> = contents.collect();
        let mut digests: Vec<DigestRow> = Vec::new();
        for (i, digest) in self.digests.iter().enumerate() {
            let content = groups.iter().position(|g| g.members.contains(&i));
            let side = self.sides.get_mut(i).and_then(Option::take).unwrap_or_default();
            digests.push(DigestRow {
                digest: digest.to_string(),
                content: content.map_or(0, |n| n + 1),
                created: side.created,
                packed_by: side.packed_by,
            });
        }
        Matrix {
            schema: SCHEMA.to_owned(),
            subject: subject(reference),
            digests,
            contents,
            files,
            digests_left_off: 0,
        }
    }

    /// The files that are not the same in all contents, from the comparisons of each content's first digest
    /// with the first of all.
    fn files(&self, firsts: &[usize]) -> Vec<FileVariants> {
        let told: Vec<Option<Told>> = firsts
            .iter()
            .map(|i| self.with_first.get(i).filter(|_| *i != 0).map(Told::of))
            .collect();
        let keys: BTreeSet<&FileKey> = told.iter().flatten().flat_map(|t| t.differ.keys()).collect();
        let of_first = |key: &FileKey| {
            told.iter()
                .flatten()
                .find_map(|t| t.differ.get(key))
                .map_or(Variant::Unread, |(_, first)| first.clone())
        };
        keys.iter()
            .map(|key| FileVariants {
                platform: key.0.clone(),
                path: key.1.clone(),
                variants: firsts
                    .iter()
                    .zip(&told)
                    .map(
                        |(i, told)| match told.as_ref().map(|t| (t.differ.get(*key), t.whole)) {
                            None if *i == 0 => of_first(key),
                            Some((Some((own, _)), _)) => own.clone(),
                            Some((None, true)) => of_first(key),
                            _ => Variant::Unread,
                        },
                    )
                    .collect(),
            })
            .collect()
    }
}

/// Where a content's files differ from the first content's: (its own, the first's).
struct Told {
    differ: BTreeMap<FileKey, (Variant, Variant)>,
    /// True when a file that is not listed is the same in both.
    whole: bool,
}

impl Told {
    fn of(with: &WithFirst) -> Self {
        let mut differ = BTreeMap::new();
        for row in &with.files {
            let key = |path: &str| (row.platform.clone(), path.to_owned());
            let old = row.from_path.as_deref().filter(|old| *old != row.path);
            match (row.status, old) {
                (FileStatus::Same, None) => {}
                (_, Some(old)) => {
                    differ.insert(key(old), (variant(row.from.as_ref()), Variant::Absent));
                    differ.insert(key(&row.path), (Variant::Absent, variant(row.to.as_ref())));
                }
                _ => {
                    let both = (variant(row.from.as_ref()), variant(row.to.as_ref()));
                    differ.insert(key(&row.path), both);
                }
            }
        }
        Self {
            differ,
            whole: with.unread.is_empty() && with.level != Level::Unknown,
        }
    }
}

fn variant(facts: Option<&FileFacts>) -> Variant {
    facts.map_or(Variant::Absent, |f| Variant::File {
        sha256: f.sha256.clone(),
        size: f.size,
        mode: f.mode.clone(),
    })
}
