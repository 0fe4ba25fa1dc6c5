//! A [`Reading`] on its way from one worker to another: cut into parts of bytes, put together again.
//!
//! Workers share no memory. A layer's listing may hold a million entries, so it travels in parts of [`MOST`] entries: what
//! is on its way at a time is small beside what stays. Both ends are the same build, so the form (postcard's) has no
//! version and is kept nowhere.
//!
//! Invariant: what [`Assembly`] gives is what [`packed`] was given; owners' names are held once again.
//!
//! ```
//! use tagdrift::archive::{Assembly, BlobReader, Purpose, packed};
//! use tagdrift::limits::Limits;
//! use tagdrift::oci::Descriptor;
//!
//! let bytes = b"replicas: 2\n";
//! let mut blob = BlobReader::new(&Descriptor::of(bytes), Purpose::Files, &Limits::default());
//! blob.push(bytes).unwrap();
//! let reading = blob.finish();
//! let (mut assembly, mut whole) = (Assembly::default(), None);
//! packed(reading.clone(), |part| whole = assembly.take(&part).unwrap());
//! assert_eq!(format!("{:?}", whole.unwrap()), format!("{reading:?}"));
//! ```

use serde::{Deserialize, Serialize};

use super::reading::{Content, Entry, Reading};
use super::tar::Names;
use crate::fault::Fault;

/// Entries of one part.
const MOST: usize = 4096;

/// What a part holds.
#[derive(Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "one lives at a time")]
enum Part {
    /// The next entries of the listing.
    Entries(Vec<Entry>),
    /// Everything else: the last part.
    Rest(Reading),
}

/// Cuts a reading into parts, each handed to `send`; the last one completes it.
pub fn packed(mut reading: Reading, mut send: impl FnMut(Vec<u8>)) {
    // Writing to memory fails for no value of these types.
    let mut part = |part: &Part| send(postcard::to_allocvec(part).unwrap_or_default());
    if let Some(entries) = entries(&mut reading) {
        let mut entries = std::mem::take(entries).into_iter();
        loop {
            let some: Vec<Entry> = entries.by_ref().take(MOST).collect();
            if some.is_empty() {
                break;
            }
            part(&Part::Entries(some));
        }
    }
    part(&Part::Rest(reading));
}

/// Puts parts together, in their order.
#[derive(Debug, Default)]
pub struct Assembly {
    entries: Vec<Entry>,
    names: Names,
}

impl Assembly {
    /// Takes the next part; the last one gives the reading.
    ///
    /// # Errors
    /// `Malformed`: these bytes are no part.
    pub fn take(&mut self, part: &[u8]) -> Result<Option<Reading>, Fault> {
        let part = postcard::from_bytes(part).map_err(|error| {
            Fault::malformed(format!("a reading came in pieces that do not fit: {error}"))
        })?;
        match part {
            Part::Entries(entries) => {
                for mut entry in entries {
                    entry.uname = self.names.shared(&entry.uname);
                    entry.gname = self.names.shared(&entry.gname);
                    self.entries.push(entry);
                }
                Ok(None)
            }
            Part::Rest(mut reading) => {
                if let Some(entries) = entries(&mut reading) {
                    *entries = std::mem::take(&mut self.entries);
                }
                Ok(Some(reading))
            }
        }
    }
}

fn entries(reading: &mut Reading) -> Option<&mut Vec<Entry>> {
    match &mut reading.content {
        Content::Tar(listing) | Content::Zip(listing) => Some(&mut listing.entries),
        Content::Bytes(_) => None,
    }
}

/// Shared bytes, written at once instead of one by one.
pub(super) mod shared {
    use std::fmt;
    use std::sync::Arc;

    use serde::de::{Deserializer, Error, Visitor};
    use serde::ser::Serializer;

    pub(in super::super) fn serialize<S: Serializer>(bytes: &Arc<[u8]>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<[u8]>, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Arc<[u8]>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Arc<[u8]>, E> {
                Ok(bytes.into())
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

/// The same, where there may be none.
pub(super) mod kept {
    use std::sync::Arc;

    use serde::de::{Deserialize, Deserializer};
    use serde::ser::{Serialize, Serializer};

    struct Shared(Arc<[u8]>);

    impl Serialize for Shared {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            super::shared::serialize(&self.0, to)
        }
    }

    impl<'de> Deserialize<'de> for Shared {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            super::shared::deserialize(from).map(Self)
        }
    }

    pub(in super::super) fn serialize<S: Serializer>(
        bytes: &Option<Arc<[u8]>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        bytes.clone().map(Shared).serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Arc<[u8]>>, D::Error> {
        Ok(Option::<Shared>::deserialize(from)?.map(|shared| shared.0))
    }
}
