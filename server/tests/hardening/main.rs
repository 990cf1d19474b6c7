//! The console on the open internet: what attackers send, and what they get. Each file is one kind of attack.

#[path = "../harness/mod.rs"]
mod harness;

mod cookies;
mod cross_site;
mod floods;
mod guessing;
mod headers;
mod nonsense;
mod secrets;
mod sessions;
mod tenants;
