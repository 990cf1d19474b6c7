//! Everything of one `correlation_id`.

use crate::{
    agents::{dollars, unsigned},
    db::unavailable,
    history::{event_row, task_rows},
    projection::Tx,
};
use countersign_domain::{
    Millis,
    reading::{AttemptRow, Trace, TraceTask},
    task::AttemptOutcome,
};
use countersign_service::{ports::StoreError, visible_line};
use std::collections::HashMap;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Figures {
    tasks: i64,
    open: i64,
    started: Option<i64>,
    ended: Option<i64>,
    micro_usd: Option<i64>,
    events: i64,
    first_event: Option<i64>,
    last_event: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Attempt {
    task_id: Uuid,
    number: i32,
    outcome: String,
    started_ms: Option<i64>,
    ended_ms: Option<i64>,
    reason: Option<String>,
}

pub(crate) async fn read(tx: &mut Tx, trace: &str) -> Result<Trace, StoreError> {
    let figures: Figures = sqlx::query_as(
        "select t.*, e.* from
           (select count(*) as tasks, count(*) filter (where ended_ms is null) as open, min(created_ms) as started,
                   max(ended_ms) as ended, sum(micro_usd)::bigint as micro_usd
            from task where correlation_id = $1) t,
           (select count(*) as events, min(at_ms) as first_event, max(at_ms) as last_event
            from event where correlation_id = $1) e",
    )
    .bind(trace)
    .fetch_one(&mut **tx)
    .await
    .map_err(unavailable)?;
    if figures.tasks == 0 && figures.events == 0 {
        return Err(StoreError::NotFound);
    }
    let rows = task_rows(tx, "t.correlation_id = $1 order by t.created_ms, t.id limit 200", trace.to_owned()).await?;
    let ids: Vec<Uuid> = rows.iter().filter_map(|row| row.id.parse().ok()).collect();
    let mut attempts = attempts(tx, &ids).await?;
    let tasks: Vec<TraceTask> =
        rows.into_iter().map(|row| TraceTask { attempts: attempts.remove(&row.id).unwrap_or_default(), row }).collect();
    let events: Vec<(String, String, i64, Option<String>, String)> = sqlx::query_as(
        "select agent, topic, at_ms, correlation_id, left(payload, 500) from event where correlation_id = $1
         order by at_ms, epoch, sequence limit $2",
    )
    .bind(trace)
    .bind(i64::from(Trace::LIMIT))
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let agents: Vec<(String,)> = sqlx::query_as(
        "select agent from (select agent, created_ms as at from task where correlation_id = $1
                            union all select agent, at_ms from event where correlation_id = $1) a
         group by agent order by min(at), agent limit 50",
    )
    .bind(trace)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(Trace {
        correlation_id: trace.to_owned(),
        tasks,
        events: events.into_iter().map(event_row).collect(),
        task_count: unsigned(Some(figures.tasks)),
        event_count: unsigned(Some(figures.events)),
        started_at: [figures.started, figures.first_event].into_iter().flatten().min().map(Millis),
        ended_at: (figures.open == 0)
            .then(|| [figures.ended, figures.last_event].into_iter().flatten().max().map(Millis))
            .flatten(),
        open: unsigned(Some(figures.open)),
        usd: figures.micro_usd.map(dollars),
        agents: agents.into_iter().map(|(agent,)| agent).collect(),
    })
}

async fn attempts(tx: &mut Tx, tasks: &[Uuid]) -> Result<HashMap<String, Vec<AttemptRow>>, StoreError> {
    let found: Vec<Attempt> = sqlx::query_as(
        "select task_id, number, outcome, started_ms, ended_ms, reason from attempt where task_id = any($1)
         order by task_id, number limit 5000",
    )
    .bind(tasks)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let mut by_task: HashMap<String, Vec<AttemptRow>> = HashMap::new();
    for attempt in found {
        by_task.entry(attempt.task_id.to_string()).or_default().push(AttemptRow {
            number: u32::try_from(attempt.number).unwrap_or(0),
            outcome: attempt.outcome.parse().unwrap_or(AttemptOutcome::Running),
            started_at: attempt.started_ms.map(Millis),
            ended_at: attempt.ended_ms.map(Millis),
            reason: attempt.reason.as_deref().map(visible_line),
        });
    }
    Ok(by_task)
}
