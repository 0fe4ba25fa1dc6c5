//! Which contents the digests of a tag hold.

use super::compare::Progress;
use crate::limits::Limits;
use crate::native::decode::Threads;
use crate::oci::{Digest, Reference};
use crate::registry::Source;
use crate::report::matrix::{self, Matrix};

/// Digests read at most.
const MOST: usize = 64;

/// Reads these digests of one repository, the newest first, and tells how far it is.
pub async fn read<S: Source>(source: &S, reference: &Reference, digests: Vec<Digest>) -> Matrix {
    let progress = Progress::new();
    let matrix = matrix::read(
        source,
        reference,
        digests,
        MOST,
        &Limits::native(),
        &Threads::default(),
        &|step| progress.tell(&step),
    )
    .await;
    progress.clear();
    matrix
}
