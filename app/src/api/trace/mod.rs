//! What belongs together.

pub mod draw;
