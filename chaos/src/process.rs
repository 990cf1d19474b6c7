//! Looking at processes and signalling them, by number. Linux only, as the embedded children are.

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// How long the kernel may take to carry a signal out.
const PATIENCE: Duration = Duration::from_secs(10);

/// The letter that the kernel gives for what the process does (proc(5)), `None` when there is none.
pub fn state(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name stands in brackets and may hold anything.
    stat.rsplit_once(") ")?.1.chars().next()
}

/// Whether the process has ended, waited for or not.
pub fn is_gone(pid: u32) -> bool {
    matches!(state(pid), None | Some('Z' | 'X'))
}

/// Resident memory in KiB.
pub fn resident_kib(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

pub fn send(pid: u32, signal: Signal) -> anyhow::Result<()> {
    let number = Pid::from_raw(pid.cast_signed()).context("no process has the number 0")?;
    kill_process(number, signal).with_context(|| format!("{signal:?} to {pid}"))
}

/// The process and, for Postgres, the sessions that it serves: its children, one floor down.
pub fn family(pid: u32) -> Vec<u32> {
    let mut family = vec![pid];
    family.extend(numbers().filter(|other| parent(*other) == Some(pid)));
    family
}

fn numbers() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

fn parent(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

/// The living processes whose working directory lies in `dir`.
pub fn working_in(dir: &Path) -> Vec<u32> {
    let works = |pid: &u32| std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(dir));
    numbers().filter(|pid| *pid != std::process::id() && works(pid) && !is_gone(*pid)).collect()
}

/// `kill -9`; returns when it is gone.
pub async fn kill(pid: u32) -> anyhow::Result<()> {
    send(pid, Signal::KILL)?;
    until(pid, "is gone", is_gone).await
}

/// `SIGSTOP` to all of `pids`; returns when the kernel says of each that it is stopped.
pub async fn freeze(pids: &[u32]) -> anyhow::Result<()> {
    for pid in pids {
        send(*pid, Signal::STOP)?;
        until(*pid, "is stopped", |pid| state(pid) == Some('T')).await?;
    }
    Ok(())
}

/// `SIGCONT`. A process that has ended meanwhile needs none.
pub fn thaw(pids: &[u32]) {
    for pid in pids {
        let _ = send(*pid, Signal::CONT);
    }
}

async fn until(pid: u32, what: &str, holds: impl Fn(u32) -> bool) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !holds(pid) {
        if Instant::now() > deadline {
            bail!("waited in vain until {pid} {what}; the kernel says {:?}", state(pid));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}
