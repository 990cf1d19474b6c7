//! `countersign migrate`: brings a database of your own up to date, for deployments that do it apart
//! from serving. The embedded database is brought up to date at each start.

use crate::{command::running_database, settings::Settings};

pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    countersign_store::migrate(&running_database(settings)?).await?;
    println!("The database is up to date.");
    Ok(())
}
