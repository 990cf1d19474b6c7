//! What happens without a founder, as the use cases ask for it.

use crate::{
    away, brief_rows, brief_settle,
    db::{Db, unavailable},
    grants,
    pen::Pen,
    tasks::{self, OwnTask},
};
use async_trait::async_trait;
use countersign_domain::{
    Act, AwayId, GrantId, Millis, TaskId, TenantId,
    brief::{BriefAct, DecisionState},
    journal::What,
};
use countersign_service::ports::{
    Autonomy, AwayRecord, AwayRecords, BriefRecord, GrantRecord, NewAway, NewGrant, NewGranted, NewReversal, StoreError,
};
use countersign_wire::brief::{DecisionReversedV1, REVERSED_KIND};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Briefs on which grants act in one go.
const AT_A_TIME: i64 = 100;

/// [`Autonomy`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgAutonomy {
    db: Db,
}

impl PgAutonomy {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl Autonomy for PgAutonomy {
    async fn aways(&self, tenant: TenantId, limit: u32) -> Result<Vec<AwayRecord>, StoreError> {
        away::list(&mut self.db.tenant_read(tenant).await?, limit, None).await
    }

    async fn declare(&self, tenant: TenantId, new: NewAway) -> Result<(), StoreError> {
        away::declare(Pen::open(&self.db, tenant).await?, new).await
    }

    async fn end_away(&self, tenant: TenantId, id: AwayId, act: Act) -> Result<(), StoreError> {
        away::end(Pen::open(&self.db, tenant).await?, id, act).await
    }

    async fn report(&self, tenant: TenantId, id: AwayId, now: Millis) -> Result<AwayRecords, StoreError> {
        away::report(&mut self.db.tenant_read(tenant).await?, id, now).await
    }

    async fn categories(&self, tenant: TenantId) -> Result<Vec<String>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<(String,)> = sqlx::query_as(
            "select category from (select category, max(opened_ms) as newest from brief group by category) c
             order by newest desc limit 50",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok(rows.into_iter().map(|(category,)| category).collect())
    }

    async fn grants(&self, tenant: TenantId, limit: u32) -> Result<Vec<GrantRecord>, StoreError> {
        grants::list(&mut self.db.tenant_read(tenant).await?, limit).await
    }

    async fn give(&self, tenant: TenantId, grant: NewGrant) -> Result<(), StoreError> {
        grants::give(Pen::open(&self.db, tenant).await?, grant).await
    }

    async fn end_grant(
        &self,
        tenant: TenantId,
        grant: GrantId,
        why: &str,
        task: TaskId,
        act: Act,
    ) -> Result<(), StoreError> {
        grants::revoke(Pen::open(&self.db, tenant).await?, grant, why, task, act).await
    }

    async fn granted(&self, tenant: TenantId, now: Millis) -> Result<Vec<(BriefRecord, GrantId)>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let sql = format!("select id, grant_id from ({}) g where due <= $1 order by due, id limit $2", grants::DUE);
        let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(now.0)
            .bind(AT_A_TIME)
            .fetch_all(&mut *tx)
            .await
            .map_err(unavailable)?;
        let mut found = Vec::new();
        for (brief, grant) in rows {
            let brief = countersign_domain::BriefId(brief);
            let records = brief_rows::briefs(&mut tx, "b.id = $2", 0, Some(brief)).await?;
            found.extend(records.into_iter().map(|record| (record, GrantId(grant))));
        }
        Ok(found)
    }

    async fn act(&self, tenant: TenantId, granted: NewGranted, now: Millis) -> Result<bool, StoreError> {
        brief_settle::act(Pen::open(&self.db, tenant).await?, &granted, now).await
    }

    async fn reverse(&self, tenant: TenantId, new: NewReversal) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let found = brief_rows::decisions(&mut pen.tx, "d.id = $1", new.decision.0, None).await?;
        let found = found.into_iter().next().ok_or(StoreError::NotFound)?;
        if found.by.is_some() || found.state != DecisionState::Made {
            return Err(StoreError::Refused("A person decided this, and it stays so.".to_owned()));
        }
        let noted = sqlx::query(
            "insert into decision_reversal (tenant_id, decision_id, task_id, reason, person_id, at_ms)
             values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        )
        .bind(tenant.0)
        .bind(new.decision.0)
        .bind(new.task.0)
        .bind(&new.reason)
        .bind(new.act.by.0)
        .bind(new.act.at.0)
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        if noted.rows_affected() == 0 {
            return Err(StoreError::Refused("Its author was asked to have it decided anew before.".to_owned()));
        }
        let brief = brief_rows::briefs(&mut pen.tx, "b.id = $2", 0, Some(found.brief)).await?;
        let brief = brief.into_iter().next().ok_or(StoreError::NotFound)?;
        let (category,): (String,) = sqlx::query_as("select category from brief where id = $1")
            .bind(brief.id.0)
            .fetch_one(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
        let act = BriefAct::Reversed { decision: new.decision, task: new.task, reason: new.reason.clone() };
        pen.write_act(&new.act, What::Brief { by: Some(new.act.by), brief: brief.id, act }).await?;
        let title = format!("Have this decided anew: {}", brief.name);
        let trace = brief.id.to_string();
        let told = DecisionReversedV1 {
            v: 1,
            task: title.clone(),
            brief: &brief.name,
            brief_id: brief.id.to_string(),
            decision: new.decision.to_string(),
            option: found.choice.text().unwrap_or_default(),
            reason: &new.reason,
            do_this: "Undo what followed from it, and ask again: send a brief under another name.",
            correlation_id: &trace,
        };
        let payload = serde_json::to_string(&told).map_err(|error| StoreError::Unavailable(error.into()))?;
        // People who asked see it on the brief's page.
        if let Some(agent) = brief.author.agent() {
            let task =
                OwnTask { id: new.task, agent: &agent, kind: REVERSED_KIND, title, trace: trace.clone(), payload };
            tasks::give(&mut pen, &task, new.act.at).await?;
            let why = format!("A founder wants it decided anew what you had recommended: {}", new.reason);
            grants::fall(&mut pen, (&agent, &category), true, &why, new.act.at).await?;
        }
        pen.commit(new.act.at).await.map(drop)
    }
}
