//! One page of tasks by keyset: deep pages cost as much as the first.

use crate::{agents::dollars, db::unavailable, words};
use countersign_domain::{
    Millis, TaskId,
    reading::{TaskPage, TaskQuery, TaskRow},
    task::TaskState,
};
use countersign_service::{ports::StoreError, visible_line};
use sqlx::{Postgres, QueryBuilder, Transaction};
use uuid::Uuid;

/// The columns of a [`TaskRow`], from `task_seen t`.
pub(crate) const COLUMNS: &str = "t.id, t.agent, t.kind, t.state, t.title, t.correlation_id, t.created_ms, t.updated_ms, \
                                  t.ended_ms, t.attempts, t.reason, t.micro_usd";

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    agent: String,
    kind: String,
    state: String,
    title: Option<String>,
    correlation_id: Option<String>,
    created_ms: i64,
    updated_ms: i64,
    ended_ms: Option<i64>,
    attempts: i32,
    reason: Option<String>,
    micro_usd: Option<i64>,
}

impl From<Row> for TaskRow {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.to_string(),
            agent: row.agent,
            kind: row.kind,
            state: row.state.parse().unwrap_or(TaskState::Queued),
            title: row.title.as_deref().map(visible_line),
            correlation_id: row.correlation_id,
            created_at: Millis(row.created_ms),
            updated_at: Millis(row.updated_ms),
            ended_at: row.ended_ms.map(Millis),
            attempts: u32::try_from(row.attempts).unwrap_or(0),
            reason: row.reason.as_deref().map(visible_line),
            usd: row.micro_usd.map(dollars),
        }
    }
}

/// A place in the list: between two tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cursor {
    created_ms: i64,
    id: Uuid,
}

impl Cursor {
    fn of(row: &TaskRow) -> String {
        format!("{}.{}", row.created_at.0, row.id)
    }

    /// Anything that is not a cursor of ours is none.
    fn parse(text: &str) -> Option<Self> {
        let (created, id) = text.split_once('.')?;
        Some(Self { created_ms: created.parse().ok()?, id: id.parse::<TaskId>().ok()?.0 })
    }
}

/// Appends what the query asks, without its cursor.
fn narrow(sql: &mut QueryBuilder<Postgres>, query: &TaskQuery) {
    sql.push(" where true");
    if !query.state.is_empty() {
        let words: Vec<&'static str> = query.state.iter().map(|state| state.as_str()).collect();
        sql.push(" and t.state = any(").push_bind(words).push(")");
    }
    let mut equal = |column: &'static str, value: &Option<String>| {
        if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
            sql.push(column).push_bind(value.clone());
        }
    };
    equal(" and t.agent = ", &query.agent);
    equal(" and t.kind = ", &query.kind);
    equal(" and t.correlation_id = ", &query.trace);
    if let Some(from) = query.from {
        sql.push(" and t.created_ms >= ").push_bind(from.0);
    }
    if let Some(to) = query.to {
        sql.push(" and t.created_ms < ").push_bind(to.0);
    }
    if let Some(typed) = query.text.as_ref().filter(|text| !text.trim().is_empty()) {
        // The reason is short and searched as it is.
        sql.push(" and (t.id in (select x.task_id from task_text x where x.search @@ ");
        sql.push_bind(words::query(typed)).push("::tsquery)");
        sql.push(" or strpos(lower(coalesce(t.reason, '')), lower(").push_bind(typed.trim().to_owned()).push(")) > 0)");
    }
}

/// Reads the page. Must run inside a tenant's transaction.
pub(crate) async fn read(tx: &mut Transaction<'static, Postgres>, query: &TaskQuery) -> Result<TaskPage, StoreError> {
    let older_than = query.older_than.as_deref().and_then(Cursor::parse);
    let newer_than = query.newer_than.as_deref().and_then(Cursor::parse);
    let size = TaskPage::SIZE as usize;

    let mut sql = QueryBuilder::new("select ");
    sql.push(COLUMNS).push(" from task_seen t");
    narrow(&mut sql, query);
    let backwards = newer_than.is_some() && older_than.is_none();
    if let Some(cursor) = older_than {
        sql.push(" and (t.created_ms, t.id) < (")
            .push_bind(cursor.created_ms)
            .push(", ")
            .push_bind(cursor.id)
            .push(")");
    } else if let Some(cursor) = newer_than {
        sql.push(" and (t.created_ms, t.id) > (")
            .push_bind(cursor.created_ms)
            .push(", ")
            .push_bind(cursor.id)
            .push(")");
    }
    sql.push(if backwards { " order by t.created_ms, t.id" } else { " order by t.created_ms desc, t.id desc" });
    sql.push(" limit ").push_bind(i64::from(TaskPage::SIZE) + 1);
    let rows: Vec<Row> = sql.build_query_as().fetch_all(&mut **tx).await.map_err(unavailable)?;

    let more = rows.len() > size;
    let mut rows: Vec<TaskRow> = rows.into_iter().take(size).map(Into::into).collect();
    if backwards {
        rows.reverse();
    }
    let (has_newer, has_older) = if backwards { (more, true) } else { (older_than.is_some(), more) };
    Ok(TaskPage {
        newer: rows.first().filter(|_| has_newer).map(Cursor::of),
        older: rows.last().filter(|_| has_older).map(Cursor::of),
        count: count(tx, query).await?,
        any: exists(tx).await?,
        agents: distinct(tx, "select name from agent order by name limit 100").await?,
        kinds: distinct(tx, KINDS).await?,
        rows,
    })
}

/// A loose index scan would be better once there are millions; kinds of the newest thousand tasks are
/// what a filter is used for.
const KINDS: &str =
    "select distinct kind from (select kind from task order by created_ms desc limit 1000) t order by kind limit 100";

async fn count(tx: &mut Transaction<'static, Postgres>, query: &TaskQuery) -> Result<u64, StoreError> {
    let mut sql = QueryBuilder::new("select count(*) from (select from task_seen t");
    narrow(&mut sql, query);
    sql.push(" limit ").push_bind(i64::try_from(TaskPage::COUNT_LIMIT).unwrap_or(i64::MAX) + 1).push(") c");
    let (count,): (i64,) = sql.build_query_as().fetch_one(&mut **tx).await.map_err(unavailable)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

async fn exists(tx: &mut Transaction<'static, Postgres>) -> Result<bool, StoreError> {
    let (any,): (bool,) =
        sqlx::query_as("select exists (select from task)").fetch_one(&mut **tx).await.map_err(unavailable)?;
    Ok(any)
}

async fn distinct(tx: &mut Transaction<'static, Postgres>, sql: &'static str) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = sqlx::query_as(sql).fetch_all(&mut **tx).await.map_err(unavailable)?;
    Ok(rows.into_iter().map(|(word,)| word).collect())
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn a_foreign_cursor_is_none() {
        for bad in ["", ".", "1", "1.2", "x.0190163d-8694-739b-aea5-966c26f8ad90", "'; drop table task"] {
            assert_eq!(Cursor::parse(bad), None, "{bad}");
        }
        assert!(Cursor::parse("17.0190163d-8694-739b-aea5-966c26f8ad90").is_some());
    }
}
