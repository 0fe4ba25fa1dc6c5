//! Which contents the digests of a tag hold: reads each once and groups them.

use super::compare::Progress;
use crate::compare::drive::{self, Side};
use crate::compare::job::{Entry, Job, Options, Start};
use crate::limits::Limits;
use crate::native::decode::Threads;
use crate::oci::{Digest, Reference};
use crate::registry::Source;
use crate::report::matrix::{Builder, Matrix};

/// Digests read at most; all that is known of them stays in memory until the matrix is made.
const MOST: usize = 64;

/// Reads these digests of one repository, the newest first. What cannot be read is in the matrix.
pub async fn read<S: Source>(source: &S, reference: &Reference, mut digests: Vec<Digest>) -> Matrix {
    let limits = Limits::native();
    let left_off = digests.len().saturating_sub(MOST);
    digests.truncate(MOST);
    let mut builder = Builder::new(digests, limits.clone());
    let progress = Progress::new();
    let threads = Threads::default();
    let mut memory: Option<Job> = None;
    while let Some((older, newer)) = builder.wants() {
        let start = |digest: &Digest| Start {
            name: reference.at_digest(digest.clone()).to_string(),
            entry: Entry::Manifest(digest.to_string()),
        };
        let mut job = Job::new(start(&older), start(&newer), Options::default(), limits.clone());
        if let Some(memory) = &memory {
            job.remember(memory);
        }
        let side = || Side { source, reference };
        drive::run(&mut job, side(), side(), &threads, &|step| progress.tell(&step)).await;
        builder.take(&job.evidence());
        memory = Some(job);
    }
    progress.clear();
    let mut matrix = builder.finish(Some(reference));
    matrix.digests_left_off = left_off;
    matrix
}
