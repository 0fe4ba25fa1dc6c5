//! The differences between two trees.

use std::{collections::HashMap, ops::Range};

use imara_diff::{InternedInput, TokenSource};
use serde_json::Value;

use super::{ChangeKind, DataChange, DataDifference, Place, change::shown, escape, identity, node::Node};
use crate::compare::alignment;
use crate::limits::Limits;

/// The differences between two values.
pub fn compare(left: &Value, right: &Value, limits: &Limits) -> DataDifference {
    compare_nodes(
        Node {
            value: left,
            place: None,
        },
        Node {
            value: right,
            place: None,
        },
        "",
        limits,
    )
}

/// The differences between two values that stand at these places, told with their lines.
/// `pointer` leads every pointer: empty, or that of the document.
pub fn compare_placed(
    left: (&Value, &Place),
    right: (&Value, &Place),
    pointer: &str,
    limits: &Limits,
) -> DataDifference {
    let left = Node {
        value: left.0,
        place: Some(left.1),
    };
    compare_nodes(
        left,
        Node {
            value: right.0,
            place: Some(right.1),
        },
        pointer,
        limits,
    )
}

fn compare_nodes(left: Node<'_>, right: Node<'_>, pointer: &str, limits: &Limits) -> DataDifference {
    let mut walk = Walk {
        limits,
        pointer: pointer.to_owned(),
        depth: 0,
        found: DataDifference::default(),
    };
    walk.node(left, right);
    walk.found
}

struct Walk<'a> {
    limits: &'a Limits,
    pointer: String,
    depth: usize,
    found: DataDifference,
}

impl Walk<'_> {
    fn tell(&mut self, kind: ChangeKind, left: Option<Node<'_>>, right: Option<Node<'_>>) {
        let longest = self.limits.word_diff_bytes;
        let show = |node: Node<'_>| shown(node.value, node.tag(), longest);
        self.push(kind, left, right, left.map(show), right.map(show));
    }

    fn push(
        &mut self,
        kind: ChangeKind,
        left: Option<Node<'_>>,
        right: Option<Node<'_>>,
        from: Option<String>,
        to: Option<String>,
    ) {
        self.found.total += 1;
        if self.found.changes.len() >= self.limits.causes {
            return;
        }
        self.found.changes.push(DataChange {
            pointer: self.pointer.clone(),
            kind,
            from,
            to,
            left_line: left.and_then(Node::line),
            right_line: right.and_then(Node::line),
        });
    }

    /// Runs `inside` one token deeper.
    fn at(&mut self, token: &str, inside: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(token);
        inside(self);
        self.pointer.truncate(length);
    }

    fn node(&mut self, left: Node<'_>, right: Node<'_>) {
        // The readers bound the depth; values from elsewhere are told whole below the bound. So is what stands below
        // very long keys: each change holds its pointer.
        if self.depth >= self.limits.data_depth || self.pointer.len() > self.limits.word_diff_bytes {
            if left != right {
                self.tell(ChangeKind::Changed, Some(left), Some(right));
            }
            return;
        }
        self.depth += 1;
        match (left.value, right.value) {
            (Value::Object(_), Value::Object(_)) if left.tag() == right.tag() => self.fields(left, right),
            (Value::Array(_), Value::Array(_)) if left.tag() == right.tag() => self.items(left, right),
            _ if left != right => self.tell(ChangeKind::Changed, Some(left), Some(right)),
            _ => {}
        }
        self.depth -= 1;
    }

    fn fields(&mut self, left: Node<'_>, right: Node<'_>) {
        let (Some(old), Some(new)) = (left.value.as_object(), right.value.as_object()) else {
            return;
        };
        for key in old.keys() {
            let (before, after) = (left.field(key), right.field(key));
            // Equal fields are looked at once, here, and never descended into.
            if before == after {
                continue;
            }
            let Some(before) = before else { continue };
            self.at(&escape(key), |walk| match after {
                Some(after) => walk.node(before, after),
                None => walk.tell(ChangeKind::Removed, Some(before), None),
            });
        }
        for key in new.keys().filter(|key| !old.contains_key(*key)) {
            if let Some(after) = right.field(key) {
                self.at(&escape(key), |walk| {
                    walk.tell(ChangeKind::Added, None, Some(after))
                });
            }
        }
    }

    fn items(&mut self, left: Node<'_>, right: Node<'_>) {
        let (before, after) = (left.items(), right.items());
        match identity::names(&before, &after) {
            Some((left_names, right_names)) => {
                self.named(
                    left,
                    right,
                    before.into_iter().zip(left_names),
                    after.into_iter().zip(right_names),
                );
            }
            None => self.aligned(left, right, &before, &after),
        }
    }

    fn named<'n>(
        &mut self,
        left: Node<'_>,
        right: Node<'_>,
        before: impl Iterator<Item = (Node<'n>, String)>,
        after: impl Iterator<Item = (Node<'n>, String)>,
    ) {
        let before: Vec<_> = before.collect();
        let after: Vec<_> = after.collect();
        let places: HashMap<&str, Node<'_>> =
            after.iter().map(|(node, name)| (name.as_str(), *node)).collect();
        let known: HashMap<&str, ()> = before.iter().map(|(_, name)| (name.as_str(), ())).collect();
        let stayed: Vec<&str> = before
            .iter()
            .map(|(_, name)| name.as_str())
            .filter(|name| places.contains_key(name))
            .collect();
        let order: Vec<&str> = after
            .iter()
            .map(|(_, name)| name.as_str())
            .filter(|name| known.contains_key(name))
            .collect();
        if stayed != order {
            let told = |names: &[&str]| {
                let mut text = names.join(" ");
                text.truncate(text.floor_char_boundary(self.limits.word_diff_bytes));
                Some(text)
            };
            self.push(
                ChangeKind::Reordered,
                Some(left),
                Some(right),
                told(&stayed),
                told(&order),
            );
        }
        for (node, name) in &before {
            self.at(name, |walk| match places.get(name.as_str()) {
                Some(other) => walk.node(*node, *other),
                None => walk.tell(ChangeKind::Removed, Some(*node), None),
            });
        }
        for (node, name) in &after {
            if !known.contains_key(name.as_str()) {
                self.at(name, |walk| walk.tell(ChangeKind::Added, None, Some(*node)));
            }
        }
    }

    fn aligned(&mut self, left: Node<'_>, right: Node<'_>, before: &[Node<'_>], after: &[Node<'_>]) {
        let input = InternedInput::new(Items(before), Items(after));
        let mut sorted = [input.before.clone(), input.after.clone()];
        sorted
            .iter_mut()
            .for_each(|tokens| tokens.sort_unstable_by_key(|token| token.0));
        if input.before != input.after && sorted[0] == sorted[1] {
            self.tell(ChangeKind::Reordered, Some(left), Some(right));
            return;
        }
        let hunks = alignment::hunks(&input, self.limits, |diff, input| {
            diff.postprocess_no_heuristic(input)
        });
        for hunk in hunks {
            let slice = |items: &[Node<'_>], range: &Range<u32>| -> Vec<usize> {
                (range.start as usize..range.end as usize)
                    .filter(|i| *i < items.len())
                    .collect()
            };
            let (gone, come) = (slice(before, &hunk.before), slice(after, &hunk.after));
            for pair in 0..gone.len().max(come.len()) {
                let old = gone.get(pair).and_then(|i| Some((*i, *before.get(*i)?)));
                let new = come.get(pair).and_then(|i| Some((*i, *after.get(*i)?)));
                match (old, new) {
                    (Some((_, old)), Some((at, new))) if alike(old.value, new.value) => {
                        self.at(&at.to_string(), |walk| walk.node(old, new));
                    }
                    (old, new) => {
                        if let Some((at, old)) = old {
                            self.at(&at.to_string(), |walk| {
                                walk.tell(ChangeKind::Removed, Some(old), None)
                            });
                        }
                        if let Some((at, new)) = new {
                            self.at(&at.to_string(), |walk| {
                                walk.tell(ChangeKind::Added, None, Some(new))
                            });
                        }
                    }
                }
            }
        }
    }
}

/// Two items that a reader takes for one that changed: the same sort of thing.
fn alike(left: &Value, right: &Value) -> bool {
    left.is_object() == right.is_object() && left.is_array() == right.is_array()
}

struct Items<'a, 'n>(&'a [Node<'n>]);

impl<'a, 'n> TokenSource for Items<'a, 'n> {
    type Token = Node<'n>;
    type Tokenizer = std::iter::Copied<std::slice::Iter<'a, Node<'n>>>;

    fn tokenize(&self) -> Self::Tokenizer {
        self.0.iter().copied()
    }

    fn estimate_tokens(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }
}
