//! From a blob's bytes to what is in it: digest check, decompression, tar and zip members.
//!
//! Everything here is pushed: [`BlobReader::push`] takes the next bytes, [`BlobReader::finish`] says what
//! the whole was. Memory grows with the number of entries, never with the size of a layer.

mod blob;
mod gzip;
mod inflater;
mod parcel;
mod reading;
mod sha256;
mod tar;
mod unpacked;
mod zip;
mod zip64;
mod zstd;

pub use blob::{BlobReader, Delivery, Wire};
pub use inflater::{Inflater, Sink, StreamFacts};
pub use parcel::{Assembly, packed};
pub use sha256::Lanes;
pub use tar::TarReader;
pub use unpacked::{Contents, Unpacked};

pub use reading::{
    Compression, Content, Entry, EntryKind, GzipFacts, Packing, Purpose, Reading, TarFacts, TarFormat,
    TarListing, Time, Wanted,
};

/// Whether these bytes, the start of a file at least, are an archive or compressed: something that a
/// [`BlobReader`] would look into.
pub fn looks_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(&gzip::MAGIC)
        || zstd::starts(bytes)
        || bytes.starts_with(b"PK\x03\x04")
        || bytes.first_chunk::<{ tar::BLOCK }>().is_some_and(tar::is_header)
}
