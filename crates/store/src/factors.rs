//! What people prove with, beside a password.

use crate::{
    account,
    db::{Db, taken, unavailable},
    projection::Tx,
};
use async_trait::async_trait;
use countersign_domain::{Act, Millis, PersonId, account::AccountAct};
use countersign_service::ports::{Ceremony, CodeSecret, Factors, PasskeyRecord, StoreError};
use uuid::Uuid;

/// [`Factors`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgFactors {
    db: Db,
}

impl PgFactors {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[derive(sqlx::FromRow)]
struct PasskeyRow {
    id: Vec<u8>,
    person_id: Uuid,
    name: String,
    credential: String,
    created_ms: i64,
    used_ms: Option<i64>,
}

impl From<PasskeyRow> for PasskeyRecord {
    fn from(row: PasskeyRow) -> Self {
        Self {
            id: row.id,
            person: PersonId(row.person_id),
            name: row.name,
            credential: row.credential,
            created_at: Millis(row.created_ms),
            used_at: row.used_ms.map(Millis),
        }
    }
}

const PASSKEY: &str = "select id, person_id, name, credential, created_ms, used_ms from passkey";

/// Recovery codes in place of the ones from before.
async fn keep_recovery_codes(tx: &mut Tx, person: PersonId, codes: &[[u8; 32]]) -> Result<(), StoreError> {
    let codes: Vec<&[u8]> = codes.iter().map(<[u8; 32]>::as_slice).collect();
    sqlx::query("delete from recovery_code where person_id = $1")
        .bind(person.0)
        .execute(&mut **tx)
        .await
        .map_err(unavailable)?;
    sqlx::query("insert into recovery_code (person_id, digest) select $1, code from unnest($2::bytea[]) code")
        .bind(person.0)
        .bind(&codes)
        .execute(&mut **tx)
        .await
        .map_err(unavailable)?;
    Ok(())
}

#[async_trait]
impl Factors for PgFactors {
    async fn put_ceremony(&self, id: [u8; 32], ceremony: Ceremony) -> Result<(), StoreError> {
        sqlx::query(
            "with gone as (delete from ceremony where expires_ms < $5 - 600000)
             insert into ceremony (id, purpose, person_id, state, expires_ms) values ($1, $2, $3, $4, $5)",
        )
        .bind(id.as_slice())
        .bind(ceremony.purpose)
        .bind(ceremony.person.map(|person| person.0))
        .bind(ceremony.state)
        .bind(ceremony.expires_at.0)
        .execute(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok(())
    }

    async fn find_ceremony(
        &self,
        id: [u8; 32],
        purpose: &str,
        now: Millis,
    ) -> Result<(Option<PersonId>, String), StoreError> {
        let (person, state): (Option<Uuid>, String) =
            sqlx::query_as("select person_id, state from ceremony where id = $1 and purpose = $2 and expires_ms > $3")
                .bind(id.as_slice())
                .bind(purpose)
                .bind(now.0)
                .fetch_one(self.db.pool())
                .await
                .map_err(unavailable)?;
        Ok((person.map(PersonId), state))
    }

    async fn take_ceremony(
        &self,
        id: [u8; 32],
        purpose: &str,
        now: Millis,
    ) -> Result<(Option<PersonId>, String), StoreError> {
        let (person, state): (Option<Uuid>, String) = sqlx::query_as(
            "delete from ceremony where id = $1 and purpose = $2 and expires_ms > $3 returning person_id, state",
        )
        .bind(id.as_slice())
        .bind(purpose)
        .bind(now.0)
        .fetch_one(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok((person.map(PersonId), state))
    }

    async fn passkeys(&self, person: PersonId) -> Result<Vec<PasskeyRecord>, StoreError> {
        let rows: Vec<PasskeyRow> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("{PASSKEY} where person_id = $1 order by created_ms, id")))
                .bind(person.0)
                .fetch_all(self.db.pool())
                .await
                .map_err(unavailable)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn passkey(&self, id: &[u8]) -> Result<PasskeyRecord, StoreError> {
        let row: PasskeyRow = sqlx::query_as(sqlx::AssertSqlSafe(format!("{PASSKEY} where id = $1")))
            .bind(id)
            .fetch_one(self.db.pool())
            .await
            .map_err(unavailable)?;
        Ok(row.into())
    }

    async fn add_passkey(&self, passkey: PasskeyRecord, act: Act) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        sqlx::query("insert into passkey (id, person_id, name, credential, created_ms) values ($1, $2, $3, $4, $5)")
            .bind(&passkey.id)
            .bind(passkey.person.0)
            .bind(&passkey.name)
            .bind(&passkey.credential)
            .bind(passkey.created_at.0)
            .execute(&mut *tx)
            .await
            .map_err(taken("passkey_pkey", "This passkey is known already.".to_owned()))?;
        account::journal(&mut tx, passkey.person, &act, AccountAct::PasskeyAdded { name: passkey.name }).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn use_passkey(&self, id: &[u8], credential: Option<String>, at: Millis) -> Result<(), StoreError> {
        sqlx::query("update passkey set used_ms = $2, credential = coalesce($3, credential) where id = $1")
            .bind(id)
            .bind(at.0)
            .bind(credential)
            .execute(self.db.pool())
            .await
            .map_err(unavailable)?;
        Ok(())
    }

    async fn remove_passkey(&self, person: PersonId, id: &[u8], act: Act) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        // Of two who remove the last two of a person without a password, the second finds one alone.
        let (password,): (bool,) =
            sqlx::query_as("select password_hash is not null from person where id = $1 for update")
                .bind(person.0)
                .fetch_one(&mut *tx)
                .await
                .map_err(unavailable)?;
        let (others,): (i64,) = sqlx::query_as("select count(*) from passkey where person_id = $1 and id <> $2")
            .bind(person.0)
            .bind(id)
            .fetch_one(&mut *tx)
            .await
            .map_err(unavailable)?;
        if !password && others == 0 {
            return Err(StoreError::Refused("This passkey is your only way in. Add another passkey first.".to_owned()));
        }
        let (name,): (String,) = sqlx::query_as("delete from passkey where person_id = $1 and id = $2 returning name")
            .bind(person.0)
            .bind(id)
            .fetch_one(&mut *tx)
            .await
            .map_err(unavailable)?;
        account::journal(&mut tx, person, &act, AccountAct::PasskeyRemoved { name }).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn code_secret(&self, person: PersonId) -> Result<Option<CodeSecret>, StoreError> {
        let row: Option<(Vec<u8>, Option<i64>)> =
            sqlx::query_as("select sealed, confirmed_ms from code_secret where person_id = $1")
                .bind(person.0)
                .fetch_optional(self.db.pool())
                .await
                .map_err(unavailable)?;
        Ok(row.map(|(sealed, confirmed)| CodeSecret { sealed, confirmed_at: confirmed.map(Millis) }))
    }

    async fn put_code_secret(&self, person: PersonId, sealed: Vec<u8>) -> Result<(), StoreError> {
        let put = sqlx::query(
            "insert into code_secret (person_id, sealed) values ($1, $2)
             on conflict (person_id) do update set sealed = excluded.sealed, last_step = 0
             where code_secret.confirmed_ms is null",
        )
        .bind(person.0)
        .bind(sealed)
        .execute(self.db.pool())
        .await
        .map_err(unavailable)?;
        if put.rows_affected() == 0 {
            return Err(StoreError::Refused(
                "Your authenticator app is set up already. Switch codes off first to take another.".to_owned(),
            ));
        }
        Ok(())
    }

    async fn confirm_codes(
        &self,
        person: PersonId,
        step: u64,
        recovery: Vec<[u8; 32]>,
        act: Act,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        let confirmed = sqlx::query(
            "update code_secret set confirmed_ms = $2, last_step = $3 where person_id = $1 and confirmed_ms is null",
        )
        .bind(person.0)
        .bind(act.at.0)
        .bind(i64::try_from(step).unwrap_or(i64::MAX))
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        if confirmed.rows_affected() == 0 {
            return Err(StoreError::Refused("Codes are switched on already.".to_owned()));
        }
        keep_recovery_codes(&mut tx, person, &recovery).await?;
        account::journal(&mut tx, person, &act, AccountAct::CodesSwitchedOn).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn use_step(&self, person: PersonId, step: u64) -> Result<bool, StoreError> {
        let used = sqlx::query(
            "update code_secret set last_step = $2
             where person_id = $1 and confirmed_ms is not null and last_step < $2",
        )
        .bind(person.0)
        .bind(i64::try_from(step).unwrap_or(i64::MAX))
        .execute(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok(used.rows_affected() == 1)
    }

    async fn drop_codes(&self, person: PersonId, act: Act) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        let dropped: Option<(bool,)> =
            sqlx::query_as("delete from code_secret where person_id = $1 returning confirmed_ms is not null")
                .bind(person.0)
                .fetch_optional(&mut *tx)
                .await
                .map_err(unavailable)?;
        keep_recovery_codes(&mut tx, person, &[]).await?;
        if dropped == Some((true,)) {
            account::journal(&mut tx, person, &act, AccountAct::CodesSwitchedOff).await?;
        }
        tx.commit().await.map_err(unavailable)
    }

    async fn replace_recovery_codes(&self, person: PersonId, codes: Vec<[u8; 32]>, act: Act) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        keep_recovery_codes(&mut tx, person, &codes).await?;
        account::journal(&mut tx, person, &act, AccountAct::RecoveryCodesMade).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn use_recovery_code(&self, person: PersonId, code: [u8; 32], act: Act) -> Result<Option<u32>, StoreError> {
        let mut tx = self.db.tx().await?;
        let used = sqlx::query("delete from recovery_code where person_id = $1 and digest = $2")
            .bind(person.0)
            .bind(code.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        if used.rows_affected() == 0 {
            return Ok(None);
        }
        let left = left(&mut tx, person).await?;
        account::journal(&mut tx, person, &act, AccountAct::RecoveryCodeUsed { left }).await?;
        tx.commit().await.map_err(unavailable)?;
        Ok(Some(left))
    }

    async fn recovery_codes_left(&self, person: PersonId) -> Result<u32, StoreError> {
        let mut tx = self.db.tx().await?;
        left(&mut tx, person).await
    }
}

async fn left(tx: &mut Tx, person: PersonId) -> Result<u32, StoreError> {
    let (left,): (i64,) = sqlx::query_as("select count(*) from recovery_code where person_id = $1")
        .bind(person.0)
        .fetch_one(&mut **tx)
        .await
        .map_err(unavailable)?;
    Ok(u32::try_from(left).unwrap_or(u32::MAX))
}
