//! Postgres: the only user of sqlx. One file a noun, each implementing one port of `service`.

mod agents;
mod bus_keys;
mod changes;
mod db;
mod history;
mod journal;
mod ledger;
mod migrate;
mod people;
mod projection;
mod task_page;

pub use agents::PgAgents;
pub use bus_keys::PgBusKeys;
pub use changes::{Change, Changes};
pub use db::{Db, DbRole};
pub use history::PgHistory;
pub use ledger::PgLedger;
pub use migrate::{MigrateError, migrate};
pub use people::PgPeople;
