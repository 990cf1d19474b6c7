//! From the bus into the record: messages are put on the bus while the server is away. It is timed from the
//! first batch that it writes after its start to the last.

use anyhow::{Context, bail, ensure};
use async_nats::jetstream::{self, consumer::PullConsumer};
use countersign_chaos::stack::Stack;
use futures::{StreamExt, TryStreamExt, stream};
use sqlx::{Connection, PgConnection};
use std::{
    future::IntoFuture,
    time::{Duration, Instant},
};

/// What was timed.
#[derive(Debug, Default, Clone, Copy)]
pub struct Timed {
    pub messages: u64,
    pub seconds: f64,
}

#[derive(Debug, Default)]
pub struct Taken {
    pub tasks: Timed,
    pub signals: Timed,
    /// All messages that were put on the bus, also those before the clock ran.
    pub total: u64,
    /// Of these, not in the record.
    pub lost: u64,
}

/// Publishes that are under way at the same time.
const AT_ONCE: usize = 256;
const PATIENCE: Duration = Duration::from_secs(120);
const SETTLE: Duration = Duration::from_secs(2);

pub async fn measure(stack: &Stack, rounds: u64, size: u64) -> anyhow::Result<Taken> {
    let agent = stack.desk.agent("cso", "").await?;
    let connection = agent.connect().await;
    let context = jetstream::new(connection.client.clone());
    let queue: PullConsumer =
        context.get_consumer_from_stream("cso-agent", "TASKS").await.context("the agent's queue")?;
    let mut owner = PgConnection::connect_with(&stack.owner()).await?;
    let mut taken = Taken::default();
    for round in 0..rounds {
        let tasks = timed(stack, &mut owner, "TASKS", size, publish(&context, round, size)).await?;
        taken.tasks.messages += tasks.messages;
        taken.tasks.seconds += tasks.seconds;
        let signals = timed(stack, &mut owner, "SIGNALS", size, acknowledge(&queue, size)).await?;
        taken.signals.messages += signals.messages;
        taken.signals.seconds += signals.seconds;
        taken.total += 2 * size;
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

/// Lets `prepare` put `size` messages on `stream` while the server is away, and times what follows its start.
async fn timed(
    stack: &Stack,
    owner: &mut PgConnection,
    stream: &str,
    size: u64,
    prepare: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<Timed> {
    let server = &stack.server().unit;
    // What was recorded last is acknowledged a moment later, and no agent may ask how far that is. What is not
    // would be handed out again, and be in the way of the next round.
    tokio::time::sleep(SETTLE).await;
    server.stop().await;
    let before = read(owner, stream).await?;
    prepare.await?;
    let (started, timed) = tokio::join!(server.start(), watch(owner, stream, before, size));
    started?;
    timed
}

/// From the first of `size` messages after `before` to the last.
async fn watch(owner: &mut PgConnection, stream: &str, before: u64, size: u64) -> anyhow::Result<Timed> {
    let deadline = Instant::now() + PATIENCE;
    let mut first: Option<(u64, Instant)> = None;
    loop {
        let now = read(owner, stream).await?;
        if now > before && first.is_none() {
            first = Some((now, Instant::now()));
        }
        if now >= before + size {
            let (at, since) = first.context("the first batch")?;
            return Ok(Timed { messages: now - at, seconds: since.elapsed().as_secs_f64() });
        }
        if Instant::now() > deadline {
            bail!("{stream}: {} of {size} messages read within {} s", now - before, PATIENCE.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn publish(context: &jetstream::Context, round: u64, size: u64) -> anyhow::Result<()> {
    stream::iter(0..size)
        .map(|n| async move {
            let payload = format!(
                r#"{{"task":"Scan the repository for leaked secrets","repo":"acme/console","round":{round},"n":{n},"correlation_id":"scan-{round}-{}"}}"#,
                n / 5
            );
            let ack = context.publish("tasks.cso.security_scan", payload.into()).await?;
            ack.into_future().await?;
            anyhow::Ok(())
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await
}

async fn acknowledge(queue: &PullConsumer, size: u64) -> anyhow::Result<()> {
    let mut done = 0;
    while done < size {
        let mut batch = queue.fetch().max_messages(3).messages().await?;
        let mut got = 0;
        while let Some(message) = batch.next().await {
            let message = message.map_err(|error| anyhow::anyhow!(error))?;
            message.ack().await.map_err(|error| anyhow::anyhow!(error))?;
            got += 1;
        }
        ensure!(got > 0, "the queue gave nothing after {done} of {size}");
        done += got;
    }
    Ok(())
}
