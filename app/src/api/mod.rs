//! Everything that the browser may ask: one server function a file, `<noun>/<verb>.rs`. Each is a
//! public HTTP endpoint under `/api/`, so each finds out for itself who asks and what they may do.

pub mod account;
pub mod agent;
pub mod allocation;
pub mod artifact;
pub mod away;
pub mod breaker;
pub mod brief;
pub mod context;
pub mod credential;
pub mod decision;
pub mod desk;
pub mod error;
pub mod fleet;
pub mod grant;
pub mod inbox;
pub mod invitation;
pub mod journal;
pub mod letter;
pub mod mail;
pub mod member;
pub mod notice;
pub mod overview;
pub mod quarantine;
pub mod reading;
pub mod refusal;
pub mod replay;
pub mod revealed;
pub mod review;
pub mod role;
#[cfg(feature = "ssr")]
pub mod session;
pub mod sso;
pub mod task;
pub mod token;
pub mod trace;
pub mod webhook;

pub use error::ApiError;
