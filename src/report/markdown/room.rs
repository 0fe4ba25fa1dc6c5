//! A text of bounded length, filled by importance and written in reading order.

/// Parts of a text, in reading order, and how many bytes they may take together.
pub(super) struct Page {
    parts: Vec<Part>,
    room: usize,
}

/// A part: a frame around items. Without a kept item the frame is left out too.
pub(super) struct Part {
    open: String,
    items: Vec<Item>,
    close: String,
    kept: usize,
    one: &'static str,
    many: &'static str,
}

/// An item, and what its place may be upgraded to when there is room.
struct Item {
    text: String,
    /// More of it: called with the bytes it may take, once.
    longer: Option<Longer>,
}

type Longer = Box<dyn Fn(usize) -> Option<String>>;

impl Part {
    /// A part without items yet. `one` and `many` name an item that is left off.
    pub(super) fn new(
        open: impl Into<String>,
        close: impl Into<String>,
        one: &'static str,
        many: &'static str,
    ) -> Self {
        Self {
            open: open.into(),
            items: Vec::new(),
            close: close.into(),
            kept: 0,
            one,
            many,
        }
    }

    /// Adds an item.
    pub(super) fn item(&mut self, text: String) {
        self.items.push(Item { text, longer: None });
    }

    /// Adds an item with a longer form: given a number of bytes, the whole item in at most so many.
    pub(super) fn growing(&mut self, text: String, longer: impl Fn(usize) -> Option<String> + 'static) {
        self.items.push(Item {
            text,
            longer: Some(Box::new(longer)),
        });
    }
}

impl Page {
    /// An empty page of so many bytes.
    pub(super) fn new(room: usize) -> Self {
        Self {
            parts: Vec::new(),
            room,
        }
    }

    /// Adds a part at the end, keeping as many of its items, in order, as fit into `most` bytes and into what
    /// is left of the page. Call in order of importance and [`write`](Self::write) in reading order.
    pub(super) fn add(&mut self, mut part: Part, most: usize) -> usize {
        let room = self.room.min(most);
        let mut used = part.open.len() + part.close.len();
        for item in &part.items {
            if used + item.text.len() > room {
                break;
            }
            used += item.text.len();
            part.kept += 1;
        }
        if part.kept > 0 {
            self.room = self.room.saturating_sub(used);
        }
        self.parts.push(part);
        self.parts.len() - 1
    }

    /// Lets the kept items of a part grow into the room that is left, each into an equal share of it. Items
    /// that `first` says yes to go first. Returns how many that could grow did not.
    pub(super) fn grow(&mut self, part: usize, first: impl Fn(usize) -> bool) -> usize {
        let Some(part) = self.parts.get_mut(part) else {
            return 0;
        };
        let mut left_off = part
            .items
            .iter()
            .skip(part.kept)
            .filter(|i| i.longer.is_some())
            .count();
        let mut waiting: Vec<usize> = (0..part.kept)
            .filter(|i| part.items.get(*i).is_some_and(|item| item.longer.is_some()))
            .collect();
        waiting.sort_by_key(|i| !first(*i));
        let mut ahead = waiting.len();
        for i in waiting {
            let share = self.room / ahead.max(1);
            ahead -= 1;
            let Some(item) = part.items.get_mut(i) else {
                continue;
            };
            let grown = item
                .longer
                .as_ref()
                .and_then(|longer| longer(share + item.text.len()));
            match grown {
                Some(text) if text.len() <= share + item.text.len() => {
                    self.room = (self.room + item.text.len()).saturating_sub(text.len());
                    item.text = text;
                }
                _ => left_off += 1,
            }
        }
        left_off
    }

    /// What was left off, as `3 causes`, in the order of the parts.
    pub(super) fn left_off(&self) -> Vec<String> {
        self.parts
            .iter()
            .filter(|p| p.items.len() > p.kept)
            .map(|p| match p.items.len() - p.kept {
                1 => format!("1 {}", p.one),
                n => format!("{n} {}", p.many),
            })
            .collect()
    }

    /// The text, its parts in the order given.
    pub(super) fn write(&self, order: &[usize]) -> String {
        let mut text = String::new();
        for part in order.iter().filter_map(|i| self.parts.get(*i)) {
            if part.kept == 0 {
                continue;
            }
            text.push_str(&part.open);
            for item in part.items.iter().take(part.kept) {
                text.push_str(&item.text);
            }
            text.push_str(&part.close);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(items: &[&str]) -> Part {
        let mut part = Part::new("(", ")", "thing", "things");
        for item in items {
            part.item((*item).to_owned());
        }
        part
    }

    #[test]
    fn keeps_what_fits_and_says_what_does_not() {
        let mut page = Page::new(10);
        let second = page.add(part(&["aaa", "bbb", "ccc"]), 100);
        let first = page.add(part(&["d"]), 100);
        assert_eq!(page.write(&[first, second]), "(aaabbb)");
        assert_eq!(page.left_off(), ["1 thing", "1 thing"]);
    }

    #[test]
    fn grows_by_importance_within_the_room() {
        let mut page = Page::new(20);
        let mut part = Part::new("", "", "diff", "diffs");
        for name in ["a", "b"] {
            part.growing(name.to_owned(), move |room| Some(name.repeat(room.min(12))));
        }
        let part = page.add(part, 100);
        assert_eq!(page.grow(part, |i| i == 1), 0);
        let text = page.write(&[part]);
        assert_eq!(text.len(), 20);
        assert!(text.starts_with('a') && text.ends_with(&"b".repeat(10)));
    }
}
