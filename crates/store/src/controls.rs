//! Pauses and breakers by hand.

use crate::{
    db::{Db, unavailable},
    pen::Pen,
};
use async_trait::async_trait;
use countersign_domain::{Act, AgentName, Millis, TenantId, breaker::BreakerState, journal::What};
use countersign_service::ports::{Controls, StoreError};

/// [`Controls`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgControls {
    db: Db,
}

impl PgControls {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

async fn exists(pen: &mut Pen, agent: &AgentName) -> Result<(), StoreError> {
    let (known,): (bool,) = sqlx::query_as("select exists (select from agent where name = $1)")
        .bind(agent.as_str())
        .fetch_one(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    if known { Ok(()) } else { Err(StoreError::NotFound) }
}

async fn is_paused(pen: &mut Pen, agent: &AgentName) -> Result<bool, StoreError> {
    let (paused,): (bool,) = sqlx::query_as("select exists (select from agent_pause where agent = $1)")
        .bind(agent.as_str())
        .fetch_one(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    Ok(paused)
}

#[async_trait]
impl Controls for PgControls {
    async fn pause(&self, tenant: TenantId, agent: &AgentName, reason: String, act: Act) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        exists(&mut pen, agent).await?;
        if is_paused(&mut pen, agent).await? {
            return Err(StoreError::Refused(format!("{agent} is paused already.")));
        }
        pen.write_act(&act, What::AgentPaused { by: Some(act.by), agent: agent.clone(), reason }).await?;
        pen.commit(act.at).await.map(drop)
    }

    async fn resume(&self, tenant: TenantId, agent: &AgentName, act: Act) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        exists(&mut pen, agent).await?;
        if !is_paused(&mut pen, agent).await? {
            return Err(StoreError::Refused(format!("{agent} is not paused.")));
        }
        let stopped: Option<(String,)> =
            sqlx::query_as("select agent from emergency_stop where agent in ('', $1) order by agent limit 1")
                .bind(agent.as_str())
                .fetch_optional(&mut *pen.tx)
                .await
                .map_err(unavailable)?;
        // Whoever may resume need not be one who may lift a stop.
        if let Some((of,)) = stopped {
            return Err(StoreError::Refused(if of.is_empty() {
                "All agents are stopped in an emergency. They go on when a founder lifts the stop under Fleet."
                    .to_owned()
            } else {
                format!("{agent} is stopped in an emergency. It goes on when a founder lifts the stop on its page.")
            }));
        }
        pen.write_act(&act, What::AgentResumed { by: act.by, agent: agent.clone() }).await?;
        pen.commit(act.at).await.map(drop)
    }

    async fn move_breaker(
        &self,
        tenant: TenantId,
        agent: &AgentName,
        state: BreakerState,
        until: Option<Millis>,
        act: Act,
    ) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        exists(&mut pen, agent).await?;
        let now: Option<(String,)> = sqlx::query_as("select state from breaker where agent = $1")
            .bind(agent.as_str())
            .fetch_optional(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
        let stands = now.and_then(|(state,)| state.parse().ok()).unwrap_or(BreakerState::Closed);
        if stands == state {
            let word = if state == BreakerState::Closed { "closed" } else { "open" };
            return Err(StoreError::Refused(format!("The breaker of {agent} is {word} already.")));
        }
        let cause = if state == BreakerState::Closed { "Closed by hand." } else { "Opened by hand." }.to_owned();
        let what = What::BreakerMoved { agent: agent.clone(), state, cause, until, by: Some(act.by) };
        pen.write_act(&act, what).await?;
        pen.commit(act.at).await.map(drop)
    }
}
