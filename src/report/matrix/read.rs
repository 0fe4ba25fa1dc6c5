//! Reads the digests that a matrix is about, each part once, and puts the matrix together.

use super::{Builder, Matrix};
use crate::compare::drive::{self, Decoding, Side, Step};
use crate::compare::job::{Entry, Job, Options, Start};
use crate::limits::Limits;
use crate::oci::{Digest, Reference};
use crate::registry::Source;

/// Reads these digests of one repository, the newest first, at most `most` of them: all that is known of them
/// stays in memory until the matrix is made. What cannot be read is in the matrix. Never fails; dropping the
/// future stops it.
pub async fn read<S: Source>(
    source: &S,
    reference: &Reference,
    mut digests: Vec<Digest>,
    most: usize,
    limits: &Limits,
    decoding: &impl Decoding,
    tell: &impl Fn(Step),
) -> Matrix {
    let left_off = digests.len().saturating_sub(most);
    digests.truncate(most);
    let mut builder = Builder::new(digests, limits.clone());
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
        drive::run(&mut job, side(), side(), decoding, tell).await;
        builder.take(&job.evidence());
        memory = Some(job);
    }
    let mut matrix = builder.finish(Some(reference));
    matrix.digests_left_off = left_off;
    matrix
}
