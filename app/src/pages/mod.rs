//! One file a page.

pub mod agent;
pub mod fleet;
pub mod home;
pub mod new_agent;
pub mod not_found;
pub mod overview;
pub mod quarantine;
pub mod set_up;
pub mod sign_in;
pub mod task;
pub mod tasks;
