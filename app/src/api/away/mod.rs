//! Absences of the founders: what silence means in them, and what happened.

pub mod declare;
pub mod draw;
pub mod end;
