//! The server aborts itself at named points between two steps that must both happen
//! (`COUNTERSIGN_FAILPOINT=<name>:<nth>`, debug builds).

use super::{row, settle};
use crate::{
    Context,
    load::{Load, Mix, Spec},
    report::{Row, Trial},
    seed::Choices,
    stack::{self, Server, Stack},
};
use anyhow::bail;
use std::{
    os::unix::process::ExitStatusExt,
    time::{Duration, Instant},
};

/// A point that the server can be told to abort at.
struct Point {
    name: &'static str,
    /// Between which two steps it lies.
    meaning: &'static str,
    /// A load passes it at least so often. Letters that come together are one transaction.
    passes: u64,
}

const POINTS: [Point; 5] = [
    Point { name: "outbox.before_publish", meaning: "after commit, before publish", passes: POISON },
    Point { name: "outbox.after_publish", meaning: "after publish, before mark", passes: POISON },
    Point { name: "ingest.after_commit", meaning: "after effect, before acknowledgement", passes: 5 },
    Point { name: "dead_letter.after_commit", meaning: "inside dead-lettering", passes: 3 },
    // The giver and three who work.
    Point { name: "provision.between", meaning: "inside provisioning", passes: 4 },
];

const TASKS: u64 = 60;
/// Each becomes a dead letter, which the outbox carries to its stream.
const POISON: u64 = 6;
const ABORT: i32 = 6;
const FIRES_WITHIN: Duration = Duration::from_secs(60);
const ENDS_WITHIN: Duration = Duration::from_secs(60);

pub async fn run(context: &Context) -> Vec<Row> {
    let runs = context.by_profile(3, 50);
    let shows = format!("{runs} runs: 0 lost, 0 doubled, 0 stuck");
    let one = async |point: &Point| {
        let name = format!("failpoint {} ({})", point.name, point.meaning);
        row(&name, &shows, context.seed, runs_of(context, point, runs)).await
    };
    futures::future::join_all(POINTS.iter().map(one)).await
}

async fn runs_of(context: &Context, point: &Point, runs: u64) -> anyhow::Result<Trial> {
    let mut choices = Choices::of(context.seed, point.name);
    let mut all = Trial::default();
    for run in 1..=runs {
        let (nth, seed) = (1 + choices.below(point.passes), choices.number());
        let spec = stack::Spec { failpoint: Some(format!("{}:{nth}", point.name)), ..stack::Spec::default() };
        let one = Stack::with(context, spec, async |stack: &Stack| trial(stack, seed).await).await;
        match one {
            Ok(one) => all.require(one.holds(), || format!("run {run} (:{nth}): {}", one.broken_promises())),
            Err(error) => all.require(false, || format!("run {run} (:{nth}): {error:#}")),
        }
    }
    all.figure("runs", runs);
    Ok(all)
}

/// The server aborts under load, is started again without the failpoint, and everything ends well.
async fn trial(stack: &Stack, seed: u64) -> anyhow::Result<Trial> {
    let mut trial = Trial::default();
    let worked = async {
        let mix = Mix::Poisoned { first: POISON, delay: Duration::from_millis(60), apart: Duration::from_millis(120) };
        let mut load = Load::start(&stack.desk, Spec { tasks: TASKS, seed, mix, ..Spec::default() }).await?;
        load.work();
        load.release(TASKS);
        anyhow::Ok(load)
    };
    let (load, ()) = tokio::try_join!(worked, revive(stack))?;
    settle(stack, &load, ENDS_WITHIN, &mut trial).await?;
    Ok(trial)
}

/// Waits until the first server has aborted, and starts it without the failpoint.
async fn revive(stack: &Stack) -> anyhow::Result<()> {
    let unit = &stack.server().unit;
    let begun = Instant::now();
    // Not whether its number is gone: a process of many threads ends one after the other.
    let ended = loop {
        if let Some(ended) = unit.with(Server::ended).await? {
            break ended;
        }
        if begun.elapsed() > FIRES_WITHIN {
            bail!("the failpoint never fired");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    if ended.signal() != Some(ABORT) {
        bail!("the server was to abort, but ended with {ended}");
    }
    unit.recipe().disarm();
    unit.stop().await;
    unit.start().await
}
