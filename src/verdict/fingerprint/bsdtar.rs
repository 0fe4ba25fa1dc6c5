//! bsdtar (libarchive). Where it needs extension records it writes inode and device into them; where it does not,
//! it ends the archive without padding and stamps the gzip header, which gzip itself does not do from a pipe.

use super::marks::{Marks, UNIX};
use super::{Builder, Tool};
use crate::archive::TarFormat;

pub(super) fn packed(marks: &Marks<'_>) -> Option<(Tool, String)> {
    let found = |why: &str| Some((Tool::any(Builder::Bsdtar), why.to_owned()));
    if marks.has_record(b"LIBARCHIVE.")
        || (marks.has_record(b"SCHILY.ino") && marks.has_record(b"SCHILY.dev"))
    {
        return found("the archive holds extension records that libarchive writes");
    }
    let gzip = marks.packing?.gzip.as_ref()?;
    let stamped = gzip.os == UNIX && gzip.mtime != 0 && gzip.flags == 0;
    if stamped
        && marks.has_format(TarFormat::Ustar)
        && marks.ends() == 2
        && !marks.is_record_sized()
        && marks.has_owner_names()
    {
        return found(
            "two blocks end the archive without padding, under a gzip header with a time and no name: the habits of bsdtar",
        );
    }
    None
}
