//! One file a page.

pub mod agent;
pub mod artifact;
pub mod artifacts;
pub mod audit;
pub mod dead_letter;
pub mod dead_letters;
pub mod fleet;
pub mod home;
pub mod journal;
pub mod mail;
pub mod members;
pub mod new_agent;
pub mod new_task;
pub mod not_found;
pub mod overview;
pub mod quarantine;
pub mod review;
pub mod reviews;
pub mod role;
pub mod security;
pub mod sso;
pub mod task;
pub mod tasks;
pub mod tokens;
pub mod trace;
pub mod what_if;
