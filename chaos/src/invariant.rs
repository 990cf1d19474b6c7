//! What must hold in the database whatever was killed, read as its owner.

use anyhow::Context;
use countersign_domain::journal::{GENESIS, Hash, chain};
use sqlx::{
    Connection, Executor, PgConnection,
    postgres::{PgConnectOptions, PgRow},
};
use std::fmt::Write as _;

/// What was found; `broken` says what does not hold.
#[derive(Debug, Clone, Default)]
pub struct Invariants {
    pub journal_entries: u64,
    pub inbox_rows: u64,
    /// Messages that took effect twice.
    pub doubled: Vec<String>,
    pub broken: Vec<String>,
}

/// Looks at everything.
pub async fn check(owner: &PgConnectOptions) -> anyhow::Result<Invariants> {
    let mut connection = PgConnection::connect_with(owner).await.context("the owner's connection")?;
    // All as of one moment: something may still be written.
    connection.execute("begin isolation level repeatable read, read only").await?;
    let mut found = Invariants::default();
    journal(&mut connection, &mut found).await?;
    inbox(&mut connection, &mut found).await?;
    let doubles = [
        (
            "more than one task",
            "select message_id from task where message_id is not null and replay_of is null
             group by tenant_id, message_id having count(*) > 1 limit 100",
        ),
        (
            "more than one success",
            "select coalesce(t.message_id, t.id::text) from attempt a join task t on t.id = a.task_id
             where a.outcome = 'succeeded' group by t.tenant_id, t.id having count(*) > 1 limit 100",
        ),
    ];
    for (what, sql) in doubles {
        let which: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await.context(what)?;
        found.doubled.extend(which.into_iter().map(|message| format!("{message} has {what}")));
    }
    let halfway: Vec<String> = sqlx::query_scalar(
        "select coalesce(message_id, id::text) from task
         where (ended_ms is not null) <> (state not in ('scheduled', 'queued', 'running', 'retrying')) limit 100",
    )
    .fetch_all(&mut connection)
    .await?;
    if !halfway.is_empty() {
        found.broken.push(format!("an end without a final state, or the other way round: {}", halfway.join(" ")));
    }
    connection.close().await?;
    Ok(found)
}

/// Gap-free, chained from the first entry on, and as long as its head says.
async fn journal(connection: &mut PgConnection, found: &mut Invariants) -> anyhow::Result<()> {
    use sqlx::Row;
    let heads: Vec<PgRow> =
        sqlx::query("select tenant_id::text, seq, hash from journal_head").fetch_all(&mut *connection).await?;
    for head in heads {
        let (tenant, length, end): (String, i64, Vec<u8>) = (head.try_get(0)?, head.try_get(1)?, head.try_get(2)?);
        let mut previous: Hash = GENESIS;
        let mut expected = 1_i64;
        let mut broken = String::new();
        loop {
            let rows: Vec<(i64, Vec<u8>, Vec<u8>)> = sqlx::query_as(
                "select seq, canonical, hash from journal where tenant_id = $1::uuid and seq >= $2 order by seq limit 2000",
            )
            .bind(&tenant)
            .bind(expected)
            .fetch_all(&mut *connection)
            .await?;
            if rows.is_empty() {
                break;
            }
            for (seq, canonical, hash) in rows {
                if seq != expected {
                    let _ = write!(broken, "entry {expected} is missing; ");
                }
                previous = chain(&previous, &canonical);
                if previous[..] != hash[..] {
                    let _ = write!(broken, "entry {seq} is not chained; ");
                    previous = hash.try_into().unwrap_or(GENESIS);
                }
                expected = seq + 1;
                found.journal_entries += 1;
            }
        }
        if expected - 1 != length || previous[..] != end[..] {
            let _ = write!(broken, "the head says {length}, the last entry is {}; ", expected - 1);
        }
        if !broken.is_empty() {
            found.broken.push(format!("journal: {}", broken.chars().take(300).collect::<String>()));
        }
    }
    Ok(())
}

/// One entry of the journal for each message that the inbox has seen, and no message twice.
async fn inbox(connection: &mut PgConnection, found: &mut Invariants) -> anyhow::Result<()> {
    let (rows, distinct, received): (i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from inbox), (select count(*) from (select distinct tenant_id, event_id from inbox) d),
                (select count(*) from journal where kind in ('task.received', 'task.signalled', 'event.received', 'message.quarantined'))",
    )
    .fetch_one(connection)
    .await?;
    found.inbox_rows = rows.unsigned_abs();
    if rows != distinct || rows != received {
        found.broken.push(format!("inbox: {rows} rows, {distinct} messages, {received} entries of the journal"));
    }
    Ok(())
}
