//! A worker that freezes past its lease and wakes later must not complete what another has taken over.

use super::row;
use crate::{
    Context,
    report::{Row, Trial, seconds},
    seed::Choices,
    stack::{self, Server, Stack},
    stock,
    stock::Published,
};
use anyhow::{Context as _, bail, ensure};
use async_nats::jetstream::Message;
use countersign_agent::{Claim, Credentials, Work, Workspace, WorkspaceError};
use futures::future::try_join_all;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use std::{
    collections::BTreeMap,
    sync::Mutex,
    time::{Duration, Instant},
};

/// The shortest that the product gives.
const LEASE: Duration = Duration::from_secs(5);
/// Longer than the lease, so that the bus hands a task out again when its lease is over. Seconds.
const ACK_WAIT: u64 = 6;
/// What the queue of an agent hands out at a time.
const AT_ONCE: usize = 3;
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn run(context: &Context) -> Vec<Row> {
    let (agents, rounds) = context.by_profile((10, 2), (34, 5));
    let freezes = agents * rounds * AT_ONCE;
    let shows =
        format!("{freezes} workers freeze past their lease: {freezes} stale completions refused, {freezes} effects");
    let spec = stack::Spec { ack_wait: ACK_WAIT, ..stack::Spec::default() };
    let body = async |stack: &Stack| trial(stack, context.seed, agents, rounds).await;
    vec![row("fencing", &shows, context.seed, Stack::with(context, spec, body)).await]
}

/// What the frozen workers were told when they woke.
type Told = Mutex<BTreeMap<String, usize>>;

async fn trial(stack: &Stack, seed: u64, agents: usize, rounds: usize) -> anyhow::Result<Trial> {
    let mut trial = Trial::default();
    let console = stack.server().unit.with(|server: &mut Server| server.console()).await?;
    let mut lanes = Vec::new();
    for number in 0..agents {
        let agent = stack.desk.agent(&format!("w{number}"), "").await?;
        let workspace = Workspace::new(&format!("http://{console}"), Credentials::read(&agent.creds)?)?;
        lanes.push((agent, workspace));
    }
    let (told, begun) = (Told::default(), Instant::now());
    try_join_all(lanes.iter().map(|(agent, workspace)| lane(agent, workspace, rounds, seed, &told))).await?;
    trial.figure("freezing took", seconds(begun.elapsed()));

    let told = told.into_inner().expect("nobody panics with it");
    let freezes = agents * rounds * AT_ONCE;
    let refused: usize = told.iter().filter(|(word, _)| *word != ACCEPTED).map(|(_, count)| count).sum();
    trial.figure("stale completions refused", format!("{refused} of {freezes}"));
    trial.figure("with the words", format!("{told:?}"));
    trial.require(refused == freezes, || format!("{} stale completions were accepted", freezes - refused));
    let mut owner = PgConnection::connect_with(&stack.owner()).await?;
    let (tasks, seconds, successes): (i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from task where state = 'succeeded'),
                (select count(*) from task where state = 'succeeded' and result::text like '%second%'),
                (select count(*) from attempt where outcome = 'succeeded')",
    )
    .fetch_one(&mut owner)
    .await?;
    trial.figure("effects", successes);
    let wanted = i64::try_from(freezes)?;
    trial.require([tasks, seconds, successes] == [wanted; 3], || {
        format!("{tasks} tasks succeeded, {seconds} with the second worker's result, in {successes} attempts")
    });
    Ok(trial)
}

const ACCEPTED: &str = "accepted";

/// Two workers of one agent, the first of which freezes each time.
async fn lane(
    agent: &stock::Agent,
    workspace: &Workspace,
    rounds: usize,
    seed: u64,
    told: &Told,
) -> anyhow::Result<()> {
    let mut choices = Choices::of(seed, &agent.name);
    let (frozen, second) = (agent.connect().await, agent.connect().await);
    for round in 0..rounds {
        for number in 0..AT_ONCE {
            let (subject, id) = (format!("tasks.{}.flow", agent.name), format!("{}-{round}-{number}", agent.name));
            let sent = second.publish(&subject, &id, json!({ "title": id }).to_string().into_bytes()).await;
            ensure!(matches!(sent, Published::Acknowledged { .. }), "{id} was {sent:?}");
        }
        let mut stale: BTreeMap<String, Claim> = BTreeMap::new();
        while stale.len() < AT_ONCE {
            for message in frozen.take(AT_ONCE - stale.len(), Duration::from_secs(2)).await? {
                let claim = claimed(workspace, &message).await?;
                stale.insert(claim.task.to_string(), claim);
            }
        }
        // The first worker freezes here, with all its claims: it neither renews nor answers.
        let mut left = stale.clone();
        while !left.is_empty() {
            for message in second.take(left.len(), Duration::from_secs(2)).await? {
                let claim = claimed(workspace, &message).await?;
                let Some(old) = left.remove(&claim.task.to_string()) else { bail!("{} came twice", claim.task) };
                ensure!(claim.fence > old.fence, "a later claim has a higher fence");
                let wakes_before = choices.below(2) == 0;
                if wakes_before {
                    wake(workspace, &old, told).await?;
                }
                let work = Work { result: json!({ "by": "second" }), ..Work::default() };
                workspace.complete(&claim, &work).await.context("the second worker's completion")?;
                message.double_ack().await.map_err(|error| anyhow::anyhow!("{error}"))?;
                if !wakes_before {
                    wake(workspace, &old, told).await?;
                }
            }
        }
    }
    Ok(())
}

/// The first worker wakes and says that it has done the task.
async fn wake(workspace: &Workspace, stale: &Claim, told: &Told) -> anyhow::Result<()> {
    let work = Work { result: json!({ "by": "first" }), ..Work::default() };
    let word = match workspace.complete(stale, &work).await {
        Ok(()) => ACCEPTED,
        Err(WorkspaceError::Stale) => "stale",
        Err(WorkspaceError::LeaseOver) => "lease over",
        Err(WorkspaceError::Settled(_)) => "settled",
        Err(error) => return Err(error).context("a stale completion"),
    };
    *told.lock().expect("nobody panics with it").entry(word.to_owned()).or_default() += 1;
    Ok(())
}

/// Claims a task, waiting for its record, and for the end of another's lease.
async fn claimed(workspace: &Workspace, message: &Message) -> anyhow::Result<Claim> {
    let (sequence, delivery) = {
        let info = message.info().map_err(|error| anyhow::anyhow!("{error}"))?;
        (info.stream_sequence, u32::try_from(info.delivered)?)
    };
    let begun = Instant::now();
    loop {
        match workspace.claim(sequence, delivery, LEASE).await {
            Ok(claim) => return Ok(claim),
            Err(WorkspaceError::NotYet { retry_after } | WorkspaceError::Held { retry_after })
                if begun.elapsed() < PATIENCE =>
            {
                tokio::time::sleep(retry_after.min(Duration::from_millis(500))).await;
            }
            Err(error) => return Err(error).with_context(|| format!("claim {sequence} at its delivery {delivery}")),
        }
    }
}
