//! Countersign for agents in Rust: connect with a credentials file, take tasks, give tasks, broadcast.
//! What it does on the bus, any stock NATS client can do too.
//!
//! ```no_run
//! # async fn example() -> Result<(), countersign_agent::Error> {
//! let creds = std::fs::read_to_string("cso.creds").unwrap();
//! let agent = countersign_agent::Agent::connect("nats://127.0.0.1:4222", "cso".parse().unwrap(), &creds).await?;
//! let mut tasks = agent.tasks().await?;
//! while let Some(task) = tasks.next().await? {
//!     println!("{}", task.payload());
//!     task.succeed().await?;
//! }
//! # Ok(()) }
//! ```
#![expect(clippy::disallowed_methods, reason = "an agent publishes on its own behalf; the outbox is the server's")]

mod task;

pub use task::{Task, Tasks};

use async_nats::{
    ConnectOptions, HeaderMap,
    jetstream::{self, Context},
};
use countersign_domain::{AgentName, TaskKind};
use countersign_wire::{header, stream, subject};
use serde_json::Value;
use std::time::Duration;

/// Why the bus did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the credentials cannot be read: {0}")]
    Credentials(#[from] std::io::Error),
    #[error("cannot connect to the bus: {0}")]
    Connect(#[from] async_nats::ConnectError),
    #[error("the bus did not {what}: {cause}")]
    Bus { what: &'static str, cause: String },
}

fn bus<E: std::fmt::Display>(what: &'static str) -> impl FnOnce(E) -> Error {
    move |cause| Error::Bus { what, cause: cause.to_string() }
}

/// A connected agent. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Agent {
    name: AgentName,
    context: Context,
}

impl Agent {
    /// Connects with the text of a credentials file; keeps reconnecting from then on.
    pub async fn connect(server: &str, name: AgentName, creds: &str) -> Result<Self, Error> {
        let client = ConnectOptions::with_credentials(creds)?
            .name(format!("{name} agent"))
            .custom_inbox_prefix(subject::inbox_prefix(&name))
            .connection_timeout(Duration::from_secs(5))
            .connect(server)
            .await?;
        Ok(Self { name, context: jetstream::new(client) })
    }

    pub fn name(&self) -> &AgentName {
        &self.name
    }

    /// Broadcasts a fact on `events.<agent>.<topic>`; returns when it is kept.
    pub async fn broadcast(&self, topic: &str, payload: &Value) -> Result<(), Error> {
        let subject = subject::event(&self.name, topic);
        let ack = self.context.publish(subject, payload.to_string().into()).await.map_err(bus("take the event"))?;
        ack.await.map_err(bus("keep the event"))?;
        Ok(())
    }

    /// Gives `to` a task; returns its sequence when it is kept. `message_id` makes a repeated call
    /// harmless.
    pub async fn give(&self, to: &AgentName, kind: &TaskKind, message_id: &str, payload: &Value) -> Result<u64, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(header::MESSAGE_ID, message_id);
        headers.insert(header::SENDER, self.name.as_str());
        let ack = self
            .context
            .publish_with_headers(subject::task(to, kind), headers, payload.to_string().into())
            .await
            .map_err(bus("take the task"))?;
        Ok(ack.await.map_err(bus("keep the task"))?.sequence)
    }

    /// The agent's own tasks, from the queue that Countersign made for it.
    pub async fn tasks(&self) -> Result<Tasks, Error> {
        let consumer: jetstream::consumer::PullConsumer = self
            .context
            .get_consumer_from_stream(stream::consumer_of(&self.name), stream::TASKS)
            .await
            .map_err(bus("find the agent's queue"))?;
        Tasks::open(self.clone(), &consumer).await
    }
}
