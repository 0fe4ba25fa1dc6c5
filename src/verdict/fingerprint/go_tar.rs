//! Go's archive/tar, inside many tools. It ends an archive with two blocks and no padding; compress/gzip names
//! no system, time or file.

use super::marks::{Marks, UNKNOWN};
use super::{Builder, Tool};
use crate::archive::TarFormat;

pub(super) fn packed(marks: &Marks<'_>) -> Option<(Tool, String)> {
    let gzip = marks.packing?.gzip.as_ref()?;
    let bare = gzip.os == UNKNOWN && gzip.flags == 0 && gzip.mtime == 0;
    let posix = marks.has_format(TarFormat::Ustar) || marks.has_format(TarFormat::Pax);
    if !bare || !posix || marks.has_format(TarFormat::Gnu) || marks.ends() != 2 || marks.is_record_sized() {
        return None;
    }
    Some((
        Tool::any(Builder::Go),
        "two blocks end the archive without padding, under a bare gzip header: the habits of Go's archive/tar and compress/gzip"
            .to_owned(),
    ))
}
