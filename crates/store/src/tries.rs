//! How often somebody tried what can be guessed.

use crate::{
    db::{Db, unavailable},
    projection::Tx,
};
use async_trait::async_trait;
use countersign_domain::{Millis, PersonId};
use countersign_service::ports::{StoreError, Tries};

/// [`Tries`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgTries {
    db: Db,
}

impl PgTries {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// Forgets all tries on an account and of its person's codes.
pub(crate) async fn forget(tx: &mut Tx, account: &str, person: PersonId) -> Result<(), StoreError> {
    sqlx::query(
        "delete from sign_in_failure
         where key = 'account:' || $1 or starts_with(key, 'account:' || $1 || ':') or starts_with(key, 'browser:' || $1 || ':')
            or key = 'code:' || $2 or starts_with(key, 'code:' || $2 || ':')",
    )
    .bind(account)
    .bind(person.0.to_string())
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

#[async_trait]
impl Tries for PgTries {
    async fn take(&self, keys: &[(String, u32)], now: Millis, window_ms: i64) -> Result<Option<Millis>, StoreError> {
        let mut tx = self.db.tx().await?;
        let mut names: Vec<&str> = keys.iter().map(|(key, _)| key.as_str()).collect();
        // In one order for everybody, so that two of these cannot wait for each other.
        names.sort_unstable();
        for name in &names {
            sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
                .bind(name)
                .execute(&mut *tx)
                .await
                .map_err(unavailable)?;
        }
        for (key, limit) in keys {
            // The try that has to leave the window before another one may be made.
            let oldest: Option<(i64,)> = sqlx::query_as(
                "select at_ms from sign_in_failure where key = $1 and at_ms > $2 - $3
                 order by at_ms desc offset $4 limit 1",
            )
            .bind(key)
            .bind(now.0)
            .bind(window_ms)
            .bind(i64::from(limit.saturating_sub(1)))
            .fetch_optional(&mut *tx)
            .await
            .map_err(unavailable)?;
            if let Some((oldest,)) = oldest {
                return Ok(Some(Millis(oldest + window_ms)));
            }
        }
        sqlx::query(
            "with gone as (delete from sign_in_failure where at_ms < $2 - $3)
             insert into sign_in_failure (key, at_ms) select key, $2 from unnest($1::text[]) key",
        )
        .bind(&names)
        .bind(now.0)
        .bind(window_ms)
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)?;
        Ok(None)
    }

    async fn give_back(&self, keys: &[(String, u32)], at: Millis) -> Result<(), StoreError> {
        for (key, _) in keys {
            // Of several tries at the same moment, one.
            sqlx::query(
                "delete from sign_in_failure where ctid = (
                     select ctid from sign_in_failure where key = $1 and at_ms = $2 limit 1 for update skip locked)",
            )
            .bind(key)
            .bind(at.0)
            .execute(self.db.pool())
            .await
            .map_err(unavailable)?;
        }
        Ok(())
    }

    async fn knows(&self, person: PersonId, mark: [u8; 32]) -> Result<bool, StoreError> {
        let (known,): (bool,) =
            sqlx::query_as("select exists (select from known_browser where person_id = $1 and digest = $2)")
                .bind(person.0)
                .bind(mark.as_slice())
                .fetch_one(self.db.pool())
                .await
                .map_err(unavailable)?;
        Ok(known)
    }

    async fn remember(&self, person: PersonId, mark: [u8; 32], now: Millis) -> Result<(), StoreError> {
        sqlx::query(
            "insert into known_browser (person_id, digest, used_ms) values ($1, $2, $3)
             on conflict (person_id, digest) do update set used_ms = excluded.used_ms",
        )
        .bind(person.0)
        .bind(mark.as_slice())
        .bind(now.0)
        .execute(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok(())
    }
}
