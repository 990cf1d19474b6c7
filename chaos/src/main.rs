//! `chaos`: runs scenarios, prints a table, and fails if one failed.
#![allow(clippy::disallowed_methods, reason = "the harness is its own composition root")]

use anyhow::{Context as _, bail};
use clap::Parser;
use countersign_chaos::{
    Context, Profile,
    report::{Origin, Row, Verdict, markdown},
    scenario::{self, Scenario},
};
use futures::future::join_all;
use std::{path::PathBuf, process::ExitCode, time::Instant};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Breaks a real Countersign in every planned way and says what became of every task.
#[derive(Debug, Parser)]
#[command(name = "chaos")]
struct Cli {
    /// How much to run.
    #[arg(long, value_enum, default_value = "ci")]
    profile: Profile,
    /// Repeats the choices of an earlier run. Default: another one each time.
    #[arg(long)]
    seed: Option<u64>,
    /// Only these scenarios.
    #[arg(long)]
    only: Vec<String>,
    /// Write the table to this file too, as Markdown.
    #[arg(long)]
    out: Option<PathBuf>,
    /// The server to break. Default: `countersign` beside this program.
    #[arg(long)]
    program: Option<PathBuf>,
    /// Leave the directories with data and logs behind.
    #[arg(long)]
    keep: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("chaos: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let beside = std::env::current_exe()?.with_file_name("countersign");
    let program = cli.program.unwrap_or(beside);
    if !program.exists() {
        bail!("there is no {}: build it first (cargo build --package countersign-server)", program.display());
    }
    let names: Vec<&str> = scenario::ALL.iter().map(|scenario| scenario.name).collect();
    if let Some(unknown) = cli.only.iter().find(|name| !names.contains(&name.as_str())) {
        bail!("there is no scenario {unknown}; there are {}", names.join(", "));
    }
    let seed = cli.seed.unwrap_or_else(|| u64::from(std::process::id()) ^ fresh());
    let context = Context { profile: cli.profile, seed, program, keep: cli.keep, stop: stop_on_signals()? };
    let profile = format!("{:?}", cli.profile).to_lowercase();
    println!("chaos: profile {profile}, seed {seed}");

    let begun = Instant::now();
    let mut rows: Vec<Row> = Vec::new();
    let chosen: Vec<&Scenario> = scenario::ALL
        .iter()
        .filter(|one| cli.only.is_empty() || cli.only.iter().any(|name| name == one.name))
        .collect();
    for side_by_side in chosen.chunk_by(|one, next| one.quiet && next.quiet) {
        if context.stop.is_cancelled() {
            bail!("interrupted");
        }
        for row in join_all(side_by_side.iter().map(|one| (one.run)(&context))).await.into_iter().flatten() {
            print!("{}", row.text());
            rows.push(row);
        }
    }
    let count = |is: fn(&Verdict) -> bool| rows.iter().filter(|row| is(&row.verdict)).count();
    let failed = count(|verdict| matches!(verdict, Verdict::Fail(_)));
    println!(
        "{} passed, {failed} failed, {} missing in {:.0} s (seed {seed})",
        count(|verdict| *verdict == Verdict::Pass),
        count(|verdict| matches!(verdict, Verdict::Missing(_))),
        begun.elapsed().as_secs_f64(),
    );
    if let Some(out) = cli.out {
        let origin = Origin {
            profile,
            seed,
            commit: commit(),
            date: jiff::Zoned::now().date().to_string(),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
        };
        std::fs::write(&out, markdown(&rows, &origin)).with_context(|| format!("write {}", out.display()))?;
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Differs from run to run; short enough to type.
fn fresh() -> u64 {
    jiff::Timestamp::now().as_millisecond().unsigned_abs() % 1_000_000_000
}

/// Of the sources that are here, with a mark if they were changed since.
fn commit() -> String {
    let git = |args: &[&str]| {
        let output = std::process::Command::new("git").args(args).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else { return "unknown".to_owned() };
    match git(&["status", "--porcelain", "--untracked-files=no"]) {
        Some(changes) if changes.is_empty() => commit,
        _ => format!("{commit}, changed"),
    }
}

/// The first Ctrl-C ends the scenarios in order, a second one at once: the kernel then ends the children.
fn stop_on_signals() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let token = stop.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
            if token.is_cancelled() {
                std::process::exit(130);
            }
            eprintln!("chaos: stopping");
            token.cancel();
        }
    });
    Ok(stop)
}
