//! People and their sessions.

pub mod change_password;
pub mod draw_sessions;
pub mod end_other_sessions;
pub mod end_session;
pub mod find_home;
pub mod read_viewer;
pub mod set_up;
pub mod sign_in;
pub mod sign_out;
