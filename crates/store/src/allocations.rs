//! How the organization's means are shared out, as founders decided. The database writes it by itself.

use crate::{
    db::{Db, unavailable},
    outbox::Message,
    pen::Pen,
    projection::Tx,
};
use async_trait::async_trait;
use countersign_domain::{
    BriefId, DecisionId, Millis, TenantId,
    allocation::{Allocation, Share},
    brief::BriefAct,
    journal::{Entry, What},
};
use countersign_service::ports::{AllocationRecord, Allocations, DecisionRecord, StoreError};
use countersign_wire::{brief::AllocationChangedV1, brief::ShareV1, subject};
use uuid::Uuid;

/// [`Allocations`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgAllocations {
    db: Db,
}

impl PgAllocations {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

type Row = (Uuid, Uuid, String, String, i64);

#[async_trait]
impl Allocations for PgAllocations {
    async fn decided(&self, tenant: TenantId, limit: u32) -> Result<Vec<AllocationRecord>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<Row> = sqlx::query_as(
            "select d.id, d.brief_id, convert_from(v.text, 'utf8')::jsonb ->> 'title', p.name, d.ended_ms
             from decision d
             join brief_version v on v.tenant_id = d.tenant_id and v.brief_id = d.brief_id and v.version = d.version
             join person p on p.id = d.person_id
             where d.state = 'made' and d.id in (select decision_id from allocation)
             order by d.ended_ms desc, d.id desc limit $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let mut list = Vec::new();
        for (decision, brief, title, by, at) in rows {
            let shares = shares(&mut tx, decision).await?;
            let (decision, brief) = (DecisionId(decision), BriefId(brief));
            list.push(AllocationRecord { decision, brief, title, by, at: Millis(at), shares });
        }
        Ok(list)
    }
}

/// What a decision said about the shares; empty where it said nothing.
async fn shares(tx: &mut Tx, decision: Uuid) -> Result<Allocation, StoreError> {
    let rows: Vec<(String, i32, i64)> =
        sqlx::query_as("select agent, weight, budget_micro_usd from allocation where decision_id = $1")
            .bind(decision)
            .fetch_all(&mut **tx)
            .await
            .map_err(unavailable)?;
    let share = |(agent, weight, budget_micro_usd): (String, i32, i64)| {
        Some((agent.parse().ok()?, Share { budget_micro_usd, weight: weight.unsigned_abs() }))
    };
    Ok(rows.into_iter().filter_map(share).collect())
}

/// Journals and tells what changed with a decision that has just been made, where something did.
pub(crate) async fn told(
    pen: &mut Pen,
    decided: &DecisionRecord,
    entry: &Entry,
    now: Millis,
) -> Result<(), StoreError> {
    let shares = shares(&mut pen.tx, decided.id.0).await?;
    if shares.is_empty() {
        return Ok(());
    }
    let each = shares.iter().map(|(agent, share)| {
        let share = ShareV1 { weight: share.weight, budget_micro_usd: share.budget_micro_usd };
        (agent.as_str(), share)
    });
    let message = AllocationChangedV1 {
        v: 1,
        decision: decided.id.to_string(),
        brief_id: decided.brief.to_string(),
        decided_by: decided.by.as_ref().map(|(_, name)| name.as_str()),
        changed_at: now.to_rfc3339(),
        shares: each.collect(),
    };
    let payload = serde_json::to_string(&message).map_err(|error| StoreError::Unavailable(error.into()))?;
    let by = decided.by.as_ref().map(|(person, _)| *person);
    let act = BriefAct::Allocated { decision: decided.id, shares };
    let what = What::Brief { by, brief: decided.brief, act };
    pen.write(&[Entry { via: entry.via.clone(), ..Entry::new(now, what) }]).await?;
    let id = format!("al:{}", decided.id);
    pen.send(Message::tell(id, subject::ALLOCATION_CHANGED.to_owned(), Vec::new(), payload, now));
    Ok(())
}
