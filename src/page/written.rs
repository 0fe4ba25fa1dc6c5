//! Figures and dates as they are shown.

/// Bytes with at most three figures: `646 B`, `13.2 kB`, `1.4 GB` (decimal units, as registries count).
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = n as f64;
    let mut unit = UNITS.iter();
    let mut name = unit.next().copied().unwrap_or_default();
    while value >= 999.5 {
        let Some(next) = unit.next() else { break };
        value /= 1000.0;
        name = next;
    }
    let figures = usize::from(name != "B" && value < 99.95);
    format!("{value:.figures$}\u{a0}{name}")
}

/// `2025-05-07T12:27:31+01:00` → `2025-05-07 12:27:31 +01:00`; anything else as it is.
pub fn instant(text: &str) -> String {
    let Some((day, rest)) = text.split_once('T') else {
        return text.to_owned();
    };
    let zone = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(zone);
    let time = time.split('.').next().unwrap_or(time);
    let zone = if zone == "Z" { "UTC" } else { zone };
    format!("{day} {time}\u{a0}{zone}").trim_end().to_owned()
}

/// A count with thin spaces between thousands.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(c);
    }
    out
}
