//! What founders know and agents cannot see.

use crate::{
    db::{Db, is_refused, unavailable},
    outbox::Message,
    pen::Pen,
};
use async_trait::async_trait;
use countersign_domain::{Act, ContextFactId, Millis, TenantId, context::ContextFact, journal::What};
use countersign_service::ports::{ContextFacts, FactRecord, StoreError};
use countersign_wire::{brief::ContextChangedV1, subject};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use uuid::Uuid;

/// Versions that are read at a time: more facts than a founder would write in years.
const MOST: i64 = 2_000;

/// [`ContextFacts`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgContextFacts {
    db: Db,
}

impl PgContextFacts {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

struct Read(FactRecord);

impl FromRow<'_, PgRow> for Read {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let kind: String = row.try_get("kind")?;
        let fact = ContextFact {
            id: ContextFactId(row.try_get::<Uuid, _>("id")?),
            version: row.try_get::<i32, _>("version")?.unsigned_abs(),
            kind: kind.parse().map_err(|_| sqlx::Error::Decode("a fact of another kind".into()))?,
            text: row.try_get("text")?,
            from: Millis(row.try_get("from_ms")?),
            until: row.try_get::<Option<i64>, _>("until_ms")?.map(Millis),
            withdrawn: row.try_get("withdrawn")?,
        };
        Ok(Self(FactRecord { fact, by: row.try_get("name")?, at: Millis(row.try_get("at_ms")?) }))
    }
}

#[async_trait]
impl ContextFacts for PgContextFacts {
    async fn all(&self, tenant: TenantId) -> Result<Vec<FactRecord>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<Read> = sqlx::query_as(
            "select f.*, p.name from context_fact f join person p on p.id = f.person_id
             order by f.at_ms desc, f.version desc, f.id limit $1",
        )
        .bind(MOST)
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn find(&self, tenant: TenantId, id: ContextFactId) -> Result<ContextFact, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let row: Option<Read> = sqlx::query_as(
            "select f.*, p.name from context_fact f join person p on p.id = f.person_id
             where f.id = $1 order by f.version desc limit 1",
        )
        .bind(id.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(unavailable)?;
        row.map(|row| row.0.fact).ok_or(StoreError::NotFound)
    }

    async fn tell(&self, tenant: TenantId, fact: ContextFact, act: Act) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let told = sqlx::query(
            "insert into context_fact (tenant_id, id, version, kind, text, from_ms, until_ms, withdrawn, person_id, at_ms)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(tenant.0)
        .bind(fact.id.0)
        .bind(i32::try_from(fact.version).unwrap_or(i32::MAX))
        .bind(fact.kind.as_str())
        .bind(&fact.text)
        .bind(fact.from.0)
        .bind(fact.until.map(|until| until.0))
        .bind(fact.withdrawn)
        .bind(act.by.0)
        .bind(act.at.0)
        .execute(&mut *pen.tx)
        .await;
        match told {
            Ok(_) => {}
            Err(error) if is_refused(&error) => {
                let words = "This fact was changed or taken back meanwhile. Open the page again.";
                return Err(StoreError::Refused(words.to_owned()));
            }
            Err(error) => return Err(unavailable(error)),
        }
        let message = ContextChangedV1 {
            v: 1,
            fact: fact.id.to_string(),
            version: fact.version,
            kind: fact.kind.as_str(),
            text: &fact.text,
            from: fact.from.to_rfc3339(),
            until: fact.until.map(Millis::to_rfc3339),
            withdrawn: fact.withdrawn,
            changed_at: act.at.to_rfc3339(),
        };
        let payload = serde_json::to_string(&message).map_err(|error| StoreError::Unavailable(error.into()))?;
        let id = format!("cf:{}:{}", fact.id, fact.version);
        pen.write_act(&act, What::ContextFact { by: act.by, fact }).await?;
        pen.send(Message::tell(id, subject::CONTEXT_CHANGED.to_owned(), Vec::new(), payload, act.at));
        pen.commit(act.at).await.map(drop)
    }
}
