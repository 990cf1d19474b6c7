//! Two servers on one Postgres and one NATS: either may be killed.

use super::{row, settle};
use crate::{
    Context,
    load::{Load, Mix, Spec},
    report::{Row, Trial, seconds},
    seed::Choices,
    stack::{self, Stack},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const ENDS_WITHIN: Duration = Duration::from_secs(60);

pub async fn run(context: &Context) -> Vec<Row> {
    let (kills, tasks) = context.by_profile((8, 800), (60, 6_000));
    let shows = format!("{kills} kills of either of two servers over {tasks} tasks: 0 lost, 0 doubled, all ended");
    let spec = stack::Spec { servers: 2, ..stack::Spec::default() };
    let body = async |stack: &Stack| trial(stack, context.seed, kills, tasks).await;
    let killed = row("two servers, either killed", &shows, context.seed, Stack::with(context, spec, body)).await;
    let shared = Row::missing(
        "two servers share the work",
        "tenants are shared out by leases, take-over ≤ 5 s",
        "leases over tenants (issue 3, item 9)",
    );
    vec![killed, shared]
}

async fn trial(stack: &Stack, seed: u64, kills: u64, tasks: u64) -> anyhow::Result<Trial> {
    let mut trial = Trial::default();
    let mut choices = Choices::of(seed, "replicas");
    let spec = Spec { tasks, seed, mix: Mix::Smooth, ..Spec::default() };
    let mut load = Load::start(&stack.desk, spec).await?;
    load.work();
    let begun = Instant::now();
    for kill in 1..=kills {
        load.release(tasks * kill / (kills + 1));
        tokio::time::sleep(choices.pause(Duration::from_millis(200)..Duration::from_millis(2_000))).await;
        let victim = choices.pick(&stack.replicas);
        // The other one serves meanwhile.
        let down = choices.pause(Duration::from_millis(500)..Duration::from_millis(2_500));
        Arc::clone(&victim.unit).kill(down).await?;
    }
    trial.figure("kills", kills);
    trial.figure("killing took", seconds(begun.elapsed()));
    load.release(tasks);
    settle(stack, &load, ENDS_WITHIN, &mut trial).await?;
    Ok(trial)
}
