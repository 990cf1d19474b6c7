//! Stops in an emergency.

use crate::{
    db::{Db, unavailable},
    pen::Pen,
    reviews::end_credentials,
};
use async_trait::async_trait;
use countersign_domain::{Act, AgentName, Millis, TenantId, journal::What, reading::FleetStop};
use countersign_service::ports::{Stops, StoreError};

/// [`Stops`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgStops {
    db: Db,
}

impl PgStops {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// All agents are the empty name.
fn key(agent: Option<&AgentName>) -> &str {
    agent.map_or("", AgentName::as_str)
}

#[async_trait]
impl Stops for PgStops {
    async fn stop(
        &self,
        tenant: TenantId,
        agent: Option<&AgentName>,
        reason: String,
        act: Act,
    ) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        // The agents that are meant, each with whether it is stopped or paused already.
        let agents: Vec<(String, bool, bool)> = sqlx::query_as(
            "select a.name, exists (select from emergency_stop e where e.agent = a.name),
                    exists (select from agent_pause p where p.agent = a.name)
             from agent a where $1 = '' or a.name = $1 order by a.name",
        )
        .bind(key(agent))
        .fetch_all(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        if agent.is_some() && agents.is_empty() {
            return Err(StoreError::NotFound);
        }
        let (stopped,): (bool,) =
            sqlx::query_as("select exists (select from emergency_stop where agent = $1 and not of_fleet)")
                .bind(key(agent))
                .fetch_one(&mut *pen.tx)
                .await
                .map_err(unavailable)?;
        if stopped {
            let who = agent.map_or_else(|| "The fleet".to_owned(), ToString::to_string);
            return Err(StoreError::Refused(format!("{who} is stopped already.")));
        }
        // One that the stop of all holds is held by itself from now on, too, since when the other began.
        let singled: Option<(i64, bool)> =
            sqlx::query_as("delete from emergency_stop where agent = $1 and of_fleet returning at_ms, paused")
                .bind(key(agent))
                .fetch_optional(&mut *pen.tx)
                .await
                .map_err(unavailable)?;
        let ended = end_credentials(&mut pen, agent, &act).await?;
        // All agents are a row of their own, so that whoever comes later is stopped too.
        let mut rows: Vec<(String, bool)> = Vec::new();
        if agent.is_none() {
            rows.push((String::new(), false));
        }
        for (name, is_stopped, is_paused) in agents {
            if !is_paused {
                let agent = name.parse().map_err(|_| StoreError::NotFound)?;
                let why = format!("Emergency stop: {reason}");
                pen.write_act(&act, What::AgentPaused { by: Some(act.by), agent, reason: why }).await?;
            }
            if let Some((_, paused)) = singled {
                rows.push((name, paused));
            } else if !is_stopped {
                rows.push((name, !is_paused));
            }
        }
        let (names, paused): (Vec<String>, Vec<bool>) = rows.into_iter().unzip();
        sqlx::query(
            "insert into emergency_stop (tenant_id, agent, by_person, at_ms, reason, paused, of_fleet)
             select $1, n.name, $2, $3, $4, n.paused, $7 and n.name <> '' from unnest($5::text[], $6::bool[]) n(name, paused)",
        )
        .bind(tenant.0)
        .bind(act.by.0)
        .bind(singled.map_or(act.at.0, |(since, _)| since))
        .bind(&reason)
        .bind(&names)
        .bind(&paused)
        .bind(agent.is_none())
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        pen.write_act(&act, What::FleetStopped { by: act.by, agent: agent.cloned(), reason, ended }).await?;
        pen.commit(act.at).await.map(drop)
    }

    async fn lift(&self, tenant: TenantId, agent: Option<&AgentName>, act: Act) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let whole: bool = sqlx::query_scalar("select exists (select from emergency_stop where agent = '')")
            .fetch_one(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
        if whole && agent.is_some() {
            return Err(StoreError::Refused("The whole fleet is stopped. Lift that stop under Fleet.".to_owned()));
        }
        // Whoever was stopped by themselves stays stopped when all others go on. Those that a server of the version
        // before has stopped with all others do not say so; they have their moment and their reason.
        let lifted: Vec<(String, i64, bool)> = sqlx::query_as(
            "delete from emergency_stop e
             where e.agent = $1
                or $1 = '' and (e.of_fleet or exists (select from emergency_stop f where f.agent = '' and f.at_ms = e.at_ms
                                                         and f.reason = e.reason)
                                           and not exists (select from emergency_stop f where f.of_fleet))
             returning e.agent, e.at_ms, e.paused",
        )
        .bind(key(agent))
        .fetch_all(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        let Some(since) = lifted.iter().find(|(name, ..)| name == key(agent)).map(|(_, at, _)| (*at).min(act.at.0))
        else {
            return Err(StoreError::Refused("It is not stopped; there is nothing to lift.".to_owned()));
        };
        for (name, _, paused) in &lifted {
            let still: bool = sqlx::query_scalar("select exists (select from agent_pause where agent = $1)")
                .bind(name)
                .fetch_one(&mut *pen.tx)
                .await
                .map_err(unavailable)?;
            if *paused && still {
                let agent = name.parse().map_err(|_| StoreError::NotFound)?;
                pen.write_act(&act, What::AgentResumed { by: act.by, agent }).await?;
            }
        }
        let except: Vec<String> = sqlx::query_scalar("select agent from emergency_stop order by agent")
            .fetch_all(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
        // What was to come since then comes by so much later as clocks stood for it: since the stop, or since it was
        // made. The projection says the same of the tasks themselves.
        sqlx::query(
            "update outbox o set due_ms = o.due_ms + greatest($2 - greatest(t.created_ms, $3), 0)
             from task t
             where t.id = o.task_id and o.sent_ms is null and t.not_before_ms > $3 and ($1 = '' or t.agent = $1)
               and t.agent <> all($4)",
        )
        .bind(key(agent))
        .bind(act.at.0)
        .bind(since)
        .bind(&except)
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        // A founder had no say in the meantime: what would have been silence is none.
        sqlx::query(
            "update brief set deadline_ms = deadline_ms + greatest($2 - greatest(opened_ms, $3), 0)
             where state = 'open' and deadline_ms > $3 and ($1 = '' or author = $1) and author <> all($4)",
        )
        .bind(key(agent))
        .bind(act.at.0)
        .bind(since)
        .bind(&except)
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        let what = What::StopLifted {
            by: act.by,
            agent: agent.cloned(),
            frozen_ms: act.at.0 - since,
            since_ms: Some(since),
            except: except.iter().filter_map(|name| name.parse().ok()).collect(),
        };
        pen.write_act(&act, what).await?;
        pen.commit(act.at).await.map(drop)
    }

    async fn of(&self, tenant: TenantId, agent: Option<&AgentName>) -> Result<Option<FleetStop>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let row: Option<(String, i64, String)> = sqlx::query_as(
            "select p.name, e.at_ms, e.reason from emergency_stop e join person p on p.id = e.by_person where e.agent = $1",
        )
        .bind(key(agent))
        .fetch_optional(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok(row.map(|(by, at, reason)| FleetStop { by, at: Millis(at), reason }))
    }
}
