//! The bridge's pen: one batch of messages, one transaction.

use crate::{
    agents,
    changes::{Change, notify},
    db::{Db, unavailable},
    outbox::Message,
    pen::Pen,
    projection::{self, Expect, KeptFact, Tx},
    resume,
};
use async_trait::async_trait;
use countersign_domain::{
    AgentName, Millis, TenantId,
    artifact::ArtifactHash,
    breaker::{BreakerState, LOOP_TASKS, LOOP_WITHIN_MS, OPEN_MS},
    bus_fact::{Fact, FactBody, Position, TaskReceived},
    journal::{Entry, What},
    reading::Uptime,
};
use countersign_service::ports::{Batch, Begun, Clock, Ledger, LiveAgent, Recorded, StoreError, StreamStart};
use countersign_wire::stream::TASKS;
use sqlx::AssertSqlSafe;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;

/// What makes a loop: trace, agent, kind.
type LoopKey = (TenantId, String, AgentName, String);

/// [`Ledger`] over Postgres.
#[derive(Clone)]
pub struct PgLedger {
    db: Db,
    clock: Arc<dyn Clock>,
    /// How many tasks of a trace came lately for the same agent and kind. Only says when to look: the
    /// database counts.
    lately: Arc<Mutex<HashMap<LoopKey, (Millis, u32)>>>,
}

/// More than so many traces at once are not watched for loops.
const WATCHED_TRACES: usize = 50_000;

impl PgLedger {
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock, lately: Arc::default() }
    }

    /// Opens the breaker of an agent that a trace keeps giving the same kind of task.
    async fn open_loops(&self, pen: &mut Pen, entries: &[Entry], now: Millis) -> Result<(), StoreError> {
        for (tenant, trace, agent, kind) in self.count_loops(pen.tenant, entries, now) {
            let (count,): (i64,) = sqlx::query_as(
                "select count(*) from task where correlation_id = $1 and agent = $2 and kind = $3 and created_ms >= $4",
            )
            .bind(&trace)
            .bind(agent.as_str())
            .bind(&kind)
            .bind(now.0 - LOOP_WITHIN_MS)
            .fetch_one(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
            let (open,): (bool,) = sqlx::query_as(
                // A founder who closed it a moment ago has seen the loop; a task that went well has not.
                "select exists (select from breaker
                                where agent = $1 and (state <> 'closed' or (by_person is not null and since_ms > $2)))",
            )
            .bind(agent.as_str())
            .bind(now.0 - LOOP_WITHIN_MS)
            .fetch_one(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
            if count < i64::from(LOOP_TASKS) || open || tenant != pen.tenant {
                continue;
            }
            let cause = format!("The trace {trace} gave it {count} tasks “{kind}” within ten minutes: a loop.");
            let until = Some(Millis(now.0 + OPEN_MS));
            pen.write_one(now, What::BreakerMoved { agent, state: BreakerState::Open, cause, until, by: None }).await?;
        }
        Ok(())
    }

    async fn begin_expecting(&self, tenant: TenantId, batch: Batch, expect: Expect) -> Result<BegunBatch, StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        let Batch { stream, epoch, last_sequence, facts } = batch;
        let (new, again) = keep_new(&mut tx, tenant, facts, expect).await?;
        let facts: Vec<KeptFact<'_>> = new.iter().map(KeptFact::of).collect();
        projection::keep_ahead(&mut tx, tenant, &facts, expect).await?;
        Ok(BegunBatch { ledger: self.clone(), tenant, tx, stream, epoch, last_sequence, new, again })
    }

    fn count_loops(&self, tenant: TenantId, entries: &[Entry], now: Millis) -> Vec<LoopKey> {
        let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        if lately.len() > WATCHED_TRACES {
            lately.retain(|_, (since, _)| now.since(*since) < LOOP_WITHIN_MS);
        }
        let mut found = Vec::new();
        for entry in entries {
            let What::Received { body: FactBody::TaskReceived(task), .. } = &entry.what else { continue };
            let (Some(trace), None) = (&task.correlation_id, task.issue) else { continue };
            if lately.len() > WATCHED_TRACES {
                break;
            }
            let key = (tenant, trace.clone(), task.agent.clone(), task.kind.to_string());
            let (since, count) = lately.entry(key.clone()).or_insert((now, 0));
            if now.since(*since) >= LOOP_WITHIN_MS {
                (*since, *count) = (now, 0);
            }
            *count += 1;
            if *count >= LOOP_TASKS && *count % 10 == 0 {
                found.push(key);
            }
        }
        found
    }
}

#[async_trait]
impl Ledger for PgLedger {
    async fn resume(&self, tenant: TenantId, start: StreamStart, now: Millis) -> Result<(), StoreError> {
        resume::resume(&self.db, tenant, start, now).await
    }

    async fn sender_keys(&self, tenant: TenantId) -> Result<Vec<(String, AgentName)>, StoreError> {
        agents::sender_keys(&self.db, tenant).await
    }

    async fn begin(&self, tenant: TenantId, batch: Batch) -> Result<Box<dyn Begun>, StoreError> {
        let begun = match self.begin_expecting(tenant, batch.clone(), Expect::New).await {
            // Messages that were read before, and not acknowledged then.
            Err(error) if is_there(&error) => self.begin_expecting(tenant, batch, Expect::Any).await,
            begun => begun,
        };
        Ok(Box::new(begun?))
    }

    async fn observe(&self, tenant: TenantId, live: Vec<LiveAgent>, at: Millis) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        let names: Vec<&str> = live.iter().map(|l| l.agent.as_str()).collect();
        let connected: Vec<bool> = live.iter().map(|l| l.connected).collect();
        let depth: Vec<i64> = live.iter().map(|l| signed(l.queue_depth)).collect();
        let flight: Vec<i64> = live.iter().map(|l| signed(l.in_flight)).collect();
        let delivered: Vec<i64> = live.iter().map(|l| signed(l.delivered_sequence)).collect();
        let most: Vec<Option<i32>> = live.iter().map(|l| l.max_deliver.and_then(|n| i32::try_from(n).ok())).collect();
        let waits: Vec<Option<i64>> = live.iter().map(|l| l.ack_wait_ms).collect();
        let paused: Vec<bool> = live.iter().map(|l| l.paused).collect();
        let before: Vec<(String, bool, i64, i64, i64)> =
            sqlx::query_as("select agent, connected, queue_depth, in_flight, delivered_sequence from agent_live")
                .fetch_all(&mut *tx)
                .await
                .map_err(unavailable)?;
        sqlx::query(
            "insert into agent_live as l (tenant_id, agent, connected, ever_connected, changed_ms, observed_ms,
                                          connected_sum_ms, observed_sum_ms, queue_depth, in_flight, delivered_sequence,
                                          max_deliver, ack_wait_ms, paused)
             select $1, agent, connected, connected, $2, $2, 0, 0, depth, flight, delivered, most, wait, paused
             from unnest($3::text[], $4::bool[], $5::bigint[], $6::bigint[], $7::bigint[], $9::int[], $10::bigint[], $11::bool[])
                  as n (agent, connected, depth, flight, delivered, most, wait, paused)
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
                 delivered_sequence = excluded.delivered_sequence,
                 max_deliver = coalesce(excluded.max_deliver, l.max_deliver), ack_wait_ms = coalesce(excluded.ack_wait_ms, l.ack_wait_ms),
                 paused = excluded.paused",
        )
        .bind(tenant.0)
        .bind(at.0)
        .bind(&names)
        .bind(&connected)
        .bind(&depth)
        .bind(&flight)
        .bind(&delivered)
        .bind(Uptime::UNKNOWN_AFTER_MS)
        .bind(&most)
        .bind(&waits)
        .bind(&paused)
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
            notify(&mut tx, Change { tenant, seq, tasks: true, fleet: true, outbox: false }).await?;
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

    async fn approved_roles(
        &self,
        tenant: TenantId,
        known: &HashMap<AgentName, ArtifactHash>,
    ) -> Result<Vec<(AgentName, ArtifactHash, String)>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<(String, Vec<u8>, String)> = sqlx::query_as(
            "select r.agent, r.sha256, v.text from review r join role_version v on v.sha256 = r.sha256
             where r.state = 'approved'
               and not exists (select from unnest($1::text[], $2::bytea[]) k(agent, sha256)
                               where k.agent = r.agent and k.sha256 = r.sha256)",
        )
        .bind(known.keys().map(AgentName::as_str).collect::<Vec<_>>())
        .bind(known.values().map(|hash| hash.0.to_vec()).collect::<Vec<_>>())
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let role = |(agent, sha256, text): (String, Vec<u8>, String)| {
            Some((agent.parse().ok()?, ArtifactHash(sha256.try_into().ok()?), text))
        };
        Ok(rows.into_iter().filter_map(role).collect())
    }

    async fn revocations(&self, tenant: TenantId, now: Millis) -> Result<Vec<(String, Millis)>, StoreError> {
        agents::revocations(&self.db, tenant, now).await
    }
}

/// A batch whose messages are in the inbox. What is done in this stage takes no lock that a holder of the
/// journal's head waits for.
struct BegunBatch {
    ledger: PgLedger,
    tenant: TenantId,
    tx: Tx,
    stream: &'static str,
    epoch: i64,
    last_sequence: u64,
    new: Vec<Fact>,
    again: Vec<Fact>,
}

#[async_trait]
impl Begun for BegunBatch {
    async fn finish(self: Box<Self>) -> Result<Recorded, StoreError> {
        let Self { ledger, tenant, tx, stream, epoch, last_sequence, new, again } = *self;
        let now = ledger.clock.now();
        // The head's lock is the tenant's only one: batches of all its streams take turns here.
        let mut pen = Pen::of(tx, tenant).await?;
        drop_copies(&mut pen, &new, &again, now).await?;
        drop_quarantined(&mut pen, new.iter().chain(&again), now);
        let recorded = u32::try_from(new.len()).unwrap_or(u32::MAX);
        let mut entries: Vec<Entry> = new
            .into_iter()
            .map(|fact| Entry::new(fact.at, What::Received { position: fact.position, body: fact.body }))
            .collect();
        mark_unknown_agents(&mut pen.tx, &mut entries).await?;
        pen.write_kept(&entries).await?;
        ledger.open_loops(&mut pen, &entries, now).await?;
        sqlx::query(
            "insert into checkpoint (tenant_id, stream, epoch, sequence) values ($1, $2, $3, $4)
             on conflict (tenant_id, stream, epoch) do update set sequence = greatest(checkpoint.sequence, excluded.sequence)",
        )
        .bind(tenant.0)
        .bind(stream)
        .bind(epoch)
        .bind(signed(last_sequence))
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        let journal_seq = pen.commit(now).await?;
        Ok(Recorded { new: recorded, journal_seq })
    }
}

/// A count or sequence of the bus as Postgres keeps it. The bus stays far below 2^63.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Whether a row was there that was expected to be new.
fn is_there(error: &StoreError) -> bool {
    let StoreError::Unavailable(error) = error else { return false };
    let error = error.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
    error.is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

/// Enters the facts into the inbox; answers those that were not there, and those that were, in their order.
async fn keep_new(
    tx: &mut Tx,
    tenant: TenantId,
    facts: Vec<Fact>,
    expect: Expect,
) -> Result<(Vec<Fact>, Vec<Fact>), StoreError> {
    if facts.is_empty() {
        return Ok((facts, Vec::new()));
    }
    // In one order everywhere: two batches with the same messages never wait for each other.
    let mut sorted: Vec<(&[u8], i64)> = facts.iter().map(|fact| (fact.event_id.as_slice(), fact.at.0)).collect();
    sorted.sort_by_key(|(id, _)| *id);
    let (ids, times): (Vec<&[u8]>, Vec<i64>) = sorted.into_iter().unzip();
    let insert = "insert into inbox (tenant_id, event_id, at_ms) select $1, * from unnest($2::bytea[], $3::bigint[])";
    if matches!(expect, Expect::New) {
        sqlx::query(insert).bind(tenant.0).bind(&ids).bind(&times).execute(&mut **tx).await.map_err(unavailable)?;
        return Ok((facts, Vec::new()));
    }
    let insert = AssertSqlSafe(format!("{insert} on conflict do nothing returning event_id"));
    let rows: Vec<(Vec<u8>,)> = sqlx::query_as(insert)
        .bind(tenant.0)
        .bind(&ids)
        .bind(&times)
        .fetch_all(&mut **tx)
        .await
        .map_err(unavailable)?;
    let mut new: HashSet<Vec<u8>> = rows.into_iter().map(|(id,)| id).collect();
    // Taking an id out of the set keeps the first of two equal messages in one batch.
    Ok(facts.into_iter().partition(|fact| new.remove(fact.event_id.as_slice())))
}

/// A task's message that is recorded already may be the same message read twice, or a second copy that the
/// bus kept because it forgot the first one's id in a crash. A copy is taken out of the queue, and a worker
/// that got it first is told to drop it.
async fn drop_copies(pen: &mut Pen, new: &[Fact], again: &[Fact], now: Millis) -> Result<(), StoreError> {
    // A message that was handed out twice before it was recorded is in this batch twice: no copy of itself.
    let here: HashSet<&Position> = new.iter().map(|fact| &fact.position).collect();
    let tasks: Vec<(i64, i64)> = again
        .iter()
        .filter(|fact| matches!(fact.body, FactBody::TaskReceived(_)) && !here.contains(&fact.position))
        .map(|fact| (fact.position.epoch, signed(fact.position.sequence)))
        .collect();
    if tasks.is_empty() {
        return Ok(());
    }
    let copies: Vec<(i64, i64)> = sqlx::query_as(
        "insert into task_duplicate (tenant_id, epoch, sequence)
         select $1, n.epoch, n.sequence from unnest($2::bigint[], $3::bigint[]) as n (epoch, sequence)
         where not exists (select from task_message m where m.epoch = n.epoch and m.sequence = n.sequence offset 0)
         on conflict do nothing
         returning epoch, sequence",
    )
    .bind(pen.tenant.0)
    .bind(tasks.iter().map(|(epoch, _)| *epoch).collect::<Vec<_>>())
    .bind(tasks.iter().map(|(_, sequence)| *sequence).collect::<Vec<_>>())
    .fetch_all(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    for (epoch, sequence) in copies {
        pen.send(Message::remove(epoch, sequence, now));
    }
    Ok(())
}

/// What was put into quarantine whole need not be handed to anybody: no worker can understand it either, and
/// what is handed out in vain stays in its queue for ever.
fn drop_quarantined<'a>(pen: &mut Pen, facts: impl Iterator<Item = &'a Fact>, now: Millis) {
    let of_tasks = |fact: &&Fact| fact.position.stream == TASKS && matches!(fact.body, FactBody::Quarantined(_));
    for Fact { position, .. } in facts.filter(of_tasks) {
        pen.send(Message::remove(position.epoch, signed(position.sequence), now));
    }
}

/// Whether an agent existed when its task came is a fact of that moment: it goes into the entry.
async fn mark_unknown_agents(tx: &mut Tx, entries: &mut [Entry]) -> Result<(), StoreError> {
    let mut tasks = entries.iter_mut().filter_map(received_task).peekable();
    if tasks.peek().is_none() {
        return Ok(());
    }
    let known: Vec<(String,)> =
        sqlx::query_as("select name from agent").fetch_all(&mut **tx).await.map_err(unavailable)?;
    let known: HashSet<String> = known.into_iter().map(|(name,)| name).collect();
    for task in tasks {
        task.unknown_agent = !known.contains(task.agent.as_str());
    }
    Ok(())
}

fn received_task(entry: &mut Entry) -> Option<&mut TaskReceived> {
    match &mut entry.what {
        What::Received { body: FactBody::TaskReceived(task), .. } => Some(task),
        _ => None,
    }
}
