//! Local artifacts as a registry.
