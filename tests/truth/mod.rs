//! Charts, edits of them, and Helm as the judge.

pub mod chart;
pub mod dice;
pub mod edit;
pub mod helm;
pub mod pairs;
