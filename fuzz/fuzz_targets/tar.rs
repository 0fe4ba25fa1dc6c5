//! Any bytes as a tar archive, whole and cut in two: the same listing, and trees that hold together.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tagdrift::archive::{TarListing, TarReader};
use tagdrift::fault::Fault;
use tagdrift::limits::Limits;
use tagdrift::tree::{archive, chart, content_digest, image, nested};

fuzz_target!(|data: (u16, &[u8])| {
    let (cut, bytes) = data;
    let limits = Limits {
        unpacked_bytes: 1 << 20,
        entries: 256,
        kept_bytes: 1 << 20,
        ..Limits::default()
    };
    let cut = usize::from(cut).min(bytes.len());
    let whole = read(&[bytes], &limits);
    let (head, tail) = bytes.split_at(cut);
    assert_eq!(
        format!("{:?}", read(&[head, tail], &limits)),
        format!("{whole:?}")
    );
    let listing = whole.0;
    let _ = chart::tree(&listing, &limits);
    let mut tree = archive::tree(&listing);
    nested::expand(&mut tree, &limits);
    let _ = content_digest::files(&tree);
    let _ = image::flatten(&[(0, &listing), (1, &listing)]);
    let _ = image::overlay(&[(0, &listing), (1, &listing)]);
});

fn read(pieces: &[&[u8]], limits: &Limits) -> (TarListing, Option<Fault>) {
    let mut reader = TarReader::new(true, limits);
    for piece in pieces {
        if let Err(fault) = reader.push(piece) {
            return (reader.stopped(), Some(fault));
        }
    }
    reader.finish()
}
