//! What lets an agent act on its own recommendations.

pub mod ask_signature;
pub mod revoke;
pub mod sign;
