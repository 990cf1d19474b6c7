//! Taking tasks.

use crate::{
    Agent, Error, Task, bus,
    lease::{Lease, keep_message},
    task::terminate,
    workspace::{Claim, Workspace, WorkspaceError},
};
use async_nats::jetstream::{
    AckKind, Message,
    consumer::{PullConsumer, pull},
};
use futures::StreamExt;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A lease is no longer than this unless one is wished for,
const USUAL_LEASE: Duration = Duration::from_secs(60);
/// and the console gives none that is shorter.
const LEAST_LEASE: Duration = Duration::from_secs(5);
/// Nobody works on a task for longer.
const AT_MOST: Duration = Duration::from_secs(6 * 60 * 60);
/// First and last wait for a task that is not recorded yet: as a rule the record is a few milliseconds behind.
const SOON: Duration = Duration::from_millis(30);
const LATER: Duration = Duration::from_secs(1);

/// The tasks of an agent, as they come.
pub struct Tasks {
    agent: Agent,
    messages: pull::Stream,
    ack_wait: Duration,
    lease: Duration,
    at_most: Duration,
}

impl Tasks {
    pub(crate) async fn open(agent: Agent, consumer: &PullConsumer) -> Result<Self, Error> {
        let ack_wait = consumer.cached_info().config.ack_wait;
        // One at a time: what waits here would wait for nobody else.
        let stream = consumer.stream().max_messages_per_batch(1).expires(Duration::from_secs(30));
        let messages = stream.messages().await.map_err(bus("hand out tasks"))?;
        // A lease is over before the bus hands the message out again, so that the next worker can claim it.
        let lease = (ack_wait / 2).clamp(LEAST_LEASE, USUAL_LEASE);
        Ok(Self { agent, messages, ack_wait, lease, at_most: AT_MOST })
    }

    /// How long each lease is to be, 5 to 600 s. It is renewed after a third of it; if the worker dies, its
    /// task can be claimed by another one after so long at the latest.
    #[must_use]
    pub fn lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// How long a worker may be at one task; after that its lease is not renewed. 6 hours if not said.
    #[must_use]
    pub fn at_most(self, at_most: Duration) -> Self {
        Self { at_most, ..self }
    }

    /// The next task; `None` when the connection has been closed for good. With a workspace it is claimed when
    /// it is here. If this is dropped half-way, the bus hands the message out again after its wait.
    pub async fn next(&mut self) -> Result<Option<Task>, Error> {
        loop {
            let Some(message) = self.messages.next().await else { return Ok(None) };
            let message = message.map_err(bus("hand out a task"))?;
            let info = message.info().map_err(bus("say which task it is"))?;
            let (sequence, delivery) = (info.stream_sequence, u32::try_from(info.delivered).unwrap_or(1));
            let Some(workspace) = self.agent.claims() else {
                return Ok(Some(Task::new(self.agent.clone(), message, sequence, delivery, None)));
            };
            let claimed = tokio::select! {
                claimed = self.claim(workspace, &message, sequence, delivery) => claimed?,
                () = keep_message(&message, self.ack_wait) => None,
            };
            if let Some((claim, asked)) = claimed {
                let workspace = workspace.clone();
                let lease = Lease::keep(workspace, claim, asked, message.clone(), self.ack_wait, self.at_most);
                return Ok(Some(Task::new(self.agent.clone(), message, sequence, delivery, Some(lease))));
            }
        }
    }

    /// A lease on the message's task, with the moment at which it was asked for; or none, and the message is
    /// answered. While the console is away it waits: no other task could be claimed either.
    async fn claim(
        &self,
        workspace: &Workspace,
        message: &Message,
        sequence: u64,
        delivery: u32,
    ) -> Result<Option<(Claim, Instant)>, Error> {
        let mut soon = SOON;
        loop {
            let asked = Instant::now();
            match workspace.claim(sequence, delivery, self.lease).await {
                Ok(claim) => return Ok(Some((claim, asked))),
                Err(WorkspaceError::NotYet { .. }) => {
                    sleep(soon).await;
                    soon = (soon * 2).min(LATER);
                }
                Err(WorkspaceError::Away { retry_after, .. }) => sleep(retry_after).await,
                Err(WorkspaceError::Held { retry_after }) => {
                    // Its holder may have been cut off from the bus alone: do not use up the attempts.
                    let wait = retry_after.max(self.ack_wait);
                    message.ack_with(AckKind::Nak(Some(wait))).await.map_err(bus("take the task back"))?;
                    return Ok(None);
                }
                Err(WorkspaceError::NoTask) => {
                    message.ack().await.map_err(bus("take the acknowledgement"))?;
                    return Ok(None);
                }
                // An acknowledgement says that a worker succeeded: it is not for tasks that ended otherwise.
                Err(WorkspaceError::Settled(word)) => {
                    if word == "succeeded" {
                        message.ack().await.map_err(bus("take the acknowledgement"))?;
                    } else {
                        terminate(message, &format!("The task is settled: {word}.")).await?;
                    }
                    return Ok(None);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}
