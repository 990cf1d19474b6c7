//! What was decided about the tasks of a trace, from the journal: the acts of founders on its tasks, and
//! breakers that it opened.

use crate::{agents::unsigned, db::unavailable, projection::Tx};
use countersign_domain::{
    Millis,
    breaker::LOOP_WITHIN_MS,
    journal::{Entry, What},
    reading::{Decision, DecisionRow, TaskName, Trace},
};
use countersign_service::{ports::StoreError, visible_line};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// The trace's acts, each once: a replay makes a task and stopping it cancels that task, but these are not
/// acts of their own.
const ACTS: &str = "from task t join journal_act a on a.about = t.id
    where t.correlation_id = $1
      and not (a.kind = 'task.created'
               and (t.replay_of is not null or exists (select from quarantine q where q.task_id = t.id)))
      and not (a.kind = 'task.cancelled'
               and exists (select from letter_replay r where r.task_id = t.id and r.stopped_ms = a.at_ms))";

/// How many decisions there are, when the first and the last were, and those of one page.
pub(crate) struct Decisions {
    pub count: u64,
    pub first: Option<i64>,
    pub last: Option<i64>,
    /// With their numbers in the journal.
    pub rows: Vec<(i64, DecisionRow)>,
}

#[derive(sqlx::FromRow)]
struct Act {
    seq: i64,
    at_ms: i64,
    about: Uuid,
    name: String,
    by: Option<String>,
    /// Not read for a task that was created: it holds the payload.
    canonical: Option<Vec<u8>>,
}

impl Act {
    fn decision(self) -> Option<(i64, DecisionRow)> {
        let entry = self.canonical.as_deref().map(serde_json::from_slice::<Entry>).transpose().ok()?;
        let task = TaskName { id: self.about.to_string(), name: visible_line(&self.name) };
        let (what, reason) = match entry.map(|entry| entry.what) {
            None => (Decision::TaskCreated { task }, None),
            Some(What::TaskCancelled { reason, .. }) => (Decision::TaskCancelled { task }, reason),
            Some(What::TaskReprioritised { priority, .. }) => {
                (Decision::TaskReprioritised { task, priority: priority.get() }, None)
            }
            Some(What::LetterReplayed { task: replay, edited, .. }) => {
                (Decision::LetterReplayed { letter: task, replay: replay.to_string(), edited }, None)
            }
            Some(What::ReplayStopped { .. }) => (Decision::ReplayStopped { letter: task }, None),
            Some(What::LetterDismissed { reason, .. }) => (Decision::LetterDismissed { letter: task }, Some(reason)),
            Some(What::QuarantineRequeued { .. }) => (Decision::MessageRequeued { task }, None),
            Some(_) => return None,
        };
        let by = Some(self.by.unwrap_or_else(|| "somebody who is gone".to_owned()));
        let reason = reason.as_deref().map(visible_line);
        Some((self.seq, DecisionRow { entry: unsigned(Some(self.seq)), at: Millis(self.at_ms), by, what, reason }))
    }
}

/// The first `limit` decisions after the place `after` (moment, number in the journal). `ran` is when the first
/// and the last task of the trace came.
pub(crate) async fn read(
    tx: &mut Tx,
    trace: &str,
    ran: Option<(i64, i64)>,
    after: (i64, i64),
    limit: i64,
) -> Result<Decisions, StoreError> {
    let sql = format!("select count(*), min(a.at_ms), max(a.at_ms) {ACTS}");
    let (count, first, last): (i64, Option<i64>, Option<i64>) =
        sqlx::query_as(AssertSqlSafe(sql)).bind(trace).fetch_one(&mut **tx).await.map_err(unavailable)?;
    let moves = breakers(tx, trace, ran).await?;
    let moved = || moves.iter().map(|(_, row)| row.at.0);
    let (count, first, last) =
        (unsigned(Some(count)) + moves.len() as u64, moved().chain(first).min(), moved().chain(last).max());
    let sql = format!(
        "select a.*, p.name as by, case when a.kind <> 'task.created' then j.canonical end as canonical
         from (select a.seq, a.at_ms, a.kind, a.about, a.by_person, coalesce(nullif(btrim(t.title), ''), t.kind) as name
               {ACTS} and (a.at_ms, a.seq) > ($2, $3) order by a.at_ms, a.seq limit $4) a
         join journal j on j.seq = a.seq
         left join person p on p.id = a.by_person
         order by a.at_ms, a.seq"
    );
    let acts: Vec<Act> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(trace)
        .bind(after.0)
        .bind(after.1)
        .bind(limit)
        .fetch_all(&mut **tx)
        .await
        .map_err(unavailable)?;
    let mut rows: Vec<(i64, DecisionRow)> = acts.into_iter().filter_map(Act::decision).collect();
    rows.extend(moves.into_iter().filter(|(seq, row)| (row.at.0, *seq) > after));
    rows.sort_by_key(|(seq, row)| (row.at, *seq));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(Decisions { count, first, last, rows })
}

/// Moves of breakers that say that this trace caused them, found by when it ran.
async fn breakers(tx: &mut Tx, trace: &str, ran: Option<(i64, i64)>) -> Result<Vec<(i64, DecisionRow)>, StoreError> {
    let Some((first, last)) = ran else { return Ok(Vec::new()) };
    // As it stands in the entry's JSON, inside the sentence.
    let named = serde_json::to_string(&format!("trace {trace} ")).unwrap_or_default();
    let rows: Vec<(i64, i64, Vec<u8>, Option<String>)> = sqlx::query_as(
        "select j.seq, j.at_ms, j.canonical, p.name
         from journal j
         left join person p on p.id = substring(encode(j.canonical, 'escape') from '\"by\":\"([0-9a-f-]{36})\"')::uuid
         where j.kind = 'breaker.moved' and j.at_ms between $1 and $2 and position($3 in j.canonical) > 0
         order by j.at_ms, j.seq limit $4",
    )
    .bind(first)
    .bind(last.saturating_add(LOOP_WITHIN_MS))
    .bind(named.trim_matches('"').as_bytes())
    .bind(i64::from(Trace::LIMIT))
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let moved = |(seq, at, canonical, by): (i64, i64, Vec<u8>, Option<String>)| {
        let What::BreakerMoved { agent, state, cause, .. } = serde_json::from_slice::<Entry>(&canonical).ok()?.what
        else {
            return None;
        };
        let what = Decision::BreakerMoved { agent: agent.to_string(), state };
        let reason = Some(visible_line(&cause));
        Some((seq, DecisionRow { entry: unsigned(Some(seq)), at: Millis(at), by, what, reason }))
    };
    Ok(rows.into_iter().filter_map(moved).collect())
}
