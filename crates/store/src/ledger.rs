//! The bridge's pen: one batch of messages, one transaction.

use crate::{
    agents,
    changes::{Change, notify},
    db::{Db, unavailable},
    journal, projection,
};
use async_trait::async_trait;
use countersign_domain::{
    AgentName, Millis, TenantId,
    bus_fact::Fact,
    journal::{Entry, What},
};
use countersign_service::ports::{Batch, Ledger, LiveAgent, Recorded, StoreError};
use sqlx::{Postgres, Transaction};
use std::collections::HashSet;
use uuid::Uuid;

/// [`Ledger`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgLedger {
    db: Db,
}

impl PgLedger {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// Between two observations farther apart than this, nobody watched: the time counts for no one.
const WATCHING_GAP_MS: i64 = 15_000;

#[async_trait]
impl Ledger for PgLedger {
    async fn record(&self, tenant: TenantId, batch: Batch) -> Result<Recorded, StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        // The head's lock is the tenant's only one: batches of all its streams take turns here.
        let head = journal::lock_head(&mut tx).await?;
        let last = batch.facts.last().map_or(0, |fact| fact.position.sequence);
        let new = keep_new(&mut tx, tenant, batch.facts).await?;
        let recorded = u32::try_from(new.len()).unwrap_or(u32::MAX);
        projection::apply(&mut tx, tenant, &new).await?;
        let entries: Vec<Entry> = new
            .into_iter()
            .map(|fact| Entry::new(fact.at, What::Received { position: fact.position, body: fact.body }))
            .collect();
        let head = journal::append(&mut tx, tenant, head, &entries).await?;
        sqlx::query(
            "insert into checkpoint (tenant_id, stream, epoch, sequence) values ($1, $2, $3, $4)
             on conflict (tenant_id, stream, epoch) do update set sequence = greatest(checkpoint.sequence, excluded.sequence)",
        )
        .bind(tenant.0)
        .bind(batch.stream)
        .bind(batch.epoch)
        .bind(signed(last))
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        if recorded > 0 {
            notify(&mut tx, Change { tenant, seq: head.seq, tasks: true, fleet: false }).await?;
        }
        tx.commit().await.map_err(unavailable)?;
        Ok(Recorded { new: recorded, journal_seq: head.seq })
    }

    async fn observe(&self, tenant: TenantId, live: Vec<LiveAgent>, at: Millis) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        let names: Vec<&str> = live.iter().map(|l| l.agent.as_str()).collect();
        let connected: Vec<bool> = live.iter().map(|l| l.connected).collect();
        let depth: Vec<i64> = live.iter().map(|l| signed(l.queue_depth)).collect();
        let flight: Vec<i64> = live.iter().map(|l| signed(l.in_flight)).collect();
        let delivered: Vec<i64> = live.iter().map(|l| signed(l.delivered_sequence)).collect();
        let before: Vec<(String, bool, i64, i64, i64)> =
            sqlx::query_as("select agent, connected, queue_depth, in_flight, delivered_sequence from agent_live")
                .fetch_all(&mut *tx)
                .await
                .map_err(unavailable)?;
        sqlx::query(
            "insert into agent_live as l (tenant_id, agent, connected, ever_connected, changed_ms, observed_ms,
                                          connected_sum_ms, observed_sum_ms, queue_depth, in_flight, delivered_sequence)
             select $1, agent, connected, connected, $2, $2, 0, 0, depth, flight, delivered
             from unnest($3::text[], $4::bool[], $5::bigint[], $6::bigint[], $7::bigint[]) as n (agent, connected, depth, flight, delivered)
             on conflict (tenant_id, agent) do update set
                 connected = excluded.connected,
                 ever_connected = l.ever_connected or excluded.connected,
                 changed_ms = case when l.connected = excluded.connected then l.changed_ms else excluded.changed_ms end,
                 observed_ms = excluded.observed_ms,
                 connected_sum_ms = l.connected_sum_ms
                     + case when l.connected and excluded.observed_ms - l.observed_ms between 0 and $8 then excluded.observed_ms - l.observed_ms else 0 end,
                 observed_sum_ms = l.observed_sum_ms
                     + case when l.ever_connected and excluded.observed_ms - l.observed_ms between 0 and $8 then excluded.observed_ms - l.observed_ms else 0 end,
                 queue_depth = excluded.queue_depth, in_flight = excluded.in_flight,
                 delivered_sequence = excluded.delivered_sequence",
        )
        .bind(tenant.0)
        .bind(at.0)
        .bind(&names)
        .bind(&connected)
        .bind(&depth)
        .bind(&flight)
        .bind(&delivered)
        .bind(WATCHING_GAP_MS)
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        let known: HashSet<(&str, bool, i64, i64, i64)> =
            before.iter().map(|(name, c, q, f, d)| (name.as_str(), *c, *q, *f, *d)).collect();
        let differs =
            (0..live.len()).any(|i| !known.contains(&(names[i], connected[i], depth[i], flight[i], delivered[i])));
        if differs {
            let (seq,): (i64,) =
                sqlx::query_as("select seq from journal_head").fetch_one(&mut *tx).await.map_err(unavailable)?;
            notify(&mut tx, Change { tenant, seq, tasks: true, fleet: true }).await?;
        }
        tx.commit().await.map_err(unavailable)
    }

    async fn tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        let rows: Vec<(Uuid,)> =
            sqlx::query_as("select id from tenant order by id").fetch_all(self.db.pool()).await.map_err(unavailable)?;
        Ok(rows.into_iter().map(|(id,)| TenantId(id)).collect())
    }

    async fn agent_names(&self, tenant: TenantId) -> Result<Vec<AgentName>, StoreError> {
        agents::agent_names(&self.db, tenant).await
    }

    async fn revocations(&self, tenant: TenantId, now: Millis) -> Result<Vec<(String, Millis)>, StoreError> {
        agents::revocations(&self.db, tenant, now).await
    }
}

/// A count or sequence of the bus as Postgres keeps it. The bus stays far below 2^63.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Enters the facts into the inbox and answers those that were not there, in their order.
async fn keep_new(
    tx: &mut Transaction<'static, Postgres>,
    tenant: TenantId,
    facts: Vec<Fact>,
) -> Result<Vec<Fact>, StoreError> {
    let ids: Vec<&[u8]> = facts.iter().map(|fact| fact.event_id.as_slice()).collect();
    let times: Vec<i64> = facts.iter().map(|fact| fact.at.0).collect();
    let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
        "insert into inbox (tenant_id, event_id, at_ms)
         select $1, * from unnest($2::bytea[], $3::bigint[])
         on conflict (tenant_id, event_id) do nothing
         returning event_id",
    )
    .bind(tenant.0)
    .bind(&ids)
    .bind(&times)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let mut new: HashSet<Vec<u8>> = rows.into_iter().map(|(id,)| id).collect();
    // Taking an id out of the set keeps the first of two equal messages in one batch.
    Ok(facts.into_iter().filter(|fact| new.remove(fact.event_id.as_slice())).collect())
}
