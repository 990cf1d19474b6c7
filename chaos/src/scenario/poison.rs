//! A few tasks that no worker can do must not hold up the others of their agent.

use super::{row, settle};
use crate::{
    Context,
    load::{Load, Mix, Spec},
    report::{Row, Trial, seconds},
    stack::{self, Stack},
};
use anyhow::Context as _;
use countersign_domain::task::TaskState;
use std::time::Duration;

const POISON: u64 = 3;
const HEALTHY: u64 = 20;
const ATTEMPTS: usize = 5;
/// What a healthy task may wait beyond the delay of a returned one.
const SLACK: Duration = Duration::from_secs(5);

pub async fn run(context: &Context) -> Vec<Row> {
    // The fleet's own delay is 30 s; the promise is relative to it.
    let delay = context.by_profile(Duration::from_secs(5), Duration::from_secs(30));
    let shows = format!(
        "{POISON} poison and {HEALTHY} healthy tasks on one agent (3 at a time, returned after {} s): healthy ones wait ≤ {} s, \
         each poison exactly {ATTEMPTS} attempts and is dead",
        delay.as_secs(),
        (delay + SLACK).as_secs()
    );
    let body = async |stack: &Stack| trial(stack, context.seed, delay).await;
    let trial = Stack::with(context, stack::Spec::default(), body);
    vec![row("poison", &shows, context.seed, trial).await]
}

async fn trial(stack: &Stack, seed: u64, delay: Duration) -> anyhow::Result<Trial> {
    let mut trial = Trial::default();
    let spec = Spec {
        tasks: POISON + HEALTHY,
        agents: &["cso"],
        // One, so that the poison is first.
        publishers: 1,
        workers: 3,
        seed,
        mix: Mix::Poisoned { first: POISON, delay, apart: Duration::ZERO },
        founders_share: 0,
        padding: 0,
    };
    let mut load = Load::start(&stack.desk, spec).await?;
    load.work();
    load.release(POISON + HEALTHY);
    settle(stack, &load, delay * 5 + Duration::from_secs(30), &mut trial).await?;

    let entries = load.ledger.entries();
    let (poison, healthy) = entries.split_at(usize::try_from(POISON)?);
    let mut longest = Duration::ZERO;
    for entry in healthy {
        let issued = entry.issued.context("every task was issued")?;
        // One that never came has waited for ever.
        let waited = entry.effects.first().map_or(Duration::MAX, |effect| effect.at - issued);
        longest = longest.max(waited);
    }
    trial.figure("longest wait of a healthy task", seconds(longest));
    trial.require(longest <= delay + SLACK, || format!("a healthy task waited {}", seconds(longest)));
    let deliveries: Vec<usize> = poison.iter().map(|entry| entry.effects.len()).collect();
    trial.figure("deliveries of each poison", format!("{deliveries:?}"));
    trial.require(deliveries.iter().all(|count| *count == ATTEMPTS), || {
        format!("poison was delivered {deliveries:?} times")
    });
    let dead: Vec<u32> = stack
        .desk
        .all_tasks()
        .await?
        .iter()
        .filter(|row| row.state == TaskState::Dead)
        .map(|row| row.attempts)
        .collect();
    trial.figure("dead tasks with attempts", format!("{dead:?}"));
    trial.require(dead == vec![5; usize::try_from(POISON)?], || format!("dead are tasks with {dead:?} attempts"));
    Ok(trial)
}
