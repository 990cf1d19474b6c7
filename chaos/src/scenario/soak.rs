//! An even load for a long time: nothing lost, memory level, tasks handed out at once.

use super::{row, settle};
use crate::{
    Context, Profile,
    health::Watch,
    load::{Load, Mix, Spec},
    report::{Row, Trial, mebibytes},
    stack::{self, Stack},
};
use anyhow::Context as _;
use std::time::{Duration, Instant};

const RATE: u64 = 20;
const P99: Duration = Duration::from_millis(500);
/// KiB a minute.
const SLOPE: f64 = 1024.0;
const ENDS_WITHIN: Duration = Duration::from_secs(60);

pub async fn run(context: &Context) -> Vec<Row> {
    let length = context.by_profile(Duration::from_secs(60), Duration::from_secs(30 * 60));
    let level = match context.profile {
        Profile::Ci => "memory slope shown (a minute is too short to judge it)",
        Profile::Long => "memory slope < 1 MiB/min",
    };
    let name = format!("soak, {} s at {RATE} tasks/s", length.as_secs());
    let shows = format!("0 lost, issue to delivery p99 < 500 ms, {level}");
    let body = async |stack: &Stack| trial(stack, context, length).await;
    vec![row(&name, &shows, context.seed, Stack::with(context, stack::Spec::default(), body)).await]
}

async fn trial(stack: &Stack, context: &Context, length: Duration) -> anyhow::Result<Trial> {
    let mut trial = Trial::default();
    let spec = Spec { tasks: RATE * length.as_secs(), seed: context.seed, mix: Mix::Smooth, ..Spec::default() };
    let mut load = Load::start(&stack.desk, spec).await?;
    load.work();
    let unit = &stack.server().unit;
    let (console, pid) = (unit.with(|server| server.console()).await?, unit.pid().await?);
    let watch = Watch::start(console, pid);
    let begun = Instant::now();
    load.release_evenly(RATE);
    tokio::time::sleep(length).await;
    load.hold();
    load.release(RATE * length.as_secs());
    let measured = watch.memory();
    drop(watch);
    settle(stack, &load, ENDS_WITHIN, &mut trial).await?;

    let delays = load.ledger.delays();
    let at = |hundredths: usize| delays.get(delays.len().saturating_sub(1) * hundredths / 100).copied();
    let (p50, p99) = (at(50).context("no task was delivered")?, at(99).context("no task was delivered")?);
    trial.figure("issue to delivery", format!("p50 {} ms, p99 {} ms", p50.as_millis(), p99.as_millis()));
    trial.require(p99 < P99, || format!("p99 of issue to delivery was {} ms", p99.as_millis()));
    // The first fifth fills pools and caches.
    let settled: Vec<(f64, f64)> = measured
        .iter()
        .filter(|(at, _)| *at >= begun + length / 5)
        .map(|(at, kib)| ((*at - begun).as_secs_f64() / 60.0, *kib as f64))
        .collect();
    let slope = slope(&settled).context("memory was not measured")?;
    let now = measured.last().map_or(0.0, |(_, kib)| *kib as f64);
    trial.figure("memory", format!("{}, slope {}/min", mebibytes(now), mebibytes(slope)));
    if context.profile == Profile::Long {
        trial.require(slope < SLOPE, || format!("memory grew by {} a minute", mebibytes(slope)));
    }
    Ok(trial)
}

/// Of the line through the points by least squares.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let above: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let below: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    (below > 0.0).then(|| above / below)
}

#[cfg(test)]
mod tests {
    use super::slope;

    #[test]
    fn the_slope_of_a_line_is_its_own() {
        assert_eq!(slope(&[(0.0, 3.0), (1.0, 5.0), (2.0, 7.0)]), Some(2.0));
        assert_eq!(slope(&[]), None);
    }
}
