//! People and their sessions.

pub mod accept_invitation;
pub mod ask_recovery;
pub mod ask_verification;
pub mod change_address;
pub mod change_password;
pub mod confirm_address;
pub mod draw_sessions;
pub mod end_other_sessions;
pub mod end_session;
pub mod find_home;
pub mod join_tenant;
pub mod read_viewer;
pub mod recover;
pub mod set_up;
pub mod sign_in;
pub mod sign_out;
