//! zip64 (APPNOTE 4.3.14, 4.3.15 and 4.5.3): what does not fit into a zip archive's 16 and 32 bit fields.
//!
//! Invariant: a field that fits counts as it stands, and one that does not (all bits set) is looked up here. Where a wider
//! record stands beside a field that fits and says otherwise, readers disagree (some take the wider one whenever it is
//! there), so that is refused.

use crate::fault::Fault;

use super::zip::{u16_at, u32_at};

/// The end of an archive, in wide fields.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) records: u64,
    pub(super) directory: u64,
}

/// The wide end record, where the locator that precedes the narrow one at `at` leads to one.
pub(super) fn end(bytes: &[u8], at: usize) -> Result<Option<End>, Fault> {
    let locator = at.checked_sub(20).and_then(|start| bytes.get(start..at));
    let Some(locator) = locator.filter(|l| l.starts_with(b"PK\x06\x07")) else {
        return Ok(None);
    };
    let place = u64_at(locator, 8).unwrap_or(u64::MAX);
    let bad = |what: &str| Fault::malformed(format!("the zip64 end record at offset {place}: {what}"));
    let record = usize::try_from(place)
        .ok()
        .and_then(|place| bytes.get(place..at - 20))
        .filter(|record| record.starts_with(b"PK\x06\x06"))
        .ok_or_else(|| bad("it is not where its locator says"))?;
    let wide = |offset| u64_at(record, offset).ok_or_else(|| bad("it was cut"));
    let disks = [u32_at(locator, 4), u32_at(record, 16), u32_at(record, 20)];
    let volumes = u32_at(locator, 16).unwrap_or(0);
    if disks != [Some(0); 3] || volumes > 1 || wide(24)? != wide(32)? {
        return Err(Fault::unsupported(format!(
            "the zip archive is one of several volumes (zip64 end record at offset {place})"
        )));
    }
    Ok(Some(End {
        records: wide(32)?,
        directory: wide(48)?,
    }))
}

/// The value that counts of a narrow field and the wide one that may stand beside it.
pub(super) fn settled(narrow: u64, saturated: u64, wide: Option<u64>) -> Option<u64> {
    match wide {
        Some(wide) if narrow == saturated || narrow == wide => Some(wide),
        Some(_) => None,
        None => Some(narrow),
    }
}

/// The values of a member's zip64 field (4.5.3): of those of size, packed size and start that are saturated, in this
/// order. `None` when the field is missing, too short, or stands there twice.
pub(super) fn widen(values: [u64; 3], extra: &[u8]) -> Option<[u64; 3]> {
    const SATURATED: u64 = u32::MAX as u64;
    if !values.contains(&SATURATED) {
        return Some(values);
    }
    let mut fields = fields(extra).filter(|(id, _)| *id == 1);
    let (_, mut field) = fields.next()?;
    if fields.next().is_some() {
        return None;
    }
    let mut widened = values;
    for value in widened.iter_mut().filter(|value| **value == SATURATED) {
        *value = u64_at(field, 0)?;
        field = field.get(8..)?;
    }
    Some(widened)
}

/// Extra fields (4.5.1): an id, a length, and so many bytes. Ends where they no longer fit.
fn fields(mut extra: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (id, length) = (u16_at(extra, 0)?, usize::from(u16_at(extra, 2)?));
        let field = extra.get(4..4 + length)?;
        extra = extra.get(4 + length..)?;
        Some((id, field))
    })
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SATURATED: u64 = u32::MAX as u64;

    fn extra(values: &[u64]) -> Vec<u8> {
        let mut bytes = vec![9, 0, 2, 0, 7, 7, 1, 0, (values.len() * 8) as u8, 0];
        values.iter().for_each(|v| bytes.extend(v.to_le_bytes()));
        bytes
    }

    #[test]
    fn only_saturated_values_are_looked_up_in_their_order() {
        assert_eq!(widen([1, 2, 3], b""), Some([1, 2, 3]));
        assert_eq!(
            widen([SATURATED, 2, SATURATED], &extra(&[10, 30])),
            Some([10, 2, 30])
        );
        assert_eq!(widen([SATURATED; 3], &extra(&[10, 20, 30])), Some([10, 20, 30]));
        assert_eq!(widen([SATURATED; 3], &extra(&[10, 20])), None);
        assert_eq!(widen([1, SATURATED, 3], b""), None);
        let twice = [extra(&[10]), extra(&[11])].concat();
        assert_eq!(widen([SATURATED, 2, 3], &twice), None);
        let full = extra(&[10]);
        for cut in 0..full.len() {
            assert_eq!(widen([SATURATED, 2, 3], &full[..cut]), None, "cut at {cut}");
        }
    }

    #[test]
    fn a_wide_value_beside_a_narrow_one_that_fits_must_agree() {
        assert_eq!(settled(5, 0xffff, None), Some(5));
        assert_eq!(settled(0xffff, 0xffff, Some(70_000)), Some(70_000));
        assert_eq!(settled(5, 0xffff, Some(5)), Some(5));
        assert_eq!(settled(5, 0xffff, Some(6)), None);
    }
}
