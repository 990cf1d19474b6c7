//! The server aborts itself at named points between two steps that must both happen.

use super::{row, settle};
use crate::{
    Context,
    load::{Load, Mix, Spec},
    process,
    report::{Row, Trial},
    seed::Choices,
    stack::{self, Stack},
};
use anyhow::bail;
use std::time::{Duration, Instant};

/// Whether the product reads `COUNTERSIGN_FAILPOINT=<name>:<nth>`.
const PRODUCT_HAS_FAILPOINTS: bool = false;

/// The point's name, what lies on both sides of it, and how often a load passes it.
const POINTS: [(&str, &str); 5] = [
    ("outbox.before_publish", "after commit, before publish"),
    ("outbox.after_publish", "after publish, before mark"),
    ("ingest.after_commit", "after effect, before acknowledgement"),
    ("dead_letter.after_commit", "inside dead-lettering"),
    ("provision.between", "inside provisioning"),
];

const TASKS: u64 = 60;
const FIRES_WITHIN: Duration = Duration::from_secs(60);
const ENDS_WITHIN: Duration = Duration::from_secs(60);

pub async fn run(context: &Context) -> Vec<Row> {
    let runs = context.by_profile(3, 50);
    let shows = format!("{runs} runs: 0 lost, 0 doubled, 0 stuck");
    let mut rows = Vec::new();
    for (point, meaning) in POINTS {
        let name = format!("failpoint {point} ({meaning})");
        if !PRODUCT_HAS_FAILPOINTS {
            rows.push(Row::missing(&name, &shows, "the product has no failpoints yet"));
            continue;
        }
        rows.push(row(&name, &shows, context.seed, runs_of(context, point, runs)).await);
    }
    rows
}

async fn runs_of(context: &Context, point: &'static str, runs: u64) -> anyhow::Result<Trial> {
    let mut choices = Choices::of(context.seed, point);
    let mut all = Trial::default();
    for run in 1..=runs {
        let (nth, seed) = (1 + choices.below(5), choices.number());
        let spec = stack::Spec { failpoint: Some(format!("{point}:{nth}")), ..stack::Spec::default() };
        let one = Stack::with(context, spec, async |stack: &Stack| trial(stack, seed).await).await?;
        all.require(one.holds(), || format!("run {run} (:{nth}): {}", one.broken_promises()));
    }
    all.figure("runs", runs);
    Ok(all)
}

/// The server aborts under load, is started again without the failpoint, and everything ends well.
async fn trial(stack: &Stack, seed: u64) -> anyhow::Result<Trial> {
    let mut trial = Trial::default();
    let unit = &stack.server().unit;
    let old = unit.pid().await?;
    let delay = Duration::from_millis(100);
    let mix = Mix::Poisoned { first: 10, delay };
    let mut load = Load::start(&stack.desk, Spec { tasks: TASKS, seed, mix, ..Spec::default() }).await?;
    load.work();
    load.release(TASKS);
    let begun = Instant::now();
    while !process::is_gone(old) {
        if begun.elapsed() > FIRES_WITHIN {
            bail!("the failpoint never fired");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    unit.recipe().disarm();
    unit.stop().await;
    unit.start().await?;
    settle(stack, &load, ENDS_WITHIN, &mut trial).await?;
    Ok(trial)
}
