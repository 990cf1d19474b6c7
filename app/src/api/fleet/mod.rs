//! The fleet as a whole.

pub mod draw;
pub mod lift;
pub mod stop;
