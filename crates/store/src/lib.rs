//! Postgres: the only user of sqlx. One file a noun, each implementing one port of `service`.
//!
//! Everything that changes a tenant's record goes through `pen`: journal, read models (`projection`), what
//! follows from it (`settle`) and what the bus must be told (`outbox`), in one transaction.

mod account;
mod addresses;
mod agents;
mod api_tokens;
mod bus_keys;
mod changes;
mod claims;
mod controls;
mod db;
mod dead_letters;
mod duties;
mod heartbeat;
mod history;
mod journal;
mod journal_keeper;
mod journal_page;
mod kept_answers;
mod ledger;
mod letter_page;
mod mail_link;
mod members;
mod migrate;
mod outbox;
mod pen;
mod people;
mod post;
mod projection;
mod quarantine_box;
mod resume;
mod sessions;
mod settle;
mod stale_words;
mod task_page;
mod tasks;
mod trace;
mod trace_decisions;
mod tries;
mod watch;
mod words;

pub use addresses::PgAddresses;
pub use agents::PgAgents;
pub use api_tokens::PgApiTokens;
pub use bus_keys::PgBusKeys;
pub use changes::{Change, Changes};
pub use claims::PgClaims;
pub use controls::PgControls;
pub use db::{Db, DbRole};
pub use dead_letters::PgDeadLetters;
pub use duties::PgDuties;
pub use history::PgHistory;
pub use journal_keeper::{JournalFault, JournalKeeper, JournalRow, READ_MODELS, Verified};
pub use kept_answers::PgKeptAnswers;
pub use ledger::PgLedger;
pub use members::PgMembers;
pub use migrate::{MigrateError, migrate};
pub use outbox::PgOutbox;
pub use people::PgPeople;
pub use post::PgPost;
pub use quarantine_box::PgQuarantine;
pub use sessions::PgSessions;
pub use tasks::PgTasks;
pub use tries::PgTries;
pub use watch::PgWatch;
