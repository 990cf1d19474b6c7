//! Agents and their credentials.

use crate::{
    changes::{Change, notify},
    db::{Db, is_refused, unavailable},
    heartbeat, journal,
};
use async_trait::async_trait;
use countersign_domain::{
    Act, AgentName, CredentialId, Millis, TenantId,
    breaker::BreakerState,
    journal::{Entry, What},
    reading::{AgentRow, BreakerView, Closed, Connection, CredentialRow, CredentialState, Uptime},
};
use countersign_service::ports::{Agents, CredentialRecord, NewCredential, StoreError};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

/// [`Agents`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgAgents {
    db: Db,
}

impl PgAgents {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[derive(sqlx::FromRow)]
struct FleetRow {
    name: String,
    created_ms: i64,
    delegates_to: Vec<String>,
    connected: Option<bool>,
    ever_connected: Option<bool>,
    changed_ms: Option<i64>,
    connected_sum_ms: Option<i64>,
    observed_sum_ms: Option<i64>,
    queue_depth: Option<i64>,
    in_flight: Option<i64>,
    last_heartbeat: Option<i64>,
    heartbeat: Option<String>,
    tasks_today: i64,
    micro_usd_today: Option<i64>,
    credential_id: Option<Uuid>,
    public_key: Option<String>,
    expires_ms: Option<i64>,
    revoked_ms: Option<i64>,
    paused_ms: Option<i64>,
    paused_by: Option<String>,
    paused_why: Option<String>,
    breaker: Option<String>,
    breaker_ms: Option<i64>,
    breaker_until_ms: Option<i64>,
    breaker_cause: Option<String>,
    scheduled: i64,
}

impl FleetRow {
    fn into_agent(self, now: Millis) -> AgentRow {
        let changed = Millis(self.changed_ms.unwrap_or(self.created_ms));
        let connection = match (self.ever_connected, self.connected) {
            (Some(true), Some(true)) => Connection::Connected(changed),
            (Some(true), _) => Connection::Lost(changed),
            _ => Connection::Never,
        };
        let uptime = match (self.ever_connected, self.connected_sum_ms, self.observed_sum_ms) {
            (Some(true), Some(up), Some(all)) => Uptime::new(up, all),
            _ => None,
        };
        let claimed = self.heartbeat.as_deref().and_then(heartbeat::timestamp);
        let clock_skew_ms = claimed.zip(self.last_heartbeat).map(|(claimed, kept)| claimed.0.saturating_sub(kept));
        let credential = match (self.credential_id, self.public_key, self.expires_ms, self.revoked_ms) {
            (_, _, _, Some(at)) => CredentialState::Revoked { revoked_at: Millis(at) },
            (Some(_), _, Some(at), None) if at <= now.0 => CredentialState::Expired { expired_at: Millis(at) },
            (Some(id), Some(public_key), Some(at), None) => {
                CredentialState::Live { id: id.to_string(), public_key, expires_at: Millis(at) }
            }
            _ => CredentialState::None,
        };
        AgentRow {
            name: self.name,
            created_at: Millis(self.created_ms),
            delegates_to: self.delegates_to,
            connection,
            last_heartbeat: self.last_heartbeat.map(Millis),
            queue_depth: unsigned(self.queue_depth),
            in_flight: unsigned(self.in_flight),
            uptime,
            tasks_today: unsigned(Some(self.tasks_today)),
            usd_today: self.micro_usd_today.map(dollars),
            credential,
            paused: self.paused_ms.map(|at| Closed {
                by: self.paused_by.unwrap_or_else(|| "Countersign".to_owned()),
                at: Millis(at),
                reason: self.paused_why,
            }),
            breaker: BreakerView {
                state: self.breaker.and_then(|state| state.parse().ok()).unwrap_or(BreakerState::Closed),
                since: self.breaker_ms.map(Millis),
                until: self.breaker_until_ms.map(Millis),
                cause: self.breaker_cause,
            },
            scheduled: unsigned(Some(self.scheduled)),
            clock_skew_ms,
        }
    }
}

pub(crate) fn unsigned(value: Option<i64>) -> u64 {
    u64::try_from(value.unwrap_or(0)).unwrap_or(0)
}

#[expect(clippy::cast_precision_loss, reason = "millionths of dollars stay far below 2^53")]
pub(crate) fn dollars(micro: i64) -> f64 {
    micro as f64 / 1e6
}

fn names(list: Vec<String>) -> Vec<AgentName> {
    list.into_iter().filter_map(|name| name.parse().ok()).collect()
}

/// Journals `what`, tells open pages, commits.
async fn close(
    mut tx: Transaction<'static, Postgres>,
    tenant: TenantId,
    act: &Act,
    what: What,
) -> Result<(), StoreError> {
    let head = journal::append_one(&mut tx, tenant, Entry::by(act, what)).await?;
    notify(&mut tx, Change { tenant, seq: head.seq, tasks: false, fleet: true, outbox: false }).await?;
    tx.commit().await.map_err(unavailable)
}

#[async_trait]
impl Agents for PgAgents {
    async fn names(&self, tenant: TenantId) -> Result<Vec<AgentName>, StoreError> {
        agent_names(&self.db, tenant).await
    }

    async fn delegates(&self, tenant: TenantId, agent: &AgentName) -> Result<Vec<AgentName>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let (list,): (Vec<String>,) = sqlx::query_as("select delegates_to from agent where name = $1")
            .bind(agent.as_str())
            .fetch_one(&mut *tx)
            .await
            .map_err(unavailable)?;
        Ok(names(list))
    }

    async fn add_credential(&self, tenant: TenantId, agent: &AgentName, new: NewCredential) -> Result<(), StoreError> {
        // In line with approvals, revocations and stops: what they said before counts here.
        let mut tx = journal::alone(&self.db, tenant).await?;
        sqlx::query(
            "insert into credential (tenant_id, id, agent, public_key, issued_ms, issued_by, expires_ms, role_sha256)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant.0)
        .bind(new.id.0)
        .bind(agent.as_str())
        .bind(&new.public_key)
        .bind(new.act.at.0)
        .bind(new.act.by.0)
        .bind(new.expires_at.0)
        .bind(new.role.0.as_slice())
        .execute(&mut *tx)
        .await
        .map_err(|error| {
            if is_refused(&error) {
                return StoreError::Refused(format!(
                    "{agent} gets no credential: its approval was taken back just now, or it is stopped in an emergency."
                ));
            }
            unavailable(error)
        })?;
        let what = What::CredentialIssued {
            by: new.act.by,
            agent: agent.to_string(),
            public_key: new.public_key,
            expires_at: new.expires_at,
            role: Some(new.role),
        };
        close(tx, tenant, &new.act, what).await
    }

    async fn credential(&self, tenant: TenantId, id: CredentialId) -> Result<CredentialRecord, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let (agent, public_key, revoked): (String, String, Option<i64>) =
            sqlx::query_as("select agent, public_key, revoked_ms from credential where id = $1")
                .bind(id.0)
                .fetch_one(&mut *tx)
                .await
                .map_err(unavailable)?;
        let agent = agent.parse().map_err(|_| StoreError::NotFound)?;
        Ok(CredentialRecord { agent, public_key, revoked_at: revoked.map(Millis) })
    }

    async fn revoke_credential(&self, tenant: TenantId, id: CredentialId, act: Act) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        let row: Option<(String, String, Option<i64>)> =
            sqlx::query_as("select agent, public_key, revoked_ms from credential where id = $1 for update")
                .bind(id.0)
                .fetch_optional(&mut *tx)
                .await
                .map_err(unavailable)?;
        let (agent, public_key, revoked) = row.ok_or(StoreError::NotFound)?;
        if revoked.is_some() {
            return Ok(());
        }
        sqlx::query("update credential set revoked_ms = $2 where id = $1")
            .bind(id.0)
            .bind(act.at.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        close(tx, tenant, &act, What::CredentialRevoked { by: act.by, agent, public_key }).await
    }

    async fn credentials(&self, tenant: TenantId, agent: &AgentName) -> Result<Vec<CredentialRow>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<(Uuid, String, i64, i64, Option<i64>, String)> = sqlx::query_as(
            "select c.id, c.public_key, c.issued_ms, c.expires_ms, c.revoked_ms, p.name
             from credential c join person p on p.id = c.issued_by
             where c.agent = $1 order by c.issued_ms desc, c.id desc limit 50",
        )
        .bind(agent.as_str())
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let row =
            |(id, public_key, issued, expires, revoked, issued_by): (Uuid, String, i64, i64, Option<i64>, String)| {
                CredentialRow {
                    id: id.to_string(),
                    public_key,
                    issued_at: Millis(issued),
                    expires_at: Millis(expires),
                    revoked_at: revoked.map(Millis),
                    issued_by,
                }
            };
        Ok(rows.into_iter().map(row).collect())
    }

    async fn fleet(
        &self,
        tenant: TenantId,
        only: Option<&AgentName>,
        now: Millis,
    ) -> Result<Vec<AgentRow>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<FleetRow> = sqlx::query_as(
            "select a.name, a.created_ms, a.delegates_to,
                    l.connected, l.ever_connected, l.changed_ms, l.connected_sum_ms, l.observed_sum_ms, l.queue_depth, l.in_flight,
                    h.at_ms as last_heartbeat, h.payload as heartbeat,
                    (select count(*) from task t where t.agent = a.name and t.created_ms >= $2) as tasks_today,
                    (select sum(micro_usd)::bigint from (
                         select e.micro_usd from event e where e.agent = a.name and e.topic = 'usage.reported' and e.at_ms >= $2
                         union all
                         select t.reported_micro_usd from task t where t.agent = a.name and t.ended_ms >= $2) u) as micro_usd_today,
                    c.id as credential_id, c.public_key, c.expires_ms, c.revoked_ms,
                    z.at_ms as paused_ms, p.name as paused_by, z.reason as paused_why,
                    b.state as breaker, b.since_ms as breaker_ms, b.until_ms as breaker_until_ms, b.cause as breaker_cause,
                    (select count(*) from task t where t.agent = a.name and t.state = 'scheduled') as scheduled
             from agent a
             left join agent_live l on l.agent = a.name
             left join agent_pause z on z.agent = a.name
             left join person p on p.id = z.by_person
             left join breaker b on b.agent = a.name
             left join lateral (
                 select e.at_ms, case when length(e.payload) <= 4096 then e.payload end as payload
                 from event e where e.agent = a.name and e.topic = 'heartbeat' order by e.at_ms desc limit 1
             ) h on true
             left join lateral (
                 select id, public_key, expires_ms, revoked_ms from credential
                 where agent = a.name
                 order by (revoked_ms is null) desc, expires_ms desc limit 1
             ) c on true
             where $1::text is null or a.name = $1
             order by a.name",
        )
        .bind(only.map(AgentName::as_str))
        .bind(now.start_of_day().0)
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok(rows.into_iter().map(|row| row.into_agent(now)).collect())
    }

    async fn uptime(&self, tenant: TenantId) -> Result<Option<Uptime>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let (connected, observed): (Option<i64>, Option<i64>) = sqlx::query_as(
            "select sum(connected_sum_ms)::bigint, sum(observed_sum_ms)::bigint from agent_live where ever_connected",
        )
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok(connected.zip(observed).and_then(|(connected, observed)| Uptime::new(connected, observed)))
    }

    async fn revocations(&self, tenant: TenantId, now: Millis) -> Result<Vec<(String, Millis)>, StoreError> {
        revocations(&self.db, tenant, now).await
    }
}

pub(crate) async fn agent_names(db: &Db, tenant: TenantId) -> Result<Vec<AgentName>, StoreError> {
    let mut tx = db.tenant_read(tenant).await?;
    let rows: Vec<(String,)> =
        sqlx::query_as("select name from agent order by name").fetch_all(&mut *tx).await.map_err(unavailable)?;
    Ok(names(rows.into_iter().map(|(name,)| name).collect()))
}

pub(crate) async fn revocations(db: &Db, tenant: TenantId, now: Millis) -> Result<Vec<(String, Millis)>, StoreError> {
    let mut tx = db.tenant_read(tenant).await?;
    // The bus refuses claims that were signed before the moment that it is told. A revocation is dated before it stands in
    // line, and clocks differ: no claims of a revoked key count, whenever they were signed.
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select public_key, greatest(revoked_ms, expires_ms) from credential
         where revoked_ms is not null and expires_ms > $1 order by public_key",
    )
    .bind(now.0)
    .fetch_all(&mut *tx)
    .await
    .map_err(unavailable)?;
    Ok(rows.into_iter().map(|(key, at)| (key, Millis(at))).collect())
}

/// Every key that was ever given to an agent: a message signed before its key was revoked stays signed.
pub(crate) async fn sender_keys(db: &Db, tenant: TenantId) -> Result<Vec<(String, AgentName)>, StoreError> {
    let mut tx = db.tenant_read(tenant).await?;
    let rows: Vec<(String, String)> =
        sqlx::query_as("select public_key, agent from credential").fetch_all(&mut *tx).await.map_err(unavailable)?;
    Ok(rows.into_iter().filter_map(|(key, agent)| Some((key, agent.parse().ok()?))).collect())
}
