//! The journal.

pub mod draw;
