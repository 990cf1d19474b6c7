//! The people of a tenant.

pub mod change_role;
pub mod draw;
pub mod invite;
pub mod remove;
