//! One attempt at a task.

use crate::{
    Agent, Error, bus,
    lease::{LastWord, Lease},
    workspace::{Next, Work, WorkspaceError},
};
use async_nats::jetstream::{AckKind, Message};
use countersign_domain::TaskId;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// When what was handed in cannot be kept, the attempt fails for that reason; another follows after so long.
const AFTER_INVALID: Duration = Duration::from_secs(30);

/// One attempt at a task. With a workspace it is claimed: in the background its lease is renewed, and the bus
/// told that work goes on, until it ends. Dropping it unanswered lets the bus hand it out again after the wait.
pub struct Task {
    agent: Agent,
    message: Message,
    payload: Value,
    sequence: u64,
    delivery: u32,
    lease: Option<Lease>,
}

/// Ends a message for good, with a reason that the bus reports.
pub(crate) async fn terminate(message: &Message, reason: &str) -> Result<(), Error> {
    let line: String = reason.chars().filter(|c| !c.is_control()).take(500).collect();
    let Some(reply) = message.reply.clone() else { return Ok(()) };
    // `AckKind::Term` carries no reason.
    let client = message.context.client();
    client.request(reply, format!("+TERM {line}").into()).await.map_err(bus("take the task's end"))?;
    Ok(())
}

impl Task {
    pub(crate) fn new(agent: Agent, message: Message, sequence: u64, delivery: u32, lease: Option<Lease>) -> Self {
        let payload = serde_json::from_slice(&message.payload).unwrap_or(Value::Null);
        Self { agent, message, payload, sequence, delivery, lease }
    }

    /// `Null` where the payload is no JSON.
    pub fn payload(&self) -> &Value {
        &self.payload
    }

    pub fn subject(&self) -> &str {
        &self.message.subject
    }

    /// 1 for the first: the attempt of record where the task is claimed, else the delivery of its message.
    pub fn attempt(&self) -> u32 {
        self.lease.as_ref().map_or(self.delivery, |lease| lease.claim.attempt)
    }

    /// Which task it is in the console; known where it is claimed.
    pub fn id(&self) -> Option<TaskId> {
        Some(self.lease.as_ref()?.claim.task)
    }

    pub fn correlation_id(&self) -> Option<&str> {
        self.payload.get("correlation_id")?.as_str()
    }

    /// Whether the lease still runs. Look before doing what cannot be undone. Without a workspace nobody can
    /// say, and it is always so.
    pub fn is_ours(&self) -> bool {
        self.lease.as_ref().is_none_or(|lease| lease.lost().is_none())
    }

    /// Waits until the lease is lost, for `select!` beside the work; without a workspace, for ever.
    pub async fn is_lost(&self) -> Arc<str> {
        match &self.lease {
            Some(lease) => lease.is_lost().await,
            None => std::future::pending().await,
        }
    }

    /// Fields that tie an event to this attempt.
    fn tied(&self, mut payload: Value) -> Value {
        payload["stream_seq"] = json!(self.sequence);
        payload["attempt"] = json!(self.delivery);
        if let Some(trace) = self.correlation_id() {
            payload["correlation_id"] = json!(trace);
        }
        payload
    }

    /// Says that work has begun. A claim says so by itself.
    pub async fn started(&self) -> Result<(), Error> {
        if self.lease.is_some() {
            return Ok(());
        }
        self.agent.broadcast("task.started", &self.tied(json!({}))).await
    }

    /// Reports what a part of the attempt cost, in dollars. It is added to what the end reports.
    pub async fn cost(&self, usd: f64, input_tokens: u64, output_tokens: u64) -> Result<(), Error> {
        let usage = json!({ "usd": usd, "input_tokens": input_tokens, "output_tokens": output_tokens });
        self.agent.broadcast("usage.reported", &self.tied(usage)).await
    }

    /// The task is done: with a result (`Null` for none), artifacts by their SHA-256 names, and what the attempt
    /// cost in dollars. [`Error::LeaseLost`]: it does not count, somebody else has the task.
    pub async fn succeed(self, result: Value, artifacts: &[String], usd: Option<f64>) -> Result<(), Error> {
        let work = Work { result, artifacts: artifacts.to_vec(), usd };
        let Some(lease) = &self.lease else {
            return self.succeed_on_the_bus(work).await;
        };
        let completed = lease.end(LastWord::Complete(&work)).await;
        if let Err(Error::Workspace(WorkspaceError::Invalid(why))) = &completed {
            let _ = self.give_back(&format!("The result cannot be kept: {why}"), AFTER_INVALID).await;
            return completed;
        }
        completed?;
        // The task is recorded as done. Should this be lost, the message comes again, is found settled, and is
        // acknowledged then.
        let _ = self.message.double_ack().await;
        Ok(())
    }

    async fn succeed_on_the_bus(&self, work: Work) -> Result<(), Error> {
        if let Some(usd) = work.usd {
            self.agent.broadcast("usage.reported", &self.tied(json!({ "usd": usd }))).await?;
        }
        if !work.result.is_null() || !work.artifacts.is_empty() {
            let told = json!({ "result": work.result, "artifacts": work.artifacts });
            self.agent.broadcast("task.completed", &self.tied(told)).await?;
        }
        self.message.double_ack().await.map_err(bus("take the acknowledgement"))
    }

    /// This attempt went wrong for `reason`; another may follow after `delay`. With a workspace, the task waits
    /// in the console and holds no place in the agent's queue meanwhile.
    pub async fn give_back(self, reason: &str, delay: Duration) -> Result<(), Error> {
        let Some(lease) = &self.lease else {
            self.agent.broadcast("task.failed", &self.tied(json!({ "reason": reason }))).await?;
            return self.message.ack_with(AckKind::Nak(Some(delay))).await.map_err(bus("take the task back"));
        };
        lease.end(LastWord::Fail(reason, Next::Retry(delay))).await?;
        // Should this be lost, the console takes the message out of the queue by itself.
        let _ = terminate(&self.message, reason).await;
        Ok(())
    }

    /// No attempt can succeed, for `reason`.
    pub async fn give_up(self, reason: &str) -> Result<(), Error> {
        let Some(lease) = &self.lease else {
            self.agent.broadcast("task.failed", &self.tied(json!({ "reason": reason }))).await?;
            return terminate(&self.message, reason).await;
        };
        lease.end(LastWord::Fail(reason, Next::Nothing)).await?;
        // Should this be lost, the message comes again, is found settled, and is terminated then.
        let _ = terminate(&self.message, reason).await;
        Ok(())
    }
}
