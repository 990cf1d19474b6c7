//! What a founder does to tasks.

use crate::{
    db::{Db, unavailable},
    pen::Pen,
    settle::{Issuing, issue},
};
use async_trait::async_trait;
use countersign_domain::{
    Act, AgentName, Millis, TaskId, TaskKind, TenantId,
    bus_fact::{Headers, Issue},
    journal::{Entry, IssueReason, What},
    task::{Priority, TaskState},
};
use countersign_service::ports::{NewTask, StoreError, Tasks};
use uuid::Uuid;

/// [`Tasks`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgTasks {
    db: Db,
}

impl PgTasks {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// The task's state, which nobody changes before the pen is put down.
async fn find(pen: &mut Pen, id: TaskId) -> Result<TaskState, StoreError> {
    let (state,): (String,) = sqlx::query_as("select state from task where id = $1")
        .bind(id.0)
        .fetch_one(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    state.parse().map_err(|_| StoreError::NotFound)
}

/// Whether the agent exists; a sentence where it does not.
pub(crate) async fn check_agent(pen: &mut Pen, agent: &str) -> Result<(), StoreError> {
    let (known,): (bool,) = sqlx::query_as("select exists (select from agent where name = $1)")
        .bind(agent)
        .fetch_one(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    if known {
        return Ok(());
    }
    Err(StoreError::Refused(format!("There is no agent “{agent}”. Create it under Fleet, or choose another.")))
}

/// Journals a new task and has it put on the bus.
pub(crate) async fn add(pen: &mut Pen, task: &NewTask, replay_of: Option<TaskId>) -> Result<(), StoreError> {
    let headers: Headers = Vec::new();
    let issuing = Issuing {
        id: task.id,
        agent: &task.agent,
        kind: &task.kind,
        headers,
        payload: &task.payload,
        priority: i16::from(task.priority.get()),
    };
    let due = task.not_before.unwrap_or(task.act.at);
    let (issued, message) = issue(&issuing, Issue { number: 1, base: 0 }, IssueReason::First, due, task.act.at);
    let created = What::TaskCreated {
        by: Some(task.act.by),
        task: task.id,
        agent: task.agent.clone(),
        kind: task.kind.clone(),
        title: task.title.clone(),
        correlation_id: task.correlation_id.clone(),
        payload: task.payload.clone(),
        not_before: task.not_before,
        priority: task.priority,
        replay_of,
    };
    pen.write(&[Entry::by(&task.act, created), issued]).await?;
    pen.send(message);
    Ok(())
}

/// A task that the server gives by itself: something happened of which an agent has to know.
pub(crate) struct OwnTask<'a> {
    pub id: TaskId,
    pub agent: &'a AgentName,
    /// One of `wire`'s.
    pub kind: &'static str,
    pub title: String,
    pub trace: String,
    /// A JSON object.
    pub payload: String,
}

/// Journals it and has it put on the bus.
pub(crate) async fn give(pen: &mut Pen, task: &OwnTask<'_>, at: Millis) -> Result<(), StoreError> {
    let kind: TaskKind = task.kind.parse().map_err(|_| StoreError::NotFound)?;
    let priority = Priority::default();
    let issuing = Issuing {
        id: task.id,
        agent: task.agent,
        kind: &kind,
        headers: Vec::new(),
        payload: &task.payload,
        priority: i16::from(priority.get()),
    };
    let (issued, message) = issue(&issuing, Issue { number: 1, base: 0 }, IssueReason::First, at, at);
    let created = What::TaskCreated {
        by: None,
        task: task.id,
        agent: task.agent.clone(),
        kind: kind.clone(),
        title: Some(task.title.clone()),
        correlation_id: Some(task.trace.clone()),
        payload: task.payload.clone(),
        not_before: None,
        priority,
        replay_of: None,
    };
    pen.write(&[Entry::new(at, created), issued]).await?;
    pen.send(message);
    Ok(())
}

/// Takes what the relay has not taken in hand yet of a task out of the outbox.
pub(crate) async fn unsend(pen: &mut Pen, tasks: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query("delete from outbox where task_id = any($1) and sent_ms is null and taken_ms is null")
        .bind(tasks)
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    Ok(())
}

#[async_trait]
impl Tasks for PgTasks {
    async fn create(&self, tenant: TenantId, task: NewTask) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        if find(&mut pen, task.id).await.is_ok() {
            return Ok(());
        }
        check_agent(&mut pen, task.agent.as_str()).await?;
        add(&mut pen, &task, None).await?;
        pen.commit(task.act.at).await.map(drop)
    }

    async fn cancel(&self, tenant: TenantId, id: TaskId, reason: Option<String>, act: Act) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let state = find(&mut pen, id).await?;
        if state.is_final() {
            let state = state.as_str();
            return Err(StoreError::Refused(format!("This task has ended ({state}). There is nothing to cancel.")));
        }
        unsend(&mut pen, &[id.0]).await?;
        sqlx::query("delete from lease where task_id = $1")
            .bind(id.0)
            .execute(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
        pen.write_act(&act, What::TaskCancelled { by: act.by, task: id, reason }).await?;
        pen.commit(act.at).await.map(drop)
    }

    async fn reprioritise(&self, tenant: TenantId, id: TaskId, priority: Priority, act: Act) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let state = find(&mut pen, id).await?;
        let moved =
            sqlx::query("update outbox set priority = $2 where task_id = $1 and sent_ms is null and taken_ms is null")
                .bind(id.0)
                .bind(i16::from(priority.get()))
                .execute(&mut *pen.tx)
                .await
                .map_err(unavailable)?;
        if moved.rows_affected() == 0 || state.is_final() {
            return Err(StoreError::Refused(
                "This task is on the bus already, and a queue of the bus keeps its order. Cancel it and create it again to change its place.".to_owned(),
            ));
        }
        pen.write_act(&act, What::TaskReprioritised { by: act.by, task: id, priority }).await?;
        pen.commit(act.at).await.map(drop)
    }
}
