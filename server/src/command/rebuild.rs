//! `countersign rebuild`: every view dropped and made anew from the journal.

use crate::{command::running_database, settings::Settings};
use countersign_store::{JournalKeeper, migrate};
use std::time::Instant;

pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let owner = running_database(settings)?;
    migrate(&owner).await?;
    let keeper = JournalKeeper::new(owner);
    for (tenant, slug) in keeper.tenants().await? {
        let started = Instant::now();
        let entries = keeper.rebuild(tenant, |seq| tracing::debug!(seq, "rebuilding")).await?;
        println!("{slug}: rebuilt from {entries} entries in {} ms", started.elapsed().as_millis());
    }
    Ok(())
}
