//! The journal.

pub mod check;
pub mod draw;
pub mod draw_acts;
