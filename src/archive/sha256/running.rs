//! A digest in the making, of one run of bytes or of two at once.
//!
//! Purpose: a layer's bytes count twice, for the digest of the whole archive (its diffID) and for the digest of the file
//! they belong to. Processors that compute sha256 in hardware wait for each round's result before the next, so two
//! digests whose blocks take turns cost less than one after the other (a sixth less on an Intel Xeon of 2023); a tar
//! member starts at a multiple of 512 bytes, so both see the same blocks of 64.
//!
//! Invariant: the digest is that of FIPS 180-4, however the bytes were cut and whichever of them were taken together
//! with another digest.
//!
//! ```text
//! whole archive  |header|file a ....|pad|header|file b ...........|pad|
//! file a                |file a ....|
//! file b                                       |file b ...........|
//!                       ^^^^^^^^^^^^ both digests, block by block
//! ```

use sha2::block_api::compress256;

use super::lanes::{Lanes, MOST, Place};
use super::{BLOCK, Block, State};

/// Bytes that one digest takes before the other where both wait.
const TURN: usize = MOST * BLOCK / 8;

/// The initial hash value (FIPS 180-4, 5.3.3).
const INITIAL: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// A sha256 that has not seen all bytes yet.
pub(in crate::archive) struct Running {
    /// Where it waits for others, if it does; its state is there then.
    place: Option<Place>,
    state: State,
    /// The start of a block.
    held: Block,
    filled: usize,
    taken: u64,
}

impl Running {
    /// Nothing taken yet.
    pub(in crate::archive) fn new(lanes: &Lanes) -> Self {
        Self {
            place: lanes.place(INITIAL),
            state: INITIAL,
            held: [0; BLOCK],
            filled: 0,
            taken: 0,
        }
    }

    /// Bytes taken so far.
    pub(in crate::archive) fn taken(&self) -> u64 {
        self.taken
    }

    /// Takes the next bytes.
    pub(in crate::archive) fn update(&mut self, bytes: &[u8]) {
        let bytes = self.fill(bytes);
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        if !blocks.is_empty() {
            self.compress(blocks);
        }
        self.keep(blocks.len(), rest);
    }

    fn compress(&mut self, blocks: &[Block]) {
        match &self.place {
            Some(place) => place.take(blocks),
            None => compress256(&mut self.state, blocks),
        }
    }

    /// Takes the next bytes of both.
    pub(in crate::archive) fn update_both(one: &mut Self, other: &mut Self, bytes: &[u8]) {
        if one.filled != other.filled || one.place.is_some() || other.place.is_some() {
            // By turns, so that neither has to be computed before the other has put something aside.
            for bytes in bytes.chunks(TURN) {
                one.update(bytes);
                other.update(bytes);
            }
            return;
        }
        let rest = one.fill(bytes);
        other.fill(bytes);
        let (blocks, rest) = rest.as_chunks::<BLOCK>();
        for block in blocks {
            compress256(&mut one.state, std::slice::from_ref(block));
            compress256(&mut other.state, std::slice::from_ref(block));
        }
        one.keep(blocks.len(), rest);
        other.keep(blocks.len(), rest);
    }

    /// Completes a started block; gives what is left. Afterwards no block is started, or nothing is left.
    fn fill<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        if self.filled == 0 {
            return bytes;
        }
        let need = (BLOCK - self.filled).min(bytes.len());
        let (head, rest) = bytes.split_at_checked(need).unwrap_or((bytes, &[]));
        self.hold(head);
        if self.filled == BLOCK {
            self.filled = 0;
            let block = self.held;
            self.compress(&[block]);
        }
        rest
    }

    fn keep(&mut self, blocks: usize, rest: &[u8]) {
        self.taken = self.taken.wrapping_add((blocks * BLOCK) as u64);
        self.hold(rest);
    }

    fn hold(&mut self, bytes: &[u8]) {
        if let Some(room) = self.held.get_mut(self.filled..self.filled + bytes.len()) {
            room.copy_from_slice(bytes);
            self.filled += bytes.len();
            self.taken = self.taken.wrapping_add(bytes.len() as u64);
        }
    }

    /// The digest of all bytes taken.
    pub(in crate::archive) fn finish(mut self) -> [u8; 32] {
        let bits = self.taken.wrapping_mul(8).to_be_bytes();
        let zeros = (BLOCK + 56 - 1 - self.filled) % BLOCK;
        self.update(&[0x80]);
        self.update([0; BLOCK].get(..zeros).unwrap_or_default());
        self.update(&bits);
        let state = self.place.as_ref().map_or(self.state, Place::state);
        let mut digest = [0; 32];
        for (to, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
            *to = word.to_be_bytes();
        }
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest as _, Sha256};

    fn bytes(count: usize) -> Vec<u8> {
        (0..count).map(|i| (i * 31 + i / 7) as u8).collect()
    }

    fn expected(bytes: &[u8]) -> [u8; 32] {
        Sha256::digest(bytes).into()
    }

    #[test]
    fn every_length_is_padded_as_the_standard_says() {
        for count in 0..300 {
            let bytes = bytes(count);
            let mut running = Running::new(&Lanes::default());
            running.update(&bytes);
            assert_eq!(running.taken(), count as u64);
            assert_eq!(running.finish(), expected(&bytes), "{count} bytes");
        }
    }

    #[test]
    fn every_cut_gives_the_same_digest() {
        let bytes = bytes(200);
        for cut in 0..=bytes.len() {
            let mut running = Running::new(&Lanes::default());
            running.update(&bytes[..cut]);
            running.update(&bytes[cut..]);
            assert_eq!(running.finish(), expected(&bytes), "cut at {cut}");
        }
        let mut running = Running::new(&Lanes::default());
        bytes.iter().for_each(|byte| running.update(&[*byte]));
        assert_eq!(running.finish(), expected(&bytes));
    }

    #[test]
    fn two_at_once_are_each_what_they_are_alone() {
        let bytes = bytes(333);
        // The one starts before the other, at every distance in a block; both are cut everywhere.
        for lead in 0..=BLOCK {
            for cut in (lead..bytes.len()).step_by(3) {
                let (mut whole, mut part) =
                    (Running::new(&Lanes::default()), Running::new(&Lanes::default()));
                whole.update(&bytes[..lead]);
                Running::update_both(&mut whole, &mut part, &bytes[lead..cut]);
                Running::update_both(&mut part, &mut whole, &bytes[cut..]);
                assert_eq!(whole.taken(), bytes.len() as u64);
                assert_eq!(whole.finish(), expected(&bytes), "{lead} before, cut at {cut}");
                assert_eq!(
                    part.finish(),
                    expected(&bytes[lead..]),
                    "{lead} before, cut at {cut}"
                );
            }
        }
    }
}
