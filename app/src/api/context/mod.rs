//! What founders know and agents cannot see.

pub mod add;
pub mod change;
pub mod draw;
pub mod withdraw;
