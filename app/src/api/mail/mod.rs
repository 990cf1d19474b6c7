//! Mails that the server sends.

pub mod draw;
pub mod show;
