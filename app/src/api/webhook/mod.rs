//! Addresses to which an organization has what waits sent.

pub mod draw;
pub mod draw_deliveries;
pub mod make;
pub mod replay;
pub mod rotate;
pub mod switch;
pub mod test;
