//! Attempts, states and costs of tasks, from everything that is kept about them.

use super::Tx;
use crate::db::unavailable;
use countersign_domain::TenantId;
use countersign_service::ports::StoreError;
use sqlx::Executor;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Makes the statements below go from the tasks that they are given to what is kept about each, by index, as
/// they are written. Their numbers are small and the tables large; a planner that has seen neither (the
/// tables of a new tenant have no statistics) chose plans that were a thousand times slower.
pub(crate) async fn plan_by_index(tx: &mut Tx) -> Result<(), StoreError> {
    tx.execute(
        "set local join_collapse_limit = 1; set local enable_hashjoin = off; set local enable_mergejoin = off;
         set local enable_seqscan = off; set local plan_cache_mode = force_generic_plan",
    )
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// What happened to tasks that are derived anew.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct News {
    /// Something was said about attempts.
    pub attempts: bool,
    /// Something was said about costs.
    pub costs: bool,
}

/// Derives these tasks anew, and the letters whose replay they are.
pub(super) async fn tasks(
    tx: &mut Tx,
    tenant: TenantId,
    touched: &BTreeSet<Uuid>,
    news: News,
) -> Result<(), StoreError> {
    if touched.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = touched.iter().copied().collect();
    attempts(tx, tenant, &ids).await?;
    if news.attempts {
        letters_answered(tx, &ids).await?;
    }
    states(tx, &ids).await?;
    if news.costs {
        costs(tx, &ids).await?;
    }
    // A replay that succeeded closes its letter.
    sqlx::query(
        "update dead_letter d set state = 'replayed' from task t
         where t.id = d.replay_task and d.replay_task = any($1) and d.state = 'replaying' and t.state = 'succeeded'",
    )
    .bind(&ids)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// The attempts of these tasks, from all signals about their messages. What a worker says through the
/// Workspace API counts before what the bus says: an acknowledgement of somebody who lost the lease is no
/// result. A delivery of which nothing is known, followed by another, got no answer. Only the first success
/// counts as one.
async fn attempts(tx: &mut Tx, tenant: TenantId, ids: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query(
        "with s as (
             select m.task_id, m.base + g.attempt as number, g.kind, g.at_ms, g.worked_ms, g.reason,
                    g.source_stream, g.source_sequence
             from unnest($2::uuid[]) as i (id)
             join task t on t.id = i.id
             join task_message m on m.task_id = t.id
             join task_signal g on g.epoch = m.epoch and g.sequence = m.sequence and g.agent = t.agent
         ), number as (
             select task_id, generate_series(1, max(number)) as number, max(number) as last from s group by task_id
         ), a as (
             select n.task_id, n.number, n.last,
                    min(s.at_ms) filter (where s.kind = 'completed') as completed,
                    min(s.at_ms) filter (where s.kind = 'gave_up') as gave_up,
                    min(s.at_ms) filter (where s.kind = 'handed_back') as handed_back,
                    min(s.at_ms) filter (where s.kind = 'lease_ended') as lease_ended,
                    min(s.at_ms) filter (where s.kind = 'claimed') as claimed,
                    min(s.at_ms) filter (where s.kind in ('acked', 'vanished')) as acked,
                    min(s.at_ms) filter (where s.kind = 'terminated') as terminated,
                    min(s.at_ms) filter (where s.kind = 'naked') as naked,
                    min(s.at_ms) filter (where s.kind = 'exhausted') as exhausted,
                    min(s.at_ms) filter (where s.kind = 'deleted') as deleted,
                    coalesce(min(s.at_ms) filter (where s.kind in ('started', 'claimed')),
                             min(s.at_ms - s.worked_ms) filter (where s.kind = 'acked')) as started,
                    (array_agg(s.reason order by case s.kind when 'terminated' then 0 when 'gave_up' then 0 when 'handed_back' then 0
                                                             when 'complained' then 1 else 2 end,
                                                 s.at_ms, s.source_stream, s.source_sequence)
                        filter (where s.reason is not null))[1] as reason
             from number n left join s on s.task_id = n.task_id and s.number = n.number
             group by n.task_id, n.number, n.last
         ), b as (
         select task_id, number,
                case when completed is not null then 'succeeded'
                     when gave_up is not null then 'given_up'
                     when handed_back is not null then 'returned'
                     when lease_ended is not null then 'no_answer'
                     when claimed is not null then case when exhausted is not null or number < last then 'no_answer' else 'running' end
                     when acked is not null then 'succeeded'
                     when terminated is not null then 'given_up'
                     when naked is not null then 'returned'
                     when exhausted is not null or number < last then 'no_answer'
                     when deleted is not null then 'given_up'
                     else 'running' end as outcome,
                started,
                case when claimed is not null then coalesce(completed, gave_up, handed_back, lease_ended, exhausted)
                     else coalesce(completed, gave_up, handed_back, lease_ended, acked, terminated, naked, exhausted, deleted) end as ended,
                reason
         from a
         )
         insert into attempt (tenant_id, task_id, number, outcome, started_ms, ended_ms, reason)
         select $1, task_id, number,
                case when outcome = 'succeeded'
                          and number > min(number) filter (where outcome = 'succeeded') over (partition by task_id)
                     then 'repeated' else outcome end,
                started, ended, reason
         from b
         on conflict (tenant_id, task_id, number) do update set
             outcome = excluded.outcome, started_ms = excluded.started_ms, ended_ms = excluded.ended_ms, reason = excluded.reason",
    )
    .bind(tenant.0)
    .bind(ids)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// A letter whose worker answered well after all needs nobody any more.
async fn letters_answered(tx: &mut Tx, ids: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query(
        "update dead_letter d set state = 'answered'
         where d.task_id = any($1) and d.state = 'waiting'
           and exists (select from attempt a where a.task_id = d.task_id and a.outcome = 'succeeded')",
    )
    .bind(ids)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// The state of these tasks. A founder's word counts before what workers say.
async fn states(tx: &mut Tx, ids: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query(
        "with a as (
             select t.id, t.created_ms, t.cancelled_ms, t.unknown_agent, t.sequence,
                    d.state as letter, d.cause, d.at_ms as letter_ms,
                    coalesce(max(a.number), 0) as attempts,
                    coalesce(bool_or(a.outcome = 'succeeded'), false) as succeeded,
                    coalesce(bool_or(a.outcome = 'given_up'), false) as given_up,
                    (array_agg(a.outcome order by a.number desc))[1] as last,
                    (array_agg(a.reason order by a.number desc) filter (where a.reason is not null))[1] as reason,
                    max(greatest(a.started_ms, a.ended_ms)) as updated,
                    min(a.ended_ms) filter (where a.outcome in ('succeeded', 'given_up')) as settled
             from unnest($1::uuid[]) as i (id)
             join task t on t.id = i.id
             left join attempt a on a.task_id = t.id
             left join dead_letter d on d.task_id = t.id
             group by t.id, t.created_ms, t.cancelled_ms, t.unknown_agent, t.sequence, d.state, d.cause, d.at_ms
         ), s as (
             select *,
                    case when cancelled_ms is not null then 'cancelled'
                         when letter in ('replaying', 'replayed') then 'replayed'
                         when letter = 'dismissed' then 'dismissed'
                         when succeeded then 'succeeded'
                         when given_up then 'failed'
                         when letter = 'waiting' then case cause when 'given_up' then 'failed' when 'undeliverable' then 'undeliverable' else 'dead' end
                         when unknown_agent and attempts = 0 then 'undeliverable'
                         when last = 'running' then 'running'
                         when attempts > 0 then 'retrying'
                         when sequence is null then 'scheduled'
                         else 'queued' end as state
             from a
         )
         update task t set
             state = s.state, attempts = s.attempts,
             reason = coalesce(s.reason, case when s.unknown_agent then 'There was no agent of this name when the task came.' end),
             updated_ms = greatest(t.created_ms, s.updated, s.cancelled_ms, s.letter_ms),
             ended_ms = case when s.state = 'cancelled' then s.cancelled_ms
                             when s.state in ('succeeded', 'failed') then coalesce(s.settled, s.letter_ms)
                             when s.letter is not null then s.letter_ms
                             when s.state = 'undeliverable' then s.created_ms end
         from s where s.id = t.id",
    )
    .bind(ids)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// What these tasks cost: what was handed in with results, and what their own agents reported.
async fn costs(tx: &mut Tx, ids: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query(
        "update task t set micro_usd = c.micro_usd
         from (select t.id, case when t.reported_micro_usd is null and sum(e.micro_usd) is null then null
                                 else coalesce(t.reported_micro_usd, 0) + coalesce(sum(e.micro_usd), 0)::bigint end as micro_usd
               from unnest($1::uuid[]) as i (id)
               join task t on t.id = i.id
               left join task_message m on m.task_id = t.id
               left join event e on e.task_sequence = m.sequence and e.tasks_epoch = m.epoch and e.agent = t.agent
                                    and e.micro_usd is not null
               group by t.id, t.reported_micro_usd) c
         where c.id = t.id and c.micro_usd is distinct from t.micro_usd",
    )
    .bind(ids)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}
