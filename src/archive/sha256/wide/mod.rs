//! The rounds of sha256 for blocks of several messages at once, one message in each lane of a vector.
//!
//! One message alone waits for each round's result, whatever the code. Where the processor has no instructions for sha256,
//! or the code cannot use them, messages side by side fill that time; OpenSSL's multi-block code does the same.
//!
//! | where | lanes | one by one | together |
//! |---|---|---|---|
//! | WebAssembly, Chromium on a Xeon of 2023 | 4 | 420 MB/s | 810 MB/s |
//! | AVX2 without SHA extensions, a Xeon of 2019 at 2.5 GHz | 8 | 190 MB/s | 1 160 MB/s |
//! | AVX2, an EPYC of 2022 | 8 | | 1 750 MB/s |
//! | AVX2's vectors with AVX-512's instructions, the same EPYC | 8 | | 3 250 MB/s |
//!
//! Invariant: each lane is what `sha2`'s `compress256` gives for it alone.

// First, for its macros.
#[cfg(any(target_arch = "x86_64", target_feature = "simd128"))]
#[macro_use]
mod rounds;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;

use super::{Block, State};

/// Messages at once.
pub(super) const LANES: usize = if cfg!(target_arch = "wasm32") { 4 } else { 8 };

/// With fewer messages than this, one after the other is as fast.
pub(super) const LEAST: usize = if cfg!(target_arch = "wasm32") { 3 } else { 2 };

/// Whether several at once are faster here than one after the other.
#[cfg(target_arch = "wasm32")]
pub(super) fn pays() -> bool {
    cfg!(target_feature = "simd128")
}

/// Whether several at once are faster here than one after the other: not with SHA extensions, which `sha2` uses wherever it
/// finds these features, and not in a debug build, where each operation of a vector is a call.
#[cfg(target_arch = "x86_64")]
pub(super) fn pays() -> bool {
    if cfg!(debug_assertions) {
        return false;
    }
    let extensions = is_x86_feature_detected!("sha") && is_x86_feature_detected!("sse4.1");
    is_x86_feature_detected!("avx2") && !extensions
}

/// Whether several at once are faster here than one after the other.
#[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64")))]
pub(super) fn pays() -> bool {
    false
}

/// Takes the next blocks of all messages, as many of each as all have.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) use simd128::compress;

/// Takes the next blocks of all messages, as many of each as all have.
#[cfg(target_arch = "x86_64")]
pub(super) fn compress(states: &mut [State; LANES], blocks: [&[Block]; LANES]) {
    if cfg!(debug_assertions) {
        one_by_one(states, blocks);
    } else {
        vectors(states, blocks);
    }
}

#[cfg(target_arch = "x86_64")]
#[multiversion::multiversion(targets("x86_64+avx2+avx512f+avx512vl", "x86_64+avx2"))]
fn vectors(states: &mut [State; LANES], blocks: [&[Block]; LANES]) {
    multiversion::target::match_target! {
        "x86_64+avx2+avx512f+avx512vl" => avx2::compress_512(states, blocks),
        "x86_64+avx2" => avx2::compress(states, blocks),
        _ => one_by_one(states, blocks),
    }
}

/// Takes the next blocks of all messages, as many of each as all have.
#[cfg(not(any(target_arch = "x86_64", target_feature = "simd128")))]
pub(super) use one_by_one as compress;

#[cfg(not(target_feature = "simd128"))]
pub(super) fn one_by_one(states: &mut [State; LANES], blocks: [&[Block]; LANES]) {
    let count = blocks.iter().map(|b| b.len()).min().unwrap_or_default();
    for (state, blocks) in states.iter_mut().zip(blocks) {
        sha2::block_api::compress256(state, blocks.get(..count).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lane_is_what_it_is_alone() {
        for count in 0..5 {
            let message = |lane: usize| -> Vec<Block> {
                let byte = |block: usize, at: usize| (lane * 101 + block * 37 + at * 11 + at / 7) as u8;
                (0..count)
                    .map(|block| std::array::from_fn(|at| byte(block, at)))
                    .collect()
            };
            // Some have more than others: only what all have is taken.
            let messages: [Vec<Block>; LANES] = std::array::from_fn(|lane| {
                let mut blocks = message(lane);
                blocks.resize(count + lane % 3, [0xa5; 64]);
                blocks
            });
            let before: [State; LANES] = std::array::from_fn(|lane| {
                std::array::from_fn(|word| ((lane * 8 + word) as u32).wrapping_mul(0x9e37_79b9))
            });
            let mut after = before;
            // Also where a debug build leaves the vectors aside.
            #[cfg(target_arch = "x86_64")]
            use super::vectors as compress;
            compress(&mut after, std::array::from_fn(|lane| &messages[lane][..]));
            for lane in 0..LANES {
                let mut alone = before[lane];
                sha2::block_api::compress256(&mut alone, &message(lane));
                assert_eq!(after[lane], alone, "lane {lane} of {count} blocks");
            }
        }
    }
}
