//! The desk: all that waits for one person, and several briefs decided in one sitting.

pub mod ask_batch;
pub mod decide_batch;
pub mod draw;
pub mod undo_batch;
