//! `countersign journal verify|export`: the record, checked and written out.

use crate::{
    cli::{Journal, JournalCommand},
    command::{running_bus, running_database},
    compose::{self, Databases},
    settings::Settings,
    surroundings::SystemClock,
};
use anyhow::{Context, bail};
use countersign_bus::last_head;
use countersign_domain::{TenantId, journal::Hash};
use countersign_service::ports::Clock;
use countersign_store::{JournalKeeper, migrate};
use data_encoding::HEXLOWER;
use std::{io::Write, process::ExitCode, time::Instant};

pub async fn run(settings: &Settings, args: &Journal) -> anyhow::Result<ExitCode> {
    let owner = running_database(settings)?;
    migrate(&owner).await?;
    let keeper = JournalKeeper::new(owner.clone());
    let tenants: Vec<(TenantId, String)> = keeper
        .tenants()
        .await?
        .into_iter()
        .filter(|(_, slug)| args.tenant.as_ref().is_none_or(|wanted| wanted == slug))
        .collect();
    if tenants.is_empty() {
        bail!("There is no such tenant.");
    }
    match args.command {
        JournalCommand::Verify => verify(settings, &keeper, owner, &tenants).await,
        JournalCommand::Export => export(&keeper, &tenants).await,
    }
}

async fn verify(
    settings: &Settings,
    keeper: &JournalKeeper,
    owner: sqlx::postgres::PgConnectOptions,
    tenants: &[(TenantId, String)],
) -> anyhow::Result<ExitCode> {
    let databases = Databases::open(owner).await?;
    let identity = compose::identity(settings, &databases).await?;
    let mut well = true;
    for (tenant, slug) in tenants {
        // What the bus was told is beyond the reach of whoever can write to the database.
        let told: Option<(i64, Hash)> = match running_bus(settings) {
            Ok(url) => match last_head(&identity, &url, *tenant, SystemClock.now()).await {
                Ok(told) => told,
                Err(error) => {
                    println!("{slug}: the head on the bus cannot be compared: {error}");
                    None
                }
            },
            Err(_) => None,
        };
        let started = Instant::now();
        match keeper.verify(*tenant, told).await {
            Ok(verified) => {
                let against = told.map_or_else(
                    || "no head on the bus to compare with".to_owned(),
                    |(seq, _)| format!("passes through entry {seq}, which the bus was told"),
                );
                println!(
                    "{slug}: {} entries in order, {against}; head {} ({} ms)",
                    verified.entries,
                    HEXLOWER.encode(&verified.hash),
                    started.elapsed().as_millis()
                );
            }
            Err(fault) => {
                well = false;
                println!("{slug}: NOT in order. {fault}");
            }
        }
    }
    databases.close().await;
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One JSON object a line: number, hash, and the entry as it was hashed.
async fn export(keeper: &JournalKeeper, tenants: &[(TenantId, String)]) -> anyhow::Result<ExitCode> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (tenant, slug) in tenants {
        let mut after = 0;
        loop {
            let rows = keeper.read(*tenant, after).await?;
            let Some(last) = rows.last() else { break };
            after = last.seq;
            for row in rows {
                let entry = String::from_utf8(row.canonical).context("An entry is not text.")?;
                let hash = HEXLOWER.encode(&row.hash);
                writeln!(out, r#"{{"tenant":"{slug}","seq":{},"hash":"{hash}","entry":{entry}}}"#, row.seq)?;
            }
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
