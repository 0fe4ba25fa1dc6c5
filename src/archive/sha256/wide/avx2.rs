//! Eight lanes in AVX2's vectors of 256 bits.
//!
//! Words come to their lanes in two halves: messages 0 to 3 in the lower one, 4 to 7 in the upper one, since AVX2 turns
//! rows into columns within each half only.

use core::arch::x86_64::{
    __m128i, __m256i, _mm_cvtsi128_si64, _mm_extract_epi64, _mm_set_epi64x, _mm256_add_epi32,
    _mm256_and_si256, _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_or_si256, _mm256_set_m128i,
    _mm256_set1_epi32, _mm256_setr_epi8, _mm256_setr_epi32, _mm256_shuffle_epi8, _mm256_slli_epi32,
    _mm256_srli_epi32, _mm256_unpackhi_epi32, _mm256_unpackhi_epi64, _mm256_unpacklo_epi32,
    _mm256_unpacklo_epi64, _mm256_xor_si256,
};

use super::rounds::K;
use super::{Block, LANES, State};

macro_rules! all_blocks {
    ($states:ident, $blocks:ident) => {
        let [one, two, three, four, five, six, seven, eight] = $blocks;
        let mut vectors = turned_over($states).map(|words| vector(words));
        let lower = one.iter().zip(two).zip(three).zip(four);
        let upper = five.iter().zip(six).zip(seven).zip(eight);
        for ((((a, b), c), d), (((e, f), g), h)) in lower.zip(upper) {
            vectors = block!(vectors, words([a, b, c, d, e, f, g, h]));
        }
        *$states = turned_over(&vectors.map(|v| numbers(v)));
    };
}

#[target_feature(enable = "avx2")]
pub(super) fn compress(states: &mut [State; LANES], blocks: [&[Block]; LANES]) {
    all_blocks!(states, blocks);
}

/// The same vectors, for which AVX-512 has instructions that rotate and that join three operands by any table of truth. The
/// compiler finds both in the operations below, and all the state fits its 32 registers.
#[target_feature(enable = "avx2,avx512f,avx512vl")]
pub(super) fn compress_512(states: &mut [State; LANES], blocks: [&[Block]; LANES]) {
    all_blocks!(states, blocks);
}

/// Rows as columns.
fn turned_over(rows: &[[u32; 8]; 8]) -> [[u32; 8]; 8] {
    let mut columns = [[0; 8]; 8];
    for (at, row) in rows.iter().enumerate() {
        for (column, number) in columns.iter_mut().zip(row) {
            if let Some(to) = column.get_mut(at) {
                *to = *number;
            }
        }
    }
    columns
}

#[target_feature(enable = "avx2")]
fn vector(numbers: [u32; 8]) -> __m256i {
    let [a, b, c, d, e, f, g, h] = numbers.map(u32::cast_signed);
    _mm256_setr_epi32(a, b, c, d, e, f, g, h)
}

#[target_feature(enable = "avx2")]
fn numbers(v: __m256i) -> [u32; 8] {
    let (lower, upper) = (_mm256_castsi256_si128(v), _mm256_extracti128_si256::<1>(v));
    let [a, b] = pair(_mm_cvtsi128_si64(lower));
    let [c, d] = pair(_mm_extract_epi64::<1>(lower));
    let [e, f] = pair(_mm_cvtsi128_si64(upper));
    let [g, h] = pair(_mm_extract_epi64::<1>(upper));
    [a, b, c, d, e, f, g, h]
}

fn pair(both: i64) -> [u32; 2] {
    [both as u32, (both >> 32) as u32]
}

/// The sixteen words of eight blocks (big-endian, 5.2.1), each word of all eight in one vector.
#[target_feature(enable = "avx2")]
#[inline]
fn words(blocks: [&Block; LANES]) -> [__m256i; 16] {
    let [a, b, c, d, e, f, g, h] = blocks.map(|block| -> [[u8; 16]; 4] {
        let (quarters, _) = block.as_chunks::<16>();
        quarters.try_into().unwrap_or_default()
    });
    let [a0, a1, a2, a3] = rows(a, e);
    let [b0, b1, b2, b3] = rows(b, f);
    let [c0, c1, c2, c3] = rows(c, g);
    let [d0, d1, d2, d3] = rows(d, h);
    let [w0, w1, w2, w3] = transposed([a0, b0, c0, d0]);
    let [w4, w5, w6, w7] = transposed([a1, b1, c1, d1]);
    let [w8, w9, w10, w11] = transposed([a2, b2, c2, d2]);
    let [w12, w13, w14, w15] = transposed([a3, b3, c3, d3]);
    [
        w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15,
    ]
}

/// The quarters of two blocks, one in the lower half and one in the upper.
#[target_feature(enable = "avx2")]
#[inline]
fn rows(lower: [[u8; 16]; 4], upper: [[u8; 16]; 4]) -> [__m256i; 4] {
    let order = _mm256_setr_epi8(
        3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14,
        13, 12,
    );
    let [l0, l1, l2, l3] = lower;
    let [u0, u1, u2, u3] = upper;
    [(l0, u0), (l1, u1), (l2, u2), (l3, u3)]
        .map(|(lower, upper)| _mm256_shuffle_epi8(_mm256_set_m128i(half(upper), half(lower)), order))
}

#[target_feature(enable = "avx2")]
#[inline]
fn half(bytes: [u8; 16]) -> __m128i {
    let both = u128::from_le_bytes(bytes);
    _mm_set_epi64x((both >> 64) as i64, both as i64)
}

#[target_feature(enable = "avx2")]
#[inline]
fn transposed(rows: [__m256i; 4]) -> [__m256i; 4] {
    let [a, b, c, d] = rows;
    let (ab, cd) = (_mm256_unpacklo_epi32(a, b), _mm256_unpacklo_epi32(c, d));
    let (ab_high, cd_high) = (_mm256_unpackhi_epi32(a, b), _mm256_unpackhi_epi32(c, d));
    [
        _mm256_unpacklo_epi64(ab, cd),
        _mm256_unpackhi_epi64(ab, cd),
        _mm256_unpacklo_epi64(ab_high, cd_high),
        _mm256_unpackhi_epi64(ab_high, cd_high),
    ]
}

#[target_feature(enable = "avx2")]
#[inline]
fn add(a: __m256i, b: __m256i) -> __m256i {
    _mm256_add_epi32(a, b)
}

#[target_feature(enable = "avx2")]
#[inline]
fn differ(a: __m256i, b: __m256i) -> __m256i {
    _mm256_xor_si256(a, b)
}

#[target_feature(enable = "avx2")]
#[inline]
fn xor(a: __m256i, b: __m256i, c: __m256i) -> __m256i {
    differ(differ(a, b), c)
}

#[target_feature(enable = "avx2")]
#[inline]
fn select(ones: __m256i, zeros: __m256i, by: __m256i) -> __m256i {
    differ(_mm256_and_si256(differ(ones, zeros), by), zeros)
}

#[target_feature(enable = "avx2")]
#[inline]
fn turned<const RIGHT: i32, const LEFT: i32>(v: __m256i) -> __m256i {
    const { assert!(RIGHT + LEFT == 32) };
    _mm256_or_si256(_mm256_srli_epi32::<RIGHT>(v), _mm256_slli_epi32::<LEFT>(v))
}

#[target_feature(enable = "avx2")]
#[inline]
fn shifted<const RIGHT: i32>(v: __m256i) -> __m256i {
    _mm256_srli_epi32::<RIGHT>(v)
}

#[target_feature(enable = "avx2")]
#[inline]
fn splat(number: u32) -> __m256i {
    _mm256_set1_epi32(number.cast_signed())
}
