//! Rules about packing: compression streams and tar headers. What they find is noise for charts; for
//! images, modes and owners are judged on the flattened file system instead (`files`), because there they
//! are content.

use crate::archive::{Compression, Content, Reading};
use crate::compare::packing::{Changes, HeaderDifference, PackingDifference};
use crate::verdict::{Cause, Code, Severity, Stage, Weight};

/// Judges one pair of blobs. `modes_count` is false where modes and owners are judged as content.
pub fn judge(difference: &PackingDifference, modes_are_noise: bool) -> Vec<Cause> {
    let mut causes = Vec::new();
    let mut push = |cause: Cause| causes.push(cause);
    let packaging = |code, severity, stage| Cause::new(code, severity, stage, Weight::Packaging);
    if let Some((from, to)) = &difference.stream {
        let note = if difference.uncompressed_equal {
            "another compressed stream; the uncompressed bytes are proven equal"
        } else {
            "another compression"
        };
        push(
            packaging(Code::CompressionStream, Severity::Noise, Stage::Compression)
                .change(from, to)
                .note(note),
        );
    }
    for (field, from, to) in &difference.gzip {
        push(
            packaging(Code::GzipHeader, Severity::Noise, Stage::Compression)
                .pointer(*field)
                .change(from, to)
                .note("a gzip header field; no reader of the content sees it"),
        );
    }
    if let Some((from, to)) = &difference.trailing {
        push(
            packaging(Code::ArchiveTrailingBytes, Severity::Review, Stage::Archive)
                .change(none(from), none(to))
                .note("bytes after the end of the archive: normal readers stop before them, others may not"),
        );
    }
    if let Some(headers) = &difference.headers {
        causes.extend(header_causes(headers, modes_are_noise));
    }
    causes
}

/// Helm and Flux unpack gzip and nothing else; told of archives where the sides differ in it. (What is no
/// archive is not read at all.)
pub fn unpacked_by_its_reader(left: &Reading, right: &Reading) -> Option<Cause> {
    let gzip = |r: &Reading| r.packing.compression == Compression::Gzip;
    let archives = [left, right]
        .iter()
        .all(|r| !matches!(r.content, Content::Bytes(_)));
    (archives && gzip(left) != gzip(right)).then(|| {
        Cause::new(
            Code::CompressionStream,
            Severity::Behaviour,
            Stage::Compression,
            Weight::Deployed,
        )
        .change(
            format!("{:?}", left.packing.compression).to_lowercase(),
            format!("{:?}", right.packing.compression).to_lowercase(),
        )
        .note("what Helm and Flux unpack is gzip: the other is refused")
    })
}

fn none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

fn header_causes(headers: &HeaderDifference, modes_are_noise: bool) -> Vec<Cause> {
    let mut causes = Vec::new();
    let noise = |code| Cause::new(code, Severity::Noise, Stage::Archive, Weight::Packaging);
    for (what, from, to) in &headers.format {
        causes.push(noise(Code::TarFormat).pointer(what).change(none(from), none(to)));
    }
    let counted = |code: Code, changes: &Changes, what: &str| {
        let (path, from, to) = changes.first.clone()?;
        let all = if changes.count == headers.paired {
            "all"
        } else {
            "of"
        };
        let note = match all {
            "all" => format!("all {} entries have another {what}", headers.paired),
            _ => format!(
                "{} of {} entries have another {what}",
                changes.count, headers.paired
            ),
        };
        Some(
            noise(code)
                .path(path)
                .change(from, to)
                .count(changes.count)
                .note(note),
        )
    };
    causes.extend(counted(Code::TarMtime, &headers.mtime, "modification time"));
    causes.extend(counted(Code::TarOwner, &headers.owner_name, "owner name"));
    if modes_are_noise {
        causes.extend(counted(Code::TarOwner, &headers.owner, "owner"));
        causes.extend(counted(Code::TarMode, &headers.mode, "mode"));
    }
    if headers.order {
        causes.push(noise(Code::TarOrder).note("the same entries stand in another order"));
    }
    if let Some((from, to)) = headers.directories {
        causes.push(
            noise(Code::TarDirectoryEntries)
                .change(from.to_string(), to.to_string())
                .note("entries for folders, which are made as needed either way"),
        );
    }
    if let Some((from, to)) = &headers.duplicates {
        causes.push(
            Cause::new(
                Code::TarDuplicate,
                Severity::Behaviour,
                Stage::Archive,
                Weight::Packaging,
            )
            .change(none(&from.join(", ")), none(&to.join(", ")))
            .count((from.len() + to.len()) as u64)
            .note("a name stands more than once and the last one wins; whoever reviews the first is misled"),
        );
    }
    causes
}
