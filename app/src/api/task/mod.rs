//! Tasks and their history.

pub mod cancel;
pub mod create;
pub mod draw;
pub mod draw_form;
pub mod reprioritise;
pub mod search;
