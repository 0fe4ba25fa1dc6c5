//! The parts that views are put together from.

pub mod add_digest;
pub mod asking;
pub mod causes;
pub mod contents;
pub mod copy;
pub mod digest;
pub mod drop_anywhere;
pub mod drop_zone;
pub mod file_list;
pub mod file_view;
pub mod goto;
pub mod icons;
pub mod input_bar;
pub mod ladder;
pub mod noise;
pub mod progress;
pub mod questions;
pub mod reach_help;
pub mod reading;
pub mod reports;
pub mod settings;
pub mod tag_list;
pub mod taking;
pub mod timeline;
pub mod top_bar;
pub mod verdict;
