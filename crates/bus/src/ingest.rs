//! Carrying one stream into the record: batch, transaction, acknowledgement, in this order.

use crate::{
    decode::{self, Raw},
    error::{Error, api},
};
use async_nats::jetstream::{Context, Message, consumer::pull};
use countersign_domain::{
    AgentName, Millis, TenantId,
    bus_fact::{Fact, FactBody, Headers, Position},
};
use countersign_service::ports::{Batch, Ledger, StoreError};
use countersign_wire::stream::{BRIDGE, TASKS, TaskConsumerSpec};
use futures::{FutureExt, StreamExt};
use std::{collections::HashSet, sync::Arc, time::Duration};

/// Messages in one transaction at most.
const BATCH: usize = 500;
const MIB: usize = 1024 * 1024;
/// Payload bytes in one transaction at most.
const BATCH_BYTES: usize = 8 * MIB;

/// What the readers of a tenant share.
pub(crate) struct Reader {
    pub tenant: TenantId,
    pub context: Context,
    pub ledger: Arc<dyn Ledger>,
    pub tasks_epoch: i64,
    pub consumers: TaskConsumerSpec,
}

/// When a stream was created, in milliseconds.
pub(crate) async fn epoch(context: &Context, stream: &str) -> Result<i64, Error> {
    let stream = context.get_stream(stream).await.map_err(api("read a stream"))?;
    Ok(millis(stream.cached_info().created.unix_timestamp_nanos()))
}

fn millis(nanos: i128) -> i64 {
    i64::try_from(nanos.div_euclid(1_000_000)).unwrap_or(i64::MAX)
}

impl Reader {
    /// Reads the stream until something fails; the caller starts over. Nothing is acknowledged before
    /// it is recorded, so starting over loses nothing, and the inbox makes reading twice harmless.
    pub async fn run(&self, stream: &'static str) -> Result<(), Error> {
        let epoch = epoch(&self.context, stream).await?;
        let consumer: async_nats::jetstream::consumer::Consumer<pull::Config> =
            self.context.get_consumer_from_stream(BRIDGE, stream).await.map_err(api("find the bridge's reader"))?;
        let mut messages = consumer
            .stream()
            .max_messages_per_batch(BATCH)
            .expires(Duration::from_secs(30))
            .heartbeat(Duration::from_secs(5))
            .messages()
            .await
            .map_err(api("read messages"))?;
        let mut known: HashSet<AgentName> = HashSet::new();
        loop {
            let first = messages.next().await.ok_or(Error::Lost)?.map_err(api("read messages"))?;
            let mut bytes = first.payload.len();
            let mut batch = vec![first];
            // Whatever is here already comes along; nobody waits for a batch to fill.
            while batch.len() < BATCH && bytes < BATCH_BYTES {
                match messages.next().now_or_never() {
                    Some(Some(message)) => {
                        let message = message.map_err(api("read messages"))?;
                        bytes += message.payload.len();
                        batch.push(message);
                    }
                    Some(None) => return Err(Error::Lost),
                    None => break,
                }
            }
            let facts: Vec<Fact> = batch.iter().filter_map(|message| self.fact(stream, epoch, message)).collect();
            if stream == TASKS {
                self.provision_recipients(&facts, &mut known).await?;
            }
            if !facts.is_empty() {
                self.record(Batch { stream, epoch, facts }).await?;
            }
            for message in &batch {
                message.ack().await.map_err(|error| api("acknowledge")(error))?;
            }
        }
    }

    fn fact(&self, stream: &str, epoch: i64, message: &Message) -> Option<Fact> {
        let info = message.info().ok()?;
        let headers: Headers = message
            .headers
            .iter()
            .flat_map(async_nats::HeaderMap::iter)
            .flat_map(|(name, values)| {
                values.iter().map(|value| (name.to_string(), value.as_str().replace('\0', "\\u{0}")))
            })
            .collect();
        decode::fact(&Raw {
            tenant: self.tenant,
            position: Position { stream: stream.to_owned(), epoch, sequence: info.stream_sequence },
            tasks_epoch: self.tasks_epoch,
            at: Millis(millis(info.published.unix_timestamp_nanos())),
            subject: message.subject.as_str(),
            headers,
            payload: &message.payload,
        })
    }

    /// An agent that was created a moment ago may have no queue yet. As long as we have not
    /// acknowledged, the message stays; a queue made now will still get it.
    async fn provision_recipients(&self, facts: &[Fact], known: &mut HashSet<AgentName>) -> Result<(), Error> {
        let mut new: HashSet<&AgentName> = HashSet::new();
        for fact in facts {
            if let FactBody::TaskReceived(task) = &fact.body
                && !known.contains(&task.agent)
            {
                new.insert(&task.agent);
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        for agent in self.ledger.agent_names(self.tenant).await? {
            if new.contains(&agent) {
                crate::provision::agent(&self.context, &agent, &self.consumers).await?;
                known.insert(agent);
            }
        }
        Ok(())
    }

    /// Records, waiting for the database for as long as it takes: meanwhile the bus keeps everything.
    async fn record(&self, batch: Batch) -> Result<(), Error> {
        let mut wait = Duration::from_millis(100);
        loop {
            match self.ledger.record(self.tenant, batch.clone()).await {
                Ok(recorded) => {
                    tracing::debug!(stream = batch.stream, new = recorded.new, read = batch.facts.len(), "recorded");
                    return Ok(());
                }
                Err(StoreError::Unavailable(error)) => {
                    tracing::warn!(stream = batch.stream, %error, "cannot record; trying again");
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(Duration::from_secs(2));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}
