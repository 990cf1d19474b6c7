//! The page one sees first.

pub mod read;
