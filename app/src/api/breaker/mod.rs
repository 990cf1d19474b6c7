//! Circuit breakers of agents.

pub mod close;
pub mod open;
