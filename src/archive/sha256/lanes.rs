//! Digests in the making that wait for one another, so that several can be computed at once.
//!
//! Where that pays ([`Lanes::pay`]), bytes that a digest takes are put aside, [`MOST`] blocks of each. When one has no room
//! left, or is to end, its blocks are computed beside those of the others that have put aside most: of whichever blobs
//! share the lanes, so two layers read by turns keep more of them busy. Elsewhere there is nothing to wait for.
//!
//! Invariants: a digest's blocks are taken in their order, each once; memory is [`MOST`] blocks for each digest in the
//! making, however many bytes pass; which others wait changes no digest.
//!
//! ```text
//! blob of the left      ■■■■■
//! its archive           ■■■■■■■■   full: this and others, as long as each has blocks
//! its file              ■■■■■■
//! blob of the right     ■■
//! its archive           ■■■■■■■
//! its file              ■
//! ```

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::block_api::compress256;

use super::wide::{self, LANES, LEAST};
use super::{Block, State};

/// Blocks put aside for one digest: 128 KiB, more than bytes of one blob come at a time before those of another, and few
/// enough that the six digests of two layers stay in a processor's second cache.
pub(super) const MOST: usize = 2048;

/// Fewer blocks than this are not worth the turning of rows into columns and back.
const WORTH: usize = 8;

/// Where digests wait for one another. Clones are the same lanes.
#[derive(Debug, Clone)]
pub struct Lanes(Option<Arc<Mutex<Waiting>>>);

impl Default for Lanes {
    fn default() -> Self {
        if Self::pay() { Self::waiting() } else { Self(None) }
    }
}

impl Lanes {
    /// Whether digests wait for one another on this machine.
    pub fn pay() -> bool {
        wide::pays()
    }

    /// How many hold these lanes, readers and digests alike; 1 where nothing waits.
    pub fn shared(&self) -> usize {
        self.0.as_ref().map_or(1, Arc::strong_count)
    }

    fn waiting() -> Self {
        Self(Some(Arc::default()))
    }

    /// A place for a digest that starts from this state; `None` where digests do not wait.
    pub(super) fn place(&self, state: State) -> Option<Place> {
        let lanes = self.0.clone()?;
        let id = locked(&lanes).begin(state);
        Some(Place { lanes, id })
    }
}

/// A digest's place; dropping it gives the digest up.
#[derive(Debug)]
pub(super) struct Place {
    lanes: Arc<Mutex<Waiting>>,
    id: usize,
}

impl Place {
    /// Takes the next blocks.
    pub(super) fn take(&self, blocks: &[Block]) {
        locked(&self.lanes).take(self.id, blocks);
    }

    /// The state after all blocks taken.
    pub(super) fn state(&self) -> State {
        let mut waiting = locked(&self.lanes);
        while waiting.owes(self.id) {
            waiting.compute(self.id, MOST);
        }
        waiting.digests.get(self.id).map_or([0; 8], |d| d.state)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        locked(&self.lanes).end(self.id);
    }
}

/// Nothing here panics halfway through a change.
fn locked(lanes: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    lanes.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug, Default)]
struct Waiting {
    digests: Vec<Digest>,
    /// Places that nobody has.
    free: Vec<usize>,
}

#[derive(Debug, Default)]
struct Digest {
    state: State,
    /// Blocks put aside.
    owed: VecDeque<Block>,
}

impl Digest {
    /// Blocks put aside that lie side by side.
    fn ready(&self) -> usize {
        self.owed.as_slices().0.len()
    }
}

impl Waiting {
    fn begin(&mut self, state: State) -> usize {
        let id = self.free.pop().unwrap_or_else(|| {
            self.digests.push(Digest::default());
            self.digests.len() - 1
        });
        if let Some(digest) = self.digests.get_mut(id) {
            digest.state = state;
        }
        id
    }

    fn end(&mut self, id: usize) {
        if let Some(digest) = self.digests.get_mut(id) {
            // Its room is kept for whoever comes next.
            digest.owed.clear();
            self.free.push(id);
        }
    }

    fn owes(&self, id: usize) -> bool {
        self.digests.get(id).is_some_and(|d| d.ready() > 0)
    }

    fn take(&mut self, id: usize, mut blocks: &[Block]) {
        while let Some(digest) = self.digests.get_mut(id) {
            let room = MOST.saturating_sub(digest.owed.len()).min(blocks.len());
            let (now, later) = blocks.split_at_checked(room).unwrap_or((blocks, &[]));
            digest.owed.extend(now);
            blocks = later;
            if blocks.is_empty() {
                return;
            }
            // Some room is enough: the longer it waits, the more have put aside something beside it.
            self.compute(id, MOST / 16);
        }
    }

    /// Computes up to so many blocks that one digest has put aside, and of others what goes along. Computes at least one
    /// if there is any.
    fn compute(&mut self, id: usize, most: usize) {
        let mut count = self.digests.get(id).map_or(0, Digest::ready).min(most);
        let mut ids = [id; LANES];
        let mut lanes = 1;
        let others = ids.iter_mut().skip(1);
        for (lane, (other, ready)) in others.zip(self.fullest(id)) {
            if count.min(ready) < WORTH {
                break;
            }
            count = count.min(ready);
            *lane = other;
            lanes += 1;
        }
        if lanes >= LEAST {
            self.together(count, ids);
        } else if let Some(digest) = self.digests.get_mut(id) {
            let count = digest.ready().min(most);
            compress256(
                &mut digest.state,
                digest.owed.as_slices().0.get(..count).unwrap_or_default(),
            );
            digest.owed.drain(..count);
        }
    }

    /// The others that have put aside most, with how many blocks: most first.
    fn fullest(&self, but: usize) -> [(usize, usize); LANES - 1] {
        let mut fullest = [(but, 0); LANES - 1];
        for (id, digest) in self.digests.iter().enumerate().filter(|(id, _)| *id != but) {
            let mut this = (id, digest.ready());
            for place in &mut fullest {
                if this.1 > place.1 {
                    std::mem::swap(&mut this, place);
                }
            }
        }
        fullest
    }

    /// Computes so many blocks of several digests; one that stands twice goes on once.
    fn together(&mut self, count: usize, ids: [usize; LANES]) {
        let states = ids.map(|id| self.digests.get(id).map_or([0; 8], |d| d.state));
        let mut after = states;
        let blocks = ids.map(|id| {
            let ready = self.digests.get(id).map(|d| d.owed.as_slices().0);
            ready.and_then(|blocks| blocks.get(..count)).unwrap_or_default()
        });
        wide::compress(&mut after, blocks);
        for (at, (id, state)) in ids.into_iter().zip(after).enumerate() {
            let again = ids.iter().take(at).any(|earlier| *earlier == id);
            if let Some(digest) = self.digests.get_mut(id).filter(|_| !again) {
                digest.state = state;
                digest.owed.drain(..count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::running::Running;
    use super::*;
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    fn bytes(count: usize, seed: usize) -> Vec<u8> {
        (0..count).map(|i| (i * 31 + i / 7 + seed * 113) as u8).collect()
    }

    fn expected(bytes: &[u8]) -> [u8; 32] {
        Sha256::digest(bytes).into()
    }

    #[test]
    fn lanes_are_only_where_they_pay() {
        // What a processor has counts only outside of debug builds.
        let found = cfg!(not(debug_assertions)) && wide::pays();
        assert_eq!(
            Lanes::default().0.is_some(),
            cfg!(target_arch = "wasm32") || found
        );
    }

    #[test]
    fn a_digest_that_is_given_up_leaves_its_place_to_the_next() {
        let lanes = Lanes::waiting();
        let mut first = Running::new(&lanes);
        first.update(&bytes(10_000, 1));
        drop(first);
        let mut second = Running::new(&lanes);
        second.update(&bytes(100, 2));
        let shared = lanes.0.as_ref().unwrap();
        assert_eq!(locked(shared).digests.len(), 1);
        assert_eq!(second.finish(), expected(&bytes(100, 2)));
        assert_eq!(locked(shared).free, [0]);
    }

    #[test]
    fn no_digest_puts_aside_more_than_its_room() {
        let lanes = Lanes::waiting();
        let all = bytes(MOST * 64 * 5 + 17, 3);
        let mut running: Vec<Running> = (0..6).map(|_| Running::new(&lanes)).collect();
        for piece in all.chunks(50_000) {
            for one in &mut running {
                one.update(piece);
            }
            let waiting = locked(lanes.0.as_ref().unwrap());
            assert!(waiting.digests.iter().all(|d| d.owed.len() <= MOST));
            assert!(waiting.digests.iter().all(|d| d.owed.capacity() < 2 * MOST));
        }
        for one in running {
            assert_eq!(one.finish(), expected(&all));
        }
    }

    proptest! {
        /// Up to seven digests, their bytes in any order and cut anywhere, begun and ended in between.
        #[test]
        fn whatever_waits_beside_it_a_digest_is_what_it_is_alone(
            steps in proptest::collection::vec((0usize..7, 0usize..200_000, any::<bool>()), 1..60),
        ) {
            let lanes = Lanes::waiting();
            let mut open: Vec<(Running, Vec<u8>)> = (0..7).map(|_| (Running::new(&lanes), Vec::new())).collect();
            for (number, (at, count, ends)) in steps.into_iter().enumerate() {
                let piece = bytes(count, number);
                let (running, so_far) = &mut open[at];
                running.update(&piece);
                so_far.extend_from_slice(&piece);
                if ends {
                    let (running, bytes) = std::mem::replace(&mut open[at], (Running::new(&lanes), Vec::new()));
                    prop_assert_eq!(running.finish(), expected(&bytes));
                }
            }
            for (running, bytes) in open {
                prop_assert_eq!(running.finish(), expected(&bytes));
            }
        }
    }
}
