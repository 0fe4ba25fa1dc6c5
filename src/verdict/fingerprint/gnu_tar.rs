//! GNU tar: its own dialect, or POSIX headers with access and change times, padded to 20 blocks; compressed by
//! gzip, which names Unix as its system, by zstd, or not at all. Its `--format=ustar` cannot be told from others.

use super::marks::{Marks, UNIX};
use super::{Builder, Tool};
use crate::archive::TarFormat;

pub(super) fn packed(marks: &Marks<'_>) -> Option<(Tool, String)> {
    let packing = marks.packing?;
    let stream = packing.gzip.as_ref().is_none_or(|g| g.os == UNIX);
    let posix = marks.has_record(b"atime") && marks.has_record(b"ctime");
    if !stream || !marks.is_record_sized() || !(marks.has_format(TarFormat::Gnu) || posix) {
        return None;
    }
    let dialect = if posix {
        "POSIX headers with atime and ctime"
    } else {
        "GNU's dialect"
    };
    Some((
        Tool::any(Builder::GnuTar),
        format!("{dialect}, padded to records of 20 blocks, as GNU tar writes"),
    ))
}
