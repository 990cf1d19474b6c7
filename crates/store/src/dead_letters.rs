//! The dead-letter desk: acts. What it shows is in `letter_page`.

use crate::{
    db::{Db, unavailable},
    letter_page::{self, Narrow},
    pen::Pen,
    projection::Tx,
    settle::{Issuing, issue},
    tasks::{add, check_agent, unsend},
};
use async_trait::async_trait;
use countersign_domain::{
    Act, AgentName, Millis, ReplayId, TaskId, TaskKind, TenantId,
    bus_fact::Issue,
    journal::{Entry, IssueReason, What},
    letter::LetterState,
    reading::{DeadLetters as Desk, LetterQuery, ReplayPreview},
    task::Priority,
};
use countersign_service::ports::{DeadLetters, LetterText, NewTask, StoreError};
use sqlx::QueryBuilder;
use uuid::Uuid;

/// [`DeadLetters`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgDeadLetters {
    db: Db,
}

impl PgDeadLetters {
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// Replays the next letters that match: the `before`th and following of its run. Answers how many.
    async fn replay_chunk(
        &self,
        tenant: TenantId,
        query: &LetterQuery,
        (run, before, every_ms): (ReplayId, i64, i64),
        act: &Act,
    ) -> Result<i64, StoreError> {
        let mut done = before;
        let mut pen = Pen::open(&self.db, tenant).await?;
        let letters = oldest(&mut pen.tx, query, act.at).await?;
        let (mut entries, mut messages) = (Vec::new(), Vec::new());
        for letter in &letters {
            let (agent, kind) = names(letter)?;
            let id = TaskId::of_replay(tenant, TaskId(letter.id), pen.next_seq(), act.at.0);
            let due = Millis(act.at.0 + done * every_ms);
            let issuing =
                Issuing { id, agent: &agent, kind: &kind, headers: Vec::new(), payload: &letter.payload, priority: 0 };
            let (issued, message) = issue(&issuing, Issue { number: 1, base: 0 }, IssueReason::First, due, act.at);
            let created = What::TaskCreated {
                by: Some(act.by),
                task: id,
                agent: agent.clone(),
                kind: kind.clone(),
                title: letter.title.clone(),
                correlation_id: letter.correlation_id.clone(),
                payload: letter.payload.clone(),
                not_before: (due > act.at).then_some(due),
                priority: Priority::default(),
                replay_of: Some(TaskId(letter.id)),
            };
            entries.extend([Entry::by(act, created), issued, replayed(TaskId(letter.id), id, false, Some(run), act)]);
            messages.push(message);
            done += 1;
        }
        pen.write(&entries).await?;
        for message in messages {
            pen.send(message);
        }
        pen.commit(act.at).await?;
        Ok(done - before)
    }
}

/// Letters that one transaction replays: the journal is not to be held for long.
const CHUNK: u16 = 500;

#[derive(sqlx::FromRow)]
struct Letter {
    id: Uuid,
    agent: String,
    kind: String,
    title: Option<String>,
    correlation_id: Option<String>,
    payload: String,
}

/// A letter as it must be to be decided on.
async fn waiting(pen: &mut Pen, letter: TaskId) -> Result<Letter, StoreError> {
    let (state,): (String,) = sqlx::query_as("select state from dead_letter where task_id = $1")
        .bind(letter.0)
        .fetch_one(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    let refused = |text: &str| Err(StoreError::Refused(text.to_owned()));
    match state.parse() {
        Ok(LetterState::Waiting) => {}
        Ok(LetterState::Dismissed) => {
            return refused("This letter was dismissed. It cannot be replayed or dismissed any more.");
        }
        Ok(LetterState::Answered) => {
            return refused("Its worker answered well after all. There is nothing left to do.");
        }
        _ => return refused("This letter was replayed already. Look at the task that does it again."),
    }
    sqlx::query_as("select id, agent, kind, title, correlation_id, payload from task where id = $1")
        .bind(letter.0)
        .fetch_one(&mut *pen.tx)
        .await
        .map_err(unavailable)
}

/// The entries of a replay.
fn replayed(letter: TaskId, task: TaskId, edited: bool, run: Option<ReplayId>, act: &Act) -> Entry {
    Entry::by(act, What::LetterReplayed { by: act.by, letter, task, edited, run })
}

fn names(letter: &Letter) -> Result<(AgentName, TaskKind), StoreError> {
    match (letter.agent.parse(), letter.kind.parse()) {
        (Ok(agent), Ok(kind)) => Ok((agent, kind)),
        _ => Err(StoreError::NotFound),
    }
}

#[async_trait]
impl DeadLetters for PgDeadLetters {
    async fn desk(&self, tenant: TenantId, query: &LetterQuery, now: Millis) -> Result<Desk, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        letter_page::desk(&mut tx, query, now).await
    }

    async fn letter(&self, tenant: TenantId, id: TaskId) -> Result<LetterText, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        letter_page::letter(&mut tx, id).await
    }

    async fn preview(&self, tenant: TenantId, query: &LetterQuery) -> Result<ReplayPreview, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        letter_page::preview(&mut tx, query).await
    }

    async fn replay(
        &self,
        tenant: TenantId,
        letter: TaskId,
        payload: Option<String>,
        act: Act,
    ) -> Result<TaskId, StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let found = waiting(&mut pen, letter).await?;
        let (agent, kind) = names(&found)?;
        check_agent(&mut pen, agent.as_str()).await?;
        let edited = payload.as_ref().is_some_and(|payload| *payload != found.payload);
        let task = TaskId::of_replay(tenant, letter, pen.next_seq(), act.at.0);
        let new = NewTask {
            id: task,
            agent,
            kind,
            title: found.title,
            correlation_id: found.correlation_id,
            payload: payload.unwrap_or(found.payload),
            not_before: None,
            priority: Priority::default(),
            act: act.clone(),
        };
        add(&mut pen, &new, Some(letter)).await?;
        pen.write(&[replayed(letter, task, edited, None, &act)]).await?;
        pen.commit(act.at).await?;
        Ok(task)
    }

    async fn replay_all(
        &self,
        tenant: TenantId,
        query: &LetterQuery,
        run: ReplayId,
        every_ms: i64,
        act: Act,
    ) -> Result<u64, StoreError> {
        let mut done: i64 = 0;
        loop {
            let chunk = self.replay_chunk(tenant, query, (run, done, every_ms), &act).await;
            let replayed = match chunk {
                Ok(replayed) => replayed,
                // What was replayed stays so: the answer says how many, and the desk shows which wait still.
                Err(error) if done > 0 => {
                    tracing::warn!(%error, done, "a replay of many letters ended early");
                    return Ok(done.unsigned_abs());
                }
                Err(error) => return Err(error),
            };
            done += replayed;
            if replayed < i64::from(CHUNK) {
                return Ok(done.unsigned_abs());
            }
        }
    }

    async fn stop(&self, tenant: TenantId, run: ReplayId, act: Act) -> Result<u64, StoreError> {
        let waiting = unsent(&self.db, tenant, run).await?;
        let mut stopped = 0;
        for chunk in waiting.chunks(usize::from(CHUNK)) {
            let mut pen = Pen::open(&self.db, tenant).await?;
            let rows = stoppable(&mut pen, run, chunk).await?;
            let tasks: Vec<Uuid> = rows.iter().map(|(_, task)| *task).collect();
            unsend(&mut pen, &tasks).await?;
            let mut entries = Vec::with_capacity(rows.len() * 2);
            for (letter, task) in &rows {
                let (letter, task) = (TaskId(*letter), TaskId(*task));
                let reason = Some("The replay was stopped.".to_owned());
                entries.push(Entry::by(&act, What::TaskCancelled { by: act.by, task, reason }));
                entries.push(Entry::by(&act, What::ReplayStopped { by: act.by, letter, task }));
            }
            pen.write(&entries).await?;
            pen.commit(act.at).await?;
            stopped += rows.len() as u64;
        }
        Ok(stopped)
    }

    async fn dismiss(&self, tenant: TenantId, letter: TaskId, reason: String, act: Act) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        waiting(&mut pen, letter).await?;
        pen.write_act(&act, What::LetterDismissed { by: act.by, letter, reason }).await?;
        pen.commit(act.at).await.map(drop)
    }
}

/// The tasks of a run that are not on the bus yet, in the order in which they go there.
async fn unsent(db: &Db, tenant: TenantId, run: ReplayId) -> Result<Vec<Uuid>, StoreError> {
    let mut tx = db.tenant_read(tenant).await?;
    let tasks: Vec<Uuid> = sqlx::query_scalar("select task_id from letter_replay where run = $1")
        .bind(run.0)
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
    if tasks.is_empty() {
        return Err(StoreError::NotFound);
    }
    sqlx::query_scalar(
        "select task_id from outbox where task_id = any($1) and sent_ms is null and taken_ms is null order by seq",
    )
    .bind(&tasks)
    .fetch_all(&mut *tx)
    .await
    .map_err(unavailable)
}

/// Which of these tasks can still be called off, each with its letter. What the relay has in hand may be on the bus
/// already: it counts as gone out. Three statements, each by a list of ids: joined, the database may look through all that is
/// unsent once for every task.
async fn stoppable(pen: &mut Pen, run: ReplayId, tasks: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    let unsent: Vec<Uuid> = sqlx::query_scalar(
        "select task_id from outbox where task_id = any($1) and sent_ms is null and taken_ms is null",
    )
    .bind(tasks)
    .fetch_all(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    let scheduled: Vec<Uuid> = sqlx::query_scalar("select id from task where id = any($1) and state = 'scheduled'")
        .bind(&unsent)
        .fetch_all(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    sqlx::query_as(
        "select letter_id, task_id from letter_replay where run = $1 and stopped_ms is null and task_id = any($2)",
    )
    .bind(run.0)
    .bind(&scheduled)
    .fetch_all(&mut *pen.tx)
    .await
    .map_err(unavailable)
}

/// The next letters that match and whose agent exists, oldest first. Not those that came since the founder
/// looked: a replay that fails at once is not replayed by the same act.
async fn oldest(tx: &mut Tx, query: &LetterQuery, until: Millis) -> Result<Vec<Letter>, StoreError> {
    let mut sql = QueryBuilder::new(
        "select t.id, t.agent, t.kind, t.title, t.correlation_id, t.payload
         from (select d.task_id, d.at_ms from dead_letter d",
    );
    Narrow::replayable(&mut sql, query);
    sql.push(" and d.at_ms <= ").push_bind(until.0);
    sql.push(" order by d.at_ms, d.task_id limit ").push_bind(i64::from(CHUNK));
    sql.push(
        ") d cross join lateral (
             select id, agent, kind, title, correlation_id, payload from task where id = d.task_id offset 0) t
         order by d.at_ms, d.task_id",
    );
    sql.build_query_as().fetch_all(&mut **tx).await.map_err(unavailable)
}
