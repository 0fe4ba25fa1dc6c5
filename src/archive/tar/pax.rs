//! PAX extended header records (POSIX.1-2001, pax, "pax Extended Header"): `<length> <key>=<value>\n`.
//!
//! The declared length rules, not the newline: a value may hold newlines (a path may). Every record is
//! checked as Go's archive/tar does, since that is what Helm and the container runtimes read with: a
//! record that is cut, unterminated or without a key makes the archive malformed instead of being skipped,
//! because a skipped record is a path or a size that only some readers see.

use crate::archive::reading::Time;
use crate::fault::Fault;

/// Key and value.
pub(super) type Record<'b> = (&'b [u8], &'b [u8]);

/// The records in the order they stand.
pub(super) fn records(mut bytes: &[u8], offset: u64) -> Result<Vec<Record<'_>>, Fault> {
    let mut records = Vec::new();
    let whole = bytes.len();
    while !bytes.is_empty() {
        let at = offset + (whole - bytes.len()) as u64;
        let (record, rest) = record(bytes, at)?;
        records.push(record);
        bytes = rest;
    }
    Ok(records)
}

/// The first record and what follows it.
fn record(bytes: &[u8], at: u64) -> Result<(Record<'_>, &[u8]), Fault> {
    let bad = |why: &str| Fault::malformed(format!("PAX record at offset {at}: {why}"));
    let blank = bytes
        .iter()
        .take(20)
        .position(|b| *b == b' ')
        .ok_or_else(|| bad("no length"))?;
    let digits = bytes.get(..blank).unwrap_or_default();
    let length = decimal(digits)
        .and_then(|n| usize::try_from(n).ok())
        .ok_or_else(|| {
            bad(&format!(
                "length {:?} is no number",
                String::from_utf8_lossy(digits)
            ))
        })?;
    let (record, rest) = bytes.split_at_checked(length).ok_or_else(|| {
        bad(&format!(
            "length {length} goes beyond the header, which has {} bytes left",
            bytes.len()
        ))
    })?;
    let body = record
        .get(blank + 1..)
        .and_then(|body| body.strip_suffix(b"\n"))
        .ok_or_else(|| bad(&format!("length {length} does not end at a newline")))?;
    let equals = body
        .iter()
        .position(|b| *b == b'=')
        .ok_or_else(|| bad("no equals sign"))?;
    let (key, value) = (
        body.get(..equals).unwrap_or_default(),
        body.get(equals + 1..).unwrap_or_default(),
    );
    if key.is_empty() {
        return Err(bad("no key"));
    }
    // A NUL in a name would end it for readers in C and not for others (Go refuses it likewise).
    let nul_in = match key {
        b"path" | b"linkpath" | b"uname" | b"gname" | b"GNU.sparse.name" => value,
        _ => key,
    };
    if nul_in.contains(&0) {
        return Err(bad(&format!("a NUL in {:?}", String::from_utf8_lossy(key))));
    }
    Ok(((key, value), rest))
}

/// Decimal digits and nothing else.
pub(super) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |value, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

/// `[-]seconds[.fraction]`; digits beyond nanoseconds are dropped, as Go does.
pub(super) fn time(value: &[u8]) -> Option<Time> {
    let (negative, value) = match value.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, value),
    };
    let mut parts = value.splitn(2, |b| *b == b'.');
    let seconds = i64::try_from(decimal(parts.next()?)?).ok()?;
    let mut nanos = 0u32;
    if let Some(fraction) = parts.next() {
        if !fraction.iter().all(u8::is_ascii_digit) {
            return None;
        }
        nanos = fraction
            .iter()
            .copied()
            .chain(std::iter::repeat(b'0'))
            .take(9)
            .fold(0, |n, digit| n * 10 + u32::from(digit - b'0'));
    }
    Some(match (negative, nanos) {
        (false, nanos) => Time { seconds, nanos },
        (true, 0) => Time {
            seconds: -seconds,
            nanos: 0,
        },
        (true, nanos) => Time {
            seconds: -seconds - 1,
            nanos: 1_000_000_000 - nanos,
        },
    })
}

/// A name as libarchive encodes it in `LIBARCHIVE.xattr.` keys: URL-encoded.
pub(super) fn percent_decoded(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%'
            && let Some((&[high, low], after)) = rest.split_first_chunk::<2>()
            && let (Some(high), Some(low)) = (char::from(high).to_digit(16), char::from(low).to_digit(16))
        {
            out.push((high * 16 + low) as u8);
            rest = after;
        } else {
            out.push(byte);
        }
    }
    out
}

/// Base-64 as libarchive writes the values of `LIBARCHIVE.xattr.` records: standard alphabet, padding optional.
pub(super) fn base64_decoded(value: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(value.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0u32, 0u32);
    for &byte in value.trim_ascii_end().iter().take_while(|b| **b != b'=') {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6) | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> String {
        records(bytes, 512).unwrap_err().message
    }

    #[test]
    fn takes_records_by_declared_length() {
        let bytes = b"19 path=a\n9 path=b\n10 size=3\n";
        assert_eq!(
            records(bytes, 0).unwrap(),
            [(&b"path"[..], &b"a\n9 path=b"[..]), (&b"size"[..], &b"3"[..])]
        );
    }

    #[test]
    fn refuses_what_only_some_readers_would_read() {
        assert_eq!(refusal(b"path=a\n"), "PAX record at offset 512: no length");
        assert_eq!(
            refusal(b"x path=a\n"),
            "PAX record at offset 512: length \"x\" is no number"
        );
        assert_eq!(
            refusal(b"9 path=b\n99 path=a\n"),
            "PAX record at offset 521: length 99 goes beyond the header, which has 10 bytes left"
        );
        assert_eq!(
            refusal(b"9 path=ab"),
            "PAX record at offset 512: length 9 does not end at a newline"
        );
        assert_eq!(refusal(b"7 path\n"), "PAX record at offset 512: no equals sign");
        assert_eq!(refusal(b"5 =a\n"), "PAX record at offset 512: no key");
        assert_eq!(
            refusal(b"10 path=\0\n\0"),
            "PAX record at offset 512: a NUL in \"path\""
        );
    }

    #[test]
    fn reads_times_with_fractions() {
        let time = |s: &str| time(s.as_bytes()).map(|t| (t.seconds, t.nanos));
        assert_eq!(time("1747000000.25"), Some((1_747_000_000, 250_000_000)));
        assert_eq!(time("1.1234567899"), Some((1, 123_456_789)));
        assert_eq!(time("-1.5"), Some((-2, 500_000_000)));
        assert_eq!(time("-3"), Some((-3, 0)));
        assert_eq!(time("5."), Some((5, 0)));
        assert_eq!(time(".5"), None);
        assert_eq!(time("1e3"), None);
    }

    #[test]
    fn decodes_what_libarchive_encodes() {
        assert_eq!(percent_decoded(b"user.a%20b%zz"), b"user.a b%zz");
        assert_eq!(base64_decoded(b"AQAAAg==").unwrap(), [1, 0, 0, 2]);
        assert_eq!(base64_decoded(b"AQAAAg").unwrap(), [1, 0, 0, 2]);
        assert_eq!(base64_decoded(b"A*"), None);
    }
}
