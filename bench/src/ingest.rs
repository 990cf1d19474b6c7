//! From the bus into the record: messages are put on the bus while the tenant's journal is held, so that nothing
//! is recorded. It is timed from when the journal is let go to when the last of them is in the record.

use anyhow::{Context, bail, ensure};
use async_nats::jetstream::{self, consumer::PullConsumer};
use countersign_chaos::stack::Stack;
use futures::{StreamExt, TryStreamExt, future::try_join_all, stream};
use sqlx::{Connection, PgConnection};
use std::{
    future::{Future, IntoFuture},
    time::{Duration, Instant},
};

/// What was timed.
#[derive(Debug, Default, Clone, Copy)]
pub struct Timed {
    pub messages: u64,
    pub seconds: f64,
}

impl Timed {
    /// Both, one after the other.
    pub fn and(self, more: Self) -> Self {
        Self { messages: self.messages + more.messages, seconds: self.seconds + more.seconds }
    }

    /// Messages a second.
    pub fn rate(self) -> f64 {
        self.messages as f64 / self.seconds
    }
}

#[derive(Debug, Default)]
pub struct Taken {
    pub tasks: Timed,
    pub signals: Timed,
    /// All messages that were put on the bus.
    pub total: u64,
    /// Of these, not in the record.
    pub lost: u64,
}

const AGENTS: u64 = 20;
/// Publishes of an agent that are under way at the same time.
const AT_ONCE: usize = 16;
/// What the bridge has read and not acknowledged so long after comes to it again.
const READ_AGAIN: Duration = Duration::from_secs(8);
const PATIENCE: Duration = Duration::from_secs(120);

pub async fn measure(stack: &Stack, rounds: u64, size: u64) -> anyhow::Result<Taken> {
    let mut workers = Vec::new();
    for n in 0..AGENTS {
        workers.push(Worker::open(stack, &format!("agent-{n}")).await?);
    }
    let mut owner = PgConnection::connect_with(&stack.owner()).await?;
    let mut taken = Taken::default();
    let share = size / AGENTS;
    for round in 0..rounds {
        let publish = try_join_all(workers.iter().map(|worker| worker.publish(round, share)));
        let tasks = timed(stack, &mut owner, "TASKS", size, publish).await?;
        let acknowledge = try_join_all(workers.iter().map(|worker| worker.acknowledge(share)));
        let signals = timed(stack, &mut owner, "SIGNALS", size, acknowledge).await?;
        taken.total += 2 * size;
        let said =
            |timed: &Option<Timed>| timed.as_ref().map_or("not counted".to_owned(), |t| format!("{:.0}/s", t.rate()));
        println!("round {}: tasks {}, acknowledgements {}", round + 1, said(&tasks), said(&signals));
        taken.tasks = taken.tasks.and(tasks.unwrap_or_default());
        taken.signals = taken.signals.and(signals.unwrap_or_default());
    }
    let (ended,): (i64,) =
        sqlx::query_as("select count(*) from task where state = 'succeeded'").fetch_one(&mut owner).await?;
    taken.lost = (rounds * size).saturating_sub(ended.unsigned_abs()) * 2;
    Ok(taken)
}

/// How far the server has read a stream.
async fn read(owner: &mut PgConnection, stream: &str) -> anyhow::Result<u64> {
    let (sequence,): (Option<i64>,) =
        sqlx::query_as("select max(sequence) from checkpoint where stream = $1").bind(stream).fetch_one(owner).await?;
    Ok(sequence.unwrap_or(0).unsigned_abs())
}

/// Lets `prepare` put `size` messages on `stream` while the journal is held, and times what follows. `None` where that took
/// so long that the bus hands out the first messages again.
async fn timed<T>(
    stack: &Stack,
    owner: &mut PgConnection,
    stream: &str,
    size: u64,
    prepare: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<Option<Timed>> {
    let before = read(owner, stream).await?;
    let mut holder = PgConnection::connect_with(&stack.owner()).await?;
    let mut held = holder.begin().await?;
    sqlx::query("select from journal_head for update").execute(&mut *held).await?;
    let begun = Instant::now();
    prepare.await?;
    let counts = begun.elapsed() < READ_AGAIN;
    let since = Instant::now();
    held.commit().await?;
    loop {
        let now = read(owner, stream).await?;
        if now >= before + size {
            let seconds = since.elapsed().as_secs_f64();
            return Ok(counts.then_some(Timed { messages: size, seconds }));
        }
        if since.elapsed() > PATIENCE {
            bail!("{stream}: {} of {size} messages read within {} s", now - before, PATIENCE.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// An agent that gives itself tasks and does them.
struct Worker {
    context: jetstream::Context,
    queue: PullConsumer,
    name: String,
}

impl Worker {
    async fn open(stack: &Stack, name: &str) -> anyhow::Result<Self> {
        let connection = stack.desk.agent(name, "").await?.connect().await;
        let context = jetstream::new(connection.client.clone());
        let queue = context.get_consumer_from_stream(format!("{name}-agent"), "TASKS").await;
        Ok(Self { context, queue: queue.context("the agent's queue")?, name: name.to_owned() })
    }

    async fn publish(&self, round: u64, size: u64) -> anyhow::Result<()> {
        let subject = format!("tasks.{}.security_scan", self.name);
        stream::iter(0..size)
            .map(|n| {
                let subject = subject.clone();
                async move {
                    let payload = format!(
                        r#"{{"task":"Scan the repository for leaked secrets","repo":"acme/console","round":{round},"n":{n},"correlation_id":"{}-{round}-{}"}}"#,
                        self.name,
                        n / 5
                    );
                    let ack = self.context.publish(subject, payload.into()).await?;
                    ack.into_future().await?;
                    anyhow::Ok(())
                }
            })
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await
    }

    async fn acknowledge(&self, size: u64) -> anyhow::Result<()> {
        let mut done = 0;
        while done < size {
            let mut batch = self.queue.fetch().max_messages(3).messages().await?;
            let mut got = 0;
            while let Some(message) = batch.next().await {
                let message = message.map_err(|error| anyhow::anyhow!(error))?;
                message.ack().await.map_err(|error| anyhow::anyhow!(error))?;
                got += 1;
            }
            ensure!(got > 0, "the queue of {} gave nothing after {done} of {size}", self.name);
            done += got;
        }
        Ok(())
    }
}
