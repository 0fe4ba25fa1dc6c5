//! page

pub mod kept;
pub mod site_files;
pub mod transport;
