//! Reading one stream in batches; `recording` writes them. Batch, transaction, acknowledgement, in this order.

use crate::{
    Identity,
    decode::{self, Raw},
    error::{Error, api},
    recording::{ReadBatch, acknowledge, beside},
    sender::Senders,
};
use async_nats::jetstream::{Context, Message, consumer::pull};
use countersign_domain::{
    AgentName, Millis, TenantId,
    bus_fact::{Fact, FactBody, Headers, Position},
};
use countersign_service::ports::{Batch, Clock, Ledger, StreamStart};
use countersign_wire::stream::{BRIDGE, EVENTS, SIGNALS, TASKS, TaskConsumerSpec};
use futures::StreamExt;
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::sync::{mpsc, watch};

/// Messages in one transaction at most.
const BATCH: usize = 1_500;
const MIB: usize = 1024 * 1024;
/// Payload bytes in one transaction at most.
const BATCH_BYTES: usize = 8 * MIB;

/// So long the bus hands messages to whoever asked, also where that one's line is dead and it does not know yet: what is
/// handed out in vain comes again after the reader's `ack_wait`, and may go there again.
const ASKED_FOR: Duration = Duration::from_secs(12);

/// What the bus has and we have not got so long after the message before it comes in the next batch.
const UNDER_WAY: Duration = Duration::from_millis(20);

/// What the readers of a tenant share.
pub(crate) struct Reader {
    pub tenant: TenantId,
    pub context: Context,
    pub ledger: Arc<dyn Ledger>,
    pub clock: Arc<dyn Clock>,
    pub identity: Identity,
    pub tasks_epoch: i64,
    pub consumers: TaskConsumerSpec,
    /// How often the connection was lost.
    pub losses: watch::Receiver<u64>,
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
    /// Reads all streams until something fails. `SIGNALS` is read beside `TASKS`: a signal may come before
    /// the task that it is about, and waits for it in the record.
    pub async fn run_all(&self) -> Result<(), Error> {
        tokio::select! {
            result = self.run(TASKS) => result,
            result = self.run(SIGNALS) => result,
            result = self.run(EVENTS) => result,
        }
    }

    /// Reads the stream until something fails; the caller starts over. Nothing is acknowledged before
    /// it is recorded, so starting over loses nothing, and the inbox makes reading twice harmless.
    async fn run(&self, stream: &'static str) -> Result<(), Error> {
        loop {
            self.read(stream).await?;
        }
    }

    /// Reads until the connection is lost, or something fails. A message may be what it was lost over.
    async fn read(&self, stream: &'static str) -> Result<(), Error> {
        let mut losses = self.losses.clone();
        losses.mark_unchanged();
        let epoch = self.resume(stream).await?;
        self.sift(stream, epoch).await?;
        // One is read while another is written.
        let (batches, read) = mpsc::channel(1);
        let (recorded, done) = mpsc::channel(1);
        // What was read is recorded, whatever becomes of the reading.
        let gather = async { Ok(self.gather(stream, epoch, losses, batches).await) };
        let (gathered, ..) = tokio::try_join!(gather, self.write(read, recorded), beside(acknowledge(done)))?;
        gathered
    }

    /// Reads batches until the connection is lost, or something fails.
    async fn gather(
        &self,
        stream: &'static str,
        epoch: i64,
        mut losses: watch::Receiver<u64>,
        batches: mpsc::Sender<ReadBatch>,
    ) -> Result<(), Error> {
        let consumer: async_nats::jetstream::consumer::Consumer<pull::Config> =
            self.context.get_consumer_from_stream(BRIDGE, stream).await.map_err(api("find the bridge's reader"))?;
        let mut messages = consumer
            .stream()
            .max_messages_per_batch(BATCH)
            .expires(ASKED_FOR)
            .heartbeat(Duration::from_secs(5))
            .messages()
            .await
            .map_err(api("read messages"))?;
        let mut known: HashSet<AgentName> = HashSet::new();
        let mut senders = self.senders().await?;
        loop {
            let first = tokio::select! {
                biased;
                // What came before the loss is read first.
                message = messages.next() => message.ok_or(Error::Lost)?.map_err(api("read messages"))?,
                _ = losses.changed() => return Ok(()),
            };
            let mut bytes = first.payload.len();
            let mut more = pending(&first);
            let mut batch = vec![first];
            // Nobody waits for a batch to fill, unless the bus said that more is there: then it is under way.
            while batch.len() < BATCH && bytes < BATCH_BYTES {
                let wait = if more { UNDER_WAY } else { Duration::ZERO };
                match tokio::time::timeout(wait, messages.next()).await {
                    Ok(Some(message)) => {
                        let message = message.map_err(api("read messages"))?;
                        bytes += message.payload.len();
                        more = pending(&message);
                        batch.push(message);
                    }
                    Ok(None) => return Err(Error::Lost),
                    Err(_) => break,
                }
            }
            if stream == TASKS && batch.iter().any(|message| senders.lacks_key_of(&headers(message))) {
                senders = self.senders().await?;
            }
            let facts: Vec<Fact> =
                batch.iter().filter_map(|message| self.fact(stream, epoch, &senders, message)).collect();
            if stream == TASKS {
                self.provision_recipients(&facts, &mut known).await?;
            }
            let last_sequence =
                batch.last().and_then(|message| message.info().ok()).map_or(0, |info| info.stream_sequence);
            let read = ReadBatch { batch: Batch { stream, epoch, last_sequence, facts }, messages: batch };
            if batches.send(read).await.is_err() {
                return Ok(());
            }
        }
    }

    /// Compares where the stream begins with how far it was read, and answers when it was created.
    pub async fn resume(&self, stream: &'static str) -> Result<i64, Error> {
        let info = self.context.get_stream(stream).await.map_err(api("read a stream"))?;
        let info = info.cached_info();
        let epoch = millis(info.created.unix_timestamp_nanos());
        let start = StreamStart { stream, epoch, first_sequence: info.state.first_sequence };
        self.ledger.resume(self.tenant, start, self.clock.now()).await?;
        Ok(epoch)
    }

    async fn senders(&self) -> Result<Senders, Error> {
        let own = self.identity.tenant(self.tenant).await?.signing.public_key();
        Ok(Senders::new(own, self.ledger.sender_keys(self.tenant).await?))
    }

    fn fact(&self, stream: &str, epoch: i64, senders: &Senders, message: &Message) -> Option<Fact> {
        let info = message.info().ok()?;
        decode::fact(&Raw {
            tenant: self.tenant,
            position: Position { stream: stream.to_owned(), epoch, sequence: info.stream_sequence },
            tasks_epoch: self.tasks_epoch,
            at: Millis(millis(info.published.unix_timestamp_nanos())),
            subject: message.subject.as_str(),
            headers: headers(message),
            payload: &message.payload,
            senders,
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
}

/// Whether the bus has more for this reader than the message.
fn pending(message: &Message) -> bool {
    message.info().is_ok_and(|info| info.pending > 0)
}

/// The message's headers; what Postgres cannot keep as text is escaped.
fn headers(message: &Message) -> Headers {
    let all = message.headers.iter().flat_map(async_nats::HeaderMap::iter);
    all.flat_map(|(name, values)| values.iter().map(|value| (name.to_string(), value.as_str().replace('\0', "\\u{0}"))))
        .collect()
}
