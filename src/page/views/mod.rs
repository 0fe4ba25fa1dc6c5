//! What the page can show, one module a view.

pub mod compare;
pub mod failure;
pub mod repository;
pub mod start;
pub mod tag;
