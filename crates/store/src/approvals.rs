//! What was approved, as an agent that runs with it may ask.

use crate::{
    db::{Db, is_refused, unavailable},
    pen::Pen,
};
use async_trait::async_trait;
use countersign_domain::{Millis, artifact::ArtifactHash, journal::What};
use countersign_service::ports::{AgentActor, Approvals, RunningRole, StoreError};

/// [`Approvals`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgApprovals {
    db: Db,
}

impl PgApprovals {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl Approvals for PgApprovals {
    async fn running(&self, actor: &AgentActor) -> Result<Option<RunningRole>, StoreError> {
        let mut tx = self.db.tenant_read(actor.tenant).await?;
        let row: Option<(Vec<u8>, String)> = sqlx::query_as(
            "select v.sha256, v.text from credential c join role_version v on v.sha256 = c.role_sha256 where c.id = $1",
        )
        .bind(actor.credential.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(unavailable)?;
        let role = |(sha256, text): (Vec<u8>, String)| {
            Some(RunningRole { sha256: ArtifactHash(sha256.try_into().ok()?), text })
        };
        Ok(row.and_then(role))
    }

    async fn renew(&self, actor: &AgentActor, at: Millis, expires_at: Millis) -> Result<String, StoreError> {
        let mut pen = Pen::open(&self.db, actor.tenant).await?;
        let row: Result<Option<(String, Vec<u8>)>, sqlx::Error> = sqlx::query_as(
            "update credential set expires_ms = greatest(expires_ms, $2)
             where id = $1 and revoked_ms is null and role_sha256 is not null returning public_key, role_sha256",
        )
        .bind(actor.credential.0)
        .bind(expires_at.0)
        .fetch_optional(&mut *pen.tx)
        .await;
        let refused = || StoreError::Refused("The approval of its role file stands no longer.".to_owned());
        let row = row.map_err(|error| if is_refused(&error) { refused() } else { unavailable(error) })?;
        let (public_key, role) = row.ok_or_else(refused)?;
        let role = ArtifactHash(role.try_into().map_err(|_| StoreError::NotFound)?);
        let agent = actor.agent.to_string();
        let what = What::CredentialRenewed { agent, public_key: public_key.clone(), expires_at, role };
        pen.write_one(at, what).await?;
        pen.commit(at).await?;
        Ok(public_key)
    }
}
