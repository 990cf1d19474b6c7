//! Decision briefs, from an agent's event to the task that tells it what was decided: on the real bus, with the real
//! database.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients, and read the clock")]

#[path = "../harness/mod.rs"]
mod harness;

mod allocation;
mod api;
mod author;
mod away;
mod by_hand;
mod context;
mod decide;
mod delegate;
mod desk;
mod fuzz;
mod grants;
mod intake;
mod place;
mod proof;
mod races;
mod record;
mod sign;
mod silence;
