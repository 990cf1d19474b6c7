//! A queue that is full refuses its publishers, loses nothing, and goes on when it has been drained.

use super::{row, settle};
use crate::{
    Context, Profile,
    load::{Load, Mix, Spec},
    report::{Row, Trial, seconds},
    stack::{self, Stack},
};
use std::time::{Duration, Instant};

const ENDS_WITHIN: Duration = Duration::from_secs(120);

pub async fn run(context: &Context) -> Vec<Row> {
    // TASKS holds 64 MiB or 10,000 messages. Filling it with large messages is the quicker way.
    let mut rows = vec![one(context, "full stream (by bytes)", 450, 200 * 1024).await];
    if context.profile == Profile::Long {
        // A fifth is the founder's, which the relay keeps back while there is no room.
        rows.push(one(context, "full stream (by messages)", 14_000, 0).await);
    }
    rows
}

async fn one(context: &Context, name: &str, tasks: u64, padding: usize) -> Row {
    let shows = "publishers are refused while the queue is full, 0 lost, all tasks end once it is drained";
    let body = async |stack: &Stack| trial(stack, context.seed, tasks, padding).await;
    row(name, shows, context.seed, Stack::with(context, stack::Spec::default(), body)).await
}

async fn trial(stack: &Stack, seed: u64, tasks: u64, padding: usize) -> anyhow::Result<Trial> {
    let mut trial = Trial::default();
    let spec = Spec { tasks, seed, mix: Mix::Smooth, padding, publishers: 4, ..Spec::default() };
    let mut load = Load::start(&stack.desk, spec).await?;
    load.release(tasks);
    let begun = Instant::now();
    // Nobody works yet. Full is when every publisher has been refused a task that it still insists on.
    let insisting = || load.ledger.count(|entry| entry.refused > 2 && entry.acknowledged.is_none());
    while insisting() < 4 && begun.elapsed() < ENDS_WITHIN {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (full, kept) = (insisting() == 4, load.ledger.acknowledged());
    trial.figure("full after", format!("{kept} messages, {}", seconds(begun.elapsed())));
    trial.require(full && kept < tasks, || format!("the queue took {kept} messages and refused nobody"));
    load.work();
    settle(stack, &load, ENDS_WITHIN, &mut trial).await?;
    let refused: u64 = load.ledger.entries().iter().map(|entry| u64::from(entry.refused)).sum();
    trial.figure("refusals", refused);
    Ok(trial)
}
