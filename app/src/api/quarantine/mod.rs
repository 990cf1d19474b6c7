//! Messages that could not be understood.

pub mod list;
