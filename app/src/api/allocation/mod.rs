//! How the organization's means are shared out among its agents.

pub mod draw;
