//! Helm. It writes its name into the gzip header, and a compact manifest with annotations that changed from
//! release to release.

use super::marks::Marks;
use super::{Builder, Release, Tool};
use crate::archive::GzipFacts;
use crate::compare::instant;
use crate::oci::media_type;

/// The extra field until 4.2.3: no subfields, as RFC 1952 wants them, but bare bytes.
const EXTRA: &[u8] = b"+aHR0cHM6Ly95b3V0dS5iZS96OVV6MWljandyTQo=";
/// Helm 3 stamps each file with the moment it is packed, which takes seconds at most; Helm 4 keeps the source
/// files' times. A wider spread cannot come from Helm 3.
const ONE_PACKING_SECONDS: i64 = 60;

/// The annotation that Helm sets since 3.13.
pub(super) const CREATED: &str = "org.opencontainers.image.created";

pub(super) fn packed(marks: &Marks<'_>) -> Option<(Tool, String)> {
    let gzip = marks.packing?.gzip.as_ref()?;
    if gzip.comment.as_deref() != Some(b"Helm") || gzip.os != 255 {
        return None;
    }
    let spread = marks.spread().unwrap_or(0);
    if is_subfield(gzip) {
        let tool = Tool::of(Builder::Helm, Some(Release(4, 2, 4)), None);
        return Some((
            tool,
            "the gzip header holds Helm's comment, and its extra field as the subfield `rr`".to_owned(),
        ));
    }
    if gzip.extra.as_deref() != Some(EXTRA) {
        return None;
    }
    let since = (spread > ONE_PACKING_SECONDS).then_some(Release(4, 0, 0));
    let mut why = "the gzip header holds Helm's comment and extra field".to_owned();
    if since.is_some() {
        why.push_str("; the files keep times of their own, as Helm 4 leaves them");
    }
    Some((Tool::of(Builder::Helm, since, Some(Release(4, 2, 3))), why))
}

/// The form of RFC 1952, 2.3.1.1: two letters, the length, the data.
fn is_subfield(gzip: &GzipFacts) -> bool {
    match gzip.extra.as_deref() {
        Some([b'r', b'r', low, high, data @ ..]) => {
            usize::from(u16::from_le_bytes([*low, *high])) == data.len()
        }
        _ => false,
    }
}

pub(super) fn pushed(marks: &Marks<'_>) -> Option<(Tool, String)> {
    let manifest = marks.manifest?;
    if media_type::essence(&manifest.config.media_type) != media_type::HELM_CONFIG {
        return None;
    }
    // Compact, without a media type of its own, the config first: as Go marshals Helm's manifest.
    if !marks
        .raw
        .starts_with(b"{\"schemaVersion\":2,\"config\":{\"mediaType\":")
    {
        return None;
    }
    let digests: Vec<String> = manifest.layers.iter().map(|l| l.digest.to_string()).collect();
    if !digests.is_sorted() {
        return None;
    }
    let tool = |since, until| Tool::of(Builder::Helm, since, until);
    if manifest.annotations.is_empty() {
        return Some((
            tool(None, Some(Release(3, 11, 0))),
            "the manifest is as Helm writes it, without annotations, which came with 3.12".to_owned(),
        ));
    }
    match manifest.annotations.get(CREATED) {
        None => Some((
            tool(Some(Release(3, 12, 0)), Some(Release(3, 12, 0))),
            "the manifest is as Helm writes it, with annotations but not `created`, which came with 3.13".to_owned(),
        )),
        Some(created) if instant::parse(created).is_none() || created.contains('.') => None,
        Some(created) if created.ends_with('Z') => Some((
            tool(Some(Release(3, 13, 0)), None),
            "the manifest is as Helm writes it, with `created`".to_owned(),
        )),
        Some(_) => Some((
            tool(Some(Release(3, 15, 0)), None),
            "the manifest is as Helm writes it, with `created` in a local time zone: the file's time, not the push's"
                .to_owned(),
        )),
    }
}
