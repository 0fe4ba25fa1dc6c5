//! From a blob's bytes to what is in it: digest check, decompression, tar and zip members.
//!
//! Everything here is pushed: [`BlobReader::push`] takes the next bytes, [`BlobReader::finish`] says what
//! the whole was. Memory grows with the number of entries, never with the size of a layer.

mod blob;
mod gzip;
mod inflater;
mod reading;
mod tar;
mod unpacked;
mod zip;
mod zstd;

pub use blob::{BlobReader, Delivery, Wire};
pub use inflater::{Inflater, Sink, StreamFacts};
pub use tar::TarReader;
pub use unpacked::{Contents, Unpacked};

pub use reading::{
    Compression, Content, Entry, EntryKind, GzipFacts, Packing, Purpose, Reading, TarFacts, TarFormat,
    TarListing, Time,
};
