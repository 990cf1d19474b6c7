//! Attempts, states and costs of tasks, from everything that is kept about them: read at once for a whole
//! batch, worked out by `domain::standing`, written where they changed.
//!
//! The statements look up each task by its key (`lateral … offset 0`, `on conflict`) and leave the planner
//! nothing to choose. A new tenant's tables have no statistics; with ordinary joins it took them to hold
//! one row a tenant and read all of the tenant's tasks for every batch.

use super::Tx;
use crate::db::unavailable;
use countersign_domain::{
    Millis, TenantId,
    bus_fact::{SignalKind, TaskReceived},
    letter::LetterState,
    standing::{Attempt, Known, Said, Standing, attempts, standing},
    task::{AttemptOutcome, TaskState},
};
use countersign_service::ports::StoreError;
use sqlx::FromRow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// A task that was derived anew.
#[derive(Debug)]
pub(crate) struct Derived {
    pub agent: String,
    pub state: TaskState,
    pub ended: bool,
    /// It is, or was, a dead letter.
    pub lettered: bool,
    /// The bus will not hand out its newest message again.
    pub exhausted: bool,
    /// All its messages that the bus will not hand out again, and keeps unseen.
    pub spent: Vec<(i64, i64)>,
    /// Its newest message, by the creation time of its stream and its sequence.
    pub message: Option<(i64, i64)>,
}

/// Derives these tasks anew, and the letters whose replay they are. `fresh` are those of which nothing is kept
/// that would have to be read. With `costs` where something was said about costs.
pub(super) async fn tasks(
    tx: &mut Tx,
    tenant: TenantId,
    touched: &BTreeSet<Uuid>,
    fresh: Vec<TaskRow>,
    costs: bool,
) -> Result<BTreeMap<Uuid, Derived>, StoreError> {
    if touched.is_empty() {
        return Ok(BTreeMap::new());
    }
    let known: HashSet<Uuid> = fresh.iter().map(|row| row.id).collect();
    let ids: Vec<Uuid> = touched.iter().copied().filter(|id| !known.contains(id)).collect();
    let mut rows = read_tasks(tx, &ids).await?;
    rows.extend(fresh);
    let signals = read_signals(tx, &ids).await?;
    let costs = if costs { Some(read_costs(tx, &ids).await?) } else { None };
    let mut made: Vec<(Uuid, Attempt)> = Vec::new();
    let mut answered = Vec::new();
    let mut changed = Vec::new();
    let mut derived = BTreeMap::new();
    for row in &mut rows {
        let about = signals.get(&row.id).map_or(&[][..], Vec::as_slice);
        let said: Vec<Said> = about.iter().filter(|s| s.agent == row.agent).filter_map(SignalRow::said).collect();
        let tries = attempts(&said);
        let mut known = row.known();
        // A letter whose worker answered well after all needs nobody any more.
        if let Some((state @ LetterState::Waiting, ..)) = &mut known.letter
            && tries.iter().any(|attempt| attempt.outcome == AttemptOutcome::Succeeded)
        {
            *state = LetterState::Answered;
            answered.push(row.id);
        }
        let stands = standing(&known, &tries);
        let cost = costs.as_ref().map_or(row.micro_usd, |costs| row.cost(costs.get(&row.id).copied()));
        if !row.says(&stands) || cost != row.micro_usd {
            changed.push((row.id, stands.clone(), cost));
        }
        derived.insert(row.id, row.derived(&stands, about));
        made.extend(tries.into_iter().map(|attempt| (row.id, attempt)));
    }
    write_attempts(tx, tenant, &made).await?;
    close_answered(tx, &answered).await?;
    write_standings(tx, tenant, &changed).await?;
    let succeeded = derived.iter().filter(|(_, task)| task.state == TaskState::Succeeded);
    close_replayed(tx, &succeeded.map(|(id, _)| *id).collect::<Vec<_>>()).await?;
    Ok(derived)
}

/// A task as it is kept, with its letter.
#[derive(FromRow)]
pub(super) struct TaskRow {
    id: Uuid,
    agent: String,
    epoch: Option<i64>,
    sequence: Option<i64>,
    created_ms: i64,
    cancelled_ms: Option<i64>,
    unknown_agent: bool,
    reported_micro_usd: Option<i64>,
    state: String,
    attempts: i32,
    reason: Option<String>,
    updated_ms: i64,
    ended_ms: Option<i64>,
    micro_usd: Option<i64>,
    letter: Option<String>,
    cause: Option<String>,
    letter_ms: Option<i64>,
}

impl TaskRow {
    /// A task as it is first kept.
    pub fn fresh(task: &TaskReceived, message: (i64, i64), created: Millis, unknown_agent: bool) -> Self {
        Self {
            id: task.task.0,
            agent: task.agent.to_string(),
            epoch: Some(message.0),
            sequence: Some(message.1),
            created_ms: created.0,
            cancelled_ms: None,
            unknown_agent,
            reported_micro_usd: None,
            state: TaskState::Queued.as_str().to_owned(),
            attempts: 0,
            reason: None,
            updated_ms: created.0,
            ended_ms: None,
            micro_usd: None,
            letter: None,
            cause: None,
            letter_ms: None,
        }
    }

    fn known(&self) -> Known {
        let letter = || {
            let (state, cause) = (self.letter.as_ref()?.parse().ok()?, self.cause.as_ref()?.parse().ok()?);
            Some((state, cause, Millis(self.letter_ms?)))
        };
        Known {
            created: Millis(self.created_ms),
            cancelled: self.cancelled_ms.map(Millis),
            unknown_agent: self.unknown_agent,
            on_bus: self.sequence.is_some(),
            letter: letter(),
        }
    }

    /// What was handed in with results, and what its own agent reported.
    fn cost(&self, reported: Option<i64>) -> Option<i64> {
        if self.reported_micro_usd.is_none() && reported.is_none() {
            return None;
        }
        Some(self.reported_micro_usd.unwrap_or(0) + reported.unwrap_or(0))
    }

    fn says(&self, stands: &Standing) -> bool {
        self.state == stands.state.as_str()
            && self.attempts == stands.attempts
            && self.reason == stands.reason
            && self.updated_ms == stands.updated.0
            && self.ended_ms == stands.ended.map(|at| at.0)
    }

    fn derived(&self, stands: &Standing, about: &[SignalRow]) -> Derived {
        let message = self.epoch.zip(self.sequence);
        let exhausted =
            |signal: &&SignalRow| signal.agent == self.agent && signal.kind == SignalKind::Exhausted.as_str();
        let spent: Vec<(i64, i64)> =
            about.iter().filter(exhausted).map(|signal| (signal.epoch, signal.sequence)).collect();
        Derived {
            agent: self.agent.clone(),
            state: stands.state,
            ended: stands.ended.is_some(),
            lettered: self.letter.is_some(),
            exhausted: message.is_some_and(|message| spent.contains(&message)),
            spent,
            message,
        }
    }
}

async fn read_tasks(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<TaskRow>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_as(
        "select t.*, d.state as letter, d.cause, d.at_ms as letter_ms
         from unnest($1::uuid[]) as i (id)
         cross join lateral (
             select id, agent, epoch, sequence, created_ms, cancelled_ms, unknown_agent, reported_micro_usd, state,
                    attempts, reason, updated_ms, ended_ms, micro_usd
             from task where id = i.id offset 0) t
         left join lateral (select state, cause, at_ms from dead_letter where task_id = i.id offset 0) d on true",
    )
    .bind(ids)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)
}

/// A signal about a message of a task.
#[derive(FromRow)]
struct SignalRow {
    task_id: Uuid,
    epoch: i64,
    sequence: i64,
    agent: String,
    number: i32,
    kind: String,
    at_ms: i64,
    worked_ms: Option<i64>,
    reason: Option<String>,
    source_stream: String,
    source_epoch: i64,
    source_sequence: i64,
}

impl SignalRow {
    fn said(&self) -> Option<Said> {
        Some(Said {
            number: self.number,
            kind: self.kind.parse().ok()?,
            at: Millis(self.at_ms),
            worked_ms: self.worked_ms,
            reason: self.reason.clone(),
            source: (self.source_stream.clone(), self.source_epoch, self.source_sequence),
        })
    }
}

async fn read_signals(tx: &mut Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<SignalRow>>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<SignalRow> = sqlx::query_as(
        "select i.id as task_id, g.epoch, g.sequence, g.agent, m.base + g.attempt as number, g.kind, g.at_ms, g.worked_ms,
                g.reason, g.source_stream, g.source_epoch, g.source_sequence
         from unnest($1::uuid[]) as i (id)
         cross join lateral (select epoch, sequence, base from task_message where task_id = i.id offset 0) m
         cross join lateral (select * from task_signal where epoch = m.epoch and sequence = m.sequence offset 0) g",
    )
    .bind(ids)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let mut signals: HashMap<Uuid, Vec<SignalRow>> = HashMap::new();
    for row in rows {
        signals.entry(row.task_id).or_default().push(row);
    }
    Ok(signals)
}

/// What the tasks' own agents reported, in millionths of a dollar.
async fn read_costs(tx: &mut Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, i64)> = sqlx::query_as(
        "select i.id, sum(e.micro_usd)::bigint
         from unnest($1::uuid[]) as i (id)
         cross join lateral (select agent from task where id = i.id offset 0) t
         cross join lateral (select epoch, sequence from task_message where task_id = i.id offset 0) m
         cross join lateral (
             select micro_usd from event
             where task_sequence = m.sequence and tasks_epoch = m.epoch and agent = t.agent and micro_usd is not null
             offset 0) e
         group by i.id",
    )
    .bind(ids)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(rows.into_iter().collect())
}

async fn write_attempts(tx: &mut Tx, tenant: TenantId, made: &[(Uuid, Attempt)]) -> Result<(), StoreError> {
    if made.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into attempt as a (tenant_id, task_id, number, outcome, started_ms, ended_ms, reason)
         select $1, * from unnest($2::uuid[], $3::int[], $4::text[], $5::bigint[], $6::bigint[], $7::text[])
         on conflict (tenant_id, task_id, number) do update set
             outcome = excluded.outcome, started_ms = excluded.started_ms, ended_ms = excluded.ended_ms, reason = excluded.reason
         where (a.outcome, a.started_ms, a.ended_ms, a.reason)
               is distinct from (excluded.outcome, excluded.started_ms, excluded.ended_ms, excluded.reason)",
    )
    .bind(tenant.0)
    .bind(made.iter().map(|(id, _)| *id).collect::<Vec<_>>())
    .bind(made.iter().map(|(_, attempt)| attempt.number).collect::<Vec<_>>())
    .bind(made.iter().map(|(_, attempt)| attempt.outcome.as_str()).collect::<Vec<_>>())
    .bind(made.iter().map(|(_, attempt)| attempt.started.map(|at| at.0)).collect::<Vec<_>>())
    .bind(made.iter().map(|(_, attempt)| attempt.ended.map(|at| at.0)).collect::<Vec<_>>())
    .bind(made.iter().map(|(_, attempt)| attempt.reason.as_deref()).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// The rows are there: they were read in this transaction, which holds the tenant's journal. Going through
/// the conflict finds each by its key.
async fn write_standings(
    tx: &mut Tx,
    tenant: TenantId,
    changed: &[(Uuid, Standing, Option<i64>)],
) -> Result<(), StoreError> {
    if changed.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into task (tenant_id, id, agent, kind, payload, headers, created_ms,
                           state, attempts, reason, updated_ms, ended_ms, micro_usd)
         select $1, n.id, '', '', '', '[]', 0, n.state, n.attempts, n.reason, n.updated_ms, n.ended_ms, n.micro_usd
         from unnest($2::uuid[], $3::text[], $4::int[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[])
              as n (id, state, attempts, reason, updated_ms, ended_ms, micro_usd)
         on conflict (tenant_id, id) do update set
             state = excluded.state, attempts = excluded.attempts, reason = excluded.reason,
             updated_ms = excluded.updated_ms, ended_ms = excluded.ended_ms, micro_usd = excluded.micro_usd",
    )
    .bind(tenant.0)
    .bind(changed.iter().map(|(id, ..)| *id).collect::<Vec<_>>())
    .bind(changed.iter().map(|(_, stands, _)| stands.state.as_str()).collect::<Vec<_>>())
    .bind(changed.iter().map(|(_, stands, _)| stands.attempts).collect::<Vec<_>>())
    .bind(changed.iter().map(|(_, stands, _)| stands.reason.as_deref()).collect::<Vec<_>>())
    .bind(changed.iter().map(|(_, stands, _)| stands.updated.0).collect::<Vec<_>>())
    .bind(changed.iter().map(|(_, stands, _)| stands.ended.map(|at| at.0)).collect::<Vec<_>>())
    .bind(changed.iter().map(|(.., cost)| *cost).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

async fn close_answered(tx: &mut Tx, letters: &[Uuid]) -> Result<(), StoreError> {
    if letters.is_empty() {
        return Ok(());
    }
    sqlx::query("update dead_letter set state = 'answered' where task_id = any($1) and state = 'waiting'")
        .bind(letters)
        .execute(&mut **tx)
        .await
        .map_err(unavailable)?;
    Ok(())
}

/// A replay that succeeded closes its letter.
async fn close_replayed(tx: &mut Tx, succeeded: &[Uuid]) -> Result<(), StoreError> {
    if succeeded.is_empty() {
        return Ok(());
    }
    let letters: Vec<(Uuid,)> = sqlx::query_as(
        "select d.task_id from unnest($1::uuid[]) as i (id)
         cross join lateral (
             select task_id from dead_letter where replay_task = i.id and state = 'replaying' offset 0) d",
    )
    .bind(succeeded)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    if letters.is_empty() {
        return Ok(());
    }
    sqlx::query("update dead_letter set state = 'replayed' where task_id = any($1)")
        .bind(letters.into_iter().map(|(id,)| id).collect::<Vec<_>>())
        .execute(&mut **tx)
        .await
        .map_err(unavailable)?;
    Ok(())
}
