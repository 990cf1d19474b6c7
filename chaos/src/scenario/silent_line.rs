//! An agent dies, or its line does without a word: no end of the connection arrives, and no byte any more.

use super::row;
use crate::{
    Context,
    proxy::Mode,
    report::{Row, Trial, seconds},
    stack::{self, Stack},
};
use anyhow::ensure;
use countersign_domain::reading::Overview;
use std::time::{Duration, Instant};

const LOST_WITHIN: Duration = Duration::from_secs(60);
const BACK_WITHIN: Duration = Duration::from_secs(60);
const AGENTS: [&str; 3] = ["cso", "ops", "docs"];

pub async fn run(context: &Context) -> Vec<Row> {
    let shows = "an agent that ended is lost on the overview ≤ 60 s later, and so are those whose line went dead; \
                 none is once it is back";
    let trial = Stack::with(context, stack::Spec::default(), trial);
    vec![row("agents that fall silent", shows, context.seed, trial).await]
}

async fn trial(stack: &Stack) -> anyhow::Result<Trial> {
    let mut trial = Trial::default();
    let mut connections = Vec::new();
    for name in AGENTS {
        connections.push(stack.desk.agent(name, "").await?.connect().await);
    }
    let all = AGENTS.len() as u64;
    shown(stack, BACK_WITHIN, |overview| overview.agents_connected == all).await?;

    // Its process ends: the kernel says so to the bus.
    let ended = Instant::now();
    drop(connections.remove(0));
    shown(stack, LOST_WITHIN * 2, |overview| overview.lost_agents == [AGENTS[0]]).await?;
    let after_the_end = ended.elapsed();

    let swallowed = stack.clients.swallowed();
    let cut = Instant::now();
    stack.clients.set(Mode::BlackHole).await?;
    shown(stack, LOST_WITHIN * 2, |overview| overview.lost_agents.len() == AGENTS.len()).await?;
    let after_the_cut = cut.elapsed();
    let proof = stack.clients.swallowed() - swallowed;
    stack.clients.set(Mode::Pass).await?;

    let mended = Instant::now();
    shown(stack, BACK_WITHIN, |overview| overview.lost_agents == [AGENTS[0]]).await?;
    trial.figure("proof", format!("{proof} bytes of the agents never arrived"));
    trial.require(proof > 0, || "nothing was swallowed: the line was not cut".to_owned());
    for (what, after) in [("its process ended", after_the_end), ("its line went dead", after_the_cut)] {
        trial.figure(&format!("lost after {what}"), seconds(after));
        trial.require(after <= LOST_WITHIN, || format!("lost only {} after {what}", seconds(after)));
    }
    trial.figure("back after the line was mended", seconds(mended.elapsed()));
    Ok(trial)
}

/// Waits until the console's first page says so.
async fn shown(stack: &Stack, patience: Duration, holds: impl Fn(&Overview) -> bool) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let overview = stack.desk.service.read_overview(&stack.desk.founder).await?;
        if holds(&overview) {
            return Ok(());
        }
        ensure!(
            begun.elapsed() < patience,
            "{} connected, lost {:?} after {} s",
            overview.agents_connected,
            overview.lost_agents,
            patience.as_secs()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
