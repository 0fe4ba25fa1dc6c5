//! Some bytes of a blob, owned, as the platform delivered them.
//!
//! Invariant: what was delivered stays the platform's until someone looks at the bytes. In a browser they are an object of
//! its own, which can go on to another worker without having been copied here; so the size can be asked for without
//! looking, and the object behind can be handed on.

use std::any::Any;
use std::ops::Deref;
use std::sync::Arc;

/// What may go to another thread, where there are threads to go to.
#[cfg(not(target_arch = "wasm32"))]
pub trait Portable: Send {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Send> Portable for T {}

/// What may go to another thread: in a browser, where objects stay with their worker, anything.
#[cfg(target_arch = "wasm32")]
pub trait Portable {}
#[cfg(target_arch = "wasm32")]
impl<T> Portable for T {}

/// Some bytes.
pub trait Fragment: Deref<Target = [u8]> + Portable + 'static {
    /// How many, without looking at them.
    fn count(&self) -> usize {
        self.len()
    }

    /// The platform's own object, if it holds exactly these bytes.
    fn object(&self) -> Option<&dyn Any> {
        None
    }
}

impl Fragment for Vec<u8> {}
impl Fragment for Arc<[u8]> {}
