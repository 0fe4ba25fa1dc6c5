//! Two digests of the same blocks with x86's SHA extensions, their rounds woven into each other.
//!
//! The instructions want a state as two vectors: words a, b, e, f in one, c, d, g, h in the other, the first in the
//! highest place (Intel's manual, SHA256RNDS2).

use core::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_cvtsi128_si64, _mm_extract_epi64, _mm_set_epi32,
    _mm_set_epi64x, _mm_setr_epi8, _mm_setr_epi32, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32,
    _mm_sha256rnds2_epu32, _mm_shuffle_epi8, _mm_shuffle_epi32,
};

use super::super::wide::K;
use super::{Block, State};

/// Four rounds of both: while the one's result is computed, the other's begins.
macro_rules! four_rounds {
    ($one:ident, $other:ident, $w:expr, $k:expr) => {
        let lower = _mm_add_epi32($w, $k);
        let upper = _mm_shuffle_epi32::<0b00_00_11_10>(lower);
        $one.cdgh = _mm_sha256rnds2_epu32($one.cdgh, $one.abef, lower);
        $other.cdgh = _mm_sha256rnds2_epu32($other.cdgh, $other.abef, lower);
        $one.abef = _mm_sha256rnds2_epu32($one.abef, $one.cdgh, upper);
        $other.abef = _mm_sha256rnds2_epu32($other.abef, $other.cdgh, upper);
    };
}

#[derive(Clone, Copy)]
struct Packed {
    abef: __m128i,
    cdgh: __m128i,
}

#[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
pub(super) fn compress(one: &mut State, other: &mut State, blocks: &[Block]) {
    let (mut first, mut second) = (packed(*one), packed(*other));
    for block in blocks {
        (first, second) = after_block(first, second, block);
    }
    *one = unpacked(first);
    *other = unpacked(second);
}

#[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
#[inline]
fn after_block(first: Packed, second: Packed, block: &Block) -> (Packed, Packed) {
    let (mut one, mut other) = (first, second);
    let mut w = words(block);
    let [row, rows @ ..] = &K;
    let [k0, k1, k2, k3] = constants(row);
    four_rounds!(one, other, w[0], k0);
    four_rounds!(one, other, w[1], k1);
    four_rounds!(one, other, w[2], k2);
    four_rounds!(one, other, w[3], k3);
    for row in rows {
        let [k0, k1, k2, k3] = constants(row);
        w[0] = scheduled(w[0], w[1], w[2], w[3]);
        four_rounds!(one, other, w[0], k0);
        w[1] = scheduled(w[1], w[2], w[3], w[0]);
        four_rounds!(one, other, w[1], k1);
        w[2] = scheduled(w[2], w[3], w[0], w[1]);
        four_rounds!(one, other, w[2], k2);
        w[3] = scheduled(w[3], w[0], w[1], w[2]);
        four_rounds!(one, other, w[3], k3);
    }
    (sum(first, one), sum(second, other))
}

#[target_feature(enable = "sse2")]
#[inline]
fn sum(a: Packed, b: Packed) -> Packed {
    Packed {
        abef: _mm_add_epi32(a.abef, b.abef),
        cdgh: _mm_add_epi32(a.cdgh, b.cdgh),
    }
}

/// The four words of the message schedule after these sixteen (FIPS 180-4, 6.2.2).
#[target_feature(enable = "sha,sse2,ssse3")]
#[inline]
fn scheduled(w0: __m128i, w4: __m128i, w8: __m128i, w12: __m128i) -> __m128i {
    let with_sigma0 = _mm_sha256msg1_epu32(w0, w4);
    let w9 = _mm_alignr_epi8::<4>(w12, w8);
    _mm_sha256msg2_epu32(_mm_add_epi32(with_sigma0, w9), w12)
}

/// The sixteen words of a block (big-endian, 5.2.1).
#[target_feature(enable = "sse2,ssse3")]
#[inline]
fn words(block: &Block) -> [__m128i; 4] {
    let order = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    let (quarters, _) = block.as_chunks::<16>();
    let quarters: [[u8; 16]; 4] = quarters.try_into().unwrap_or_default();
    quarters.map(|bytes| {
        let both = u128::from_le_bytes(bytes);
        _mm_shuffle_epi8(_mm_set_epi64x((both >> 64) as i64, both as i64), order)
    })
}

#[target_feature(enable = "sse2")]
#[inline]
fn constants(row: &[u32; 16]) -> [__m128i; 4] {
    let (quarters, _) = row.as_chunks::<4>();
    let quarters: [[u32; 4]; 4] = quarters.try_into().unwrap_or_default();
    quarters.map(|quarter| {
        let [a, b, c, d] = quarter.map(u32::cast_signed);
        _mm_setr_epi32(a, b, c, d)
    })
}

#[target_feature(enable = "sse2")]
fn packed(state: State) -> Packed {
    let [a, b, c, d, e, f, g, h] = state.map(u32::cast_signed);
    Packed {
        abef: _mm_set_epi32(a, b, e, f),
        cdgh: _mm_set_epi32(c, d, g, h),
    }
}

#[target_feature(enable = "sse2,sse4.1")]
fn unpacked(state: Packed) -> State {
    let [a, b, e, f] = numbers(state.abef);
    let [c, d, g, h] = numbers(state.cdgh);
    [a, b, c, d, e, f, g, h]
}

/// The highest first.
#[target_feature(enable = "sse2,sse4.1")]
fn numbers(v: __m128i) -> [u32; 4] {
    let (upper, lower) = (_mm_extract_epi64::<1>(v), _mm_cvtsi128_si64(v));
    [
        (upper >> 32) as u32,
        upper as u32,
        (lower >> 32) as u32,
        lower as u32,
    ]
}
