//! What is fuzzed: a name and a function that must survive any bytes, within ten seconds and bounded memory.
//!
//! libFuzzer runs them (`scripts/fuzz.sh`), and `tests/fuzz_replay.rs` runs them over the kept corpus and every crash
//! ever found, with an ordinary `cargo test`.
//!
//! Besides "no panic" each target holds its parser to what it promises: cut input reads as whole input does, what is
//! written reads back, what is called equal is equal by another reader too.

mod archives;
mod charts;
mod data;
mod names;
mod registries;
mod signatures;

/// A name, and what must survive any bytes.
type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("blob", archives::blob),
    ("certificate", signatures::certificate),
    ("chart", charts::judge),
    ("config", data::config),
    ("digest", names::digest),
    ("gzip", archives::gzip),
    ("json", data::json),
    ("layout", registries::layout),
    ("link", names::link),
    ("manifest", data::manifest),
    ("openpgp", signatures::openpgp),
    ("reference", names::reference),
    ("registry", registries::conversation),
    ("tar", archives::tar),
    ("template", data::template),
    ("text", data::text),
    ("understand", names::understand),
    ("yaml", data::yaml),
    ("zip", archives::zip),
    ("zstd", archives::zstd),
];

/// Stands between the two sides of an input for those targets that compare.
const SIDES: &[u8] = b"\n%%\n";

/// The two sides of an input; without the mark between them, its halves.
fn sides(data: &[u8]) -> (&[u8], &[u8]) {
    let mark = data.windows(SIDES.len()).position(|window| window == SIDES);
    match mark {
        Some(at) => (&data[..at], &data[at + SIDES.len()..]),
        None => data.split_at(data.len() / 2),
    }
}

/// The first byte, which steers a target, and the rest, which it reads.
fn steered(data: &[u8]) -> (u8, &[u8]) {
    data.split_first()
        .map_or((0, data), |(first, rest)| (*first, rest))
}
