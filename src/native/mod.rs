//! native

pub mod cache;
pub mod credentials;
pub mod registry;
pub mod transport;
