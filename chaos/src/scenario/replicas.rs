//! Two servers on one Postgres and one NATS: either may be killed.

use super::{row, settle};
use crate::{
    Context,
    load::{Load, Mix, Spec},
    report::{Row, Trial, seconds},
    seed::Choices,
    stack::{self, Stack},
};
use anyhow::ensure;
use sqlx::{Connection, PgConnection};
use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

const ENDS_WITHIN: Duration = Duration::from_secs(60);
const TAKES_OVER_WITHIN: Duration = Duration::from_secs(5);
/// Of a tenant: reading, relaying, watching.
const DUTIES: usize = 3;

pub async fn run(context: &Context) -> Vec<Row> {
    let (killed, shared) = futures::join!(killed(context), shared(context));
    vec![killed, shared]
}

async fn killed(context: &Context) -> Row {
    let (kills, tasks) = context.by_profile((8, 800), (60, 6_000));
    let shows = format!("{kills} kills of either of two servers over {tasks} tasks: 0 lost, 0 doubled, all ended");
    let body = async |stack: &Stack| trial(stack, context.seed, kills, tasks).await;
    row("two servers, either killed", &shows, context.seed, Stack::with(context, two(), body)).await
}

async fn shared(context: &Context) -> Row {
    let takeovers = context.by_profile(2, 20);
    let shows = format!(
        "two servers hold duties; each of {takeovers} times that one is killed the other has them all ≤ 5 s later"
    );
    let body = async |stack: &Stack| sharing(stack, context.seed, takeovers).await;
    row("two servers share the work", &shows, context.seed, Stack::with(context, two(), body)).await
}

fn two() -> stack::Spec {
    stack::Spec { servers: 2, ..stack::Spec::default() }
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

/// Who does what now: the holders of a tenant's duties that have not run out.
async fn holders(stack: &Stack) -> anyhow::Result<Vec<String>> {
    let mut owner = PgConnection::connect_with(&stack.owner()).await?;
    let held = "select holder::text from duty where until > now() order by duty";
    Ok(sqlx::query_scalar(held).fetch_all(&mut owner).await?)
}

/// Waits until all duties are held, by so many servers, and answers by whom.
async fn held_by(stack: &Stack, servers: usize) -> anyhow::Result<Vec<String>> {
    let begun = Instant::now();
    loop {
        let held = holders(stack).await?;
        let distinct: HashSet<&String> = held.iter().collect();
        if held.len() == DUTIES && distinct.len() == servers {
            return Ok(held);
        }
        ensure!(begun.elapsed() < ENDS_WITHIN, "{} duties are held by {} servers", held.len(), distinct.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn sharing(stack: &Stack, seed: u64, takeovers: u64) -> anyhow::Result<Trial> {
    let mut trial = Trial::default();
    let mut choices = Choices::of(seed, "sharing");
    let spec = Spec { tasks: 100_000, seed, mix: Mix::Smooth, ..Spec::default() };
    let mut load = Load::start(&stack.desk, spec).await?;
    load.work();
    load.release_evenly(20);
    let mut longest = Duration::ZERO;
    for _ in 0..takeovers {
        held_by(stack, 2).await?;
        tokio::time::sleep(choices.pause(Duration::ZERO..Duration::from_millis(1_500))).await;
        let victim = Arc::clone(&choices.pick(&stack.replicas).unit);
        let begun = Instant::now();
        // Away for longer than anybody may take.
        let killed = tokio::spawn(async move { victim.kill(ENDS_WITHIN / 5).await });
        held_by(stack, 1).await?;
        longest = longest.max(begun.elapsed());
        killed.await??;
    }
    trial.figure("longest take-over", seconds(longest));
    trial.require(longest <= TAKES_OVER_WITHIN, || format!("a take-over took {}", seconds(longest)));
    load.hold();
    settle(stack, &load, ENDS_WITHIN, &mut trial).await?;
    Ok(trial)
}
