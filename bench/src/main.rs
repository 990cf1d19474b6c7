//! `bench`: how fast the record takes in what is on the bus, against how fast Postgres takes the same rows
//! by `COPY` into the same tables without a journal. Both in one run, on real processes; see
//! docs/performance.md.
#![allow(clippy::disallowed_methods, reason = "a benchmark is its own composition root, with a stock client")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

mod copy;
mod ingest;

use anyhow::bail;
use clap::Parser;
use countersign_chaos::{
    Context, Profile,
    stack::{self, Stack},
};
use ingest::Timed;
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

/// Measures the ingest of tasks and of their acknowledgements.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Cli {
    /// Rounds of 10,000 tasks and as many acknowledgements.
    #[arg(long, default_value_t = 10)]
    rounds: u64,
    /// The server to measure: a release build.
    #[arg(long)]
    program: Option<PathBuf>,
}

/// A full queue: as many tasks as `TASKS` takes.
const ROUND: u64 = 10_000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let beside = std::env::current_exe()?.with_file_name("countersign");
    let program = cli.program.unwrap_or(beside);
    let Ok(program) = program.canonicalize() else {
        bail!("there is no {}: build it first (make bench)", program.display());
    };
    let stop = CancellationToken::new();
    let context = Context { profile: Profile::Ci, seed: 1, program, keep: false, stop };
    let spec = stack::Spec { ack_wait: 120, direct: true, ..stack::Spec::default() };
    Stack::with(&context, spec, async |stack: &Stack| run(stack, cli.rounds).await).await
}

async fn run(stack: &Stack, rounds: u64) -> anyhow::Result<()> {
    let taken = ingest::measure(stack, rounds, ROUND).await?;
    if taken.tasks.messages == 0 || taken.signals.messages == 0 {
        bail!("no round counts: each took too long to prepare on this machine");
    }
    let copied = copy::measure(&stack.owner()).await?;
    let all = taken.tasks.and(taken.signals);
    let copy = Timed { messages: taken.total, seconds: copied.seconds };
    println!("{:<44} {:>10} {:>9} {:>12}", "", "messages", "seconds", "messages/s");
    for (what, timed) in [
        ("ingest: tasks", taken.tasks),
        ("ingest: acknowledgements", taken.signals),
        ("ingest: all", all),
        ("COPY of the same rows, without a journal", copy),
    ] {
        println!("{what:<44} {:>10} {:>9.2} {:>12.0}", timed.messages, timed.seconds, timed.rate());
    }
    println!("ratio of ingest to COPY: {:.0} %", 100.0 * all.rate() / copy.rate());
    println!("rows copied: {}; messages lost: {}", copied.rows, taken.lost);
    if taken.lost > 0 {
        bail!("{} messages are not in the record", taken.lost);
    }
    Ok(())
}
