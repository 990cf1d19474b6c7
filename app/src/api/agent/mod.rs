//! Agents of the fleet.

pub mod create;
pub mod read;
