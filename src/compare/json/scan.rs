//! The reader: one pass over the text, descending into collections as deep as the limits allow.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use super::JsonDocument;
use crate::{
    compare::data::{Inside, Place},
    fault::Fault,
    limits::Limits,
};

pub(super) fn read(text: &str, limits: &Limits) -> Result<JsonDocument, Fault> {
    let mut scan = Scan {
        text,
        at: 0,
        line: 1,
        nodes: 0,
        limits,
        doubts: Vec::new(),
    };
    scan.space();
    let (value, place) = scan.value(0)?;
    scan.space();
    if scan.at < text.len() {
        return Err(scan.malformed("more after the end of the value"));
    }
    Ok(JsonDocument {
        value,
        place,
        doubts: scan.doubts,
    })
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    nodes: usize,
    limits: &'a Limits,
    doubts: Vec<String>,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn malformed(&self, what: &str) -> Fault {
        let found = match self.rest().chars().next() {
            Some(c) => format!("{c:?}"),
            None => "the end".to_owned(),
        };
        Fault::malformed(format!(
            "not JSON at byte {} (line {}): {what}, found {found}",
            self.at, self.line
        ))
    }

    fn space(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek() {
            self.line += u32::from(byte == b'\n');
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<(Value, Place), Fault> {
        self.nodes += 1;
        if self.nodes > self.limits.data_nodes {
            return Err(Fault::too_large(
                "the JSON data",
                format!("{} nodes", self.limits.data_nodes),
            ));
        }
        let line = self.line;
        match self.peek() {
            Some(b'{' | b'[') if depth >= self.limits.data_depth => Err(Fault::too_large(
                "the JSON nesting",
                format!("{} levels", self.limits.data_depth),
            )),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok((Value::String(self.string()?), Place::leaf(line))),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                let words = [
                    ("true", Value::Bool(true)),
                    ("false", Value::Bool(false)),
                    ("null", Value::Null),
                ];
                let (word, value) = words
                    .into_iter()
                    .find(|(word, _)| self.rest().starts_with(word))
                    .ok_or_else(|| self.malformed("a value was expected"))?;
                self.at += word.len();
                Ok((value, Place::leaf(line)))
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<(Value, Place), Fault> {
        let line = self.line;
        let (mut fields, mut places) = (Map::new(), BTreeMap::new());
        self.at += 1;
        self.space();
        if !self.take(b'}') {
            loop {
                self.space();
                if self.peek() != Some(b'"') {
                    return Err(self.malformed("a key was expected"));
                }
                let key_line = self.line;
                let key = self.string()?;
                self.space();
                if !self.take(b':') {
                    return Err(self.malformed("a colon was expected"));
                }
                self.space();
                let (value, place) = self.value(depth + 1)?;
                places.insert(key.clone(), place);
                if fields.contains_key(&key) {
                    self.doubts
                        .push(format!("line {key_line}: the key {key:?} again"));
                }
                fields.insert(key, value);
                self.space();
                if self.take(b'}') {
                    break;
                }
                if !self.take(b',') {
                    return Err(self.malformed("a comma or } was expected"));
                }
            }
        }
        Ok((Value::Object(fields), Place::new(line, Inside::Fields(places))))
    }

    fn array(&mut self, depth: usize) -> Result<(Value, Place), Fault> {
        let line = self.line;
        let (mut items, mut places) = (Vec::new(), Vec::new());
        self.at += 1;
        self.space();
        if !self.take(b']') {
            loop {
                self.space();
                let (value, place) = self.value(depth + 1)?;
                items.push(value);
                places.push(place);
                self.space();
                if self.take(b']') {
                    break;
                }
                if !self.take(b',') {
                    return Err(self.malformed("a comma or ] was expected"));
                }
            }
        }
        Ok((Value::Array(items), Place::new(line, Inside::Items(places))))
    }

    fn string(&mut self) -> Result<String, Fault> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let plain = rest
                .bytes()
                .position(|b| b == b'"' || b == b'\\' || b < 0x20)
                .unwrap_or(rest.len());
            out.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    let c = self.escape()?;
                    out.push(c);
                }
                _ => return Err(self.malformed("a string went on")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let c = match self.peek() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unit();
            }
            _ => return Err(self.malformed("an escape was expected")),
        };
        self.at += 1;
        Ok(c)
    }

    fn hex(&mut self) -> Result<u32, Fault> {
        let digits = self
            .text
            .get(self.at..self.at + 4)
            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
        let unit = unit.ok_or_else(|| self.malformed("four hexadecimal digits were expected"))?;
        self.at += 4;
        Ok(unit)
    }

    /// A `\u` escape, together with the second half of its pair (RFC 8259, section 7).
    fn unit(&mut self) -> Result<char, Fault> {
        let first = self.hex()?;
        if let Some(c) = char::from_u32(first) {
            return Ok(c);
        }
        if first < 0xdc00 && self.rest().starts_with("\\u") {
            let before = self.at;
            self.at += 2;
            let second = self.hex()?;
            if (0xdc00..0xe000).contains(&second)
                && let Some(c) = char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
            {
                return Ok(c);
            }
            self.at = before;
        }
        self.doubts.push(format!(
            "line {}: half a surrogate pair, \\u{first:04x}",
            self.line
        ));
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn number(&mut self) -> Result<(Value, Place), Fault> {
        let start = self.at;
        self.take(b'-');
        let whole = self.digits();
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        let mut float = false;
        let mut shaped = !whole.is_empty() && !leading_zero;
        if self.take(b'.') {
            float = true;
            shaped &= !self.digits().is_empty();
        }
        if self.take(b'e') || self.take(b'E') {
            float = true;
            let _ = self.take(b'+') || self.take(b'-');
            shaped &= !self.digits().is_empty();
        }
        if !shaped {
            return Err(self.malformed("a digit was expected"));
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let mut place = Place::leaf(self.line);
        if !float && text != "-0" {
            if let Ok(small) = text.parse::<i64>() {
                return Ok((small.into(), place));
            }
            if let Ok(large) = text.parse::<u64>() {
                return Ok((large.into(), place));
            }
        }
        let number = text.parse().ok().and_then(Number::from_f64);
        let exact = number
            .as_ref()
            .is_some_and(|n| decimal(&n.to_string()) == decimal(text));
        // An integer beyond 64 bits is still an integer to readers that care.
        if !exact || (!float && text != "-0") {
            place.tag = Some(text.into());
        }
        Ok((number.map_or_else(|| Value::from(text), Value::Number), place))
    }

    fn digits(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest
            .bytes()
            .position(|b| !b.is_ascii_digit())
            .unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }
}

/// A number's sign, significant digits and power of ten: equal exactly when the numbers are. `None` for a power
/// beyond 64 bits.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, power) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let power = power
        .parse::<i64>()
        .ok()?
        .checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let significant = digits.trim_end_matches('0');
    let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
    let significant = significant.trim_start_matches('0').to_owned();
    let power = if significant.is_empty() {
        0
    } else {
        power.checked_add(zeros)?
    };
    Some((unsigned.len() != text.len(), significant, power))
}
