//! Bytes as the browser delivered them: an array of its own, copied into this module's memory when someone looks.

use std::any::Any;
use std::cell::OnceCell;
use std::ops::Deref;

use js_sys::Uint8Array;

use crate::registry::Fragment;

/// Some bytes that came by fetch, from the browser's store or from a file.
#[derive(Debug)]
pub struct Chunk {
    array: Uint8Array,
    copied: OnceCell<Vec<u8>>,
}

impl From<Uint8Array> for Chunk {
    fn from(array: Uint8Array) -> Self {
        Self {
            array,
            copied: OnceCell::new(),
        }
    }
}

impl Deref for Chunk {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.copied.get_or_init(|| self.array.to_vec())
    }
}

impl Fragment for Chunk {
    fn count(&self) -> usize {
        self.array.length() as usize
    }

    fn object(&self) -> Option<&dyn Any> {
        Some(&self.array)
    }
}

/// An array with these bytes: the browser's own where they came so, else a copy. Whoever moves it to another worker takes
/// it away from everybody else.
pub(super) fn array_of(bytes: &impl Fragment) -> Uint8Array {
    match bytes
        .object()
        .and_then(|object| object.downcast_ref::<Uint8Array>())
    {
        Some(array) => array.clone(),
        None => Uint8Array::from(&**bytes),
    }
}
