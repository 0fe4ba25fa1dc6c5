//! When to come back: `Retry-After` (RFC 9110, 10.2.3) and exponential back-off with jitter.
//!
//! Clock and random number are handed in. All waits are bounded: a registry that asks for more patience
//! than [`Patience::longest_ms`] gets none, and the reader is told how long it asked for.

/// How patient a session is. Times in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    /// Requests sent again at most, per exchange.
    pub retries: u32,
    /// The first pause; doubled each time.
    pub first_ms: u64,
    /// The longest single pause that is waited out.
    pub longest_ms: u64,
    /// Times in a row that a blob is resumed after a connection that was not worth it.
    pub resumes: u32,
    /// New bytes that make a connection worth it: a registry that breaks off after each byte would else keep
    /// its reader for as many connections as a blob has bytes.
    pub worth: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            retries: 4,
            first_ms: 500,
            longest_ms: 60_000,
            resumes: 3,
            worth: 64 << 10,
        }
    }
}

impl Patience {
    /// The pause before retry number `retry` (0 is the first): half of it fixed, half drawn, so that many
    /// readers do not come back in the same instant.
    pub fn pause(&self, retry: u32, random: u64) -> u64 {
        let whole = self
            .first_ms
            .saturating_mul(1 << retry.min(20))
            .min(self.longest_ms);
        let half = whole / 2;
        half + random.checked_rem(whole - half + 1).unwrap_or(0)
    }
}

/// Milliseconds that a `Retry-After` value asks for: seconds, or a date held against `now_ms` (since 1970).
pub fn retry_after(value: &str, now_ms: u64) -> Option<u64> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        return Some(value.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(1000));
    }
    // Some send fractions; rounding up is what they mean.
    if let Ok(seconds) = value.parse::<f64>()
        && seconds.is_finite()
        && seconds >= 0.0
    {
        return Some((seconds * 1000.0).ceil() as u64);
    }
    let at = http_date(value)?.checked_mul(1000)?;
    Some(at.saturating_sub(now_ms))
}

/// Seconds since 1970 of an IMF-fixdate (`Sun, 06 Nov 1994 08:49:37 GMT`).
fn http_date(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, rest) = text.split_once(", ")?;
    let mut parts = rest.split(' ');
    let day: i64 = parts.next()?.parse().ok().filter(|d| (1..=31).contains(d))?;
    let name = parts.next()?;
    let month = MONTHS.iter().position(|m| m.eq_ignore_ascii_case(name))? as i64 + 1;
    let year: i64 = parts
        .next()?
        .parse()
        .ok()
        .filter(|y| (1970..10_000).contains(y))?;
    let mut clock = parts.next()?.split(':').map(|p| p.parse::<u64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if parts.next() != Some("GMT") || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days since 1970 with the year starting in March, so that the leap day comes last.
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719_468;
    u64::try_from(days)
        .ok()
        .map(|days| days * 86_400 + hour * 3600 + minute * 60 + second)
}

/// A span for people: `12 s`, `5 min`, `3 h`.
pub fn span(ms: u64) -> String {
    let seconds = ms.div_ceil(1000);
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_in_both_forms() {
        let now = 784_111_777_000; // Sun, 06 Nov 1994 08:49:37 GMT
        for (value, ms) in [
            ("0", Some(0)),
            (" 120 ", Some(120_000)),
            ("1.5", Some(1500)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:49:40 GMT", Some(3000)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("Thu, 29 Feb 2024 00:00:00 GMT", Some(1_709_164_800_000 - now)),
            ("-1", None),
            ("soon", None),
            ("", None),
            ("Sun, 06 Nov 1994 08:49:37 CET", None),
            ("Sun, 99 Nov 1994 08:49:37 GMT", None),
            ("inf", None),
        ] {
            assert_eq!(retry_after(value, now), ms, "{value:?}");
        }
    }

    #[test]
    fn back_off_grows_and_stays_bounded() {
        let patience = Patience::default();
        for (retry, least, most) in [
            (0, 250, 500),
            (1, 500, 1000),
            (3, 2000, 4000),
            (60, 30_000, 60_000),
        ] {
            for random in [0, 1, 12_345, u64::MAX] {
                let pause = patience.pause(retry, random);
                assert!((least..=most).contains(&pause), "{retry} {random}: {pause}");
            }
        }
        assert_ne!(patience.pause(0, 0), patience.pause(0, 250));
    }

    #[test]
    fn spans_read_well() {
        assert_eq!(
            [span(1), span(90_000), span(300_000), span(21_600_000)],
            ["1 s", "90 s", "5 min", "6 h"]
        );
    }
}
