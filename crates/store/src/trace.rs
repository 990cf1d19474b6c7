//! Everything of one `correlation_id`, as one timeline: tasks, events, and what was decided about them.

use crate::{
    agents::{dollars, unsigned},
    db::unavailable,
    history::{EventLine, event_row},
    projection::Tx,
    task_page::{self, Row},
    trace_decisions,
};
use countersign_domain::{
    Millis,
    reading::{AttemptRow, EventRow, Trace, TraceTask},
    task::AttemptOutcome,
};
use countersign_service::{ports::StoreError, visible_line};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;
use uuid::Uuid;

/// One step of the timeline. At the same moment a decision comes before what follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// By its number in the journal.
    Decision(i64),
    Task(Uuid),
    /// By its place in its stream.
    Event(i64, i64),
}

/// A place in the timeline: a step and its moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    at: i64,
    step: Step,
}

impl Place {
    /// Before everything.
    const START: Self = Self { at: i64::MIN, step: Step::Decision(i64::MIN) };

    fn text(self) -> String {
        match self.step {
            Step::Decision(seq) => format!("{}.d.{seq}", self.at),
            Step::Task(id) => format!("{}.t.{id}", self.at),
            Step::Event(epoch, sequence) => format!("{}.e.{epoch}.{sequence}", self.at),
        }
    }

    /// Anything that is not a cursor of ours is none.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (at, kind, key, last) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?, parts.next());
        let step = match (kind, last) {
            ("d", None) => Step::Decision(key.parse().ok()?),
            ("t", None) => Step::Task(key.parse().ok()?),
            ("e", Some(sequence)) => Step::Event(key.parse().ok()?, sequence.parse().ok()?),
            _ => return None,
        };
        parts.next().is_none().then_some(Self { at, step })
    }

    /// The last decision that is not after this place.
    fn decision(self) -> i64 {
        match self.step {
            Step::Decision(seq) => seq,
            _ => i64::MAX,
        }
    }

    fn task(self) -> Uuid {
        match self.step {
            Step::Decision(_) => Uuid::nil(),
            Step::Task(id) => id,
            Step::Event(..) => Uuid::max(),
        }
    }

    fn event(self) -> (i64, i64) {
        match self.step {
            Step::Event(epoch, sequence) => (epoch, sequence),
            _ => (i64::MIN, i64::MIN),
        }
    }
}

#[derive(sqlx::FromRow)]
struct Figures {
    tasks: i64,
    open: i64,
    started: Option<i64>,
    last_created: Option<i64>,
    ended: Option<i64>,
    task_micro_usd: Option<i64>,
    events: i64,
    first_event: Option<i64>,
    last_event: Option<i64>,
    event_micro_usd: Option<i64>,
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

/// The page that begins after the step that `after` names, or the first.
pub(crate) async fn read(tx: &mut Tx, trace: &str, after: &str) -> Result<Trace, StoreError> {
    let figures = figures(tx, trace).await?;
    if figures.tasks == 0 && figures.events == 0 {
        return Err(StoreError::NotFound);
    }
    let after = Place::parse(after);
    let from = after.unwrap_or(Place::START);
    let ran = figures.started.zip(figures.last_created);
    let limit = i64::from(Trace::LIMIT) + 1;
    let decided = trace_decisions::read(tx, trace, ran, (from.at, from.decision()), limit).await?;
    let tasks = tasks(tx, trace, from, limit).await?;
    let events = events(tx, trace, from, limit).await?;

    let mut places: Vec<Place> = decided
        .rows
        .iter()
        .map(|(seq, row)| Place { at: row.at.0, step: Step::Decision(*seq) })
        .chain(tasks.iter().map(|(id, row)| Place { at: row.row.created_at.0, step: Step::Task(*id) }))
        .chain(events.iter().map(|(place, _)| *place))
        .collect();
    places.sort_unstable();
    let more = places.len() > Trace::LIMIT as usize;
    places.truncate(Trace::LIMIT as usize);
    let last = places.last().copied().unwrap_or(from);
    let shown = |at: Millis, step: Step| Place { at: at.0, step } <= last;

    let mut tasks: Vec<TraceTask> = tasks
        .into_iter()
        .filter(|(id, task)| shown(task.row.created_at, Step::Task(*id)))
        .map(|(_, task)| task)
        .collect();
    attempts(tx, &mut tasks).await?;
    let agents: Vec<(String,)> = sqlx::query_as(
        "select agent from (select agent, created_ms as at from task where correlation_id = $1
                            union all select agent, at_ms from event where correlation_id = $1) a
         group by agent order by min(at), agent limit 50",
    )
    .bind(trace)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let micro_usd = [figures.task_micro_usd, figures.event_micro_usd].into_iter().flatten().reduce(|a, b| a + b);
    Ok(Trace {
        correlation_id: trace.to_owned(),
        tasks,
        events: events.into_iter().filter(|(place, _)| *place <= last).map(|(_, event)| event).collect(),
        decisions: decided
            .rows
            .into_iter()
            .filter(|(seq, row)| shown(row.at, Step::Decision(*seq)))
            .map(|(_, row)| row)
            .collect(),
        task_count: unsigned(Some(figures.tasks)),
        event_count: unsigned(Some(figures.events)),
        decision_count: decided.count,
        started_at: [figures.started, figures.first_event, decided.first].into_iter().flatten().min().map(Millis),
        ended_at: (figures.open == 0)
            .then(|| [figures.ended, figures.last_event, decided.last].into_iter().flatten().max().map(Millis))
            .flatten(),
        open: unsigned(Some(figures.open)),
        usd: micro_usd.map(dollars),
        agents: agents.into_iter().map(|(agent,)| agent).collect(),
        is_later: after.is_some(),
        next: more.then(|| last.text()),
    })
}

/// A task has the costs that its own agent's events tell of it; the trace has those of its other events too.
async fn figures(tx: &mut Tx, trace: &str) -> Result<Figures, StoreError> {
    sqlx::query_as(
        "select t.*, e.* from
           (select count(*) as tasks, count(*) filter (where ended_ms is null) as open, min(created_ms) as started,
                   max(created_ms) as last_created, max(ended_ms) as ended, sum(micro_usd)::bigint as task_micro_usd
            from task where correlation_id = $1) t,
           (select count(*) as events, min(at_ms) as first_event, max(at_ms) as last_event,
                   sum(micro_usd) filter (where micro_usd is not null and not exists (
                       select from task_message m join task t on t.id = m.task_id
                       where m.epoch = event.tasks_epoch and m.sequence = event.task_sequence
                         and t.agent = event.agent and t.correlation_id = $1))::bigint as event_micro_usd
            from event where correlation_id = $1) e",
    )
    .bind(trace)
    .fetch_one(&mut **tx)
    .await
    .map_err(unavailable)
}

async fn tasks(tx: &mut Tx, trace: &str, after: Place, limit: i64) -> Result<Vec<(Uuid, TraceTask)>, StoreError> {
    let sql = format!(
        "select {} from task_seen t where t.correlation_id = $1 and (t.created_ms, t.id) > ($2, $3)
         order by t.created_ms, t.id limit $4",
        task_page::COLUMNS
    );
    let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(trace)
        .bind(after.at)
        .bind(after.task())
        .bind(limit)
        .fetch_all(&mut **tx)
        .await
        .map_err(unavailable)?;
    Ok(rows.into_iter().map(|row| (row.id, TraceTask { row: row.into(), attempts: Vec::new() })).collect())
}

async fn events(tx: &mut Tx, trace: &str, after: Place, limit: i64) -> Result<Vec<(Place, EventRow)>, StoreError> {
    let (epoch, sequence) = after.event();
    let lines: Vec<(i64, i64, String, String, i64, Option<String>, String, Option<i64>)> = sqlx::query_as(
        "select epoch, sequence, agent, topic, at_ms, correlation_id, left(payload, 500), micro_usd from event
         where correlation_id = $1 and (at_ms, epoch, sequence) > ($2, $3, $4)
         order by at_ms, epoch, sequence limit $5",
    )
    .bind(trace)
    .bind(after.at)
    .bind(epoch)
    .bind(sequence)
    .bind(limit)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let event = |(epoch, sequence, agent, topic, at, trace, text, cost): (i64, i64, _, _, i64, _, _, _)| {
        let line: EventLine = (agent, topic, at, trace, text, cost);
        (Place { at, step: Step::Event(epoch, sequence) }, event_row(line))
    };
    Ok(lines.into_iter().map(event).collect())
}

/// Gives each task its attempts.
async fn attempts(tx: &mut Tx, tasks: &mut [TraceTask]) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = tasks.iter().filter_map(|task| task.row.id.parse().ok()).collect();
    let found: Vec<Attempt> = sqlx::query_as(
        "select task_id, number, outcome, started_ms, ended_ms, reason from attempt where task_id = any($1)
         order by task_id, number limit 5000",
    )
    .bind(&ids)
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
    for task in tasks {
        task.attempts = by_task.remove(&task.row.id).unwrap_or_default();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_a_foreign_one_is_none() {
        for step in [Step::Decision(7), Step::Task(Uuid::from_u128(9)), Step::Event(3, 4)] {
            let place = Place { at: 17, step };
            assert_eq!(Place::parse(&place.text()), Some(place));
        }
        for odd in ["", "17", "17.d", "17.x.3", "x.d.3", "17.e.3", "17.d.3.4", "17.e.3.4.5", "17.t.nobody"] {
            assert_eq!(Place::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn at_the_same_moment_a_decision_comes_before_its_task_and_the_task_before_its_events() {
        let at = |step| Place { at: 5, step };
        let (decision, task, event) = (at(Step::Decision(900)), at(Step::Task(Uuid::nil())), at(Step::Event(0, 0)));
        assert!(Place::START < decision && decision < task && task < event);
        // What is asked for after each of them: only what is later by this order.
        assert_eq!((task.decision(), decision.task(), event.task()), (i64::MAX, Uuid::nil(), Uuid::max()));
    }
}
