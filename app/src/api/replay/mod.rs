//! Replays of several dead letters at once.

pub mod start;
pub mod stop;
