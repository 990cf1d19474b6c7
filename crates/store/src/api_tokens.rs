//! Tokens of the REST API.

use crate::{
    account,
    db::{Db, taken, unavailable},
};
use async_trait::async_trait;
use countersign_domain::{
    Act, Actor, ApiTokenId, How, Millis, PersonId, TenantId, Via,
    account::AccountAct,
    api_token::Scope,
    reading::{TokenRow, TokenState},
};
use countersign_service::ports::{ApiTokens, NewToken, StoreError};
use uuid::Uuid;

/// [`ApiTokens`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgApiTokens {
    db: Db,
}

impl PgApiTokens {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// A token's use is noted at most so often, or when it comes from elsewhere.
const USE_NOTED_EVERY_MS: i64 = 60_000;
/// Tokens that ended longer ago are not shown. Milliseconds.
const SHOWN_MS: i64 = 90 * 24 * 60 * 60 * 1000;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    scopes: Vec<String>,
    tail: String,
    made_by: String,
    belongs: bool,
    made_ms: i64,
    expires_ms: i64,
    revoked_ms: Option<i64>,
    used_ms: Option<i64>,
    used_from: Option<String>,
}

impl Row {
    fn shown(self, now: Millis) -> TokenRow {
        let state = match self.revoked_ms {
            Some(at) => TokenState::Revoked(Millis(at)),
            None if self.expires_ms <= now.0 => TokenState::Expired,
            None if !self.belongs => TokenState::Orphaned,
            None => TokenState::Live,
        };
        TokenRow {
            id: self.id.to_string(),
            name: self.name,
            scopes: scopes(&self.scopes),
            tail: self.tail,
            made_by: self.made_by,
            made_at: Millis(self.made_ms),
            expires_at: Millis(self.expires_ms),
            used_at: self.used_ms.map(Millis),
            used_from: self.used_from,
            state,
        }
    }
}

/// A word that is no scope (any more) gives nothing.
fn scopes(words: &[String]) -> Vec<Scope> {
    words.iter().filter_map(|word| word.parse().ok()).collect()
}

#[derive(sqlx::FromRow)]
struct Speaker {
    id: Uuid,
    token_name: String,
    scopes: Vec<String>,
    used_ms: Option<i64>,
    used_from: Option<String>,
    person_id: Uuid,
    name: String,
    email: String,
    role: String,
    slug: String,
    tenant_name: String,
}

#[async_trait]
impl ApiTokens for PgApiTokens {
    async fn make(&self, tenant: TenantId, token: NewToken) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        let words: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
        sqlx::query(
            "insert into api_token (tenant_id, id, person_id, digest, tail, name, scopes, made_ms, expires_ms)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(tenant.0)
        .bind(token.id.0)
        .bind(token.act.by.0)
        .bind(token.digest.as_slice())
        .bind(token.tail)
        .bind(&token.name)
        .bind(words)
        .bind(token.act.at.0)
        .bind(token.expires_at.0)
        .execute(&mut *tx)
        .await
        .map_err(taken(
            "api_token_made",
            "This token was made already, and is not shown again. If it was not copied, revoke it and make another."
                .to_owned(),
        ))?;
        let act = AccountAct::TokenMade {
            token: token.id,
            name: token.name,
            scopes: token.scopes,
            expires_at: token.expires_at,
        };
        account::journal_in(&mut tx, tenant, token.act.by, &token.act, act).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn list(&self, tenant: TenantId, now: Millis) -> Result<Vec<TokenRow>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<Row> = sqlx::query_as(
            "select t.id, t.name, t.scopes, t.tail, p.name as made_by, t.made_ms, t.expires_ms, t.revoked_ms, t.used_ms, t.used_from,
                    exists (select from membership m where m.person_id = t.person_id and m.tenant_id = t.tenant_id) as belongs
             from api_token t
             join person p on p.id = t.person_id
             where coalesce(t.revoked_ms, t.expires_ms) > $1
             order by t.made_ms desc, t.id desc limit 200",
        )
        .bind(now.0 - SHOWN_MS)
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok(rows.into_iter().map(|row| row.shown(now)).collect())
    }

    async fn revoke(&self, tenant: TenantId, id: ApiTokenId, act: Act) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        let (person, name, revoked): (Uuid, String, Option<i64>) =
            sqlx::query_as("select person_id, name, revoked_ms from api_token where id = $1 for update")
                .bind(id.0)
                .fetch_one(&mut *tx)
                .await
                .map_err(unavailable)?;
        if revoked.is_some() {
            return Err(StoreError::Refused(format!("“{name}” was revoked already.")));
        }
        sqlx::query("update api_token set revoked_ms = $2 where id = $1")
            .bind(id.0)
            .bind(act.at.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        let what = AccountAct::TokenRevoked { token: id, name };
        account::journal_in(&mut tx, tenant, PersonId(person), &act, what).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn actor(
        &self,
        tenant: TenantId,
        digest: [u8; 32],
        from: &str,
        now: Millis,
    ) -> Result<(ApiTokenId, Actor), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        let found: Speaker = sqlx::query_as(
            "select k.id, k.name as token_name, k.scopes, k.used_ms, k.used_from, p.id as person_id, p.name, p.email, m.role, t.slug, t.name as tenant_name
             from api_token k
             join membership m on m.person_id = k.person_id and m.tenant_id = k.tenant_id
             join person p on p.id = k.person_id
             join tenant t on t.id = k.tenant_id
             where k.digest = $1 and k.expires_ms > $2 and k.revoked_ms is null",
        )
        .bind(digest.as_slice())
        .bind(now.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        let noted = found.used_ms.is_some_and(|at| at > now.0 - USE_NOTED_EVERY_MS);
        if !noted || found.used_from.as_deref() != Some(from) {
            sqlx::query("update api_token set used_ms = $2, used_from = $3 where id = $1")
                .bind(found.id)
                .bind(now.0)
                .bind(from)
                .execute(&mut *tx)
                .await
                .map_err(unavailable)?;
        }
        tx.commit().await.map_err(unavailable)?;
        let actor = Actor {
            person: PersonId(found.person_id),
            tenant,
            tenant_slug: found.slug,
            tenant_name: found.tenant_name,
            role: found.role.parse().map_err(|()| StoreError::NotFound)?,
            name: found.name,
            email: found.email,
            // A token proves nothing anew.
            proven_at: Millis(0),
            elsewhere: false,
            via: Via { token: Some(found.token_name), ..Via::new(How::Token, from) },
            scopes: Some(scopes(&found.scopes)),
        };
        Ok((ApiTokenId(found.id), actor))
    }
}
