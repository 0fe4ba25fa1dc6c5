//! Chart.lock and requirements.lock: a time stamp is no change of a dependency.
//!
//! | field | cause | severity |
//! |---|---|---|
//! | `generated` | `chart.lock-generated` | 0, cosmetic |
//! | `digest` | `chart.dependency` | 1, cosmetic: a hash over Chart.yaml's dependencies and the locked ones, which are compared themselves |
//! | `dependencies`, anything else | `chart.dependency` | 3, deployed: whoever builds the dependencies again gets others |
//!
//! Proof of "cosmetic": Helm's engine never reads the lock; only `helm dependency` does. It must load all the same, so both
//! values must be what Helm expects: an instant (RFC 3339), a text.

use super::data;
use super::{Cause, Code, Context, Pair, Severity, Weight};

pub(super) fn judge(pair: &Pair<'_>, context: &Context<'_>) -> Vec<Cause> {
    let Some(compared) = data::compare(pair, context) else {
        return Vec::new();
    };
    if let Some(causes) = data::equal(pair, context, &compared) {
        return causes;
    }
    let read = context.content_because(pair);
    let mut causes = Vec::new();
    for change in &compared.changes {
        let (code, severity, weight, note) = match change.pointer.as_str() {
            "/generated" if is(pair, context, "generated", is_instant) => (
                Code::ChartLockGenerated,
                Severity::Noise,
                Weight::Cosmetic,
                "Only when it was generated.",
            ),
            "/digest" if is(pair, context, "digest", |_| true) => (
                Code::ChartDependency,
                Severity::Info,
                Weight::Cosmetic,
                "A hash over the dependencies, which are compared themselves; Helm does not read it when it deploys.",
            ),
            _ => (
                Code::ChartDependency,
                Severity::Behaviour,
                Weight::Deployed,
                "Another dependency is locked.",
            ),
        };
        let (weight, note) = match &read {
            Some((because, why)) if weight == Weight::Cosmetic => (*because, format!("It counts: {why}.")),
            _ => (weight, note.to_owned()),
        };
        causes.push(data::cause(pair, change, code, severity, weight).note(note));
    }
    causes.extend(data::beyond(
        pair,
        &compared.changes,
        compared.total_changes,
        Code::ChartDependency,
        Severity::Behaviour,
    ));
    causes.extend(data::unproven(pair, &compared.unproven));
    causes
}

/// True when both sides have a text there that passes.
fn is(pair: &Pair<'_>, context: &Context<'_>, name: &str, passes: fn(&str) -> bool) -> bool {
    data::field(pair, context, name).is_some_and(|sides| {
        sides
            .iter()
            .flatten()
            .all(|value| value.as_str().is_some_and(passes))
    })
}

/// RFC 3339 as Go's `time.Time` reads it from JSON.
fn is_instant(text: &str) -> bool {
    let (Some((date, rest)), true) = (text.split_once('T'), text.is_ascii()) else {
        return false;
    };
    let numbers = |part: &str, sign: char, widths: &[usize]| -> Option<Vec<u32>> {
        let parts = part.split(sign).collect::<Vec<_>>();
        let fits = parts.len() == widths.len()
            && parts
                .iter()
                .zip(widths)
                .all(|(p, w)| p.len() == *w && p.bytes().all(|b| b.is_ascii_digit()));
        fits.then(|| parts.iter().filter_map(|p| p.parse().ok()).collect())
    };
    let clock = rest.get(..8).unwrap_or_default();
    let mut zone = rest.get(8..).unwrap_or_default();
    if let Some(fraction) = zone.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        zone = if digits > 0 {
            fraction.get(digits..).unwrap_or_default()
        } else {
            ""
        };
    }
    let zoned = zone == "Z"
        || zone.strip_prefix(['+', '-']).is_some_and(|z| {
            numbers(z, ':', &[2, 2])
                .is_some_and(|z| matches!(z.as_slice(), [hours, minutes] if *hours < 24 && *minutes < 60))
        });
    let day = numbers(date, '-', &[4, 2, 2]).is_some_and(|d| match d.as_slice() {
        [year, month, day] => (1..=days(*year, *month)).contains(day),
        _ => false,
    });
    let time = numbers(clock, ':', &[2, 2, 2])
        .is_some_and(|t| matches!(t.as_slice(), [h, m, s] if *h < 24 && *m < 60 && *s < 60));
    zoned && day && time
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_those_that_go_reads() {
        for good in [
            "2026-01-01T00:00:00Z",
            "2024-02-29T23:59:59.123456789+05:30",
            "0001-01-01T00:00:00Z",
            "2026-12-31T00:00:00-11:00",
        ] {
            assert!(is_instant(good), "{good}");
        }
        for bad in [
            "",
            "2026-01-01",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01 00:00:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+24:00",
            "x2026-01-01T00:00:00Z",
            "2026-1-1T0:0:0Z",
        ] {
            assert!(!is_instant(bad), "{bad}");
        }
    }
}
