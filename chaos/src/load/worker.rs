//! Takes tasks and does with each what its fate says.

use super::{Fate, Spec};
use crate::{
    ledger::{Answer, Ledger},
    stock,
    stock::Connection,
};
use async_nats::jetstream::{AckKind, Message};
use futures::StreamExt;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long the bus may leave a request open before the worker looks at its connection again.
const EXPIRES: Duration = Duration::from_secs(2);
const CONFIRMED_WITHIN: Duration = Duration::from_secs(2);

pub(super) async fn run(agent: stock::Agent, ledger: Arc<Ledger>, spec: Spec) {
    loop {
        let connection = agent.connect().await;
        // Whatever goes wrong: a new connection, as a restarted worker has.
        let _ = work(&connection, &ledger, &spec).await;
    }
}

async fn work(connection: &Connection, ledger: &Ledger, spec: &Spec) -> anyhow::Result<()> {
    let queue = connection.queue().await?;
    loop {
        // One at a time: what waits behind it would wait for nobody else.
        let mut batch = queue.fetch().max_messages(1).expires(EXPIRES).messages().await?;
        while let Some(message) = timeout(EXPIRES * 2, batch.next()).await? {
            let message = message.map_err(|error| anyhow::anyhow!("{error}"))?;
            handle(connection, &message, ledger, spec).await?;
        }
    }
}

/// Errors mean that the worker has lost its connection, or loses it now on purpose.
async fn handle(connection: &Connection, message: &Message, ledger: &Ledger, spec: &Spec) -> anyhow::Result<()> {
    let attempt = message.info().map_err(|error| anyhow::anyhow!("{error}"))?.delivered;
    let payload: serde_json::Value = serde_json::from_slice(&message.payload)?;
    let Some(task) = payload["n"].as_u64() else { anyhow::bail!("a task of somebody else's") };
    match spec.mix.fate(spec.seed, task) {
        Fate::GiveBack { times, delay } if attempt <= times => give_back(message, ledger, task, attempt, delay).await,
        Fate::Poison { delay } => give_back(message, ledger, task, attempt, delay).await,
        Fate::GiveUp => {
            ledger.effect(task, attempt, Answer::GivenUp);
            stock::give_up(connection, message, "the harness gives it up").await
        }
        Fate::Vanish if attempt == 1 => {
            ledger.effect(task, attempt, Answer::Silence);
            anyhow::bail!("the worker vanishes")
        }
        Fate::Succeed | Fate::GiveBack { .. } | Fate::Vanish => {
            let effect = ledger.effect(task, attempt, Answer::Done { confirmed: false });
            timeout(CONFIRMED_WITHIN, message.double_ack()).await?.map_err(|error| anyhow::anyhow!("{error}"))?;
            ledger.confirmed(task, effect);
            Ok(())
        }
    }
}

async fn give_back(message: &Message, ledger: &Ledger, task: u64, attempt: i64, delay: Duration) -> anyhow::Result<()> {
    ledger.effect(task, attempt, Answer::Back);
    message.ack_with(AckKind::Nak(Some(delay))).await.map_err(|error| anyhow::anyhow!("{error}"))
}
