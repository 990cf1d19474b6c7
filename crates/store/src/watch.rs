//! What nobody reports: leases that end, messages that vanish, breakers whose time has come.

use crate::{
    db::{Db, unavailable},
    heartbeat,
    ledger::signed,
    outbox::Message,
    pen::Pen,
    resume::reissue,
    stale_words,
};
use async_trait::async_trait;
use countersign_domain::{
    AgentName, Millis, TaskId, TenantId,
    breaker::BreakerState,
    bus_fact::{SignalKind, TaskSignal},
    journal::{Entry, Hash, IssueReason, What},
};
use countersign_service::ports::{StoreError, Suspect, Verdict, WantedControl, Watch};
use countersign_wire::subject;
use data_encoding::HEXLOWER;
use std::collections::HashMap;
use uuid::Uuid;

/// [`Watch`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgWatch {
    db: Db,
}

impl PgWatch {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// The signed head goes to the bus at most so often. Milliseconds.
const HEAD_EVERY_MS: i64 = 60_000;
/// A heartbeat that is older says nothing of what runs now. Milliseconds.
const DRIFT_MS: i64 = 5 * 60 * 1000;
/// Leases that one transaction ends.
const CHUNK: i64 = 500;

#[derive(sqlx::FromRow)]
struct Over {
    task_id: Uuid,
    agent: String,
    epoch: i64,
    sequence: i64,
    delivery: i32,
    claimed_ms: i64,
}

/// What the server itself found out about an attempt.
fn finding(
    agent: AgentName,
    epoch: i64,
    sequence: i64,
    attempt: u32,
    kind: SignalKind,
    reason: Option<&str>,
    at: Millis,
) -> TaskSignal {
    TaskSignal {
        tasks_epoch: epoch,
        sequence: sequence.unsigned_abs(),
        agent,
        attempt,
        kind,
        at,
        worked_ms: None,
        reason: reason.map(str::to_owned),
        event: None,
    }
}

fn reported(task: TaskId, signal: TaskSignal, at: Millis) -> Entry {
    Entry::new(at, What::AttemptReported { task, signal, result: None, artifacts: Vec::new(), micro_usd: None })
}

#[async_trait]
impl Watch for PgWatch {
    async fn end_leases(&self, tenant: TenantId, now: Millis) -> Result<u32, StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let over: Vec<Over> = sqlx::query_as(
            "delete from lease where task_id in (select task_id from lease where until_ms <= $1 order by until_ms limit $2)
             returning task_id, agent, epoch, sequence, delivery, claimed_ms",
        )
        .bind(now.0)
        .bind(CHUNK)
        .fetch_all(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        let mut entries = Vec::with_capacity(over.len());
        for lease in &over {
            let Ok(agent) = lease.agent.parse() else { continue };
            let attempt = u32::try_from(lease.delivery).unwrap_or(1);
            let seconds = (now.0 - lease.claimed_ms) / 1000;
            let reason = format!("The worker fell silent; its lease ended {seconds} s after it began.");
            let kind = SignalKind::LeaseEnded;
            let signal = finding(agent, lease.epoch, lease.sequence, attempt, kind, Some(&reason), now);
            entries.push(reported(TaskId(lease.task_id), signal, now));
        }
        pen.write(&entries).await?;
        pen.commit(now).await?;
        Ok(u32::try_from(over.len()).unwrap_or(u32::MAX))
    }

    async fn suspects(
        &self,
        tenant: TenantId,
        before: Millis,
        after: &HashMap<AgentName, (Millis, TaskId)>,
        limit: u32,
    ) -> Result<Vec<Suspect>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<(Uuid, String, i64, i64, i64, bool)> = sqlx::query_as(
            "with placed as (
                 select t.id, t.agent, t.epoch, t.sequence, t.updated_ms,
                        row_number() over (partition by t.agent
                                           order by coalesce((t.updated_ms, t.id) <= (c.at_ms, c.id), false), t.updated_ms, t.id) as place
                 from task t
                 left join unnest($3::text[], $4::bigint[], $5::uuid[]) as c (agent, at_ms, id) on c.agent = t.agent
                 where t.ended_ms is null and t.sequence is not null and t.updated_ms < $1
                   and not exists (select from lease l where l.task_id = t.id)
                   and not exists (select from outbox o where o.task_id = t.id and o.issue > t.issue)
             ), turn as (select * from placed order by place, updated_ms, id limit $2)
             select p.id, p.agent, p.epoch, p.sequence, p.updated_ms,
                    exists (select from task_signal g where g.epoch = p.epoch and g.sequence = p.sequence and g.kind = 'claimed')
             from turn p order by p.place, p.updated_ms, p.id",
        )
        .bind(before.0)
        .bind(i64::from(limit))
        .bind(after.keys().map(AgentName::as_str).collect::<Vec<_>>())
        .bind(after.values().map(|(at, _)| at.0).collect::<Vec<_>>())
        .bind(after.values().map(|(_, task)| task.0).collect::<Vec<_>>())
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let suspect = |(id, agent, epoch, sequence, heard, leased): (Uuid, String, i64, i64, i64, bool)| {
            Some(Suspect {
                task: TaskId(id),
                agent: agent.parse().ok()?,
                epoch,
                sequence: sequence.unsigned_abs(),
                heard_at: Millis(heard),
                leased,
            })
        };
        Ok(rows.into_iter().filter_map(suspect).collect())
    }

    async fn delivered(&self, tenant: TenantId) -> Result<HashMap<AgentName, u64>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<(String, i64)> = sqlx::query_as("select agent, delivered_sequence from agent_live")
            .fetch_all(&mut *tx)
            .await
            .map_err(unavailable)?;
        let known = |(agent, far): (String, i64)| Some((agent.parse().ok()?, u64::try_from(far).ok()?));
        Ok(rows.into_iter().filter_map(known).collect())
    }

    async fn messages(
        &self,
        tenant: TenantId,
        agent: &AgentName,
        epoch: i64,
        from: u64,
        to: u64,
    ) -> Result<u64, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let count: i64 = sqlx::query_scalar(
            "select count(*) from task_message m join task t on t.id = m.task_id
             where m.epoch = $1 and m.sequence between $2 and $3 and t.agent = $4",
        )
        .bind(epoch)
        .bind(signed(from))
        .bind(signed(to))
        .bind(agent.as_str())
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok(count.unsigned_abs())
    }

    async fn found(&self, tenant: TenantId, verdicts: Vec<(Suspect, Verdict)>, now: Millis) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        for (suspect, verdict) in verdicts {
            let still: Option<(i32, i32)> = sqlx::query_as(
                "select greatest(t.attempts - m.base, 1), t.attempts from task t
                 join task_message m on m.epoch = t.epoch and m.sequence = t.sequence
                 where t.id = $1 and t.ended_ms is null and t.updated_ms = $2 and t.epoch = $3 and t.sequence = $4
                   and not exists (select from lease l where l.task_id = t.id)",
            )
            .bind(suspect.task.0)
            .bind(suspect.heard_at.0)
            .bind(suspect.epoch)
            .bind(signed(suspect.sequence))
            .fetch_optional(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
            let Some((delivery, _)) = still else { continue };
            let attempt = u32::try_from(delivery).unwrap_or(1);
            let (epoch, sequence) = (suspect.epoch, signed(suspect.sequence));
            // Nobody had it; or whoever acknowledged it had no lease, and the work is not done.
            if verdict == Verdict::Lost || (verdict == Verdict::Gone && suspect.leased) {
                reissue(&mut pen, suspect.task, IssueReason::Lost, now, now).await?;
                continue;
            }
            let (kind, reason) = match verdict {
                Verdict::Gone | Verdict::Lost => (
                    SignalKind::Vanished,
                    "Its message was acknowledged, but the bus's own report of that was lost in a restart.",
                ),
                Verdict::Exhausted => (SignalKind::Exhausted, "The bus will not hand it out again."),
                Verdict::Hung => (SignalKind::Exhausted, "The worker has not ended it for six hours."),
            };
            // What an attempt said itself is a better reason than what we found.
            let reason =
                if kind == SignalKind::Exhausted && verdict == Verdict::Exhausted { None } else { Some(reason) };
            let signal = finding(suspect.agent, epoch, sequence, attempt, kind, reason, now);
            pen.write(&[reported(suspect.task, signal, now)]).await?;
            if verdict == Verdict::Hung {
                pen.send(Message::remove(epoch, sequence, now));
            }
        }
        pen.commit(now).await.map(drop)
    }

    async fn try_breakers(&self, tenant: TenantId, now: Millis) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let due: Vec<(String,)> = sqlx::query_as("select agent from breaker where state = 'open' and until_ms <= $1")
            .bind(now.0)
            .fetch_all(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
        for (agent,) in due {
            let Ok(agent) = agent.parse() else { continue };
            let cause = "One task is let through, to see how it ends.".to_owned();
            let what = What::BreakerMoved { agent, state: BreakerState::HalfOpen, cause, until: None, by: None };
            pen.write_one(now, what).await?;
        }
        pen.commit(now).await.map(drop)
    }

    async fn pause_drifted(&self, tenant: TenantId, now: Millis) -> Result<u32, StoreError> {
        // Most looks find nothing, and take no turn at the journal for that.
        let mut tx = self.db.tenant_read(tenant).await?;
        let beats: Vec<(String, String, Vec<Vec<u8>>)> = sqlx::query_as(
            "select a.name, h.payload, c.roles
             from agent a
             join lateral (select e.at_ms, e.payload from event e
                           where e.agent = a.name and e.topic = 'heartbeat' order by e.at_ms desc limit 1) h on true
             join lateral (select array_agg(distinct c.role_sha256) as roles from credential c
                           where c.agent = a.name and c.role_sha256 is not null and c.revoked_ms is null
                             and c.expires_ms > $1) c on c.roles is not null
             where h.at_ms > $2 and length(h.payload) <= 4096 and h.payload like '%role_sha256%'
               and not exists (select from agent_pause p where p.agent = a.name)",
        )
        .bind(now.0)
        .bind(now.0 - DRIFT_MS)
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        drop(tx);
        let mut drifted = Vec::new();
        for (agent, payload, roles) in beats {
            let (Some(running), Ok(agent)) = (heartbeat::role(&payload), agent.parse::<AgentName>()) else { continue };
            let approved: Vec<String> = roles.iter().map(|role| HEXLOWER.encode(role)).collect();
            if !approved.contains(&running) {
                drifted.push((agent, running, approved));
            }
        }
        if drifted.is_empty() {
            return Ok(0);
        }
        let mut pen = Pen::open(&self.db, tenant).await?;
        let count = drifted.len();
        for (agent, running, approved) in drifted {
            let reason =
                format!("It says that it runs the role file {running}; approved is {}.", approved.join(" or "));
            pen.write_one(now, What::AgentPaused { by: None, agent, reason }).await?;
        }
        pen.commit(now).await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    async fn part_words(&self, tenant: TenantId) -> Result<usize, StoreError> {
        stale_words::part(&self.db, tenant).await
    }

    async fn controls(&self, tenant: TenantId) -> Result<Vec<WantedControl>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<(String, bool, bool, i64)> = sqlx::query_as(
            "select a.name, p.agent is not null or coalesce(b.state = 'open', false), coalesce(b.state = 'half_open', false),
                    (select count(*) from task t where t.agent = a.name and t.state = 'retrying')
             from agent a
             left join agent_pause p on p.agent = a.name
             left join breaker b on b.agent = a.name
             order by a.name",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let control = |(agent, paused, one_at_a_time, waiting): (String, bool, bool, i64)| {
            let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
            Some(WantedControl { agent: agent.parse().ok()?, paused, one_at_a_time, waiting })
        };
        Ok(rows.into_iter().filter_map(control).collect())
    }

    async fn head(&self, tenant: TenantId, now: Millis) -> Result<Option<(i64, Hash)>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let row: Option<(i64, Vec<u8>)> = sqlx::query_as(
            "select h.seq, h.hash from journal_head h left join witness w on true
             where h.seq > coalesce(w.seq, 0) and coalesce(w.at_ms, 0) <= $1",
        )
        .bind(now.0 - HEAD_EVERY_MS)
        .fetch_optional(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok(row.and_then(|(seq, hash)| Some((seq, hash.try_into().ok()?))))
    }

    async fn tell_head(&self, tenant: TenantId, seq: i64, payload: String, now: Millis) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        sqlx::query(
            "insert into witness (tenant_id, seq, at_ms) values ($1, $2, $3)
             on conflict (tenant_id) do update set seq = excluded.seq, at_ms = excluded.at_ms",
        )
        .bind(tenant.0)
        .bind(seq)
        .bind(now.0)
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        let message =
            Message::tell(format!("h:{tenant}:{seq}"), subject::JOURNAL_HEAD.to_owned(), Vec::new(), payload, now);
        crate::outbox::insert(&mut tx, tenant, &[message]).await?;
        tx.commit().await.map_err(unavailable)
    }
}
