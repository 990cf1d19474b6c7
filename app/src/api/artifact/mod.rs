//! Artifacts: what agents have put.

pub mod draw;
pub mod draw_list;
