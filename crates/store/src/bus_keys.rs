//! Sealed seeds of the bus identities.

use crate::db::{Db, unavailable};
use countersign_service::ports::StoreError;

/// Where sealed keys are kept: by name, written once.
#[derive(Debug, Clone)]
pub struct PgBusKeys {
    db: Db,
}

impl PgBusKeys {
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// The sealed key of this name; if there is none, `fresh` becomes it. When two processes race,
    /// both get the one that won.
    pub async fn get_or_put(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, StoreError> {
        sqlx::query("insert into bus_key (name, sealed) values ($1, $2) on conflict (name) do nothing")
            .bind(name)
            .bind(fresh)
            .execute(self.db.pool())
            .await
            .map_err(unavailable)?;
        self.get(name).await?.ok_or(StoreError::NotFound)
    }

    /// The sealed key of this name, if there is one.
    pub async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let kept: Option<(Vec<u8>,)> = sqlx::query_as("select sealed from bus_key where name = $1")
            .bind(name)
            .fetch_optional(self.db.pool())
            .await
            .map_err(unavailable)?;
        Ok(kept.map(|(sealed,)| sealed))
    }
}
