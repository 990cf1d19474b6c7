//! Answers of the REST API that are kept for whoever asks again.

use crate::db::{Db, unavailable};
use async_trait::async_trait;
use countersign_domain::{Millis, TenantId};
use countersign_service::ports::{KeptAnswer, KeptAnswers, Once, RequestKey, StoreError};
use uuid::Uuid;

/// [`KeptAnswers`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgKeptAnswers {
    db: Db,
}

impl PgKeptAnswers {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    request: Vec<u8>,
    makes: Uuid,
    taken_ms: i64,
    status: Option<i32>,
    location: Option<String>,
    body: Option<String>,
}

#[async_trait]
impl KeptAnswers for PgKeptAnswers {
    async fn begin(
        &self,
        tenant: TenantId,
        asked: &RequestKey,
        fresh: Uuid,
        now: Millis,
        (stale, forget): (Millis, Millis),
    ) -> Result<Once, StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        sqlx::query("delete from api_answer where asked_ms < $1")
            .bind(forget.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        // Of two at once the second waits here until the first has committed, and finds its row.
        let first = sqlx::query(
            "insert into api_answer (tenant_id, token_id, key, request, makes, asked_ms, taken_ms)
             values ($1, $2, $3, $4, $5, $6, $6) on conflict (tenant_id, token_id, key) do nothing",
        )
        .bind(tenant.0)
        .bind(asked.token.0)
        .bind(&asked.key)
        .bind(asked.request.as_slice())
        .bind(fresh)
        .bind(now.0)
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        if first.rows_affected() == 1 {
            tx.commit().await.map_err(unavailable)?;
            return Ok(Once::Now(fresh));
        }
        let row: Row = sqlx::query_as(
            "select request, makes, taken_ms, status, location, body from api_answer
             where token_id = $1 and key = $2 for update",
        )
        .bind(asked.token.0)
        .bind(&asked.key)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        if row.request != asked.request {
            return Ok(Once::Other);
        }
        if let (Some(status), Some(body)) = (row.status, row.body) {
            let status = u16::try_from(status).unwrap_or(200);
            return Ok(Once::Done(KeptAnswer { status, location: row.location, body }));
        }
        if row.taken_ms > stale.0 {
            return Ok(Once::UnderWay);
        }
        sqlx::query("update api_answer set taken_ms = $3 where token_id = $1 and key = $2")
            .bind(asked.token.0)
            .bind(&asked.key)
            .bind(now.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)?;
        Ok(Once::Now(row.makes))
    }

    async fn keep(&self, tenant: TenantId, asked: &RequestKey, answer: KeptAnswer) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        sqlx::query("update api_answer set status = $3, location = $4, body = $5 where token_id = $1 and key = $2")
            .bind(asked.token.0)
            .bind(&asked.key)
            .bind(i32::from(answer.status))
            .bind(answer.location)
            .bind(answer.body)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)
    }

    async fn put_back(&self, tenant: TenantId, asked: &RequestKey) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        sqlx::query("update api_answer set taken_ms = 0 where token_id = $1 and key = $2 and status is null")
            .bind(asked.token.0)
            .bind(&asked.key)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)
    }

    async fn free(&self, tenant: TenantId, asked: &RequestKey) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        sqlx::query("delete from api_answer where token_id = $1 and key = $2 and status is null")
            .bind(asked.token.0)
            .bind(&asked.key)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)
    }
}
