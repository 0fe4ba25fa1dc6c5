//! Which of many digests have to be held against each other, so that those of one content end up together.
//!
//! Each digest is compared with the first of every content that is known, until one proves equal; none that
//! does makes it a content of its own. So N digests of K contents cost at most N × K comparisons, and
//! nothing is fetched for them twice (see [`Job::remember`](super::job::Job::remember)).
//!
//! Invariant: two digests stand in one group only if a comparison said [`Held::Same`] of them or of each
//! with the group's first; "cannot tell" never brings two together.
//!
//! ```
//! use tagdrift::compare::matrix::{Held, Plan};
//! let mut plan = Plan::new(3);
//! while let Some((older, newer)) = plan.next() {
//!     plan.take(if (older, newer) == (1, 0) { Held::Same } else { Held::Differs });
//! }
//! let members: Vec<_> = plan.groups().iter().map(|g| g.members.clone()).collect();
//! assert_eq!(members, [vec![0, 1], vec![2]]);
//! ```

/// What a comparison said of two digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Proven to hold the same content.
    Same,
    /// Proven to differ.
    Differs,
    /// Neither.
    CannotTell,
}

/// Digests of one content, by their place in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// In the order of the list; the first stands for all.
    pub members: Vec<usize>,
    /// True when it could not be held against another content: it may or may not be one of those.
    pub doubtful: bool,
}

/// Comparisons still to make, and what came of those made.
#[derive(Debug, Clone)]
pub struct Plan {
    count: usize,
    /// The digest that looks for its group.
    at: usize,
    /// The group it is held against next.
    against: usize,
    doubtful: bool,
    groups: Vec<Group>,
}

impl Plan {
    /// A plan for so many digests, the newest first.
    pub fn new(count: usize) -> Self {
        let groups = (count > 0)
            .then(|| Group {
                members: vec![0],
                doubtful: false,
            })
            .into_iter()
            .collect();
        Self {
            count,
            at: 1,
            against: 0,
            doubtful: false,
            groups,
        }
    }

    /// The two digests to compare next, the one later in the list first: lists begin with the newest, and
    /// a comparison goes from older to newer. `None` when all have their group.
    #[expect(clippy::should_implement_trait, reason = "it answers the same until `take`")]
    pub fn next(&self) -> Option<(usize, usize)> {
        if self.at >= self.count {
            return None;
        }
        let first = self.groups.get(self.against)?.members.first()?;
        Some((self.at, *first))
    }

    /// What the comparison that [`Plan::next`] named came to.
    pub fn take(&mut self, held: Held) {
        if self.at >= self.count {
            return;
        }
        match held {
            Held::Same => {
                if let Some(group) = self.groups.get_mut(self.against) {
                    group.members.push(self.at);
                }
                self.go_on();
            }
            Held::Differs | Held::CannotTell => {
                self.doubtful |= held == Held::CannotTell;
                self.against += 1;
                if self.against >= self.groups.len() {
                    self.groups.push(Group {
                        members: vec![self.at],
                        doubtful: self.doubtful,
                    });
                    self.go_on();
                }
            }
        }
    }

    fn go_on(&mut self) {
        self.at += 1;
        self.against = 0;
        self.doubtful = false;
    }

    /// The groups so far, by their first members.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a plan over digests whose contents are known; `?` cannot be told from anything.
    fn grouped(contents: &str) -> (Vec<(String, bool)>, usize) {
        let contents = contents.as_bytes();
        let mut plan = Plan::new(contents.len());
        let mut made = 0;
        while let Some((older, newer)) = plan.next() {
            made += 1;
            plan.take(match (contents[older], contents[newer]) {
                (b'?', _) | (_, b'?') => Held::CannotTell,
                (l, r) if l == r => Held::Same,
                _ => Held::Differs,
            });
        }
        let name = |members: &[usize]| members.iter().map(|i| i.to_string()).collect();
        let groups = plan.groups();
        (
            groups.iter().map(|g| (name(&g.members), g.doubtful)).collect(),
            made,
        )
    }

    #[test]
    fn equal_contents_come_together() {
        let sure = |groups: &[&str]| {
            groups
                .iter()
                .map(|g| ((*g).to_owned(), false))
                .collect::<Vec<_>>()
        };
        assert_eq!(grouped(""), (vec![], 0));
        assert_eq!(grouped("a"), (sure(&["0"]), 0));
        assert_eq!(grouped("aab"), (sure(&["01", "2"]), 2));
        assert_eq!(grouped("abcab"), (sure(&["03", "14", "2"]), 1 + 2 + 1 + 2));
    }

    #[test]
    fn what_cannot_be_told_joins_nothing() {
        assert_eq!(
            grouped("a?a?").0,
            [
                ("02".to_owned(), false),
                ("1".to_owned(), true),
                ("3".to_owned(), true)
            ]
        );
        // Unreadable first: the next cannot be told from it, and those after it still find it.
        assert_eq!(
            grouped("?aa").0,
            [("0".to_owned(), false), ("12".to_owned(), true)]
        );
    }
}
