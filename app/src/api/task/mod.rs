//! Tasks and their history.

pub mod read;
pub mod search;
