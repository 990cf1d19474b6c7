//! A part is away, frozen, or half-open for a while: health says so, and everything comes back without a
//! restart of the server.

use super::{row, settle};
use crate::{
    Context,
    fault::Fault,
    health::{Watch, create_agent},
    load::{Load, Mix, Spec},
    report::{Row, Trial, mebibytes, seconds},
    stack::{self, Stack},
};
use anyhow::bail;
use std::time::{Duration, Instant};

const FLIPS_WITHIN: Duration = Duration::from_secs(5);
const RECOVERS_WITHIN: Duration = Duration::from_secs(10);
/// Watched after the return; longer than a recovery may take, so that a relapse shows.
const WATCHED_AFTER: Duration = Duration::from_secs(14);
const GROWTH_KIB: u64 = 50 * 1024;
const ENDS_WITHIN: Duration = Duration::from_secs(60);
const RATE: u64 = 20;

const FAULTS: [(Fault, Duration); 7] = [
    (Fault::PostgresStopped, Duration::from_secs(30)),
    (Fault::BusStopped, Duration::from_secs(30)),
    (Fault::PostgresFrozen, Duration::from_secs(20)),
    (Fault::BusFrozen, Duration::from_secs(20)),
    (Fault::PostgresHalfOpen, Duration::from_secs(20)),
    (Fault::BusHalfOpen, Duration::from_secs(20)),
    (Fault::BusRefused, Duration::from_secs(20)),
];

/// They wait more than they work, so they run side by side, each on processes of its own.
pub async fn run(context: &Context) -> Vec<Row> {
    futures::future::join_all(FAULTS.iter().map(|(fault, length)| one(context, *fault, *length))).await
}

async fn one(context: &Context, fault: Fault, length: Duration) -> Row {
    let shows = format!(
        "health flips ≤ 5 s, recovers ≤ 10 s after the return, same process, memory + < 50 MiB, 0 lost{}",
        if fault.breaks_the_bus() { ", a founder's changes work meanwhile" } else { "" }
    );
    let name = format!("{} for {} s", fault.name(), length.as_secs());
    let body = async |stack: &Stack| trial(stack, context.seed, fault, length).await;
    row(&name, &shows, context.seed, Stack::with(context, stack::Spec::default(), body)).await
}

async fn trial(stack: &Stack, seed: u64, fault: Fault, length: Duration) -> anyhow::Result<Trial> {
    let mut trial = Trial::default();
    let spec = Spec { tasks: 100_000, seed, mix: Mix::Smooth, workers: 1, ..Spec::default() };
    let mut load = Load::start(&stack.desk, spec).await?;
    load.work();
    load.release_evenly(RATE);
    let unit = &stack.server().unit;
    let (console, pid) = (unit.with(|server| server.console()).await?, unit.pid().await?);
    let watch = Watch::start(console, pid);
    until_well(&watch).await?;
    // Caches and pools fill up first.
    tokio::time::sleep(Duration::from_secs(4)).await;

    let before = watch.memory().last().map_or(0, |(_, kib)| *kib);
    let begun = Instant::now();
    let broken = fault.begin(stack).await?;
    tokio::time::sleep(length / 2).await;
    let change = create_agent(console, &stack.desk.cookie, "newcomer").await;
    tokio::time::sleep(length.saturating_sub(begun.elapsed())).await;
    let proof = broken.end().await?;
    let mended = Instant::now();
    tokio::time::sleep(WATCHED_AFTER).await;

    trial.figure("proof", proof);
    match watch.flipped_after(begun).filter(|(after, _)| *after < length) {
        Some((after, word)) => {
            trial.figure("health said", format!("“{word}” after {}", seconds(after)));
            trial.require(after <= FLIPS_WITHIN, || format!("health flipped only after {}", seconds(after)));
        }
        None => trial.require(false, || "health never said that anything was wrong".to_owned()),
    }
    trial.figure("probes without an answer", watch.unanswered_since(begun));
    match watch.recovered_after(mended) {
        Some(after) => {
            trial.figure("recovered after", seconds(after));
            trial.require(after <= RECOVERS_WITHIN, || format!("recovered only after {}", seconds(after)));
        }
        None => trial.require(false, || format!("did not recover within {} s", WATCHED_AFTER.as_secs())),
    }
    let same = unit.pid().await.is_ok_and(|now| now == pid);
    trial.require(same, || "the server did not stay the same process".to_owned());
    let growth = watch.most_memory_since(begun).saturating_sub(before);
    trial.figure("memory grew by", format!("{} from {}", mebibytes(growth as f64), mebibytes(before as f64)));
    trial.require(growth < GROWTH_KIB, || format!("memory grew by {}", mebibytes(growth as f64)));
    changed(stack, fault, change, &mut trial).await;
    load.hold();
    settle(stack, &load, ENDS_WITHIN, &mut trial).await?;
    Ok(trial)
}

/// Without the bus the change must have been made. Without the database it cannot; how it was refused is
/// shown.
async fn changed(stack: &Stack, fault: Fault, answer: anyhow::Result<u16>, trial: &mut Trial) {
    let there = stack.desk.service.read_agent(&stack.desk.founder, &"newcomer".parse().expect("a name")).await.is_ok();
    let said = answer.as_ref().map_or_else(|error| format!("{error:#}"), ToString::to_string);
    trial.figure("a change meanwhile", format!("answered {said}"));
    if fault.breaks_the_bus() {
        let accepted = answer.is_ok_and(|status| status < 400);
        trial.require(accepted && there, || format!("a founder's change was answered {said}, and made: {there}"));
    }
}

async fn until_well(watch: &Watch) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !watch.is_ok() {
        if Instant::now() > deadline {
            bail!("the server was never well before the fault");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
