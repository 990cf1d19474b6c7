//! Countersign for agents in Rust: connect with a credentials file, take tasks, give tasks, broadcast.
//! What it does on the bus, any stock NATS client can do too; with a workspace, tasks are claimed at the
//! console, so that only one worker's word counts, whatever freezes or dies, and results are kept.
//!
//! ```no_run
//! # async fn example() -> Result<(), countersign_agent::Error> {
//! let creds = std::fs::read_to_string("cso.creds").unwrap();
//! let agent = countersign_agent::Agent::connect("nats://127.0.0.1:4222", "cso".parse().unwrap(), &creds).await?;
//! // Leave this out, and the agent works by the bus alone.
//! let agent = agent.workspace("http://127.0.0.1:8080")?;
//! let mut tasks = agent.tasks().await?;
//! while let Some(task) = tasks.next().await? {
//!     println!("{}", task.payload());
//!     task.succeed(serde_json::json!({ "findings": 0 }), &[], Some(0.02)).await?;
//! }
//! # Ok(()) }
//! ```
#![expect(
    clippy::disallowed_methods,
    reason = "an agent publishes on its own behalf, the outbox is the server's; and its heartbeat tells the time"
)]

mod brief;
mod credentials;
mod http;
mod lease;
mod task;
mod tasks;
mod workspace;

pub use brief::{
    Brief, BriefOption, BriefQuestion, Choice, DecisionMade, Evidence, Fault, Raised, Recommendation, RefusedBrief,
    TakenBrief,
};
pub use credentials::Credentials;
pub use task::Task;
pub use tasks::Tasks;
pub use workspace::{Claim, Next, Work, Workspace, WorkspaceError};

use async_nats::{
    ConnectOptions, HeaderMap,
    jetstream::{self, Context},
};
use countersign_domain::{AgentName, Millis, TaskKind};
use countersign_wire::{header, signature, stream, subject};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the credentials cannot be read: {0}")]
    Credentials(#[from] std::io::Error),
    #[error("the credentials cannot be read: {0}")]
    CredentialsForm(&'static str),
    #[error("cannot connect to the bus: {0}")]
    Connect(#[from] async_nats::ConnectError),
    #[error("the bus did not {what}: {cause}")]
    Bus { what: &'static str, cause: String },
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The task is not ours any more: drop what was made of it, and go on with the next.
    #[error("the task is not ours any more: {0}")]
    LeaseLost(String),
}

fn bus<E: std::fmt::Display>(what: &'static str) -> impl FnOnce(E) -> Error {
    move |cause| Error::Bus { what, cause: cause.to_string() }
}

/// A connected agent. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Agent {
    name: AgentName,
    context: Context,
    credentials: Credentials,
    workspace: Option<Workspace>,
    /// SHA-256 of the role file that it runs.
    role: Option<String>,
}

impl Agent {
    /// Connects with the text of a credentials file; keeps reconnecting from then on.
    pub async fn connect(server: &str, name: AgentName, creds: &str) -> Result<Self, Error> {
        let credentials = Credentials::read(creds)?;
        let client = ConnectOptions::with_credentials(creds)?
            .name(format!("{name} agent"))
            .custom_inbox_prefix(subject::inbox_prefix(&name))
            .connection_timeout(Duration::from_secs(5))
            .connect(server)
            .await?;
        Ok(Self { name, context: jetstream::new(client), credentials, workspace: None, role: None })
    }

    /// The same agent, whose tasks are claimed at the console. It is asked at the first task, not yet here.
    pub fn workspace(&self, console_url: &str) -> Result<Self, Error> {
        let workspace = Workspace::new(console_url, self.credentials.clone())?;
        Ok(Self { workspace: Some(workspace), ..self.clone() })
    }

    /// The same agent, whose heartbeats say that it runs this role file. One that was not approved pauses it.
    #[must_use]
    pub fn running(&self, role_file: &[u8]) -> Self {
        Self { role: Some(HEXLOWER.encode(&Sha256::digest(role_file))), ..self.clone() }
    }

    /// The console, where the agent has one.
    pub fn claims(&self) -> Option<&Workspace> {
        self.workspace.as_ref()
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

    /// Tells that the agent is alive, `every` so often, for as long as it is polled. A beat that the bus does
    /// not take is left out.
    pub async fn keep_beating(&self, every: Duration) -> std::convert::Infallible {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let timestamp = Millis(i64::try_from(now.as_millis()).unwrap_or(i64::MAX)).to_rfc3339();
            let mut beat = json!({ "timestamp": timestamp });
            if let Some(role) = &self.role {
                beat["role_sha256"] = json!(role);
            }
            let _ = self.broadcast("heartbeat", &beat).await;
        }
    }

    /// Gives `to` a task, signed, so that the console can show who sent it; returns its sequence when it is
    /// kept. `message_id` makes a repeated call harmless.
    pub async fn give(&self, to: &AgentName, kind: &TaskKind, message_id: &str, payload: &Value) -> Result<u64, Error> {
        let (subject, payload) = (subject::task(to, kind), payload.to_string());
        let signed = self.credentials.sign(&signature::material(&subject, message_id, payload.as_bytes(), None))?;
        let mut headers = HeaderMap::new();
        headers.insert(header::MESSAGE_ID, message_id);
        headers.insert(header::SENDER, self.name.as_str());
        headers.insert(header::KEY, self.credentials.public_key());
        headers.insert(header::SIGNATURE, signed);
        let ack =
            self.context.publish_with_headers(subject, headers, payload.into()).await.map_err(bus("take the task"))?;
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
