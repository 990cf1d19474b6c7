//! What a founder does to messages that could not be understood.

use crate::{
    db::{Db, unavailable},
    pen::Pen,
    tasks::{add, check_agent},
};
use async_trait::async_trait;
use countersign_domain::{Act, QuarantineId, TenantId, journal::What};
use countersign_service::ports::{NewTask, Quarantine, StoreError};

/// [`Quarantine`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgQuarantine {
    db: Db,
}

impl PgQuarantine {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

async fn still_waits(pen: &mut Pen, id: QuarantineId) -> Result<(), StoreError> {
    let (state,): (String,) = sqlx::query_as("select state from quarantine where id = $1")
        .bind(id.0)
        .fetch_one(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    match state.as_str() {
        "waiting" => Ok(()),
        "requeued" => Err(StoreError::Refused("This message was mended and requeued already.".to_owned())),
        _ => Err(StoreError::Refused("This message was dismissed already.".to_owned())),
    }
}

#[async_trait]
impl Quarantine for PgQuarantine {
    async fn requeue(&self, tenant: TenantId, id: QuarantineId, task: NewTask) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        still_waits(&mut pen, id).await?;
        check_agent(&mut pen, task.agent.as_str()).await?;
        add(&mut pen, &task, None).await?;
        pen.write_act(&task.act, What::QuarantineRequeued { by: task.act.by, id, task: task.id }).await?;
        pen.commit(task.act.at).await.map(drop)
    }

    async fn dismiss(&self, tenant: TenantId, id: QuarantineId, reason: String, act: Act) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        still_waits(&mut pen, id).await?;
        pen.write_act(&act, What::QuarantineDismissed { by: act.by, id, reason }).await?;
        pen.commit(act.at).await.map(drop)
    }
}
