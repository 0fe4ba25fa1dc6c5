//! Comparing two artifacts, and what is asked of the comparison afterwards. It stays open, so that its files can
//! be shown without fetching the pair again.

use std::rc::Rc;

use futures_util::future::try_join;

use super::opened::Opened;
use super::place::Place;
use super::shelf::FILES;
use super::{Engine, asking_for, drive, signatures, way};
use crate::compare::evidence::Pair;
use crate::compare::job::{Entry, Job, Options, Start};
use crate::compare::signed;
use crate::fault::{Fault, FaultKind};
use crate::oci::{Platform, Reference};
use crate::page::protocol::{Progress, Reply, Step};
use crate::page::worker::Line;
use crate::report::{self, Comparison, FileRow, FileStatus};

/// Unchanged files sent with a comparison, and with each further question for more.
const SAME_FILES: usize = 500;

/// The comparison that was answered last.
pub(super) struct Compared {
    pub comparison: Comparison,
    pub left: Reference,
    pub right: Reference,
    pub opened: Opened,
}

impl Engine {
    pub(super) async fn compare(
        &self,
        left: Reference,
        right: Reference,
        platform: Option<Platform>,
        line: &Line,
    ) -> Result<Reply, Fault> {
        let turn = self.turn.get() + 1;
        self.turn.set(turn);
        let (from, mut to) = (self.place(&left).await?, self.place(&right).await?);
        // One layout is asked for its index once.
        if let (Place::Sample(one), Place::Sample(other)) = (&from, &mut to)
            && left.repository == right.repository
        {
            *other = one.clone();
        }
        let options = Options {
            platform,
            ..Options::default()
        };
        let mut job = Job::new(
            start(&from, &left),
            start(&to, &right),
            options,
            self.limits.clone(),
        );
        line.tell(asking_for(&left.manifest_name().unwrap_or_default()));
        let subject = report::common_subject(&left, &right);
        // The digests are known before they are read, so the registry is asked for signatures meanwhile.
        let asked = left.digest.as_ref().zip(right.digest.as_ref());
        let ((), mut signed) = try_join(
            drive::compare(&mut job, (&from, &left), (&to, &right), (&self.crew, line)),
            async { Ok(signatures::look_up(&from, &to, subject.as_ref(), asked).await) },
        )
        .await?;
        line.tell(Progress {
            step: Step::Comparing,
            ..Progress::default()
        });
        drive::breathe().await;
        line.check()?;
        let mut evidence = job.evidence();
        // One platform of an index is signed, or not, by itself.
        let found = signed::digests(&evidence.pair);
        if found.is_some() && found != asked {
            signed = signatures::look_up(&from, &to, subject.as_ref(), found).await;
        }
        evidence.signed = signed;
        // A side that is not there is a state of the page, not a verdict about two sides.
        if let Pair::Unreadable { left, right } = &evidence.pair
            && let Some(fault) = left.as_ref().err().or(right.as_ref().err())
        {
            return Err(fault.clone());
        }
        // Two files have no repository that a report could name.
        let subject = subject.filter(|subject| subject.registry != FILES);
        let comparison = report::comparison(&evidence, subject.as_ref(), &self.limits);
        let (listed, same_files) = shortened(&comparison);
        let ways = Box::new([way(&from, &left), way(&to, &right)]);
        let quota = self.quota(&right);
        if self.turn.get() == turn {
            *self.compared.borrow_mut() = Some(Rc::new(Compared {
                comparison,
                left,
                right,
                opened: Opened::new(evidence, self.limits.clone()),
            }));
        }
        Ok(Reply::Compared {
            comparison: Box::new(listed),
            same_files,
            ways,
            quota,
        })
    }

    pub(super) fn compared(&self) -> Result<Rc<Compared>, Fault> {
        self.compared
            .borrow()
            .clone()
            .ok_or_else(|| Fault::new(FaultKind::Gone, "no comparison is open"))
    }

    pub(super) fn same_files(&self, from: usize) -> Result<Vec<FileRow>, Fault> {
        let compared = self.compared()?;
        Ok(compared
            .comparison
            .files
            .iter()
            .filter(|f| f.status == FileStatus::Same)
            .skip(from)
            .take(SAME_FILES)
            .cloned()
            .collect())
    }

    pub(super) async fn open_file(&self, path: &str, line: &Line) -> Result<Reply, Fault> {
        let compared = self.compared()?;
        let Some(row) = compared.comparison.files.iter().find(|f| f.path == path) else {
            return Err(Fault::new(FaultKind::Gone, "neither side has this file").at(path));
        };
        // Layers of images are hashed, not kept: the one that holds the file is read again.
        for (reference, descriptor) in compared.opened.missing(row, &compared.left, &compared.right) {
            let place = self.place(&reference).await?;
            let reading = drive::files(&place, &reference, &descriptor, (&self.crew, line)).await?;
            compared.opened.supply(&descriptor.digest, reading);
        }
        Ok(Reply::File(Box::new(compared.opened.view(row))))
    }
}

/// Where a side starts.
fn start(place: &Place, reference: &Reference) -> Start {
    match place {
        Place::Device(shelved) => Start {
            name: shelved.name.clone(),
            entry: match shelved.lone() {
                Some(descriptor) => Entry::Archive(descriptor.clone()),
                None if shelved.is_made_up() => Entry::MadeUp(reference.manifest_name().unwrap_or_default()),
                None => Entry::Manifest(reference.manifest_name().unwrap_or_default()),
            },
        },
        _ => Start {
            name: reference.to_string(),
            entry: Entry::Manifest(reference.manifest_name().unwrap_or_default()),
        },
    }
}

/// The comparison with the first unchanged files only, and how many there are.
fn shortened(comparison: &Comparison) -> (Comparison, usize) {
    let mut same = 0;
    let mut listed = comparison.clone();
    listed.files.retain(|file| {
        let is_same = file.status == FileStatus::Same;
        same += usize::from(is_same);
        !is_same || same <= SAME_FILES
    });
    (listed, same)
}
