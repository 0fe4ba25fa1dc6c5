//! Python's tarfile. It pads as GNU tar does, in POSIX headers; Python's gzip leaves the system unknown.

use super::marks::{Marks, UNKNOWN};
use super::{Builder, Tool};

pub(super) fn packed(marks: &Marks<'_>) -> Option<(Tool, String)> {
    let gzip = marks.packing?.gzip.as_ref()?;
    if gzip.os != UNKNOWN || gzip.comment.is_some() || gzip.extra.is_some() || !marks.is_record_sized() {
        return None;
    }
    // An archive of that size may come from Go by chance; Go's gzip has neither name nor time.
    if !marks.is_padded() && gzip.name.is_none() && gzip.mtime == 0 {
        return None;
    }
    Some((
        Tool::any(Builder::Python),
        "padded to records of 20 blocks under a gzip header of an unknown system, as Python's tarfile and gzip write"
            .to_owned(),
    ))
}
