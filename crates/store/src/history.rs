//! What was done: tasks, their attempts and traces, and the figures of the overview.

use crate::{
    agents::{dollars, unsigned},
    db::{Db, unavailable},
    task_page::{self, Row},
};
use async_trait::async_trait;
use countersign_domain::{
    AgentName, Millis, TaskId, TenantId,
    reading::{
        AttemptRow, BusHealth, Connect, EventRow, HourRow, Overview, QuarantineRow, TaskDetail, TaskPage, TaskQuery,
        TaskRow,
    },
    task::AttemptOutcome,
};
use countersign_service::{
    payload_text,
    ports::{History, StoreError},
    visible_line,
};
use sqlx::{AssertSqlSafe, Postgres, Transaction, types::Json};
use uuid::Uuid;

/// [`History`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgHistory {
    db: Db,
}

impl PgHistory {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

const HOUR: i64 = 3_600_000;
type Tx = Transaction<'static, Postgres>;
type HeaderList = Json<Vec<(String, String)>>;

#[derive(sqlx::FromRow)]
struct TaskExtra {
    sequence: i64,
    payload: String,
    headers: HeaderList,
    message_id: Option<String>,
    claimed_sender: Option<String>,
    max_deliver: Option<i32>,
}

#[derive(sqlx::FromRow)]
struct Figures {
    waiting: i64,
    quarantined: i64,
    open: i64,
    tasks_today: i64,
    ended_today: i64,
    messages_today: i64,
    micro_usd_today: Option<i64>,
    micro_usd_total: Option<i64>,
    agents: i64,
    connected: i64,
}

#[async_trait]
impl History for PgHistory {
    async fn search(&self, tenant: TenantId, query: &TaskQuery) -> Result<TaskPage, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        task_page::read(&mut tx, query).await
    }

    async fn task(&self, tenant: TenantId, id: TaskId) -> Result<TaskDetail, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let row = rows(&mut tx, "t.id = $1", id.0).await?.pop().ok_or(StoreError::NotFound)?;
        let extra: TaskExtra = sqlx::query_as(
            "select t.sequence, t.payload, t.headers, t.message_id, t.claimed_sender, a.max_deliver
             from task t left join agent a on a.name = t.agent where t.id = $1",
        )
        .bind(id.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        let trace_tasks = match &row.correlation_id {
            Some(trace) => {
                rows(&mut tx, "t.correlation_id = $1 order by t.created_ms, t.id limit 51", trace.clone()).await?
            }
            None => Vec::new(),
        };
        Ok(TaskDetail {
            subject: format!("tasks.{}.{}", row.agent, row.kind),
            stream_sequence: unsigned(Some(extra.sequence)),
            message_id: extra.message_id,
            claimed_sender: extra.claimed_sender,
            payload: payload_text(extra.payload.as_bytes()),
            headers: visible_headers(extra.headers),
            attempts: attempts(&mut tx, id).await?,
            max_attempts: u32::try_from(extra.max_deliver.unwrap_or(5)).unwrap_or(5),
            trace_events: trace_events(&mut tx, &row, extra.sequence).await?,
            trace_tasks: trace_tasks.into_iter().filter(|other| other.id != row.id).take(50).collect(),
            row,
        })
    }

    async fn overview(&self, tenant: TenantId, now: Millis) -> Result<Overview, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let figures: Figures = sqlx::query_as(
            "select (select count(*) from task where state in ('dead', 'failed', 'undeliverable')) as waiting,
                    (select count(*) from quarantine) as quarantined,
                    (select count(*) from task where state in ('queued', 'running', 'retrying')) as open,
                    (select count(*) from task where created_ms >= $1) as tasks_today,
                    (select count(*) from task where ended_ms >= $1 and created_ms >= $1 - 604800000) as ended_today,
                    (select count(*) from inbox where at_ms >= $1) as messages_today,
                    (select sum(micro_usd)::bigint from event where topic = 'usage.reported' and micro_usd is not null and at_ms >= $1) as micro_usd_today,
                    (select sum(micro_usd)::bigint from event where topic = 'usage.reported' and micro_usd is not null) as micro_usd_total,
                    (select count(*) from agent) as agents,
                    (select count(*) from agent_live where connected) as connected",
        )
        .bind(now.start_of_day().0)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        let lost: Vec<(String,)> = sqlx::query_as(
            "select agent from agent_live where ever_connected and not connected order by agent limit 20",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok(Overview {
            waiting: rows(
                &mut tx,
                "t.state = any($1) order by t.created_ms desc, t.id desc limit 8",
                vec!["dead", "failed", "undeliverable"],
            )
            .await?,
            waiting_count: unsigned(Some(figures.waiting)),
            quarantined: unsigned(Some(figures.quarantined)),
            lost_agents: lost.into_iter().map(|(name,)| name).collect(),
            bus: BusHealth { connected: false, problem: None, version: None, warning: None },
            tasks_today: unsigned(Some(figures.tasks_today)),
            ended_today: unsigned(Some(figures.ended_today)),
            messages_today: unsigned(Some(figures.messages_today)),
            open: unsigned(Some(figures.open)),
            usd_today: figures.micro_usd_today.map(dollars),
            usd_total: figures.micro_usd_total.map(dollars),
            by_hour: by_hour(&mut tx, now).await?,
            recent: rows(&mut tx, "$1 order by t.created_ms desc, t.id desc limit 8", true).await?,
            agents: unsigned(Some(figures.agents)),
            agents_connected: unsigned(Some(figures.connected)),
            connect: Connect { console_url: String::new(), bus_url: String::new() },
        })
    }

    async fn recent_of(&self, tenant: TenantId, agent: &AgentName, limit: u32) -> Result<Vec<TaskRow>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let found =
            rows(&mut tx, "t.agent = $1 order by t.created_ms desc, t.id desc limit 100", agent.to_string()).await?;
        Ok(found.into_iter().take(limit as usize).collect())
    }

    async fn quarantine(&self, tenant: TenantId, limit: u32) -> Result<Vec<QuarantineRow>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let found: Vec<(Uuid, String, String, HeaderList, Vec<u8>, i64)> = sqlx::query_as(
            "select id, subject, reason, headers, payload, at_ms from quarantine order by at_ms desc, id desc limit $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let row = |(id, subject, reason, headers, payload, at): (Uuid, String, String, HeaderList, Vec<u8>, i64)| {
            QuarantineRow {
                id: id.to_string(),
                subject: visible_line(&subject),
                reason,
                at: Millis(at),
                payload: payload_text(&payload),
                headers: visible_headers(headers),
            }
        };
        Ok(found.into_iter().map(row).collect())
    }
}

/// Tasks by a condition (a constant of this file) with one bound value.
async fn rows<'q, T>(tx: &mut Tx, condition: &'static str, value: T) -> Result<Vec<TaskRow>, StoreError>
where
    T: 'q + sqlx::Encode<'q, Postgres> + sqlx::Type<Postgres> + Send,
{
    let sql = format!("select {} from task_seen t where {condition}", task_page::COLUMNS);
    let found: Vec<Row> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(value).fetch_all(&mut **tx).await.map_err(unavailable)?;
    Ok(found.into_iter().map(Into::into).collect())
}

async fn attempts(tx: &mut Tx, task: TaskId) -> Result<Vec<AttemptRow>, StoreError> {
    let found: Vec<(i32, String, Option<i64>, Option<i64>, Option<String>)> = sqlx::query_as(
        "select number, outcome, started_ms, ended_ms, reason from attempt where task_id = $1 order by number limit 1000",
    )
    .bind(task.0)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let row = |(number, outcome, started, ended, reason): (i32, String, Option<i64>, Option<i64>, Option<String>)| {
        AttemptRow {
            number: u32::try_from(number).unwrap_or(0),
            outcome: outcome.parse().unwrap_or(AttemptOutcome::Running),
            started_at: started.map(Millis),
            ended_at: ended.map(Millis),
            reason: reason.as_deref().map(visible_line),
        }
    };
    Ok(found.into_iter().map(row).collect())
}

fn visible_headers(headers: HeaderList) -> Vec<(String, String)> {
    headers.0.into_iter().map(|(name, value)| (visible_line(&name), visible_line(&value))).collect()
}

/// Events of the task's trace, and those of its agent that name it.
async fn trace_events(tx: &mut Tx, task: &TaskRow, sequence: i64) -> Result<Vec<EventRow>, StoreError> {
    let found: Vec<(String, String, i64, Option<String>, String)> = sqlx::query_as(
        "select agent, topic, at_ms, correlation_id, left(payload, 500)
         from event
         where correlation_id = $1 or (task_sequence = $2 and agent = $3 and at_ms >= $4)
         order by at_ms, epoch, sequence
         limit 100",
    )
    .bind(&task.correlation_id)
    .bind(sequence)
    .bind(&task.agent)
    .bind(task.created_at.0)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let row = |(agent, topic, at, correlation_id, text): (String, String, i64, Option<String>, String)| EventRow {
        agent,
        topic,
        at: Millis(at),
        correlation_id,
        excerpt: visible_line(&text),
    };
    Ok(found.into_iter().map(row).collect())
}

async fn by_hour(tx: &mut Tx, now: Millis) -> Result<Vec<HourRow>, StoreError> {
    let this_hour = now.0 - now.0.rem_euclid(HOUR);
    let found: Vec<(i64, i64, i64)> = sqlx::query_as(
        "select h, count(t.created_ms), count(*) filter (where t.state in ('dead', 'failed', 'undeliverable'))
         from generate_series($1::bigint, $2::bigint, 3600000) h
         left join task t on t.created_ms >= h and t.created_ms < h + 3600000
         group by h order by h",
    )
    .bind(this_hour - 23 * HOUR)
    .bind(this_hour)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let figure = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
    Ok(found
        .into_iter()
        .map(|(starts, tasks, bad)| HourRow { starts_at: Millis(starts), tasks: figure(tasks), bad: figure(bad) })
        .collect())
}
