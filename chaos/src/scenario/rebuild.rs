//! All read models are dropped and made again from the journal; the bus loses everything that it kept.

use super::{row, settle};
use crate::{
    Context,
    load::{Load, Mix, Spec},
    report::{Row, Trial, seconds},
    stack::{self, Stack},
};
use anyhow::{Context as _, bail};
use countersign_store::JournalKeeper;
use sqlx::{Connection, PgConnection};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(90);

pub async fn run(context: &Context) -> Vec<Row> {
    let tasks = context.by_profile(400, 5_000);
    let shows = format!("all read models of {tasks} tasks dropped: byte-equal from the journal");
    let rebuilt = async |stack: &Stack| rebuilt(stack, context.seed, tasks).await;
    let rebuilt = Stack::with(context, stack::Spec::default(), rebuilt);
    let rebuilt = row("rebuild", &shows, context.seed, rebuilt).await;
    let open = context.by_profile(200, 2_000);
    let shows =
        format!("all that the bus kept is gone: each of {open} open tasks is reissued exactly once, none of the ended");
    let wiped = async |stack: &Stack| wiped(stack, context.seed, open).await;
    let wiped = Stack::with(context, stack::Spec::default(), wiped);
    vec![rebuilt, row("wiped bus", &shows, context.seed, wiped).await]
}

async fn rebuilt(stack: &Stack, seed: u64, tasks: u64) -> anyhow::Result<Trial> {
    let mut trial = Trial::default();
    let mut load = Load::start(&stack.desk, Spec { tasks, seed, ..Spec::default() }).await?;
    load.work();
    load.release(tasks);
    settle(stack, &load, PATIENCE, &mut trial).await?;
    // What is still written, such as what is seen of the fleet, would differ by itself.
    stack.server().unit.stop().await;
    let keeper = JournalKeeper::new(stack.owner());
    let tenant = stack.desk.founder.tenant;
    let before = keeper.read_models(tenant).await?;
    let begun = Instant::now();
    let said = stack.run("rebuild").await?;
    trial.figure("rebuilding took", seconds(begun.elapsed()));
    trial.figure("it said", format!("“{said}”"));
    let after = keeper.read_models(tenant).await?;
    trial.figure("rows", before.lines().count());
    trial.require(before.lines().count() as u64 > tasks, || "there was next to nothing to rebuild".to_owned());
    let differing = before.lines().zip(after.lines()).filter(|(old, new)| old != new).count();
    trial.figure("rows that differ", differing);
    trial.require(before == after, || {
        let pair = before.lines().zip(after.lines()).find(|(old, new)| old != new);
        let pair = pair.map(|(old, new)| format!("{old:.200} became {new:.200}"));
        pair.unwrap_or_else(|| format!("{} rows became {}", before.lines().count(), after.lines().count()))
    });
    Ok(trial)
}

async fn wiped(stack: &Stack, seed: u64, open: u64) -> anyhow::Result<Trial> {
    let mut trial = Trial::default();
    let ended = open / 4;
    let spec = Spec { tasks: open + ended, seed, mix: Mix::Smooth, founders_share: 0, ..Spec::default() };
    let mut load = Load::start(&stack.desk, spec).await?;
    load.work();
    load.release(ended);
    load.settles(&stack.desk, PATIENCE).await.context("the first tasks did not end")?;
    load.rest();
    load.release(open + ended);
    recorded(stack, &load, open + ended).await?;

    let tasks_before = epochs(stack).await?;
    stack.wipe_bus().await?;
    load.work();
    settle(stack, &load, PATIENCE, &mut trial).await?;
    let epochs = epochs(stack).await?;
    trial.require(tasks_before.len() == 1 && epochs.len() == 2, || format!("the bus was to be wiped once: {epochs:?}"));
    let mut owner = PgConnection::connect_with(&stack.owner()).await?;
    let issued: Vec<(i64, i64)> = sqlx::query_as(
        "select messages, count(*) from
             (select t.id, count(m.sequence) as messages from task t
              left join task_message m on m.task_id = t.id and m.epoch = $1 group by t.id) n
         group by messages order by messages",
    )
    .bind(epochs.last())
    .fetch_all(&mut owner)
    .await?;
    let wanted = vec![(0, i64::try_from(ended)?), (1, i64::try_from(open)?)];
    trial.figure("reissued once", issued.iter().find(|(messages, _)| *messages == 1).map_or(0, |(_, tasks)| *tasks));
    trial.require(issued == wanted, || format!("(messages, tasks) on the new bus are {issued:?}, not {wanted:?}"));
    let twice = load.ledger.count(|entry| entry.effects.len() > 1);
    trial.require(twice == 0, || format!("{twice} tasks were handed out more than once"));
    Ok(trial)
}

/// The creation times of all `TASKS` streams that there were.
async fn epochs(stack: &Stack) -> anyhow::Result<Vec<i64>> {
    let mut owner = PgConnection::connect_with(&stack.owner()).await?;
    Ok(sqlx::query_scalar("select distinct epoch from task_message order by epoch").fetch_all(&mut owner).await?)
}

async fn recorded(stack: &Stack, load: &Load, tasks: u64) -> anyhow::Result<()> {
    let begun = Instant::now();
    while load.ledger.acknowledged() < tasks || stack.desk.recorded_tasks().await? < tasks {
        if begun.elapsed() > PATIENCE {
            bail!("the open tasks were never recorded");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
