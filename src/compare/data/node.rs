//! A value together with its place: equality and hash that keep what JSON values lose.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::{Inside, Place};

/// A node of a tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a> {
    pub value: &'a Value,
    pub place: Option<&'a Place>,
}

impl<'a> Node<'a> {
    pub fn tag(self) -> Option<&'a str> {
        self.place.and_then(|place| place.tag.as_deref())
    }

    pub fn line(self) -> Option<u32> {
        self.place.map(|place| place.line)
    }

    pub fn field(self, name: &str) -> Option<Node<'a>> {
        let value = self.value.as_object()?.get(name)?;
        Some(Node {
            value,
            place: self.place.and_then(|place| place.field(name)),
        })
    }

    pub fn items(self) -> Vec<Node<'a>> {
        let Some(items) = self.value.as_array() else {
            return Vec::new();
        };
        let places = match self.place.map(|place| &place.inside) {
            Some(Inside::Items(places)) => places.as_slice(),
            _ => &[],
        };
        items
            .iter()
            .enumerate()
            .map(|(i, value)| Node {
                value,
                place: places.get(i),
            })
            .collect()
    }
}

/// True when two values are equal in everything that can be told apart: `1` is not `1.0`, `0.0` is not `-0.0`,
/// and tags count. The order of keys does not.
pub fn same(left: &Value, left_place: &Place, right: &Value, right_place: &Place) -> bool {
    Node {
        value: left,
        place: Some(left_place),
    } == Node {
        value: right,
        place: Some(right_place),
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        if self.tag() != other.tag() {
            return false;
        }
        match (self.value, other.value) {
            (Value::Number(a), Value::Number(b)) => {
                a == b && (!a.is_f64() || a.as_f64().map(f64::to_bits) == b.as_f64().map(f64::to_bits))
            }
            (Value::Array(a), Value::Array(b)) => a.len() == b.len() && self.items() == other.items(),
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len() && a.keys().all(|key| self.field(key) == other.field(key))
            }
            (a, b) => a == b,
        }
    }
}

impl Eq for Node<'_> {}

impl Hash for Node<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.value {
            Value::Null => 0u8.hash(state),
            Value::Bool(flag) => flag.hash(state),
            Value::Number(number) => match number.as_f64() {
                Some(float) if number.is_f64() => float.to_bits().hash(state),
                _ => (number.as_i64(), number.as_u64()).hash(state),
            },
            Value::String(text) => text.hash(state),
            Value::Array(_) => self.items().hash(state),
            // Keys in any order: the sum of the fields' hashes.
            Value::Object(fields) => fields
                .keys()
                .fold(0u64, |sum, key| {
                    let mut hasher = DefaultHasher::new();
                    (key, self.field(key)).hash(&mut hasher);
                    sum.wrapping_add(hasher.finish())
                })
                .hash(state),
        }
    }
}
