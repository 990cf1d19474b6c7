//! The gate: no approval, no credential. Each file is one way through it or around it, tried on the real bus and the
//! real database.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients, and read the clock and their switches")]

#[path = "../harness/mod.rs"]
mod harness;

mod approval;
mod autonomy;
mod database;
mod decision;
mod drift;
mod founders;
mod fuzz;
mod matrix;
mod nonsense;
mod officer;
mod place;
mod probe;
mod quorum;
mod races;
mod reads;
mod revocation;
mod stop;
mod what_if;
