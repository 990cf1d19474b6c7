//! The fleet as a whole.

pub mod draw;
