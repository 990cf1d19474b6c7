//! Agents of the fleet.

pub mod create;
pub mod draw;
pub mod pause;
pub mod resume;
