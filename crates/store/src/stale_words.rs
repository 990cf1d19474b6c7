//! Words that were parted by other rules than today's.

use crate::{
    db::{Db, unavailable},
    words,
};
use countersign_domain::TenantId;
use countersign_service::ports::StoreError;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Tasks at a time.
const SOME: i64 = 500;

/// A task's id, agent, kind, trace and payload.
type Stale = (Uuid, String, String, Option<String>, String);

/// Parts the words of some tasks anew that have stale ones; answers of how many.
pub(crate) async fn part(db: &Db, tenant: TenantId) -> Result<usize, StoreError> {
    let mut tx = db.tenant_tx(tenant).await?;
    // A constant, as in the index of stale words.
    let rows: Vec<Stale> = sqlx::query_as(AssertSqlSafe(format!(
        "select x.task_id, t.agent, t.kind, t.correlation_id, t.payload
         from (select task_id from task_text where parted < {} limit $1 for update skip locked) x
         cross join lateral (
             select agent, kind, correlation_id, left(payload, {}) as payload from task where id = x.task_id offset 0) t",
        words::RULES,
        words::TEXT
    )))
    .bind(SOME)
    .fetch_all(&mut *tx)
    .await
    .map_err(unavailable)?;
    if rows.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Uuid> = rows.iter().map(|(id, ..)| *id).collect();
    let parted: Vec<String> = rows
        .iter()
        .map(|(_, agent, kind, trace, payload)| words::of_task(agent, kind, trace.as_deref(), payload))
        .collect();
    sqlx::query(
        "insert into task_text (tenant_id, task_id, search, parted)
         select $1, n.id, n.words::tsvector, $4 from unnest($2::uuid[], $3::text[]) as n (id, words)
         on conflict (tenant_id, task_id) do update set search = excluded.search, parted = excluded.parted",
    )
    .bind(tenant.0)
    .bind(&ids)
    .bind(&parted)
    .bind(words::RULES)
    .execute(&mut *tx)
    .await
    .map_err(unavailable)?;
    tx.commit().await.map_err(unavailable)?;
    Ok(ids.len())
}
