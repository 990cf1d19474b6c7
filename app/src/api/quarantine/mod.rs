//! Messages that could not be understood.

pub mod dismiss;
pub mod draw;
pub mod requeue;
