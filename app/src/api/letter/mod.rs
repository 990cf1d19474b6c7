//! Dead letters.

pub mod dismiss;
pub mod draw;
pub mod draw_desk;
pub mod mend;
pub mod replay;
