//! A stock NATS client: nothing of Countersign's but a credentials file.

use anyhow::{Context, bail};
use async_nats::{
    ConnectOptions, HeaderMap,
    jetstream::{self, Message, consumer::PullConsumer, context::PublishErrorKind},
};
use futures::StreamExt;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
/// How long an acknowledgement may take before the publish counts as unanswered.
const ANSWER: Duration = Duration::from_secs(3);

/// An agent's name and credentials; connects as often as wanted.
#[derive(Debug, Clone)]
pub struct Agent {
    pub url: String,
    pub name: String,
    pub creds: String,
}

/// One connection.
#[derive(Debug, Clone)]
pub struct Connection {
    pub client: async_nats::Client,
    context: jetstream::Context,
    agent: String,
}

/// What came of a publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// Kept, at this sequence.
    Acknowledged { sequence: u64, duplicate: bool },
    /// The bus said no, with its reason.
    Refused(String),
    /// Nobody answered: it may have been kept or not.
    Unanswered,
}

impl Agent {
    pub async fn try_connect(&self) -> anyhow::Result<Connection> {
        let client = ConnectOptions::with_credentials(&self.creds)?
            .custom_inbox_prefix(format!("_INBOX_{}", self.name))
            .connection_timeout(Duration::from_secs(2))
            .request_timeout(Some(Duration::from_secs(2)))
            .ping_interval(Duration::from_secs(2))
            .connect(&self.url)
            .await?;
        let context = jetstream::new(client.clone());
        Ok(Connection { client, context, agent: self.name.clone() })
    }

    /// Tries until it succeeds.
    pub async fn connect(&self) -> Connection {
        loop {
            if let Ok(Ok(connection)) = tokio::time::timeout(ANSWER, self.try_connect()).await {
                return connection;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until the agent's queue is there.
    pub async fn queue_stands(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let asked = async { self.try_connect().await?.queue().await };
            match asked.await {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    return Err(error.context(format!("the queue of {} does not stand", self.name)));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }
}

impl Connection {
    pub async fn queue(&self) -> anyhow::Result<PullConsumer> {
        let name = format!("{}-agent", self.agent);
        self.context.get_consumer_from_stream(name, "TASKS").await.map_err(|error| anyhow::anyhow!("{error}"))
    }

    /// As many tasks as come within the wait, at most `most`.
    pub async fn take(&self, most: usize, wait: Duration) -> anyhow::Result<Vec<Message>> {
        let queue = self.queue().await?;
        let batch = queue.fetch().max_messages(most).expires(wait).messages();
        let batch = batch.await.map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(batch.filter_map(|message| async { message.ok() }).collect().await)
    }

    /// Publishes under a message id and waits for the answer.
    pub async fn publish(&self, subject: &str, message_id: &str, payload: Vec<u8>) -> Published {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", message_id);
        let sent = async {
            let ack = self.context.publish_with_headers(subject.to_owned(), headers, payload.into()).await?;
            ack.await
        };
        match tokio::time::timeout(ANSWER, sent).await {
            Ok(Ok(ack)) => Published::Acknowledged { sequence: ack.sequence, duplicate: ack.duplicate },
            Ok(Err(error)) => match error.kind() {
                PublishErrorKind::TimedOut | PublishErrorKind::BrokenPipe | PublishErrorKind::MaxAckPending => {
                    Published::Unanswered
                }
                _ => Published::Refused(error.to_string()),
            },
            Err(_) => Published::Unanswered,
        }
    }
}

/// The body of an answer that gives a task up, with its reason.
pub async fn give_up(connection: &Connection, message: &Message, reason: &str) -> anyhow::Result<()> {
    let Some(reply) = message.reply.clone() else { bail!("a task has an address for its answer") };
    connection.client.publish(reply, format!("+TERM {reason}").into()).await?;
    connection.client.flush().await.context("send the answer")
}
