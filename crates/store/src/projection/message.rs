//! Signals about attempts, and messages that could not be understood.

use super::{Expect, KeptSignal, Line, Tx};
use crate::{db::unavailable, ledger::signed};
use countersign_domain::{TenantId, bus_fact::FactBody, journal::What};
use countersign_service::ports::StoreError;
use sqlx::{AssertSqlSafe, types::Json};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(super) async fn keep_signals(
    tx: &mut Tx,
    tenant: TenantId,
    signals: &[KeptSignal<'_>],
    expect: Expect,
) -> Result<(), StoreError> {
    if signals.is_empty() {
        return Ok(());
    }
    let on_conflict = expect.on_conflict();
    sqlx::query(AssertSqlSafe(format!(
        "insert into task_signal (tenant_id, source_stream, source_epoch, source_sequence, epoch, sequence, agent, attempt,
                                  kind, at_ms, worked_ms, reason)
         select $1, * from unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::int[],
                                  $9::text[], $10::bigint[], $11::bigint[], $12::text[])
         {on_conflict}"
    )))
    .bind(tenant.0)
    .bind(signals.iter().map(|kept| kept.source.stream.as_str()).collect::<Vec<_>>())
    .bind(signals.iter().map(|kept| kept.source.epoch).collect::<Vec<_>>())
    .bind(signals.iter().map(|kept| signed(kept.source.sequence)).collect::<Vec<_>>())
    .bind(signals.iter().map(|kept| kept.signal.tasks_epoch).collect::<Vec<_>>())
    .bind(signals.iter().map(|kept| signed(kept.signal.sequence)).collect::<Vec<_>>())
    .bind(signals.iter().map(|kept| kept.signal.agent.as_str()).collect::<Vec<_>>())
    .bind(signals.iter().map(|kept| i32::try_from(kept.signal.attempt).unwrap_or(i32::MAX)).collect::<Vec<_>>())
    .bind(signals.iter().map(|kept| kept.signal.kind.as_str()).collect::<Vec<_>>())
    .bind(signals.iter().map(|kept| kept.signal.at.0).collect::<Vec<_>>())
    .bind(signals.iter().map(|kept| kept.signal.worked_ms).collect::<Vec<_>>())
    .bind(signals.iter().map(|kept| kept.signal.reason.as_deref()).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// Which tasks the signals are about, as far as their messages have come.
pub(super) async fn find_signalled(
    tx: &mut Tx,
    signals: &[KeptSignal<'_>],
    touched: &mut BTreeSet<Uuid>,
) -> Result<(), StoreError> {
    if signals.is_empty() {
        return Ok(());
    }
    let found: Vec<(Uuid,)> = sqlx::query_as(
        "select distinct m.task_id from unnest($1::bigint[], $2::bigint[]) as s (epoch, sequence)
         cross join lateral (
             select task_id from task_message where epoch = s.epoch and sequence = s.sequence offset 0) m",
    )
    .bind(signals.iter().map(|kept| kept.signal.tasks_epoch).collect::<Vec<_>>())
    .bind(signals.iter().map(|kept| signed(kept.signal.sequence)).collect::<Vec<_>>())
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    touched.extend(found.into_iter().map(|(id,)| id));
    Ok(())
}

/// Quarantine is rare: a statement a message is fine here.
pub(super) async fn keep_quarantined(tx: &mut Tx, tenant: TenantId, lines: &[Line<'_>]) -> Result<(), StoreError> {
    for line in lines {
        let query = match &line.entry.what {
            What::Received { body: FactBody::Quarantined(message), .. } => sqlx::query(
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
            .bind(line.at().0),
            What::QuarantineRequeued { by, id, task } => sqlx::query(
                "update quarantine set state = 'requeued', closed_ms = $2, closed_by = $3, task_id = $4 where id = $1",
            )
            .bind(id.0)
            .bind(line.at().0)
            .bind(by.0)
            .bind(task.0),
            What::QuarantineDismissed { by, id, reason } => sqlx::query(
                "update quarantine set state = 'dismissed', closed_ms = $2, closed_by = $3, note = $4 where id = $1",
            )
            .bind(id.0)
            .bind(line.at().0)
            .bind(by.0)
            .bind(reason),
            _ => continue,
        };
        query.execute(&mut **tx).await.map_err(unavailable)?;
    }
    Ok(())
}
