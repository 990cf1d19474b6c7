//! A tenant's identity provider.

pub mod draw;
pub mod enforce;
pub mod find;
pub mod remove;
pub mod save;
