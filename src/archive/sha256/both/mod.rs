//! The rounds of sha256 for two digests that take the same blocks.
//!
//! Processors with instructions for sha256 wait for each round's result before the next. With two digests there is
//! something to do meanwhile, and the message schedule, which depends on the block alone, is computed once for both.
//!
//! Invariant: each state is what `sha2`'s `compress256` gives for it alone.

#[cfg(target_arch = "x86_64")]
mod extensions;

use sha2::block_api::compress256;

use super::{Block, State};

/// Takes the next blocks of both.
pub(super) fn compress(one: &mut State, other: &mut State, blocks: &[Block]) {
    // In a debug build each instruction is a call.
    if cfg!(debug_assertions) {
        by_turns(one, other, blocks);
    } else {
        woven(one, other, blocks);
    }
}

#[cfg(target_arch = "x86_64")]
#[multiversion::multiversion(targets("x86_64+sha+sse2+ssse3+sse4.1"))]
fn woven(one: &mut State, other: &mut State, blocks: &[Block]) {
    multiversion::target::match_target! {
        "x86_64+sha+sse2+ssse3+sse4.1" => extensions::compress(one, other, blocks),
        _ => by_turns(one, other, blocks),
    }
}

#[cfg(not(target_arch = "x86_64"))]
use by_turns as woven;

fn by_turns(one: &mut State, other: &mut State, blocks: &[Block]) {
    for block in blocks {
        compress256(one, std::slice::from_ref(block));
        compress256(other, std::slice::from_ref(block));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_two_is_what_it_is_alone() {
        for count in 0..6 {
            let byte = |block: usize, at: usize| (block * 37 + at * 11 + at / 7) as u8;
            let blocks: Vec<Block> = (0..count)
                .map(|block| std::array::from_fn(|at| byte(block, at)))
                .collect();
            let state = |seed: u32| -> State {
                std::array::from_fn(|word| (seed + word as u32).wrapping_mul(0x9e37_79b9))
            };
            let (mut one, mut other) = (state(1), state(100));
            let (mut alone, mut other_alone) = (one, other);
            // Also where a debug build leaves the instructions aside.
            woven(&mut one, &mut other, &blocks);
            compress256(&mut alone, &blocks);
            compress256(&mut other_alone, &blocks);
            assert_eq!(one, alone, "{count} blocks");
            assert_eq!(other, other_alone, "{count} blocks");
        }
    }
}
