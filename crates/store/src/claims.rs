//! Leases on tasks, for workers that use the Workspace API.

use crate::{
    artifacts::missing,
    db::{Db, unavailable},
    ledger::signed,
    outbox::Message as Errand,
    pen::Pen,
    resume::reissue,
};
use async_trait::async_trait;
use countersign_domain::{
    AgentName, CredentialId, Millis, TaskId, TenantId,
    bus_fact::{SignalKind, TaskSignal},
    journal::{Entry, IssueReason, What},
    task::TaskState,
};
use countersign_service::ports::{AgentActor, Claim, ClaimError, Claims, Ending, StoreError};
use countersign_wire::stream::TASKS;
use uuid::Uuid;

/// How long a worker that returned a task may take to tell the bus so. Milliseconds.
const WORD_TO_BUS_MS: i64 = 30_000;

/// [`Claims`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgClaims {
    db: Db,
}

impl PgClaims {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[derive(sqlx::FromRow)]
struct Message {
    task_id: Uuid,
    epoch: i64,
    base: i32,
    state: String,
    agent: String,
}

/// Why a message carries no task of ours: it was not read yet, or it was and is none.
async fn unknown(pen: &mut Pen, sequence: u64) -> Result<ClaimError, StoreError> {
    let read: Option<(bool,)> =
        sqlx::query_as("select sequence >= $1 from checkpoint where stream = $2 order by epoch desc limit 1")
            .bind(signed(sequence))
            .bind(TASKS)
            .fetch_optional(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
    Ok(match read {
        Some((true,)) => ClaimError::NoTask,
        _ => ClaimError::NotYet,
    })
}

#[derive(sqlx::FromRow)]
struct Lease {
    fence: i64,
    epoch: i64,
    sequence: i64,
    delivery: i32,
    claimed_ms: i64,
    until_ms: i64,
    agent: String,
}

async fn lease_of(pen: &mut Pen, task: Uuid) -> Result<Option<Lease>, StoreError> {
    sqlx::query_as("select fence, epoch, sequence, delivery, claimed_ms, until_ms, agent from lease where task_id = $1")
        .bind(task)
        .fetch_optional(&mut *pen.tx)
        .await
        .map_err(unavailable)
}

/// What a word of a worker finds.
enum Standing {
    /// The lease that the fence names is the newest one of the task and still runs.
    Live(Lease),
    /// It was the newest one, and its holder ended it with this word (of [`SignalKind`]).
    Over { word: String, at_ms: i64 },
}

async fn standing(
    pen: &mut Pen,
    actor: &AgentActor,
    task: TaskId,
    fence: i64,
    now: Millis,
) -> Result<Standing, ClaimError> {
    let state: Option<(String, String)> = sqlx::query_as("select state, agent from task where id = $1")
        .bind(task.0)
        .fetch_optional(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    let Some((state, agent)) = state else { return Err(ClaimError::NotFound) };
    if agent != actor.agent.as_str() {
        return Err(ClaimError::NotFound);
    }
    if let Some(lease) = lease_of(pen, task.0).await? {
        return match lease {
            lease if lease.fence != fence => Err(ClaimError::Stale),
            lease if lease.until_ms <= now.0 => Err(ClaimError::Ended { ended_ms: lease.until_ms }),
            lease => Ok(Standing::Live(lease)),
        };
    }
    // Claims and ends have the journal's numbers: what stands between the newest claim and nothing newer is
    // how it ended.
    let newest: Option<(i64, Option<String>, Option<i64>)> = sqlx::query_as(
        "select c.source_sequence, e.kind, e.at_ms
         from task_message m
         join task_signal c on c.epoch = m.epoch and c.sequence = m.sequence and c.source_stream = 'API' and c.kind = 'claimed'
         left join lateral (
             select g.kind, g.at_ms from task_message n
             join task_signal g on g.epoch = n.epoch and g.sequence = n.sequence and g.source_stream = 'API'
             where n.task_id = m.task_id and g.source_sequence > c.source_sequence
               and g.kind in ('completed', 'handed_back', 'gave_up', 'lease_ended')
             order by g.source_sequence limit 1) e on true
         where m.task_id = $1 order by c.source_sequence desc limit 1",
    )
    .bind(task.0)
    .fetch_optional(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    match newest {
        Some((newest, Some(word), Some(at_ms))) if newest == fence && word != "lease_ended" => {
            Ok(Standing::Over { word, at_ms })
        }
        Some((newest, ..)) if newest != fence => Err(ClaimError::Stale),
        None => Err(ClaimError::Stale),
        Some(_) if state.parse().is_ok_and(TaskState::is_final) => Err(ClaimError::Settled(state)),
        Some((_, _, ended)) => Err(ClaimError::Ended { ended_ms: ended.unwrap_or(now.0) }),
    }
}

fn signal(actor: &AgentActor, lease: &Lease, kind: SignalKind, reason: Option<String>, at: Millis) -> TaskSignal {
    TaskSignal {
        tasks_epoch: lease.epoch,
        sequence: lease.sequence.unsigned_abs(),
        agent: actor.agent.clone(),
        attempt: u32::try_from(lease.delivery).unwrap_or(1),
        kind,
        at,
        worked_ms: Some((at.0 - lease.claimed_ms).max(0)),
        reason,
        event: None,
    }
}

#[async_trait]
impl Claims for PgClaims {
    async fn put_challenge(&self, nonce: [u8; 32], expires_at: Millis, now: Millis) -> Result<(), StoreError> {
        sqlx::query("delete from agent_challenge where expires_ms <= $1")
            .bind(now.0)
            .execute(self.db.pool())
            .await
            .map_err(unavailable)?;
        sqlx::query("insert into agent_challenge (nonce, expires_ms) values ($1, $2)")
            .bind(nonce.as_slice())
            .bind(expires_at.0)
            .execute(self.db.pool())
            .await
            .map_err(unavailable)?;
        Ok(())
    }

    async fn use_challenge(&self, nonce: [u8; 32], now: Millis) -> Result<bool, StoreError> {
        let used = sqlx::query("delete from agent_challenge where nonce = $1 and expires_ms > $2")
            .bind(nonce.as_slice())
            .bind(now.0)
            .execute(self.db.pool())
            .await
            .map_err(unavailable)?;
        Ok(used.rows_affected() == 1)
    }

    async fn credential(
        &self,
        tenant: TenantId,
        public_key: &str,
        now: Millis,
    ) -> Result<(CredentialId, AgentName), StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let (id, agent): (Uuid, String) = sqlx::query_as(
            "select id, agent from credential where public_key = $1 and revoked_ms is null and expires_ms > $2",
        )
        .bind(public_key)
        .bind(now.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok((CredentialId(id), agent.parse().map_err(|_| StoreError::NotFound)?))
    }

    async fn put_token(
        &self,
        digest: [u8; 32],
        actor: &AgentActor,
        expires_at: Millis,
        now: Millis,
    ) -> Result<(), StoreError> {
        sqlx::query("delete from agent_token where expires_ms <= $1")
            .bind(now.0)
            .execute(self.db.pool())
            .await
            .map_err(unavailable)?;
        sqlx::query(
            "insert into agent_token (digest, tenant_id, credential_id, agent, expires_ms) values ($1, $2, $3, $4, $5)",
        )
        .bind(digest.as_slice())
        .bind(actor.tenant.0)
        .bind(actor.credential.0)
        .bind(actor.agent.as_str())
        .bind(expires_at.0)
        .execute(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok(())
    }

    async fn actor(&self, digest: [u8; 32], now: Millis) -> Result<AgentActor, StoreError> {
        let (tenant, credential, agent): (Uuid, Uuid, String) = sqlx::query_as(
            "select tenant_id, credential_id, agent from agent_token where digest = $1 and expires_ms > $2",
        )
        .bind(digest.as_slice())
        .bind(now.0)
        .fetch_one(self.db.pool())
        .await
        .map_err(unavailable)?;
        let tenant = TenantId(tenant);
        // A revoked credential ends its tokens too, at once.
        let mut tx = self.db.tenant_read(tenant).await?;
        let (live,): (bool,) = sqlx::query_as(
            "select exists (select from credential where id = $1 and revoked_ms is null and expires_ms > $2)",
        )
        .bind(credential)
        .bind(now.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        if !live {
            return Err(StoreError::NotFound);
        }
        let agent = agent.parse().map_err(|_| StoreError::NotFound)?;
        Ok(AgentActor { tenant, agent, credential: CredentialId(credential) })
    }

    async fn claim(
        &self,
        actor: &AgentActor,
        sequence: u64,
        delivery: u32,
        until: Millis,
        now: Millis,
    ) -> Result<Claim, ClaimError> {
        let mut pen = Pen::open(&self.db, actor.tenant).await?;
        let found: Option<Message> = sqlx::query_as(
            "select m.task_id, m.epoch, m.base, t.state, t.agent from task_message m join task t on t.id = m.task_id
             where m.sequence = $1 and m.epoch = (select max(epoch) from checkpoint where stream = $2)",
        )
        .bind(signed(sequence))
        .bind(TASKS)
        .fetch_optional(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        let Some(message) = found else { return Err(unknown(&mut pen, sequence).await?) };
        if message.agent != actor.agent.as_str() {
            return Err(ClaimError::NotFound);
        }
        if message.state.parse().is_ok_and(TaskState::is_final) {
            return Err(ClaimError::Settled(message.state));
        }
        let before = lease_of(&mut pen, message.task_id).await?;
        let delivery_i = i32::try_from(delivery).unwrap_or(i32::MAX);
        if let Some(lease) = before.as_ref().filter(|lease| lease.until_ms > now.0) {
            return Err(ClaimError::Held { until_ms: lease.until_ms });
        }
        let mut entries = Vec::new();
        if let Some(lease) = &before {
            let reason = Some("The worker fell silent; another took the task over.".to_owned());
            let over = signal(actor, lease, SignalKind::LeaseEnded, reason, now);
            entries.push(reported(TaskId(message.task_id), over, now));
        }
        let fence = pen.next_seq() + i64::try_from(entries.len()).unwrap_or(0);
        let lease = Lease {
            fence,
            epoch: message.epoch,
            sequence: signed(sequence),
            delivery: delivery_i,
            claimed_ms: now.0,
            until_ms: until.0,
            agent: actor.agent.to_string(),
        };
        let mut claimed = signal(actor, &lease, SignalKind::Claimed, None, now);
        claimed.worked_ms = None;
        entries.push(reported(TaskId(message.task_id), claimed, now));
        sqlx::query(
            "insert into lease (tenant_id, task_id, fence, agent, epoch, sequence, delivery, claimed_ms, until_ms)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (tenant_id, task_id) do update set fence = excluded.fence, agent = excluded.agent, epoch = excluded.epoch,
                 sequence = excluded.sequence, delivery = excluded.delivery, claimed_ms = excluded.claimed_ms, until_ms = excluded.until_ms",
        )
        .bind(actor.tenant.0)
        .bind(message.task_id)
        .bind(fence)
        .bind(&lease.agent)
        .bind(lease.epoch)
        .bind(lease.sequence)
        .bind(lease.delivery)
        .bind(lease.claimed_ms)
        .bind(lease.until_ms)
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        pen.write(&entries).await?;
        pen.commit(now).await?;
        let attempt = u32::try_from(message.base).unwrap_or(0) + delivery;
        Ok(Claim { task: TaskId(message.task_id), attempt, fence, until })
    }

    async fn renew(
        &self,
        actor: &AgentActor,
        task: TaskId,
        fence: i64,
        until: Millis,
        now: Millis,
    ) -> Result<Millis, ClaimError> {
        let mut pen = Pen::open(&self.db, actor.tenant).await?;
        if let Standing::Over { at_ms, .. } = standing(&mut pen, actor, task, fence, now).await? {
            return Err(ClaimError::Ended { ended_ms: at_ms });
        }
        let (until,): (i64,) =
            sqlx::query_as("update lease set until_ms = greatest(until_ms, $2) where task_id = $1 returning until_ms")
                .bind(task.0)
                .bind(until.0)
                .fetch_one(&mut *pen.tx)
                .await
                .map_err(unavailable)?;
        pen.commit(now).await?;
        Ok(Millis(until))
    }

    async fn end(
        &self,
        actor: &AgentActor,
        task: TaskId,
        fence: i64,
        ending: Ending,
        now: Millis,
    ) -> Result<(), ClaimError> {
        let mut pen = Pen::open(&self.db, actor.tenant).await?;
        let lease = match standing(&mut pen, actor, task, fence, now).await? {
            Standing::Live(lease) => lease,
            Standing::Over { word, .. } if word == word_of(&ending).as_str() => return Ok(()),
            Standing::Over { word, .. } => return Err(ClaimError::Settled(word)),
        };
        if let Ending::Completed { artifacts, .. } = &ending
            && let Some(name) = missing(&mut pen.tx, artifacts).await?
        {
            return Err(ClaimError::NoArtifact(name));
        }
        sqlx::query("delete from lease where task_id = $1")
            .bind(task.0)
            .execute(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
        let (reason, result, artifacts, micro_usd) = match &ending {
            Ending::Completed { result, artifacts, micro_usd } => (None, result.clone(), artifacts.clone(), *micro_usd),
            Ending::Returned { reason, .. } | Ending::GaveUp { reason } => {
                (Some(reason.clone()), None, Vec::new(), None)
            }
        };
        let signal = signal(actor, &lease, word_of(&ending), reason, now);
        let entry = Entry::new(now, What::AttemptReported { task, signal, result, artifacts, micro_usd });
        pen.write(&[entry]).await?;
        if let Ending::Returned { retry_at, .. } = ending
            && attempts_are_left(&mut pen, task).await?
        {
            // The worker ends the message; the next attempt is a message of its own, so that a task that
            // waits for its next try holds no place in the agent's queue.
            reissue(&mut pen, task, IssueReason::Retry, retry_at, now).await?;
            // Should the worker's word to the bus be lost, the old message must not come again beside it.
            pen.send(Errand::remove(lease.epoch, lease.sequence, Millis(now.0 + WORD_TO_BUS_MS)));
        }
        pen.commit(now).await?;
        Ok(())
    }
}

fn word_of(ending: &Ending) -> SignalKind {
    match ending {
        Ending::Completed { .. } => SignalKind::Completed,
        Ending::Returned { .. } => SignalKind::Returned,
        Ending::GaveUp { .. } => SignalKind::GaveUp,
    }
}

async fn attempts_are_left(pen: &mut Pen, task: TaskId) -> Result<bool, StoreError> {
    let (left,): (bool,) = sqlx::query_as(
        "select coalesce(l.max_deliver, a.max_deliver, 5) < 1 or t.attempts < coalesce(l.max_deliver, a.max_deliver, 5)
         from task t
         left join agent_live l on l.agent = t.agent left join agent a on a.name = t.agent
         where t.id = $1",
    )
    .bind(task.0)
    .fetch_one(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    Ok(left)
}

fn reported(task: TaskId, signal: TaskSignal, at: Millis) -> Entry {
    Entry::new(at, What::AttemptReported { task, signal, result: None, artifacts: Vec::new(), micro_usd: None })
}
