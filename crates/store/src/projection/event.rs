//! Broadcast facts, and which tasks' costs they tell.

use super::Tx;
use crate::{db::unavailable, ledger::signed};
use countersign_domain::{
    Millis, TenantId,
    bus_fact::{EventReceived, Position},
};
use countersign_service::ports::StoreError;
use std::collections::BTreeSet;
use uuid::Uuid;

type Kept<'a> = (&'a Position, Millis, &'a EventReceived);

pub(super) async fn keep(tx: &mut Tx, tenant: TenantId, events: &[Kept<'_>]) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into event (tenant_id, epoch, sequence, agent, topic, correlation_id, payload, micro_usd, task_sequence,
                            tasks_epoch, at_ms)
         select $1, * from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
                                  $9::bigint[], $10::bigint[], $11::bigint[])
         on conflict do nothing",
    )
    .bind(tenant.0)
    .bind(events.iter().map(|(position, ..)| position.epoch).collect::<Vec<_>>())
    .bind(events.iter().map(|(position, ..)| signed(position.sequence)).collect::<Vec<_>>())
    .bind(events.iter().map(|(.., event)| event.agent.as_str()).collect::<Vec<_>>())
    .bind(events.iter().map(|(.., event)| event.topic.as_str()).collect::<Vec<_>>())
    .bind(events.iter().map(|(.., event)| event.correlation_id.as_deref()).collect::<Vec<_>>())
    .bind(events.iter().map(|(.., event)| event.payload.as_str()).collect::<Vec<_>>())
    .bind(events.iter().map(|(.., event)| event.micro_usd).collect::<Vec<_>>())
    .bind(events.iter().map(|(.., event)| event.task_sequence.map(signed)).collect::<Vec<_>>())
    .bind(events.iter().map(|(.., event)| event.tasks_epoch).collect::<Vec<_>>())
    .bind(events.iter().map(|(_, at, _)| at.0).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// The tasks that these events tell the cost of.
pub(super) async fn find_paid(
    tx: &mut Tx,
    events: &[Kept<'_>],
    touched: &mut BTreeSet<Uuid>,
) -> Result<(), StoreError> {
    let paid: Vec<(i64, i64)> = events
        .iter()
        .filter(|(.., event)| event.micro_usd.is_some())
        .filter_map(|(.., event)| Some((event.tasks_epoch?, signed(event.task_sequence?))))
        .collect();
    if paid.is_empty() {
        return Ok(());
    }
    let found: Vec<(Uuid,)> = sqlx::query_as(
        "select distinct m.task_id from unnest($1::bigint[], $2::bigint[]) as s (epoch, sequence)
         cross join lateral (
             select task_id from task_message where epoch = s.epoch and sequence = s.sequence offset 0) m",
    )
    .bind(paid.iter().map(|(epoch, _)| *epoch).collect::<Vec<_>>())
    .bind(paid.iter().map(|(_, sequence)| *sequence).collect::<Vec<_>>())
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    touched.extend(found.into_iter().map(|(id,)| id));
    Ok(())
}
