//! Agents of the fleet.

pub mod create;
pub mod draw;
pub mod lift;
pub mod pause;
pub mod resume;
pub mod stop;
