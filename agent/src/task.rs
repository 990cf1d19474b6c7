//! Taking tasks.

use crate::{Agent, Error, bus};
use async_nats::jetstream::{
    AckKind, Message,
    consumer::{PullConsumer, pull},
};
use futures::StreamExt;
use serde_json::{Value, json};
use std::time::Duration;

/// The tasks of an agent, as they come.
pub struct Tasks {
    agent: Agent,
    messages: pull::Stream,
}

impl Tasks {
    pub(crate) async fn open(agent: Agent, consumer: &PullConsumer) -> Result<Self, Error> {
        // One at a time: what waits here would wait for nobody else.
        let stream = consumer.stream().max_messages_per_batch(1).expires(Duration::from_secs(30));
        let messages = stream.messages().await.map_err(bus("hand out tasks"))?;
        Ok(Self { agent, messages })
    }

    /// The next task; `None` when the connection has been closed for good.
    pub async fn next(&mut self) -> Result<Option<Task>, Error> {
        let Some(message) = self.messages.next().await else { return Ok(None) };
        let message = message.map_err(bus("hand out a task"))?;
        let info = message.info().map_err(bus("say which task it is"))?;
        let (sequence, attempt) = (info.stream_sequence, u64::try_from(info.delivered).unwrap_or(1));
        let payload = serde_json::from_slice(&message.payload).unwrap_or(Value::Null);
        Ok(Some(Task { agent: self.agent.clone(), message, payload, sequence, attempt }))
    }
}

/// One attempt at a task. Dropping it unanswered lets the bus hand it out again after the wait.
pub struct Task {
    agent: Agent,
    message: Message,
    payload: Value,
    sequence: u64,
    attempt: u64,
}

impl Task {
    /// `Null` where the payload is no JSON.
    pub fn payload(&self) -> &Value {
        &self.payload
    }

    pub fn subject(&self) -> &str {
        &self.message.subject
    }

    /// 1 for the first.
    pub fn attempt(&self) -> u64 {
        self.attempt
    }

    pub fn correlation_id(&self) -> Option<&str> {
        self.payload.get("correlation_id")?.as_str()
    }

    /// Fields that tie an event to this attempt.
    fn tied(&self, mut payload: Value) -> Value {
        payload["stream_seq"] = json!(self.sequence);
        payload["attempt"] = json!(self.attempt);
        if let Some(trace) = self.correlation_id() {
            payload["correlation_id"] = json!(trace);
        }
        payload
    }

    /// Says that work has begun.
    pub async fn started(&self) -> Result<(), Error> {
        self.agent.broadcast("task.started", &self.tied(json!({}))).await
    }

    /// Reports what the attempt cost, in dollars.
    pub async fn cost(&self, usd: f64, input_tokens: u64, output_tokens: u64) -> Result<(), Error> {
        let usage = json!({ "usd": usd, "input_tokens": input_tokens, "output_tokens": output_tokens });
        self.agent.broadcast("usage.reported", &self.tied(usage)).await
    }

    /// The task is done.
    pub async fn succeed(self) -> Result<(), Error> {
        self.message.double_ack().await.map_err(bus("take the acknowledgement"))
    }

    /// This attempt went wrong for `reason`; another may follow after `delay`.
    pub async fn give_back(self, reason: &str, delay: Duration) -> Result<(), Error> {
        self.agent.broadcast("task.failed", &self.tied(json!({ "reason": reason }))).await?;
        self.message.ack_with(AckKind::Nak(Some(delay))).await.map_err(bus("take the task back"))
    }

    /// No attempt can succeed, for `reason`.
    pub async fn give_up(self, reason: &str) -> Result<(), Error> {
        self.agent.broadcast("task.failed", &self.tied(json!({ "reason": reason }))).await?;
        self.message.ack_with(AckKind::Term).await.map_err(bus("take the task's end"))
    }
}
