//! What was done: tasks, their attempts and traces, and the figures of the overview.

use crate::{
    agents::{dollars, unsigned},
    db::{Db, unavailable},
    journal_page,
    letter_page::{EDITABLE_BYTES, subject_of},
    task_page::{self, Row},
    trace,
};
use async_trait::async_trait;
use countersign_domain::{
    AgentName, Millis, TaskId, TenantId,
    journal::{Entry, What},
    reading::{
        AttemptRow, BusHealth, Closed, Connect, EntryDetail, EventRow, GapRow, HourRow, JournalHead, JournalPage,
        OutboxHealth, Overview, QuarantineRow, TaskDetail, TaskPage, TaskQuery, TaskRow, Trace,
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
    sequence: Option<i64>,
    epoch: Option<i64>,
    payload: String,
    headers: HeaderList,
    message_id: Option<String>,
    claimed_sender: Option<String>,
    sender_verified: bool,
    priority: i16,
    not_before_ms: Option<i64>,
    replay_of: Option<Uuid>,
    replayed_as: Option<Uuid>,
    result: Option<String>,
    artifacts: Vec<String>,
    cancelled_ms: Option<i64>,
    cancelled_by: Option<Uuid>,
    cancelled_why: Option<String>,
    letter_ms: Option<i64>,
    letter_by: Option<Uuid>,
    letter_note: Option<String>,
    max_deliver: Option<i32>,
}

#[derive(sqlx::FromRow)]
struct Figures {
    waiting: i64,
    quarantined: i64,
    open_reviews: i64,
    open_briefs: i64,
    open: i64,
    tasks_today: i64,
    ended_today: i64,
    messages_today: i64,
    micro_usd_today: Option<i64>,
    micro_usd_total: Option<i64>,
    agents: i64,
    connected: i64,
    gaps: i64,
    lost_unread: i64,
}

/// Costs come in two ways: by events, on the day they came, and with results, on the day the task ended.
const FIGURES: &str = "
    select (select count(*) from task where state in ('dead', 'failed', 'undeliverable')) as waiting,
           (select count(*) from quarantine where state = 'waiting') as quarantined,
           (select count(*) from review where state = 'open') as open_reviews,
           (select count(*) from brief where state = 'open' and (snoozed_ms is null or snoozed_ms <= $3)) as open_briefs,
           (select count(*) from task where state in ('scheduled', 'queued', 'running', 'retrying')) as open,
           (select count(*) from task where created_ms >= $1) as tasks_today,
           (select count(*) from task where ended_ms >= $1 and created_ms >= $1 - 604800000) as ended_today,
           (select count(*) from inbox where at_ms >= $1) as messages_today,
           c.micro_usd_today, c.micro_usd_total,
           (select count(*) from agent) as agents,
           (select count(*) from agent_live where connected) as connected,
           g.gaps, g.lost_unread
    from (select sum(micro_usd) filter (where day >= $1)::bigint as micro_usd_today, sum(micro_usd)::bigint as micro_usd_total
          from (select micro_usd, at_ms as day from event where topic = 'usage.reported' and micro_usd is not null
                union all
                select reported_micro_usd, ended_ms from task where reported_micro_usd is not null and ended_ms is not null) u) c,
         (select count(*) as gaps, coalesce(sum(to_sequence - from_sequence + 1), 0)::bigint as lost_unread
          from gap where at_ms > $2) g";

#[async_trait]
impl History for PgHistory {
    async fn search(&self, tenant: TenantId, query: &TaskQuery) -> Result<TaskPage, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        task_page::read(&mut tx, query).await
    }

    async fn task(&self, tenant: TenantId, id: TaskId) -> Result<TaskDetail, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let row = task_rows(&mut tx, "t.id = $1", id.0).await?.pop().ok_or(StoreError::NotFound)?;
        let extra: TaskExtra = sqlx::query_as(
            "select t.sequence, t.epoch, t.payload, t.headers, t.message_id, t.claimed_sender, t.sender_verified, t.priority,
                    t.not_before_ms, t.replay_of, d.replay_task as replayed_as, t.result, t.artifacts,
                    t.cancelled_ms, t.cancelled_by, t.cancelled_why,
                    d.closed_ms as letter_ms, d.closed_by as letter_by, d.note as letter_note,
                    coalesce(l.max_deliver, a.max_deliver) as max_deliver
             from task t
             left join agent a on a.name = t.agent
             left join agent_live l on l.agent = t.agent
             left join dead_letter d on d.task_id = t.id
             where t.id = $1",
        )
        .bind(id.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        let trace_tasks = match &row.correlation_id {
            Some(trace) => {
                task_rows(&mut tx, "t.correlation_id = $1 order by t.created_ms, t.id limit 51", trace.clone()).await?
            }
            None => Vec::new(),
        };
        Ok(TaskDetail {
            subject: subject_of(&row.agent, &row.kind),
            stream_sequence: unsigned(extra.sequence),
            message_id: extra.message_id,
            claimed_sender: extra.claimed_sender,
            sender_verified: extra.sender_verified,
            priority: u8::try_from(extra.priority).unwrap_or(0),
            not_before: extra.not_before_ms.map(Millis),
            replay_of: extra.replay_of.map(|id| id.to_string()),
            replayed_as: extra.replayed_as.map(|id| id.to_string()),
            result: extra.result.as_deref().map(|text| payload_text(text.as_bytes())),
            artifacts: extra.artifacts,
            closed: match extra.cancelled_ms {
                Some(_) => closed(&mut tx, extra.cancelled_by, extra.cancelled_ms, extra.cancelled_why).await?,
                None => closed(&mut tx, extra.letter_by, extra.letter_ms, extra.letter_note).await?,
            },
            payload: payload_text(extra.payload.as_bytes()),
            headers: visible_headers(extra.headers),
            attempts: attempts(&mut tx, id).await?,
            max_attempts: u32::try_from(extra.max_deliver.unwrap_or(5)).unwrap_or(5),
            trace_events: trace_events(&mut tx, &row, extra.epoch, extra.sequence).await?,
            trace_tasks: trace_tasks.into_iter().filter(|other| other.id != row.id).take(50).collect(),
            row,
        })
    }

    async fn trace(&self, tenant: TenantId, correlation_id: &str, after: &str) -> Result<Trace, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        trace::read(&mut tx, correlation_id, after).await
    }

    async fn entry(&self, tenant: TenantId, seq: u64) -> Result<EntryDetail, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let (at, kind, canonical, hash, newest): (i64, String, Vec<u8>, Vec<u8>, i64) = sqlx::query_as(
            "select j.at_ms, j.kind, j.canonical, j.hash, h.seq from journal j, journal_head h where j.seq = $1",
        )
        .bind(i64::try_from(seq).map_err(|_| StoreError::NotFound)?)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        let gap = match serde_json::from_slice::<Entry>(&canonical).map(|entry| entry.what) {
            Ok(What::GapFound { stream, from, to, .. }) => Some((stream, from, to)),
            _ => None,
        };
        Ok(EntryDetail {
            gap,
            seq,
            at: Millis(at),
            kind,
            text: payload_text(&canonical),
            hash: hash.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")),
            newest: unsigned(Some(newest)),
        })
    }

    async fn journal(&self, tenant: TenantId, after: u64) -> Result<JournalPage, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        journal_page::read(&mut tx, after).await
    }

    async fn journal_head(&self, tenant: TenantId) -> Result<JournalHead, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        journal_page::head(&mut tx).await
    }

    async fn overview(&self, tenant: TenantId, now: Millis) -> Result<Overview, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let week_ago = now.0 - Overview::GAP_DAYS * 24 * HOUR;
        let figures: Figures = sqlx::query_as(FIGURES)
            .bind(now.start_of_day().0)
            .bind(week_ago)
            .bind(now.0)
            .fetch_one(&mut *tx)
            .await
            .map_err(unavailable)?;
        let lost: Vec<(String,)> = sqlx::query_as(
            "select agent from agent_live where ever_connected and not connected order by agent limit 20",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let held: Vec<(String, bool)> = sqlx::query_as(
            "select agent, true from agent_pause union select agent, false from breaker where state <> 'closed' order by 1",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let held_by = |pause: bool| held.iter().filter(|(_, is)| *is == pause).map(|(name, _)| name.clone()).collect();
        Ok(Overview {
            open_breakers: held_by(false),
            paused_agents: held_by(true),
            outbox: outbox(&mut tx, now).await?,
            lost_unread: unsigned(Some(figures.lost_unread)),
            gap_count: unsigned(Some(figures.gaps)),
            gaps: gaps(&mut tx, week_ago).await?,
            waiting: task_rows(
                &mut tx,
                "t.id in (select id from task where state in ('dead', 'failed', 'undeliverable')
                          order by created_ms desc, id desc limit $1)
                 order by t.created_ms desc, t.id desc",
                8_i64,
            )
            .await?,
            waiting_count: unsigned(Some(figures.waiting)),
            quarantined: unsigned(Some(figures.quarantined)),
            open_reviews: unsigned(Some(figures.open_reviews)),
            open_briefs: unsigned(Some(figures.open_briefs)),
            lost_agents: lost.into_iter().map(|(name,)| name).collect(),
            bus: BusHealth { connected: false, problem: None, version: None, warning: None },
            tasks_today: unsigned(Some(figures.tasks_today)),
            ended_today: unsigned(Some(figures.ended_today)),
            messages_today: unsigned(Some(figures.messages_today)),
            open: unsigned(Some(figures.open)),
            usd_today: figures.micro_usd_today.map(dollars),
            usd_total: figures.micro_usd_total.map(dollars),
            by_hour: by_hour(&mut tx, now).await?,
            recent: task_rows(&mut tx, "$1 order by t.created_ms desc, t.id desc limit 8", true).await?,
            agents: unsigned(Some(figures.agents)),
            agents_connected: unsigned(Some(figures.connected)),
            connect: Connect { console_url: String::new(), bus_url: String::new() },
        })
    }

    async fn recent_of(&self, tenant: TenantId, agent: &AgentName, limit: u32) -> Result<Vec<TaskRow>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let found =
            task_rows(&mut tx, "t.agent = $1 order by t.created_ms desc, t.id desc limit 100", agent.to_string())
                .await?;
        Ok(found.into_iter().take(limit as usize).collect())
    }

    async fn quarantine(&self, tenant: TenantId, limit: u32) -> Result<Vec<QuarantineRow>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let found: Vec<(Uuid, String, String, HeaderList, Vec<u8>, i64)> = sqlx::query_as(
            "select id, subject, reason, headers, payload, at_ms from quarantine where state = 'waiting'
             order by at_ms desc, id desc limit $1",
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
                editable: String::from_utf8(payload.clone()).ok().filter(|text| text.len() <= EDITABLE_BYTES),
                payload: payload_text(&payload),
                headers: visible_headers(headers),
            }
        };
        Ok(found.into_iter().map(row).collect())
    }
}

/// Tasks by a condition (a constant of this file) with one bound value.
pub(crate) async fn task_rows<'q, T>(tx: &mut Tx, condition: &'static str, value: T) -> Result<Vec<TaskRow>, StoreError>
where
    T: 'q + sqlx::Encode<'q, Postgres> + sqlx::Type<Postgres> + Send,
{
    let sql = format!("select {} from task_seen t where {condition}", task_page::COLUMNS);
    let found: Vec<Row> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(value).fetch_all(&mut **tx).await.map_err(unavailable)?;
    Ok(found.into_iter().map(Into::into).collect())
}

pub(crate) async fn attempts(tx: &mut Tx, task: TaskId) -> Result<Vec<AttemptRow>, StoreError> {
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

pub(crate) fn visible_headers(headers: HeaderList) -> Vec<(String, String)> {
    headers.0.into_iter().map(|(name, value)| (visible_line(&name), visible_line(&value))).collect()
}

/// Events of the task's trace, and those of its agent that name it.
async fn trace_events(
    tx: &mut Tx,
    task: &TaskRow,
    epoch: Option<i64>,
    sequence: Option<i64>,
) -> Result<Vec<EventRow>, StoreError> {
    let found: Vec<EventLine> = sqlx::query_as(
        "select agent, topic, at_ms, correlation_id, left(payload, 500), micro_usd
         from event
         where correlation_id = $1 or (task_sequence = $2 and tasks_epoch = $4 and agent = $3)
         order by at_ms, epoch, sequence
         limit 100",
    )
    .bind(&task.correlation_id)
    .bind(sequence)
    .bind(&task.agent)
    .bind(epoch)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(found.into_iter().map(event_row).collect())
}

/// Agent, topic, moment, trace, the beginning of the payload, cost.
pub(crate) type EventLine = (String, String, i64, Option<String>, String, Option<i64>);

pub(crate) fn event_row((agent, topic, at, correlation_id, text, cost): EventLine) -> EventRow {
    EventRow { agent, topic, at: Millis(at), correlation_id, excerpt: visible_line(&text), usd: cost.map(dollars) }
}

/// The newest gaps since `since`.
async fn gaps(tx: &mut Tx, since: i64) -> Result<Vec<GapRow>, StoreError> {
    let found: Vec<(i64, String, i64, i64)> = sqlx::query_as(
        "select seq, stream, to_sequence - from_sequence + 1, at_ms from gap where at_ms > $1
         order by at_ms desc, seq desc limit $2",
    )
    .bind(since)
    .bind(i64::from(Overview::GAPS))
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let row = |(seq, stream, messages, at)| GapRow {
        entry: unsigned(Some(seq)),
        stream,
        messages: unsigned(Some(messages)),
        at: Millis(at),
    };
    Ok(found.into_iter().map(row).collect())
}

/// Whose word ended something, if one did.
pub(crate) async fn closed(
    tx: &mut Tx,
    by: Option<Uuid>,
    at: Option<i64>,
    reason: Option<String>,
) -> Result<Option<Closed>, StoreError> {
    let (Some(by), Some(at)) = (by, at) else { return Ok(None) };
    let name: Option<(String,)> = sqlx::query_as("select name from person where id = $1")
        .bind(by)
        .fetch_optional(&mut **tx)
        .await
        .map_err(unavailable)?;
    let by = name.map_or_else(|| "somebody who is gone".to_owned(), |(name,)| name);
    Ok(Some(Closed { by, at: Millis(at), reason: reason.as_deref().map(visible_line) }))
}

/// What waits for the bus although its time has come. A moment is no wait.
async fn outbox(tx: &mut Tx, now: Millis) -> Result<OutboxHealth, StoreError> {
    let (waiting, oldest): (i64, Option<i64>) = sqlx::query_as(
        "select count(*), min(due_ms) from outbox where sent_ms is null and (due_ms <= $1 or tries > 0)",
    )
    .bind(now.0 - 2_000)
    .fetch_one(&mut **tx)
    .await
    .map_err(unavailable)?;
    let error: Option<(Option<String>,)> =
        sqlx::query_as("select error from outbox where sent_ms is null and error is not null order by seq limit 1")
            .fetch_optional(&mut **tx)
            .await
            .map_err(unavailable)?;
    Ok(OutboxHealth {
        waiting: unsigned(Some(waiting)),
        oldest: oldest.map(Millis),
        error: error.and_then(|(error,)| error).as_deref().map(visible_line),
    })
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
