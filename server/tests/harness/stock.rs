//! A stock NATS client: nothing of Countersign's but the credentials file.

use super::eventually;
use async_nats::{
    ConnectOptions, Event, HeaderMap,
    jetstream::{self, AckKind, Context, Message, consumer::PullConsumer, context::PublishError},
};
use countersign_domain::AgentName;
use futures::StreamExt;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// An agent's name and credentials; connects as often as a test wants.
#[derive(Debug, Clone)]
pub struct Agent {
    pub url: String,
    pub name: AgentName,
    pub creds: String,
}

/// One connection.
pub struct Connection {
    pub context: Context,
    pub client: async_nats::Client,
    /// What the client library told about it.
    pub events: Arc<Mutex<Vec<String>>>,
    name: AgentName,
}

impl Agent {
    pub fn new(url: &str, name: AgentName, creds: String) -> Self {
        Self { url: url.to_owned(), name, creds }
    }

    pub async fn try_connect(&self) -> Result<Connection, async_nats::ConnectError> {
        let events = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&events);
        let client = ConnectOptions::with_credentials(&self.creds)
            .unwrap()
            .custom_inbox_prefix(format!("_INBOX_{}", self.name))
            .request_timeout(Some(Duration::from_secs(2)))
            .event_callback(move |event: Event| {
                seen.lock().unwrap().push(event.to_string());
                async {}
            })
            .connect(&self.url)
            .await?;
        Ok(Connection { context: jetstream::new(client.clone()), client, events, name: self.name.clone() })
    }

    pub async fn connect(&self) -> Connection {
        // Not `eventually`: its futures cannot be sent to another thread, and workers are.
        for _ in 0..600 {
            if let Ok(connection) = self.try_connect().await {
                return connection;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the bus at {} never answered {}", self.url, self.name)
    }

    /// Waits until the agent's queue is there.
    pub async fn queue_stands(&self) {
        let connection = self.connect().await;
        eventually("the agent's queue", async || connection.queue().await.map(drop)).await;
    }
}

impl Connection {
    pub async fn queue(&self) -> Result<PullConsumer, String> {
        let name = format!("{}-agent", self.name);
        self.context.get_consumer_from_stream(name, "TASKS").await.map_err(|e| e.to_string())
    }

    /// Publishes and waits for the acknowledgement.
    pub async fn publish(
        &self,
        subject: &str,
        headers: &[(&str, &str)],
        payload: impl Into<Vec<u8>>,
    ) -> Result<u64, PublishError> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, *value);
        }
        let payload = bytes::Bytes::from(payload.into());
        Ok(self.context.publish_with_headers(subject.to_owned(), map, payload).await?.await?.sequence)
    }

    /// Waits until the client library tells of something (letters of any case).
    pub async fn is_told(&self, of: &str) {
        eventually(of, async || {
            let told = self.events.lock().unwrap().join("\n");
            if told.to_lowercase().contains(&of.to_lowercase()) { Ok(()) } else { Err(told) }
        })
        .await;
    }

    /// The next task, or none within the wait.
    pub async fn next(&self, wait: Duration) -> Option<Message> {
        let queue = self.queue().await.ok()?;
        let mut batch = queue.fetch().max_messages(1).expires(wait).messages().await.ok()?;
        batch.next().await.and_then(Result::ok)
    }

    /// Waits for the next task whose payload is JSON. A broken one may be handed out before the server takes it out
    /// of the queue, or not; it is acknowledged.
    pub async fn take_task(&self) -> Message {
        loop {
            let message = self.take().await;
            if serde_json::from_slice::<serde_json::Value>(&message.payload).is_ok() {
                return message;
            }
            message.ack().await.unwrap();
        }
    }

    /// Waits for the next task.
    pub async fn take(&self) -> Message {
        eventually("a task", async || self.next(Duration::from_secs(1)).await.ok_or("none yet".to_owned())).await
    }
}

/// Which attempt a message is.
pub fn attempt(message: &Message) -> i64 {
    message.info().unwrap().delivered
}

pub async fn nak(message: &Message) {
    message.ack_with(AckKind::Nak(Some(Duration::from_millis(50)))).await.unwrap();
}
