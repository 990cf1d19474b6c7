//! Decision briefs: what agents put before a founder, and what founders answer.

pub mod ask;
pub mod ask_signature;
pub mod authors;
pub mod decide;
pub mod draw_form;
pub mod list;
pub mod policies;
pub mod read;
pub mod receipt;
pub mod reverse;
pub mod set_policy;
pub mod sign;
pub mod snooze;
pub mod undo;
pub mod write;
