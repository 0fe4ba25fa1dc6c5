//! The native program around the core: command line, server, relay, local artifacts.
//!
//! Here, and only here (beside the page), are sockets, files, the clock and logs. Nothing in the core
//! knows this module.

pub mod cache;
pub mod commands;
pub mod credentials;
pub mod decode;
pub mod registry;
pub mod server;
pub mod source;
pub mod transport;

/// Makes ring the process's TLS provider. rustls is built without a default one, so this must run
/// before the first client is made; a second call changes nothing.
pub fn install_crypto() {
    // The error only says that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
