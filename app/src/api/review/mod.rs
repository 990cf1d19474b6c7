//! Security reviews of role files.

pub mod approve;
pub mod ask_approvals;
pub mod draw;
pub mod draw_list;
pub mod probe;
pub mod reject;
pub mod revoke;
pub mod what_if;
