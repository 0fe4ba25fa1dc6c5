//! Four lanes in WebAssembly's vectors of 128 bits.

use core::arch::wasm32::{
    i8x16_shuffle, i32x4_shuffle, i64x2_shuffle, u32x4, u32x4_add as add, u32x4_extract_lane as lane,
    u32x4_shl, u32x4_shr, u32x4_splat as splat, u64x2, v128, v128_bitselect as select, v128_or,
    v128_xor as differ,
};

use super::rounds::K;
use super::{Block, LANES, State};

pub(in super::super) fn compress(states: &mut [State; LANES], blocks: [&[Block]; LANES]) {
    let [one, two, three, four] = blocks;
    let mut vectors = gathered(states);
    for (((a, b), c), d) in one.iter().zip(two).zip(three).zip(four) {
        vectors = block!(vectors, words(a, b, c, d));
    }
    scatter(&vectors, states);
}

/// The first words of all four messages, then the second ones, and so on.
fn gathered(states: &[State; LANES]) -> [v128; 8] {
    let [one, two, three, four] = states;
    let mut vectors = [splat(0); 8];
    for ((((to, a), b), c), d) in vectors.iter_mut().zip(one).zip(two).zip(three).zip(four) {
        *to = u32x4(*a, *b, *c, *d);
    }
    vectors
}

fn scatter(vectors: &[v128; 8], states: &mut [State; LANES]) {
    let [one, two, three, four] = states;
    for ((((from, a), b), c), d) in vectors.iter().zip(one).zip(two).zip(three).zip(four) {
        *a = lane::<0>(*from);
        *b = lane::<1>(*from);
        *c = lane::<2>(*from);
        *d = lane::<3>(*from);
    }
}

/// The sixteen words of four blocks (big-endian, 5.2.1), each word of all four in one vector.
#[inline(always)]
fn words(a: &Block, b: &Block, c: &Block, d: &Block) -> [v128; 16] {
    let quarters = |block: &Block| -> [[u8; 16]; 4] {
        let (quarters, _) = block.as_chunks::<16>();
        quarters.try_into().unwrap_or_default()
    };
    let [a0, a1, a2, a3] = quarters(a);
    let [b0, b1, b2, b3] = quarters(b);
    let [c0, c1, c2, c3] = quarters(c);
    let [d0, d1, d2, d3] = quarters(d);
    let [w0, w1, w2, w3] = transposed([&a0, &b0, &c0, &d0]);
    let [w4, w5, w6, w7] = transposed([&a1, &b1, &c1, &d1]);
    let [w8, w9, w10, w11] = transposed([&a2, &b2, &c2, &d2]);
    let [w12, w13, w14, w15] = transposed([&a3, &b3, &c3, &d3]);
    [
        w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15,
    ]
}

#[inline(always)]
fn big_endian(bytes: &[u8; 16]) -> v128 {
    let (low, high) = bytes.split_at(8);
    let half = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap_or_default());
    let v = u64x2(half(low), half(high));
    i8x16_shuffle::<3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12>(v, v)
}

#[inline(always)]
fn transposed(rows: [&[u8; 16]; 4]) -> [v128; 4] {
    let [a, b, c, d] = rows;
    let (a, b, c, d) = (big_endian(a), big_endian(b), big_endian(c), big_endian(d));
    let (ab, cd) = (
        i32x4_shuffle::<0, 4, 1, 5>(a, b),
        i32x4_shuffle::<0, 4, 1, 5>(c, d),
    );
    let (ab_high, cd_high) = (
        i32x4_shuffle::<2, 6, 3, 7>(a, b),
        i32x4_shuffle::<2, 6, 3, 7>(c, d),
    );
    [
        i64x2_shuffle::<0, 2>(ab, cd),
        i64x2_shuffle::<1, 3>(ab, cd),
        i64x2_shuffle::<0, 2>(ab_high, cd_high),
        i64x2_shuffle::<1, 3>(ab_high, cd_high),
    ]
}

/// Rotates each lane to the right by `RIGHT` bits; `LEFT` is what is missing to 32.
#[inline(always)]
fn turned<const RIGHT: u32, const LEFT: u32>(v: v128) -> v128 {
    const { assert!(RIGHT + LEFT == 32) };
    v128_or(u32x4_shr(v, RIGHT), u32x4_shl(v, LEFT))
}

#[inline(always)]
fn xor(a: v128, b: v128, c: v128) -> v128 {
    differ(differ(a, b), c)
}

#[inline(always)]
fn shifted<const RIGHT: u32>(v: v128) -> v128 {
    u32x4_shr(v, RIGHT)
}
