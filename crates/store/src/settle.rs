//! What follows from what was recorded: dead letters, and breakers that open or close. Decided once, in
//! the transaction that recorded the cause, and journaled as entries of their own, so that a rebuild
//! repeats decisions and does not make new ones.

use crate::{
    db::unavailable,
    outbox::{Deed, Message},
    projection::Derived,
};
use countersign_domain::{
    AgentName, Millis, TaskId, TaskKind,
    breaker::{BAD_ENDS, BreakerState, OPEN_MS, opens},
    bus_fact::{Headers, Issue},
    journal::{Entry, IssueReason, What},
    letter::{LetterCause, fingerprint},
    task::TaskState,
};
use countersign_service::ports::StoreError;
use countersign_wire::{header, subject};
use sqlx::{Postgres, Transaction, types::Json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

type Tx = Transaction<'static, Postgres>;

#[derive(Default)]
pub(crate) struct Settled {
    pub entries: Vec<Entry>,
    pub messages: Vec<Message>,
}

/// A task that ended badly, or did so unless its agent makes more attempts.
#[derive(sqlx::FromRow)]
struct Bad {
    id: Uuid,
    agent: String,
    kind: String,
    reason: Option<String>,
    attempts: i32,
    payload: String,
    headers: Json<Headers>,
    max_deliver: i32,
}

/// Looks at the tasks that may have changed.
pub(crate) async fn decide(tx: &mut Tx, touched: &BTreeMap<Uuid, Derived>, now: Millis) -> Result<Settled, StoreError> {
    let mut settled = Settled::default();
    dead_letters(tx, touched, now, &mut settled).await?;
    // Whatever became of the task meanwhile: what is kept unseen would fill the queue in the end.
    let spent = touched.values().flat_map(|task| &task.spent);
    settled.messages.extend(spent.map(|(epoch, sequence)| Message::remove(*epoch, *sequence, now)));
    // The message of a cancelled task goes from its queue, also where it reaches the bus only now.
    let cancelled = touched.values().filter(|task| task.state == TaskState::Cancelled);
    settled.messages.extend(
        cancelled.filter_map(|task| task.message).map(|(epoch, sequence)| Message::remove(epoch, sequence, now)),
    );
    breakers(tx, touched, now, &mut settled).await?;
    Ok(settled)
}

/// Tasks of which nothing more will come by itself. All attempts are used up when the bus says so, or when
/// the last of as many as it makes went wrong.
async fn dead_letters(
    tx: &mut Tx,
    touched: &BTreeMap<Uuid, Derived>,
    now: Millis,
    settled: &mut Settled,
) -> Result<(), StoreError> {
    let ended_badly = |task: &Derived| {
        !task.lettered && matches!(task.state, TaskState::Failed | TaskState::Undeliverable | TaskState::Retrying)
    };
    let ids: Vec<Uuid> = touched.iter().filter(|(_, task)| ended_badly(task)).map(|(id, _)| *id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let bad: Vec<Bad> = sqlx::query_as(
        "select t.id, t.agent, t.kind, t.reason, t.attempts, t.payload, t.headers,
                coalesce(l.max_deliver, a.max_deliver, 5) as max_deliver
         from unnest($1::uuid[]) as i (id)
         cross join lateral (
             select id, agent, kind, reason, attempts, payload, headers, created_ms from task where id = i.id offset 0) t
         left join agent_live l on l.agent = t.agent
         left join agent a on a.name = t.agent
         order by t.created_ms, t.id",
    )
    .bind(&ids)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    for task in bad {
        let Some(derived) = touched.get(&task.id) else { continue };
        let cause = match derived.state {
            TaskState::Failed => LetterCause::GivenUp,
            TaskState::Undeliverable => LetterCause::Undeliverable,
            _ if derived.exhausted => LetterCause::Exhausted,
            // A stock client's queue may have no limit: then it is -1.
            _ if task.max_deliver > 0 && task.attempts >= task.max_deliver => LetterCause::Exhausted,
            _ => continue,
        };
        let (Ok(agent), Ok(kind)) = (task.agent.parse::<AgentName>(), task.kind.parse::<TaskKind>()) else { continue };
        let print = fingerprint(&agent, &kind, cause, task.reason.as_deref());
        settled.messages.push(letter(&task, &agent, &kind, cause, now));
        if let (LetterCause::Exhausted, Some((epoch, sequence))) = (cause, derived.message) {
            // Where the bus has not said yet that it will not hand it out again.
            settled.messages.push(Message::remove(epoch, sequence, now));
        }
        let what = What::DeadLettered { task: TaskId(task.id), cause, fingerprint: print };
        settled.entries.push(Entry::new(now, what));
    }
    Ok(())
}

/// The copy of a dead letter that `DLQ` keeps.
fn letter(task: &Bad, agent: &AgentName, kind: &TaskKind, cause: LetterCause, now: Millis) -> Message {
    let mut headers = resent(&task.headers.0);
    headers.push((header::TASK.to_owned(), task.id.to_string()));
    headers.push((header::CAUSE.to_owned(), cause.as_str().to_owned()));
    headers.push((header::ATTEMPTS.to_owned(), task.attempts.to_string()));
    if let Some(reason) = &task.reason {
        let line: String = reason.chars().filter(|c| !c.is_control()).take(500).collect();
        headers.push((header::REASON.to_owned(), line));
    }
    Message::tell(format!("d:{}", task.id), subject::letter(agent, kind), headers, task.payload.clone(), now)
}

#[derive(sqlx::FromRow)]
struct Breaker {
    agent: String,
    state: String,
    since_ms: i64,
}

/// Agents whose latest tasks say that their breaker should move.
async fn breakers(
    tx: &mut Tx,
    touched: &BTreeMap<Uuid, Derived>,
    now: Millis,
    settled: &mut Settled,
) -> Result<(), StoreError> {
    let counts = |task: &&Derived| {
        task.ended && matches!(task.state, TaskState::Dead | TaskState::Failed | TaskState::Succeeded)
    };
    let ended: BTreeSet<(&str, TaskState)> =
        touched.values().filter(counts).map(|task| (task.agent.as_str(), task.state)).collect();
    if ended.is_empty() {
        return Ok(());
    }
    let known: Vec<Breaker> =
        sqlx::query_as("select agent, state, since_ms from breaker").fetch_all(&mut **tx).await.map_err(unavailable)?;
    let agents: BTreeSet<&str> = ended.iter().map(|(agent, _)| *agent).collect();
    for agent in agents {
        let breaker = known.iter().find(|breaker| breaker.agent == agent);
        let state = breaker.and_then(|breaker| breaker.state.parse().ok()).unwrap_or(BreakerState::Closed);
        let since = breaker.map_or(i64::MIN, |breaker| breaker.since_ms);
        let a_bad_end = ended.iter().any(|(who, state)| *who == agent && *state != TaskState::Succeeded);
        let moved = match state {
            BreakerState::Open => None,
            BreakerState::Closed if !a_bad_end => None,
            BreakerState::Closed => opened(tx, agent, since).await?.map(|cause| (BreakerState::Open, cause)),
            BreakerState::HalfOpen => tried(tx, agent, since).await?,
        };
        let (Some((state, cause)), Ok(agent)) = (moved, agent.parse()) else { continue };
        let until = (state == BreakerState::Open).then_some(Millis(now.0 + OPEN_MS));
        settled.entries.push(Entry::new(now, What::BreakerMoved { agent, state, cause, until, by: None }));
    }
    Ok(())
}

/// The newest ends of the agent's tasks since `since`, newest first.
async fn ends(tx: &mut Tx, agent: &str, since: i64) -> Result<Vec<(i64, String, Option<String>)>, StoreError> {
    sqlx::query_as(
        "select ended_ms, state, reason from task
         where agent = $1 and ended_ms > $2 and state in ('dead', 'failed', 'succeeded', 'replayed', 'dismissed')
         order by ended_ms desc, id desc limit $3",
    )
    .bind(agent)
    .bind(since)
    .bind(i64::try_from(BAD_ENDS).unwrap_or(5))
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)
}

/// Why the agent's breaker opens, if it does.
async fn opened(tx: &mut Tx, agent: &str, since: i64) -> Result<Option<String>, StoreError> {
    let ends = ends(tx, agent, since).await?;
    let run: Vec<(Millis, bool)> = ends.iter().map(|(at, state, _)| (Millis(*at), state != "succeeded")).collect();
    if !opens(&run) {
        return Ok(None);
    }
    let last = ends.first().and_then(|(_, _, reason)| reason.clone());
    Ok(Some(match last {
        Some(reason) => format!("{BAD_ENDS} tasks in a row ended badly; the last one: {reason}"),
        None => format!("{BAD_ENDS} tasks in a row ended badly."),
    }))
}

/// Where the half-open breaker goes after the task that was let through.
async fn tried(tx: &mut Tx, agent: &str, since: i64) -> Result<Option<(BreakerState, String)>, StoreError> {
    let ends = ends(tx, agent, since).await?;
    Ok(ends.first().map(|(_, state, reason)| {
        if state == "succeeded" {
            (BreakerState::Closed, "The task that was let through succeeded.".to_owned())
        } else {
            let why = reason.clone().unwrap_or_else(|| "no reason was given".to_owned());
            (BreakerState::Open, format!("The task that was let through ended badly too: {why}"))
        }
    }))
}

/// Headers as they may be sent again: what the bus or the sender's own proof put there belongs to the first
/// message alone.
pub(crate) fn resent(headers: &Headers) -> Headers {
    let first_only = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("nats-") || name.starts_with("countersign-")
    };
    headers.iter().filter(|(name, _)| !first_only(name)).cloned().collect()
}

/// The entry and the message that put a task on the bus, as its message number `issue`.
pub(crate) fn issue(task: &Issuing<'_>, issue: Issue, why: IssueReason, due: Millis, at: Millis) -> (Entry, Message) {
    let what = What::TaskIssued { task: task.id, issue: issue.number, base: issue.base, why };
    let message = Message {
        id: format!("t:{}:{}", task.id, issue.number),
        what: Deed::Issue {
            subject: subject::task(task.agent, task.kind),
            agent: task.agent.to_string(),
            task: task.id,
            issue,
            headers: task.headers.clone(),
            payload: task.payload.to_owned(),
        },
        priority: task.priority,
        due,
    };
    (Entry::new(at, what), message)
}

/// What a task's message is made of.
#[derive(Debug)]
pub(crate) struct Issuing<'a> {
    pub id: TaskId,
    pub agent: &'a AgentName,
    pub kind: &'a TaskKind,
    pub headers: Headers,
    pub payload: &'a str,
    pub priority: i16,
}
