//! Faults that last for a while. Beginning one returns when it is in force; ending it returns when the
//! broken part answers again, and fails unless the fault is proven to have fired.

use crate::{
    process,
    proxy::{Link, Mode},
    stack::{Child, Stack, Unit},
};
use anyhow::{Context, bail};
use std::sync::Arc;

/// What can be broken for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    PostgresStopped,
    PostgresFrozen,
    PostgresHalfOpen,
    BusStopped,
    BusFrozen,
    BusHalfOpen,
    BusRefused,
}

/// A fault in force.
pub struct Broken<'a> {
    stack: &'a Stack,
    fault: Fault,
    pids: Vec<u32>,
    swallowed_before: u64,
}

impl Fault {
    pub fn breaks_the_bus(self) -> bool {
        matches!(self, Self::BusStopped | Self::BusFrozen | Self::BusHalfOpen | Self::BusRefused)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::PostgresStopped => "Postgres stopped",
            Self::PostgresFrozen => "Postgres frozen (SIGSTOP)",
            Self::PostgresHalfOpen => "half-open connection to Postgres",
            Self::BusStopped => "NATS stopped",
            Self::BusFrozen => "NATS frozen (SIGSTOP)",
            Self::BusHalfOpen => "half-open connection to NATS",
            Self::BusRefused => "NATS refuses connections",
        }
    }

    /// Breaks it, for the stack's first server.
    pub async fn begin(self, stack: &Stack) -> anyhow::Result<Broken<'_>> {
        let replica = stack.server();
        let mut broken = Broken { stack, fault: self, pids: Vec::new(), swallowed_before: 0 };
        match self {
            Self::PostgresStopped => {
                broken.pids = vec![stack.postgres.pid().await?];
                stack.postgres.stop().await;
            }
            Self::BusStopped => {
                broken.pids = vec![stack.nats.pid().await?];
                stack.nats.stop().await;
            }
            Self::PostgresFrozen => broken.pids = freeze(&stack.postgres).await?,
            Self::BusFrozen => broken.pids = freeze(&stack.nats).await?,
            Self::PostgresHalfOpen => broken.half_open(&replica.to_postgres).await?,
            Self::BusHalfOpen => broken.half_open(&replica.to_nats).await?,
            Self::BusRefused => replica.to_nats.set(Mode::Refuse).await?,
        }
        Ok(broken)
    }
}

/// The postmaster first, so that it starts no session that nobody stops.
async fn freeze<C: Child>(unit: &Arc<Unit<C>>) -> anyhow::Result<Vec<u32>> {
    let pid = unit.pid().await?;
    process::freeze(&[pid]).await?;
    let family = process::family(pid);
    // A session may end by itself between the two looks.
    let living: Vec<u32> = family.into_iter().filter(|pid| !process::is_gone(*pid)).collect();
    process::freeze(&living).await?;
    Ok(living)
}

/// An interrupted scenario must be able to stop what it froze.
impl Drop for Broken<'_> {
    fn drop(&mut self) {
        if matches!(self.fault, Fault::PostgresFrozen | Fault::BusFrozen) {
            process::thaw(&self.pids);
        }
    }
}

impl Broken<'_> {
    async fn half_open(&mut self, link: &Link) -> anyhow::Result<()> {
        self.swallowed_before = link.swallowed();
        link.set(Mode::BlackHole).await
    }

    /// Mends it; answers the proof in words.
    pub async fn end(self) -> anyhow::Result<String> {
        let replica = self.stack.server();
        match self.fault {
            Fault::PostgresStopped | Fault::BusStopped => {
                let old = *self.pids.first().context("a process was stopped")?;
                if !process::is_gone(old) {
                    bail!("{} was to be stopped, but {old} lives", self.fault.name());
                }
                self.stack.postgres.start().await?;
                self.stack.nats.start().await?;
                let postgres = self.fault == Fault::PostgresStopped;
                let new = if postgres { self.stack.postgres.pid().await? } else { self.stack.nats.pid().await? };
                Ok(format!("process {old} gone, then {new}"))
            }
            Fault::PostgresFrozen | Fault::BusFrozen => {
                let stopped = self.pids.iter().filter(|pid| process::state(**pid) == Some('T')).count();
                process::thaw(&self.pids);
                if stopped != self.pids.len() || stopped == 0 {
                    bail!("of {} frozen processes {stopped} were still stopped at the end", self.pids.len());
                }
                Ok(format!("{stopped} processes in state T"))
            }
            Fault::PostgresHalfOpen | Fault::BusHalfOpen => {
                let link = if self.fault == Fault::BusHalfOpen { &replica.to_nats } else { &replica.to_postgres };
                let swallowed = link.swallowed() - self.swallowed_before;
                link.set(Mode::Pass).await?;
                if swallowed == 0 {
                    bail!("the black hole swallowed nothing");
                }
                Ok(format!("{swallowed} bytes swallowed"))
            }
            Fault::BusRefused => {
                let refused = tokio::net::TcpStream::connect(replica.to_nats.address()).await.is_err();
                replica.to_nats.set(Mode::Pass).await?;
                if !refused {
                    bail!("the link was to refuse, but took a connection");
                }
                Ok("a connection of the harness' own was refused".to_owned())
            }
        }
    }
}
