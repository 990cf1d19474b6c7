//! Tokens of the REST API.

pub mod draw;
pub mod make;
pub mod revoke;
