//! Decisions that count: looked up, and looked back on.

pub mod draw;
pub mod draw_ledger;
pub mod draw_log;
pub mod look_back;
pub mod postpone;
