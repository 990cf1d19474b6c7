//! What somebody is told outside the console.

pub mod draw;
pub mod save;
pub mod test;
