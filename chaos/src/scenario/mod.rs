//! What is shown, one scenario a file.

mod failpoints;
mod fencing;
mod full_stream;
mod kills;
mod outages;
mod poison;
mod rebuild;
mod replicas;
mod silent_line;
mod soak;

use crate::{
    Context, invariant,
    load::Load,
    report::{Row, Trial, seconds},
    stack::Stack,
};
use futures::future::LocalBoxFuture;
use std::time::{Duration, Instant};

/// A scenario by its name, for `--only`.
pub struct Scenario {
    pub name: &'static str,
    /// Whether it waits more than it works: such ones may run side by side.
    pub quiet: bool,
    /// Answers one row or more.
    pub run: for<'a> fn(&'a Context) -> LocalBoxFuture<'a, Vec<Row>>,
}

/// All of them, in the order of the table.
pub const ALL: &[Scenario] = &[
    Scenario { name: "kills", quiet: false, run: |context| Box::pin(kills::run(context)) },
    Scenario { name: "outages", quiet: true, run: |context| Box::pin(outages::run(context)) },
    Scenario { name: "poison", quiet: true, run: |context| Box::pin(poison::run(context)) },
    Scenario { name: "full-stream", quiet: false, run: |context| Box::pin(full_stream::run(context)) },
    Scenario { name: "replicas", quiet: true, run: |context| Box::pin(replicas::run(context)) },
    Scenario { name: "fencing", quiet: true, run: |context| Box::pin(fencing::run(context)) },
    Scenario { name: "silent-line", quiet: true, run: |context| Box::pin(silent_line::run(context)) },
    Scenario { name: "soak", quiet: false, run: |context| Box::pin(soak::run(context)) },
    Scenario { name: "failpoints", quiet: false, run: |context| Box::pin(failpoints::run(context)) },
    Scenario { name: "rebuild", quiet: false, run: |context| Box::pin(rebuild::run(context)) },
];

/// Runs a trial and times it.
async fn row(name: &str, shows: &str, seed: u64, trial: impl Future<Output = anyhow::Result<Trial>>) -> Row {
    let begun = Instant::now();
    let outcome = trial.await;
    Row::of(name, shows, seed, begun.elapsed(), outcome)
}

/// Waits until the load has settled, then compares the ledger with the record: nothing lost, nothing
/// doubled, every task ended, the journal whole.
async fn settle(stack: &Stack, load: &Load, patience: Duration, trial: &mut Trial) -> anyhow::Result<()> {
    let settled = load.settles(&stack.desk, patience).await;
    let rows = stack.desk.all_tasks().await?;
    let tally = load.ledger.tally(&rows);
    trial.figure("tasks", tally.issued);
    trial.figure("acknowledged", tally.acknowledged);
    trial.figure("unknown", tally.unknown);
    trial.none("lost", &tally.lost);
    let found = invariant::check(&stack.owner()).await?;
    // What the ledger calls doubled, the record does too, and more.
    trial.none("doubled", &found.doubled);
    trial.none("stuck", &tally.stuck);
    trial.none("misjudged", &tally.misjudged);
    trial.figure("ended as", tally.states());
    trial.figure("unanswered publishes", tally.unanswered_publishes);
    trial.figure("deliveries", tally.effects);
    trial.figure("done again by a worker", tally.repeated);
    if load.breakers_closed() > 0 {
        trial.figure("breakers closed by the founder", load.breakers_closed());
    }
    match settled {
        Some(after) => trial.figure("all ended after", seconds(after)),
        None => trial.figure("all ended after", format!("not within {} s", patience.as_secs())),
    }
    trial.require(settled.is_some(), || format!("not every task had ended {} s later", patience.as_secs()));
    trial.figure("journal entries", found.journal_entries);
    trial.none("broken invariants", &found.broken);
    Ok(())
}
