//! `SIGKILL` of server, nats-server and Postgres at random moments under load.

use super::{row, settle};
use crate::{
    Context,
    load::{Load, Spec},
    report::{Row, Trial, seconds},
    seed::Choices,
    stack::{self, Killed, Stack},
};
use anyhow::Context as _;
use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// After the last kill, for every task to end.
const ENDS_WITHIN: Duration = Duration::from_secs(120);

pub async fn run(context: &Context) -> Vec<Row> {
    let (kills, tasks) = context.by_profile((45, 2_000), (300, 20_000));
    let shows = format!("{kills} kills over {tasks} tasks: 0 lost, 0 doubled, all ended ≤ 120 s after the last kill");
    let body = async |stack: &Stack| trial(stack, context.seed, kills, tasks).await;
    let trial = Stack::with(context, stack::Spec::default(), body);
    vec![row("random kills", &shows, context.seed, trial).await]
}

#[derive(Clone, Copy)]
enum Victim {
    Server,
    Nats,
    Postgres,
}

async fn trial(stack: &Stack, seed: u64, kills: u64, tasks: u64) -> anyhow::Result<Trial> {
    let mut trial = Trial::default();
    let mut choices = Choices::of(seed, "kills");
    let mut load = Load::start(&stack.desk, Spec { tasks, seed, ..Spec::default() }).await?;
    load.work();
    let begun = Instant::now();
    let mut restarts: JoinSet<anyhow::Result<Killed>> = JoinSet::new();
    for kill in 1..=kills {
        load.release(tasks * kill / (kills + 1));
        tokio::time::sleep(choices.pause(Duration::from_millis(100)..Duration::from_millis(2_500))).await;
        let down = choices.pause(Duration::ZERO..Duration::from_millis(1_500));
        // A victim that is still being started again is killed when it stands; the others meanwhile.
        match choices.pick(&[Victim::Server, Victim::Nats, Victim::Postgres]) {
            Victim::Server => spawn(&mut restarts, Arc::clone(&stack.server().unit), down),
            Victim::Nats => spawn(&mut restarts, Arc::clone(&stack.nats), down),
            Victim::Postgres => spawn(&mut restarts, Arc::clone(&stack.postgres), down),
        }
    }
    load.release(tasks);
    let mut fired: BTreeMap<&str, u64> = BTreeMap::new();
    while let Some(killed) = restarts.join_next().await {
        let killed = killed.context("a restart was cancelled")??;
        *fired.entry(killed.name).or_default() += 1;
    }
    trial.figure("killing took", seconds(begun.elapsed()));
    for (name, count) in &fired {
        trial.figure(&format!("kills of {name}"), count);
    }
    trial.require(fired.values().sum::<u64>() == kills, || format!("of {kills} kills only {fired:?} were proven"));
    let failed = stack.server().unit.recipe().failed_starts.load(Ordering::Relaxed);
    trial.figure("server starts that failed", failed);
    settle(stack, &load, ENDS_WITHIN, &mut trial).await?;
    Ok(trial)
}

fn spawn<C: stack::Child>(restarts: &mut JoinSet<anyhow::Result<Killed>>, unit: Arc<stack::Unit<C>>, down: Duration)
where
    C::Recipe: Send + Sync,
{
    restarts.spawn(async move { unit.kill(down).await });
}
