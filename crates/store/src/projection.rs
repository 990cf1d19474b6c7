//! From facts to read models, a whole batch at a time. Pure in effect: the same facts in the same
//! order give the same rows, so that a rebuild from the journal is equal.

use crate::{db::unavailable, ledger::signed};
use countersign_domain::{
    TenantId,
    bus_fact::{EventReceived, Fact, FactBody, Position, Quarantined, TaskReceived, TaskSignal},
};
use countersign_service::ports::StoreError;
use sqlx::{Postgres, Transaction, types::Json};
use std::collections::BTreeMap;

type Tx = Transaction<'static, Postgres>;

/// Applies new facts.
pub(crate) async fn apply(tx: &mut Tx, tenant: TenantId, facts: &[Fact]) -> Result<(), StoreError> {
    let mut tasks: Vec<(&Fact, &TaskReceived)> = Vec::new();
    let mut signals: Vec<(&Position, &TaskSignal)> = Vec::new();
    let mut events: Vec<(&Fact, &EventReceived)> = Vec::new();
    let mut quarantined: Vec<(&Fact, &Quarantined)> = Vec::new();
    for fact in facts {
        match &fact.body {
            FactBody::TaskReceived(task) => tasks.push((fact, task)),
            FactBody::TaskSignalled(signal) => {
                signals.push((&fact.position, signal));
                if let Some(event) = &signal.event {
                    events.push((fact, event));
                }
            }
            FactBody::EventReceived(event) => events.push((fact, event)),
            FactBody::Quarantined(message) => quarantined.push((fact, message)),
        }
    }
    // Which tasks these facts are about, by the stream's creation time.
    let mut touched: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (fact, _) in &tasks {
        touched.entry(fact.position.epoch).or_default().push(signed(fact.position.sequence));
    }
    for (_, signal) in &signals {
        touched.entry(signal.tasks_epoch).or_default().push(signed(signal.sequence));
    }
    let paid: Vec<i64> = events
        .iter()
        .filter(|(_, event)| event.micro_usd.is_some())
        .filter_map(|(_, event)| event.task_sequence.map(signed))
        .collect();

    insert_tasks(tx, tenant, &tasks).await?;
    insert_signals(tx, tenant, &signals).await?;
    insert_events(tx, tenant, &events).await?;
    insert_quarantined(tx, tenant, &quarantined).await?;
    for (epoch, sequences) in touched {
        derive_attempts(tx, tenant, epoch, &sequences).await?;
        derive_tasks(tx, epoch, &sequences).await?;
        derive_costs(tx, &sequences).await?;
    }
    if !paid.is_empty() {
        derive_costs(tx, &paid).await?;
    }
    Ok(())
}

async fn insert_tasks(tx: &mut Tx, tenant: TenantId, tasks: &[(&Fact, &TaskReceived)]) -> Result<(), StoreError> {
    if tasks.is_empty() {
        return Ok(());
    }
    let column = |f: fn(&TaskReceived) -> Option<String>| tasks.iter().map(|(_, task)| f(task)).collect::<Vec<_>>();
    sqlx::query(
        "insert into task (tenant_id, id, epoch, sequence, agent, kind, state, title, correlation_id, payload, headers,
                           message_id, claimed_sender, created_ms, updated_ms, ended_ms, reason)
         select $1, n.id, n.epoch, n.sequence, n.agent, n.kind,
                case when a.name is null then 'undeliverable' else 'queued' end,
                n.title, n.correlation_id, n.payload, n.headers, n.message_id, n.claimed_sender, n.at_ms, n.at_ms,
                case when a.name is null then n.at_ms end,
                case when a.name is null then 'There was no agent of this name when the task came.' end
         from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                     $10::jsonb[], $11::text[], $12::text[], $13::bigint[])
              as n (id, epoch, sequence, agent, kind, title, correlation_id, payload, headers, message_id, claimed_sender, at_ms)
         left join agent a on a.name = n.agent
         on conflict (tenant_id, epoch, sequence) do nothing",
    )
    .bind(tenant.0)
    .bind(tasks.iter().map(|(_, task)| task.task.0).collect::<Vec<_>>())
    .bind(tasks.iter().map(|(fact, _)| fact.position.epoch).collect::<Vec<_>>())
    .bind(tasks.iter().map(|(fact, _)| signed(fact.position.sequence)).collect::<Vec<_>>())
    .bind(tasks.iter().map(|(_, task)| task.agent.as_str()).collect::<Vec<_>>())
    .bind(tasks.iter().map(|(_, task)| task.kind.as_str()).collect::<Vec<_>>())
    .bind(column(|task| task.title.clone()))
    .bind(column(|task| task.correlation_id.clone()))
    .bind(tasks.iter().map(|(_, task)| task.payload.as_str()).collect::<Vec<_>>())
    .bind(tasks.iter().map(|(_, task)| Json(&task.headers)).collect::<Vec<_>>())
    .bind(column(|task| task.message_id.clone()))
    .bind(column(|task| task.claimed_sender.clone()))
    .bind(tasks.iter().map(|(fact, _)| fact.at.0).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

async fn insert_signals(tx: &mut Tx, tenant: TenantId, signals: &[(&Position, &TaskSignal)]) -> Result<(), StoreError> {
    if signals.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into task_signal (tenant_id, source_stream, source_epoch, source_sequence, epoch, sequence, agent, attempt,
                                  kind, at_ms, worked_ms, reason)
         select $1, * from unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::int[],
                                  $9::text[], $10::bigint[], $11::bigint[], $12::text[])
         on conflict do nothing",
    )
    .bind(tenant.0)
    .bind(signals.iter().map(|(at, _)| at.stream.as_str()).collect::<Vec<_>>())
    .bind(signals.iter().map(|(at, _)| at.epoch).collect::<Vec<_>>())
    .bind(signals.iter().map(|(at, _)| signed(at.sequence)).collect::<Vec<_>>())
    .bind(signals.iter().map(|(_, s)| s.tasks_epoch).collect::<Vec<_>>())
    .bind(signals.iter().map(|(_, s)| signed(s.sequence)).collect::<Vec<_>>())
    .bind(signals.iter().map(|(_, s)| s.agent.as_str()).collect::<Vec<_>>())
    .bind(signals.iter().map(|(_, s)| i32::try_from(s.attempt).unwrap_or(i32::MAX)).collect::<Vec<_>>())
    .bind(signals.iter().map(|(_, s)| s.kind.as_str()).collect::<Vec<_>>())
    .bind(signals.iter().map(|(_, s)| s.at.0).collect::<Vec<_>>())
    .bind(signals.iter().map(|(_, s)| s.worked_ms).collect::<Vec<_>>())
    .bind(signals.iter().map(|(_, s)| s.reason.clone()).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

async fn insert_events(tx: &mut Tx, tenant: TenantId, events: &[(&Fact, &EventReceived)]) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into event (tenant_id, epoch, sequence, agent, topic, correlation_id, payload, micro_usd, task_sequence, at_ms)
         select $1, * from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
                                  $9::bigint[], $10::bigint[])
         on conflict do nothing",
    )
    .bind(tenant.0)
    .bind(events.iter().map(|(fact, _)| fact.position.epoch).collect::<Vec<_>>())
    .bind(events.iter().map(|(fact, _)| signed(fact.position.sequence)).collect::<Vec<_>>())
    .bind(events.iter().map(|(_, event)| event.agent.as_str()).collect::<Vec<_>>())
    .bind(events.iter().map(|(_, event)| event.topic.as_str()).collect::<Vec<_>>())
    .bind(events.iter().map(|(_, event)| event.correlation_id.clone()).collect::<Vec<_>>())
    .bind(events.iter().map(|(_, event)| event.payload.as_str()).collect::<Vec<_>>())
    .bind(events.iter().map(|(_, event)| event.micro_usd).collect::<Vec<_>>())
    .bind(events.iter().map(|(_, event)| event.task_sequence.map(signed)).collect::<Vec<_>>())
    .bind(events.iter().map(|(fact, _)| fact.at.0).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// Quarantine is rare: a statement a message is fine here.
async fn insert_quarantined(
    tx: &mut Tx,
    tenant: TenantId,
    messages: &[(&Fact, &Quarantined)],
) -> Result<(), StoreError> {
    for (fact, message) in messages {
        sqlx::query(
            "insert into quarantine (tenant_id, id, subject, reason, headers, payload, at_ms)
             values ($1, $2, $3, $4, $5, decode($6, 'base64'), $7)
             on conflict do nothing",
        )
        .bind(tenant.0)
        .bind(message.id.0)
        .bind(&message.subject)
        .bind(&message.reason)
        .bind(Json(&message.headers))
        .bind(&message.payload_base64)
        .bind(fact.at.0)
        .execute(&mut **tx)
        .await
        .map_err(unavailable)?;
    }
    Ok(())
}

/// The attempts of these tasks, from all signals about them. A delivery of which nothing is known,
/// followed by another, got no answer.
async fn derive_attempts(tx: &mut Tx, tenant: TenantId, epoch: i64, sequences: &[i64]) -> Result<(), StoreError> {
    sqlx::query(
        "with s as (
             select t.id as task_id, g.attempt, g.kind, g.at_ms, g.worked_ms, g.reason
             from task t
             join task_signal g on g.epoch = t.epoch and g.sequence = t.sequence and g.agent = t.agent
             where t.epoch = $2 and t.sequence = any($3)
         ), number as (
             select task_id, generate_series(1, max(attempt)) as number, max(attempt) as last from s group by task_id
         ), a as (
             select n.task_id, n.number, n.last,
                    min(s.at_ms) filter (where s.kind = 'acked') as acked,
                    min(s.at_ms) filter (where s.kind = 'terminated') as terminated,
                    min(s.at_ms) filter (where s.kind = 'naked') as naked,
                    min(s.at_ms) filter (where s.kind = 'exhausted') as exhausted,
                    coalesce(min(s.at_ms) filter (where s.kind = 'started'),
                             min(s.at_ms - s.worked_ms) filter (where s.kind = 'acked')) as started,
                    coalesce((array_agg(s.reason order by s.at_ms) filter (where s.kind = 'terminated' and s.reason is not null))[1],
                             (array_agg(s.reason order by s.at_ms) filter (where s.kind = 'complained' and s.reason is not null))[1]) as reason
             from number n left join s on s.task_id = n.task_id and s.attempt = n.number
             group by n.task_id, n.number, n.last
         )
         insert into attempt (tenant_id, task_id, number, outcome, started_ms, ended_ms, reason)
         select $1, task_id, number,
                case when acked is not null then 'succeeded'
                     when terminated is not null then 'given_up'
                     when naked is not null then 'returned'
                     when exhausted is not null or number < last then 'no_answer'
                     else 'running' end,
                started, coalesce(acked, terminated, naked, exhausted), reason
         from a
         on conflict (tenant_id, task_id, number) do update set
             outcome = excluded.outcome, started_ms = excluded.started_ms, ended_ms = excluded.ended_ms, reason = excluded.reason",
    )
    .bind(tenant.0)
    .bind(epoch)
    .bind(sequences)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// The state of these tasks, from their attempts.
async fn derive_tasks(tx: &mut Tx, epoch: i64, sequences: &[i64]) -> Result<(), StoreError> {
    sqlx::query(
        "with a as (
             select t.id,
                    max(a.number) as attempts,
                    bool_or(a.outcome = 'succeeded') as succeeded,
                    bool_or(a.outcome = 'given_up') as given_up,
                    bool_or(a.number >= g.max_deliver and a.outcome in ('returned', 'no_answer')) as dead,
                    (array_agg(a.outcome order by a.number desc))[1] as last,
                    (array_agg(a.reason order by a.number desc) filter (where a.reason is not null))[1] as reason,
                    max(greatest(a.started_ms, a.ended_ms)) as updated,
                    min(a.ended_ms) filter (where a.outcome in ('succeeded', 'given_up')) as settled,
                    max(a.ended_ms) as ended
             from task t
             join attempt a on a.task_id = t.id
             join agent g on g.name = t.agent
             where t.epoch = $1 and t.sequence = any($2)
             group by t.id
         ), state as (
             select *, case when succeeded then 'succeeded' when given_up then 'failed' when dead then 'dead'
                            when last = 'running' then 'running' else 'retrying' end as state
             from a
         )
         update task t set
             state = s.state, attempts = s.attempts, reason = s.reason,
             updated_ms = greatest(t.created_ms, s.updated),
             ended_ms = case when s.state in ('succeeded', 'failed') then s.settled when s.state = 'dead' then s.ended end
         from state s where s.id = t.id",
    )
    .bind(epoch)
    .bind(sequences)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// What these tasks cost, from their own agents' reports.
async fn derive_costs(tx: &mut Tx, sequences: &[i64]) -> Result<(), StoreError> {
    sqlx::query(
        "update task t set micro_usd = c.micro_usd
         from (select t.id, sum(e.micro_usd)::bigint as micro_usd
               from task t
               join event e on e.task_sequence = t.sequence and e.agent = t.agent
               where t.sequence = any($1) and e.micro_usd is not null and e.at_ms >= t.created_ms
               group by t.id) c
         where c.id = t.id",
    )
    .bind(sequences)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}
