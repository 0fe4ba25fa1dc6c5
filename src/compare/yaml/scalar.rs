//! Scalars as Helm resolves them: YAML 1.1 in the dialect of sigs.k8s.io/yaml.
//!
//! The rules are those of the reader that Helm, kubectl and Flux share, measured with it
//! (tests/fixtures/yaml/scalars.json), not those of the YAML 1.1 type repository: `y` and `on` are
//! booleans, `0644` and `0o644` are octal, `08` is a decimal float, base 60 is text, and a date is text.
//!
//! Integers and floats stay apart (`1` is not `1.0`): the numbers are equal once they are a float64, but a
//! field that wants a string shows `1e6` and `1000000` differently.

use serde_json::{Number, Value};

/// A plain scalar, resolved. `None`: an infinity or not-a-number, which JSON has no word for and Helm refuses.
pub(super) fn resolve(text: &str) -> Option<Value> {
    let Some(first) = text.bytes().next() else {
        return Some(Value::Null);
    };
    Some(match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text),
        b'.' => match text {
            ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" => return None,
            _ => float(text).unwrap_or_else(|| Value::from(text)),
        },
        b'+' | b'-' | b'0'..=b'9' => match text.strip_prefix(['+', '-']) {
            Some(".inf" | ".Inf" | ".INF") => return None,
            _ => number(text).unwrap_or_else(|| Value::from(text)),
        },
        _ => Value::from(text),
    })
}

fn word(text: &str) -> Value {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Value::Null,
        _ => Value::from(text),
    }
}

/// An integer, else a float, else (`None`) text. Underscores stand anywhere but first.
fn number(text: &str) -> Option<Value> {
    let plain = text.replace('_', "");
    integer(&plain)
        .or_else(|| float(&plain))
        .or_else(|| signed_binary(&plain))
}

/// An integer with a sign, and with the base told by its prefix.
fn integer(text: &str) -> Option<Value> {
    let (negative, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let signed = magnitude.len() != text.len();
    let (base, digits) = match magnitude.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, magnitude.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, magnitude.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, magnitude.get(2..)?),
        [b'0', _, ..] => (8, magnitude.get(1..)?),
        _ => (10, magnitude),
    };
    // from_str_radix takes a sign of its own; here a second sign is no number.
    if !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let value = u64::from_str_radix(digits, base).ok()?;
    if negative {
        return 0i64.checked_sub_unsigned(value).map(Value::from);
    }
    // Beyond int64 the reader tries an unsigned integer, which takes no sign.
    if signed && i64::try_from(value).is_err() {
        None
    } else {
        Some(Value::from(value))
    }
}

/// `0b-1` and `0b+1`: the reader parses what follows the prefix with its own sign.
fn signed_binary(text: &str) -> Option<Value> {
    let digits = text.strip_prefix("0b")?;
    i64::from_str_radix(digits, 2).ok().map(Value::from)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?` that fits a float64.
fn float(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let shaped = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    let powered = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['+', '-']).unwrap_or(e);
        !e.is_empty() && digits(e)
    });
    if !shaped || !powered {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    // An overflow is text to the reader; from_f64 is None for an infinity.
    Number::from_f64(value).map(Value::Number)
}
