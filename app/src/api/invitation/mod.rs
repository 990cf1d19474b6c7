//! Invitations that wait.

pub mod renew;
pub mod revoke;
