//! The binary `countersign` as a library, so that tests can start its parts.

#![recursion_limit = "256"]

pub mod artifact_keeper;
pub mod brief_desk;
pub mod cli;
pub mod command;
pub mod compose;
pub mod embedded;
pub mod http;
pub mod lifecycle;
mod network;
mod notice_desk;
pub mod post_office;
pub mod settings;
pub mod smtp;
pub mod surroundings;
pub mod telemetry;
pub mod vault;
pub mod webhook_post;
