//! The pages of decision briefs, drawn by the server.

pub mod count;
pub mod draw;
pub mod draw_rules;
