//! What the dead-letter desk shows.

use crate::{
    agents::unsigned,
    db::unavailable,
    history::{attempts, closed, task_rows, visible_headers},
    projection::Tx,
};
use countersign_domain::{
    Millis, TaskId,
    bus_fact::Headers,
    letter::{LetterCause, LetterState},
    reading::{DeadLetterDetail, DeadLetters, LastGood, LetterGroup, LetterQuery, LetterRow, ReplayPreview, ReplayRun},
};
use countersign_service::{
    payload_text,
    ports::{LetterText, StoreError},
    visible_line,
};
use countersign_wire::subject;
use sqlx::{AssertSqlSafe, Postgres, QueryBuilder, types::Json};
use uuid::Uuid;

/// A payload longer than this is not mended in a page.
pub(crate) const EDITABLE_BYTES: usize = 64 * 1024;
/// The last good task of a kind is looked for among so many that the agent ended last.
const GOOD_AMONG: i64 = 5_000;
/// Runs that ended longer ago are not shown. Milliseconds.
const RUNS_SHOWN_MS: i64 = 24 * 60 * 60 * 1000;

const COLUMNS: &str = "d.task_id, d.agent, d.kind, t.title, d.cause, d.state, d.fingerprint, t.reason, t.attempts, d.at_ms, \
                       t.correlation_id, d.replay_task";

#[derive(sqlx::FromRow)]
struct Row {
    task_id: Uuid,
    agent: String,
    kind: String,
    title: Option<String>,
    cause: String,
    state: String,
    fingerprint: String,
    reason: Option<String>,
    attempts: i32,
    at_ms: i64,
    correlation_id: Option<String>,
    replay_task: Option<Uuid>,
}

impl From<Row> for LetterRow {
    fn from(row: Row) -> Self {
        Self {
            id: row.task_id.to_string(),
            agent: row.agent,
            kind: row.kind,
            title: row.title.as_deref().map(visible_line),
            cause: row.cause.parse().unwrap_or(LetterCause::Exhausted),
            state: row.state.parse().unwrap_or(LetterState::Waiting),
            fingerprint: row.fingerprint,
            reason: row.reason.as_deref().map(visible_line),
            attempts: u32::try_from(row.attempts).unwrap_or(0),
            at: Millis(row.at_ms),
            correlation_id: row.correlation_id,
            replay: row.replay_task.map(|task| task.to_string()),
        }
    }
}

/// Appends what a query asks.
pub(crate) struct Narrow;

impl Narrow {
    /// Letters that wait and match.
    pub fn waiting(sql: &mut QueryBuilder<Postgres>, query: &LetterQuery) {
        sql.push(" where d.state = 'waiting'");
        if !query.ids.is_empty() {
            let ids: Vec<Uuid> = query.ids.iter().filter_map(|id| id.parse().ok()).collect();
            sql.push(" and d.task_id = any(").push_bind(ids).push(")");
            return;
        }
        let mut equal = |column: &'static str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                sql.push(column).push_bind(value);
            }
        };
        equal(" and d.agent = ", query.agent.clone());
        equal(" and d.kind = ", query.kind.clone());
        equal(" and d.cause = ", query.cause.map(|cause| cause.as_str().to_owned()));
        equal(" and d.fingerprint = ", query.fingerprint.clone());
    }

    /// As [`Self::waiting`], and there is an agent to do them.
    pub fn replayable(sql: &mut QueryBuilder<Postgres>, query: &LetterQuery) {
        Self::waiting(sql, query);
        sql.push(" and exists (select from agent a where a.name = d.agent)");
    }
}

/// A place in the list.
fn cursor(row: &LetterRow) -> String {
    format!("{}.{}", row.at.0, row.id)
}

fn parse_cursor(text: &str) -> Option<(i64, Uuid)> {
    let (at, id) = text.split_once('.')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}

pub(crate) async fn desk(tx: &mut Tx, query: &LetterQuery, now: Millis) -> Result<DeadLetters, StoreError> {
    let size = DeadLetters::SIZE as usize;
    let mut sql = QueryBuilder::new(format!("select {COLUMNS} from (select d.* from dead_letter d"));
    Narrow::waiting(&mut sql, query);
    if let Some((at, id)) = query.older_than.as_deref().and_then(parse_cursor) {
        sql.push(" and (d.at_ms, d.task_id) < (").push_bind(at).push(", ").push_bind(id).push(")");
    }
    sql.push(" order by d.at_ms desc, d.task_id desc limit ").push_bind(i64::from(DeadLetters::SIZE) + 1);
    sql.push(
        ") d cross join lateral (
             select title, reason, attempts, correlation_id from task where id = d.task_id offset 0) t
         order by d.at_ms desc, d.task_id desc",
    );
    let found: Vec<Row> = sql.build_query_as().fetch_all(&mut **tx).await.map_err(unavailable)?;
    let more = found.len() > size;
    let letters: Vec<LetterRow> = found.into_iter().take(size).map(Into::into).collect();

    let mut sql = QueryBuilder::new("select count(*) from dead_letter d");
    Narrow::waiting(&mut sql, query);
    let (count,): (i64,) = sql.build_query_as().fetch_one(&mut **tx).await.map_err(unavailable)?;
    let (waiting,): (i64,) = sqlx::query_as("select count(*) from dead_letter where state = 'waiting'")
        .fetch_one(&mut **tx)
        .await
        .map_err(unavailable)?;
    let last: Option<Row> = sqlx::query_as(AssertSqlSafe(format!(
        "select {COLUMNS} from dead_letter d join task t on t.id = d.task_id
         where d.closed_ms is not null order by d.closed_ms desc limit 1"
    )))
    .fetch_optional(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(DeadLetters {
        groups: groups(tx).await?,
        older: letters.last().filter(|_| more).map(cursor),
        letters,
        count: unsigned(Some(count)),
        waiting: unsigned(Some(waiting)),
        runs: runs(tx, now).await?,
        last_closed: last.map(Into::into),
    })
}

async fn groups(tx: &mut Tx) -> Result<Vec<LetterGroup>, StoreError> {
    let found: Vec<(String, String, String, String, i64, i64, i64, Option<String>)> = sqlx::query_as(
        "select g.fingerprint, g.agent, g.kind, g.cause, g.count, g.first_ms, g.last_ms, t.reason
         from (select fingerprint, min(agent) as agent, min(kind) as kind, min(cause) as cause, count(*) as count,
                      min(at_ms) as first_ms, max(at_ms) as last_ms
               from dead_letter where state = 'waiting' group by fingerprint) g
         join lateral (select d.task_id from dead_letter d where d.state = 'waiting' and d.fingerprint = g.fingerprint
                       order by d.at_ms desc limit 1) newest on true
         join task t on t.id = newest.task_id
         order by g.count desc, g.last_ms desc limit 100",
    )
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let group = |(fingerprint, agent, kind, cause, count, first, last, reason): (
        String,
        String,
        String,
        String,
        i64,
        i64,
        i64,
        Option<String>,
    )| LetterGroup {
        fingerprint,
        agent,
        kind,
        cause: cause.parse().unwrap_or(LetterCause::Exhausted),
        reason: reason.as_deref().map(visible_line),
        count: unsigned(Some(count)),
        first_at: Millis(first),
        last_at: Millis(last),
    };
    Ok(found.into_iter().map(group).collect())
}

async fn runs(tx: &mut Tx, now: Millis) -> Result<Vec<ReplayRun>, StoreError> {
    let found: Vec<(Uuid, String, i64, i64, i64, i64, i64, i64)> = sqlx::query_as(
        "select r.run, min(p.name), min(r.at_ms), count(*),
                count(*) filter (where t.state = 'scheduled'),
                count(*) filter (where t.state = 'succeeded'),
                count(*) filter (where t.state in ('dead', 'failed', 'undeliverable', 'replayed', 'dismissed')),
                count(*) filter (where r.stopped_ms is not null)
         from letter_replay r
         cross join lateral (select state, ended_ms from task where id = r.task_id offset 0) t
         join person p on p.id = r.by_person
         where r.run is not null
         group by r.run
         having min(r.at_ms) >= $1 or bool_or(t.ended_ms is null)
         order by min(r.at_ms) desc limit 10",
    )
    .bind(now.0 - RUNS_SHOWN_MS)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let run =
        |(id, by, at, total, scheduled, succeeded, bad, stopped): (Uuid, String, i64, i64, i64, i64, i64, i64)| {
            ReplayRun {
                id: id.to_string(),
                by,
                started_at: Millis(at),
                total: unsigned(Some(total)),
                scheduled: unsigned(Some(scheduled)),
                succeeded: unsigned(Some(succeeded)),
                bad: unsigned(Some(bad)),
                stopped: unsigned(Some(stopped)),
            }
        };
    Ok(found.into_iter().map(run).collect())
}

#[derive(sqlx::FromRow)]
struct Text {
    payload: String,
    headers: Json<Headers>,
    closed_ms: Option<i64>,
    closed_by: Option<Uuid>,
    note: Option<String>,
}

pub(crate) async fn letter(tx: &mut Tx, id: TaskId) -> Result<LetterText, StoreError> {
    let row: Row = sqlx::query_as(AssertSqlSafe(format!(
        "select {COLUMNS} from dead_letter d join task t on t.id = d.task_id where d.task_id = $1"
    )))
    .bind(id.0)
    .fetch_one(&mut **tx)
    .await
    .map_err(unavailable)?;
    let letter = LetterRow::from(row);
    let text: Text = sqlx::query_as(
        "select t.payload, t.headers, d.closed_ms, d.closed_by, d.note
         from dead_letter d join task t on t.id = d.task_id where d.task_id = $1",
    )
    .bind(id.0)
    .fetch_one(&mut **tx)
    .await
    .map_err(unavailable)?;
    let blocked_where = "t.correlation_id = $1 and t.state in ('scheduled', 'queued', 'running', 'retrying') order by t.created_ms, t.id limit 20";
    let (blocked, blocked_count) = match &letter.correlation_id {
        Some(trace) => {
            let (count,): (i64,) = sqlx::query_as(
                "select count(*) from task where correlation_id = $1 and state in ('scheduled', 'queued', 'running', 'retrying')",
            )
            .bind(trace)
            .fetch_one(&mut **tx)
            .await
            .map_err(unavailable)?;
            (task_rows(tx, blocked_where, trace.clone()).await?, unsigned(Some(count)))
        }
        None => (Vec::new(), 0),
    };
    let good: Option<(Uuid, String)> = sqlx::query_as(
        "select id, payload
         from (select id, kind, state, payload, ended_ms from task
               where agent = $1 and ended_ms is not null order by ended_ms desc limit $3) t
         where kind = $2 and state = 'succeeded' order by ended_ms desc limit 1",
    )
    .bind(&letter.agent)
    .bind(&letter.kind)
    .bind(GOOD_AMONG)
    .fetch_optional(&mut **tx)
    .await
    .map_err(unavailable)?;
    let (alike,): (i64,) =
        sqlx::query_as("select count(*) from dead_letter where state = 'waiting' and fingerprint = $1")
            .bind(&letter.fingerprint)
            .fetch_one(&mut **tx)
            .await
            .map_err(unavailable)?;
    let (last_good, good_payload) = match good {
        Some((id, payload)) => {
            let row = task_rows(tx, "t.id = $1", id).await?.pop();
            (row.map(|row| LastGood { row, diff: Vec::new() }), Some(payload))
        }
        None => (None, None),
    };
    let detail = DeadLetterDetail {
        subject: subject_of(&letter.agent, &letter.kind),
        payload: payload_text(text.payload.as_bytes()),
        editable: editable(&text.payload),
        headers: visible_headers(text.headers),
        attempts: attempts(tx, id).await?,
        blocked,
        blocked_count,
        last_good,
        alike: unsigned(Some(alike)),
        closed: closed(tx, text.closed_by, text.closed_ms, text.note).await?,
        letter,
    };
    Ok(LetterText { detail, payload: text.payload, good_payload })
}

/// The subject of a task, by the names that the record keeps.
pub(crate) fn subject_of(agent: &str, kind: &str) -> String {
    match (agent.parse(), kind.parse()) {
        (Ok(agent), Ok(kind)) => subject::task(&agent, &kind),
        _ => String::new(),
    }
}

/// A payload as it can be mended: indented where it is JSON.
pub(crate) fn editable(payload: &str) -> Option<String> {
    let pretty = serde_json::from_str::<serde_json::Value>(payload)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&value).ok())
        .unwrap_or_else(|| payload.to_owned());
    (pretty.len() <= EDITABLE_BYTES).then_some(pretty)
}

pub(crate) async fn preview(tx: &mut Tx, query: &LetterQuery) -> Result<ReplayPreview, StoreError> {
    let mut sql = QueryBuilder::new("select d.agent, count(*), min(d.at_ms), max(d.at_ms) from dead_letter d");
    Narrow::replayable(&mut sql, query);
    sql.push(" group by d.agent order by count(*) desc, d.agent");
    let found: Vec<(String, i64, i64, i64)> = sql.build_query_as().fetch_all(&mut **tx).await.map_err(unavailable)?;
    let mut sql = QueryBuilder::new(format!("select {COLUMNS} from dead_letter d join task t on t.id = d.task_id"));
    Narrow::replayable(&mut sql, query);
    sql.push(" order by d.at_ms, d.task_id limit 5");
    let sample: Vec<Row> = sql.build_query_as().fetch_all(&mut **tx).await.map_err(unavailable)?;
    let agents: Vec<&str> = found.iter().map(|(agent, ..)| agent.as_str()).collect();
    let held: Vec<(String,)> = sqlx::query_as(
        "select agent from agent_pause where agent = any($1)
         union select agent from breaker where agent = any($1) and state <> 'closed' order by 1",
    )
    .bind(&agents)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(ReplayPreview {
        count: found.iter().map(|(_, count, ..)| unsigned(Some(*count))).sum(),
        oldest: found.iter().map(|(_, _, first, _)| Millis(*first)).min(),
        newest: found.iter().map(|(.., last)| Millis(*last)).max(),
        by_agent: found.into_iter().map(|(agent, count, ..)| (agent, unsigned(Some(count)))).collect(),
        seconds: 0,
        sample: sample.into_iter().map(Into::into).collect(),
        held_agents: held.into_iter().map(|(agent,)| agent).collect(),
    })
}
