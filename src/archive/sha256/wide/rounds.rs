//! What the vectors of all processors share: the constants, and one block of each message in the standard's names
//! (FIPS 180-4, 6.2.2).
//!
//! Macros, since the operations are functions of whichever module uses them: `add`, `xor` of three, `turned` (to the right
//! by the first number; the second is what is missing to 32), `shifted` to the right, `select` (bits of the first where
//! the third has ones, else of the second), `splat`. Written out: where code is optimised for its size, loops stay loops,
//! and a sixth of the speed goes into them.

/// The constants of the rounds (FIPS 180-4, 4.2.2).
pub(super) const K: [[u32; 16]; 4] = [
    [
        0x428a_2f98,
        0x7137_4491,
        0xb5c0_fbcf,
        0xe9b5_dba5,
        0x3956_c25b,
        0x59f1_11f1,
        0x923f_82a4,
        0xab1c_5ed5,
        0xd807_aa98,
        0x1283_5b01,
        0x2431_85be,
        0x550c_7dc3,
        0x72be_5d74,
        0x80de_b1fe,
        0x9bdc_06a7,
        0xc19b_f174,
    ],
    [
        0xe49b_69c1,
        0xefbe_4786,
        0x0fc1_9dc6,
        0x240c_a1cc,
        0x2de9_2c6f,
        0x4a74_84aa,
        0x5cb0_a9dc,
        0x76f9_88da,
        0x983e_5152,
        0xa831_c66d,
        0xb003_27c8,
        0xbf59_7fc7,
        0xc6e0_0bf3,
        0xd5a7_9147,
        0x06ca_6351,
        0x1429_2967,
    ],
    [
        0x27b7_0a85,
        0x2e1b_2138,
        0x4d2c_6dfc,
        0x5338_0d13,
        0x650a_7354,
        0x766a_0abb,
        0x81c2_c92e,
        0x9272_2c85,
        0xa2bf_e8a1,
        0xa81a_664b,
        0xc24b_8b70,
        0xc76c_51a3,
        0xd192_e819,
        0xd699_0624,
        0xf40e_3585,
        0x106a_a070,
    ],
    [
        0x19a4_c116,
        0x1e37_6c08,
        0x2748_774c,
        0x34b0_bcb5,
        0x391c_0cb3,
        0x4ed8_aa4a,
        0x5b9c_ca4f,
        0x682e_6ff3,
        0x748f_82ee,
        0x78a5_636f,
        0x84c8_7814,
        0x8cc7_0208,
        0x90be_fffa,
        0xa450_6ceb,
        0xbef9_a3f7,
        0xc671_78f2,
    ],
];

macro_rules! round {
    ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $w:expr, $k:expr) => {
        let sum1 = xor(turned::<6, 26>($e), turned::<11, 21>($e), turned::<25, 7>($e));
        let t1 = add(add(add($h, sum1), select($f, $g, $e)), add(splat($k), $w));
        let sum0 = xor(turned::<2, 30>($a), turned::<13, 19>($a), turned::<22, 10>($a));
        let majority = select($c, $b, differ($a, $b));
        $d = add($d, t1);
        $h = add(t1, add(sum0, majority));
    };
}

/// A word of the block.
macro_rules! given {
    ($w:ident, $i:literal) => {
        $w[$i]
    };
}

/// The message schedule: word 16 + i takes the place of word i.
macro_rules! scheduled {
    ($w:ident, $i:literal) => {{
        let (near, far) = ($w[($i + 1) & 15], $w[($i + 14) & 15]);
        let sigma0 = xor(turned::<7, 25>(near), turned::<18, 14>(near), shifted::<3>(near));
        let sigma1 = xor(turned::<17, 15>(far), turned::<19, 13>(far), shifted::<10>(far));
        $w[$i] = add(add($w[$i], sigma0), add($w[($i + 9) & 15], sigma1));
        $w[$i]
    }};
}

macro_rules! sixteen {
    ($word:ident, $w:ident, $k:ident, $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident) => {
        round!($a $b $c $d $e $f $g $h, $word!($w, 0), $k[0]);
        round!($h $a $b $c $d $e $f $g, $word!($w, 1), $k[1]);
        round!($g $h $a $b $c $d $e $f, $word!($w, 2), $k[2]);
        round!($f $g $h $a $b $c $d $e, $word!($w, 3), $k[3]);
        round!($e $f $g $h $a $b $c $d, $word!($w, 4), $k[4]);
        round!($d $e $f $g $h $a $b $c, $word!($w, 5), $k[5]);
        round!($c $d $e $f $g $h $a $b, $word!($w, 6), $k[6]);
        round!($b $c $d $e $f $g $h $a, $word!($w, 7), $k[7]);
        round!($a $b $c $d $e $f $g $h, $word!($w, 8), $k[8]);
        round!($h $a $b $c $d $e $f $g, $word!($w, 9), $k[9]);
        round!($g $h $a $b $c $d $e $f, $word!($w, 10), $k[10]);
        round!($f $g $h $a $b $c $d $e, $word!($w, 11), $k[11]);
        round!($e $f $g $h $a $b $c $d, $word!($w, 12), $k[12]);
        round!($d $e $f $g $h $a $b $c, $word!($w, 13), $k[13]);
        round!($c $d $e $f $g $h $a $b, $word!($w, 14), $k[14]);
        round!($b $c $d $e $f $g $h $a, $word!($w, 15), $k[15]);
    };
}

/// Takes a block of each message: the state after it.
macro_rules! block {
    ($state:expr, $words:expr) => {{
        let mut w = $words;
        let before = $state;
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = before;
        let [first, others @ ..] = &K;
        sixteen!(given, w, first, a b c d e f g h);
        for k in others {
            sixteen!(scheduled, w, k, a b c d e f g h);
        }
        let [a0, b0, c0, d0, e0, f0, g0, h0] = before;
        [
            add(a0, a),
            add(b0, b),
            add(c0, c),
            add(d0, d),
            add(e0, e),
            add(f0, f),
            add(g0, g),
            add(h0, h),
        ]
    }};
}
