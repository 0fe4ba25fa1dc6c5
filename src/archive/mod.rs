//! From a blob's bytes to what is in it: digest check, decompression, tar and zip members.
//!
//! Everything here is pushed: [`BlobReader::push`] takes the next bytes, [`BlobReader::finish`] says what
//! the whole was. Memory grows with the number of entries, never with the size of a layer.

mod reading;

pub use reading::{
    Compression, Content, Entry, EntryKind, GzipFacts, Packing, Purpose, Reading, TarFacts, TarFormat,
    TarListing, Time,
};
